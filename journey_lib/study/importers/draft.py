"""What an importer hands over: the text of a study file, and the raw files that go with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

PLEASE = "# please check:"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True)
class Asked:
    """What a person asked for.

    Attributes
    ----------
    path : Path
        The export.
    study : str
        Id of the new study.
    mapping : mapping
        Canonical name = column, where the person named them.
    options : mapping
        Header of a question = its answer options, where the person listed them.
    """

    path: Path
    study: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A study somebody can correct.

    Attributes
    ----------
    study : str
        Text of `study.toml`.
    files : mapping
        Path inside the study's folder = a table to write, or a file to copy.
    notes : tuple of str
        What was met, changed or left out, and what a person must decide.
    """

    study: str
    files: Mapping[str, pa.Table | pd.DataFrame | Path]
    notes: tuple[str, ...] = ()


def quoted(text: object) -> str:
    r"""Write a text as a TOML string, exactly as it is.

    Examples
    --------
    >>> print(quoted("two" + chr(10) + "lines"))
    "two\nlines"
    """
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def plain(text: object) -> str:
    """Return a text on one line, without signs that a comment of a TOML file may not hold."""
    return " ".join(_CONTROL.sub(" ", str(text)).split())


def listed(names: Iterable[object]) -> str:
    """Write names as a TOML list.

    Examples
    --------
    >>> listed(["a", "b"])
    '["a", "b"]'
    """
    return f"[{', '.join(map(quoted, names))}]"


def table(pairs: Mapping[str, str]) -> str:
    """Write a TOML table on one line.

    Examples
    --------
    >>> table({"99": "refused", "time": "ts"})
    '{ "99" = "refused", time = "ts" }'
    """
    return f"{{ {', '.join(f'{key(k)} = {quoted(v)}' for k, v in pairs.items())} }}"


def key(name: str) -> str:
    """Write a key of a TOML table; numbers as names stay in quotes so that nobody reads them as one."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name) else quoted(name)


def comment(*lines: object) -> list[str]:
    """Write lines as comments."""
    return [f"# {plain(line)}".rstrip() for line in lines]


def naming_example(column: str) -> list[str]:
    """Return, as comments, how a study names a column and its values for its readers.

    Examples
    --------
    >>> naming_example("region")[2]
    '# id = "region"'
    """
    return [
        *comment(
            "Readers meet columns by their ids. To name one and its values, take the # away and fill in:"
        ),
        *comment("[[columns]]", f"id = {quoted(column)}", 'label = { en = "…", ko = "…" }'),
        *comment('values = { "…" = { en = "…", ko = "…" } }'),
    ]


def head(asked: Asked, what: str, time_zone: str = "", zone_why: str = "") -> list[str]:
    """Return the beginning of a drafted study file.

    Parameters
    ----------
    asked : Asked
        The export and the study's id.
    what : str
        What kind of export it is.
    time_zone : str
        The zone the export names; "" when it names none.
    zone_why : str
        Where that zone comes from.
    """
    why = zone_why or "nothing in the export says where its clock hung, or where its days begin"
    return [
        *comment(f"Drafted by `journey init` from {asked.path.name} ({what})."),
        *comment('Lines marked "please check" are guesses or gaps. Correct them, then run `journey check`.'),
        f"id = {quoted(asked.study)}",
        f"title = {{ en = {quoted(asked.study)} }}  {PLEASE} what your readers should call the study",
        f"time_zone = {quoted(time_zone or 'UTC')}  {PLEASE} {plain(why)}",
        "",
    ]


def counts(found: Mapping[str, int], noun: str, most: int = 200) -> list[str]:
    """Return names with how often each was met, the most frequent first, as comments."""
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    lines = [f"#   {n:>10,}  {plain(name)}" for name, n in ordered[:most]]
    rest = len(ordered) - most
    return [*lines, *(comment(f"... and {counted(rest, noun)} more") if rest > 0 else [])]
