"""Waves compared: with the one before, the first and their mean; people who stayed; and straight lines."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.measures.survey.design import INTERVAL, Block, Design, Floats, keys, why
from journey_lib.stats import multiplicity
from journey_lib.stats.estimate import Estimate, Joint, joint
from journey_lib.stats.estimate.joint import FEWEST
from journey_lib.stats.inference import two_sided_p
from journey_lib.study.questions import Item, items, main_metric, points

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

    Mask = npt.NDArray[np.bool_]
    Codes = npt.NDArray[np.intp]

BROKEN, SMALL = "broken_series", "small_wave"


@dataclass(frozen=True, eq=False)
class Series:
    """The main number of one question over the waves.

    Attributes
    ----------
    item : Item
        The question's main number.
    scores : ndarray
        One score a row, NaN outside the segment.
    codes : ndarray of int
        Wave of each row by its place.
    waves : tuple of str
        Names of the waves in order.
    runs : tuple of int
        For each wave, how often wording or scale had changed by then: waves of one run can be compared.
    """

    item: Item
    scores: Floats = field(repr=False)
    codes: Codes = field(repr=False)
    waves: tuple[str, ...]
    runs: tuple[int, ...]
    design: Design = field(repr=False)

    @cached_property
    def joint(self) -> Joint:
        """Means of all waves with their covariance."""
        return joint(self.design.weighted, self.scores, self.codes, len(self.waves))

    @cached_property
    def answered(self) -> list[int]:
        """Places of the waves with answers."""
        counted = ~np.isnan(self.scores) & (self.codes >= 0)
        return sorted(set(self.codes[counted].tolist()))

    def of_run(self, run: int) -> list[int]:
        """Places of the waves of one run that hold answers."""
        return [place for place in self.answered if self.runs[place] == run]

    @property
    def lasting(self) -> list[list[int]]:
        """Runs of at least three waves with answers: fewer have no mean and no line of their own."""
        runs = [self.of_run(run) for run in dict.fromkeys(self.runs)]
        return [run for run in runs if len(run) >= FEWEST]


def compared(study: Study, data: Data, waves: Sequence[str], mask: Mask, design: Design) -> Iterator[Block]:
    """Yield every comparison of waves of every question.

    Definition
    ----------
    `change`: each wave with the one before, `since_first` with the first, `from_mean` with the mean of all
    waves; `paired_change`: people who answered in both waves, each with themselves; `trend`: a straight line
    through the waves. All from one linearisation; p-values after Holm over the waves of a question, for
    trends over the questions. Nothing is compared across a change of wording or scale (`changed`).
    """
    if len(waves) < 2:
        return
    frame = data.require("responses", by="survey")
    wave = frame["wave"].astype(str).to_numpy()
    codes = pd.Index(list(waves)).get_indexer(pd.Index(wave)).astype(np.intp)
    known = [_series(item, waves, np.where(mask, codes, -1), design) for item in _main(study, data)]
    partners = _partners(frame["respondent_id"], codes)
    small = study.thresholds.min_cell
    for series, changes in zip(known, _neighbours(known), strict=True):
        yield changes
        for run in series.lasting:
            yield _since_first(series, run)
            yield _from_mean(series, run, small)
        if partners:
            yield from _paired(series, partners)
    yield from _trends(known, small)


def runs(question: Question, waves: Sequence[str]) -> tuple[int, ...]:
    """Return how often a question's wording or scale had changed by each wave.

    Examples
    --------
    >>> from journey_lib.study.definition import Question
    >>> runs(Question(id="q", kind="csat", changed=("2017",)), ["2015", "2016", "2017", "2018"])
    (0, 0, 1, 1)
    """
    return tuple(np.cumsum([wave in question.changed for wave in waves]).tolist())


def unknown_changes(study: Study, waves: Sequence[str]) -> None:
    """Refuse a change of wording in a wave that the answers do not have."""
    problems = [
        Problem(
            f"[[questions]] '{q.id}', key 'changed'", f"'{wave}' is not a wave of this study",
            ", ".join(waves), nearest(wave, waves),
        )
        for q in study.questions
        for wave in q.changed
        if wave not in waves
    ]  # fmt: skip
    if problems:
        raise ParamError(problems)


def _main(study: Study, data: Data) -> Iterator[Item]:
    return (item for item in items(study, data) if item.metric == main_metric(item.question))


def _series(item: Item, waves: Sequence[str], codes: Codes, design: Design) -> Series:
    scores = points(item.scores) if item.kind == "nps" else item.scores
    inside = np.where(codes >= 0, scores, np.nan)
    return Series(item, inside, codes, tuple(waves), runs(item.question, waves), design)


def _neighbours(known: Sequence[Series]) -> Iterator[Block]:
    """Compare each wave with the one before; all questions in one pass, which is much faster."""
    names = known[0].waves
    pairs = [_pairs(names, {names[at] for at in series.answered}) for series in known]
    place = {name: at for at, name in enumerate(names)}
    sides = [(at, place[b], place[a]) for at, own in enumerate(pairs) for a, b in own]
    made = iter(
        known[0].design.weighted.differences([s.scores for s in known], known[0].codes, len(names), sides)
    )
    for series, own in zip(known, pairs, strict=True):
        same = [series.runs[place[a]] == series.runs[place[b]] for a, b in own]
        found = [one if alike else _nothing(one) for alike, one in zip(same, made, strict=False)]
        notes = ["" if alike else BROKEN for alike in same]
        yield _block(series, "change", found, [b for _, b in own], [a for a, _ in own], notes)


def _pairs(waves: Sequence[str], answered: Collection[str]) -> list[tuple[str, str]]:
    """Pair each wave with the last one before it that holds answers; with its neighbour where none does.

    Examples
    --------
    >>> _pairs(["1", "2", "3"], {"1", "3"})
    [('1', '2'), ('1', '3')]
    """
    pairs, last = [], waves[0]
    for before, wave in pairwise(waves):
        last = before if before in answered or last not in answered else last
        pairs.append((last, wave))
    return pairs


def _since_first(series: Series, run: Sequence[int]) -> Block:
    found = series.joint.contrasts([_factors(series, {place: 1.0, run[0]: -1.0}) for place in run[1:]])
    names = [series.waves[place] for place in run[1:]]
    return _block(series, "since_first", found, names, [series.waves[run[0]]] * len(names))


def _from_mean(series: Series, run: Sequence[int], min_cell: int) -> Block:
    """Compare each wave with the mean of all; not beside a masked wave, which the mean would give away."""
    share = 1 / len(run)
    found = series.joint.contrasts(
        [_factors(series, {p: (p == place) - share for p in run}) for place in run]
    )
    notes = [SMALL if _gives_away(series, run, min_cell) else ""] * len(run)
    found = [_nothing(f) if note else f for f, note in zip(found, notes, strict=True)]
    return _block(series, "from_mean", found, [series.waves[p] for p in run], ["mean"] * len(run), notes)


def _trends(known: Sequence[Series], min_cell: int) -> Iterator[Block]:
    """Yield the straight line through each run of waves; Holm over all of them."""
    made = []
    for series in known:
        for run in series.lasting:
            codes = np.where(np.isin(series.codes, run), series.codes, -1)
            own = series if run == series.answered else replace(series, codes=codes)
            line = own.joint.trend()
            hidden = _gives_away(series, run, min_cell)
            slope = _nothing(line.slope) if hidden else line.slope
            note = SMALL if hidden else ""
            made.append((series, run, slope, note, math.nan if hidden else line.p_straight))
    adjusted = multiplicity.holm([two_sided_p(s.estimate, s.std_error, s.df) for _, _, s, _, _ in made])
    for (series, run, slope, note, straight), p in zip(made, adjusted, strict=True):
        ends = [series.waves[run[-1]]], [series.waves[run[0]]]
        yield {**_block(series, "trend", [slope], *ends, [note]), "p_value": p}
        fit = replace(_nothing(slope), estimate=straight)
        yield {
            **_block(series, "trend_fit", [fit], *ends, [note]), "unit": "score",
            "note": note or ("" if math.isfinite(straight) else "too_few"),
        }  # fmt: skip


def _gives_away(series: Series, run: Sequence[int], min_cell: int) -> bool:
    return bool((series.joint.n[list(run)] < min_cell).any())


def _partners(respondent: pd.Series[Any], codes: Codes) -> dict[tuple[int, int], Codes]:
    """Return for pairs of neighbouring waves the row of each later answer's person in the earlier wave."""
    if not respondent.duplicated().any():
        return {}
    who, found, rows = respondent.astype(str).to_numpy(), {}, np.arange(len(respondent))
    places = sorted(set(codes[codes >= 0].tolist()))
    for before, after in pairwise(places):
        earlier, later = rows[codes == before], rows[codes == after]
        known = pd.Series(earlier, index=who[earlier])
        known = known[~known.index.duplicated()]
        at = known.index.get_indexer(pd.Index(who[later]))
        partner = np.full(who.size, -1, np.intp)
        partner[later[at >= 0]] = known.to_numpy()[at[at >= 0]]
        found[before, after] = partner
    return found


