"""What columns, their values and channels are called, and every mistake in naming them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from journey_lib.errors import StudyError
from journey_lib.study.definition import Study, study_from
from journey_lib.study.load import load_data
from journey_lib.study.segments.words import level_of, title_of

AGE = {"id": "age_band", "label": {"en": "Age group", "ko": "연령대"}, "values": {"60+": {"ko": "60세 이상"}}}
FOOD = {"id": "food", "kind": "single", "label": {"ko": "음식"}, "labels": {"1": {"ko": "밥"}}}


def shop(*columns: dict[str, object], **further: object) -> Study:
    raw = {
        "id": "shop", "title": "A shop", "language": "ko", "journey": {"preset": "funnel3"},
        "sources": {"responses": {"file": "raw/answers.csv"}}, "questions": [FOOD],
    }  # fmt: skip
    return study_from(raw | {"columns": list(columns)} | further)


def wrong(*columns: dict[str, object]) -> list[str]:
    with pytest.raises(StudyError) as told:
        shop(*columns)
    return [str(problem) for problem in told.value.items]


def test_a_column_and_its_values_go_by_what_the_study_declares() -> None:
    study = shop(AGE)
    assert [study.column_label("age_band").say(lang) for lang in ("en", "ko")] == ["Age group", "연령대"]
    assert study.value_label("age_band", "60+").say("ko") == study.level("age_band", "60+") == "60세 이상"
    assert title_of(study, "age_band").say("ko") == "연령대"
    assert level_of(study, "age_band", "60+").say("ko") == "60세 이상"


def test_a_question_goes_by_its_own_label() -> None:
    assert shop().column_label("food").say("ko") == "음식"
    assert shop().level("food", "1") == shop().level("food", 1.0) == "밥"


def test_what_nobody_named_goes_by_its_id_as_words_and_a_value_by_its_own_text() -> None:
    study = shop(AGE)
    assert study.column_label("home_town").say("ko") == "home town"
    assert title_of(study, "home_town").say("ko") == "home town"
    assert study.level("home_town", "new_york") == study.level("age_band", "new_york") == "new_york"


def test_the_label_in_one_language_may_be_the_code_itself() -> None:
    study = shop({"id": "plan", "values": {"family": {"en": "family", "ko": "패밀리"}}})
    assert level_of(study, "plan", "family").say("ko") == "패밀리"


def test_channels_have_usual_names_own_ones_and_go_else_by_their_id_as_words() -> None:
    study = shop({"id": "channel", "values": {"store": {"ko": "직영점"}}},
                 {"id": "first_channel", "values_of": "channel"})  # fmt: skip
    names = ("call_centre", "store", "kiosk_2")
    assert [study.channel_label(name).say("ko") for name in names] == ["콜센터", "직영점", "kiosk 2"]
    assert [study.level("first_channel", name) for name in names] == ["콜센터", "직영점", "kiosk 2"]
    assert shop().channel_label("store").say("ko") == "매장"


def test_values_may_be_those_of_another_column() -> None:
    study = shop(AGE, {"id": "age_then", "values_of": "age_band"})
    assert study.level("age_then", "60+") == "60세 이상"


def test_names_are_part_of_the_fingerprint_as_all_labels_are() -> None:
    assert shop(AGE).fingerprint != shop().fingerprint
    assert shop().fingerprint == study_from(
        {"id": "shop", "title": "A shop", "journey": {"preset": "funnel3"}, "questions": [FOOD],
         "sources": {"responses": {"file": "raw/answers.csv"}}}
    ).fingerprint  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ((AGE, AGE), "[[columns]]: id 'age_band' stands twice"),
        (({"id": "food", "label": "Food"},), "[[columns]] 'food': [[questions]] 'food' carries these names"),
        (({"id": "plan"},), "[[columns]] 'plan': names nothing. Allowed: label, values or values_of"),
        ((AGE, {"id": "x", "values_of": "age_bnd"}), "Did you mean 'age_band'?"),
        (({"id": "x", "values_of": "x"},), "key 'values_of': no column 'x' with names of its own"),
        (({"id": "x", "values_of": "channel", "values": {"a": "A"}},), "has both values and values_of"),
        (({"id": "x", "lable": "X"},), "[[columns]] 'x', key 'lable': unknown key"),
    ],
)
def test_every_mistake_is_told_once(columns: tuple[dict[str, object], ...], told: str) -> None:
    found = wrong(*columns)
    assert len(found) == 1
    assert told in found[0]


def test_a_column_that_no_table_has_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    frame = pd.DataFrame({"respondent_id": ["1"], "food": ["1"], "age_band": ["60+"]})
    frame.to_csv(tmp_path / "raw" / "answers.csv", index=False)
    study = shop(AGE, {"id": "orders", "label": "Boxes"}, {"id": "channel", "label": "Channel"})
    assert load_data(study.placed(tmp_path)).responses is not None  # derived ones and channels may be named
    assert title_of(study, "orders").say("en") == "Boxes"
    misspelt = shop(AGE | {"id": "age_bnd"}).placed(tmp_path)
    with pytest.raises(StudyError, match=r"'age_bnd': no table has this column\. Did you mean 'age_band'\?"):
        load_data(misspelt)
