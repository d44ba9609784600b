"""Whose event it is: ids as text, and anonymous ids joined to the customers they turned out to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import Problem
from journey_lib.study.events.coding import Words
from journey_lib.study.readers import frame_text
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

ALMOST_WHOLE = 2.0**53


@dataclass(frozen=True)
class Coded:
    """A column as integer codes (-1 where empty) into its distinct values, which are sorted text."""

    codes: np.ndarray
    labels: pd.Index


def code(column: pd.Series) -> Coded:
    """Code a column of any one type by its values as text.

    Examples
    --------
    >>> coded = code(pd.Series(["b", "NA", "", "b", "007"], dtype="str"))
    >>> coded.codes.tolist(), coded.labels.tolist()
    ([2, 1, -1, 2, 0], ['007', 'NA', 'b'])
    """
    words = Words()
    return in_order(numbered(column, words), words)


def numbered(column: pd.Series, words: Words) -> np.ndarray:
    """Return the number of each value's text among the distinct ones of a column that comes in pieces."""
    import pyarrow as pa

    if isinstance(column.dtype, pd.StringDtype):
        return words.number(_arrow(column))
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, values = pd.factorize(column)
    used = np.zeros(len(values) + 1, dtype=bool)
    used[codes] = True  # the last place stands for an empty cell
    place = np.zeros(len(used), dtype=np.int32)
    texts = pa.concat_arrays([_arrow(_words(values)), pa.array([""], type=pa.large_string())])
    place[used] = words.number(texts.filter(pa.array(used)))
    return np.take(place, codes)


def in_order(numbers: np.ndarray, words: Words) -> Coded:
    """Return numbered texts as codes into the sorted texts; empty ones and blanks have none."""
    place, labels = ranked(words)
    return Coded(np.take(place, numbers), labels)


def ranked(words: Words, used: np.ndarray | None = None) -> tuple[np.ndarray, pd.Index]:
    """Return the place of each number among the sorted texts, with -1 for none at the end, and these.

    Parameters
    ----------
    words : Words
        The texts; blanks have no place.
    used : ndarray of bool, optional
        Which of them count; all when left out.
    """
    texts, order = words.texts(), words.sorted()
    order = order[~np.isin(order, words.blanks)] if words.blanks else order
    order = order if used is None else order[used[order]]
    place = np.full(len(texts) + 1, -1, dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place, pd.Index(texts.take(order).to_pandas(), dtype="str")


def _arrow(texts: pd.Index | pd.Series) -> pa.Array:
    import pyarrow as pa

    made = pa.array(texts, type=pa.large_string(), from_pandas=True)
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _words(values: pd.Index | np.ndarray) -> pd.Series:
    """Write distinct values of one type as text."""
    found = pd.Series(values)
    if isinstance(found.dtype, pd.StringDtype) or not len(found):
        return found.astype("str")
    return frame_text(found.to_frame("value"), "values")["value"]


def kind_problems(column: pd.Series, where: str) -> Iterator[Problem]:
    """Yield why the values of a column cannot be told apart as text."""
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True).startswith("mixed"):
        yield Problem(where, "holds values of mixed types", "one type", action="Make all of them text")
    if pd.api.types.is_float_dtype(column.dtype) and bool((column.abs() >= ALMOST_WHOLE).any()):
        action = "Read the ids as text"
        yield Problem(where, "holds ids as decimal numbers that have lost digits", "text", action=action)


@dataclass(frozen=True)
class Stitched:
    """Customers after anonymous ids were joined.

    Attributes
    ----------
    customer : Coded
        Every event's customer: a known one, or an anonymous visitor of its own.
    known : ndarray of bool
        For each customer, whether it is a known one.
    joined : ndarray of bool
        For each event, whether it came anonymously and was joined to a known customer.
    ids_joined, ids_left, ids_shared : int
        Anonymous ids joined to one customer; belonging to none; to several, which are not joined.
    """

    customer: Coded
    known: np.ndarray
    joined: np.ndarray
    ids_joined: int = 0
    ids_left: int = 0
    ids_shared: int = 0

    def without_codes(self) -> Stitched:
        """Return the same customers without those of each event."""
        return replace(self, customer=replace(self.customer, codes=self.customer.codes[:0].copy()))


