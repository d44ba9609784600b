"""Who is on the cards, and what could be wrong with them."""

from __future__ import annotations

import math
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.personas import terms
from journey_lib.measures.personas.count import FALSE, FEWEST
from journey_lib.measures.personas.groups import CLUSTERS, SAVED
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, day, message, plural
from journey_lib.study.segments.people import CUSTOMERS

if TYPE_CHECKING:
    from journey_lib.measures.personas.count import Counted, Plan
    from journey_lib.measures.personas.groups import Persona, Whom
    from journey_lib.study.definition import Study

LEAST_SHARE, OLD, MOVED, SHARED, LOST = 0.02, 90, 0.2, 0.1, 0.05


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "nobody": message("Nobody here has a value."),
        "no_index": message("Without a case, or below zero, there is no index."),
        "not_reached": message("Fewer than half of those who entered went on while they were followed."),
    }


def basis(study: Study, whom: Whom, counted: Counted, plan: Plan) -> Basis:
    """Return who is compared, on what, and how lines were chosen."""
    n = int(whom.base.sum())
    weights = whom.who.weights
    effective = math.nan
    if weights is not None and np.ptp(weights) > 0:
        w = weights[whom.base]
        effective = float(w.sum() ** 2 / np.square(w).sum())
    level = whom.who.level
    unit = message("One customer") if level == CUSTOMERS else message("One answered questionnaire")
    source = message("Saved segments of this study")
    if whom.source == CLUSTERS:
        kept = any(one.saved for one in whom.personas)
        source = message("Groups of a cluster analysis, saved as lists")
        if not kept:
            source = message("Groups of a cluster analysis of this run")
    elif whom.source != SAVED:
        source = message("Values of the column {column}", column=terms.title(study, whom.column))
    chosen = message(
        "At most {top} a card; of {tests} comparisons those with n ≥ {n}, an effect of {effect} standard "
        "deviations or more, and a false discovery rate below {rate}",
        top=Quantity(plan.top), tests=Quantity(len(counted.tested)), n=FEWEST,
        effect=Quantity(plan.effect, "score"), rate=Quantity(FALSE, "share"),
    )  # fmt: skip
    intervals = message(
        "{level}: Wilson for shares, linearised for means and indexes, the survey's design for satisfaction",
        level=Quantity(plan.level, "share"),
    )
    lines = [
        (message("Unit"), unit),
        (message("Segments"), source),
        *_grouped(study, whom),
        *_left_out(whom),
        (message("Lines"), chosen),
        (message("Index"), message("100 × the segment's value / everybody's, its own members among them")),
        (message("Data until"), message("{day}", day=day(whom.who.snapshot, study.language))),
        (message("Intervals"), intervals),
    ]
    everybody = message("All customers") if level == CUSTOMERS else message("All respondents")
    weighted = message("Survey weights") if math.isfinite(effective) else None
    return Basis(tuple(lines), n, effective, weighted, everybody)


def _left_out(whom: Whom) -> list[tuple[Message, Message]]:
    """Return how many people the column says nothing about."""
    if not whom.left_out:
        return []
    text = message("{n} people of whom the column says nothing", n=Quantity(whom.left_out))
    return [(message("Left out"), text)]


def _grouped(study: Study, whom: Whom) -> list[tuple[Message, Message]]:
    """Return what built the groups of the cards that are clusters."""
    columns = dict.fromkeys(name for one in whom.personas if one.cluster for name in one.cluster.columns)
    if not columns:
        return []
    names = Names(tuple(terms.title(study, name) for name in columns), limit=8)
    return [(message("Grouped by"), message("{names}", names=names))]


def checks(study: Study, whom: Whom, counted: Counted) -> tuple[Check, ...]:
    """Return what was checked: size, overlap, coverage, undecided people, age, tests, circularity."""
    if not whom.personas:
        return (_none(),)
    made = (
        _verdict(whom), _stability(whom), _thin(whom), _overlap(whom), _outside(whom), _undecided(whom),
        _age(whom), _frozen(study, whom), _tests(counted), _circular(),
    )  # fmt: skip
    return tuple(check for check in made if check)


def _none() -> Check:
    text = message("A cluster analysis says that one group is enough. So nobody is on a card.")
    return Check("verdict", "failed", message("There may be no segments"), text)


def _verdict(whom: Whom) -> Check | None:
    """Say what the cluster analysis behind the cards thinks of its own groups."""
    told = {one.cluster.verdict for one in whom.personas if one.cluster is not None}
    if "none" in told:
        text = message("Some cards show groups that were formed although the criteria see none.")
        return Check("verdict", "failed", message("There may be no segments"), text)
    if "unsure" in told:
        text = message("One criterion is content with a single group; the others see more.")
        return Check("verdict", "watch", message("Whether there are segments is not sure"), text)
    return None


def _stability(whom: Whom) -> Check | None:
    """Name the groups that do not come back in other samples."""
    known = [one for one in whom.personas if one.cluster is not None and one.cluster.stability]
    if not known:
        return None
    gone = [one.label for one in known if one.cluster and one.cluster.stability in ("doubtful", "dissolved")]
    if gone:
        text = message(
            "{names}: not found again in other samples. Do not use them.", names=Names(tuple(gone))
        )
        return Check("stability", "failed", message("A segment does not come back"), text)
    text = message("Every group is found again in other samples of the same people.")
    return Check("stability", "passed", message("Every segment comes back"), text)


