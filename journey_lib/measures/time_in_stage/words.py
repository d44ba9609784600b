"""What the numbers on time in stages say: at most three findings and four actions, each from the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from journey_lib.measures.time_in_stage import terms
from journey_lib.present.numbers import Number
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.time_in_stage.result import TimeInStageResult

_ALPHA = 0.05
_LONG = 0.25  # of those waiting: more than this is worth an action


def headlines(result: TimeInStageResult) -> tuple[Finding, ...]:
    """Return the clearest difference of groups, where fewest move on, and where movers take longest."""
    if result.doubted:
        return ()
    found = [_different(result), _fewest(result), _slowest(result)]
    return tuple(finding for finding in found if finding is not None)[:3]


def meanings(result: TimeInStageResult) -> tuple[Message, ...]:
    """Return actions for the stage where fewest move on, the waiting, the difference, and plain reading."""
    if result.doubted:
        return ()
    actions = []
    low, _ = ends(result)
    if low.known:
        actions.append(
            message(
                "**Find out what holds people at {stage}.** Fewest move on from there; read their comments "
                "and watch a few of them before changing anything.",
                stage=terms.stage(result, low.stage),
            )
        )
    slow = max(timed(result), key=lambda number: number.estimate, default=None)
    if slow is not None:
        actions.append(
            message(
                "**Time reminders by the curve.** At {stage} half of those who move on have done so after "
                "{days}; a message before that reaches many who would go on anyway.",
                stage=terms.stage(result, slow.stage), days=terms.days(slow.estimate),
            )
        )  # fmt: skip
    return (*actions, *_write_to(result), *_test_first(result))[:4]


def timed(result: TimeInStageResult) -> list[Number]:
    """Return the days of half of the movers, stage by stage, where they may be shown with an interval."""
    found = [result.number("mover_days", stage) for stage in result.visited]
    return [number for number in found if number.known]


def ends(result: TimeInStageResult) -> tuple[Number, Number]:
    """Return the stages with the smallest and the largest share that moved on by the horizon."""
    found = [result.only("exit_next", stage) for stage in result.visited]
    known = [number for number in found if number.known]
    if not known:
        return Number(), Number()
    return min(known, key=lambda number: number.estimate), max(known, key=lambda number: number.estimate)


def difference(result: TimeInStageResult) -> Number | None:
    """Return the largest difference of mean days between groups at a stage where groups differ clearly."""
    clear = {n.stage for n in _tests(result) if n.p_value < _ALPHA}
    gaps = [n for n in result.of("mean_difference") if n.stage in clear]
    known = [n for n in gaps if n.known and n.p_value < _ALPHA]
    return max(known, key=lambda number: abs(number.estimate) / number.std_error, default=None)


def telling(result: TimeInStageResult) -> str:
    """Return the stage to look at: where groups differ most clearly, else where fewest move on."""
    tests = [number for number in _tests(result) if math.isfinite(number.p_value)]
    if tests:
        return min(tests, key=lambda number: number.p_value).stage
    low, _ = ends(result)
    return low.stage or (result.visited[0] if result.visited else result.counted.stages[0])


def curve_title(result: TimeInStageResult, stage: str, groups: Sequence[str]) -> Message:
    """Return what the curve of one stage says."""
    facts = {"stage": terms.stage(result, stage), "next": terms.following(result, stage)}
    test = next((n for n in _tests(result) if n.stage == stage), None)
    if len(groups) > 1:
        by = naming.column(result.study, result.counted.plan.by)
        if test is not None and test.p_value < _ALPHA:
            return message("How fast people move on from {stage} differs by {by}", by=by, **facts)
        return message("No evidence that moving on from {stage} differs by {by}", by=by, **facts)
    median = result.number("median_days", stage)
    if math.isfinite(median.estimate):
        return message(
            "Half of those who entered {stage} had moved on after {days}",
            days=terms.days(median.estimate),
            **facts,
        )
    return message("Fewer than half of those who entered {stage} were seen to move on", **facts)


def curve_alt(result: TimeInStageResult, stage: str, groups: Sequence[str]) -> Message:
    """Return what a reader who cannot see the curve is told."""
    name = terms.stage(result, stage)
    if len(groups) == 1:
        share = result.only("exit_next", stage)
        return message(
            "Rising curve for {stage}: {share} had moved on after {days} (n = {n}).", stage=name,
            share=share.amount, days=terms.days(result.horizon(stage)), n=Quantity(share.n),
        )  # fmt: skip
    found = [result.only("exit_next", stage, group=group) for group in groups]
    known = sorted((n for n in found if math.isfinite(n.estimate)), key=lambda n: n.estimate)
    if not known:
        return message("Rising curves for {n} groups at {stage}.", n=Quantity(len(groups)), stage=name)
    return message(
        "Rising curves for {n} groups at {stage}. After {days} most had moved on among {best}, {most}, "
        "fewest among {worst}, {least}.",
        n=Quantity(len(groups)), stage=name, days=terms.days(result.horizon(stage)),
        best=terms.group(result, known[-1].group), most=known[-1].amount,
        worst=terms.group(result, known[0].group), least=known[0].amount,
    )  # fmt: skip


def horizons(result: TimeInStageResult) -> Message:
    """Return up to which day exits and mean days speak."""
    days = {round(result.horizon(stage), 2) for stage in result.visited if result.horizon(stage) >= 0}
    if len(days) == 1:
        return message("Where those who entered a stage were {days} later, in %", days=terms.days(days.pop()))
    return message(
        "Where those who entered a stage were at its horizon, {low} to {high} later, in %",
        low=terms.days(min(days, default=math.nan)),
        high=terms.days(max(days, default=math.nan)),
    )  # fmt: skip


def _tests(result: TimeInStageResult) -> list[Number]:
    return result.of("groups_differ")


def _different(result: TimeInStageResult) -> Finding | None:
    gap = difference(result)
    if gap is None:
        return None
    facts = {
        "stage": terms.stage(result, gap.stage), "group": terms.group(result, gap.group),
        "reference": terms.group(result, gap.comparison), "days": terms.days(abs(gap.estimate)),
        "horizon": terms.days(float(gap.option)),
    }  # fmt: skip
    sentence = (
        message(
            "**{group}** stayed {days} longer at {stage} than {reference}, on average over the first "
            "{horizon}.",
            **facts,
        )
        if gap.estimate > 0
        else message(
            "**{group}** stayed {days} shorter at {stage} than {reference}, on average over the first "
            "{horizon}.",
            **facts,
        )
    )  # fmt: skip
    reach = 1.25 * max(abs(gap.ci_low), abs(gap.ci_high))
    base = message("n = {n}, difference of restricted means, Holm-corrected", n=Quantity(gap.n))
    return result.finding(gap, sentence, base, (-reach, reach), reference=0.0, signed=True)


def _fewest(result: TimeInStageResult) -> Finding | None:
    low, high = ends(result)
    if not low.known or low.n < result.context.flag_cell:
        return None
    facts = {
        "stage": terms.stage(result, low.stage), "next": terms.following(result, low.stage),
        "days": terms.days(result.horizon(low.stage)),
    }  # fmt: skip
    sentence = (
        message("Fewer moved on from **{stage}** to {next} within {days} than at any other stage.", **facts)
        if low is not high
        else message("This share moved on from **{stage}** to {next} within {days}.", **facts)
    )
    base = message("n = {n} who entered, allowing for those still there", n=Quantity(low.n))
    return result.finding(low, sentence, base, (0, 1), alert=low is not high)


def _slowest(result: TimeInStageResult) -> Finding | None:
    found = [number for number in timed(result) if number.n >= result.context.flag_cell]
    slow = max(found, key=lambda number: number.estimate, default=None)
    if slow is None:
        return None
    facts = {"stage": terms.stage(result, slow.stage), "next": terms.following(result, slow.stage)}
    sentence = (
        message("Half of those who moved on from **{stage}** took longer than this, more than at any other "
                "stage.",
                **facts)
        if len(found) > 1
        else message("Half of those who moved on from **{stage}** took longer than this.", **facts)
    )  # fmt: skip
    base = message("n = {n} who entered, time of those who moved on", n=Quantity(slow.n))
    return result.finding(slow, sentence, base, (0, 1.25 * slow.ci_high))


def _write_to(result: TimeInStageResult) -> tuple[Message, ...]:
    """Point at those who have waited longer than nearly all who moved on, where that is many."""
    found = [result.only("overdue", stage) for stage in result.visited]
    many = [n for n in found if n.estimate > _LONG and n.n >= result.context.flag_cell]
    worst = max(many, key=lambda number: number.estimate * number.n, default=None)
    if worst is None:
        return ()
    return (
        message(
            "**Do not wait for those past {days} at {stage}.** {share} of the {n} customers there now have "
            "waited longer than 19 of 20 who moved on; treat them as gone, or ask them why.",
            days=terms.days(float(worst.option)), stage=terms.stage(result, worst.stage), share=worst.amount,
            n=Quantity(worst.n),
        ),
    )  # fmt: skip


def _test_first(result: TimeInStageResult) -> tuple[Message, ...]:
    if difference(result) is None:
        return ()
    return (
        message(
            "**Test before you copy what the faster group gets.** Groups differ in many ways; only an "
            "experiment tells what makes people faster."
        ),
    )
