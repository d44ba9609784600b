"""What every part of the survey's weighted pass shares: the design, the cuts, and the shape of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from journey_lib.stats.estimate.cells import NO_SPREAD
from journey_lib.stats.weights import of as weights_of
from journey_lib.study.surveyed import panel, sample_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.estimate import Estimates, Sample
    from journey_lib.stats.weights import Weights
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study
    from journey_lib.study.questions import Item

INTERVAL = ("estimate", "std_error", "ci_low", "ci_high")
SHOWN = (*INTERVAL, "n", "n_effective")
Floats: TypeAlias = "npt.NDArray[np.float64]"
Block: TypeAlias = dict[str, Any]  # columns of some rows: arrays, or one value for all of them


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

    def estimated(
        self, items: Sequence[Item], codes: npt.NDArray[np.int64], n_domains: int, weighting: str = "weighted"
    ) -> list[Estimates]:
        """Return every item over the cells of one cut; those of one kind together, which is much faster."""
        found: dict[int, Estimates] = {}
        for kind in dict.fromkeys(item.kind for item in items):
            own = [at for at, item in enumerate(items) if item.kind == kind]
            scores = [items[at].scores for at in own]
            made = self.sample(weighting).by_domain_of_each(kind, scores, codes, n_domains)
            found |= dict(zip(own, made, strict=True))
        return [found[at] for at in range(len(items))]


def design_of(study: Study, data: Data, level: float) -> Design:
    """Return the design of the responses; people who answer in several waves are their own clusters."""
    rows = len(data.require("responses", by="survey"))
    weights = data.weights if data.weights is not None else weights_of(np.ones(rows))
    weighted, unweighted = (sample_of(study, data, level, weighted=use) for use in (True, False))
    return Design(weights, weighted, unweighted, level, panel(study, data))


def why(estimate: Floats, std_error: Floats, method: Iterable[str]) -> npt.NDArray[np.str_]:
    """Return why an estimate or its uncertainty is missing; "" where nothing is."""
    alike = [NO_SPREAD in words for words in method]
    doubt = np.where(alike, "no_spread", "too_few")
    return np.where(np.isnan(estimate), "no_answers", np.where(np.isnan(std_error), doubt, ""))


def keys(question: Question, metric: str, unit: str) -> Block:
    """Return what the rows of one number of a question have in common."""
    return {
        "metric": metric,
        "unit": unit,
        "question": question.id,
        "stage": question.stage,
        "touchpoint": question.touchpoint,
    }
