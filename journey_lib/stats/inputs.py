"""Turn what a caller hands over into checked arrays; every mistake is collected and raised once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray
from pandas.api.types import infer_dtype, is_numeric_dtype

from journey_lib.errors import DataError, ParamError, Problem, nearest

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
_NUMBERS = {"integer", "floating", "mixed-integer-float", "boolean", "decimal", "empty"}
_TABLE = 1 << 23  # codes for which a table of all of them is faster than sorting those that were met
Labels: TypeAlias = "npt.ArrayLike | pd.Series | pd.Index"


class Inputs:
    """Read arrays of one length and remember what was wrong with them.

    Parameters
    ----------
    length : int
        Number of rows every array must have.

    Examples
    --------
    >>> given = Inputs(3)
    >>> given.weights([1.0, -1.0, 2.0]).shape
    (3,)
    >>> given.raise_all()
    Traceback (most recent call last):
    journey_lib.errors.DataError: weights: 1 of 3 rows are negative. Allowed: finite numbers of 0 or more. ...
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self.data: list[Problem] = []
        self.params: list[Problem] = []

    def raise_all(self) -> None:
        """Raise everything found so far: parameters first, because they are the caller's own words."""
        if self.params:
            raise ParamError(self.params)
        if self.data:
            raise DataError(self.data)

    def fault(self, where: str, given: str, allowed: str = "", action: str = "") -> None:
        """Remember that an array cannot be used."""
        self.data.append(Problem(where, given, allowed, "", action))

    def numbers(self, values: npt.ArrayLike, where: str) -> FloatArray:
        """Read numbers; NaN is a missing answer, infinity is a mistake."""
        found = _as_float(values)
        if found is None:
            self.fault(where, "holds something that is not a number", "numbers, NaN where missing")
            return np.full(self.length, np.nan)
        if not self._fits(found, where):
            return np.full(self.length, np.nan)
        self._refuse(np.isinf(found), where, "are infinite", "finite numbers, NaN where missing")
        return found

    def choices(self, values: FloatArray, allowed: Iterable[float], where: str, words: str) -> None:
        """Require each present number to be one of a few."""
        wrong = ~np.isnan(values) & ~np.isin(values, np.fromiter(allowed, float))
        self._refuse(wrong, where, "hold another value", words, "Declare missing codes before counting")

    def weights(
        self, values: npt.ArrayLike | None, where: str = "weights", *, zero: bool = True
    ) -> FloatArray:
        """Read weights; none means 1 each."""
        if values is None:
            return np.ones(self.length)
        found = _as_float(values)
        if found is None or not self._fits(found, where):
            if found is None:
                self.fault(where, "holds something that is not a number", "finite numbers")
            return np.ones(self.length)
        words = f"finite numbers {'of 0 or more' if zero else 'above 0'}"
        action = "Give each row its weight before estimating"
        self._refuse(~np.isfinite(found), where, "are missing or infinite", words, action)
        self._refuse(found < 0, where, "are negative", words, action)
        if not zero:
            self._refuse(found == 0, where, "are 0", words, action)
        return found

    def codes(self, labels: Labels, where: str, *, missing: bool = False) -> tuple[IntArray, pd.Index]:
        """Give labels numbers by first appearance; missing labels are −1 and a mistake unless allowed."""
        found, names = pd.factorize(_one_dimensional(labels))
        codes = found.astype(np.intp)
        if not self._fits(codes, where):
            return np.zeros(self.length, np.intp), pd.Index([0])
        if not missing:
            self._refuse(codes < 0, where, "have no value", "one value in every row")
        return codes, pd.Index(names)

    def domain(self, values: npt.ArrayLike | None, where: str = "domain") -> BoolArray:
        """Read a yes-or-no array; none means every row."""
        if values is None:
            return np.ones(self.length, bool)
        found = np.asarray(values)
        if found.dtype != np.bool_:
            self.fault(where, "is not an array of True and False", "booleans without missing values")
            return np.ones(self.length, bool)
        return found if self._fits(found, where) else np.ones(self.length, bool)

    def level(self, level: float) -> float:
        """Check a confidence level."""
        if not 0 < level < 1:
            self.params.append(Problem("level", f"is {level}", "a number between 0 and 1, such as 0.95"))
        return float(level)

    def word(self, value: str, allowed: tuple[str, ...], where: str) -> None:
        """Check a mode against its closed list."""
        if value not in allowed:
            listed = ", ".join(f'"{word}"' for word in allowed)
            near = nearest(str(value), allowed)
            self.params.append(Problem(where, f'"{value}" is not a choice', listed, near))

    def _fits(self, found: npt.NDArray[np.generic], where: str) -> bool:
        if found.shape == (self.length,):
            return True
        self.fault(where, f"has shape {found.shape}", f"one value for each of {self.length} rows")
        return False

    def _refuse(self, wrong: BoolArray, where: str, what: str, allowed: str, action: str = "") -> None:
        count = int(wrong.sum())
        if count:
            self.fault(where, f"{count} of {wrong.size} rows {what}", allowed, action)


def row_count(values: npt.ArrayLike, where: str = "y") -> int:
    """Return how many rows an array has; anything but one dimension is a mistake."""
    shape = np.shape(values)
    if len(shape) != 1:
        raise DataError(Problem(where, f"has shape {shape}", "one value for each row"))
    return int(shape[0])


def added(codes: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Add values up by code; an empty sum is 0.0, where numpy would count in whole numbers."""
    return np.bincount(codes, values, minlength=size).astype(np.float64, copy=False)


def summed(codes: IntArray, values: FloatArray, size: int) -> tuple[IntArray, FloatArray]:
    """Add values up by code; return the codes that were met, in order, and their sums."""
    if size <= _TABLE:
        met = np.flatnonzero(np.bincount(codes, minlength=size))
        return met, added(codes, values, size)[met]
    met, place = np.unique(codes, return_inverse=True)
    return met, added(place, values, met.size)


def frozen(values: npt.ArrayLike) -> FloatArray:
    """Return a private float copy that nobody can write to."""
    copy = np.array(values, dtype=np.float64)
    copy.setflags(write=False)
    return copy


def _as_float(values: npt.ArrayLike) -> FloatArray | None:
    """Read numbers, None for anything else: text that looks like a number is not one."""
    try:
        if isinstance(values, pd.Series | pd.Index | ExtensionArray):
            if not (is_numeric_dtype(values.dtype) or values.dtype == np.object_):
                return None
            values = values.to_numpy(dtype=object if values.dtype == np.object_ else float, na_value=np.nan)
        raw = np.asarray(values)
        if raw.dtype.kind == "O" and infer_dtype(raw.ravel(), skipna=True) not in _NUMBERS:
            return None
        return raw.astype(np.float64) if raw.dtype.kind in "biufO" else None
    except (TypeError, ValueError):
        return None


def _one_dimensional(labels: Labels) -> pd.Series:
    return pd.Series(labels) if isinstance(labels, pd.Series | pd.Index) else pd.Series(np.asarray(labels))
