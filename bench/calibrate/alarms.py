"""How often is a change found where there is none? Weights of design effect 2, a fifth answers twice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.calibrate.record import Line, average, rate
from bench.calibrate.work import spread
from journey_lib.measures.survey import survey
from journey_lib.stats.degrees import Degrees
from journey_lib.stats.estimate import Sample
from journey_lib.stats.inference import two_sided_p
from journey_lib.study.load import quick_study

if TYPE_CHECKING:
    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.numbers import Number

CLAIM = "alarms"
ALPHA = 0.05
BAR, FAMILY_BAR = (0.04, 0.065), (0.0, 0.05)
CHUNK = 100
PAIRS, STUDIES = 4_000, 4_000
ROWS, OVERLAP = 400, 0.2
WAVES, WAVE_ROWS = 6, (200, 600)
KINDS = ("mean", "proportion", "nps")
DEGREES: dict[Degrees, str] = {"design": "counted degrees of freedom", "equivalent": "equivalent ones"}
QUESTIONS = ("rating_1", "rating_2", "rating_3", "rating_4", "ease", "recommend")


def people(rng: np.random.Generator, waves: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return who answers in each wave: a fifth of a wave was asked in the wave before, too."""
    again = round(OVERLAP * rows)
    who = np.arange(waves * rows).reshape(waves, rows)
    for wave in range(1, waves):
        who[wave, :again] = rng.permutation(who[wave - 1])[:again]
    return who.ravel(), np.repeat(np.arange(waves), rows)


def opinions(rng: np.random.Generator, who: np.ndarray, questions: int) -> tuple[np.ndarray, np.ndarray]:
    """Return latent answers and weights: both belong in part to the person, and to each other."""
    size = rng.standard_normal(int(who.max()) + 1)
    taste = rng.standard_normal((size.size, questions))
    rest = rng.standard_normal((who.size, questions))
    latent = 0.3 * size[who][:, None] + 0.6 * taste[who] + np.sqrt(0.55) * rest
    return latent, np.exp(np.sqrt(np.log(2)) * size[who])


def two_waves(task: tuple[int, int]) -> list[tuple[bool, ...]]:
    """Compare two waves of one population: is the difference significant, by rule and kind of answer?"""
    number, repeats = task
    rng = np.random.default_rng([20_27, number])
    return [_two_waves(rng) for _ in range(repeats)]


def _two_waves(rng: np.random.Generator) -> tuple[bool, ...]:
    who, wave = people(rng, 2, ROWS)
    latent, weight = opinions(rng, who, 1)
    sample = Sample(who.size, weight, psu=who)
    score = np.clip(np.floor(3.6 + latent[:, 0]), 1, 5)
    answers = {"mean": score, "proportion": score >= 4, "nps": _recommendation(latent[:, 0])}
    found = [
        sample.difference(answers[kind], wave == 1, wave == 0, kind=kind, degrees=degrees)
        for degrees in DEGREES
        for kind in KINDS
    ]
    return tuple(two_sided_p(f.estimate, f.std_error, f.df) < ALPHA for f in found)


def _recommendation(latent: np.ndarray) -> np.ndarray:
    return np.clip(np.floor(7.5 + 2 * latent), 0, 10)


def six_waves(task: tuple[int, int], rows: int = WAVE_ROWS[0]) -> list[tuple[float, float, bool]]:
    """Run the survey measure on studies in which nothing ever changes."""
    number, repeats = task
    rng = np.random.default_rng([20_28, rows, number])
    return [_alarms(quiet_study(rng, rows)) for _ in range(repeats)]


def quiet_study(rng: np.random.Generator, rows: int = WAVE_ROWS[0]) -> SurveyResult:
    """Return the survey of six waves and six questions without any change."""
    who, wave = people(rng, WAVES, rows)
    latent, weight = opinions(rng, who, len(QUESTIONS))
    frame = pd.DataFrame(np.clip(np.floor(3.6 + latent), 1, 5), columns=list(QUESTIONS))
    frame["recommend"] = _recommendation(latent[:, -1])
    frame["respondent_id"], frame["wave"] = who.astype(str), (wave + 2020).astype(str)
    frame["base_weight"] = weight
    kinds = dict.fromkeys(QUESTIONS, "rating") | {"ease": {"kind": "ces", "direction": "agree_is_easy"}}
    study, data = quick_study(responses=frame, questions=kinds | {"recommend": "nps"})
    return survey(study, data)


def _alarms(result: SurveyResult) -> tuple[float, float, bool]:
    """Return the share of comparisons and of questions with an alarm, and whether the headline has one."""
    changes = result.changes
    single = [change.ci_low > 0 or change.ci_high < 0 for change in changes]
    families = {change.question for change in changes if change.p_value < ALPHA}
    return float(np.mean(single)), len(families) / len(QUESTIONS), bool(clear_changes(result))


def clear_changes(result: SurveyResult) -> list[Number]:
    """Return all changes that pass the rule of the survey's headline, which itself names only the largest.

    The rule: Holm over the waves of a question, times the number of questions, below 5 %.
    """
    tested = [change for change in result.changes if change.known and np.isfinite(change.p_value)]
    questions = len({change.question for change in tested})
    return [change for change in tested if change.p_value * questions < ALPHA]


def measure(seeds: int, jobs: int) -> list[Line]:
    """Measure the claim; the number of studies does not depend on the seeds asked for."""
    del seeds
    pairs = spread(two_waves, _tasks(PAIRS), jobs, "alarms, two waves")
    single = np.array([row for part in pairs for row in part])
    asked = [(words, kind) for words in DEGREES.values() for kind in ("mean", "proportion", "NPS")]
    lines = [
        rate(CLAIM, f"two waves of {ROWS}, {words}", f"difference, {kind}", single[:, i], BAR)
        for i, (words, kind) in enumerate(asked)
    ]
    for rows in WAVE_ROWS:
        name = f"six waves of {rows}, six questions, report `survey`"
        studies = spread(partial(six_waves, rows=rows), _tasks(STUDIES), jobs, f"alarms, {name}")
        lines += _told(name, np.array([row for part in studies for row in part]))
    return lines


def _told(name: str, quiet: np.ndarray) -> list[Line]:
    # Comparisons of one study depend on each other: the study is the unit of the Monte Carlo error.
    single, family = "one comparison of neighbouring waves, before Holm", "any wave of a question, after Holm"
    return [
        average(CLAIM, name, single, quiet[:, 0], BAR, unit="share"),
        average(CLAIM, name, family, quiet[:, 1], FAMILY_BAR, unit="share"),
        rate(CLAIM, name, "the headline of the report names a change", quiet[:, 2], FAMILY_BAR),
    ]


def _tasks(repeats: int) -> list[tuple[int, int]]:
    return [(i, min(CHUNK, repeats - i * CHUNK)) for i in range(-(-repeats // CHUNK))]
