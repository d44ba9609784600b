"""Who is counted in an experiment, and what could be wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from journey_lib.measures.experiment import terms
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message, plural
from journey_lib.study.durations import length
from journey_lib.study.engine.told import basis_lines, common_checks

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Counted
    from journey_lib.measures.experiment.parts import Fading
    from journey_lib.measures.experiment.validity import Fact
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

_ALPHA = 0.05


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "no_units": message("An arm has no unit."),
        "one_unit": message("An arm has one unit only, so that its spread is not known."),
        "not_a_number": message("An estimate or its variance is not a finite number."),
        "no_variance": message("Nothing varies in either arm, so that no error can be stated."),
        "no_denominator": message("The denominator of the ratio is 0 in an arm."),
        "few_clusters": message("An arm has fewer than two clusters."),
        "too_early": message("Too early for a look: fewer than 100 units or 25 successes in an arm."),
        "no_spending": message("All of the error rate was spent at earlier looks."),
        "control_zero": message("The control is 0 or below: no relative change."),
        "control_noisy": message("The control is within five standard errors of 0: no relative change."),
        "unbounded": message("The relative interval is unbounded: the control may be 0."),
        "ties": message("The quantile falls on a value that many units share: no error can be stated."),
        "not_followed": message("Nobody was followed as long as this."),
        "not_reached": message("Fewer than half got there, so that no median can be stated."),
        "few_at_risk": message("An arm never has ten people still waiting."),
        "few_in_segment": message("Fewer than 100 units or 10 events in an arm of the segment."),
        "few_segments": message("Fewer than two segments are large enough to be compared."),
        "few_days": message("Too few days with ten events in both arms."),
    }


def basis(study: Study, observed: Observed | None, counted: Counted) -> Basis:
    """Return who is counted, from when, in which windows, and by which method."""
    trial = counted.plan.trial
    shared = basis_lines(study, observed)[3:] if observed is not None else []
    lines = [
        (message("Unit"), _unit(counted)),
        (message("Counted"), _arms(counted)),
        (message("Left out"), _left_out(counted)),
        (message("Exposure"), message("First assignment; what happened before does not count")),
        (message("Time that counts"), _window(counted)),
        *shared,
        (message("Stages"), _stages(study, counted)),
        (message("Mode"), message("{mode}, two-sided {alpha}", mode=terms.mode(trial.mode),
                                  alpha=Quantity(trial.alpha, "share"))),
        (message("Method"), _method(counted)),
        (message("Plan"), message("hash {hash}", hash=counted.plan.hash)),
    ]  # fmt: skip
    n = len(counted.who) if counted.who is not None else int(counted.sizes.sum())
    return Basis(tuple(lines), n, math.nan, whom=message("Everybody exposed"))


def _unit(counted: Counted) -> Message:
    unit = counted.plan.trial.unit
    if counted.who is None:
        return message("{unit}, from daily totals", unit=unit)
    if counted.sums.clustered:
        return message("{unit}: its customers were put into one arm together", unit=unit)
    return message("One customer")


def _arms(counted: Counted) -> Message:
    names = counted.plan.trial.arms
    sizes = tuple(
        message("{arm} {n}", arm=arm, n=Quantity(int(n))) for arm, n in zip(names, counted.sizes, strict=True)
    )
    return message("{arms}", arms=Names(sizes, limit=9))


def _left_out(counted: Counted) -> Message:
    if counted.who is None:
        return message("Nobody")
    told = counted.who.numbers
    return message(
        "{doubled} in two arms; {outside} rows outside the dates of the plan or the segment",
        doubled=Quantity(told["doubled"]), outside=Quantity(told["outside"]),
    )  # fmt: skip


def _window(counted: Counted) -> Message:
    horizon = counted.outcomes.horizon if counted.outcomes else 0
    if not horizon:
        return message("As long as each unit was observed")
    return message(
        "{window} from exposure; who was exposed later than that before the end is out of every arm",
        window=length(horizon),
    )


def _stages(study: Study, counted: Counted) -> Message:
    if not counted.stages:
        return message("None: this study has no events")
    labels = Names(tuple(study.stage(name).label for name in counted.stages), limit=9)
    return message(
        "{stages}, in this order after exposure; events of one moment in either order", stages=labels
    )


def _method(counted: Counted) -> Message:
    if counted.sums.clustered:
        return message("Errors robust for clusters (CR1), t; relative change by Fieller")
    return message("Welch, below 30 successes or failures score intervals; relative change by Fieller")


def checks(
    study: Study,
    observed: Observed | None,
    counted: Counted,
    facts: Sequence[Fact],
    fading: Sequence[Fading],
) -> tuple[Check, ...]:
    """Return everything that could be wrong: validity first, then what to keep in mind.

    Parameters
    ----------
    study, observed, counted
        What was asked and counted.
    facts : sequence of Fact
        What was looked at.
    fading : sequence of Fading
        Effects by day since exposure.
    """
    told = [_told(study, counted, fact) for fact in facts]
    beside = [_novelty(counted, fading), _cuped(counted), _silent(study, observed, counted)]
    common = common_checks(study, observed) if observed is not None else ()
    return (*told, *(check for check in beside if check), *common)


def _told(study: Study, counted: Counted, fact: Fact) -> Check:
    words: dict[str, Callable[[Counted, Status, Numbers], Told]] = {
        "sample_ratio": _ratio, "ratio_by_day": _by_day, "ratio_by_segment": partial(_by_segment, study),
        "double_assignment": _doubled, "balance": _balance, "immature": _immature, "nulls": _nulls,
        "answers": _answers, "outcome_before": _before, "overlap": _overlap, "clusters": _clusters,
        "trigger": _trigger, "plan": _plan, "length": _length, "aa": _aa,
    }  # fmt: skip
    title, text = words[fact.name](counted, fact.state, fact.numbers)
    return Check(fact.name, fact.state, title, text, fact.table)


Told = tuple[Message, Message]
Numbers = Mapping[str, Any]


def _either(state: Status, good: Message, bad: Message) -> Message:
    return good if state in ("passed", "not_assessable") else bad


def split_of(counted: Counted) -> tuple[str, str]:
    """Return the shares of the arms as they are and as they were planned, such as "50.2 : 49.8"."""
    n = counted.sizes / max(counted.sizes.sum(), 1)
    shares = counted.plan.trial.shares
    return " : ".join(f"{100 * s:.1f}" for s in n), " : ".join(f"{100 * s:.1f}" for s in shares)


def _ratio(counted: Counted, state: Status, seen: Numbers) -> Told:
    title = _either(state, message("The arms have the sizes that were planned"),
                    message("The arms do not have the sizes that were planned"))  # fmt: skip
    now, planned = split_of(counted)
    text = message("{now}, planned {planned}, p {p}.", now=now, planned=planned, p=_p(seen))
    if state in ("failed", "watch"):
        text = message(
            "{text} Units were lost or counted twice in one arm; whom it lost is not known, so no effect "
            "can be trusted.", text=text,
        )  # fmt: skip
    return title, text


def _by_day(counted: Counted, state: Status, seen: Numbers) -> Told:
    del counted
    title = _either(state, message("The sizes were right on every day"),
                    message("The sizes went wrong on some day"))  # fmt: skip
    return title, message(
        "{days} days: p {p} for the sizes so far, at any of them; p {worst} for the worst single day.",
        days=Quantity(seen["days"]), p=_p(seen), worst=_p(seen, "worst"),
    )  # fmt: skip


def _by_segment(study: Study, counted: Counted, state: Status, seen: Numbers) -> Told:
    del counted
    title = _either(state, message("The sizes are right in every segment"),
                    message("The sizes are wrong in a segment"))  # fmt: skip
    return title, message(
        "Worst: {level} of {segment}, p {p}, adjusted for all segments.",
        level=terms.level_of(study, str(seen["segment"]), str(seen["level"]), short=True),
        segment=terms.segment(study, str(seen["segment"])), p=_p(seen),
    )  # fmt: skip


def _doubled(counted: Counted, state: Status, seen: Numbers) -> Told:
    title = _either(state, message("Hardly anybody was in two arms"), message("Units were in two arms"))
    text = plural("{n} unit ({share}) was in two arms and is left out. Above {limit} the test is blocked.",
                  "{n} units ({share}) were in two arms and are left out. Above {limit} the test is blocked.",
                  n=Quantity(seen["n"]), share=Quantity(seen["share"], "share", 2),
                  limit=Quantity(0.01, "share"))  # fmt: skip
    del counted
    return title, text


def _balance(counted: Counted, state: Status, seen: Numbers) -> Told:
    del counted
    if state == "not_assessable":
        return message("Balance before exposure"), message(
            "The plan names no covariate and no segment, so nothing known before can be compared."
        )
    title = _either(state, message("The arms were alike before"), message("The arms differed before"))
    text = message("{n} comparisons of what was known before: smallest adjusted p {p}.",
                   n=Quantity(seen["n"]), p=_p(seen))  # fmt: skip
    if math.isfinite(seen["gap"]):
        text = message("{text} Largest gap {gap} standard deviations.", text=text,
                       gap=Quantity(seen["gap"], "none", 2))  # fmt: skip
    return title, text


def _immature(counted: Counted, state: Status, seen: Numbers) -> Told:
    del counted
    title = _either(state, message("Windows that are not over are out of all arms alike"),
                    message("Windows that are not over differ between the arms"))  # fmt: skip
    if not seen["left"]:
        return message("No window is over yet"), message("Every unit was exposed too recently to count.")
    return title, message(
        "{n} units ({share}) were exposed too recently to count; dependence on the arm p {p}.",
        n=Quantity(seen["n"]), share=Quantity(seen["share"], "share", 1), p=_p(seen),
    )  # fmt: skip


def _nulls(counted: Counted, state: Status, seen: Numbers) -> Told:
    if not seen["n"]:
        return message("No value is missing"), message(
            "A unit without an event counts as 0. No number of the plan is missing."
        )
    title = (message("Missing values depend on the arm") if state == "failed"
             else message("Some values are missing"))  # fmt: skip
    return title, message(
        "{n} units have no value of {names} and are out of its count; dependence on the arm p {p}.",
        n=Quantity(seen["n"]), names=_metrics(counted, seen), p=_p(seen),
    )  # fmt: skip


def _answers(counted: Counted, state: Status, seen: Numbers) -> Told:
    title = _either(state, message("As many answered in every arm"), message("The arms answered differently"))
    return title, message(
        "{share} of those exposed answered {names}; dependence on the arm p {p}. An effect on answers is one "
        "on those who answer.",
        share=Quantity(seen["share"], "share"), names=_metrics(counted, seen), p=_p(seen),
    )  # fmt: skip


def _before(counted: Counted, state: Status, seen: Numbers) -> Told:
    title = _either(state, message("Outcomes came after the assignment"),
                    message("Outcomes came before the assignment"))  # fmt: skip
    del counted
    return title, message(
        "{share} of the units had reached the primary stage before they were assigned (dependence on the arm "
        "p {p}). What came before is never counted as an effect.",
        share=Quantity(seen["share"], "share", 1), p=_p(seen),
    )  # fmt: skip


def _overlap(counted: Counted, state: Status, seen: Numbers) -> Told:
    del counted, state
    return message("Some units are in another experiment, too"), message(
        "{n} customers ({share}). Independent assignment keeps the effect right on average; what both "
        "changes do together is not told apart.",
        n=Quantity(seen["n"]), share=Quantity(seen["share"], "share", 1),
    )  # fmt: skip


def _clusters(counted: Counted, state: Status, seen: Numbers) -> Told:
    del counted
    title = _either(state, message("There are clusters enough"), message("There are few clusters"))
    return title, message(
        "{n} clusters ({unit}). Errors allow for what customers of one cluster share; below 40 clusters they "
        "are rough, and t with clusters − 1 degrees of freedom stands in.",
        n=Quantity(seen["n"]), unit=str(seen["unit"]),
    )  # fmt: skip


def _trigger(counted: Counted, state: Status, seen: Numbers) -> Told:
    title = _either(state, message("As many met the change in every arm"),
                    message("The arms met the change differently"))  # fmt: skip
    if seen["silent"]:
        return title, message(
            "No trigger in {arms}: it must be logged in every arm, also where nothing changes.",
            arms=Names(seen["silent"]),
        )
    del counted
    return title, message(
        "{share} of the units met it; p {p} for the planned split among them.",
        share=Quantity(seen["share"], "share"), p=_p(seen),
    )  # fmt: skip


def _plan(counted: Counted, state: Status, seen: Numbers) -> Told:
    del counted, state
    why = seen["why"]
    if why == "none":
        return message("There was no plan"), message(
            "The study file registers no plan for this experiment: arms, metric and mode were chosen with "
            "the data at hand. Take this as exploration."
        )
    if why == "overridden":
        return message("This run departs from the plan"), message(
            "Parameters of the run replace {parts}. What was registered is another question.",
            parts=Names(tuple(seen["parts"])),
        )  # fmt: skip
    if why == "changed":
        return message("The plan was changed after the first look"), message(
            "At the first look on {day} its hash was {first}, now it is {hash}. Error rates hold for the "
            "plan of the first look only. Put it back, or register a new experiment.",
            day=str(seen["day"]), first=str(seen["first"]), hash=str(seen["hash"]),
        )  # fmt: skip
    if why == "unknown":
        return message("The plan is registered"), message(
            "Hash {hash}. There is no folder to remember the first look in.", hash=str(seen["hash"])
        )
    return message("The plan is that of the first look"), message(
        "Hash {hash}, remembered on {day}.", hash=str(seen["hash"]), day=str(seen["day"])
    )


def _length(counted: Counted, state: Status, seen: Numbers) -> Told:
    title = _either(state, message("It ran for a whole week or more"), message("It ran for less than a week"))
    planned = counted.plan.trial.planned_n
    if not planned:
        return title, message("{n} units in {days} days; the plan gives no number.",
                              n=Quantity(seen["n"]), days=Quantity(seen["days"]))  # fmt: skip
    return title, message(
        "{n} units in {days} days, planned {planned}.",
        n=Quantity(seen["n"]), days=Quantity(seen["days"]), planned=Quantity(planned),
    )  # fmt: skip


def _aa(counted: Counted, state: Status, seen: Numbers) -> Told:
    if state == "passed":
        return message("Equal arms do not differ"), message("This is an A/A test, and it finds nothing.")
    return message("Equal arms differ"), message(
        "This is an A/A test, and it finds an effect on {names}: look for a fault in assignment or logging.",
        names=_metrics(counted, seen),
    )  # fmt: skip


def _novelty(counted: Counted, fading: Sequence[Fading]) -> Check | None:
    known = [one for one in fading if math.isfinite(one.told.slope)]
    if not known:
        return None
    worst = min(known, key=lambda one: one.told.p_value)
    odd = worst.told.p_value < _ALPHA
    title = message("The effect changes with time") if odd else message("The effect does not fade")
    text = message(
        "Effect on {metric} by day since exposure: slope {slope} points of the daily rate a day (p {p}, "
        "{n} stretches of days). A note, no rule of the decision.",
        metric=terms.metric(counted, worst.stage),
        slope=Quantity(100 * worst.told.slope, "none", 2, signed=True),
        p=terms.p_value(worst.told.p_value), n=Quantity(len(worst.days)),
    )  # fmt: skip
    return Check("novelty", "watch" if odd else "passed", title, text)


def _cuped(counted: Counted) -> Check | None:
    found = [one for one in counted.of("primary") if one.cuped is not None]
    if not found:
        return None
    one = found[0]
    assert one.cuped is not None  # noqa: S101 - chosen so
    raw, other = one.effect, one.cuped.adjusted
    same = raw.status == other.status
    title = (
        message("With what was known before taken out, the answer is the same")
        if same
        else message("With what was known before taken out, the answer differs")
    )
    unit = {"share": "share_points"}.get(
        counted.sums.outcomes[one.name].unit, counted.sums.outcomes[one.name].unit
    )
    text = message(
        "{metric}: {raw} raw, {adjusted} adjusted; variance {less} lower; {missing} without a covariate.",
        metric=terms.metric(counted, one.name), raw=terms.quantity(raw.estimate, unit, signed=True),
        adjusted=terms.quantity(other.estimate, unit, signed=True),
        less=Quantity(1 - one.cuped.variance_ratio, "share"),
        missing=Quantity(one.cuped.missing_share, "share", 1),
    )  # fmt: skip
    return Check("cuped", "passed" if same else "watch", title, text)


def _silent(study: Study, observed: Observed | None, counted: Counted) -> Check | None:
    """Say which stages have no event in the log at all."""
    if observed is None:
        return None
    silent = [
        study.stage(name).label
        for name in counted.stages
        if all(observed.code(event) < 0 for event in study.stage(name).enter)
    ]
    if not silent:
        return None
    text = message("The log holds no event of {stages}, so nobody reaches it.", stages=Names(tuple(silent)))
    return Check("silent_stages", "watch", message("Some stages are not in the log"), text)


def _metrics(counted: Counted, seen: Numbers) -> Names:
    return Names(tuple(terms.metric(counted, name) for name in seen["names"]))


def _p(seen: Numbers, name: str = "p") -> Quantity | str:
    return terms.p_value(float(seen.get(name, math.nan)))
