"""From stacked text to the canonical tables: types, keys, answers, and what was found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import Problem
from journey_lib.present.wording import Quantity, message
from journey_lib.study.answers import option_names, read_answers
from journey_lib.study.data import TableReport
from journey_lib.study.stacking import FILE, Stack, stack
from journey_lib.study.tables import CONTRACTS, cast, check_keys, counted, repeated, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.definition import FeedbackPart, Study
    from journey_lib.study.tables import Kind

REPEATED = message("repeats an earlier id (duplicates = keep_first)").key
_DESIGN = ("strata", "psu", "fpc")


@dataclass
class Table:
    """One canonical table, its report and all that is wrong with it."""

    frame: pd.DataFrame
    report: TableReport
    problems: list[Problem] = field(default_factory=list)
    missing: pd.DataFrame | None = None
    unreadable: list[str] = field(default_factory=list)


def read_table(study: Study, name: str, given: pd.DataFrame | None = None) -> Table:
    """Read one source of a study into its canonical table.

    Parameters
    ----------
    study : Study
        The study.
    name : str
        The source: customers, responses, feedback, assignments, orders, costs, actions or margins.
    given : DataFrame, optional
        The raw table itself, when it does not come from a file.

    Returns
    -------
    Table
        Problems are collected, not raised: the caller raises those of all tables at once.
    """
    found = stack(study, name, _needed(study, name), given)
    if found.frame.empty:
        if not found.problems:
            found.problems.append(_no_rows(found, name))
        return Table(found.frame, _report(name, found, 0), found.problems)
    files = found.frame.pop(FILE)
    if name in ("margins", "responses"):
        found.frame["wave"] = found.frame.get("wave", pd.Series("", index=found.frame.index, dtype="str"))
    table = Table(found.frame, _report(name, found, 0), found.problems)
    _cast_all(study, name, table, files)
    if name == "responses":
        _answer_all(study, table, files)
        _settle_design(study, table, found)
    if name == "feedback":
        table.problems += _kinds(study, table.frame)
    _settle_keys(study, name, table, found)
    table.report = _report(name, found, len(table.frame))
    return table


def _no_rows(found: Stack, name: str) -> Problem:
    return Problem(f"sources.{name}", f"no row is left of {found.rows_read:,} read", action="Check where")


def _needed(study: Study, name: str) -> list[str]:
    plan = (study.weights.base, study.design.strata, study.design.psu, study.design.fpc)
    return [column for column in plan if column] if name == "responses" else []


def _report(name: str, found: Stack, kept: int) -> TableReport:
    files, notes = tuple(found.files), tuple(found.notes)
    return TableReport(name, files, found.rows_read, kept, dict(found.dropped), notes)


def _kinds_of(study: Study, name: str) -> dict[str, Kind]:
    """Return the type of each typed column: from the contract, and from the study's own lists."""
    kinds: dict[str, Kind] = {}
    for part in study.sources[name]:
        kinds.update(dict.fromkeys(part.numbers, "number"))
        kinds.update(dict.fromkeys(part.dates, "date"))
    kinds.update({column: c.kind for column, c in CONTRACTS[name].columns.items()})
    if name == "responses":
        kinds.update({column: "number" for column in (study.weights.base, study.design.fpc) if column})
    return kinds


def _cast_all(study: Study, name: str, table: Table, files: pd.Series) -> None:
    kinds = _kinds_of(study, name)
    questions = {option for question in study.questions for option in option_names(question)}
    columns: dict[str, pd.Series] = {}
    for column in table.frame.columns:
        if name == "responses" and column in questions:
            columns[column] = table.frame[column]
            continue
        kind = kinds.get(column, "text")
        done = cast(table.frame[column], kind, time_zone=study.time_zone)
        columns[column] = done.values.fillna("") if column == "wave" else done.values
        if done.failed.any():
            table.unreadable.append(str(column))
        table.problems += _failures(column, kind, done.failed, files)
    table.frame = pd.DataFrame(columns, index=table.frame.index)


def _failures(column: str, kind: Kind, failed: np.ndarray, files: pd.Series) -> Iterator[Problem]:
    for file, count in files[failed].value_counts(sort=False).items():
        yield Problem(
            f"{file}, column '{column}'", f"no {kind} in {counted(count, 'cell')}", wanted(kind),
            action="Mend the file, or map another column",
        )  # fmt: skip


def _answer_all(study: Study, table: Table, files: pd.Series) -> None:
    """Read the questions; their columns stand behind the fixed and further ones."""
    every = {option for question in study.questions for option in option_names(question)}
    columns = {name: table.frame[name] for name in table.frame.columns if name not in every}
    reasons: dict[str, pd.Series] = {}
    for question in study.questions:
        names = list(option_names(question))
        if not set(names) <= set(table.frame.columns):
            continue
        done = read_answers(question, table.frame[names], files)
        columns |= done.columns
        reasons[question.id] = done.reasons
        table.problems += done.problems
    table.frame = pd.DataFrame(columns, index=table.frame.index)
    table.missing = pd.DataFrame(reasons, index=table.frame.index)


def _settle_design(study: Study, table: Table, found: Stack) -> None:
    """Put the declared design and weight under their fixed names; an undeclared one is not used."""
    for name in _DESIGN:
        column = getattr(study.design, name)
        if column and column in table.frame:
            table.frame[name] = table.frame[column]
        elif not column and name in table.frame:
            table.frame = table.frame.drop(columns=name)
            found.notes.append(message("column '{name}' is not used: [design] does not name it", name=name))
    base = study.weights.base
    if base and base in table.frame:
        table.frame["base_weight"] = table.frame[base]
    elif not base and "base_weight" in table.frame:
        found.notes.append(message("column 'base_weight' is not used: [weights] base does not name it"))


def _settle_keys(study: Study, name: str, table: Table, found: Stack) -> None:
    """Drop repeated ids where the study says so, then check the keys of what is left."""
    contract = CONTRACTS[name]
    again = repeated(table.frame, contract)
    if again.any():
        copies = int(table.frame.duplicated().sum())
        found.notes.append(message("exact copies of an earlier row: {n}", n=Quantity(copies)))
        if any(part.duplicates == "keep_first" for part in study.sources[name]):
            found.dropped[REPEATED] = int(again.sum())
            table.frame = table.frame[~again].reset_index(drop=True)
            if table.missing is not None:
                table.missing = table.missing[~again].reset_index(drop=True)
    table.problems += check_keys(table.frame, contract, f"sources.{name}", skip=table.unreadable)


def _kinds(study: Study, frame: pd.DataFrame) -> Iterator[Problem]:
    parts: tuple[FeedbackPart, ...] = study.sources.feedback
    allowed = {kind for part in parts for kind in part.kinds}
    if allowed and "kind" in frame:
        wrong = int((~frame["kind"].isin(list(allowed)) & frame["kind"].notna()).sum())
        if wrong:
            names = ", ".join(sorted(allowed))
            yield Problem(
                "sources.feedback, column 'kind'", f"another kind in {counted(wrong, 'row')}", names
            )
