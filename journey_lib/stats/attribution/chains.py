"""Markov chains over channels: what would be lost if every way into a channel ended there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.attribution.paths import Counts, Floats, Ints, Paths, counted, encode, summed

if TYPE_CHECKING:
    import pandas as pd

DENSE = 500  # states; a larger system is solved sparsely
_SMOOTHING = 0.5  # Krichevsky and Trofimov: half a count for every step that could follow


def markov(
    paths: Sequence[Sequence[str]],
    conversions: Counts,
    nulls: Counts | None = None,
    *,
    values: Counts | None = None,
    order: int = 1,
) -> pd.DataFrame:
    """Return which channels the conversions would miss most, in a Markov chain of the paths.

    Parameters
    ----------
    paths : sequence of sequences of str
        Channels touched, first to last; the same path may stand in several rows.
    conversions, nulls : sequence of float
        How often each path ended in a conversion, and how often in none.
    values : sequence of float, optional
        Value of the conversions of each path; effects, shares and credits are then about value.
    order : int
        How many touches the chain remembers.

    Returns
    -------
    DataFrame
        One row a channel: `removal_effect`, `share`, `credit` and `note`, a reason code: `no_nulls` where no
        path failed, so that effects say only on how many paths a channel is; `no_conversions` beside NaN.
        `.attrs["rate"]` is the chain's conversion rate (value a path), `.attrs["states"]` their number.

    Raises
    ------
    ParamError
        For an empty path, counts that do not fit the paths, and an order below 1.

    Definition
    ----------
    States are the start, the last `order` channels (fewer at the beginning of a path), conversion and
    failure; steps are shares of counts. p is the chance of conversion from the start. To remove a channel,
    every step into a state that holds it leads to failure. Effect = 1 − p without it / p; shares are effects
    scaled to sum to 1; credits are shares of the conversions. The equations are solved, never simulated.

    Units and missing data
    ----------------------
    Effects and shares are 0–1. With all failed paths present p is the observed rate at every order.

    Source
    ------
    Anderl, E., Becker, I., von Wangenheim, F. and Schumann, J. (2016), Mapping the customer journey,
    International Journal of Research in Marketing 33. Compared with ChannelAttribution 2.2.5.

    Examples
    --------
    >>> found = markov([("ad", "mail"), ("ad",), ("mail",)], [2, 0, 1], [0, 1, 0])
    >>> found["removal_effect"].round(3).to_dict(), found.attrs["rate"]
    ({'ad': 0.667, 'mail': 1.0}, 0.75)
    """
    import pandas as pd

    encoded, names = encode(paths)
    sold, failed = (counted(c, len(encoded), w) for c, w in ((conversions, "conversions"), (nulls, "nulls")))
    worth = None if values is None else counted(values, len(encoded), "values")
    if order < 1:
        raise ParamError(Problem("order", f"{order}", "1 or more"))
    chain = steps(encoded, order)
    rate, effects = chain.removal(chain.count(sold, failed, worth), valued=worth is not None)
    total = effects.sum()
    share = effects / total if total > 0 else np.full(len(names), np.nan)
    known = "" if failed.sum() > 0 else "no_nulls"
    credit = share * (sold if worth is None else worth).sum()
    found = pd.DataFrame(
        {"removal_effect": effects, "share": share, "credit": credit,
         "note": known if total > 0 else "no_conversions"},
        index=pd.Index(names, name="channel"),
    )  # fmt: skip
    found.attrs = {"rate": float(rate), "states": len(chain.states)}
    return found


def choose_order(
    paths: Sequence[Sequence[str]],
    conversions: Counts,
    nulls: Counts,
    *,
    orders: Sequence[int] = (1, 2, 3),
    folds: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how well chains of several orders foretell paths they have not seen.

    Parameters
    ----------
    paths : sequence of sequences of str
        Channels touched, first to last.
    conversions, nulls : sequence of whole numbers
        How often each path ended in a conversion, and how often in none.
    orders : sequence of int
        Orders to compare.
    folds : int
        Parts the paths are dealt into; each is foretold from the others.
    seed : int
        Of the dealing.

    Returns
    -------
    DataFrame
        One row an order: `log_likelihood` a path (higher is better), `states`, and `best`.

    Raises
    ------
    ParamError
        For an empty path or counts that do not fit the paths.

    Definition
    ----------
    Each step's chance is (count + ½) / (total + ½ × steps possible), so that an unseen step costs much and
    not everything. In-sample fit always favours the higher order; this does not.

    Source
    ------
    Krichevsky, R. and Trofimov, V. (1981), IEEE Transactions on Information Theory 27 (the half count).

    Examples
    --------
    >>> paths = [("a", "b"), ("b", "a"), ("a", "a")]
    >>> bool(choose_order(paths, [40, 0, 20], [0, 40, 20], orders=(1, 2))["best"].loc[2])
    True
    """
    import pandas as pd

    encoded, _ = encode(paths)
    sold, failed = (counted(c, len(encoded), w) for c, w in ((conversions, "conversions"), (nulls, "nulls")))
    scores = foretold(encoded, sold, failed, orders, folds, seed)
    found = pd.DataFrame(scores, columns=["log_likelihood", "states"], index=pd.Index(orders, name="order"))
    return found.assign(best=found["log_likelihood"] == found["log_likelihood"].max())


