"""What `journey segments` says of lists: they stand beside rules, and show where they came from."""

from __future__ import annotations

import pandas as pd
import pytest

from journey_lib.publish.each import segments_of
from journey_lib.publish.saved import answer
from journey_lib.study.load import load_study
from journey_lib.study.segments import Cluster, SavedSegments, saved_segments
from tests.publish import mini


@pytest.fixture
def store(project: mini.Project) -> SavedSegments:
    """Thirty customers, twelve of them on a list."""
    folder = project.root / "data/shop"
    sources = '\n[sources.customers]\nfile = "raw/customers.csv"\n'
    (folder / "study.toml").write_text(mini.STUDY + sources, encoding="utf-8")
    (folder / "raw").mkdir()
    table = pd.DataFrame({"customer_id": range(30), "region": ["KR"] * 18 + ["BR"] * 12})
    table.to_csv(folder / "raw/customers.csv", index=False)
    return saved_segments(*load_study(folder))


def test_a_list_is_listed_shown_and_run_like_a_rule(store: SavedSegments, project: mini.Project) -> None:
    del project
    found = Cluster("ab", "kmeans", 2, "clear", "stable", 0.94, ("calls",))
    store.freeze_list("Night owls", [str(at) for at in range(12)], source="kmeans, 2 groups", cluster=found)
    store.freeze_list("Three", ["1", "2", "3"], source="a workshop")
    rows = answer("data/shop", "list", []).rows
    assert [row[:2] + row[-1:] for row in rows] == [
        ("Night owls", "1", "List: kmeans, 2 groups"),
        ("Three", "1", "List: a workshop"),
    ]
    shown = answer("data/shop", "show", ["Night owls"]).lines
    assert "Its rule today: none: the list came from kmeans, 2 groups" in shown
    assert "Parameter: -p segment 'Night owls'" in shown
    assert "Stability: stable, mean overlap 0.94" in shown
    assert not [line for line in shown if line.startswith("Rule:")]
    each = segments_of("data/shop", "segment")
    assert (each.segments, each.small) == (("Night owls",), ("Three",))


def test_a_frozen_rule_shows_how_it_differs_today(store: SavedSegments, project: mini.Project) -> None:
    store.save("Koreans", "region=KR")
    store.freeze("Koreans")
    table = pd.DataFrame({"customer_id": range(30), "region": ["BR"] * 4 + ["KR"] * 26})
    table.to_csv(project.root / "data/shop/raw/customers.csv", index=False)
    shown = answer("data/shop", "show", ["Koreans"]).lines
    assert "Its rule today: 26 today: 12 are not on the list, 4 of the list are not inside" in shown
