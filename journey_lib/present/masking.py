"""Which cells others may not see: the small ones, and those that would give a small one away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.present.vocabulary import KEYS, NUMBERS

if TYPE_CHECKING:
    import numpy.typing as npt

# A total is shown beside the parts of each of these; with one part hidden, the total would give it away.
_PARTS = ("group", "wave")
_CONCEALED = [name for name in NUMBERS if name != "ci_level"]


def suppressed(table: pd.DataFrame, min_cell: int) -> npt.NDArray[np.bool_]:
    """Tell which rows of a result are hidden when it is shown.

    Parameters
    ----------
    table : DataFrame
        Rows in the result vocabulary, with `n` the unweighted base.
    min_cell : int
        Smallest base that may be shown.

    Returns
    -------
    ndarray of bool
        True where the row is masked.

    Definition
    ----------
    A row with 0 < n < `min_cell` is hidden. Where exactly one part of a shown total is hidden, it could be
    had by subtraction, so the smallest other part is hidden too (complementary suppression), until nothing
    changes. A comparison of two waves is hidden when one of them is.

    Examples
    --------
    >>> parts = pd.DataFrame({"group": ["", "a", "b", "c"], "n": [100, 4, 36, 60]})
    >>> suppressed(parts, 10).tolist()
    [False, True, True, False]
    """
    n = table["n"].to_numpy(float)
    hidden = np.asarray((n > 0) & (n < min_cell), dtype=bool)
    families = [_families(table, part) for part in _PARTS if part in table]
    settled = False
    while not settled:
        before = hidden.sum()
        for codes, is_part in families:
            hidden |= _complement(codes, is_part, n, hidden)
        settled = hidden.sum() == before
    return hidden | _comparisons(table, hidden)


def conceal(table: pd.DataFrame, where: npt.NDArray[np.bool_], note: str | npt.NDArray[np.object_]) -> None:
    """Empty the numbers of some rows, in place, and note why: the same for all, or for each its own."""
    table.loc[where, _CONCEALED] = np.nan
    table.loc[where, "note"] = note


def small_cells(
    people: npt.NDArray[np.integer], min_cell: int, *, exclusive: bool = True
) -> npt.NDArray[np.bool_]:
    """Tell which cells of a table of shares are hidden because few people stand behind them.

    Parameters
    ----------
    people : ndarray of int, options × (groups + 1)
        Different people in each cell; the last column is everybody.
    min_cell : int
        Fewest people behind a shown share.
    exclusive : bool
        Whether the shares of a group add up to 1.

    Returns
    -------
    ndarray of bool
        True where the cell is hidden.

    Definition
    ----------
    A cell with 0 < people < `min_cell` is hidden; 0 is shown, because it names nobody. Where one cell of an
    option is hidden and its total shown, or one option of a group whose shares add up to 1, subtraction would
    give it away: another cell that is not 0 is hidden too, the smallest of those whose own line hides one
    already, else the smallest, until nothing changes.

    Examples
    --------
    >>> small_cells(np.array([[40, 3, 43], [25, 30, 55], [60, 12, 72]]), 10).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    """
    hidden = (people > 0) & (people < min_cell)
    settled = False
    while not settled:
        before = hidden.sum()
        for row in range(len(people)):
            if not hidden[row, -1]:
                crossed = np.asarray(hidden[:, :-1].any(axis=0) & exclusive)
                _hide_another(hidden[row, :-1], people[row, :-1], crossed)
        for column in range(people.shape[1] if exclusive else 0):
            _hide_another(hidden[:, column], people[:, column], np.asarray(hidden[:, :-1].any(axis=1)))
        settled = bool(hidden.sum() == before)
    return hidden


def _hide_another(
    hidden: npt.NDArray[np.bool_], people: npt.NDArray[np.integer], crossed: npt.NDArray[np.bool_]
) -> None:
    """Hide another cell of a line with one hidden cell; the line is changed in place."""
    others = np.flatnonzero(~hidden & (people > 0))
    if hidden.sum() == 1 and others.size:
        hidden[others[np.lexsort((people[others], ~crossed[others]))[0]]] = True


def _families(table: pd.DataFrame, part: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Give rows that differ in `part` alone one number, and mark parts against totals."""
    keys = [name for name in KEYS if name != part and name in table]
    codes = (
        table.groupby(keys, sort=False, dropna=False).ngroup().to_numpy().astype(np.int64)
        if keys
        else np.zeros(len(table), np.int64)
    )
    is_part = np.asarray(table[part].astype(str) != "", dtype=bool)
    return codes, is_part


def _comparisons(table: pd.DataFrame, hidden: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark comparisons with a hidden wave: beside the other wave they would give it away."""
    none = np.zeros(len(table), bool)
    if not {"wave", "comparison"} <= set(table.columns):
        return none
    keys = [name for name in KEYS if name not in ("metric", "wave", "comparison") and name in table]
    compares = (table["comparison"].astype(str) != "").to_numpy()
    sides = [pd.MultiIndex.from_frame(table[[*keys, side]]) for side in ("wave", "comparison")]
    secret = sides[0][hidden & ~compares]
    told = sides[0].isin(secret) | sides[1].isin(secret)
    return np.asarray(compares & told, dtype=bool)


def _complement(
    codes: npt.NDArray[np.int64],
    is_part: npt.NDArray[np.bool_],
    n: npt.NDArray[np.float64],
    hidden: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Hide the smallest shown part of each family with one hidden part and a shown total."""
    size = int(codes.max(initial=-1)) + 1
    alone = np.bincount(codes[is_part & hidden], minlength=size) == 1
    total_shown = np.bincount(codes[~is_part & ~hidden], minlength=size) > 0
    candidate = is_part & ~hidden & (n > 0) & (alone & total_shown)[codes]
    chosen = np.zeros(len(codes), bool)
    order = np.flatnonzero(candidate)[np.argsort(n[candidate], kind="stable")]
    first = order[np.unique(codes[order], return_index=True)[1]]
    chosen[first] = True
    return chosen
