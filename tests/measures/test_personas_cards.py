"""What stands on a card: the journey, own words, the typical member, clusters, and lists that stand still."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.measures.personas import personas
from journey_lib.measures.personas.result import PersonasResult
from journey_lib.measures.personas.typical import UPPER
from journey_lib.measures.personas.variables import compared_of
from journey_lib.measures.time_in_stage import time_in_stage
from journey_lib.stats.clusters import choose
from journey_lib.stats.clusters.choose import criteria
from journey_lib.study.clustering import fit
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import load_study, quick_study
from journey_lib.study.sample import write
from journey_lib.study.segments import Cluster, saved_segments

Loaded = tuple[Study, Data]
TRAITS = ("discount_share_pct", "help_minutes_per_month", "new_recipes_pct")
STABLE = ("stable", "valid", "pattern", "dissolved")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The sample study with its planted segments saved as clusters, and a list of three people."""
    folder = tmp_path_factory.mktemp("tiny")
    write(folder, "tiny")
    study, data = load_study(folder)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["true_segments"]
    ids = data.require("customers", by="test")["customer_id"]
    planted = ids.str[1:].astype(int).map(lambda at: truth[at])
    store = saved_segments(study, data)
    for at, word in enumerate(STABLE):
        found = Cluster("one", "kmeans", 4, "clear", word, 0.9 - at / 10, TRAITS)
        members = ids[planted == str(at)].tolist()
        store.freeze_list(f"Group {word}", members, source="planted", cluster=found)
    return study, data


@pytest.fixture(scope="module")
def cards(tiny: Loaded) -> PersonasResult:
    return personas(*tiny, source="clusters")


def one(result: PersonasResult, metric: str, column: str = "estimate", **where: str) -> float:
    rows = result.table[result.table["metric"] == metric]
    for name, word in where.items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1
    return float(rows[column].iloc[0])


def check(result: PersonasResult, name: str) -> Any:
    return next(found for found in result.checks if found.name == name)


def html(result: PersonasResult) -> str:
    return str(result.show("cards").inner)


# The journey


def test_median_days_are_those_of_the_report_on_time_in_stages(cards: PersonasResult, tiny: Loaded) -> None:
    told = time_in_stage(*tiny, visitors="known").table.query("metric == 'median_days'").set_index("stage")
    for stage in ("awareness", "purchase", "adoption"):
        for column in ("estimate", "ci_low", "ci_high", "n"):
            mine = one(cards, "median_days", column, stage=stage, segment="")
            assert mine == pytest.approx(told.loc[stage, column], rel=1e-9)


def test_days_and_shares_of_a_segment_are_counted_by_hand() -> None:
    """Ten of a plan took 1 … 10 days from cart to paid; of the others nobody paid."""
    rows = [("cart", f"c{at:02}", "2025-03-01") for at in range(30)]
    rows += [("paid", f"c{at:02}", f"2025-03-{2 + at:02}") for at in range(10)]
    log = pd.DataFrame(rows, columns=["event", "customer_id", "time"])
    people = pd.DataFrame({"customer_id": [f"c{at:02}" for at in range(30)], "plan": ["a"] * 10 + ["b"] * 20})
    found = personas(*quick_study(events=log, customers=people, journey=["cart", "paid"]), column="plan")
    assert one(found, "median_days", segment="a", stage="cart") == pytest.approx(5.5)
    assert one(found, "went_on", segment="a", stage="cart") == 1
    assert one(found, "went_on", segment="", stage="cart") == pytest.approx(1 / 3)
    missing = found.table.query("metric == 'median_days' and segment == 'b'")
    assert missing["note"].tolist() == ["not_reached"]
    assert "5.5 / " in html(found)


def test_channels_are_shares_of_members_with_an_event_there() -> None:
    log = pd.DataFrame(
        {
            "event": "seen",
            "customer_id": [f"c{at:02}" for at in range(40)],
            "time": "2025-03-01",
            "channel": ["web"] * 15 + ["app"] * 5 + ["web"] * 10 + ["mail"] * 10,
        }
    )
    people = pd.DataFrame({"customer_id": [f"c{at:02}" for at in range(40)], "plan": ["a"] * 20 + ["b"] * 20})
    found = personas(*quick_study(events=log, customers=people, journey=["seen", "paid"]), column="plan")
    assert one(found, "seen", segment="a", option="web") == pytest.approx(0.75)
    assert one(found, "seen", segment="", option="web") == pytest.approx(25 / 40)


