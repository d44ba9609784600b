"""What the survey side of the sample study plants, and whether it is found: one study for each seed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from bench.calibrate.alarms import ALPHA, clear_changes
from bench.calibrate.record import NO_BAR, Bar, Line, average, rate
from bench.calibrate.work import spread
from journey_lib.measures.survey import survey
from journey_lib.measures.survey.words import found_change, got_worse
from journey_lib.stats import estimate, multiplicity
from journey_lib.stats.inference import two_sided_p
from journey_lib.study.canonical import read_table
from journey_lib.study.definition import Study, study_from
from journey_lib.study.load import assembled
from journey_lib.study.sample import comments, design
from journey_lib.study.sample.assemble import study_file
from journey_lib.study.sample.journey import walk
from journey_lib.study.sample.people import draw_people
from journey_lib.study.sample.survey import Survey, draw_survey
from journey_lib.study.sample.truth import survey_expected
from journey_lib.study.sample.write import arrow

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.study.data import Data

CLAIM, BIAS_CLAIM = "answers", "hidden-bias"
SIZE = "demo"
SEEDS = 200
FOUND: Bar = (0.88, 1.0)
FALSE: Bar = (0.0, 0.08)
FALL, NOISY = f"tp_{design.FALL_TOUCHPOINT}", f"tp_{design.NOISY_TOUCHPOINT}"
BEFORE, AFTER = design.WAVES[design.FALL_WAVE - 1], design.WAVES[design.FALL_WAVE]
PLANTED = {(FALL, AFTER), ("csat_adoption", AFTER)}
LEAST_RATED = 8
EFFORT = ("effort_1", "effort_2", "effort_3", "effort_4")
Facts = dict[str, float]


@dataclass(frozen=True, eq=False)
class Drawn:
    """The survey of one seed as `load_study` returns it, with what is true about it."""

    study: Study
    data: Data
    frame_mean: float
    survey: Survey
    written: comments.Written

    @property
    def answers(self) -> pd.DataFrame:
        return self.data.require("responses", by="calibration")


def draw(seed: int, size: str = SIZE, variant: str = "") -> Drawn:
    """Generate the survey of one seed and read it the way a study folder is read, without the folder."""
    switch = design.VARIANTS[variant]
    people = draw_people(seed, design.SIZES[size], switch)
    made = draw_survey(seed, people, walk(seed, people, switch), len(people), switch)
    written = comments.survey_comments(seed, people, made.raters, made.columns)
    names = ("wave", "margin", "category", "target")
    margins = {n: list(column) for n, column in zip(names, zip(*made.margins, strict=True), strict=True)}
    tables = {
        "responses": arrow(made.columns | {"comment": written.text}).to_pandas(),
        "margins": arrow(margins).to_pandas(),
    }
    raw = tomllib.loads(study_file(switch).decode())
    raw["sources"] = {name: raw["sources"][name] for name in tables}
    study = study_from(raw, file="study.toml")
    data = assembled(study, {name: read_table(study, name, frame) for name, frame in tables.items()})
    aim = float(survey_expected(made, switch)["overall_frame_pooled"])
    return Drawn(study, data, aim, made, written)


def facts(seed: int, size: str = SIZE) -> Facts:
    """Return everything measured on the survey of one seed."""
    drawn = draw(seed, size)
    answers = drawn.answers
    simple = {**drivers(answers), **scale(answers), **style(answers), **topics(drawn)}
    return {**bias(drawn), **changes(survey(drawn.study, drawn.data)), **simple}


def hidden_bias(seed: int, size: str = SIZE) -> Facts:
    """Return the bias of the variant in which who is content answers more often."""
    return bias(draw(seed, size, "survey_bias"))


def bias(drawn: Drawn) -> Facts:
    """Compare the pooled mean of the overall opinion with that of everybody in the frame."""
    overall, weights = drawn.answers["overall"].to_numpy(float), drawn.data.weights
    raked = estimate.mean(overall, calibration=weights)
    return {
        "raw bias": float(np.nanmean(overall)) - drawn.frame_mean,
        "raked bias": raked.estimate - drawn.frame_mean,
        "design effect": weights.diagnostics["design_effect"],
    }


def changes(result: SurveyResult) -> Facts:
    """Look in a survey report for the planted fall, for the decoy, and for anything else."""
    headline = found_change(result)
    clear = {(change.question, change.wave) for change in clear_changes(result)}
    named = headline is not None and (headline.question, headline.comparison, headline.wave)
    return {
        "fall": named == (FALL, BEFORE, AFTER) and got_worse(result, headline),
        "fall of the stage": ("csat_adoption", AFTER) in clear,
        "decoy": any(question == NOISY for question, _ in clear),
        "elsewhere": any(at not in PLANTED and at[0] != NOISY for at in clear),
    }


def drivers(answers: pd.DataFrame) -> Facts:
    """Rank the drivers of recommendation in the complete raw answers of all waves."""
    columns = [f"tp_{name}" for name in design.DRIVERS]
    complete = answers[[*columns, "nps"]].to_numpy(float)
    complete = complete[~np.isnan(complete).any(axis=1)]
    within = np.corrcoef(complete.T)
    plain, between = within[-1, :-1], within[:-1, :-1]
    beta = np.linalg.solve(between, plain)
    ranks = {
        name: dict(zip(design.DRIVERS, (-values).argsort().argsort() + 1, strict=True))
        for name, values in {"r": plain, "beta": beta, "shapley": shapley(between, plain)}.items()
    }
    decoy, first = design.DRIVER_DECOY, design.DRIVERS[0]
    return {
        "complete rows": len(complete),
        "decoy third by correlation": ranks["r"][decoy] == 3,
        "first by regression": ranks["beta"][first] == 1,
        "first by Shapley": ranks["shapley"][first] == 1,
        "three true ones lead by Shapley": {ranks["shapley"][name] for name in design.DRIVERS[:3]}
        == {1, 2, 3},
        "decoy among three by regression": ranks["beta"][decoy] <= 3,
        "decoy among three by Shapley": ranks["shapley"][decoy] <= 3,
    }


def shapley(between: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Return each driver's Shapley share of the explained variance (Lindeman, Merenda and Gold 1980)."""
    k = len(outcome)
    subsets = [rows for size in range(k + 1) for rows in combinations(range(k), size)]
    explained = {
        rows: float(outcome[list(rows)] @ np.linalg.solve(between[np.ix_(rows, rows)], outcome[list(rows)]))
        for rows in subsets
    }
    shares = np.zeros(k)
    for rows in subsets:
        for driver in set(range(k)) - set(rows):
            gain = explained[tuple(sorted((*rows, driver)))] - explained[rows]
            shares[driver] += gain / (k * comb(k - 1, len(rows)))
    return shares


