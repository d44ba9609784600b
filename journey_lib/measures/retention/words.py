"""What the numbers on retention say: at most three findings and four actions, each from the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.retention import terms
from journey_lib.measures.retention.checks import WIDE
from journey_lib.measures.retention.count import FEW_COHORTS
from journey_lib.present.numbers import Number
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.retention.result import RetentionResult

_ALPHA = 0.05
_SEEN = 0.005  # less is written as 0
_LEAST = 0.02  # a trend below two points is no finding


def headlines(result: RetentionResult) -> tuple[Finding, ...]:
    """Return how many come back first, the cohort or trend that stands out, and groups or the long run."""
    if result.doubted:
        return ()
    found = [_first(result), _cohort(result) or _trend(result), _group(result) or _late(result)]
    return tuple(finding for finding in found if finding is not None)


def meanings(result: RetentionResult) -> tuple[Message, ...]:
    """Return actions for those who did not come back, the cohort that stands out, groups and definitions."""
    if result.doubted:
        return ()
    actions, share, odd = [], early(result), standing_out(result)
    if share.known:
        actions.append(
            message(
                "**Ask those who did not come back.** {lost} were not seen {when}; talk to a few of them "
                "and look at what their first time was like before changing anything.",
                lost=_rest(share), when=_when(result, share),
            )
        )  # fmt: skip
    if odd is not None:
        actions.append(
            message(
                "**Look for what was different in {cohort}.** Offers, channels, faults and season all leave "
                "such a mark; one cohort is no trend.",
                cohort=terms.CohortName(odd.wave),
            )
        )
    gap = clearest_group(result)
    if gap is not None:
        actions.append(
            message(
                "**Test before you copy what the better group gets.** Groups differ in many ways; only an "
                "experiment tells what brings people back."
            )
        )
    return (*actions, *_agree(result))


def early(result: RetentionResult) -> Number:
    """Return the mean of the first window after period 0."""
    return result.number("retained", option=result.plan.options[result.plan.focal])


def late(result: RetentionResult) -> Number:
    """Return the mean of the last window that rests on several cohorts and a full base."""
    cohorts = result.counted.complete.sum(axis=0)
    for place in range(len(result.plan.options) - 1, result.plan.focal, -1):
        found = result.number("retained", option=result.plan.options[place])
        if cohorts[place] >= FEW_COHORTS and found.known and found.n >= result.context.flag_cell:
            return found
    return Number()


def standing_out(result: RetentionResult) -> Number | None:
    """Return the cohort that differs most clearly from the others, where one does."""
    clear = [n for n in result.of("cohort_difference") if n.known and n.p_value < _ALPHA]
    return max(clear, key=lambda number: abs(number.estimate) / number.std_error, default=None)


def rising(result: RetentionResult) -> Number | None:
    """Return the change from the first to the last cohort, where it is clear and not tiny."""
    found = result.number("cohort_trend", option=result.plan.options[result.plan.focal])
    large = abs(found.estimate) >= _LEAST
    return found if found.known and large and found.p_value < _ALPHA else None


def clearest_group(result: RetentionResult) -> Number | None:
    """Return the group that differs most clearly from the largest one, where one does."""
    clear = [n for n in result.of("group_difference") if n.known and n.p_value < _ALPHA]
    return max(clear, key=lambda number: abs(number.estimate) / number.std_error, default=None)


def triangle_title(result: RetentionResult) -> Message:
    """Return what the triangle says."""
    odd, slope, first = standing_out(result), rising(result), early(result)
    if odd is not None:
        return _odd(result, odd, bold=False)
    if slope is not None:
        return _slope(result, slope)
    if not first.known:
        return message("Who came back, cohort by cohort")
    return message("{share} came back {when}; no cohort stands out", share=first.amount,
                   when=_when(result, first))  # fmt: skip


def curve_title(result: RetentionResult) -> Message:
    """Return what the mean curve says."""
    first, last = early(result), late(result)
    if first.known and last.known:
        return message("{share} came back {when}, {rest} {then}", share=first.amount,
                       when=_when(result, first), rest=last.amount, then=_when(result, last))  # fmt: skip
    if first.known:
        return message("{share} came back {when}", share=first.amount, when=_when(result, first))
    return message("How many came back, period by period")


def groups_title(result: RetentionResult) -> Message:
    """Return what the curves of the groups say."""
    gap = clearest_group(result)
    by = naming.column(result.study, result.plan.asked.by)
    if gap is None:
        return message("No evidence that coming back differs by {by}", by=by)
    facts = _gap_facts(result, gap)
    if gap.estimate < 0:
        return message("{group} came back less than {reference}: {points} {when}", **facts)
    return message("{group} came back more than {reference}: {points} {when}", **facts)


def _first(result: RetentionResult) -> Finding | None:
    share = early(result)
    if not share.known or share.n < result.context.flag_cell:
        return None
    sentence = message(
        "**{share} came back** {when} after their {first}; {lost} did not.",
        share=share.amount, when=_when(result, share), first=terms.first(result.study, result.plan),
        lost=_rest(share),
    )  # fmt: skip
    n_cohorts = int(result.counted.complete[:, result.plan.focal].sum())
    base = message(
        "n = {n} in {cohorts} complete cohorts; coming back is {events}",
        n=Quantity(share.n), cohorts=Quantity(n_cohorts), events=terms.returning(result.plan),
    )  # fmt: skip
    return _finding(result, share, sentence, base, (0, 1))


def _cohort(result: RetentionResult) -> Finding | None:
    odd = standing_out(result)
    if odd is None:
        return None
    base = message(
        "n = {n}, against all other cohorts; Holm-corrected over {k} cohorts",
        n=Quantity(odd.n), k=Quantity(len(result.of("cohort_difference"))),
    )  # fmt: skip
    return _finding(result, odd, _odd(result, odd, bold=True), base, None, alert=odd.estimate < 0)


def _odd(result: RetentionResult, odd: Number, *, bold: bool) -> Message:
    facts = {
        "cohort": terms.CohortName(odd.wave), "when": _when(result, odd),
        "points": Quantity(abs(odd.estimate), "share_points", 1),
    }  # fmt: skip
    if odd.estimate < 0:
        return (
            message("Of the **{cohort}** cohort {points} fewer came back {when} than of the others.", **facts)
            if bold
            else message("Of the {cohort} cohort {points} fewer came back {when} than of the others", **facts)
        )
    return (
        message("Of the **{cohort}** cohort {points} more came back {when} than of the others.", **facts)
        if bold
        else message("Of the {cohort} cohort {points} more came back {when} than of the others", **facts)
    )


def _trend(result: RetentionResult) -> Finding | None:
    slope = rising(result)
    if slope is None:
        return None
    facts = _slope_facts(result, slope)
    sentence = (
        message("**Fewer came back** {when}: from {first} to {last} the share fell by {points}.", **facts)
        if slope.estimate < 0
        else message("**More came back** {when}: from {first} to {last} the share rose by {points}.", **facts)
    )
    k = len(result.of("cohort_difference"))
    base = message(
        "n = {n} in {k} cohorts; first to last cohort, on a straight line through all of them",
        n=Quantity(slope.n), k=Quantity(k),
    )  # fmt: skip
    return _finding(result, slope, sentence, base, None, alert=slope.estimate < 0)


def _slope(result: RetentionResult, slope: Number) -> Message:
    facts = _slope_facts(result, slope)
    if slope.estimate < 0:
        return message("From {first} to {last} the share that came back {when} fell by {points}", **facts)
    return message("From {first} to {last} the share that came back {when} rose by {points}", **facts)


def _slope_facts(result: RetentionResult, slope: Number) -> dict[str, object]:
    names, places = result.plan.cohorts, result.counted.compared
    return {
        "points": Quantity(abs(slope.estimate), "share_points", 1), "when": _when(result, slope),
        "first": terms.CohortName(names[places[0]]), "last": terms.CohortName(names[places[-1]]),
    }  # fmt: skip


def _group(result: RetentionResult) -> Finding | None:
    gap = clearest_group(result)
    if gap is None:
        return None
    facts = _gap_facts(result, gap)
    sentence = (
        message("**{group}** came back less often {when} than {reference}, the largest group.", **facts)
        if gap.estimate < 0
        else message("**{group}** came back more often {when} than {reference}, the largest group.", **facts)
    )
    base = message("n = {n}, difference with Holm correction", n=Quantity(gap.n))
    return _finding(result, gap, sentence, base, None, alert=gap.estimate < 0)


def _gap_facts(result: RetentionResult, gap: Number) -> dict[str, object]:
    by = result.plan.asked.by
    return {
        "group": terms.group(result.study, by, gap.group), "when": _when(result, gap),
        "reference": terms.group(result.study, by, gap.comparison),
        "points": Quantity(gap.estimate, "share_points", 1, signed=True),
    }  # fmt: skip


def _late(result: RetentionResult) -> Finding | None:
    share = late(result)
    if not share.known or share.estimate < _SEEN:
        return None
    sentence = message("**{share} still came back** {when}.", share=share.amount, when=_when(result, share))
    place = result.plan.options.index(share.option)
    k = int(result.counted.complete[:, place].sum())
    base = message("n = {n} in {cohorts} complete cohorts", n=Quantity(share.n), cohorts=Quantity(k))
    return _finding(result, share, sentence, base, (0, 1))


def _agree(result: RetentionResult) -> tuple[Message, ...]:
    """Ask for one definition where readings of the question lie far apart."""
    known = [n.estimate for n in (*result.of("other_reading"), early(result)) if n.known]
    if not known or max(known) - min(known) <= WIDE:
        return ()
    return (
        message(
            "**Agree on what counts as coming back.** Depending on that, {low} to {high} came back {when}; "
            "without one definition a target can be met by choosing.",
            low=Quantity(min(known), "share", bare=True), high=Quantity(max(known), "share"),
            when=_when(result, early(result)),
        ),
    )  # fmt: skip


def _rest(share: Number) -> Quantity:
    """Return the others, so that both numbers add up to 100 as they are written."""
    return Quantity(1 - round(100 * share.estimate) / 100, "share")


def _when(result: RetentionResult, number: Number) -> Message:
    return terms.when(result.plan, number.option)


def _finding(
    result: RetentionResult,
    number: Number,
    sentence: Message,
    base: Message,
    axis: tuple[float, float] | None,
    *,
    alert: bool = False,
) -> Finding:
    reach = 1.25 * max(abs(number.ci_low), abs(number.ci_high))
    return result.finding(
        number, sentence, base, axis or (-reach, reach), reference=None if axis else 0.0, alert=alert,
        signed=axis is None,
    )  # fmt: skip