def stitch(customer: Coded, anonymous: Coded | None, id_map: pd.DataFrame | None = None) -> Stitched:
    """Join anonymous events to the customer who used the same anonymous id.

    Parameters
    ----------
    customer : Coded
        Customer of each event, empty where nobody was signed in.
    anonymous : Coded or None
        Anonymous id of each event.
    id_map : DataFrame, optional
        Further pairs, `anonymous_id` and `customer_id`.

    Definition
    ----------
    The map holds every pair of ids that stands in one event, and the pairs of `id_map`. An id with one
    customer joins all its anonymous events, also earlier ones; an id of several customers (a shared device)
    joins none. What is not joined is a visitor of its own, under the anonymous id.
    """
    if anonymous is None:
        nobody = np.zeros(len(customer.codes), dtype=bool)
        return Stitched(customer, np.ones(len(customer.labels), dtype=bool), nobody)
    if id_map is not None:
        customer = _widened(customer, id_map["customer_id"])
    owner, shared = _owners(customer, anonymous, id_map)
    missing = (customer.codes < 0) & (anonymous.codes >= 0)
    found = np.append(owner, -1)[anonymous.codes]
    joined = missing & (found >= 0)
    left = missing & (found < 0)
    visitors = np.unique(anonymous.codes[left])
    place = np.searchsorted(visitors, anonymous.codes) + len(customer.labels)
    codes = np.where(joined, found, np.where(left, place, customer.codes))
    labels = customer.labels.append(anonymous.labels[visitors])
    known = np.arange(len(labels)) < len(customer.labels)
    whole, known = _compact(codes, labels, known)
    ids = np.unique(anonymous.codes[joined])
    ambiguous = int(np.isin(visitors, shared).sum())
    return Stitched(whole, known, joined, len(ids), len(visitors) - ambiguous, ambiguous)


def _widened(customer: Coded, more: pd.Series) -> Coded:
    """Let a map name customers of whom no event names the id."""
    new = code(more).labels.difference(customer.labels)
    return Coded(customer.codes, customer.labels.append(new))


def _owners(customer: Coded, anonymous: Coded, id_map: pd.DataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the one customer of each anonymous id (-1 for none), and the ids of several."""
    both = (customer.codes >= 0) & (anonymous.codes >= 0)
    pairs = np.column_stack([anonymous.codes[both], customer.codes[both]])
    if id_map is not None:
        wanted = code(id_map["anonymous_id"]), code(id_map["customer_id"])
        told = [
            np.append(into.labels.get_indexer(each.labels), -1)[each.codes]
            for into, each in zip((anonymous, customer), wanted, strict=True)
        ]
        pairs = np.concatenate([pairs, np.column_stack(told)])
        pairs = pairs[(pairs >= 0).all(axis=1)]
    key = np.unique(pairs[:, 0].astype(np.int64) * (len(customer.labels) + 1) + pairs[:, 1])
    ids, first, times = np.unique(key // (len(customer.labels) + 1), return_index=True, return_counts=True)
    owner = np.full(len(anonymous.labels), -1, dtype=np.int64)
    owner[ids] = np.where(times == 1, key[first] % (len(customer.labels) + 1), -1)
    return owner, ids[times > 1]


def _compact(codes: np.ndarray, labels: pd.Index, known: np.ndarray) -> tuple[Coded, np.ndarray]:
    """Leave out customers without an event, and sort the rest by id."""
    used = np.bincount(codes[codes >= 0], minlength=len(labels)) > 0
    kept = np.flatnonzero(used)
    order = kept[labels[kept].argsort()]
    place = np.full(len(labels) + 1, -1, dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return Coded(place[codes], labels[order]), known[order]


def clash_problems(done: Stitched, where: str) -> Iterator[Problem]:
    """Yield a problem when an anonymous id is also the id of a known customer."""
    twice = 0 if done.known.all() else int(done.customer.labels.duplicated().sum())
    if twice:
        yield clash(twice, where)


def clash(twice: int, where: str) -> Problem:
    """Say that anonymous ids are also the ids of known customers."""
    given = f"{counted(twice, 'anonymous id')} equal to the id of a known customer"
    return Problem(where, given, "ids that differ", action="Put a prefix before the anonymous ids")