@dataclass(frozen=True, eq=False)
class Steps:
    """Every step of some paths in a chain, and the states it leads between.

    Attributes
    ----------
    keys : ndarray of int64
        The distinct steps: state × (channels + 3) + what follows: a channel, conversion, failure, value.
    step, path, kind : ndarray of int64
        For each step taken: which one, on which path, and whether every path takes it (0), or only those that
        convert (1), fail (2), or bring value (3).
    n_channels, order : int
        Of the chain.
    """

    keys: Ints
    step: Ints
    path: Ints
    kind: Ints
    n_channels: int
    order: int

    @property
    def states(self) -> Ints:
        """Codes of the states that occur, without the start."""
        found = np.unique(self.keys // (self.n_channels + 3))
        return found[found > 0]

    def count(self, sold: Floats, failed: Floats, worth: Floats | None = None) -> Floats:
        """Return how often each step is taken; the arguments have a row a path and may have columns."""
        total = np.zeros((len(self.keys), *sold.shape[1:]))
        for kind, weights in enumerate((sold + failed, sold, failed, worth)):
            here = self.kind == kind
            if weights is not None and here.any():
                total += summed(weights[self.path[here]], self.step[here], len(self.keys))
        return total

    def removal(self, counts: Floats, *, valued: bool = False) -> tuple[Floats, Floats]:
        """Return conversion rate (or value a path) and the removal effect of each channel."""
        return removal(self.keys, counts, self.n_channels, valued=valued)


def steps(paths: Paths, order: int) -> Steps:
    """Return the steps of paths in a chain of an order.

    Raises
    ------
    ParamError
        If channels and order make more states than a number can tell apart.
    """
    base, width = paths.n_channels + 1, paths.n_channels + 3
    if base**order * width >= 2**62:
        raise ParamError(Problem("order", f"{order} with {base - 1} channels", "fewer states"))
    state = np.zeros(len(paths.codes), dtype=np.int64)
    for back in range(order):
        reach = np.flatnonzero(paths.place >= back)
        state[reach] += (paths.codes[reach - back] + 1) * base**back
    inner = np.flatnonzero(np.diff(paths.path) == 0)
    ends = [state[paths.last] * width + paths.n_channels + kind for kind in range(3)]
    keys = [paths.codes[paths.first], state[inner] * width + paths.codes[inner + 1], *ends]
    every = np.arange(len(paths))
    owner = [every, paths.path[inner], every, every, every]
    kind = np.repeat([0, 0, 1, 2, 3], [len(part) for part in keys])
    distinct, step = np.unique(np.concatenate(keys), return_inverse=True)
    return Steps(distinct, step, np.concatenate(owner), kind, paths.n_channels, order)


def removal(keys: Ints, counts: Floats, n_channels: int, *, valued: bool = False) -> tuple[Floats, Floats]:
    """Return the conversion rate of a chain, and what each channel's removal takes from it.

    Parameters
    ----------
    keys : ndarray of int64
        Steps as `Steps` codes them.
    counts : ndarray
        How often each is taken; one column a draw.
    n_channels : int
        Number of channels.
    valued : bool
        Whether value is lost rather than conversions.

    Returns
    -------
    rate, effects : ndarray
        One of each a draw; effects are NaN where nothing converts.
    """
    flat = counts.ndim == 1
    draws = counts[:, None] if flat else counts
    width = n_channels + 3
    state, follows = keys // width, keys % width
    known = np.unique(state[state > 0])
    chain = _Chain(known, state, follows, draws, n_channels, valued=valued)
    rate = chain.rate(np.zeros(len(known), dtype=bool))
    effects = np.full((n_channels, draws.shape[1]), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        for channel in range(n_channels):
            effects[channel] = 1 - chain.rate(_holds(known, channel, n_channels)) / rate
    effects[:, ~(rate > 0)] = np.nan
    effects = np.where(np.abs(effects) < 1e-14, 0, effects)
    return (rate[0], effects[:, 0]) if flat else (rate, effects)


def foretold(
    paths: Paths, sold: Floats, failed: Floats, orders: Sequence[int], folds: int, seed: int
) -> list[tuple[float, int]]:
    """Return log-likelihood a path out of sample, and number of states, for each order."""
    rng = np.random.default_rng(seed)
    dealt = [rng.multinomial(np.rint(c).astype(np.int64), np.full(folds, 1 / folds)).astype(float)
             for c in (sold, failed)]  # fmt: skip
    scores = []
    for order in orders:
        chain = steps(paths, order)
        test = chain.count(*dealt)
        train = test.sum(axis=1, keepdims=True) - test
        owner = np.unique(chain.keys // (paths.n_channels + 3), return_inverse=True)[1]
        room = summed(train, owner, int(owner.max(initial=-1)) + 1)[owner]
        chance = (train + _SMOOTHING) / (room + _SMOOTHING * (paths.n_channels + 2))
        total = float((test * np.log(chance)).sum())
        scores.append((total / max(float(sum(part.sum() for part in dealt)), 1.0), len(chain.states)))
    return scores


def _holds(states: Ints, channel: int, n_channels: int) -> np.ndarray:
    """Tell which states hold a channel."""
    held, rest = np.zeros(len(states), dtype=bool), states.copy()
    while rest.any():
        held |= rest % (n_channels + 1) == channel + 1
        rest //= n_channels + 1
    return held


class _Chain:
    """Step shares of every draw, ready to be solved with some states taken out."""

    def __init__(
        self, known: Ints, state: Ints, follows: Ints, counts: Floats, n_channels: int, *, valued: bool
    ) -> None:
        self.known, self.n_draws = known, counts.shape[1]
        base = n_channels + 1
        inner = follows < n_channels
        after = self._after(state, follows, base)
        row = np.searchsorted(known, state)
        leaves = follows < n_channels + 2
        out = summed(counts[leaves], np.where(state > 0, row + 1, 0)[leaves], len(known) + 1)
        share = counts / np.where(out > 0, out, 1)[np.where(state > 0, row + 1, 0)]
        start = inner & (state == 0)
        self.start = np.zeros((len(known), self.n_draws))
        self.start[after[start]] = share[start]
        moves = inner & (state > 0)
        self.rows, self.columns, self.moves = row[moves], after[moves], share[moves]
        wins = (follows == n_channels + (2 if valued else 0)) & (state > 0)
        self.wins = np.zeros((len(known), self.n_draws))
        self.wins[row[wins]] = share[wins]

    def _after(self, state: Ints, follows: Ints, base: int) -> Ints:
        """Return the place of the state that each step leads to; the oldest channel drops out."""
        longest = int(self.known.max(initial=0))
        size = base
        while size <= longest:
            size *= base
        return np.searchsorted(self.known, (state * base) % size + follows + 1)

    def rate(self, removed: np.ndarray) -> Floats:
        """Return the chance of conversion in each draw when the way into the removed states is failure."""
        kept = ~removed
        place = np.cumsum(kept) - 1
        inside = kept[self.rows] & kept[self.columns]
        rows, columns = place[self.rows[inside]], place[self.columns[inside]]
        start, wins, moves = self.start[kept], self.wins[kept], self.moves[inside]
        solve = _solved if len(wins) <= DENSE else _solved_sparsely
        return np.asarray((start * solve(rows, columns, moves, wins)).sum(axis=0), dtype=float)


def _solved(rows: Ints, columns: Ints, moves: Floats, wins: Floats) -> Floats:
    """Return the chance of conversion from each state: (I − Q) x = R, all draws at once."""
    n, draws = wins.shape
    chances = np.empty_like(wins)
    block = max(1, 20_000_000 // max(n * n, 1))
    for low in range(0, draws, block):
        here = slice(low, min(low + block, draws))
        system = np.zeros((here.stop - low, n, n))
        system[:, rows, columns] = -moves[:, here].T
        system[:, np.arange(n), np.arange(n)] += 1
        chances[:, here] = np.linalg.solve(system, wins[:, here].T[..., None])[..., 0].T
    return chances


def _solved_sparsely(rows: Ints, columns: Ints, moves: Floats, wins: Floats) -> Floats:
    from scipy.sparse import csc_array, eye_array
    from scipy.sparse.linalg import spsolve

    n, draws = wins.shape
    chances = np.empty_like(wins)
    for draw in range(draws):
        inner = csc_array((moves[:, draw], (rows, columns)), shape=(n, n))
        chances[:, draw] = spsolve((eye_array(n) - inner).tocsc(), wins[:, draw])
    return chances
