"""A sample read once for many estimates: reading weights and design costs more than counting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from journey_lib.stats.estimate.cells import Cells, Estimate, Estimates, Kind, Options, Prepared
from journey_lib.stats.estimate.comparisons import of_pairs, quantile_of, two_domains
from journey_lib.stats.estimate.means import each_domain, of_each
from journey_lib.stats.inputs import Inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from journey_lib.stats.degrees import Degrees
    from journey_lib.stats.inputs import FloatArray, IntArray, Labels
    from journey_lib.stats.linearisation import Design, Lonely
    from journey_lib.stats.weights import Weights


class Sample:
    """Weights and design of the rows of a survey, checked once.

    Parameters
    ----------
    rows : int
        Number of rows everything estimated later must have.
    weights, strata, psu, fpc, calibration, lonely, level
        As in `mean`.
    degrees : {"design", "equivalent"}
        Degrees of freedom of means, NPS and differences: sampling units less strata, as in R, or at most as
        many as the weights leave (`stats.degrees.equivalent`). Intervals of shares stay as they are.

    Raises
    ------
    DataError, ParamError
        As in `mean`.

    Examples
    --------
    >>> sample = Sample(4, [1.0, 1.0, 2.0, 2.0])
    >>> sample.by_domain("mean", [1.0, 3.0, 5.0, 7.0], [0, 0, 1, 1], 2).estimate.tolist()
    [2.0, 6.0]
    """

    def __init__(
        self,
        rows: int,
        weights: npt.ArrayLike | None = None,
        *,
        strata: Labels | None = None,
        psu: Labels | Sequence[Labels] | None = None,
        fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
        calibration: Weights | None = None,
        lonely: Lonely = "error",
        level: float = 0.95,
        degrees: Degrees = "design",
    ) -> None:
        options = Options(weights, strata, psu, fpc, calibration, lonely, level)
        self._options = Prepared(options.design(Inputs(rows)), level)
        self._degrees: Degrees = degrees

    @property
    def design(self) -> Design:
        """How the rows were drawn and weighted, checked."""
        return self._options.made

    @property
    def weights(self) -> FloatArray:
        """Final weights of the rows."""
        return self._options.made.weights

    @property
    def level(self) -> float:
        """Confidence level of the intervals."""
        return self._options.level

    @property
    def degrees(self) -> Degrees:
        """Which degrees of freedom means, NPS, differences and tests take."""
        return self._degrees

    def by_domain(self, kind: Kind, y: npt.ArrayLike, codes: npt.ArrayLike, n_domains: int) -> Estimates:
        """Return what `estimate.by_domain` returns for this sample."""
        return each_domain(kind, y, codes, n_domains, self._options, self._degrees)

    def by_domain_of_each(
        self, kind: Kind, questions: Sequence[npt.ArrayLike], codes: npt.ArrayLike, n_domains: int
    ) -> list[Estimates]:
        """Return what `by_domain` returns for each of several questions, in a fraction of the time."""
        return of_each(kind, questions, codes, n_domains, self._options, self._degrees)

    def differences(
        self,
        questions: Sequence[FloatArray],
        codes: IntArray,
        n_domains: int,
        pairs: Sequence[tuple[int, int, int]],
    ) -> list[Estimate]:
        """Return what `difference` returns for means of many pairs, on equivalent degrees of freedom.

        A pair names the question by its place, and the first and the second domain, which share no rows.
        """
        return of_pairs(questions, codes, n_domains, pairs, self._options)

    def one(self, kind: Kind, y: npt.ArrayLike, domain: npt.ArrayLike) -> Estimate:
        """Return the estimate of a kind for the rows of one domain."""
        return self.by_domain(kind, y, np.where(np.asarray(domain, bool), 0, -1), 1).one(0)

    def median(self, y: npt.ArrayLike, domain: npt.ArrayLike) -> Estimate:
        """Return what `estimate.quantile` returns at one half for the rows of one domain."""
        answers = np.asarray(y, float)
        codes = np.where(np.asarray(domain, bool), 0, -1)
        cells = Cells.of(self._options.made, self.level, codes, ~np.isnan(answers), 1)
        return quantile_of(cells, answers, 0.5, "school")

    def difference(
        self,
        y: npt.ArrayLike,
        first: npt.ArrayLike,
        second: npt.ArrayLike,
        *,
        kind: Literal["mean", "proportion", "nps"] = "mean",
        degrees: Degrees | None = None,
    ) -> Estimate:
        """Return what `estimate.difference` returns for this sample; `degrees` as the sample has them."""
        return two_domains(y, first, second, kind, self._options, degrees or self._degrees)