def _frozen(study: Study, whom: Whom) -> Check | None:
    """Say which frozen list its live rule has moved away from."""
    held = [(one, one.drift) for one in whom.personas if one.drift is not None and one.drift.live is not None]
    if not held:
        return None
    moved = [(one, drift) for one, drift in held if drift.entered + drift.left > MOVED * drift.listed]
    if not moved:
        text = message("The rules of the frozen lists pick nearly the same people today.")
        return Check("frozen", "passed", message("Frozen lists are near their rules"), text)
    names = tuple(
        message("{name} (list of {day})", name=one.label,
                day=day(date.fromisoformat(drift.day), study.language))
        for one, drift in moved
    )  # fmt: skip
    text = message(
        "{names}: the rule would pick other people today, more than a fifth of the list. The card is about "
        "the list.",
        names=Names(names),
    )
    return Check("frozen", "watch", message("A frozen list is not its rule today"), text)


def size_now(whom: Whom, one: Persona) -> int:
    """Return how many of those compared are members."""
    return int((one.inside & whom.base).sum())


def _thin(whom: Whom) -> Check:
    least = max(FEWEST, math.ceil(LEAST_SHARE * whom.base.sum()))
    small = tuple(one.label for one in whom.personas if size_now(whom, one) < least)
    if small:
        text = message(
            "{names}: fewer than {least} people (30, or 2% of everybody). Their cards say little.",
            names=Names(small), least=Quantity(least),
        )  # fmt: skip
        return Check("size", "failed", message("A segment is too small"), text)
    text = message("Every segment has at least {least} people.", least=Quantity(least))
    return Check("size", "passed", message("Every segment is large enough"), text)


def _overlap(whom: Whom) -> Check | None:
    shared = [
        (int((a.inside & b.inside & whom.base).sum()) / smaller, a, b)
        for a, b in combinations(whom.personas, 2)
        if (smaller := min(size_now(whom, a), size_now(whom, b))) >= FEWEST
    ]
    if not shared:
        return None
    part, a, b = max(shared, key=lambda one: one[0])
    if part == 0:
        text = message("Nobody is on two cards.")
        return Check("overlap", "passed", message("Segments do not overlap"), text)
    text = message(
        "{share} of the smaller of {one} and {other} are on both cards: do not add the sizes up.",
        share=Quantity(part, "share"), one=a.label, other=b.label,
    )  # fmt: skip
    status: Status = "watch" if part >= SHARED else "passed"
    return Check("overlap", status, message("Segments share people"), text)


def _outside(whom: Whom) -> Check:
    covered = np.zeros(len(whom.base), dtype=bool)
    for one in whom.personas:
        covered |= one.inside
    share = float((~covered & whom.base).sum() / max(int(whom.base.sum()), 1))
    text = message("{share} of everybody are on no card.", share=Quantity(share, "share"))
    title = message("Most people are on a card") if share < 0.5 else message("Most people are on no card")
    return Check("coverage", "passed" if share < 0.5 else "watch", title, text)


def _undecided(whom: Whom) -> Check | None:
    worst = max(whom.personas, key=lambda one: one.unknown)
    if not worst.unknown:
        return None
    share = worst.unknown / len(whom.who)
    text = message(
        "For {share} of everybody a missing value leaves open whether they belong to {name}; they are "
        "counted as outside.",
        share=Quantity(share, "share"), name=worst.label,
    )  # fmt: skip
    title = message("Some people cannot be placed")
    return Check("undecided", "watch" if share > LOST else "passed", title, text)


def _age(whom: Whom) -> Check | None:
    saved = [(one, one.saved) for one in whom.personas if one.saved is not None]
    if not saved:
        return None
    aged = [(abs((whom.who.snapshot - date.fromisoformat(kept.snapshot)).days), one) for one, kept in saved]
    days, oldest = max(aged, key=lambda pair: pair[0])
    moved = [one.label for one, kept in saved if kept.n and abs(one.n / kept.n - 1) > MOVED]
    if moved:
        text = message(
            "{names}: the size has changed by more than a fifth since it was saved. See whether the rule "
            "still means what it meant.",
            names=Names(tuple(moved)),
        )
        return Check("age", "watch", message("A segment is not what it was when it was saved"), text)
    text = plural(
        "The oldest, {name}, was saved {n} day before the data end; no size has changed by more than a "
        "fifth.",
        "The oldest, {name}, was saved {n} days before the data end; no size has changed by more than a "
        "fifth.",
        n=Quantity(days), name=oldest.label,
    )  # fmt: skip
    title = message("Segments are as they were saved") if days <= OLD else message("Segments are old")
    return Check("age", "passed" if days <= OLD else "watch", title, text)


def _tests(counted: Counted) -> Check | None:
    tests = len(counted.tested)
    if not tests:
        return None
    kept = int((counted.tested["p_value"] < FALSE).sum())
    text = message(
        "{kept} of {tests} comparisons are below a false discovery rate of {rate} (Benjamini and Hochberg "
        "over all cards). In large segments tiny differences pass it; the effect decides what is shown.",
        kept=Quantity(kept), tests=Quantity(tests), rate=Quantity(FALSE, "share"),
    )  # fmt: skip
    return Check("tests", "passed", message("Many comparisons were corrected together"), text)


def _circular() -> Check:
    text = message(
        "Lines under “built from” repeat the rule: the segment differs there because it was made so. Columns "
        "that divide people exactly as the rule does are left out of “goes with”; near copies are not."
    )
    return Check("circular", "not_assessable", message("A rule cannot test itself"), text)
