"""Who is counted in the reliability report, and what could be wrong with a scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.reliability.count import Measured
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

ACCEPTABLE, LOW = 0.7, 0.6  # alpha: the usual line for groups, and one below which a score misleads
WEAK = 0.3  # item-rest correlation
GAIN = 0.02  # in alpha without an item, that makes it worth a second look


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a coefficient can be missing for."""
    return {
        "two_items": message("Two items are too few for this coefficient."),
        "no_fit": message("No factor could be fitted: some items say exactly the same."),
        "heywood": message("One item alone would be the factor, so omega cannot be given."),
    }


def basis(
    data: Data, found: list[Measured], mask: npt.NDArray[np.bool_], missing: str, level: float
) -> Basis:
    """Return who is counted, and by which rules."""
    rule = {
        "listwise": message("People with an answer to every item"),
        "pairwise": message("For each pair of items, people with an answer to both"),
    }[missing]
    n = max(one.alpha.n for one in found)
    lost = Quantity(int(mask.sum()) - n)
    how = message(
        "{level}: Feldt for alpha, Fisher for correlations, on effective bases",
        level=Quantity(level, "share"),
    )
    lines = (
        (message("Unit"), message("One answered questionnaire: a respondent in one wave")),
        (message("Counted"), message("{n} answers", n=Quantity(n))),
        (message("Left out"), message("{n} answers without the items needed", n=lost)),
        (message("Missing answers"), rule),
        (message("Intervals"), how),
    )
    weighted = data.weights is not None and np.ptp(data.weights.values) > 0
    return Basis(
        lines, n, max(one.alpha.n_effective for one in found), message("Survey weights") if weighted else None
    )


def checks(study: Study, found: list[Measured]) -> tuple[Check, ...]:
    """Return for each scale whether it holds together, and which items do not fit."""
    made: list[Check] = []
    for one in found:
        made += [_holds(one), _against(study, one), _weak(study, one)]
        if one.alpha.constant:
            made.append(_constant(study, one))
    made.append(
        Check(
            "one_dimension", "not_assessable", message("Alpha does not prove one dimension"),
            message("Items of two related themes can reach a high alpha; look at the loadings."),
        )
    )  # fmt: skip
    return tuple(made)


def _holds(one: Measured) -> Check:
    alpha = one.alpha.alpha
    status: Status = "passed" if alpha >= ACCEPTABLE else "watch" if alpha >= LOW else "failed"
    title = (
        message("“{scale}” holds together", scale=one.label)
        if status == "passed"
        else message("“{scale}” hardly holds together", scale=one.label)
    )
    text = message(
        "Alpha is {alpha}; from {line} a mean over the items can stand for groups of people.",
        alpha=Quantity(alpha, "score"), line=Quantity(ACCEPTABLE, "score", 1),
    )  # fmt: skip
    return Check("consistency", status, title, text)


def _against(study: Study, one: Measured) -> Check:
    names = tuple(study.item(item).label for item in one.alpha.against)
    if not names:
        text = message("Every item of “{scale}” runs with the others.", scale=one.label)
        return Check("keying", "passed", message("All items point one way"), text)
    text = message(
        "{names} run against the other items. If they are worded the other way round, set `reverse` in the "
        "study.",
        names=Names(names),
    )
    return Check("keying", "failed", message("Some items point the other way"), text)


def _weak(study: Study, one: Measured) -> Check:
    table = one.alpha.items
    better = table["alpha_without"] - one.alpha.alpha > GAIN
    found = table.index[better | ((table["item_rest"] < WEAK) & (table["item_rest"] >= 0))]
    if found.empty:
        text = message("Alpha of “{scale}” would not rise without any item.", scale=one.label)
        return Check("weak_items", "passed", message("Every item earns its place"), text)
    text = message(
        "{names}: the scale would be more consistent without. Read the wording before you drop anything; a "
        "dropped item breaks the series.",
        names=Names(tuple(study.item(str(item)).label for item in found)),
    )
    return Check("weak_items", "watch", message("Some items do not fit the rest"), text)


def _constant(study: Study, one: Measured) -> Check:
    names = Names(tuple(study.item(item).label for item in one.alpha.constant))
    text = message("Everybody gave {names} the same answer; it is left out.", names=names)
    return Check("constant_items", "watch", message("Some items do not vary"), text)
