"""Finding project, study and segments from wherever somebody stands."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from journey_lib.errors import ParamError, RunError, StudyError
from journey_lib.publish import places
from journey_lib.publish.each import segments_of
from journey_lib.publish.places import find_study, home, notebooks, title_of
from tests.publish import mini


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNEY_HOME", raising=False)


def test_home_is_the_nearest_project_upwards(
    tmp_path: Path, unset: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini.make(tmp_path)
    (tmp_path / "data/shop/notebooks").mkdir()  # a folder of that name alone is no project
    monkeypatch.chdir(tmp_path / "data/shop")
    assert home() == tmp_path


def test_home_is_the_package_s_own_project_where_there_is_no_other(
    tmp_path: Path, unset: None, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert home() == root


def test_a_home_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    with pytest.raises(RunError, match=r"JOURNEY_HOME=.* has no project"):
        home()


def test_notebooks_are_what_can_be_published(project: mini.Project) -> None:
    for stem in ("opportunities", "explore", "funnel", "journey_map"):
        project.notebook(stem=stem)
    assert list(notebooks()) == ["funnel", "mini", "opportunities", "journey_map"]
    assert title_of(notebooks()["mini"]) == "Who comes back?"


def test_a_study_is_found_from_a_notebook_and_by_its_file(
    project: mini.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = project.root / "data/shop/study.toml"
    monkeypatch.chdir(project.root / "notebooks")
    assert find_study("data/shop") == wanted
    assert find_study(wanted) == wanted
    (project.root / "data/shop/other.toml").write_text(mini.STUDY)
    assert find_study("data/shop/other.toml").name == "other.toml"
    with pytest.raises(StudyError, match=r"Did you mean 'data/shop'\?"):
        find_study("data/shpo")


def test_a_name_with_every_trick_stays_one_part_of_a_path() -> None:
    for evil in ("../../etc/passwd", "a/b", "a\\b", "..", "con\0", "<>:|?*", "\u202egnp"):
        name = places.report_name("survey", {"segment": evil}, Path("none"))
        assert places.safe_name(name, "name") == name


def test_one_report_for_each_value_that_is_large_enough(project: mini.Project) -> None:
    study = mini.STUDY + '\n[sources.responses]\nfile = "raw/responses.csv"\n'
    (project.root / "data/shop/study.toml").write_text(study, encoding="utf-8")
    (project.root / "data/shop/raw").mkdir()
    answers = pd.DataFrame({"respondent_id": range(35), "region": ["KR"] * 20 + ["BR"] * 10 + ["JP"] * 5})
    answers.to_csv(project.root / "data/shop/raw/responses.csv", index=False)
    assert segments_of("data/shop", "region").segments == ("region=BR", "region=KR")
    assert segments_of("data/shop", "region").told() == "Left out, fewer than 10 inside: region=JP."
    with pytest.raises(ParamError, match=r"no column 'regoin'.*Did you mean 'region'"):
        segments_of("data/shop", "regoin")
