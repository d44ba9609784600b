"""Rows of a result's table as plain values, for words, figures and tables that speak about one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from journey_lib.present.vocabulary import HIDDEN, NUMBERS, WITHHELD
from journey_lib.present.wording import Quantity

if TYPE_CHECKING:
    import pandas as pd

Columns: TypeAlias = Mapping[str, Any]  # columns of some rows: arrays, or one value for all of them


@dataclass(frozen=True)
class Number:
    """One row of the table; without arguments, a row the table does not have.

    Attributes
    ----------
    metric, question, option, stage, touchpoint, segment, group, wave, comparison, weighting : str
        What it is about, in the words of the table.
    unit, note : str
        Unit of the estimate, and why it is missing or hidden.
    estimate, std_error, ci_low, ci_high, p_value, n, n_effective : float
        NaN where there is none.
    """

    metric: str = ""
    question: str = ""
    option: str = ""
    stage: str = ""
    touchpoint: str = ""
    segment: str = ""
    group: str = ""
    wave: str = ""
    comparison: str = ""
    weighting: str = ""
    unit: str = ""
    note: str = ""
    estimate: float = math.nan
    std_error: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    p_value: float = math.nan
    n: float = math.nan
    n_effective: float = math.nan

    def at(self, *names: str) -> tuple[str, ...]:
        """Return what it is about in some of the words of the table, to find it by.

        Examples
        --------
        >>> Number(metric="reached", stage="purchase").at("metric", "stage")
        ('reached', 'purchase')
        """
        return tuple(getattr(self, name) for name in names)

    @property
    def known(self) -> bool:
        """Whether estimate and uncertainty are there; only then may it stand in a figure or a finding."""
        return all(map(math.isfinite, (self.estimate, self.std_error, self.ci_low, self.ci_high)))

    @property
    def hidden(self) -> bool:
        """Whether others may not see it, because it is small or would give a small one away."""
        return self.note in HIDDEN

    @property
    def withheld(self) -> bool:
        """Whether it is hidden for the sake of another number."""
        return self.note == WITHHELD

    @property
    def amount(self) -> Quantity:
        """The estimate as words take it; NPS is written with its sign and without a unit."""
        points = self.unit == "points"
        return Quantity(self.estimate, self.unit, bare=points, signed=points)


def numbers(table: pd.DataFrame) -> list[Number]:
    """Return the rows of a table as values.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.present.result import verified
    >>> row = {"metric": ["nps"], "estimate": [12.0], "unit": ["points"]}
    >>> numbers(verified(pd.DataFrame(row), {}))[0].amount.say("en")
    '+12'
    """
    columns = [field.name for field in fields(Number)]
    return [Number(*row) for row in table[columns].itertuples(index=False, name=None)]


def stacked(blocks: Sequence[Columns]) -> pd.DataFrame:
    """Return blocks of rows as one frame, column by column: a frame for each would cost more than counting.

    `estimate` says how many rows a block has; columns it does not name are empty there.

    Examples
    --------
    >>> import numpy as np
    >>> stacked([{"metric": "nps", "estimate": np.array([1.0, 2.0])}, {"estimate": np.array([3.0]), "n": 4}])
      metric  estimate    n
    0    nps       1.0  NaN
    1    nps       2.0  NaN
    2              3.0  4.0
    """
    import numpy as np
    import pandas as pd

    ends = [0, *accumulate(len(block["estimate"]) for block in blocks)]
    columns = {}
    for name in dict.fromkeys(name for block in blocks for name in block):
        numeric = name in NUMBERS
        values = [block.get(name, np.nan if numeric else "") for block in blocks]
        kind = np.result_type(*{np.asarray(value).dtype for value in values}) if numeric else object
        columns[name] = np.empty(ends[-1], kind)
        for value, (first, last) in zip(values, pairwise(ends), strict=True):
            columns[name][first:last] = value
    return pd.DataFrame(columns)
