"""The weighted pass: every item over all respondents, each wave and each group, weighted and unweighted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from journey_lib.measures.survey import kinds
from journey_lib.present.vocabulary import NUMBERS
from journey_lib.stats import multiplicity
from journey_lib.stats.estimate.cells import NO_SPREAD
from journey_lib.stats.inference import two_sided_p
from journey_lib.stats.weights import of as weights_of
from journey_lib.study.questions import Item, code_of, items, main_metric, points
from journey_lib.study.surveyed import panel, sample_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.estimate import Sample
    from journey_lib.stats.weights import Weights
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

WEIGHTINGS = ("weighted", "unweighted")
_INTERVAL = ("estimate", "std_error", "ci_low", "ci_high")
Floats: TypeAlias = "npt.NDArray[np.float64]"
Block: TypeAlias = dict[str, Any]  # columns of some rows: arrays, or one value for all of them
NO_ANSWER = ("no_answer", "refused", "dont_know", "not_used")


@dataclass(frozen=True)
class Cells:
    """One way to cut the respondents: a code for each row (-1 = in no cell) and the cells' names."""

    column: str
    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Design:
    """What travels into every estimate: weights, sampling design, calibration and level, read once.

    Attributes
    ----------
    weights : Weights
        Final and starting weights, with the margins they were raked to.
    weighted, unweighted : Sample
        The same design with the weights, and with every answer counting once.
    level : float
        Confidence level.
    panel : bool
        Some people answered in several waves and are clusters.
    """

    weights: Weights
    weighted: Sample
    unweighted: Sample
    level: float
    panel: bool = False

    def sample(self, weighting: str) -> Sample:
        """Return the sample of one weighting."""
        return self.weighted if weighting == "weighted" else self.unweighted


@dataclass(frozen=True)
class Counted:
    """Rows of the table, and the arrays the checks look at again."""

    rows: pd.DataFrame
    design: Design
    mask: npt.NDArray[np.bool_] = field(repr=False)
    groups: tuple[str, ...] = ()


def count(study: Study, data: Data, waves: Sequence[str], *, by: str, wave: str, level: float) -> Counted:
    """Return every number of the survey report as tidy rows.

    Parameters
    ----------
    study, data : Study, Data
        The study and its loaded answers.
    waves : sequence of str
        Wave names in order.
    by : str
        Column whose values split the result; "" for none.
    wave : str
        Wave the totals and groups are about; "" pools all waves. Wave rows are always given.
    level : float
        Confidence level.
    """
    frame = data.require("responses", by="survey")
    in_wave = frame["wave"].astype(str).to_numpy()
    mask = data.mask()
    here = mask & ((in_wave == wave) if wave else True)
    cuts = [Cells("", np.where(here, 0, -1), ("",))]
    if len(waves) > 1:  # the wave of the totals has its rows already
        cuts.append(_cells("wave", in_wave, mask, [w for w in waves if w != wave]))
    if by:
        values = np.asarray([code_of(v) for v in data.column(by)], dtype=object)
        cuts.append(_cells("group", values, here & (values != ""), sorted(set(values[here]) - {""})))
    design = design_of(study, data, level)
    blocks = [*_estimated(study, data, cuts, design, wave), *_changes(study, data, waves, mask, design)]
    blocks += _unanswered(study, data, here, wave)
    groups = cuts[-1].names if by else ()
    return Counted(_stacked(blocks), design, here, groups)


def design_of(study: Study, data: Data, level: float) -> Design:
    """Return the design of the responses; people who answer in several waves are their own clusters."""
    rows = len(data.require("responses", by="survey"))
    weights = data.weights if data.weights is not None else weights_of(np.ones(rows))
    weighted, unweighted = (sample_of(study, data, level, weighted=use) for use in (True, False))
    return Design(weights, weighted, unweighted, level, panel(study, data))


def _cells(column: str, values: npt.NDArray[Any], mask: npt.NDArray[np.bool_], names: Sequence[str]) -> Cells:
    codes = pd.Index(list(names)).get_indexer(pd.Index(values)).astype(np.int64)
    return Cells(column, np.where(mask, codes, -1), tuple(names))


def _estimated(study: Study, data: Data, cuts: Sequence[Cells], design: Design, wave: str) -> Iterator[Block]:
    for item in chain(items(study, data), kinds.items(study, data)):
        for cut in cuts:
            if item.metric in ("level", "bottom2") and cut.column:
                continue
            for weighting in WEIGHTINGS:
                if item.metric == "level" and weighting == "unweighted":
                    continue
                yield _rows(item, cut, weighting, design, wave)


