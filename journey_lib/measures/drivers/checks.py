"""Who is in the models of the drivers report, and what could be wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.drivers.words import SURE
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, WaveName, message
from journey_lib.stats.drivers import MOST_EXACT
from journey_lib.study import naming
from journey_lib.study.data import waves as waves_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.drivers.choose import Plan
    from journey_lib.measures.drivers.count import Fitted, Settings
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

MANY_LOST = 0.5  # share of those who answered the outcome that is missing from the model
ROWS_A_DRIVER = 20
INFLATED, CONFUSED = 2.5, 5.0  # variance inflation
UNEQUAL = 0.01


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number or its interval can be missing for."""
    return {
        "near_zero": message("The share is so near 0 that its interval cannot be given."),
        "no_answers": message("Nobody in this cell answered the question."),
        "few_rows": message("Too few people of the group rated every touchpoint for a model of their own."),
    }


def basis(study: Study, data: Data, main: Fitted, mask: npt.NDArray[np.bool_], how: Settings) -> Basis:
    """Return who is counted, how they are weighted, and by which method."""
    n = main.importance.n
    complete = mask & ~np.isnan(main.answers).any(axis=1)
    weights = data.weights.values if data.weights is not None else np.ones(len(mask))
    used = weights[complete]
    effective = float(used.sum() ** 2 / np.square(used).sum())
    shares = {
        "lmg": message("Mean gain of explained variance over all orders of the drivers (LMG)"),
        "johnson": message("Johnson's relative weights"),
    }
    lines = [
        (message("Unit"), message("One answered questionnaire: a respondent in one wave")),
        (message("Outcome"), message("{question}", question=main.plan.outcome.label)),
        (message("Counted"), message("{n} people who answered the outcome and every driver", n=Quantity(n))),
        (message("Left out"), _left_out(data, main, mask)),
        (message("Waves"), _waves(study, data)),
        (message("Importance"), _replaced() if how.replaced else shares[how.method]),
        (
            message("Intervals"),
            message(
                "{level}: shares and ranks from {draws} resamples of the sampling units, coefficients "
                "linearised under the design",
                level=Quantity(how.level, "share"), draws=Quantity(main.uncertainty.draws),
            ),
        ),
    ]  # fmt: skip
    weighted = message("Survey weights") if np.ptp(weights) > 0 else None
    return Basis(tuple(lines), n, effective, weighted)


def _replaced() -> Message:
    return message(
        "Johnson's relative weights; shares over all orders (LMG) are computed for up to {most} drivers",
        most=MOST_EXACT,
    )


def checks(study: Study, fitted: list[Fitted]) -> tuple[Check, ...]:
    """Return what was checked: rows lost, ratings left out, first place, overlap, odds, and cause."""
    main = fitted[0]
    found = [
        _complete(main), _untested(study, main.plan), _first(study, main), _overlap(main),
        _suppressors(study, main), _odds(study, main),
        Check(
            "cause", "not_assessable", message("Importance is not cause"),
            message(
                "People who rate a touchpoint well may recommend for another reason. Only an experiment "
                "tells."
            ),
        ),
    ]  # fmt: skip
    return tuple(check for check in found if check)


def _left_out(data: Data, main: Fitted, mask: npt.NDArray[np.bool_]) -> Message:
    asked = data.require("responses", by="drivers")[main.plan.outcome.id].notna().to_numpy() & mask
    lost = int(asked.sum()) - main.importance.n
    return message(
        "{lost} people who answered the outcome but not every driver; {other} answers without the outcome",
        lost=Quantity(lost), other=Quantity(int((~asked).sum())),
    )  # fmt: skip


def _waves(study: Study, data: Data) -> Message:
    del study
    known = waves_of(data)
    return (
        message("{waves}", waves=Names(tuple(WaveName(w) for w in known), limit=8))
        if known
        else message("One")
    )


def _complete(main: Fitted) -> Check:
    n, k = main.importance.n, len(main.plan.drivers)
    answered = main.importance.n + main.importance.dropped
    lost = main.importance.dropped / answered
    status: Status = "failed" if n < ROWS_A_DRIVER * k else "watch" if lost > MANY_LOST else "passed"
    title = (
        message("Enough people answered everything")
        if status == "passed"
        else message("Few people answered everything")
    )
    text = message(
        "{n} complete answers for {k} drivers; {lost} of all answers lack the outcome or a driver, mostly "
        "because the touchpoint was not used.",
        n=Quantity(n), k=k, lost=Quantity(lost, "share"),
    )  # fmt: skip
    return Check("complete_rows", status, title, text)


def _untested(study: Study, plan: Plan) -> Check | None:
    if not plan.left_out:
        return None
    text = message(
        "Too few of those who answered the outcome rated {names}; they are not in the model. Name them in "
        "`drivers` to test them on fewer people.",
        names=Names(tuple(naming.name(study, q) for q in plan.left_out), limit=6),
    )
    return Check("left_out", "watch", message("Some touchpoints were not tested"), text)


def _first(study: Study, main: Fitted) -> Check:
    place = int(main.importance.shares.argmax())
    share = float(main.uncertainty.first[place])
    status: Status = "passed" if share >= SURE else "watch"
    title = message("First place is sure") if status == "passed" else message("First place is not sure")
    text = message(
        "{name} comes first in {share} of the resamples.",
        name=naming.name(study, main.plan.drivers[place]), share=Quantity(share, "share"),
    )  # fmt: skip
    return Check("first_place", status, title, text)


def _overlap(main: Fitted) -> Check:
    worst = main.largest_inflation
    status: Status = "passed" if worst < INFLATED else "watch" if worst < CONFUSED else "failed"
    title = (
        message("The drivers say different things")
        if status == "passed"
        else message("Some drivers say much the same")
    )
    text = message(
        "The largest variance inflation is {worst}; above {limit} coefficients become hard to tell apart.",
        worst=Quantity(worst, "score", 1), limit=Quantity(INFLATED, "score", 1),
    )  # fmt: skip
    return Check("overlap", status, title, text)


def _suppressors(study: Study, main: Fitted) -> Check | None:
    clear = main.linear.table["p_value"].to_numpy()[1:] < 0.05
    found = [
        driver
        for driver, turned, sure in zip(main.plan.drivers, main.importance.suppressor, clear, strict=True)
        if turned and sure
    ]
    if not found:
        return None
    text = message(
        "{names}: the correlation is positive and the coefficient negative. They sharpen what other drivers "
        "say; do not read their share as a benefit.",
        names=Names(tuple(naming.name(study, q) for q in found)),
    )
    return Check("suppressors", "watch", message("Some drivers turn their sign"), text)


def _odds(study: Study, main: Fitted) -> Check | None:
    if main.ordinal is None or np.isnan(main.ordinal.parallel).all():
        return None
    uneven = [
        driver
        for driver, p in zip(main.plan.drivers, main.ordinal.parallel, strict=True)
        if p < UNEQUAL / len(main.plan.drivers)
    ]
    if not uneven:
        text = message("No driver's odds differ between the levels of the outcome.")
        return Check("proportional_odds", "passed", message("One odds ratio a driver is enough"), text)
    text = message(
        "The odds of {names} differ between the levels of the outcome; read their odds ratio as an average.",
        names=Names(tuple(naming.name(study, q) for q in uneven)),
    )
    return Check("proportional_odds", "watch", message("Some odds differ by level"), text)
