"""The parts of a study file, as frozen values: shape and types only, rules live in `rules`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator

Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
YesNo = Annotated[bool, Strict()]
Day = Annotated[date, Strict()]

REASONS = ("dont_know", "refused", "not_used", "not_asked", "no_answer")
LANGUAGES = ("en", "ko")


class Part(BaseModel):
    """Base of everything in a study file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Text(Part):
    """A sentence or name in English and Korean; a missing one falls back to the other.

    Examples
    --------
    >>> Text(en="Payment", ko="결제").say("ko"), Text(en="Payment").say("ko")
    ('결제', 'Payment')
    """

    en: str = ""
    ko: str = ""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: object) -> object:
        return {"en": given} if isinstance(given, str) else given

    def say(self, lang: str) -> str:
        """Return the wording in `lang` ("en" or "ko"), or in the other language where it is missing."""
        return (self.ko or self.en) if lang == "ko" else (self.en or self.ko)

    def __bool__(self) -> bool:
        return bool(self.en or self.ko)


class Thresholds(Part):
    """Below how many respondents a cell is hidden (`min_cell`) or flagged (`flag_cell`)."""

    min_cell: Whole = 10
    flag_cell: Whole = 30


class Window(Part):
    """When the study looks, and how long each customer is followed."""

    start: Day | None = None
    end: Day | None = None
    follow_up: str = ""


class Target(Part):
    """What a stage should reach on one metric."""

    metric: str
    value: Number


class Stage(Part):
    """One stage of the journey; `enter` lists the events that put a customer into it."""

    id: str
    label: Text = Text()
    enter: tuple[str, ...] = ()
    target: Target | None = None


class Touchpoint(Part):
    """One place where the customer meets the organisation, inside one stage."""

    id: str
    stage: str
    channel: str = ""
    label: Text = Text()
    owner: str = ""
    events: tuple[str, ...] = ()


class Journey(Part):
    """The axis of the study: stages in order, and the touchpoints on them."""

    preset: str = ""
    stages: tuple[Stage, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()


class WeightsPlan(Part):
    """Where weights start (`base`), which margins they are raked to, and how far they may go (`trim`)."""

    base: str = ""
    rake: tuple[str, ...] = ()
    trim: Number | None = None


class DesignPlan(Part):
    """Columns of the sampling design; "" means none. `lonely` is the rule for strata with one cluster."""

    strata: str = ""
    psu: str = ""
    fpc: str = ""
    lonely: Literal["error", "adjust", "remove", "average"] = "error"


class Question(Part):
    """One question of the survey and how its answers are stored.

    `column` (or `columns`, option by option, for `multi` and `ranking`) names the column of the raw file;
    a source part may say otherwise. `missing` gives a reason to each code that is no answer, `blank` to an
    empty cell. `reverse` marks an item worded against its scale: values stay as answered, measures turn them.

    A usability questionnaire is declared item by item, in its published order: ten questions of kind `sus`
    (answers 1–5; the even ones are worded negatively and need no `reverse`) or two of kind `umux_lite`
    (answers 1–7), each group with one name in `scale_of`; without names they are one questionnaire. A
    `task` holds whether it succeeded (1 or 0, yes or no), a `time` the seconds it took; `task` of a time
    names the task whose successes it times.

    `changed` lists the waves from which on its wording or scale is another: nothing is compared across.
    """

    id: str
    column: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    kind: Literal[
        "nps", "csat", "ces", "rating", "likert", "slider", "single", "multi", "ranking", "number", "text",
        "sus", "umux_lite", "task", "time",
    ]  # fmt: skip
    stage: str = ""
    touchpoint: str = ""
    label: Text = Text()
    scale: tuple[Whole, Whole] | None = None
    direction: str = ""
    missing: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, Text] = Field(default_factory=dict)
    options: dict[str, Text] = Field(default_factory=dict)
    scale_of: str = ""
    task: str = ""
    reverse: YesNo = False
    exclusive: tuple[str, ...] = ()
    blank: str = "no_answer"
    changed: tuple[str, ...] = ()


class ScaleName(Part):
    """What a reader calls the items that share one `scale_of`; a scale without an entry goes by its id."""

    id: str
    label: Text = Text()