def _rows(item: Item, cut: Cells, weighting: str, design: Design, wave: str) -> Block:
    found = design.sample(weighting).by_domain(item.kind, item.scores, cut.codes, len(cut.names))
    return {
        **_keys(item.question, item.metric, item.unit),
        **{name: getattr(found, name) for name in (*_INTERVAL, "n", "n_effective")},
        **kinds.finished(item, found),
        "ci_level": design.level,
        "note": _why(found.estimate, found.std_error, found.method),
        "option": item.option,
        "weighting": weighting,
        "wave": np.asarray(cut.names, object) if cut.column == "wave" else wave,
        "group": np.asarray(cut.names, object) if cut.column == "group" else "",
    }


def _why(estimate: Floats, std_error: Floats, method: Iterable[str]) -> npt.NDArray[np.str_]:
    """Return why an estimate or its uncertainty is missing; "" where nothing is."""
    alike = [NO_SPREAD in words for words in method]
    doubt = np.where(alike, "no_spread", "too_few")
    return np.where(np.isnan(estimate), "no_answers", np.where(np.isnan(std_error), doubt, ""))


def _keys(question: Question, metric: str, unit: str) -> Block:
    return {
        "metric": metric,
        "unit": unit,
        "question": question.id,
        "stage": question.stage,
        "touchpoint": question.touchpoint,
    }


def _stacked(blocks: Sequence[Block]) -> pd.DataFrame:
    """Return blocks as one frame, column by column: a frame a block would cost more than the counting."""
    lengths = [len(block["estimate"]) for block in blocks]
    names = dict.fromkeys(name for block in blocks for name in block)
    blank = {name: np.nan if name in NUMBERS else "" for name in names}
    columns = {
        name: np.concatenate(
            [
                np.broadcast_to(np.asarray(block.get(name, blank[name])), n)
                for block, n in zip(blocks, lengths, strict=True)
            ]
        )
        for name in names
    }
    return pd.DataFrame(columns)


def _changes(
    study: Study, data: Data, waves: Sequence[str], mask: npt.NDArray[np.bool_], design: Design
) -> Iterator[Block]:
    """Compare each wave with the one before, both in one linearisation; Holm over the waves of a question."""
    in_wave = data.require("responses", by="survey")["wave"].astype(str).to_numpy()
    if len(waves) < 2:
        return
    for item in items(study, data):
        if item.metric == main_metric(item.question):
            answered = set(in_wave[mask & ~np.isnan(item.scores)])
            yield _compared(item, _pairs(waves, answered), in_wave, mask, design)


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


def _compared(
    item: Item,
    pairs: Sequence[tuple[str, str]],
    in_wave: npt.NDArray[Any],
    mask: npt.NDArray[np.bool_],
    design: Design,
) -> Block:
    scores = points(item.scores) if item.kind == "nps" else item.scores
    compare = design.weighted.difference
    found = [
        compare(scores, (in_wave == b) & mask, (in_wave == a) & mask, degrees="equivalent") for a, b in pairs
    ]
    block: Block = {
        name: np.array([getattr(f, name) for f in found]) for name in (*_INTERVAL, "n", "n_effective")
    }
    return {
        **_keys(item.question, "change", "share_points" if item.unit == "share" else item.unit),
        **block,
        "p_value": multiplicity.holm([two_sided_p(f.estimate, f.std_error, f.df) for f in found]),
        "ci_level": design.level,
        "note": _why(block["estimate"], block["std_error"], [f.method for f in found]),
        "weighting": "weighted",
        "wave": np.asarray([b for _, b in pairs], object),
        "comparison": np.asarray([a for a, _ in pairs], object),
    }


def _unanswered(study: Study, data: Data, here: npt.NDArray[np.bool_], wave: str) -> Iterator[Block]:
    """Give the share without a valid answer among those asked, by reason."""
    missing = pd.DataFrame() if data.missing is None else data.missing
    for question in study.questions:
        if question.id not in missing or question.kind == "text":
            continue
        reasons = missing[question.id].astype(str).to_numpy()[here]
        asked = int((reasons != "not_asked").sum())
        counts = {reason: int((reasons == reason).sum()) for reason in NO_ANSWER}
        counts = {"": counts["no_answer"] + counts["refused"], **{r: c for r, c in counts.items() if c}}
        yield {
            **_keys(question, "item_nonresponse", "share"),
            "option": np.asarray(list(counts), object),
            "estimate": np.array([c / asked if asked else np.nan for c in counts.values()]),
            "n": asked,
            "n_effective": float(asked),
            "note": "" if asked else "no_answers",
            "weighting": "unweighted",
            "wave": wave,
        }
