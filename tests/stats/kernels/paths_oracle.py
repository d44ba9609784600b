"""Paths counted one by one in plain Python: slow, obvious, and written without looking at the kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from journey_lib.stats.kernels.paths import Plan

Person = tuple[list[tuple[int, int]], int, int]  # (time, event) in order, last instant observed, group


@dataclass
class Path:
    person: int
    group: int
    steps: list[tuple[int, int]]  # (time, node)
    ended: bool
    until: int
    events: list[int]  # times of all events of the person


def paths(people: list[Person], plan: Plan) -> Iterator[Path]:
    for number, (events, until, group) in enumerate(people):
        times = [time for time, _ in events]
        for unit in units(events, plan.gap):
            steps = [(time, plan.node[event]) for time, event in unit if plan.node[event] >= 0]
            if steps:
                ended = until - unit[-1][0] > (plan.gap or plan.horizon)
                yield Path(number, group, steps, ended, until, times)


def units(events: list[tuple[int, int]], gap: int) -> Iterator[list[tuple[int, int]]]:
    unit: list[tuple[int, int]] = []
    for time, event in events:
        if unit and gap and time - unit[-1][0] > gap:
            yield unit
            unit = []
        unit.append((time, event))
    if unit:
        yield unit


def collapse(path: Path) -> Path:
    kept = [next(same) for _, same in groupby(path.steps, key=lambda step: step[1])]
    return Path(path.person, path.group, kept, path.ended, path.until, path.events)


def moves(path: Path, plan: Plan) -> list[tuple[int, int]]:
    nodes = [node for _, node in path.steps]
    final = plan.end if path.ended else plan.open
    return list(pairwise([plan.start, *nodes, final]))


def transitions(every: Iterable[Path], plan: Plan) -> dict[tuple[int, int, int], list[int]]:
    """Return by group, from and to: moves, customers, sum of n_ab squared, sum of n_ab times n_a."""
    own: Counter[tuple[int, int, int, int]] = Counter()
    base: Counter[tuple[int, int]] = Counter()
    for path in every:
        for one, other in moves(path, plan):
            own[path.group, one, other, path.person] += 1
            base[path.person, one] += 1
    found: dict[tuple[int, int, int], list[int]] = {}
    for (group, one, other, person), n in own.items():
        sums = found.setdefault((group, one, other), [0, 0, 0, 0])
        for at, value in enumerate((n, 1, n * n, n * base[person, one])):
            sums[at] += value
    return found


def visits(every: Iterable[Path], plan: Plan) -> dict[tuple[int, int], list[int]]:
    """Return by group and node (START too): visits, customers, sum of squares over customers."""
    own = Counter((p.group, one, p.person) for p in every for one, _ in moves(p, plan))
    found: dict[tuple[int, int], list[int]] = {}
    for (group, node, _), n in own.items():
        sums = found.setdefault((group, node), [0, 0, 0])
        for at, value in enumerate((n, 1, n * n)):
            sums[at] += value
    return found


def ripe(every: Iterable[Path], plan: Plan) -> dict[tuple[int, int], list[int]]:
    """Return by group and node: old visits r, customers, r², ends e, e², e · r."""
    own: dict[tuple[int, int, int], list[int]] = {}
    for path in every:
        for at, (time, node) in enumerate(path.steps):
            if path.until - time > (plan.gap or plan.horizon):
                counts = own.setdefault((path.group, node, path.person), [0, 0])
                counts[0] += 1
                counts[1] += path.ended and at == len(path.steps) - 1
    found: dict[tuple[int, int], list[int]] = {}
    for (group, node, _), (r, e) in own.items():
        sums = found.setdefault((group, node), [0] * 6)
        for at, value in enumerate((r, 1, r * r, e, e * e, e * r)):
            sums[at] += value
    return found


def gaps(every: Iterable[Path]) -> Counter[tuple[int, int, int]]:
    return Counter(
        (a, b, (later - time) // 1_000_000) for p in every for (time, a), (later, b) in pairwise(p.steps)
    )


def broken(path: Path, time: int, later: int, plan: Plan) -> bool:
    """Say whether the person was silent for longer than the horizon somewhere between two steps."""
    between = [moment for moment in path.events if time <= moment <= later]
    return any(two - one > plan.horizon for one, two in pairwise(between))


def kinds(every: Iterable[Path], plan: Plan) -> dict[str, tuple[int, int]]:
    found: list[tuple[str, int]] = []
    for path in every:
        first = plan.places[path.steps[0][1]]
        own = ["late"] if first > 0 and not plan.gap else []
        for (time, a), (later, b) in pairwise(path.steps):
            own.append(kind(a, b, plan))
            if not plan.gap and broken(path, time, later, plan):
                own.append("win_back")
        stray = [what for what in own if what in ("skip", "back", "late", "win_back")]
        found += [(what, path.person) for what in [*own, *["astray"] * len(stray)]]
    return {
        what: (sum(w == what for w, _ in found), len({p for w, p in found if w == what}))
        for what in {w for w, _ in found}
    }


def kind(a: int, b: int, plan: Plan) -> str:
    here, there = plan.places[a], plan.places[b]
    if a == b:
        return "repeat"
    if here == -1 or there == -1:
        return "unplaced"
    if here == there:
        return "beside"
    if there == here + 1:
        return "forward"
    return "skip" if there > here else "back"


def pairs(found: Iterable[tuple[int, int, int]]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return moves and customers of (a, b, person)."""
    seen = list(found)
    return {
        (a, b): (sum(x[:2] == (a, b) for x in seen), len({x[2] for x in seen if x[:2] == (a, b)}))
        for a, b in {x[:2] for x in seen}
    }


def loops(every: Iterable[Path]) -> dict[tuple[int, int], tuple[int, int]]:
    return pairs(
        (a, b, p.person)
        for p in every
        for (_, a), (_, b), (_, c) in zip(p.steps, p.steps[1:], p.steps[2:], strict=False)
        if a == c != b
    )


def win_backs(every: Iterable[Path], plan: Plan) -> dict[tuple[int, int], tuple[int, int]]:
    return pairs(
        (a, b, p.person)
        for p in every
        for (time, a), (later, b) in pairwise(p.steps)
        if broken(p, time, later, plan)
    )


def flows(every: Iterable[Path], plan: Plan) -> Counter[tuple[int, int, int]]:
    return Counter(
        (place, a, b) for p in every for place, (a, b) in enumerate(moves(p, plan)[1:]) if place < plan.steps
    )


def backwards(every: Iterable[Path], plan: Plan) -> Counter[tuple[int, int, int]]:
    found: Counter[tuple[int, int, int]] = Counter()
    for path in every:
        walked = moves(path, plan)
        target = plan.end if plan.target < 0 else plan.target
        into = [at for at, (_, b) in enumerate(walked) if b == target]
        if into:
            for back, (a, b) in enumerate(reversed(walked[: into[0] + 1])):
                if back < plan.steps:
                    found[back, a, b] += 1
    return found


def variants(every: Iterable[Path]) -> dict[tuple[tuple[int, ...], bool], list[int]]:
    """Return by nodes and ending: times taken, customers, sum of n², sum of n times all their paths."""
    every = list(every)
    own = Counter((tuple(node for _, node in p.steps), p.ended, p.person) for p in every)
    taken = Counter(p.person for p in every)
    found: dict[tuple[tuple[int, ...], bool], list[int]] = {}
    for (nodes, ended, person), n in own.items():
        sums = found.setdefault((nodes, ended), [0, 0, 0, 0])
        for at, value in enumerate((n, 1, n * n, n * taken[person])):
            sums[at] += value
    return found
