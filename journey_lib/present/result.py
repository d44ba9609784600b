"""What every measure returns: a checked table, its doubts, and the words and figures that show it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import numpy as np
import pandas as pd

from journey_lib.present.masking import conceal, suppressed
from journey_lib.present.numbers import Number, numbers
from journey_lib.present.vocabulary import HIDDEN, KEYS, MASKED, NUMBERS, UNITS, VOCABULARY, WITHHELD
from journey_lib.present.wording import Message, Says, message

if TYPE_CHECKING:
    from types import ModuleType

    from markupsafe import Markup
    from matplotlib.axes import Axes

    from journey_lib.present.blocks import Block
    from journey_lib.present.bundle import Provenance
    from journey_lib.present.charts import Plot
    from journey_lib.present.domain import Domain
    from journey_lib.present.sheets import Sheet

Status = Literal["passed", "watch", "failed", "not_assessable"]
STATUSES: tuple[Status, ...] = ("failed", "watch", "passed", "not_assessable")
_EVERYBODY = message("All respondents")
_SLACK = 1e-9  # an interval may miss its estimate by rounding, never by more


class SupportsDump(Protocol):
    """Parameters that can be written out."""

    def model_dump(self) -> dict[str, Any]:
        """Return names and values."""


@dataclass(frozen=True)
class StageLabel:
    """A stop of the journey: its id, its words and its place (0 is the first)."""

    id: str
    label: Says
    place: int


@dataclass(frozen=True)
class Context:
    """What a page needs to know of the study, so that results can show themselves.

    Attributes
    ----------
    study, title, fingerprint : str, label, str
        The study's id, its title in both languages, and the hash of its definition.
    stages : tuple of StageLabel
        All stops of the journey in order.
    language : str
        The language results speak unless told otherwise.
    min_cell, flag_cell : int
        Cells below the first are masked, below the second flagged.
    synthetic : bool
        The data is invented; every page says so.
    segment : str
        The customers the run is about, in words; "" for all.
    sources : tuple of Message or str
        One line a table that was used: file, rows read, rows dropped and why.
    read : collection of str, optional
        The tables that are read, growing while a result shows itself; None when nobody knows.
    period : str
        First to last day observed.
    time_zone : str
        Zone of every calendar cut.
    domain : Domain, optional
        The segment with its conditions, size and version; None for all.
    """

    study: str
    title: Says
    stages: tuple[StageLabel, ...]
    language: str = "en"
    fingerprint: str = ""
    min_cell: int = 10
    flag_cell: int = 30
    synthetic: bool = False
    segment: str = ""
    sources: tuple[Message | str, ...] = ()
    period: str = ""
    time_zone: str = ""
    domain: Domain | None = None
    read: Collection[str] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Check:
    """One thing that could be wrong, and whether it is.

    Attributes
    ----------
    name : str
        Stable word for the ledger, such as `thin_cells`.
    status : {"passed", "watch", "failed", "not_assessable"}
        `failed` keeps its findings out of the short summary.
    title, text : Message
        What was checked, and what was seen with its numbers.
    table : DataFrame, optional
        The rows behind it.
    """

    name: str
    status: Status
    title: Message
    text: Message
    table: pd.DataFrame | None = None


@dataclass(frozen=True)
class Basis:
    """Who is counted and how: the lines under every table.

    Attributes
    ----------
    lines : tuple of (Message, Message)
        Term and description, such as unit, answers in, answers out and why, weights, method, level.
    n : int
        Units counted.
    n_effective : float
        The size of a simple random sample as precise as this weighted one (Kish); NaN where nothing is
        weighted, which leaves it and the weights out of the page head.
    weights : Message or None
        Short name of the weights for the page head.
    whom : Message
        What the page head calls everybody, such as all customers.
    """

    lines: tuple[tuple[Message, Message], ...]
    n: int
    n_effective: float
    weights: Message | None = None
    whom: Message = _EVERYBODY


@dataclass(frozen=True)
class Finding:
    """One of at most three findings at the top of a page: number, doubt, sentence, base.

    Attributes
    ----------
    estimate, low, high : float
        The number and its interval.
    unit : str
        As in the table.
    sentence, base : Message
        What it says, and on whom.
    axis : (float, float)
        Ends of the small interval drawing.
    reference : float, optional
        Where the drawing puts its mark, such as 0 or the previous wave.
    alert : bool
        The finding that asks for action.
    level : float
        Confidence level of the interval.
    decimals : int, optional
        Of the number and its interval, where the unit's own are too many.
    """

    estimate: float
    low: float
    high: float
    unit: str
    sentence: Message
    base: Message
    axis: tuple[float, float]
    reference: float | None = None
    alert: bool = False
    level: float = 0.95
    signed: bool = False
    decimals: int | None = None


@dataclass(frozen=True, eq=False)
class Result:
    """The answer of a measure; checked when it is made, masked wherever it is shown.

    Parameters
    ----------
    rows : DataFrame
        Tidy rows in the vocabulary of `VOCABULARY`; missing columns are filled.
    basis : Basis
        Who is counted.
    checks : tuple of Check
        What could be wrong.
    notes : mapping of str to Message
        The sentence of each reason code in the `note` column.
    context : Context
        The study as a page needs it.
    settings : mapping
        The parameters that change the meaning of a number; they make the definition hash.

    Raises
    ------
    ValueError
        If a number contradicts itself: an interval without its estimate, a share beyond 0–1, an infinity, or
        a missing estimate without a reason. That is a fault of the measure, never of its user.
    """

    rows: pd.DataFrame = field(repr=False)
    basis: Basis
    checks: tuple[Check, ...]
    notes: Mapping[str, Message]
    context: Context
    settings: Mapping[str, object] = field(default_factory=dict)

    stem: ClassVar[str] = ""
    evidence: ClassVar[str] = "satisfaction"
    keys: ClassVar[tuple[str, ...]] = KEYS  # what tells rows apart, in the order `number` takes them

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", verified(_complete(self.rows), self.notes))

    @property
    def table(self) -> pd.DataFrame:
        """The exact table, as a copy, for its owner."""
        return self.rows.copy()

    @property
    def masked(self) -> pd.DataFrame:
        """The table as others may see it: small cells empty, and those that would give them away."""
        hidden = suppressed(self.rows, self.context.min_cell)
        shown = self.rows.copy()
        small = (self.rows["n"] > 0) & (self.rows["n"] < self.context.min_cell)
        conceal(shown, hidden, np.where(small[hidden], MASKED, WITHHELD).astype(object))
        return shown

    @cached_property
    def shown(self) -> dict[tuple[str, ...], Number]:
        """The masked rows by their `keys`, read once for all figures, tables and sentences."""
        found: dict[tuple[str, ...], Number] = {}
        for number in numbers(self.masked):
            found.setdefault(number.at(*self.keys), number)
        return found

    @property
    def usual(self) -> Mapping[str, str]:
        """What a number is about where nobody says otherwise, by key; everything else is ""."""
        return {}

    def number(self, *at: str, **about: str) -> Number:
        """Return one masked number; a `Number` without values where the table has no such row.

        Parameters
        ----------
        *at : str
            What it is about, in the order of `keys`.
        **about : str
            The same by name.

        Raises
        ------
        KeyError
            For a name that is no key: a fault of the measure, never of its user.
        """
        said = zip(self.keys[: len(at)], at, strict=True)
        asked = dict.fromkeys(self.keys, "") | dict(self.usual) | dict(said) | about
        key = tuple(asked.pop(name) for name in self.keys)
        if asked:
            raise KeyError(*asked)
        return self.shown.get(key, Number())

    def of(self, metric: str) -> list[Number]:
        """Return all masked numbers of a metric, in the order of the table."""
        return [number for number in self.shown.values() if number.metric == metric]

    @property
    def definition_hash(self) -> str:
        """Hash of stem and meaning-changing settings; a new one breaks a series visibly."""
        text = json.dumps([self.stem, {k: self.settings[k] for k in sorted(self.settings)}], default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def level(self) -> float:
        """The confidence level of the intervals."""
        return float(str(self.settings.get("level", 0.95)))

    @property
    def doubted(self) -> bool:
        """Whether a check failed, so that nothing may be claimed."""
        return any(check.status == "failed" for check in self.checks)

    @property
    def stages(self) -> tuple[str, ...]:
        """Ids of the stages this result speaks about, in journey order."""
        spoken = set(self.rows["stage"])
        return tuple(s.id for s in self.context.stages if s.id in spoken)

    def findings(self) -> pd.DataFrame:
        """Return the masked rows for the ledger, each with the kind of its evidence."""
        rows = self.masked
        rows["kind"] = self.kinds(rows)
        return rows

    def kinds(self, rows: pd.DataFrame) -> pd.Series[str] | str:
        """Return the kind of evidence of each row."""
        del rows
        return self.evidence

    def headlines(self) -> tuple[Finding, ...]:
        """Return at most three findings, the most consequential first; none from a failed check."""
        words = self._beside("words")
        found: tuple[Finding, ...] = words.headlines(self) if words else ()
        return found

    def meanings(self) -> tuple[Message, ...]:
        """Return at most four actions that the evidence supports, each led by its verb."""
        words = self._beside("words")
        actions: tuple[Message, ...] = words.meanings(self) if words else ()
        return actions

    def finding(
        self,
        number: Number,
        sentence: Message,
        base: Message,
        axis: tuple[float, float] = (0.0, 1.0),
        *,
        reference: float | None = None,
        alert: bool = False,
        signed: bool = False,
        decimals: int | None = None,
    ) -> Finding:
        """Return what a sentence says about a number, with its interval; see `Finding`."""
        return Finding(
            number.estimate, number.ci_low, number.ci_high, number.unit, sentence, base, axis, reference,
            alert, self.level, signed, decimals,
        )  # fmt: skip

    def explain(self, detail: Literal["short", "long"] = "short", lang: str = "") -> str:
        """Return the result in sentences; every number is one of the table's.

        Parameters
        ----------
        detail : {"short", "long"}
            The findings alone, or with base, checks and what they mean.
        lang : {"", "en", "ko"}
            "" is the language of the study.
        """
        lang = lang or self.context.language
        said = [f.sentence for f in self.headlines()]
        if detail == "long":
            said += [f.base for f in self.headlines()]
            said += [c.text for c in self.checks if c.status in ("failed", "watch")]
            said += list(self.meanings())
        return "\n".join(m.say(lang) for m in said)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "") -> Plot:  # noqa: FBT001, FBT002 - promised signature
        """Return the figure of this result; each measure says which kinds it draws."""
        raise NotImplementedError(f"{type(self).__name__} draws no figure")

    def opening(self, lang: str = "") -> Block:
        """Return the head of the page: base, journey line and the findings."""
        from journey_lib.present import blocks

        return blocks.opening(self, lang or self.context.language)

    def who(self, lang: str = "") -> Block:
        """Return who is counted, line by line."""
        from journey_lib.present import blocks

        return blocks.basis(self, lang or self.context.language)

    def doubts(self, lang: str = "") -> Block:
        """Return the checks, failed first."""
        from journey_lib.present import blocks

        return blocks.checks(self, lang or self.context.language)

    def meaning(self, lang: str = "") -> Block:
        """Return what the findings ask for."""
        from journey_lib.present import blocks

        return blocks.meaning(self, lang or self.context.language)

    def provenance(self, params: SupportsDump) -> Provenance:
        """Return where this result comes from, for the last cell of a notebook.

        Parameters
        ----------
        params : RunParams
            The checked parameters of the run.
        """
        from journey_lib import __version__
        from journey_lib.present.bundle import Provenance

        return Provenance(self, params.model_dump(), __version__)

    def sheets(self) -> Sequence[Sheet]:
        """Return the result as sheets of a spreadsheet, masked as its page is; the first stands for it."""
        from journey_lib.present.sheets import tidy

        title = self.context.title.say(self.context.language)
        return (tidy(self.masked, self.stem or "table", title),)

    def picture(self) -> str:
        """Return a small picture of the main figure for a catalogue, "" where there is none."""
        return ""

    def home_fragment(self, page: str) -> Markup:
        """Return what the study's home page shows of this result, as HTML; most reports have nothing there.

        Parameters
        ----------
        page : str
            Address of the report as it is written into links.
        """
        from markupsafe import Markup

        del page
        return Markup("")

    def _beside(self, name: str) -> ModuleType | None:
        """Return a module beside the one of this result, loaded when it is first needed."""
        package = type(self).__module__.rpartition(".")[0]
        place = f"{package}.{name}"
        return import_module(place) if package and find_spec(place) else None

    def _repr_html_(self) -> str:
        from journey_lib.present import blocks

        return blocks.result(self, self.context.language)._repr_html_()


def verified(table: pd.DataFrame, notes: Mapping[str, Message]) -> pd.DataFrame:
    """Return the table if no number contradicts another.

    Raises
    ------
    ValueError
        Naming the rule and the first row that breaks it.

    Examples
    --------
    >>> verified(pd.DataFrame({"estimate": [2.0], "ci_low": [2.9], "ci_high": [3.1]}), {})
    Traceback (most recent call last):
    ...
    ValueError: interval without its estimate in 1 row, first: 0
    """
    full = _complete(table)
    estimate, low, high = (full[c].to_numpy(float) for c in ("estimate", "ci_low", "ci_high"))
    slack = _SLACK * np.maximum(1, np.abs(np.nan_to_num(estimate)))
    outside = (low > estimate + slack) | (high < estimate - slack)
    outside |= np.isnan(estimate) & ~(np.isnan(low) & np.isnan(high))
    share = (full["unit"] == "share").to_numpy() & ((estimate < -_SLACK) | (estimate > 1 + _SLACK))
    infinite = np.isinf(full[list(NUMBERS)].to_numpy(float)).any(axis=1)
    unexplained = np.isnan(estimate) & ~full["note"].isin([*notes, *HIDDEN]).to_numpy()
    unknown = ~full["unit"].isin([*UNITS, ""]).to_numpy()
    for rule, broken in (
        ("interval without its estimate", outside),
        ("share beyond 0 to 1", share),
        ("infinite number", infinite),
        ("missing estimate without a reason", unexplained),
        ("unknown unit", unknown),
    ):
        if broken.any():
            rows = int(broken.sum())
            word = "row" if rows == 1 else "rows"
            raise ValueError(f"{rule} in {rows} {word}, first: {int(np.flatnonzero(broken)[0])}")
    return full


def ordered(checks: Sequence[Check]) -> list[Check]:
    """Return checks failed first, then to watch, passed, not assessable."""
    return sorted(checks, key=lambda check: STATUSES.index(check.status))


def _complete(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with every column of the vocabulary, in its order; others would be lost silently."""
    strange = [str(name) for name in table if name not in VOCABULARY]
    if strange:
        raise ValueError(f"unknown column: {', '.join(strange)}")
    filled: dict[str, Any] = {}
    for name in VOCABULARY:
        if name in table:
            filled[name] = table[name].to_numpy()
        else:
            filled[name] = np.full(len(table), np.nan) if name in NUMBERS else np.full(len(table), "", object)
    frame = pd.DataFrame(filled)
    for name in (*KEYS, "unit", "note"):
        frame[name] = frame[name].astype("str").fillna("")
    return frame
