"""One row a person: their own columns, and what orders, events, experiments and answers say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from journey_lib.study.segments.checks import categories, kind_of
from journey_lib.study.segments.words import Plain, title_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_lib.present.wording import Says
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

IDS: Final = ("customer_id", "respondent_id")
CUSTOMERS, ANSWERS = "customers", "answers"


@dataclass(frozen=True)
class Trait:
    """What a column of the people is.

    Attributes
    ----------
    name : str
        The column.
    kind : str
        "text", "number", "date", "multi" (a question with several answers, one float column an option) or
        "open" (answers in people's own words, never listed).
    label : Says
        What pages call it, in both languages.
    source : str
        "customers", "responses", or the table it is derived from.
    derived : bool
        Whether it is computed here rather than read.
    levels : mapping of str to Says
        Words of its codes, where the study has them; of a "multi" column its options.
    """

    name: str
    kind: str
    label: Says
    source: str
    derived: bool = False
    levels: Mapping[str, Says] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class People:
    """The people of a study as columns, each computed when it is first asked for.

    Attributes
    ----------
    level : str
        "customers", or "answers" where a row is a row of `responses`.
    ids : Index of str
        Who: customer ids, or respondent ids.
    traits : dict of str to Trait
        Every column there is, in order.
    snapshot : date
        The day "last" and "ago" are counted from.
    weights : ndarray or None
        Final weights where the rows are answers of a weighted survey.
    told : str
        Where columns are looked for, in words of a message.
    """

    level: str
    ids: pd.Index
    traits: dict[str, Trait]
    snapshot: date
    weights: np.ndarray | None = None
    told: str = "responses or customers"
    _makers: Mapping[str, Callable[[], pd.Series]] = field(default_factory=dict, repr=False)
    _made: dict[str, pd.Series] = field(default_factory=dict, repr=False)
    _levels: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @property
    def several(self) -> tuple[str, ...]:
        """The questions with several answers."""
        return tuple(name for name, trait in self.traits.items() if trait.kind == "multi")

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of columns; an option of a question is "question.option"."""
        return iter(self._makers)

    def __contains__(self, name: object) -> bool:
        return name in self._makers or name in self.several

    def __getitem__(self, name: str) -> pd.Series:
        """Return a column, aligned with `ids`; "question.option" for one option of a multi column."""
        if name not in self._made:
            made = self._makers[name]()
            self._made[name] = pd.Series(made.array, index=pd.RangeIndex(len(self.ids)), name=name)
        return self._made[name]

    def levels_of(self, name: str) -> frozenset[str]:
        """Return the categories of a column of text, found once."""
        if name not in self._levels:
            self._levels[name] = frozenset(categories(self[name]))
        return self._levels[name]

    def frame(self, names: Sequence[str] = ()) -> pd.DataFrame:
        """Return columns as one frame, row `i` being `ids[i]`; all of them without names."""
        chosen = [option for name in names or self.traits for option in self._columns(name)]
        return pd.DataFrame({name: self[name] for name in chosen}, index=pd.RangeIndex(len(self.ids)))

    def _columns(self, name: str) -> list[str]:
        return [one for one in self._makers if one == name or one.startswith(f"{name}.")]


def people(study: Study, data: Data, cuts: Mapping[str, object] | None = None) -> People:
    """Return whom segments pick from.

    Parameters
    ----------
    study, data : Study, Data
        Customers are those of the customers table; without one those of the events, then of the orders. A
        study of answers alone has answers for people.
    cuts : mapping, optional
        Where scores of recency, frequency and money end; today's quantiles without them.

    Returns
    -------
    People
        One row a customer with the columns of `customers` and the derived ones; in a study of answers alone
        one row an answer. A column of the table hides a derived one of the same name.

    Definition
    ----------
    The derived columns, computed when a rule names them, are: `furthest_stage`, `first_event_day`,
    `last_event_day`, `events`, `sessions` (pauses over 30 minutes), `orders`, `spend` (net of refunds),
    `first_purchase_day`, `last_purchase_day`, `recency_days`, `frequency` (days with a purchase), `monetary`,
    `recency_score`, `frequency_score`, `monetary_score` (five quantile groups), `arm_<experiment>`,
    `answers`, `newest_answer_day`, `newest_<question>`, and `contacts` (feedback).

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"customer_id": ["a", "b"], "region": ["KR", "JP"]})
    >>> who = people(*quick_study(customers=frame))
    >>> who.level, len(who), who["region"].tolist()
    ('customers', 2, ['KR', 'JP'])
    """
    from journey_lib.study.segments.traits import derived

    ids = _customers(data)
    if ids is None:
        return answers_of(study, data)
    table = data.customers
    made = People(CUSTOMERS, ids, {}, snapshot_of(study, data), told="responses or customers")
    own = {} if table is None else _own(study, table)
    further = derived(study, data, made, cuts)
    return _with(made, {**own, **{name: one for name, one in further.items() if name not in own}})


def answers_of(study: Study, data: Data, who: People | None = None) -> People:
    """Return one row for each row of `responses`, with the traits of its customer beside it.

    Parameters
    ----------
    study, data : Study, Data
        The answers, and whose they are.
    who : People, optional
        The customers, where they are at hand already.

    Raises
    ------
    DataError
        If the study has neither answers nor customers.
    """
    frame = data.require("responses", by="segments")
    weights = None if data.weights is None else data.weights.values
    ids = pd.Index(
        frame["respondent_id"] if "respondent_id" in frame else frame.index.astype(str), dtype="str"
    )
    made = People(ANSWERS, ids, {}, snapshot_of(study, data), weights)
    own = _answers(study, frame)
    if "customer_id" not in frame:
        return _with(made, own)
    if who is None:
        who = people(study, data) if _customers(data) is not None else made
    if who.level != CUSTOMERS:
        return _with(made, own)
    at = who.ids.get_indexer(pd.Index(frame["customer_id"]))
    carried = {name: _carried(who, trait, at) for name, trait in who.traits.items() if name not in own}
    return _with(made, {**own, **carried})


def snapshot_of(study: Study, data: Data) -> date:
    """Return the day a rule looks back from: the end of the study's window, else the last day in the data."""
    if study.window.end is not None:
        return study.window.end
    found: list[date] = []
    if data.events is not None and data.events.n_events:
        last = pd.Timestamp(data.events.span[1], unit="us", tz="UTC").tz_convert(data.events.time_zone)
        found.append(last.date())
    for table, column in (("orders", "time"), ("responses", "date"), ("feedback", "date")):
        frame = getattr(data, table)
        if frame is not None and column in frame and frame[column].notna().any():
            found.append(pd.Timestamp(frame[column].max()).date())
    return max(found, default=datetime.now(UTC).date())


Made = tuple[Trait, dict[str, "Callable[[], pd.Series]"]]


def _with(bare: People, columns: Mapping[str, Made]) -> People:
    makers = {name: make for _, made in columns.values() for name, make in made.items()}
    traits = {name: trait for name, (trait, _) in columns.items()}
    return People(bare.level, bare.ids, traits, bare.snapshot, bare.weights, bare.told, makers)


def _customers(data: Data) -> pd.Index | None:
    """Return the ids of the customers; None where the study has only answers."""
    from journey_lib.study.segments.traits import seen_in_events

    ids: pd.Index | None = None
    if data.customers is not None:
        ids = pd.Index(data.customers["customer_id"], dtype="str")
    elif data.events is not None:
        ids = seen_in_events(data)
    elif data.orders is not None:
        ids = pd.Index(data.orders["customer_id"].drop_duplicates().sort_values(), dtype="str")
    return ids


def _own(study: Study, table: pd.DataFrame) -> dict[str, Made]:
    return {
        str(name): _column(study, str(name), table[name], "customers") for name in table if name not in IDS
    }


def _answers(study: Study, frame: pd.DataFrame) -> dict[str, Made]:
    """Return the columns of the answers; a question with several answers is one trait of many columns."""
    several = {q.id: q for q in study.questions if q.columns}
    found: dict[str, Made] = {}
    for name in map(str, frame):
        whole = several.get(name.rpartition(".")[0])
        if whole is not None and whole.kind == "multi":
            trait = Trait(whole.id, "multi", title_of(study, whole.id), "responses", levels=_options(whole))
            made = found.setdefault(whole.id, (trait, {}))
            made[1][name] = _reader(frame[name])
        elif name not in IDS:
            found[name] = _column(study, name, frame[name], "responses")
    return found


def _column(study: Study, name: str, values: pd.Series, source: str) -> Made:
    question = next((q for q in study.questions if q.id == name), None)
    kind = "open" if question is not None and question.kind == "text" else kind_of(values)
    levels: dict[str, Says] = dict(study.named_values(name))
    return Trait(name, kind, title_of(study, name), source, levels=levels), {name: _reader(values)}


def _options(question: Question) -> dict[str, Says]:
    return {option: question.options.get(option) or Plain(option) for option in question.columns}


def _reader(values: pd.Series) -> Callable[[], pd.Series]:
    return lambda: values


def _carried(who: People, trait: Trait, at: np.ndarray) -> Made:
    """Return a trait of customers for the rows of their answers; missing where the customer is unknown."""
    return trait, {name: _taker(who, name, at) for name in who._columns(trait.name)}


def _taker(who: People, name: str, at: np.ndarray) -> Callable[[], pd.Series]:
    return lambda: pd.Series(who[name].array.take(at, allow_fill=True))
