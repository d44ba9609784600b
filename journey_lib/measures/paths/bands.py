"""Which nodes a step of the flow figure shows, which are grouped, and what flows between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.paths.nodes import END, OPEN, START

if TYPE_CHECKING:
    from journey_lib.measures.paths.count import Walked
    from journey_lib.stats.kernels.paths import Tally

OTHER = "OTHER"
ENDS = (START, OTHER, END, OPEN)
MOST_COLUMNS, MOSTLY, FINISHED = 5, 0.9, 0.95


@dataclass(frozen=True)
class Column:
    """One step: its nodes in the order drawn, the paths that stand at each, and how many nodes OTHER is."""

    names: tuple[str, ...]
    counts: tuple[int, ...]
    grouped: int = 0


@dataclass(frozen=True)
class Bands:
    """Steps and the paths between them; every count of a column is what flows in, and what flows out."""

    columns: tuple[Column, ...]
    flows: tuple[dict[tuple[int, int], int], ...]
    total: int


def forward(walked: Walked, top: int, least: int) -> Bands:
    """Return the first steps of all paths; ended and open ones stay where they are.

    Parameters
    ----------
    walked : Walked
        What was counted.
    top : int
        Most nodes a step shows.
    least : int
        Fewest paths a node of its own stands for.
    """
    layers = _layers(walked, walked.counted.tables["flows"])
    steps = min(MOST_COLUMNS, walked.plan.steps, len(layers) + 1)
    moves: list[dict[tuple[str, str], int]] = []
    ended: Counter[str] = Counter()
    for layer in layers[: steps - 1]:
        if moves and ended.total() >= FINISHED * walked.paths:
            break  # further steps would show an empty stage
        moves.append({**layer, **{(name, name): n for name, n in ended.items()}})
        for (_, to), n in layer.items():
            if to in (END, OPEN):
                ended[to] += n
    return _grouped(walked, moves, top, least, walked.paths)


def backward(walked: Walked, top: int, least: int) -> Bands:
    """Return the last steps before the target, the earliest first; paths that begin later stand at START."""
    layers = _layers(walked, walked.counted.tables["backwards"])[: MOST_COLUMNS - 1]
    moves = []
    begun: Counter[str] = Counter()
    for layer in layers:
        moves.append({**layer, **({(START, START): begun[START]} if begun else {})})
        for (one, _), n in layer.items():
            if one == START:
                begun[START] += n
    total = sum(layers[0].values()) if layers else 0
    # Steps before nearly all paths began would show an empty stage.
    told = [move for at, move in enumerate(moves) if at == 0 or _begun(move) < MOSTLY * total]
    return _grouped(walked, told[::-1], top, least, total)


def _begun(move: dict[tuple[str, str], int]) -> int:
    """Return how many paths have not begun when a move happens."""
    return sum(n for (one, _), n in move.items() if one == START)


def _layers(walked: Walked, tally: Tally) -> list[dict[tuple[str, str], int]]:
    """Read a table of moves by step."""
    step, cell = np.divmod(tally.keys, walked.plan.cells)
    names = zip(*walked.names(cell), strict=True)
    found: list[dict[tuple[str, str], int]] = [{} for _ in range(int(step.max(initial=-1)) + 1)]
    for at, move, n in zip(step.tolist(), names, tally.sums[:, 0].tolist(), strict=True):
        found[at][move] = n
    return found


def _grouped(
    walked: Walked, moves: list[dict[tuple[str, str], int]], top: int, least: int, total: int
) -> Bands:
    stands: list[Counter[str]] = [Counter() for _ in range(len(moves) + 1)]
    for step, layer in enumerate(moves):
        for (one, other), n in layer.items():
            stands[step][one] += n
            if step == len(moves) - 1:
                stands[step + 1][other] += n
    columns = [_column(walked, counts, top, least) for counts in stands]
    flows: list[dict[tuple[int, int], int]] = []
    for step, layer in enumerate(moves):
        found: Counter[tuple[int, int]] = Counter()
        for (one, other), n in layer.items():
            found[_place(columns[step], one), _place(columns[step + 1], other)] += n
        flows.append(dict(found))
    return Bands(tuple(columns), tuple(flows), total)


def _column(walked: Walked, counts: Counter[str], top: int, least: int) -> Column:
    """Keep the most frequent nodes in the order of the journey; group the rest."""
    special = [name for name in (START, END, OPEN) if counts[name]]
    real = sorted((name for name in counts if name not in ENDS), key=lambda name: -counts[name])
    kept = [name for name in real if counts[name] >= least]
    most = top - len(special)
    if len(kept) < len(real) or len(kept) > most:
        kept = kept[: most - 1]
    order = {name: at for at, name in enumerate(walked.nodes.ids)}
    kept.sort(key=order.__getitem__)
    rest = [name for name in real if name not in kept]
    first = [START] if counts[START] else []
    names = [*first, *kept, *([OTHER] if rest else []), *(name for name in (END, OPEN) if counts[name])]
    numbers = [sum(counts[name] for name in rest) if name == OTHER else counts[name] for name in names]
    return Column(tuple(names), tuple(numbers), len(rest))


def _place(column: Column, name: str) -> int:
    return column.names.index(name if name in column.names else OTHER)
