"""From steps to sums: who moves where, how often, after how long, and against the journey's direction."""

from __future__ import annotations

import numpy as np

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.paths.plan import UNPLACED, Plan, Steps
from journey_lib.stats.kernels.tally import Tally, counted, runs, summed

SECOND = 1_000_000
SPAN = 1 << 32  # seconds: longer than any log
KINDS = ("forward", "repeat", "beside", "skip", "back", "late", "unplaced", "win_back", "astray")
FORWARD, REPEAT, BESIDE, SKIP, BACK, LATE, UNKNOWN, WIN_BACK, ASTRAY = range(len(KINDS))


def cells_of(steps: Steps, plan: Plan) -> np.ndarray:
    """Return the cell of the matrix that each step leaves by: its node, and the next one, END or OPEN."""
    kind = np.int16 if plan.cells <= np.iinfo(np.int16).max else np.int64
    cells: np.ndarray = np.multiply(steps.code, kind(plan.columns), dtype=kind)
    cells[:-1] += steps.code[1:]
    last = steps.offsets[1:] - 1
    cells[last] = np.multiply(steps.code[last], kind(plan.columns), dtype=kind)
    cells[last] += np.where(steps.ended, kind(plan.end), kind(plan.open))
    return cells


def entries_of(steps: Steps, plan: Plan) -> np.ndarray:
    """Return the cell that each path enters by: START and its first node."""
    cells: np.ndarray = plan.start * plan.columns + steps.code[steps.offsets[:-1]].astype(np.int64)
    return cells


def counts(steps: Steps, plan: Plan, group: np.ndarray, groups: int) -> Tally:
    """Count the moves of each group: how many for each cell, those of a group one after another."""
    cells, entries = cells_of(steps, plan), entries_of(steps, plan)
    if groups > 1:
        of_path = group[steps.customer].astype(np.int64) * plan.cells
        cells, entries = cells + steps.each(of_path), entries + of_path
    return counted(cells, groups * plan.cells) + counted(entries, groups * plan.cells)


