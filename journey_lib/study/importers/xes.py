"""Process logs in XES (IEEE 1849): a trace is a case, its events carry time, actor and transition."""

from __future__ import annotations

from collections import Counter
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree  # documents that declare entities are refused below

from journey_lib.study.importers.draft import PLEASE, Asked, Draft, plain
from journey_lib.study.importers.event_study import FILE, Row, event_study, gather, log_of, moment
from journey_lib.study.importers.opening import damage_said, refuse, streams
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

WHAT = "XES process log"
_CHUNK = 1 << 18
_VALUES = ("string", "date", "int", "float", "boolean", "id")
_NAMES = {
    "concept:name": "event", "time:timestamp": "time", "org:resource": "resource",
    "lifecycle:transition": "lifecycle",
}  # fmt: skip


def draft_xes(asked: Asked) -> Draft:
    """Say what a process log holds, as a study to be corrected; the case is the customer."""
    target = _Target()
    events = gather(_rows(asked, target), asked.path.name)
    steps = Counter(events["lifecycle"].to_pylist() if "lifecycle" in events.schema.names else [])
    lines = _transitions(steps)
    notes = [f"{counted(target.traces, 'case')}; a case is a customer"]
    if target.unnamed:
        notes.append(f"{counted(target.unnamed, 'case')} without concept:name: numbered")
    if target.naive:
        notes.append(f"{counted(target.naive, 'event')} without an offset: read as UTC")
        lines.append(f"{PLEASE} {target.naive:,} times have no offset and were read as UTC")
    study = event_study(
        asked, log_of(events, WHAT, {}, lines), zone_why="times in XES carry their own offset"
    )
    return Draft(study, {FILE: events}, tuple(notes))


def _transitions(steps: Counter[str | None]) -> list[str]:
    """Ask which transitions count when one step of the work stands in the log more than once."""
    named = {str(step): n for step, n in steps.items() if step}
    if len(named) < 2:
        return []
    counted_steps = ", ".join(f"{plain(step)} {n:,}" for step, n in sorted(named.items()))
    some = max(named, key=lambda step: (named[step], step))
    return [
        f"{PLEASE} one activity may stand here with several transitions ({counted_steps});",
        f'# to count one of them only: where = {{ lifecycle = ["{plain(some)}"] }}',
    ]


def _rows(asked: Asked, target: _Target) -> Iterator[Row]:
    """Yield events trace by trace; no more than one trace is held."""
    for name, stream in streams(asked.path):
        parser = ElementTree.XMLParser(target=target)  # noqa: S314  # `doctype` refuses what could declare
        try:
            with damage_said(name):
                yield from _fed(parser, target, stream)
        except ElementTree.ParseError as error:
            given = f"is cut or damaged at line {error.position[0]}"
            raise refuse(name, given) from None
        except _DoctypeError:
            action = "Export the log without a DOCTYPE"
            raise refuse(name, "declares a document type, which XES has not", action) from None


def _fed(parser: ElementTree.XMLParser, target: _Target, stream: IO[bytes]) -> Iterator[Row]:
    while chunk := stream.read(_CHUNK):
        parser.feed(chunk)
        yield from target.taken()
    parser.close()
    yield from target.taken()


class _DoctypeError(Exception):
    """The document declares a type: entities could follow, from inside or from elsewhere."""


class _Target:
    """Receives the elements of the log as they are read."""

    def __init__(self) -> None:
        self.traces = self.unnamed = self.naive = 0
        self._done: list[Row] = []
        self._events: list[dict[str, str]] = []
        self._case: dict[str, str] = {}
        self._open: list[str] = []

    def taken(self) -> list[Row]:
        """Return finished events and forget them."""
        done, self._done = self._done, []
        return done

    def doctype(self, name: str, public: str | None, system: str | None) -> None:  # noqa: ARG002
        raise _DoctypeError

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name, parent = tag.rpartition("}")[2], self._open[-1] if self._open else ""
        self._open.append(name)
        if name == "trace":
            self._case, self._events = {}, []
        elif name == "event":
            self._events.append({})
        elif name in _VALUES and parent in ("trace", "event") and "key" in attributes:
            owner = self._case if parent == "trace" or not self._events else self._events[-1]
            owner[attributes["key"]] = attributes.get("value", "")

    def end(self, tag: str) -> None:
        self._open.pop()
        if tag.rpartition("}")[2] == "trace":
            self._finish()

    def data(self, text: str) -> None:
        """XES keeps nothing between its tags."""

    def close(self) -> None:
        """Nothing is left to do."""

    def _finish(self) -> None:
        self.traces += 1
        case = self._case.pop("concept:name", "")
        self.unnamed += not case
        about = {f"case.{name}": value for name, value in self._case.items()}
        for event in self._events:
            self._done.append(self._row(case or str(self.traces), event, about))
        self._events, self._case = [], {}

    def _row(self, case: str, event: dict[str, str], about: dict[str, str]) -> Row:
        named: dict[str, object] = {_named(name): value or None for name, value in event.items()}
        time = str(named.get("time") or "")
        self.naive += bool(time) and not (time.endswith("Z") or "+" in time[10:] or "-" in time[10:])
        return {**about, **named, "customer_id": case, "time": moment(time)}


def _named(attribute: str) -> str:
    """Return the column of an attribute; none may take the place of a fixed one."""
    taken = attribute in ("customer_id", "event", "time", "received_at", "value", "event_id")
    return f"event.{attribute}" if taken else _NAMES.get(attribute, attribute)
