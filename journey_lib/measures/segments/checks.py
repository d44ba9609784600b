"""Who is grouped and how, and what could be wrong with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.segments import terms
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message, plural
from journey_lib.stats.clusters.latent import Classes
from journey_lib.stats.clusters.stability import VETO

if TYPE_CHECKING:
    from journey_lib.study.clustering.fit import Fitted
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

MANY_LOST, ACCURATE, BLURRED = 0.1, 0.8, 0.7
_SHOWN = 8


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "nobody": message("Nobody here has a value."),
        "one_person": message("One value does not say how uncertain the mean is."),
        "no_spread": message("There is no spread to divide."),
    }


def basis(study: Study, data: Data, found: Fitted) -> Basis:
    """Return who is grouped, by what, and how."""
    whom, n = found.whom, len(found.kept)
    weights = whom.weights[found.kept]
    effective = float(weights.sum() ** 2 / np.square(weights).sum()) if np.ptp(weights) > 0 else math.nan
    unit = {"customers": message("One customer"), "answers": message("One answered questionnaire")}
    del data
    lines = [
        (message("Unit"), unit[whom.level]),
        (message("Grouped"), message("{n} of {all}", n=Quantity(n), all=Quantity(len(whom.ids)))),
        (message("Left out"), _left_out(found)),
        (message("Grouped by"), message("{names}", names=_names(study, found.active))),
        (message("Method"), terms.method(found.plan.method)),
    ]
    if found.criteria:
        looked = message(
            "{rows} people, drawn once; halves of them, and {draws} resamples for stability",
            rows=Quantity(found.criteria.rows), draws=Quantity(found.plan.draws),
        )  # fmt: skip
        lines.append((message("Doubts looked at"), looked))
    level = Quantity(found.plan.level, "share")
    intervals = message(
        "{level}: Wilson for shares, t for means, quantiles of resamples for stability", level=level
    )
    lines.append((message("Intervals"), intervals))
    weighted = message("Survey weights") if math.isfinite(effective) else None
    everybody = message("All customers") if whom.level == "customers" else message("All respondents")
    return Basis(tuple(lines), n, effective, weighted, everybody)


def checks(study: Study, found: Fitted) -> tuple[Check, ...]:
    """Return what was checked: whether there are groups, how stable and large, columns, rows, circularity."""
    made = (
        _verdict(found), _disagree(found), _stable(found), _large(found), _starts(found),
        _constant(study, found), _same(study, found), _lost(found), *_classes(found), _ratio(found),
        _typed(found), _circular(found),
    )  # fmt: skip
    return tuple(check for check in made if check)


def _names(study: Study, columns: tuple[str, ...]) -> Names:
    return Names(tuple(terms.column(study, name) for name in columns), limit=_SHOWN)


def _left_out(found: Fitted) -> Message:
    lost = len(found.whom.ids) - len(found.kept)
    if found.plan.method in ("prototypes", "latent"):
        return message(
            "{n} without a single value; missing values are left out of the distance", n=Quantity(lost)
        )
    return message("{n} who lack a value in a column that builds the groups", n=Quantity(lost))


def _verdict(found: Fitted) -> Check | None:
    told = found.criteria
    if told is None:
        return None
    against = terms.names(told.against)
    if told.verdict == "none":
        text = message("Whatever is drawn into these data is a way to sort people, not a kind of people.")
        return Check("verdict", "failed", message("There may be no segments"), text)
    if told.verdict == "unsure":
        text = message("One group is enough for {names}; the others see more.", names=against)
        return Check("verdict", "watch", message("Whether there are segments is not sure"), text)
    text = message("No criterion is content with one group.")
    return Check("verdict", "passed", message("There are segments"), text)


def _disagree(found: Fitted) -> Check | None:
    told = found.criteria
    if told is None or not told.picks:
        return None
    votes = Names(
        tuple(message("{name} {k}", name=terms.short(name), k=k) for name, k in told.picks.items()), limit=6
    )
    if told.agreed:
        text = message("All ask for the same number: {votes}.", votes=votes)
        return Check("number", "passed", message("The criteria agree on the number"), text)
    text = message("They ask for different numbers: {votes}.", votes=votes)
    return Check("number", "watch", message("The criteria disagree on the number"), text)


def _stable(found: Fitted) -> Check | None:
    told = found.stability
    if told is None:
        return None
    worst = int(told.mean.argmin())
    values = {
        "name": terms.segment(found.names[worst]), "value": Quantity(float(told.mean[worst]), "score"),
        "limit": Quantity(VETO, "score", 1), "draws": Quantity(len(told.jaccard)),
    }  # fmt: skip
    text = message(
        "{name} is least stable: {value} of its members come back in the mean of {draws} resamples. Below "
        "{limit} a segment must not be used.",
        **values,
    )
    if told.vetoed:
        return Check("stability", "failed", message("A segment does not come back"), text)
    status: Status = "passed" if told.words[worst] in ("stable", "valid") else "watch"
    title = (
        message("Every segment comes back")
        if status == "passed"
        else message("A segment comes back only in part")
    )
    return Check("stability", status, title, text)


def _large(found: Fitted) -> Check | None:
    if not found.k:
        return None
    smallest, least = int(found.sizes.min()), Quantity(math.ceil(found.least))
    text = plural(
        "The smallest segment has {n} person; {least} are needed.",
        "The smallest segment has {n} people; {least} are needed.", n=Quantity(smallest), least=least,
    )  # fmt: skip
    if 0 < smallest < 10:
        text = message("The smallest segment has fewer than 10 people; {least} are needed.", least=least)
    if smallest < found.least:
        return Check("size", "failed", message("A segment is too small"), text)
    return Check("size", "passed", message("Every segment is large enough"), text)


def _starts(found: Fitted) -> Check | None:
    if found.fit is None:
        return None
    told = found.fit.starts
    text = plural(
        "Best found {n} time in {tried} starts.", "Best found {n} times in {tried} starts.",
        n=Quantity(told.near), tried=Quantity(told.tried),
    )  # fmt: skip
    alone = told.near == 1 and told.tried > 1
    title = (
        message("The best solution was found once only") if alone else message("The best solution is sure")
    )
    return Check("starts", "watch" if alone else "passed", title, text)


def _constant(study: Study, found: Fitted) -> Check | None:
    if not found.dropped:
        return None
    text = message("{names}: the same for everybody, so left out.", names=_names(study, found.dropped))
    return Check("constant", "watch", message("A column says nothing"), text)


def _same(study: Study, found: Fitted) -> Check | None:
    if not found.told.same:
        return None
    columns = found.all_columns
    pairs = tuple(
        message(
            "{one} and {other} (r = {r})",
            one=terms.column(study, columns[i]),
            other=terms.column(study, columns[j]),
            r=Quantity(r, "score", 3),
        )
        for i, j, r in found.told.same
    )
    text = message("{pairs}: what they measure counts twice. Leave one out.", pairs=Names(pairs))
    return Check("same", "watch", message("Two columns say the same"), text)


def _lost(found: Fitted) -> Check | None:
    lost = 1 - len(found.kept) / len(found.whom.ids)
    if lost <= MANY_LOST:
        return None
    text = message(
        "{share} have no segment because a value is missing. They may differ from the rest.",
        share=Quantity(lost, "share"),
    )
    return Check("left_out", "watch", message("Many people are in no segment"), text)


def _classes(found: Fitted) -> list[Check]:
    fit = found.fit
    if not isinstance(fit, Classes):
        return []
    made = []
    if fit.df <= 0:
        text = message("{n} parameters leave no degree of freedom.", n=Quantity(fit.parameters))
        made.append(
            Check("identified", "failed", message("The classes cannot be told from these answers"), text)
        )
    if found.k < fit.k:
        text = message("{asked} classes were asked for, {found} hold somebody.", asked=fit.k, found=found.k)
        made.append(Check("empty", "watch", message("A class stayed empty"), text))
    blurred = int((fit.certainty < BLURRED).sum())
    sharp = message(
        "Entropy R² is {value}; the least certain class has a mean probability of {least}.",
        value=Quantity(fit.entropy, "score"), least=Quantity(float(np.nanmin(fit.certainty)), "score"),
    )  # fmt: skip
    title = message("Some classes are blurred") if blurred else message("Classes are told apart")
    made.append(Check("certainty", "watch" if blurred else "passed", title, sharp))
    if fit.boundary:
        text = plural(
            "{n} probability is 0 or 1; its interval cannot be had.",
            "{n} probabilities are 0 or 1; their intervals cannot be had.", n=Quantity(len(fit.boundary)),
        )  # fmt: skip
        made.append(Check("boundary", "watch", message("Some answers are all or nothing"), text))
    return made


def _ratio(found: Fitted) -> Check | None:
    told = found.ratio
    if told is None:
        return None
    text = message(
        "Against one class more: statistic {value}, p = {p} from {draws} simulated data sets, {negative} of "
        "them below zero.",
        value=Quantity(told.statistic, "score", 1), p=Quantity(told.p_value, "score", 3),
        draws=Quantity(len(told.simulated)), negative=Quantity(told.negative),
    )  # fmt: skip
    more = told.p_value < 1 - found.plan.level
    title = message("One class more would fit better") if more else message("One class more is not needed")
    return Check("ratio", "watch" if more or told.negative else "passed", title, text)


def _typed(found: Fitted) -> Check | None:
    if not found.k or found.judged is None:
        return None
    told = found.judged[1]
    text = message(
        "The typing tool is right for {accuracy} of people it did not learn from (kappa {kappa}) and leaves "
        "{open} unclassified. That it is accurate does not prove that the segments are real.",
        accuracy=Quantity(told.accuracy, "share"), kappa=Quantity(told.kappa, "score"),
        open=Quantity(told.unclassified, "share"),
    )  # fmt: skip
    good = told.accuracy >= ACCURATE
    title = message("New people can be typed") if good else message("New people are often typed wrongly")
    return Check("typing", "passed" if good else "watch", title, text)


def _circular(found: Fitted) -> Check | None:
    if not found.k:
        return None
    text = message(
        "Groups differ on the columns that built them by construction; those differences and their p-values "
        "are no evidence. Only columns marked as describing are."
    )
    return Check("circular", "not_assessable", message("Testing what built the groups is circular"), text)
