"""The weighted pass: every item over all respondents, each wave and each group, weighted and unweighted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.survey import careless, kinds, quality, response, waves
from journey_lib.measures.survey.design import SHOWN, Block, Cells, Design, design_of, keys, why
from journey_lib.present.numbers import stacked
from journey_lib.study.questions import KEPT, Item, code_of, items

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.estimate import Estimates
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

WEIGHTINGS = ("weighted", "unweighted")
NO_ANSWER = ("no_answer", "refused", "dont_know", "not_used")


@dataclass(frozen=True)
class Counted:
    """Rows of the table, and the arrays the checks look at again."""

    rows: pd.DataFrame
    design: Design
    mask: npt.NDArray[np.bool_] = field(repr=False)
    groups: tuple[str, ...] = ()
    frame: response.Frame | None = None
    flags: quality.Flags = field(default_factory=lambda: quality.Flags({}), repr=False)


def count(study: Study, data: Data, order: Sequence[str], *, by: str, wave: str, level: float) -> Counted:
    """Return every number of the survey report as tidy rows.

    Parameters
    ----------
    study, data : Study, Data
        The study and its loaded answers.
    order : sequence of str
        Wave names in order.
    by : str
        Column whose values split the result; "" for none.
    wave : str
        Wave the totals and groups are about; "" pools all waves. Wave rows are always given.
    level : float
        Confidence level.
    """
    frame = data.require("responses", by="survey")
    in_wave = frame["wave"].astype(str).to_numpy()
    mask = data.mask()
    here = mask & ((in_wave == wave) if wave else True)
    cuts = [Cells("", np.where(here, 0, -1), ("",))]
    if len(order) > 1:  # the wave of the totals has its rows already
        cuts.append(_cells("wave", in_wave, mask, [w for w in order if w != wave]))
    if by:
        values = np.asarray([code_of(v) for v in data.column(by)], dtype=object)
        cuts.append(_cells("group", values, here & (values != ""), sorted(set(values[here]) - {""})))
    design = design_of(study, data, level)
    blocks = [*_estimated(study, data, cuts, design, wave), *waves.compared(study, data, order, mask, design)]
    blocks += [*_medians(study, data, cuts, design, wave), *_unanswered(study, data, here, wave)]
    found = quality.flags(study, data)
    blocks += careless.rows(study, data, design, here, found, wave)
    asked = response.frame_of(study, data, here, level)
    blocks += response.rows(asked, level)
    groups = cuts[-1].names if by else ()
    return Counted(stacked(blocks), design, here, groups, asked, found)


def _cells(column: str, values: npt.NDArray[Any], mask: npt.NDArray[np.bool_], names: Sequence[str]) -> Cells:
    codes = pd.Index(list(names)).get_indexer(pd.Index(values)).astype(np.int64)
    return Cells(column, np.where(mask, codes, -1), tuple(names))


def _estimated(study: Study, data: Data, cuts: Sequence[Cells], design: Design, wave: str) -> Iterator[Block]:
    """Yield the rows of every number, in all cuts and weightings; many at once, as memory allows."""
    asked = chain(items(study, data), kinds.items(study, data))
    most = max(1, KEPT // max(1, len(cuts[0].codes)))
    while some := list(islice(asked, most)):
        yield from _together(some, cuts, design, wave)


def _together(asked: Sequence[Item], cuts: Sequence[Cells], design: Design, wave: str) -> Iterator[Block]:
    found: dict[tuple[int, int, int], Estimates] = {}
    for at, way in product(range(len(cuts)), range(len(WEIGHTINGS))):
        cut = cuts[at]
        own = [place for place, item in enumerate(asked) if _wanted(item, cut, WEIGHTINGS[way])]
        chosen = [asked[place] for place in own]
        made = design.estimated(chosen, cut.codes, len(cut.names), WEIGHTINGS[way])
        found |= {(place, at, way): one for place, one in zip(own, made, strict=True)}
    for place, at, way in sorted(found):
        yield _rows(asked[place], cuts[at], WEIGHTINGS[way], found[place, at, way], design.level, wave)


def _wanted(item: Item, cut: Cells, weighting: str) -> bool:
    """Tell whether a number is given for the cells of a cut: of levels only the weighted total is."""
    if item.metric == "level":
        return not cut.column and weighting == "weighted"
    return item.metric != "bottom2" or not cut.column


def _medians(study: Study, data: Data, cuts: Sequence[Cells], design: Design, wave: str) -> Iterator[Block]:
    """Yield the median of every slider, in total and in every cell; a few far answers do not move it."""
    for item in items(study, data):
        if item.question.kind != "slider" or item.metric != "mean":
            continue
        for cut in cuts:
            found = [design.weighted.median(item.scores, cut.codes == at) for at in range(len(cut.names))]
            block = {name: np.array([getattr(f, name) for f in found]) for name in SHOWN}
            yield {
                **keys(item.question, "median", "score"), **block, "ci_level": design.level,
                "note": why(block["estimate"], block["std_error"], [f.method for f in found]),
                "weighting": "weighted",
                "wave": np.asarray(cut.names, object) if cut.column == "wave" else wave,
                "group": np.asarray(cut.names, object) if cut.column == "group" else "",
            }  # fmt: skip


def _rows(item: Item, cut: Cells, weighting: str, found: Estimates, level: float, wave: str) -> Block:
    return {
        **keys(item.question, item.metric, item.unit),
        **{name: getattr(found, name) for name in SHOWN},
        **kinds.finished(item, found),
        "ci_level": level,
        "note": why(found.estimate, found.std_error, found.method),
        "option": item.option,
        "weighting": weighting,
        "wave": np.asarray(cut.names, object) if cut.column == "wave" else wave,
        "group": np.asarray(cut.names, object) if cut.column == "group" else "",
    }


def _unanswered(study: Study, data: Data, here: npt.NDArray[np.bool_], wave: str) -> Iterator[Block]:
    """Give the share without a valid answer among those asked, by reason."""
    missing = pd.DataFrame() if data.missing is None else data.missing
    for question in study.questions:
        if question.id not in missing or question.kind == "text":
            continue
        codes, names = pd.factorize(missing[question.id], use_na_sentinel=False)
        reasons = dict(zip(names, np.bincount(codes[here], minlength=len(names)).tolist(), strict=True))
        asked = sum(reasons.values()) - reasons.get("not_asked", 0)
        counts = {reason: reasons.get(reason, 0) for reason in NO_ANSWER}
        counts = {"": counts["no_answer"] + counts["refused"], **{r: c for r, c in counts.items() if c}}
        yield {
            **keys(question, "item_nonresponse", "share"),
            "option": np.asarray(list(counts), object),
            "estimate": np.array([c / asked if asked else np.nan for c in counts.values()]),
            "n": asked,
            "n_effective": float(asked),
            "note": "" if asked else "no_answers",
            "weighting": "unweighted",
            "wave": wave,
        }