# Their own words


def spoken(words: list[str], plan: list[str]) -> PersonasResult:
    from journey_lib.study.definition.themes import Terms, Theme

    ids = [f"c{at:03}" for at in range(len(words))]
    people = pd.DataFrame({"customer_id": ids, "plan": plan})
    said = pd.DataFrame({"respondent_id": ids, "customer_id": ids, "wave": "1", "why": words, "nps": 9.0})
    study, data = quick_study(customers=people, responses=said, questions={"why": "text", "nps": "nps"})
    themes = (Theme(id="price", terms=Terms(en=("price",))), Theme(id="box", terms=Terms(en=("box",))))
    return personas(study.model_copy(update={"themes": themes}), data, column="plan")


def test_themes_are_shares_of_commenters_and_quotes_are_their_very_words() -> None:
    said = [f"The price is fair, number {'abcdefghijklmnopqrst'[at]}" for at in range(20)]
    other = [f"The box came late again, {'abcdefghijklmnopqrst'[at]}" for at in range(20)]
    found = spoken([*said, *other, *other], ["a"] * 40 + ["b"] * 20)
    assert one(found, "mentioned", segment="a", option="price") == pytest.approx(0.5)
    assert one(found, "mentioned", segment="", option="price") == pytest.approx(1 / 3)
    assert one(found, "mentioned", "n", segment="b", option="box") == 20
    assert found.counted.voices.themes["a"] == ("box", "price")
    for quote in found.counted.voices.quotes["a"]:
        assert quote.text in (*said, *other)
        assert re.fullmatch("[0-9a-f]{6}", quote.author)
        assert quote.text in html(found)


def test_masked_words_are_not_quoted_and_a_theme_of_few_neither() -> None:
    masked = [f"The price is fair, call me at +1 202-555-{1000 + at}" for at in range(40)]
    found = spoken([*masked, *masked], ["a"] * 40 + ["b"] * 40)
    assert found.counted.voices.quotes == {"a": (), "b": ()}
    assert "555" not in html(found)
    few = ["The price is fair and square"] * 9 + ["Nothing to say about anything"] * 51
    found = spoken(few, ["a"] * 30 + ["b"] * 30)
    assert found.counted.voices.quotes["a"] == ()
    assert "fair and square" not in html(found)


# The typical member


def test_the_typical_member_is_told_by_what_thirty_members_share(cards: PersonasResult, tiny: Loaded) -> None:
    told = cards.counted.typical
    assert [name for name in told if told[name].traits]
    compared = compared_of(*tiny, cards.whom.who).variables
    by_column = {(v.column, v.option): v.values for v in compared}
    for persona in cards.personas:
        found = told[persona.name]
        holds = persona.inside.copy()
        for trait in found.traits:
            values = by_column[trait.column, trait.option]
            low, high = np.nanquantile(values, [1 / 3, 2 / 3])
            holds &= values > high if trait.third == UPPER else values <= low if trait.third else values == 1
        assert not found.traits or holds.sum() == found.sharing >= 30


def test_nobody_is_typical_of_a_few() -> None:
    people = pd.DataFrame(
        {"customer_id": [f"c{at:02}" for at in range(60)], "plan": ["a"] * 29 + ["b"] * 31, "town": "x"}
    )
    people["town"] = ["x", "y"] * 30
    found = personas(*quick_study(customers=people), column="plan")
    assert found.counted.typical["a"].traits == ()
    assert "Typical member" not in html(found).partition("plan: b")[0]


# Clusters


def test_saved_clusters_come_with_the_badge_of_their_stability(cards: PersonasResult) -> None:
    assert [one.name for one in cards.personas] != []
    assert cards.whom.verdict == "clear"
    page = html(cards)
    for word in ("stable", "valid", "a pattern", "dissolves"):
        assert word in page
    assert "mean overlap 0.90" in page
    told = check(cards, "stability")
    assert told.status == "failed"
    assert "Group dissolved: not found again" in told.text.say("en")
    assert cards.headlines() == ()


