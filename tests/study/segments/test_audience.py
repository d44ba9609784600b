"""A list to hand on: ids and the segment, nobody without consent, the same holdout every time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, JourneyError, ParamError
from journey_lib.study.load import quick_study
from journey_lib.study.segments import SavedSegments, saved_segments
from journey_lib.study.segments.audience import OWN, Manifest, export_audience, held_out

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": [f"c{i:03}" for i in range(200)],
        "region": ["KR"] * 150 + ["JP"] * 49 + [None],
        "consent": [1.0, 0.0, 1.0, np.nan] * 50,
        "phone": "secret",
    }
)


def opened(tmp_path: Path, table: pd.DataFrame = CUSTOMERS) -> SavedSegments:
    study, data = quick_study(customers=table)
    store = saved_segments(study.placed(tmp_path), data)
    store.save("Koreans", "region=KR")
    return store


def write(store: SavedSegments, out: Path, name: str = "Koreans", **more: object) -> Manifest:
    return export_audience(store.study, store.data, name, out, **more)  # type: ignore[arg-type]


def read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, dtype=str, keep_default_na=False)


def test_the_file_holds_ids_and_the_segment_and_no_other_column(tmp_path: Path) -> None:
    store, out = opened(tmp_path), tmp_path / "list.csv"
    told = write(store, out)
    frame = read(out)
    assert frame.columns.tolist() == list(OWN)
    assert frame["customer_id"].tolist() == [f"c{i:03}" for i in range(0, 150, 2)]  # those who said yes
    assert set(frame["segment_id"]) == {"koreans"}
    assert set(frame["n"]) == {"75"}
    assert (told.inside, told.without_consent, told.n, told.held_out, told.undecided) == (150, 75, 75, 0, 1)
    assert told.consent == "respected"


def test_the_manifest_proves_the_file(tmp_path: Path) -> None:
    store, out = opened(tmp_path), tmp_path / "list.csv"
    told = write(store, out, holdout=0.2)
    beside = json.loads((tmp_path / "list.csv.manifest.json").read_text(encoding="utf-8"))
    assert beside["sha256"] == told.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert (
        beside["holdout_sha256"] == hashlib.sha256((tmp_path / "list.holdout.csv").read_bytes()).hexdigest()
    )
    assert beside["segment_sha256"] == store.get("Koreans").sha256
    assert "c00" not in json.dumps(beside)


def test_further_columns_only_when_asked_for(tmp_path: Path) -> None:
    store, out = opened(tmp_path), tmp_path / "list.csv"
    write(store, out, columns=["region"])
    assert read(out).columns.tolist() == [*OWN, "region"]
    with pytest.raises(ParamError, match=r"no column 'regoin' in customers.*Did you mean 'region'"):
        write(store, out, columns=["regoin"])


def test_without_a_column_of_consent_the_manifest_says_so(tmp_path: Path) -> None:
    told = write(opened(tmp_path, CUSTOMERS.drop(columns="consent")), tmp_path / "list.csv")
    assert (told.consent, told.n, told.without_consent) == ("unknown", 150, 0)


def test_the_holdout_is_the_same_every_time_and_nobody_is_in_both(tmp_path: Path) -> None:
    store = opened(tmp_path)
    told = write(store, tmp_path / "a.csv", holdout=0.3)
    again = write(store, tmp_path / "b.csv", holdout=0.3)
    assert told.sha256 == again.sha256
    kept, treated = read(tmp_path / "a.holdout.csv"), read(tmp_path / "a.csv")
    assert not set(kept["customer_id"]) & set(treated["customer_id"])
    assert len(kept) + len(treated) == 75
    assert (len(kept), len(treated)) == (told.held_out, told.n)
    other = write(store, tmp_path / "c.csv", holdout=0.3, salt="another")
    assert other.sha256 != told.sha256


@settings(max_examples=40, deadline=None)
@given(
    ids=st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=30),
    share=st.floats(0, 0.5),
    salt=st.text(),
)
def test_who_is_held_out_depends_on_nobody_else(ids: list[str], share: float, salt: str) -> None:
    whole = held_out(pd.Index(ids, dtype="str"), share, salt)
    assert whole.tolist() == [bool(held_out(pd.Index([one], dtype="str"), share, salt)[0]) for one in ids]
    more = held_out(pd.Index(ids, dtype="str"), min(share * 2, 1), salt)
    assert (more | ~whole).all()  # a larger share keeps those of a smaller one


def test_the_share_held_out_is_the_share_asked_for() -> None:
    """200,000 ids, 10 %: a binomial standard error of 0.07 points; five of them are allowed."""
    ids = pd.Index([f"C{i:07}" for i in range(200_000)], dtype="str")
    assert abs(held_out(ids, 0.1, "x").mean() - 0.1) < 5 * np.sqrt(0.09 / 200_000)
    both = held_out(ids, 0.5, "x") & held_out(ids, 0.5, "y")
    assert abs(both.mean() - 0.25) < 5 * np.sqrt(0.1875 / 200_000)  # salts are independent


def test_a_frozen_list_goes_out_with_the_day_it_was_frozen(tmp_path: Path) -> None:
    store = opened(tmp_path)
    frozen = store.freeze("Koreans")
    told = write(store, tmp_path / "list.csv")
    assert (told.segment_version, told.snapshot) == (2, frozen.snapshot)
    assert told.segment_sha256 == frozen.members_sha256


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": "Nobody"}, "no saved segment"),
        ({"holdout": 0.6}, "a share from 0 to 0.5"),
        ({"holdout": -0.1}, "a share"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, more: dict[str, object], words: str) -> None:
    with pytest.raises(JourneyError, match=words):
        write(opened(tmp_path), tmp_path / "list.csv", **more)
    assert not (tmp_path / "list.csv").exists()


def test_nobody_left_is_no_empty_file(tmp_path: Path) -> None:
    store = opened(tmp_path, CUSTOMERS.assign(consent=0.0))
    with pytest.raises(DataError, match="nobody is left to write"):
        write(store, tmp_path / "list.csv")
    assert not (tmp_path / "list.csv").exists()


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"list\.csv: could not be written: No such file"):
        write(opened(tmp_path), tmp_path / "nowhere" / "list.csv")
