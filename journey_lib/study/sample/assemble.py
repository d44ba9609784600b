"""Puts one study together, block of customers by block, into an empty folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.study.sample import channels, comments, commerce, design, dirt, sessions, trial, truth
from journey_lib.study.sample.draws import Ints, stream
from journey_lib.study.sample.journey import Journey, walk
from journey_lib.study.sample.people import People, draw_people
from journey_lib.study.sample.profiles import customers_table
from journey_lib.study.sample.survey import Survey, draw_survey
from journey_lib.study.sample.write import CsvTable, ParquetTable, blocks, write_csv

if TYPE_CHECKING:
    from pathlib import Path

CONSIDERING: float = 0.59  # share of customers logged in the experiment of the ratio-mismatch variant


@dataclass
class _Raw:
    """The open files of one study and what has been counted on the way."""

    folder: Path
    costs: Ints
    rows: dict[str, int] = field(default_factory=dict)
    segments: list[str] = field(default_factory=list)
    both_arms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tables = {
            name: ParquetTable(self.folder / f"{name}.parquet")
            for name in ("customers", "assignments", "orders", "actions")
        }
        self.feedback = CsvTable(self.folder / "feedback.csv")

    def close(self) -> None:
        for name, table in self.tables.items():
            self.rows[name] = table.close()
        self.rows["feedback"] = self.feedback.close()


def assemble(folder: Path, size: str, seed: int, variant: design.Variant) -> dict[str, int]:
    """Generate every table of one study.

    Parameters
    ----------
    folder : Path
        An empty folder.
    size : str
        One of `design.SIZES`.
    seed : int
        Seed of the study.
    variant : Variant
        The switch in force.

    Returns
    -------
    dict
        Table → rows.
    """
    (folder / "raw").mkdir()
    raw = _Raw(folder / "raw", np.zeros((design.DAYS, len(design.CHANNELS)), dtype=np.int64))
    facts = truth.Facts()
    for part, first, n in blocks(customers(size, variant)):
        people = draw_people(seed, n, variant, part=part, first=first)
        journey = walk(seed, people, variant, part=part)
        _behaviour(raw, seed, people, journey, variant, part)
        raw.segments.append(truth.segment_string(people))
        if part == 0:
            facts = _survey(raw, seed, people, journey, variant)
    raw.close()
    raw.rows["costs"] = write_csv(
        folder / "raw" / "costs.csv",
        ("date", "channel", "cost", "touches"),
        commerce.cost_rows(stream(seed, "costs"), raw.costs),
    )
    (folder / "study.toml").write_bytes(study_file(variant))
    told = {
        "size": size,
        "seed": seed,
        "true_segments": "".join(raw.segments),
        "both_arms": {"count": len(raw.both_arms), "customers": raw.both_arms},
    }
    truth.write_truth(folder / "truth.json", told | truth.all_facts(variant, facts))
    return dict(sorted(raw.rows.items()))


def customers(size: str, variant: design.Variant) -> int:
    """Return how many customers a study has; one variant is sized by its experiment.

    Examples
    --------
    >>> customers("tiny", design.VARIANTS[""]), customers("demo", design.VARIANTS["ratio_mismatch"])
    (1000, 33898)
    """
    if variant.assigned_units and size == "demo":
        return round(variant.assigned_units / CONSIDERING)
    return design.SIZES[size]


def study_file(variant: design.Variant) -> bytes:
    """Return the study file of a variant: only the plan of the experiment can differ.

    Examples
    --------
    >>> b'unit = "household"' in study_file(design.VARIANTS["clustered"])
    True
    """
    text = files("journey_lib.study.sample").joinpath("study.toml").read_text("utf-8")
    if variant.clustered:
        text = text.replace('end = 2026-06-24\nunit = "customer"', 'end = 2026-06-24\nunit = "household"')
    if variant.looks != 5:
        text = text.replace("looks = 5", f"looks = {variant.looks}")
    if len(variant.arms) > 2:
        arms = ", ".join(f'"{arm}"' for arm in variant.arms)
        split = ", ".join(f"{share:.10f}" for share in variant.split)
        text = text.replace(
            'arms = ["current", "new"]\nsplit = [0.5, 0.5]', f"arms = [{arms}]\nsplit = [{split}]"
        )
    return text.encode()


def _behaviour(
    raw: _Raw, seed: int, people: People, journey: Journey, variant: design.Variant, part: int
) -> None:
    """Write events, orders, actions, feedback, assignments and profiles of one block."""
    touches = channels.draw_touches(stream(seed, "touches", part), np.isfinite(journey.first[:, 2]))
    rng = stream(seed, "orders", part)
    paid, rounds = journey.attempts.paid, journey.attempts
    amounts = commerce.order_amounts(rng, people.plan[rounds.customer[paid]], rounds.time[paid], variant)
    raw.tables["orders"].append(commerce.orders_table(rng, people, journey, amounts, variant, part=part))
    _events(raw, seed, people, journey, touches, amounts, part)
    first_channel = touches.channel[touches.place == 0]
    profile = customers_table(seed, people, journey, first_channel, variant, part=part)
    raw.tables["customers"].append(profile)
    given = trial.assignments_table(stream(seed, "trial", part), people, journey, variant)
    raw.tables["assignments"].append(given)
    raw.both_arms += trial.twice(given)
    logged = commerce.actions_table(stream(seed, "actions", part), people, journey, part=part)
    raw.tables["actions"].append(logged)
    said = comments.feedback_table(stream(seed, "feedback", part), people, journey, part=part)
    raw.feedback.append(said)


def _events(
    raw: _Raw,
    seed: int,
    people: People,
    journey: Journey,
    touches: channels.Touches,
    amounts: np.ndarray,
    part: int,
) -> None:
    log = sessions.draw_log(stream(seed, "events", part), people, journey, touches, amounts)
    raw.costs += commerce.cost_counts(log)
    rng = stream(seed, "dirt", part)
    first_stay = np.searchsorted(journey.customer, np.arange(len(people)))
    ids = dirt.draw_ids(rng, people, journey.end[first_stay])
    table = dirt.event_table(
        rng, people, ids, dirt.sign_ins(ids, log), part=part, first=int(people.number[0])
    )
    file = ParquetTable(raw.folder / "events" / f"part-{part:04d}.parquet")
    file.append(table)
    raw.rows["events"] = raw.rows.get("events", 0) + file.close()


def _survey(raw: _Raw, seed: int, people: People, journey: Journey, variant: design.Variant) -> truth.Facts:
    survey: Survey = draw_survey(seed, people, journey, len(people), variant)
    written = comments.survey_comments(seed, people, survey.raters, survey.columns)
    table = ParquetTable(raw.folder / "responses.parquet")
    table.append(survey.columns | {"comment": written.text})
    raw.rows["responses"] = table.close()
    names = ("wave", "margin", "category", "target")
    raw.rows["margins"] = write_csv(raw.folder / "margins.csv", names, survey.margins)
    return truth.Facts(truth.survey_expected(survey, variant), truth.comments_expected(survey, written))