def scale(answers: pd.DataFrame) -> Facts:
    """Return Cronbach's alpha of the effort scale, its reversed item turned."""
    items = answers[list(EFFORT)].to_numpy(float).copy()
    items[:, 2] = 8 - items[:, 2]
    items = items[~np.isnan(items).any(axis=1)]
    k = items.shape[1]
    return {"alpha": k / (k - 1) * (1 - items.var(axis=0, ddof=1).sum() / items.sum(axis=1).var(ddof=1))}


def topics(drawn: Drawn) -> Facts:
    """Compare the share of each true topic from wave to wave among comments of those who rated the guide.

    A topic has risen when the difference of two neighbouring waves is positive and below 5 % after Holm over
    all topics and waves. The topics are the true ones, not those that the report `comments` reads.
    """
    kept = ~drawn.survey.raters.repeated
    raters, topic = drawn.survey.raters, drawn.written.topic[kept]
    spoke = (topic >= 0) & raters.guide_rater[kept]
    wave, person = raters.wave[kept][spoke], raters.customer[kept][spoke]
    sample = estimate.Sample(int(spoke.sum()), psu=person)
    tests = [
        (name, after, sample.difference(topic[spoke] == number, wave == after, wave == before))
        for number, name in enumerate(comments.TOPICS)
        for before, after in pairwise(range(len(design.WAVES)))
    ]
    adjusted = multiplicity.holm([two_sided_p(f.estimate, f.std_error, f.df) for *_, f in tests])
    risen = {
        (name, after)
        for (name, after, found), p in zip(tests, adjusted, strict=True)
        if p < ALPHA and found.estimate > 0
    }
    planted = ("guide", design.FALL_WAVE)
    return {"topic": planted in risen, "topic elsewhere": bool(risen - {planted})}


