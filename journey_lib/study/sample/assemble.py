"""Puts one study together, block of customers by block, into an empty folder."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from journey_lib.study.sample import design, truth
from journey_lib.study.sample.journey import Journey, walk
from journey_lib.study.sample.people import People, draw_people
from journey_lib.study.sample.profiles import customers_table
from journey_lib.study.sample.survey import Survey, draw_survey
from journey_lib.study.sample.write import ParquetTable, blocks, write_csv

if TYPE_CHECKING:
    from pathlib import Path


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
    raw = folder / "raw"
    raw.mkdir()
    rows: dict[str, int] = {}
    customers = ParquetTable(raw / "customers.parquet")
    segments = []
    survey: Survey | None = None
    for part, first, n in blocks(design.SIZES[size]):
        people = draw_people(seed, n, variant, part=part, first=first)
        journey = walk(seed, people, variant, part=part)
        customers.append(customers_table(seed, people, journey, people.arm, variant, part=part))
        segments.append(truth.segment_string(people))
        if part == 0:
            survey = _survey(raw, rows, seed, people, journey, variant)
    rows["customers"] = customers.close()
    (folder / "study.toml").write_bytes(study_file())
    truth.write_truth(folder / "truth.json", _truth(size, seed, variant, survey, "".join(segments)))
    return dict(sorted(rows.items()))


def study_file() -> bytes:
    """Return the study file of the sample."""
    text = files("journey_lib.study.sample").joinpath("study.toml").read_text("utf-8")
    return text.encode()


def _survey(
    raw: Path, rows: dict[str, int], seed: int, people: People, journey: Journey, variant: design.Variant
) -> Survey:
    survey = draw_survey(seed, people, journey, len(people), variant)
    table = ParquetTable(raw / "responses.parquet")
    table.append(survey.columns)
    rows["responses"] = table.close()
    rows["margins"] = write_csv(raw / "margins.csv", ("wave", "margin", "category", "target"), survey.margins)
    return survey


def _truth(
    size: str, seed: int, variant: design.Variant, survey: Survey | None, segments: str
) -> dict[str, Any]:
    expected = truth.survey_expected(survey, variant) if survey else {}
    return {
        "version": truth.VERSION,
        "size": size,
        "seed": seed,
        "structural": truth.structural(variant),
        "expected": {"survey": expected},
        "true_segments": segments,
    }