def _paired(series: Series, partners: dict[tuple[int, int], Codes]) -> Iterator[Block]:
    """Compare people who answered in two neighbouring waves with themselves."""
    usable = {pair: rows for pair, rows in partners.items() if series.runs[pair[0]] == series.runs[pair[1]]}
    moved, codes = np.full(series.scores.size, np.nan), np.full(series.scores.size, -1, np.intp)
    for place, ((_, after), partner) in enumerate(usable.items()):
        here = np.flatnonzero((partner >= 0) & (series.codes == after))
        moved[here] = series.scores[here] - series.scores[partner[here]]
        codes[here] = place
    if usable:
        made = series.design.weighted.by_domain("mean", moved, codes, len(usable))
        names = [[series.waves[pair[side]] for pair in usable] for side in (1, 0)]
        yield _block(series, "paired_change", [made.one(at) for at in range(len(usable))], *names)


def _factors(series: Series, wanted: dict[int, float]) -> Floats:
    factors = np.zeros(len(series.waves))
    for place, factor in wanted.items():
        factors[place] = factor
    return factors


def _nothing(found: Estimate) -> Estimate:
    nan = math.nan
    return replace(found, estimate=nan, std_error=nan, ci_low=nan, ci_high=nan)


def _block(
    series: Series,
    metric: str,
    found: Sequence[Estimate],
    waves: Sequence[str],
    comparisons: Sequence[str],
    notes: Sequence[str] = (),
) -> Block:
    """Return comparisons of one question as rows; p-values after Holm over them."""
    unit = series.item.unit
    block: Block = {
        name: np.array([getattr(f, name) for f in found]) for name in (*INTERVAL, "n", "n_effective")
    }
    reasons = why(block["estimate"], block["std_error"], [f.method for f in found])
    given = np.asarray(notes if notes else [""] * len(found), object)
    return {
        **keys(series.item.question, metric, "share_points" if unit == "share" else unit),
        **block,
        "p_value": multiplicity.holm([two_sided_p(f.estimate, f.std_error, f.df) for f in found]),
        "ci_level": series.design.level,
        "note": np.where(given == "", reasons, given),
        "weighting": "weighted",
        "wave": np.asarray(waves, object),
        "comparison": np.asarray(comparisons, object),
    }
