"""What the sizes rest on, and what could make them wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.power.words import change, mode_words
from journey_lib.present.result import Basis, Check
from journey_lib.present.wording import Message, Quantity, message
from journey_lib.study.engine.told import EVERYBODY, basis_lines, common_checks

if TYPE_CHECKING:
    from journey_lib.measures.power.count import Counted
    from journey_lib.measures.power.plan import Plan
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

UNSTEADY, RECENT = 0.25, 4  # change of traffic in the last weeks from which to watch
WIDE = 0.2  # width of the baseline's interval over the baseline
FEW_WEEKS = 4


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "too_few": message("So few customers find no change below a doubling."),
        "impossible": message("The share cannot change by so much."),
        "no_share": message("Nobody, or everybody, reaches this stage."),
    }


def basis(study: Study, observed: Observed | None, counted: Counted) -> Basis:
    """Return what the sizes are made of."""
    plan = counted.plan
    lines = [] if observed is None else basis_lines(study, observed)
    given = message("as given")
    share = message("measured on {n} customers", n=Quantity(counted.n)) if counted.n else given
    traffic = given if plan.asked.per_week else message("measured")
    lines += [
        (message("Enters at"), message("{stage}, first time", stage=study.stage(plan.exposure).label)),
        (
            message("Share without a change"),
            message(
                "{share} reach {stage} within {window}; {how}",
                share=Quantity(counted.baseline[0], "share", 1), stage=study.stage(plan.outcome).label,
                window=Quantity(plan.window_days, "days", 0), how=share,
            ),
        ),
        (message("Traffic"), message("{n} a week; {how}", n=Quantity(counted.per_week[0]), how=traffic)),
        (message("Change worth finding"), message("{change} of that share", change=change(counted.lift))),
        (message("Reading"), mode_words(plan, plan.mode)),
        (message("Arms"), message("{shares} of the customers", shares=_shares(plan))),
        (
            message("Errors"),
            message(
                "{alpha} two-sided for all arms together, power {power}; each arm its own variance",
                alpha=Quantity(plan.alpha, "share"), power=Quantity(plan.asked.power, "share"),
            ),
        ),
    ]  # fmt: skip
    return Basis(tuple(lines), counted.n, math.nan, whom=EVERYBODY)


def checks(study: Study, observed: Observed | None, counted: Counted) -> tuple[Check, ...]:
    """Return what could make a size wrong."""
    made = [_registered(counted), _guardrails(study, counted), _one_week(counted)]
    if observed is not None:
        made += [_steady(counted), _precise(counted), _already(study, observed, counted)]
        made += list(common_checks(study, observed))
    return tuple(check for check in made if check)


def _registered(counted: Counted) -> Check:
    plan = counted.plan
    need, low, _ = counted.size(plan.mode)
    if not plan.total:
        text = message("No planned number is registered; the sizes say what would be needed.")
        return Check("planned_size", "not_assessable", message("No plan to judge yet"), text)
    words = {"n": Quantity(plan.total), "change": change(counted.lift)}
    if not plan.change_given:
        title = message("The change worth finding is not registered")
        text = message("Everything here is said for {change}, which the planned {n} customers find.", **words)
        return Check("planned_size", "watch", title, text)
    text = message("Planned are {n} customers; {change} needs {need}.", need=Quantity(need), **words)
    if plan.total >= need:
        return Check("planned_size", "passed", message("The plan is large enough"), text)
    if plan.total >= low:
        return Check("planned_size", "watch", message("The plan is just too small"), text)
    return Check("planned_size", "watch", message("The plan is too small for its change"), text)


def _guardrails(study: Study, counted: Counted) -> Check | None:
    rows = counted.rows
    needs = {
        str(stage): float(need)
        for metric, stage, need in zip(rows["metric"], rows["stage"], rows["estimate"], strict=True)
        if metric == "guardrail_size" and math.isfinite(need)
    }
    if not needs:
        return None
    stage, need = max(needs.items(), key=lambda item: item[1])
    text = message(
        "Showing that {stage} does not fall by {margin} of itself takes {need} customers if it does not "
        "change at all; here are {n}.",
        stage=study.stage(stage).label, margin=Quantity(dict(counted.plan.guardrails)[stage], "share"),
        need=Quantity(need), n=Quantity(counted.total),
    )  # fmt: skip
    if need <= counted.total:
        return Check("guardrail_size", "passed", message("Guardrails can be shown to be safe"), text)
    return Check("guardrail_size", "watch", message("A guardrail will often stay undecided"), text)


def _one_week(counted: Counted) -> Check:
    weeks = counted.size(counted.plan.mode)[0] / counted.per_week[0]
    text = message(
        "Enough customers come in {weeks} weeks. Weekdays differ, so it runs a whole week at least.",
        weeks=Quantity(weeks, "score", 1),
    )
    if weeks >= 1:
        return Check("whole_week", "passed", message("It runs longer than a week anyway"), text)
    return Check("whole_week", "watch", message("It would be over within a week"), text)


def _steady(counted: Counted) -> Check | None:
    weeks = counted.whole_weeks
    if counted.plan.asked.per_week:
        return None
    if weeks.size < 2 * FEW_WEEKS:
        text = message("Only {n} whole weeks are in the log.", n=Quantity(weeks.size))
        return Check("traffic", "watch", message("Traffic was seen for a short time"), text)
    mean, recent = float(weeks.mean()), float(weeks[-RECENT:].mean())
    table = pd.DataFrame({"week": np.arange(1, weeks.size + 1), "customers": weeks})
    text = message(
        "On average {mean} customers entered a week, in the last {k} weeks {recent}.",
        mean=Quantity(mean), k=Quantity(RECENT), recent=Quantity(recent),
    )  # fmt: skip
    if abs(recent / mean - 1) <= UNSTEADY:
        return Check("traffic", "passed", message("Traffic is steady"), text, table)
    more = message("{text} Give `per_week` what you expect.", text=text)
    return Check("traffic", "watch", message("Traffic has changed"), more, table)


def _precise(counted: Counted) -> Check | None:
    if not counted.n:
        return None
    share, low, high = counted.baseline
    text = message(
        "The share without a change is {share}, between {low} and {high}.",
        share=Quantity(share, "share", 1), low=Quantity(low, "share", 1), high=Quantity(high, "share", 1),
    )  # fmt: skip
    if (high - low) / share <= WIDE:
        return Check("baseline", "passed", message("The baseline is known well enough"), text)
    return Check("baseline", "watch", message("The baseline is not known well"), text)


def _already(study: Study, observed: Observed, counted: Counted) -> Check | None:
    trial = counted.plan.trial
    if trial is None or trial.start is None or counted.plan.asked.baseline:
        return None
    began = pd.Timestamp(trial.start, tz=study.time_zone).value // 1000
    if began > observed.end:
        return None
    text = message(
        "The log reaches into {experiment}. Baseline and traffic mix its arms; they are no longer those of "
        "the time before.",
        experiment=trial.label if trial.label else trial.id,
    )
    return Check("already_running", "watch", message("The experiment runs already"), text)


def _shares(plan: Plan) -> str:
    return " : ".join(f"{share:.3g}" for share in plan.design(plan.mode).shares)