def by_customer(
    customer: np.ndarray, cells: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return customer, cell and count of every pair that occurs, in ascending order."""
    key = customer.astype(np.int64) * size
    key += cells
    key.sort()
    starts = runs(key)
    count = np.diff(np.append(starts, len(key)))
    who, cell = np.divmod(key[starts], size)
    return who, cell, count


def moments(steps: Steps, plan: Plan, group: np.ndarray, groups: int) -> tuple[Tally, Tally]:
    """Sum over customers what the variance of a share of transitions needs.

    Returns
    -------
    moves : Tally
        By group and cell: customers who made the move, the sum of n_ab², and that of n_ab · n_a.
    visits : Tally
        By group and node (START last): visits, customers, and the sum of n_a².
    """
    customer = np.append(steps.each(steps.customer), steps.customer)
    cells = np.append(cells_of(steps, plan), entries_of(steps, plan))
    who, cell, n_ab = by_customer(customer, cells, plan.cells)
    node = cell // plan.columns
    starts = runs(who * (plan.nodes + 1) + node)
    n_a = np.add.reduceat(n_ab, starts) if len(starts) else n_ab
    base = np.repeat(n_a, np.diff(np.append(starts, len(who))))
    one = np.ones_like(n_ab)
    place = group[who].astype(np.int64)
    moves = summed(
        place * plan.cells + cell, np.stack([one, n_ab**2, n_ab * base], axis=1), groups * plan.cells
    )
    rows = plan.nodes + 1
    at = place[starts] * rows + node[starts]
    visits = summed(at, np.stack([n_a, np.ones_like(n_a), n_a**2], axis=1), groups * rows)
    return moves, visits


def ripe(steps: Steps, plan: Plan, batch: Batch, group: np.ndarray, groups: int) -> Tally:
    """Sum over customers the visits old enough for their end to show, and how many of them ended.

    Returns
    -------
    Tally
        By group and node: visits r, customers, the sum of r², ends e, the sum of e², and that of e · r.
    """
    old = steps.each(batch.until[steps.customer]) - steps.time > plan.silence
    final = steps.last & steps.each(steps.ended)
    key = steps.each(steps.customer)[old].astype(np.int64) * plan.nodes + steps.code[old]
    key = np.sort(key * 2 + final[old])
    starts = runs(key >> 1)
    visits = np.diff(np.append(starts, len(key)))
    ends = np.add.reduceat(key & 1, starts) if len(starts) else visits
    who, node = np.divmod(key[starts] >> 1, max(plan.nodes, 1))
    values = np.stack([visits, np.ones_like(visits), visits**2, ends, ends**2, ends * visits], axis=1)
    return summed(group[who].astype(np.int64) * plan.nodes + node, values, groups * plan.nodes)


def gaps(steps: Steps, plan: Plan) -> Tally:
    """Count the time from each step to the next, by cell of two nodes and whole second."""
    inner = np.flatnonzero(~steps.last)
    code = steps.code.astype(np.int64)
    seconds = (steps.time[inner + 1] - steps.time[inner]) // SECOND
    return counted((code[inner] * plan.nodes + code[inner + 1]) * SPAN + seconds)


def kinds_of(steps: Steps, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Return the kind of each move between two steps, and where its first step stands."""
    inner = np.flatnonzero(~steps.last)
    places = np.asarray(plan.places, dtype=np.int32)
    one, other = steps.code[inner], steps.code[inner + 1]
    here, there = places[one], places[other]
    kind = np.select(
        [one == other, (here == UNPLACED) | (there == UNPLACED), there == here, there == here + 1,
         there > here],
        [REPEAT, UNKNOWN, BESIDE, FORWARD, SKIP],
        BACK,
    )  # fmt: skip
    return kind, inner


def kinds(steps: Steps, plan: Plan) -> Tally:
    """Count moves and customers of each kind; `astray` is any of skip, back, late and win_back.

    A session may begin anywhere and ends with the pause, so it is neither late nor a win-back.
    """
    kind, inner = kinds_of(steps, plan)
    customer = steps.each(steps.customer)[inner]
    broken = steps.silences[inner + 1] > steps.silences[inner]
    late = np.asarray(plan.places, dtype=np.int32)[steps.code[steps.offsets[:-1]]] > 0
    late &= not plan.gap
    broken &= not plan.gap
    who = np.concatenate([customer, steps.customer[late], customer[broken]])
    what = np.concatenate([kind, np.full(late.sum(), LATE), np.full(broken.sum(), WIN_BACK)])
    stray = np.isin(what, (SKIP, BACK, LATE, WIN_BACK))
    who, what = np.append(who, who[stray]), np.append(what, np.full(stray.sum(), ASTRAY))
    return _with_customers(who, what, len(KINDS))


def win_backs(steps: Steps, plan: Plan) -> Tally:
    """Count moves and customers by cell of two nodes, where a long silence lay between."""
    inner = np.flatnonzero(~steps.last)
    broken = inner[steps.silences[inner + 1] > steps.silences[inner]]
    return _pairs(steps, plan, broken, broken + 1)


def loops(steps: Steps, plan: Plan) -> Tally:
    """Count returns over one other node (a, b, a), by a and b, with their customers."""
    middle = np.flatnonzero(~steps.last)
    middle = middle[:-1][np.diff(middle) == 1] if len(middle) else middle
    code = steps.code
    back = middle[(code[middle] == code[middle + 2]) & (code[middle] != code[middle + 1])]
    return _pairs(steps, plan, back, back + 1)


def flows(steps: Steps, plan: Plan) -> Tally:
    """Count the moves out of each of the first steps, by step, node and where it leads."""
    place = np.arange(len(steps.code)) - steps.each(steps.offsets[:-1])
    early = place < plan.steps
    cells = cells_of(steps, plan)[early]
    return counted(place[early] * plan.cells + cells, plan.steps * plan.cells)


def backwards(steps: Steps, plan: Plan) -> Tally:
    """Count the last moves before the target: by steps before it, from where (START last), and to where.

    The target is the first visit to a node, or the end of an ended path; the move into it is number 0.
    """
    reached, at = _targets(steps, plan)
    begin = steps.offsets[:-1][reached]
    found = []
    for step in range(plan.steps):
        to, there = at - step, at - step >= begin
        here, source = to[there], to[there] - 1
        one = np.where(source >= begin[there], steps.code[np.maximum(source, 0)], plan.start)
        last = steps.offsets[1:][reached][there]
        ends = np.full(len(here), plan.end)
        inside = here < last
        ends[inside] = steps.code[here[inside]]
        found.append(step * plan.cells + one.astype(np.int64) * plan.columns + ends)
    return counted(np.concatenate(found), plan.steps * plan.cells)


def _targets(steps: Steps, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Return which paths reach the target, and the position of its first visit in each of them."""
    if plan.target < 0:
        reached = np.flatnonzero(steps.ended)
        return reached, steps.offsets[1:][reached]
    visits = np.flatnonzero(steps.code == plan.target)
    path = np.searchsorted(steps.offsets, visits, side="right") - 1
    first = runs(path)
    return path[first], visits[first]


def _pairs(steps: Steps, plan: Plan, one: np.ndarray, other: np.ndarray) -> Tally:
    cells = steps.code[one].astype(np.int64) * plan.nodes + steps.code[other]
    return _with_customers(steps.each(steps.customer)[one], cells, max(plan.nodes**2, 1))


def _with_customers(who: np.ndarray, what: np.ndarray, size: int) -> Tally:
    _, cell, count = by_customer(who, what, size)
    return summed(cell, np.stack([count, np.ones_like(count)], axis=1), size)
