"""Who is compared in the regions report, and what could be wrong with its differences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.regions.preferences import CHOSEN, PAID
from journey_lib.measures.regions.rows import single_level
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.stats.response_style import FEWEST
from journey_lib.study.engine.told import EVERYBODY, basis_lines, common_checks, customers

if TYPE_CHECKING:
    from journey_lib.measures.regions.plan import Plan, Whom
    from journey_lib.measures.regions.result import Counted
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

_FEWER = 0.9  # answers without a known habit from which to watch


def notes(plan: Plan) -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "no_answers": message("Nobody in this cell answered the question."),
        "no_spread": message("All answers are the same, so there is no error to estimate."),
        "too_few": message(
            "Fewer than {n} people here or everywhere else: not compared.", n=Quantity(plan.least)
        ),
        "nothing_to_pull": message("Fewer than two regions have an estimate with an error."),
        "nobody": message("Nobody entered this stage."),
        "no_whole_window": message("No window is over yet."),
        "no_orders": message("One of the two shares is missing or has no interval."),
        "no_events": message("No event has a local time."),
        "no_ordinary_days": message("No ordinary day of the same weekday is near."),
    }


def basis(study: Study, data: Data, whom: Whom, counted: Counted, plan: Plan) -> Basis:
    """Return who is counted in each part, and how differences are judged."""
    lines: list[tuple[Message, Message]] = []
    if whom.observed is not None:
        lines += basis_lines(study, whom.observed)
    answers = 0 if whom.answers is None else int((whom.answers >= 0).sum())
    if answers:
        lines.append((message("Answers"), message("{n} with a region, weighted", n=Quantity(answers))))
    if PAID in counted.preferences.metrics and data.orders is not None:
        words = message("{n} rows of the orders table; those of one customer count as one draw",
                        n=Quantity(len(data.orders)))  # fmt: skip
        lines.append((message("Orders"), words))
    names = ", ".join(study.level(plan.region, name) for name in whom.names)
    lines += [
        (message("Regions"), message("{names}", names=names)),
        (message("Comparison"), message("Each region with all others together")),
        (message("Told"), _told(plan)),
        (message("Intervals"), message(
            "All of a part hold together at {level} (Šidák); p-values agree with them",
            level=Quantity(plan.level, "share"),
        )),
    ]  # fmt: skip
    n = answers if whom.observed is None else customers(whom.observed)
    whom_words = message("All respondents") if whom.observed is None else EVERYBODY
    return Basis(tuple(lines), n, math.nan, whom=whom_words)


def checks(study: Study, whom: Whom, counted: Counted, plan: Plan) -> tuple[Check, ...]:
    """Return what could be wrong: habits, thin regions, chance, the clock, holidays, and equal meaning."""
    common = () if whom.observed is None else common_checks(study, whom.observed)
    own = (
        _lacking(counted), _habits(counted, plan), _short(counted), _thin(counted),
        _many(counted, plan), _where(whom), _clock(study, counted, plan), _moved(study, counted, plan),
        _meaning(counted), _cause(),
    )  # fmt: skip
    return (*(check for check in own if check), *common)


def _told(plan: Plan) -> Message:
    return message(
        "Differences of at least {share} points, in ratings of {sd} standard deviations",
        share=Quantity(100 * plan.effect, "score", 1), sd=Quantity(plan.effect_sd, "score", 2),
    )  # fmt: skip


def _lacking(counted: Counted) -> Check | None:
    """Name the parts that this study has no data for."""
    preferred = counted.preferences.metrics
    parts = (
        (counted.conversion is not None, message("conversion")),
        (counted.asked is not None, message("satisfaction")),
        (CHOSEN in preferred, message("stated preferences")),
        (PAID in preferred, message("ways to pay")),
        (counted.rhythm is not None, message("times of day")),
    )
    absent = tuple(words for there, words in parts if not there)
    if not absent:
        return None
    text = message("This study has no data by region for: {names}.", names=Names(absent))
    return Check("parts", "not_assessable", message("Some parts are missing"), text)


def _habits(counted: Counted, plan: Plan) -> Check | None:
    if counted.asked is None:
        return None
    title = message("Rating habits differ between regions")
    if plan.adjust == "none":
        text = message("Ratings are taken as given, although habits of rating may differ between regions.")
        return Check("response_style", "watch", title, text)
    if not counted.asked.adjustable:
        text = message(
            "{n} questions share a scale; at least {least} are needed to tell a habit from an opinion, so no "
            "difference in ratings is reported as real.",
            n=Quantity(len(counted.asked.questions)), least=Quantity(FEWEST),
        )  # fmt: skip
        return Check("response_style", "watch", title, text)
    text = message(
        "A difference in ratings is reported only where it also holds in adjusted scores; one of all ratings "
        "together not at all where a region spreads its answers clearly more or less than others."
    )
    return Check("response_style", "watch", title, text)


def _short(counted: Counted) -> Check | None:
    """Say how many people answered too little for their habit to be known."""
    found = counted.asked
    if found is None or not found.adjustable:
        return None
    n = int((found.style.answered[found.people >= 0] > 0).sum())
    left = found.too_short + found.one_valued
    share = left / n if n else 0.0
    text = message(
        "{share} of those with ratings gave fewer than {least} or only equal ones: they are outside the "
        "adjusted scores.",
        share=Quantity(share, "share"), least=Quantity(FEWEST),
    )  # fmt: skip
    status: Status = "watch" if share > 1 - _FEWER else "passed"
    return Check("short_answers", status, message("Adjusted scores leave some people out"), text)


def _thin(counted: Counted) -> Check:
    rows = [row for one in counted.families for row in one.rows if row.get("comparison") == "rest"]
    left = sum(row["note"] == "too_few" for row in rows)
    if not left:
        text = message("Every region has enough people for every comparison.")
        return Check("thin_regions", "passed", message("No region is too small to compare"), text)
    named = tuple(dict.fromkeys(str(row["group"]) for row in rows if row["note"] == "too_few"))
    text = message(
        "{n} of {all} comparisons were not made because a region has too few people, in {regions} regions.",
        n=Quantity(left), all=Quantity(len(rows)), regions=Quantity(len(named)),
    )  # fmt: skip
    return Check("thin_regions", "watch", message("Some regions are too small to compare"), text)


def _many(counted: Counted, plan: Plan) -> Check:
    n = sum(one.comparisons for one in counted.families)
    largest = max((one.comparisons for one in counted.families), default=0)
    text = message(
        "{n} comparisons were made. Without a correction about {chance} would look real by chance; the "
        "largest part has {largest}, so each of its intervals is one of {single}.",
        n=Quantity(n), chance=Quantity(n * plan.alpha), largest=Quantity(largest),
        single=Quantity(single_level(plan, largest), "share", 2),
    )  # fmt: skip
    return Check("comparisons", "passed", message("Differences hold together"), text)


def _where(whom: Whom) -> Check | None:
    lost = sum(whom.unknown.values())
    if not lost and not whom.disagree:
        return None
    text = message(
        "{lost} rows have no region and are outside; {other} answers name another region than their "
        "customer.",
        lost=Quantity(lost), other=Quantity(whom.disagree),
    )  # fmt: skip
    return Check("regions_known", "watch", message("Some regions are unknown or doubtful"), text)


def _clock(study: Study, counted: Counted, plan: Plan) -> Check | None:
    found = counted.rhythm
    if found is None:
        return None
    title = message("Hours are local")
    if found.source == "offset":
        text = message("The log keeps the local time of each event; {n} events have none.",
                       n=Quantity(found.without))  # fmt: skip
        return Check("local_time", "passed", title, text)
    names = Names(tuple(study.value_label(plan.region, name) for name in found.undeclared))
    if found.undeclared:
        text = message(
            "No time zone is declared for {names}, so {zone} stands in: their hours may be wrong. Add "
            "[[regions]] to the study.",
            names=names, zone=study.time_zone,
        )  # fmt: skip
        return Check("local_time", "watch", message("Some hours may not be local"), text)
    text = message("Hours follow the time zone declared for each region; a region with several has one here.")
    return Check("local_time", "passed", title, text)


def _moved(study: Study, counted: Counted, plan: Plan) -> Check | None:
    if counted.rhythm is None:
        return None
    if not study.holidays:
        text = message("The study declares no holidays, so days that differ between regions are not marked.")
        return Check("holidays", "not_assessable", message("Holidays are unknown"), text)
    if not counted.rhythm.moved:
        text = message("No declared holiday lies in another month than a year before.")
        return Check("holidays", "passed", message("No holiday moved between years"), text)
    told = tuple(
        message("{holiday} in {region}: {old}, then {new}", holiday=holiday.label or holiday.id,
                region=study.value_label(plan.region, region), old=old, new=new)
        for region, holiday, old, new in counted.rhythm.moved
    )  # fmt: skip
    text = message(
        "A month is no fair comparison with the same month a year before where a holiday moved: {names}.",
        names=Names(told),
    )
    return Check("holidays", "watch", message("Holidays moved between years"), text)


def _meaning(counted: Counted) -> Check | None:
    if counted.asked is None and CHOSEN not in counted.preferences.metrics:
        return None
    text = message(
        "Whether translated questions mean the same everywhere cannot be seen in the answers. Let people who "
        "speak both languages read them side by side."
    )
    return Check("same_question", "not_assessable", message("Equal words need not ask the same"), text)


def _cause() -> Check:
    text = message(
        "Regions differ in people, prices, offers and seasons at once. A difference says where to look, not "
        "why it is there."
    )
    return Check("cause", "not_assessable", message("A region is not a cause"), text)
