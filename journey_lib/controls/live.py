"""A measure run again and again with other parameters, without a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from inspect import Parameter, signature
from typing import TYPE_CHECKING

from journey_lib.errors import JourneyError, ParamError, Problem, nearest
from journey_lib.measures import find, params_class, stems
from journey_lib.present.result import Result
from journey_lib.study.params import RunParams, choices_of, parse_assignments, read_params

if TYPE_CHECKING:
    from pathlib import Path

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


@dataclass(frozen=True)
class Field:
    """One parameter of a measure, as a form asks for it.

    Attributes
    ----------
    name, description : str
        As in the measure's class.
    kind : type
        `bool`, or what its text is read as.
    default : object
        What the measure takes without being told.
    choices : tuple
        The values it may have; () when it is open.
    suggested : tuple of str
        Values worth trying where it is open: columns for `by`.
    """

    name: str
    description: str
    kind: object
    default: object
    choices: tuple[object, ...] = ()
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a run came to: a result, or why there is none."""

    result: Result | None = None
    problem: str = ""
    stem: str = ""


class LiveMeasure:
    """A measure of the workbench and its parameters, run on whoever is selected.

    Parameters
    ----------
    stem : str
        The measure.
    study, data : Study, Data
        From `load_study` or `quick_study`.

    Examples
    --------
    >>> from journey_lib.study.load import load_study
    >>> live = LiveMeasure("funnel", *load_study("data/sample"))
    >>> live.set("window", "7 dyas")
    >>> live.answer().problem[:17]
    "window: '7 dyas'."
    """

    def __init__(self, stem: str, study: Study, data: Data) -> None:
        self.study, self.data = study, data
        self.choose(stem)

    def choose(self, stem: str) -> None:
        """Take another measure, with its defaults."""
        known = answering()
        if stem not in known:
            given = "does not run on the data of a study" if stem in stems() else "is no measure"
            raise ParamError(Problem(f"'{stem}'", given, ", ".join(known), nearest(stem, known)))
        self.stem = stem
        self.fields = tuple(_fields(params_class(stem), self.data))
        self._given: dict[str, object] = {}

    def set(self, name: str, value: object) -> None:
        """Give a parameter a value: of its own type, or as text."""
        self._given = {**self._given, name: value}

    @property
    def given(self) -> Mapping[str, object]:
        """What was set so far."""
        return dict(self._given)

    def params(self) -> RunParams:
        """Return the parameters, checked.

        Raises
        ------
        ParamError
            Everything that is wrong with them, at once.
        """
        declared = params_class(self.stem)
        texts = [f"{n}={v}" for n, v in self._given.items() if isinstance(v, str) and _is_read(declared, n)]
        plain = {n: v for n, v in self._given.items() if not (isinstance(v, str) and _is_read(declared, n))}
        return read_params(declared, {**plain, **parse_assignments(texts, declared)})

    def answer(self, data: Data | None = None) -> Answer:
        """Run the measure; whatever goes wrong is one message.

        Parameters
        ----------
        data : Data, optional
            The data speaking about those who are selected; everybody without it.
        """
        try:
            params = self.params()
            measure: Callable[..., Result] = getattr(find(self.stem), self.stem)
            return Answer(measure(self.study, data or self.data, **params.options()), stem=self.stem)
        except JourneyError as error:
            return Answer(problem=str(error), stem=self.stem)
        except Exception as error:  # noqa: BLE001 - a fault of a measure must not leave a traceback in a form
            return Answer(problem=f"{self.stem}: {type(error).__name__}: {error}", stem=self.stem)

    @staticmethod
    def figure(result: Result) -> tuple[str, str]:
        """Return the figure of a result as HTML, drawn for a screen alone, and why there is none."""
        from journey_lib.present.blocks import figure

        try:
            return str(figure(result.plot(), live=True)._repr_html_()), ""
        except (JourneyError, NotImplementedError) as error:
            return "", str(error)

    def called(self, selection: str) -> str:
        """Return the line of Python that publishes the same report."""
        given = {n: v for n, v in self.params().options().items() if v != self._default(n)}
        settings = {**({"segment": selection} if selection else {}), **given}
        place = _seen_from_home(self.study.folder)
        return f"jl.run({self.stem!r}, study={place!r}, set={settings!r})"

    def _default(self, name: str) -> object:
        return next(one.default for one in self.fields if one.name == name)


def _seen_from_home(folder: Path) -> str:
    """Return a folder as a command in the project names it."""
    from journey_lib.publish.places import home

    try:
        return folder.resolve().relative_to(home()).as_posix()
    except (JourneyError, ValueError):
        return folder.as_posix()


def answering() -> list[str]:
    """Return the measures that run on a study and its data; others read what those have published.

    Examples
    --------
    >>> "funnel" in answering(), "journey_map" in answering()
    (True, False)
    """
    return [stem for stem in stems() if _takes_data(getattr(find(stem), stem, None))]


def _takes_data(measure: Callable[..., object] | None) -> bool:
    if measure is None:  # a module that somebody is still writing
        return False
    plain = [
        p.name for p in signature(measure).parameters.values() if p.kind is Parameter.POSITIONAL_OR_KEYWORD
    ]
    return plain[:2] == ["study", "data"]


def _fields(declared: type[RunParams], data: Data) -> list[Field]:
    found = []
    for name, one in declared.model_fields.items():
        if name in RunParams.model_fields:
            continue
        default = one.get_default(call_default_factory=True)
        made = Field(name, one.description or "", one.annotation, default, tuple(choices_of(one)))
        found.append(replace(made, suggested=_columns(data)) if name == "by" else made)
    return found


def _columns(data: Data) -> tuple[str, ...]:
    """Return the columns worth splitting by: text with few values."""
    table = data.customers if data.customers is not None else data.responses
    if table is None:
        return ()
    texts = [str(name) for name in table if table[name].dtype == "str" and not str(name).endswith("_id")]
    return tuple(name for name in texts if table[name].nunique() <= 30)


def _is_read(declared: type[RunParams], name: str) -> bool:
    """Say whether a parameter's text is read as something else."""
    return name in declared.model_fields and declared.model_fields[name].annotation is not str