def style(answers: pd.DataFrame) -> Facts:
    """Compare each region with all others at each touchpoint, raw and within persons; Holm over all of them.

    Within a person: ratings less the person's mean, over the person's SD, with eight ratings or more.
    """
    grid = answers[[f"tp_{point.id}" for point in design.TOUCHPOINTS]].to_numpy(float)
    enough = (~np.isnan(grid)).sum(axis=1) >= LEAST_RATED
    region, person = answers["region"].to_numpy()[enough], answers["respondent_id"].to_numpy()[enough]
    grid = grid[enough]
    spread_ = np.nanstd(grid, axis=1, ddof=1, keepdims=True)
    within = (grid - np.nanmean(grid, axis=1, keepdims=True)) / np.where(spread_ > 0, spread_, np.nan)
    sample = estimate.Sample(len(grid), psu=person)
    return {
        "style raw": _regions_differ(sample, grid, region),
        "style within persons": _regions_differ(sample, within, region),
    }


def _regions_differ(sample: estimate.Sample, grid: np.ndarray, region: np.ndarray) -> bool:
    found = [
        sample.difference(column, region == name, region != name)
        for column in grid.T
        for name in design.REGIONS
    ]
    return bool(
        np.nanmin(multiplicity.holm([two_sided_p(f.estimate, f.std_error, f.df) for f in found])) < ALPHA
    )


def measure(seeds: int, jobs: int, *, size: str = SIZE) -> list[Line]:
    """Measure the planted findings and decoys of the survey side."""
    found = spread(partial(facts, size=size), range(1, seeds + 1), jobs, CLAIM)
    table = {name: np.array([one[name] for one in found], float) for name in found[0]}
    report = "report `survey`"
    simple = "simple computation, without the reports"
    raw = "all waves pooled"
    within = np.abs(table["raked bias"]) <= 0.03

    def share(setting: str, what: str, name: str, bar: Bar = NO_BAR) -> Line:
        return rate(CLAIM, setting, what, table[name] > 0, bar)

    return [
        average(CLAIM, raw, "raw mean less frame mean (planted .10)", table["raw bias"], (0.07, 0.13)),
        average(CLAIM, raw, "raked mean less frame mean", table["raked bias"], (-0.03, 0.03)),
        rate(CLAIM, raw, "raked mean within .03 of the frame mean", within, FOUND),
        average(
            CLAIM, raw, "design effect of the weights (planted about 1.4)", table["design effect"], (1.3, 1.5)
        ),
        share(report, "headline names the fall at the right touchpoint and wave", "fall", FOUND),
        share(report, "decoy: any clear change at the flat touchpoint", "decoy", FALSE),
        share(report, "any other clear change that was not planted", "elsewhere", FALSE),
        share(report, "the fall is also clear in the stage's own question", "fall of the stage"),
        average(CLAIM, simple, "complete rows for the drivers", table["complete rows"], (2_500, np.inf)),
        share(simple, "decoy driver ranks third by correlation", "decoy third by correlation", FOUND),
        share(simple, "onboarding help is first by regression", "first by regression", FOUND),
        share(simple, "onboarding help is first by Shapley", "first by Shapley", FOUND),
        share(
            simple, "the three strongest drivers lead by Shapley", "three true ones lead by Shapley", FOUND
        ),
        share(
            simple,
            "decoy driver among the first three by regression",
            "decoy among three by regression",
            FALSE,
        ),
        share(simple, "decoy driver among the first three by Shapley", "decoy among three by Shapley", FALSE),
        average(CLAIM, simple, "alpha of the effort scale (planted .82)", table["alpha"], (0.80, 0.84)),
        share(simple, "the topic of the fall rises in its wave (true topics)", "topic", FOUND),
        share(
            simple, "regions differ at some touchpoint, raw ratings (style and experience mixed)", "style raw"
        ),
        share(
            simple,
            "decoy: regions differ in ratings standardised within persons",
            "style within persons",
            FALSE,
        ),
        share(simple, "any other topic or wave rises (true topics)", "topic elsewhere", FALSE),
    ]


def measure_bias(seeds: int, jobs: int, *, size: str = SIZE) -> list[Line]:
    """Measure the limit that is stated: raked answers stay too high when the content answer more often."""
    found = spread(partial(hidden_bias, size=size), range(1, seeds + 1), jobs, BIAS_CLAIM)
    table = {name: np.array([one[name] for one in found], float) for name in found[0]}
    where = "variant `survey_bias`, all waves pooled"
    return [
        average(BIAS_CLAIM, where, "raw mean less frame mean (planted .12)", table["raw bias"], (0.09, 0.15)),
        average(
            BIAS_CLAIM, where, "raked mean less frame mean (planted .04)", table["raked bias"], (0.01, 0.07)
        ),
        rate(
            BIAS_CLAIM,
            where,
            "raked mean .01 to .07 too high",
            np.abs(table["raked bias"] - 0.04) <= 0.03,
            FOUND,
        ),
    ]
