"""From base weights and population margins to the weights of the responses, wave by wave."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, JourneyError, Problem, nearest
from journey_lib.study.segments import as_words
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.stats.weights import Weights
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

Targets = dict[str, dict[Hashable, float]]


def weights_of(study: Study, data: Data) -> Weights:
    """Return the weights of the rows of `responses`.

    Parameters
    ----------
    study : Study
        `weights.base` names the starting weights (1 each without), `weights.rake` the margins, `weights.trim`
        the highest weight as a multiple of the wave's mean.
    data : Data
        Responses and, for raking, margins; a margin's categories may also stand in `customers`.

    Raises
    ------
    DataError
        Starting weights that are negative, zero or missing; categories and targets that do not match.

    Definition
    ----------
    Each wave is raked on its own to the targets of that wave (or to those without a wave), so that every wave
    has mean weight 1: targets are read as shares of their margin.
    """
    from journey_lib.stats import weights

    start = base_weights(study, data)
    if not study.weights.rake:
        return weights.of(start)
    responses = data.require("responses", by="weights")
    groups = {name: _categories(data, name) for name in study.weights.rake}
    problems = [p for name, words in groups.items() for p in _gaps(name, words)]
    parts, order = [], responses["wave"].to_numpy() if "wave" in responses else np.full(len(responses), "")
    for wave in dict.fromkeys(order):
        rows = np.flatnonzero(order == wave)
        inside = {name: words.to_numpy()[rows] for name, words in groups.items()}
        targets, wrong = _targets(study, data, str(wave))
        problems += wrong
        try:
            if not problems:
                made = weights.rake(inside, targets, start[rows], trim=study.weights.trim)
                parts.append((rows, made))
        except JourneyError as error:
            problems += [_in_wave(str(wave), problem) for problem in error.items]
    if problems:
        raise DataError(problems)
    return weights.combine(parts, len(responses))


def base_weights(study: Study, data: Data) -> np.ndarray:
    """Return the starting weights, all above zero; 1 each when the study declares none."""
    responses = data.require("responses", by="weights")
    name = study.weights.base
    if not name:
        return np.ones(len(responses))
    start = responses[name].to_numpy(dtype=float)
    problems = list(_bad_weights(name, start))
    if problems:
        raise DataError(problems)
    return start


def _bad_weights(name: str, start: np.ndarray) -> Iterator[Problem]:
    for word, wrong in (("negative", start < 0), ("zero", start == 0), ("missing", np.isnan(start))):
        count = int(wrong.sum())
        if count:
            yield Problem(
                f"responses, weights in '{name}'", f"{word} in {counted(count, 'row')}", "numbers above 0",
                action="Mend the file, or leave those rows out with where",
            )  # fmt: skip


def _categories(data: Data, name: str) -> pd.Series:
    try:
        return as_words(data.column(name))
    except JourneyError:
        known = data.columns()
        raise DataError(
            Problem("[weights], key 'rake'", f"no column '{name}' in responses or customers",
                    nearest=nearest(name, known))
        ) from None  # fmt: skip


def _gaps(name: str, words: pd.Series) -> Iterator[Problem]:
    empty = int((words.isna() | (words == "")).sum())
    if empty:
        yield Problem(
            f"responses, margin '{name}'", f"no category in {counted(empty, 'row')}", "one in every row"
        )


def _targets(study: Study, data: Data, wave: str) -> tuple[Targets, list[Problem]]:
    """Return the target shares of one wave; targets without a wave hold for all."""
    table = data.require("margins", by="weights")
    waves = table["wave"] if "wave" in table else pd.Series("", index=table.index)
    targets: Targets = {}
    problems = []
    for name in study.weights.rake:
        of_margin = table[table["margin"] == name]
        rows = of_margin[waves[of_margin.index] == wave]
        rows = rows if len(rows) else of_margin[waves[of_margin.index] == ""]
        if rows.empty:
            shown = f", wave '{wave}'" if wave else ""
            known = sorted(set(table["margin"]))
            problems.append(
                Problem(f"margins{shown}", f"no targets for '{name}'", nearest=nearest(name, known),
                        action="Add its rows")
            )  # fmt: skip
        total = float(rows["target"].sum())
        targets[name] = {
            str(c): float(t) / total for c, t in zip(rows["category"], rows["target"], strict=True)
        }
    return targets, problems


def _in_wave(wave: str, problem: Problem) -> Problem:
    where = f"weights of wave '{wave}', {problem.where}" if wave else f"weights, {problem.where}"
    return Problem(where, problem.given, problem.allowed, problem.nearest, problem.action)
