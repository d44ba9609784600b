"""Who is counted in the crosstab, and what could be wrong with its letters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from journey_lib.measures.crosstab.banners import Block
    from journey_lib.measures.crosstab.count import Counted, Settings
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

COUNTRIES = ("region", "country", "language", "market")
MANY = 100  # comparisons without a correction


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "no_answers": message("Nobody in this cell answered the question."),
        "not_tested": message("The question has one answer only, so there is nothing to test."),
    }


def basis(study: Study, data: Data, mask: npt.NDArray[np.bool_], how: Settings) -> Basis:
    """Return who is counted, how they are weighted, and how columns are compared."""
    weights = data.weights.values if data.weights is not None else np.ones(len(mask))
    used = weights[mask]
    used = used[used > 0]
    effective = float(used.sum() ** 2 / np.square(used).sum()) if len(used) else math.nan
    lines = (
        (message("Unit"), message("One answered questionnaire: a respondent in one wave")),
        (
            message("Counted"),
            message(
                "{n} answers, effective n {effective}", n=Quantity(len(used)), effective=Quantity(effective)
            ),
        ),
        (message("Base of a cell"), message("Everybody in the column who answered the question")),
        (message("Comparison"), _test_words(how)),
        (message("Letters"), _letter_words(how)),
    )
    named = None
    if study.weights.rake:
        named = message(
            "Raked: {columns}",
            columns=Names(tuple(naming.column(study, c) for c in study.weights.rake), limit=99),
        )
    elif np.ptp(weights) > 0:
        named = message("As delivered")
    return Basis(lines, len(used), effective, named)


def checks(study: Study, counted: Counted, blocks: Sequence[Block], how: Settings) -> tuple[Check, ...]:
    """Return what was checked: how many comparisons, thin columns, response style, unequal letters."""
    found = [_many(counted, how), _thin(study, counted), _style(blocks), _silence()]
    return tuple(check for check in found if check)


def basis_words(how: Settings) -> tuple[Message, ...]:
    """Return what letters mean and how they were tested, for the notes of a sheet."""
    return _letter_words(how), _test_words(how)


def _test_words(how: Settings) -> Message:
    tests = {
        "effective": message("z for shares and Welch's t for means, on effective bases"),
        "linearised": message("Joint linearisation under the design"),
    }
    corrections = {
        "none": message("no correction"), "bonferroni": message("Bonferroni within each row"),
        "holm": message("Holm over each question"),
        "benjamini_hochberg": message("Benjamini–Hochberg over each question"),
    }  # fmt: skip
    return message("{test}; {correction}", test=tests[how.test], correction=corrections[how.correction])


def _letter_words(how: Settings) -> Message:
    if how.versus == "rest":
        return message(
            "Plus and minus: higher or lower than everybody else, {level}", level=Quantity(how.level, "share")
        )
    if how.second is None:
        return message("Capital: larger than that column, {level}", level=Quantity(how.level, "share"))
    return message(
        "Capital: larger than that column, {level}; small: {second}",
        level=Quantity(how.level, "share"), second=Quantity(how.second, "share"),
    )  # fmt: skip


def _many(counted: Counted, how: Settings) -> Check:
    corrected = how.correction != "none"
    status: Status = "watch" if counted.comparisons > MANY and not corrected else "passed"
    chance = Quantity(counted.comparisons * (1 - how.level))
    if corrected:
        text = message("{n} comparisons were corrected for their number.", n=Quantity(counted.comparisons))
        return Check("comparisons", status, message("Letters are corrected"), text)
    text = message(
        "{n} comparisons were made; about {chance} capital letters would stand here by chance alone if "
        "nothing "
        "differed. Set `correction` to holm for letters that hold together.",
        n=Quantity(counted.comparisons), chance=chance,
    )  # fmt: skip
    return Check("comparisons", status, message("Some letters are chance"), text)


def _thin(study: Study, counted: Counted) -> Check:
    if not counted.thin:
        text = message("Every column of every question has enough effective answers for letters.")
        return Check("thin_columns", "passed", message("No column is too thin to test"), text)
    text = message(
        "{n} columns of a question have fewer than 10 effective answers and carry no letters; below {cell} "
        "answers they are masked.",
        n=Quantity(counted.thin), cell=Quantity(study.thresholds.min_cell),
    )  # fmt: skip
    return Check("thin_columns", "watch", message("Some columns are too thin to test"), text)


def _style(blocks: Sequence[Block]) -> Check | None:
    found = [block.name for block in blocks if any(word in block.name for word in COUNTRIES)]
    if not found:
        return None
    text = message(
        "People of different countries use scales differently. A letter between values of {names} may be "
        "habit, "
        "not experience.",
        names=Names(tuple(found)),
    )
    return Check("response_style", "watch", message("Rating habits differ between countries"), text)


def _silence() -> Check:
    text = message(
        "A missing letter says that chance alone could make the difference, not that there is none."
    )
    return Check("no_letter", "not_assessable", message("No letter does not mean equal"), text)
