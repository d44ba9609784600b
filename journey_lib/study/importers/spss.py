"""SPSS .sav: labels, value labels and user-missing codes come with the file, and so do the reasons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from journey_lib.study.definition.sources import SourcePart
from journey_lib.study.importers.draft import Asked, Draft, plain
from journey_lib.study.importers.opening import check_there, refuse
from journey_lib.study.importers.scales import Column
from journey_lib.study.importers.survey_study import Survey, keep_line, personal, survey_study
from journey_lib.study.importers.survey_table import respondents
from journey_lib.study.readers import cell_text, read_text
from journey_lib.study.tables import counted, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

WHAT = "SPSS file"
# The words of a codebook for each reason; a code that the file declares missing without any of them has
# still no answer, and the draft asks.
REASONS = (
    ("dont_know", r"don.?t know|do not know|unsure|not sure|모름|모르|잘 모"),
    ("refused", r"refus|prefer not|declin|거절|거부"),
    ("not_used", r"(never|not) used|no experience|이용 ?(안|하지)|사용 ?(안|하지)|경험 ?없"),
    ("not_asked", r"not asked|not applicable|n/?a\b|skip|inap|해당 ?없|비해당|미해당"),
)


def draft_spss(asked: Asked) -> Draft:
    """Say what an SPSS file asks, as a study to be corrected; the file itself is kept.

    Codes it declares missing keep their reason, told from their labels.
    """
    check_there(asked.path)
    frame = read_text(asked.path, SourcePart(file=asked.path.name))
    meta = _meta(asked)
    columns = respondents(frame)
    people = [str(name) for name in frame if personal(str(name))]
    items = list(_items(frame, meta, {*people, *columns.values()}))
    declared = sum(bool(item.missing) for item in items)
    file = f"raw/{asked.path.name}"
    survey = Survey(WHAT, items, columns, file, tuple(keep_line([str(n) for n in frame], people)))
    note = f"{counted(declared, 'question')} with codes the file declares missing; their reasons are kept"
    return Draft(survey_study(asked, survey), {file: asked.path}, (note,))


def _meta(asked: Asked) -> Any:  # noqa: ANN401 - pyreadstat has no types
    import pyreadstat

    try:
        return pyreadstat.read_sav(str(asked.path), metadataonly=True, user_missing=True)[1]
    except Exception:  # noqa: BLE001  # on damaged bytes the library raises nearly anything
        raise refuse(asked.path.name, "is damaged or no SPSS file", "Save it again") from None


def _items(frame: pd.DataFrame, meta: Any, left_out: set[str]) -> Iterator[Column]:  # noqa: ANN401
    texts = meta.column_names_to_labels
    for name in (str(column) for column in frame if column not in left_out):
        labels = {
            cell_text(code): plain(label) for code, label in meta.variable_value_labels.get(name, {}).items()
        }
        missing = _missing(frame[name], labels, meta.missing_ranges.get(name, []))
        yield Column(
            name, plain(texts.get(name) or name), frame[name], labels, missing, asked=bool(texts.get(name))
        )


def _missing(cells: pd.Series, labels: Mapping[str, str], ranges: list[dict[str, Any]]) -> dict[str, str]:
    """Return each code the file declares missing with its reason."""
    known = {*labels, *(str(cell).strip() for cell in cells.unique())} - {""}
    codes = [code for code in known if any(_inside(code, one) for one in ranges)]
    codes += [cell_text(one["lo"]) for one in ranges if one["lo"] == one["hi"]]
    return {code: reason_of(labels.get(code, "")) for code in sorted(set(codes), key=lambda c: (len(c), c))}


def _inside(code: str, declared: Mapping[str, Any]) -> bool:
    low, high = declared["lo"], declared["hi"]
    if isinstance(low, str) or isinstance(high, str):
        return code in (str(low).strip(), str(high).strip())
    return bool(low <= number_of(code) <= high)


def reason_of(label: str) -> str:
    """Return the reason a label speaks of; no_answer when it speaks of none.

    Examples
    --------
    >>> reason_of("Don't know"), reason_of("응답 거절"), reason_of("")
    ('dont_know', 'refused', 'no_answer')
    """
    matches = (name for name, words in REASONS if re.search(words, label, re.IGNORECASE))
    return next(matches, "no_answer")
