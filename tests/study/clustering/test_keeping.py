"""Clusters kept as lists: names follow people, versions grow, and nothing is saved by halves."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import ParamError
from journey_lib.measures.segments import segments
from journey_lib.measures.segments.result import SegmentsResult
from journey_lib.stats.clusters import choose
from journey_lib.stats.clusters.choose import Criteria, criteria
from journey_lib.study.clustering import division, fit
from journey_lib.study.load import quick_study
from journey_lib.study.segments import saved_segments, segment_of

DOUBTED: list[Criteria] = []
SIZES = (60, 40, 30)  # people around 0, 20 and 40 calls


@pytest.fixture(autouse=True)
def _no_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doubt whether there are groups once: here they are asked for by number."""
    known = DOUBTED

    def once(*given: Any) -> Criteria:
        if not known:
            known.append(criteria(*given, ks=range(1, 4), draws=4))
        return known[0]

    monkeypatch.setattr(fit, "criteria", once)
    monkeypatch.setattr(choose, "_one_cloud", lambda *_: 0.01)
    monkeypatch.setattr(fit.Fitted, "judged", None)  # nobody new is typed here


def found(folder: Path, groups: np.ndarray, k: int = 3) -> SegmentsResult:
    """Group customers around 20 calls times their group."""
    rng = np.random.default_rng(1)
    calls = 20.0 * groups + rng.normal(size=len(groups))
    frame = pd.DataFrame({"customer_id": [f"c{at:03}" for at in range(len(groups))], "calls": calls})
    study, data = quick_study(customers=frame.assign(minutes=2 * calls + rng.normal(size=len(groups))))
    return segments(study.placed(folder), data, k=k, draws=2)


def people() -> np.ndarray:
    return np.repeat([0, 1, 2], SIZES)


def test_every_group_becomes_a_list_of_its_people(tmp_path: Path) -> None:
    result = found(tmp_path, people())
    kept = result.save(["Quiet", "Middling", "Busy"], description="spring", author="Kim")
    assert [(one.name, one.n, one.version) for one in kept.saved] == [
        ("Quiet", 60, 1), ("Middling", 40, 1), ("Busy", 30, 1),
    ]  # fmt: skip
    assert kept.new == ("Quiet", "Middling", "Busy")
    told = kept.saved[2].cluster
    assert told is not None
    assert (told.method, told.groups, told.columns) == ("kmeans", 3, ("calls", "minutes"))
    assert told.jaccard is not None
    assert told.jaccard > 0.9
    assert told.stability == "stable"
    busy = segment_of(result.study, result.data, "Busy")  # type: ignore[arg-type]
    assert busy.customers.tolist() == [f"c{at:03}" for at in range(100, 130)]
    assert "Saved under a new name: Quiet, Middling, Busy." in repr(kept)


def test_names_follow_their_people_when_groups_change_places(tmp_path: Path) -> None:
    found(tmp_path, people()).save(["Quiet", "Middling", "Busy"])
    moved = people()
    moved[:25] = 2  # 25 quiet people are busy now: busy is the largest group, quiet the smallest
    again = found(tmp_path, moved)
    kept = again.save()
    assert [(one.name, one.n, one.version) for one in kept.saved] == [
        ("Busy", 55, 2), ("Middling", 40, 2), ("Quiet", 35, 2),
    ]  # fmt: skip
    assert (kept.new, kept.dropped) == ((), ())
    assert 0 < kept.agreement < 1
    assert found(tmp_path, moved).save().saved == kept.saved  # the same groups again are no new version


def test_a_name_with_less_than_half_of_its_people_is_dropped(tmp_path: Path) -> None:
    first = found(tmp_path, people())
    first.save(["Quiet", "Middling", "Busy"])
    moved = people()
    moved[100:118] = 0  # 18 of 30 busy people fell quiet …
    moved[118:] = 1  # … and the other 12 are middling
    result = found(tmp_path, moved, k=2)
    kept = result.save()
    assert [(one.name, one.version) for one in kept.saved] == [("Quiet", 2), ("Middling", 2)]
    assert kept.dropped == ("Busy",)
    store = saved_segments(result.study, result.data)  # type: ignore[arg-type]
    assert store.get("Busy").n == 30  # its list stays as it was
    assert [one.name for one in division(store.all())] == ["Quiet", "Middling"]
    assert "Name dropped" in repr(kept)


def test_a_group_nobody_knew_needs_the_only_new_name(tmp_path: Path) -> None:
    two = np.repeat([0, 1], (80, 50))
    found(tmp_path, two, k=2).save(["Quiet", "Middling"])
    three = two.copy()
    three[:30] = 2
    result = found(tmp_path, three)
    with pytest.raises(ParamError, match=r"2 names for 1 groups without one.*in this order: 3"):
        result.save(["Busy", "Other"])
    kept = result.save(["Busy"])
    assert [one.name for one in kept.saved] == ["Quiet", "Middling", "Busy"]
    assert kept.matched == ("Quiet", "Middling")


def test_without_names_groups_are_called_by_their_traits(tmp_path: Path) -> None:
    kept = found(tmp_path, people()).save()
    names = [one.name for one in kept.saved]
    assert len(set(names)) == 3
    assert any("high calls" in name.lower() for name in names)
    assert not any(sign.isdigit() for name in names for sign in name)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["A", "B"], "2 names for 3 groups"),
        (["A", "B", "a"], "'a' is given twice"),
        (["A", "B=", "C"], "'B=' holds '='"),
        (["A", "Loyal", "C"], "'Loyal' is the name of another saved segment"),
    ],
)
def test_wrong_names_save_nothing(tmp_path: Path, names: list[str], words: str) -> None:
    result = found(tmp_path, people())
    store = saved_segments(result.study, result.data)  # type: ignore[arg-type]
    store.freeze_list("Loyal", ["c001"], source="test")
    with pytest.raises(ParamError, match=words):
        result.save(names)
    assert [one.name for one in store.all()] == ["Loyal"]


def test_no_groups_no_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "criteria", partial(criteria, ks=range(1, 4), draws=4))
    monkeypatch.setattr(choose, "_one_cloud", lambda *_: 0.9)
    cloud = np.random.default_rng(2).normal(size=150) / 20
    result = found(tmp_path, cloud, k=0)
    assert result.verdict == "none"
    with pytest.raises(ParamError, match="no groups were found"):
        result.save(["A"])


def test_groups_of_answers_are_kept_answer_by_answer(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    truth = (np.arange(200) >= 120).astype(int)
    answers = {f"q{at}": np.where(rng.random(200) < 0.9, 5 - 3 * truth, 2 + 3 * truth) for at in range(4)}
    frame = pd.DataFrame({"respondent_id": np.arange(200).astype(str), "wave": "1", **answers})
    study, data = quick_study(responses=frame, questions=dict.fromkeys(answers, "rating"))
    result = segments(study.placed(tmp_path), data, method="latent", columns=list(answers), k=2, draws=2)
    kept = result.save(["Content", "Cross"])
    rows = saved_segments(result.study, data).segment("Content").rows
    assert kept.saved[0].level == "answers"
    assert (rows == (truth == 0)).mean() > 0.9
