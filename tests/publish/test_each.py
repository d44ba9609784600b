"""What `--each` stands for: values of a column or saved segments, without those too small to show."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from journey_lib.errors import JourneyError, ParamError
from journey_lib.publish.each import segments_of
from journey_lib.publish.saved import answer
from tests.publish import mini

SOURCES = '\n[sources.customers]\nfile = "raw/customers.csv"\nnumbers = ["age"]\n'


@pytest.fixture
def shop(project: mini.Project) -> Path:
    """Twenty customers in Korea, twelve in Brazil, three in Japan."""
    folder = project.root / "data/shop"
    (folder / "study.toml").write_text(mini.STUDY + SOURCES, encoding="utf-8")
    (folder / "raw").mkdir()
    table = pd.DataFrame({"customer_id": range(35), "region": ["KR"] * 20 + ["BR"] * 12 + ["JP"] * 3})
    table.assign(age=[20 + i % 3 for i in range(35)]).to_csv(folder / "raw/customers.csv", index=False)
    return folder


def test_each_value_of_a_column_of_customers(shop: Path) -> None:
    found = segments_of("data/shop", "region")
    assert found.segments == ("region=BR", "region=KR")
    assert found.told() == "Left out, fewer than 10 inside: region=JP."
    with pytest.raises(ParamError, match="Did you mean 'region'"):
        segments_of("data/shop", "regoin")


def test_each_saved_segment_that_is_large_enough(shop: Path) -> None:
    with pytest.raises(ParamError, match="Save one with `journey segments save`"):
        segments_of("data/shop", "segment")
    answer("data/shop", "save", ["Koreans", "region=KR"])
    answer("data/shop", "save", ["Three people", "region=JP"])
    found = segments_of("data/shop", "segment")
    assert (found.segments, found.small) == (("Koreans",), ("Three people",))
    answer("data/shop", "remove", ["Koreans"])
    with pytest.raises(ParamError, match="no segment that is large enough"):
        segments_of("data/shop", "segment")


def test_every_saved_rule_that_names_what_is_gone_is_told(shop: Path) -> None:
    answer("data/shop", "save", ["Koreans", "region=KR"])
    answer("data/shop", "save", ["Twenty", "age=20"])
    answer("data/shop", "save", ["Brazil", "region=BR"])
    table = pd.DataFrame({"customer_id": range(20), "region": "KR"})
    table.to_csv(shop / "raw/customers.csv", index=False)
    (shop / "study.toml").write_text(
        (mini.STUDY + SOURCES).replace('numbers = ["age"]', ""), encoding="utf-8"
    )
    with pytest.raises(ParamError) as caught:
        segments_of("data/shop", "segment")
    told = [str(one) for one in caught.value.items]
    assert len(told) == 2
    assert "segment 'Twenty': no column 'age'" in told[0]
    assert "segment 'Brazil': column 'region' has no value 'BR'" in told[1]


def test_a_file_broken_by_hand_is_one_error(shop: Path) -> None:
    (shop / "segments.json").write_text("[{]", encoding="utf-8")
    with pytest.raises(JourneyError, match=r"segments\.json: is not valid JSON at line 1"):
        segments_of("data/shop", "segment")


# What `journey segments` answers.


def test_save_edit_freeze_and_compare(shop: Path) -> None:
    (saved,) = answer("data/shop", "save", ["Asia", "region=KR"], description="why", author="me").lines
    assert saved.startswith("'Asia' version 1: 20 of 35 customers inside, 0 undecided. asia@1#")
    rule = json.dumps({"column": "region", "operator": "in", "value": ["KR", "JP"]})
    (edited,) = answer("data/shop", "edit", ["Asia", rule]).lines
    assert edited.startswith("'Asia' version 2: 23 of 35")
    (frozen,) = answer("data/shop", "freeze", ["Asia"]).lines
    assert "members frozen in derived/segment-asia-v3.csv" in frozen
    moved = answer("data/shop", "diff", ["Asia@1", "Asia@2"]).lines
    assert moved[0] == "From 'Asia@1' to 'Asia@2': 3 entered, 0 left, 20 in both."
    assert moved[1:] == ("− region: KR", "+ region: JP or KR")
    assert answer("data/shop", "rename", ["Asia", "East"]).lines[0].startswith("'East' version 3")
    assert answer("data/shop", "duplicate", ["East", "East too"]).lines[0].startswith("'East too' version 1")


def test_the_list_says_how_many_then_and_now(shop: Path) -> None:
    assert "No segment is saved yet" in answer("data/shop", "list", []).lines[0]
    answer("data/shop", "save", ["Koreans", "region=KR"])
    answer("data/shop", "save", ["Twenty", "age=20"])
    table = pd.read_csv(shop / "raw/customers.csv", dtype=str).iloc[10:].drop(columns="age")
    table.to_csv(shop / "raw/customers.csv", index=False)
    (shop / "study.toml").write_text(
        (mini.STUDY + SOURCES).replace('numbers = ["age"]', ""), encoding="utf-8"
    )
    rows = answer("data/shop", "list", []).rows
    assert rows[0] == ("Koreans", "1", "20", "10", "0", "0", "region: KR")
    assert rows[1][:4] == ("Twenty", "1", "12", "cannot be asked")


def test_show_prints_what_can_be_copied(shop: Path) -> None:
    answer("data/shop", "save", ["Koreans", "region=KR"], description="Spring offer")
    lines = answer("data/shop", "show", ["Koreans"]).lines
    assert "Parameter: -p segment 'region=KR'" in lines
    assert "Description: Spring offer" in lines
    assert "Used by no report yet" in lines


@pytest.mark.parametrize(
    ("action", "words", "said"),
    [
        ("sav", ["a"], "Did you mean 'save'"),
        ("save", ["a"], "'save' is given 1 words. Allowed: NAME RULE"),
        ("list", ["a"], "no further word"),
        ("show", ["Asia"], "no saved segment 'Asia'"),
        ("save", ["A", "regoin=KR"], "Did you mean 'region'"),
    ],
)
def test_what_is_no_request(shop: Path, action: str, words: list[str], said: str) -> None:
    with pytest.raises(JourneyError, match=said):
        answer("data/shop", action, words)