def test_what_built_a_cluster_describes_and_is_not_tested(cards: PersonasResult) -> None:
    assert not set(TRAITS) & set(cards.tested["column"])
    built = cards.table.query("comparison == 'built' and metric == 'index'")
    assert set(built["question"]) <= set(TRAITS)
    own = built[built["segment"] == "Group stable"]
    farthest = own["question"].iloc[int((own["estimate"] - 100).abs().argmax())]
    assert farthest == "discount_share_pct"  # price-driven people, as planted
    assert "Unlike everybody in: " in html(cards)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "criteria", partial(criteria, ks=range(1, 3), draws=4))
    monkeypatch.setattr(choose, "_one_cloud", lambda *_: 0.01)


def crowd(spread: float) -> Loaded:
    """People in two groups, or in one where the spread is 0."""
    rng = np.random.default_rng(1)
    calls = np.repeat([0.0, spread], 60) + rng.normal(size=120)
    frame = pd.DataFrame({"customer_id": [f"c{at:03}" for at in range(120)], "calls": calls})
    return quick_study(customers=frame.assign(minutes=calls + rng.normal(size=120), town=["x", "y"] * 60))


@pytest.mark.usefixtures("quick")
def test_without_saved_clusters_the_run_finds_its_own() -> None:
    found = personas(*crowd(20.0), source="clusters")
    assert [persona.n for persona in found.personas] == [60, 60]
    assert found.personas[0].cluster is not None
    assert found.personas[0].columns == ("calls", "minutes")
    assert "not saved" in html(found)
    assert [check.status for check in found.checks if check.name == "verdict"] in ([], ["watch"])


@pytest.mark.usefixtures("quick")
def test_no_segments_no_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "_one_cloud", lambda *_: 0.9)
    found = personas(*crowd(0.0), source="clusters")
    assert (found.whom.verdict, found.personas) == ("none", ())
    assert check(found, "verdict").status == "failed"
    assert "no segments in these people, so there are no cards" in html(found)
    assert "<article" not in html(found)
    assert not found.show("cards").empty  # an empty part would be left out of the page
    assert found.show("satisfaction").empty
    assert found.headlines() == ()
    assert "Do not build segments" in found.explain("long")
    assert found.picture() == ""


def test_saved_groups_with_the_verdict_none_get_no_cards_as_clusters(tmp_path: Path) -> None:
    study, data = crowd(0.0)
    study = study.placed(tmp_path)
    forced = Cluster("one", "kmeans", 2, "none", "stable", 0.9, ("calls", "minutes"))
    ids = [f"c{at:03}" for at in range(120)]
    store = saved_segments(study, data)
    store.freeze_list("First", ids[:60], source="x", cluster=forced)
    store.freeze_list("Second", ids[60:], source="x", cluster=forced)
    assert personas(study, data, source="clusters").personas == ()
    saved = personas(study, data)
    assert len(saved.personas) == 2
    assert check(saved, "verdict").status == "failed"


# Lists


def test_a_frozen_list_says_its_day_and_whether_its_rule_moved_on(tmp_path: Path) -> None:
    people = pd.DataFrame({"customer_id": [f"c{at:02}" for at in range(80)], "plan": ["a", "b"] * 40})
    study, data = quick_study(customers=people.assign(calls=np.arange(80.0)))
    study = study.placed(tmp_path)
    store = saved_segments(study, data)
    store.save("Plan a", "plan=a")
    store.freeze("Plan a")
    now = people.assign(plan=["b", "a"] * 40, calls=np.arange(80.0))
    later = replace(data, customers=now)
    found = personas(study, later)
    assert [persona.n for persona in found.personas] == [40]
    assert set(found.whom.who.ids[found.personas[0].inside]) == set(people["customer_id"][::2])
    assert "frozen list" in html(found)
    told = check(found, "frozen")
    assert told.status == "watch"
    assert "Plan a (list of" in told.text.say("en")
    assert check(personas(study, data), "frozen").status == "passed"


def test_a_list_of_three_people_is_hidden_from_top_to_bottom(tmp_path: Path) -> None:
    people = pd.DataFrame({"customer_id": [f"c{at:02}" for at in range(80)], "calls": np.arange(80.0)})
    study, data = quick_study(customers=people)
    study = study.placed(tmp_path)
    saved_segments(study, data).freeze_list("Three", ["c01", "c02", "c03"], source="a talk")
    found = personas(study, data)
    assert check(found, "size").status == "failed"
    assert "n &lt; 10" in html(found)
    assert found.masked.query("segment == 'Three'")["estimate"].isna().all()
    assert found.counted.typical["Three"].traits == ()
