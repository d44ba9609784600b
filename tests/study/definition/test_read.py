"""Every mistake in a study file becomes a problem that names its place; nothing else is ever raised."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError, StudyError
from journey_lib.study.definition import Study, read_study, study_from

FULL = """
id = "shop"
title = { en = "A shop", ko = "가게" }
question = "Where do we lose them?"
language = "ko"
time_zone = "Asia/Seoul"
currency = "KRW"

[thresholds]
min_cell = 5

[window]
start = 2025-01-01
end = 2025-12-31
follow_up = "30 days"

[journey]
preset = "lifecycle7"
[[journey.stages]]
id = "purchase"
label = { ko = "결제" }
enter = ["order_paid"]
target = { metric = "conversion", value = 0.6 }
[[journey.touchpoints]]
id = "guide"
stage = "adoption"
channel = "app"
label = { en = "Start guide" }
owner = "onboarding"
events = ["guide_opened"]

[sources.customers]
file = "raw/customers.parquet"
[[sources.responses]]
file = "raw/a.csv"
columns = { respondent_id = "rid", "known.a" = "k1" }
[[sources.responses]]
file = "raw/b.csv"
where = { year = ["2016"] }
id = "{year}-{row}"
not_asked = ["guide"]
[sources.margins]
file = "raw/margins.csv"
[sources.events]
file = "raw/events/*.parquet"
ties = "seq"

[weights]
base = "w"
rake = ["age"]
trim = 5
[design]
psu = "household"
lonely = "adjust"

[[questions]]
id = "recommend"
column = "nps"
kind = "nps"
stage = "advocacy"
missing = { 99 = "dont_know" }
[[questions]]
id = "guide"
kind = "rating"
touchpoint = "guide"
labels = { 1 = { en = "Bad", ko = "나쁨" } }
[[questions]]
id = "ease"
kind = "ces"
direction = "agree_is_easy"
[[questions]]
id = "effort_1"
kind = "likert"
scale = [1, 7]
scale_of = "effort"
reverse = true
[[questions]]
id = "known"
kind = "multi"
columns = { a = "ka", none = "kn" }
options = { a = { en = "Brand A" } }
exclusive = ["none"]

[[metrics]]
id = "conversion"
[[experiments]]
id = "onboarding"
control = "current"
arms = ["current", "new"]
split = [0.5, 0.5]
primary = ["adoption"]
guardrails = [{ metric = "conversion", margin = 0.02 }]
window = "14 days"
"""


def full() -> dict:
    return tomllib.loads(FULL)


def problems(raw: dict) -> list[str]:
    with pytest.raises(StudyError) as caught:
        study_from(raw, file="shop/study.toml")
    return [str(problem) for problem in caught.value.items]


def test_a_full_study_is_completed() -> None:
    study = study_from(full())
    assert [s.id for s in study.journey.stages] == [
        "awareness", "consideration", "purchase", "adoption", "retention", "expansion", "advocacy",
    ]  # fmt: skip
    purchase = study.stage("purchase")
    assert (purchase.label.say("en"), purchase.label.say("ko"), purchase.enter) == (
        "Purchase", "결제", ("order_paid",),
    )  # fmt: skip
    assert study.item("guide").stage == "adoption"  # from its touchpoint
    assert [(q.scale, q.direction) for q in study.questions] == [
        ((0, 10), "higher_is_better"),
        ((1, 5), "higher_is_better"),
        ((1, 7), "higher_is_better"),
        ((1, 7), "higher_is_better"),
        (None, "higher_is_better"),
    ]
    assert study.item("known").options["none"].say("ko") == "None"
    assert study.thresholds.min_cell == 5
    assert study.thresholds.flag_cell == 30
    assert [part.file for part in study.sources["responses"]] == ["raw/a.csv", "raw/b.csv"]
    assert list(study.sources.names()) == ["customers", "responses", "events", "margins"]


@pytest.mark.parametrize(
    ("preset", "stages", "korean"),
    [
        ("lifecycle7", 7, "인지"),
        ("map7", 7, "인지"),
        ("purchase4", 4, "발견"),
        ("funnel3", 3, "인지"),
    ],
)
def test_presets_speak_both_languages(preset: str, stages: int, korean: str) -> None:
    study = study_from({"id": "x", "title": "x", "journey": {"preset": preset}})
    assert len(study.journey.stages) == stages
    assert study.journey.stages[0].label.ko == korean
    assert all(stage.label.en and re.search("[가-힣]", stage.label.ko) for stage in study.journey.stages)


def test_own_stages_need_no_preset_and_keep_their_order() -> None:
    stages = [{"id": "catalog"}, {"id": "cart", "label": "Basket"}, {"id": "paid"}]
    study = study_from({"id": "x", "title": "x", "journey": {"stages": stages}})
    assert [s.label.en for s in study.journey.stages] == ["Catalog", "Basket", "Paid"]


def test_what_has_no_name_is_said_in_the_words_of_the_study() -> None:
    study = study_from(full())
    assert study.level("guide", 1.0) == "나쁨"
    assert study.speak("en").level("guide", 1.0) == "Bad"
    assert study.level("guide", 2.0) == "2"
    assert study.level("region", "KR") == "KR"
    with pytest.raises(ParamError, match="Did you mean 'purchase'"):
        study.stage("purchas")
    with pytest.raises(ParamError, match="en, ko"):
        study.speak("kr")


# The fingerprint


def test_the_fingerprint_knows_content_from_form() -> None:
    study = study_from(full())
    assert study.fingerprint == study.speak("en").fingerprint == study.placed(Path("elsewhere")).fingerprint
    turned = dict(reversed(full().items()))
    assert study_from(turned).fingerprint == study.fingerprint
    assert study_from(full() | {"language": "en"}).fingerprint == study.fingerprint
    assert study_from(full() | {"currency": "USD"}).fingerprint != study.fingerprint
    assert re.fullmatch("[0-9a-f]{12}", study.fingerprint)


def test_a_study_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        study_from(full()).currency = "USD"  # type: ignore[misc]


# What is refused


def edit(path: str, value: object) -> dict:
    """Return the full study with one place changed, e.g. "questions.1.scael"."""
    raw = full()
    *way, last = path.split(".")
    table: object = raw
    for key in way:
        table = table[int(key)] if isinstance(table, list) else table[key]  # type: ignore[index]
    if isinstance(table, list):
        table[int(last)] = value
    else:
        table[last] = value  # type: ignore[index]
    return raw


CASES = [
    ("questions.1.scael", [1, 5], "[[questions]] 'guide', key 'scael': unknown key", "'scale'"),
    ("sorces", {}, "key 'sorces': unknown key", "'sources'"),
    ("sources.customer", {"file": "x"}, "[sources], key 'customer': unknown key", "'customers'"),
    ("sources.customers.fiel", "x", "[sources.customers], key 'fiel': unknown key", "'file'"),
    (
        "sources.responses.1.colums",
        {},
        "[[sources.responses]] number 2, key 'colums'",
        "'columns'",
    ),
    ("journey.touchpoints.0.chanel", "x", "[[journey.touchpoints]] 'guide', key 'chanel'", "'channel'"),
    (
        "questions.0.label",
        {"kr": "x"},
        "key 'label.kr': unknown key",
        "Allowed: en, ko",
    ),
    ("questions.0.kind", "npss", "'npss'. Allowed: nps, csat", "'nps'"),
    ("language", "kr", "key 'language': 'kr'. Allowed: en, ko", ""),
    ("synthetic", "yes", "key 'synthetic': given the text 'yes'. Allowed: true or false", ""),
    ("thresholds.min_cell", "10", "[thresholds], key 'min_cell'", "a whole number"),
    ("thresholds.min_cell", 0, "[thresholds]", "1 <= min_cell <= flag_cell"),
    ("window.start", "2025-01-01", "[window], key 'start'", "a date without quotes"),
    ("window.end", tomllib.loads("d=2024-01-01")["d"], "[window]", "is not before end 2024-01-01"),
    ("window.follow_up", "30", "key 'follow_up': '30'", "a number and a unit"),
    ("time_zone", "Asia/Soul", "unknown time zone 'Asia/Soul'", "'Asia/Seoul'"),
    ("currency", "won", "key 'currency'", "KRW or USD"),
    ("id", "my shop", "'my shop' is no plain id", "without spaces"),
    ("journey.preset", "lifecycle8", "unknown preset 'lifecycle8'", "'lifecycle7'"),
    ("journey.stages.0.id", "purchas", "unknown stage of preset lifecycle7 'purchas'", "'purchase'"),
    ("journey.touchpoints.0.stage", "adopton", "unknown stage 'adopton'", "'adoption'"),
    ("questions.0.stage", "advocaty", "unknown stage 'advocaty'", "'advocacy'"),
    ("questions.1.touchpoint", "giude", "unknown touchpoint 'giude'", "'guide'"),
    ("questions.1.stage", "purchase", "stage 'purchase' is not the stage of its touchpoint, 'adoption'", ""),
    ("questions.3.id", "recommend", "[[questions]]: id 'recommend' stands twice", ""),
    ("questions.1.column", "nps", "column 'nps' stands twice", ""),
    ("questions.3.id", "wave", "the name of a fixed column", ""),
    ("questions.1.scale", [5, 1], "key 'scale': [5, 1]", "lowest before highest"),
    ("questions.1.scale", [3, 3], "key 'scale': [3, 3]", "lowest before highest"),
    ("questions.1.scale", [1], "key 'scale': too few values", ""),
    ("questions.1.scale", [1, 2, 3], "key 'scale': too many values", ""),
    ("questions.1.scale", [1, 5.5], "key 'scale.1': given the number 5.5", "a whole number"),
    ("questions.0.scale", [1, 10], "[0, 10] for kind nps", "another scale gives no NPS"),
    ("questions.0.scale", [1, 5], "[0, 10] for kind nps", "another scale gives no NPS"),
    ("questions.0.direction", "lower_is_better", "higher_is_better for kind nps", ""),
    ("questions.0.missing", {"99": "dontknow"}, "unknown reason 'dontknow'", "'dont_know'"),
    ("questions.0.missing", {"10": "dont_know"}, "lies on the scale [0, 10]", "codes outside the scale"),
    ("questions.0.blank", "empty", "unknown reason 'empty'", "no_answer"),
    ("questions.1.labels", {"6": "x"}, "key 'labels': code 6", "whole numbers of the scale [1, 5]"),
    ("questions.2.direction", "", "key 'direction': is missing for kind ces", "agree_is_easy"),
    ("questions.2.direction", "agree_is_esy", "'agree_is_esy'", "'agree_is_easy'"),
    ("questions.4.exclusive", ["non"], "unknown option 'non'", "'none'"),
    ("questions.4.options", {"b": "x"}, "unknown option 'b'", ""),
    ("questions.4.column", "x", "has one column for each option", ""),
    ("questions.1.columns", {"a": "b"}, "a rating question has no options", ""),
    ("sources.responses.1.not_asked", ["giude"], "unknown question 'giude'", "'guide'"),
    ("sources.responses.1.id", "{year", "'{year' is no pattern", "{row}"),
    (
        "sources.responses.1.where",
        {"year": [2016]},
        "key 'where.year.0'",
        "text in quotes",
    ),
    ("sources.responses.0.columns", {"known.b": "x"}, "unknown option 'known.b'", "'known.a'"),
    ("sources.responses.0.encoding", "cp94", "unknown encoding 'cp94'", "'cp949'"),
    ("sources.responses.0.constant", {"respondent_id": "1"}, "both a column and a fixed value", ""),
    ("weights.trim", 0.5, "[weights], key 'trim': 0.5", "above 1"),
    ("weights.rake", "age", "[weights], key 'rake': given the text 'age'", "a list"),
    ("design.lonely", "remov", "'remov'", "'remove'"),
    ("experiments.0.control", "curent", "unknown arm 'curent'", "'current'"),
    ("experiments.0.split", [0.5, 0.4], "shares do not add up", ""),
    ("experiments.0.split", [1.0], "1 shares for 2 arms", ""),
    ("experiments.0.primary", ["adopton"], "unknown stage or metric 'adopton'", "'adoption'"),
    ("experiments.0.window", "soon", "'soon'", "a number and a unit"),
    ("metrics.0.higher_is_better", 1, "[[metrics]] 'conversion', key 'higher_is_better'", "true or false"),
]


@pytest.mark.parametrize(("path", "value", "where", "hint"), CASES, ids=lambda v: str(v)[:30])
def test_a_mistake_is_one_problem_that_says_where_and_what_is_meant(
    path: str, value: object, where: str, hint: str
) -> None:
    found = problems(edit(path, value))
    assert len(found) == 1
    assert found[0].startswith("shop/study.toml, ")
    assert where in found[0]
    assert hint in found[0]


def test_all_mistakes_come_at_once() -> None:
    raw = edit("questions.1.scael", [1, 5])
    raw["synthetic"] = "yes"
    raw["questions"][0]["stage"] = "advocaty"
    raw["weights"]["trim"] = 0.5
    assert len(problems(raw)) == 4


def test_a_broken_entry_does_not_make_those_that_point_at_it_wrong() -> None:
    raw = edit("journey.touchpoints.0.chanel", "app")
    assert len(problems(raw)) == 1  # and not also: question 'guide' points to an unknown touchpoint


@pytest.mark.parametrize("section", ["questions", "journey.touchpoints", "experiments", "metrics"])
def test_an_entry_standing_twice_is_refused(section: str) -> None:
    raw = full()
    entries = raw
    for key in section.split("."):
        entries = entries[key]
    entries.append(copy.deepcopy(entries[0]))  # type: ignore[attr-defined]
    assert any("stands twice" in problem for problem in problems(raw))


def test_a_likert_question_needs_its_scale() -> None:
    raw = full()
    del raw["questions"][3]["scale"]
    assert "key 'scale': is missing" in problems(raw)[0]


def test_one_scale_has_one_direction_and_one_range() -> None:
    raw = full()
    other = {"id": "effort_2", "kind": "likert", "scale": [1, 5], "scale_of": "effort", "direction": "effort"}
    raw["questions"].append(other)
    found = problems(raw)
    assert ["scale_of 'effort'" in p for p in found] == [True, True]
    assert "reverse = true" in found[0]


def test_a_scale_is_called_by_its_label_and_without_one_by_its_id() -> None:
    raw = full()
    assert study_from(raw).scale_label("much_effort").say("ko") == "much effort"
    raw["scales"] = [{"id": "effort", "label": {"en": "Effort made", "ko": "들인 수고"}}]
    named = study_from(raw)
    assert [named.scale_label("effort").say(lang) for lang in ("en", "ko")] == ["Effort made", "들인 수고"]
    assert named.fingerprint != study_from(full()).fingerprint


def test_a_named_scale_has_questions_one_name_and_no_unknown_key() -> None:
    raw = full()
    raw["scales"] = [{"id": "efort"}]
    assert problems(raw) == [
        "shop/study.toml, [[scales]] 'efort': no question has scale_of = \"efort\". Allowed: effort. "
        "Did you mean 'effort'?"
    ]
    raw["scales"] = [{"id": "effort"}, {"id": "effort"}]
    assert "[[scales]]: id 'effort' stands twice" in problems(raw)[0]
    raw["scales"] = [{"id": "effort", "lable": "Effort"}]
    found = problems(raw)
    assert len(found) == 1
    assert "[[scales]] 'effort', key 'lable': unknown key" in found[0]
    raw["scales"] = [{"id": "effort"}]
    raw["questions"][3]["kind"] = "likrt"
    assert len(problems(raw)) == 1, "a broken item is no missing one"


def test_raking_needs_margins_and_questions_need_responses() -> None:
    raw = full()
    raw["sources"] = {}
    found = problems(raw)
    assert len(found) == 2
    assert "there are questions but no responses" in found[0]
    assert "1 margins to rake to but no margins file" in found[1]


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"id": 3},
        {"id": "a", "title": "b", "journey": []},
        {"id": "a", "title": "b", "journey": {"stages": [3]}},
        {"id": "a", "title": "b", "journey": {}},
        {"id": "a", "title": "b", "journey": {"preset": "funnel3"}, "questions": {"id": "x"}},
        {"id": "a", "title": "b", "journey": {"preset": "funnel3"}, "sources": {"responses": [3]}},
        {"id": "a", "title": "b", "journey": {"preset": "funnel3"}, "sources": 3},
        {"id": "a", "title": {"en": 3}, "journey": {"preset": "funnel3"}},
    ],
)
def test_a_file_of_another_shape_is_refused_in_the_same_way(raw: dict) -> None:
    assert problems(raw)


# Files


def test_a_folder_and_its_file_mean_the_same(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("﻿" + FULL, encoding="utf-8")
    first, second = read_study(tmp_path), read_study(tmp_path / "study.toml")
    assert first.fingerprint == second.fingerprint == study_from(full()).fingerprint
    assert first.folder == tmp_path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id = \n", r"not valid TOML: .*line 1, column 6"),
        (b'id = "a"\nid = "b"\n', r"not valid TOML: .*line 2"),
        ('title = "가게"'.encode("cp949"), r"line 1: is not UTF-8"),
    ],
)
def test_an_unreadable_file_says_the_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "study.toml").write_bytes(content)
    with pytest.raises(StudyError, match=said):
        read_study(tmp_path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no such file"):
        read_study(tmp_path)


# Laws


def places(raw: object, way: tuple = ()) -> list[tuple]:
    """Return the way to each key whose name the format decides (not: codes, columns, options)."""
    free = {"columns", "missing", "labels", "options", "constant", "where"}
    if isinstance(raw, dict):
        inner = [p for k, v in raw.items() if k not in free for p in places(v, (*way, k))]
        return inner + [(*way, k) for k in raw]
    if isinstance(raw, list):
        return [p for i, v in enumerate(raw) for p in places(v, (*way, i))]
    return []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(places(full())), st.data())
def test_any_misspelt_key_is_named(place: tuple, data: st.DataObject) -> None:
    """A letter doubled, dropped or exchanged anywhere in any key: the error names that key."""
    key = str(place[-1])
    at = data.draw(st.integers(0, len(key) - 1))
    typo = data.draw(
        st.sampled_from([key[:at] + "q" + key[at:], key[:at] + "q" + key[at + 1 :], key + key[-1]])
    )
    assume(typo != key)
    raw = full()
    table: object = raw
    for step in place[:-1]:
        table = table[step]  # type: ignore[index]
    table[typo] = table.pop(key)  # type: ignore[attr-defined, index]
    assert any(f"{typo}'" in problem for problem in problems(raw))


def study_or_problems(read: Callable[[object], Study], what: object) -> object:
    """Any other exception passes through and fails the test."""
    try:
        return read(what)
    except StudyError as error:
        return error.items


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(places(full())), anything)
def test_any_value_anywhere_gives_a_study_or_a_study_error(place: tuple, value: object) -> None:
    raw = full()
    table: object = raw
    for step in place[:-1]:
        table = table[step]  # type: ignore[index]
    table[place[-1]] = value  # type: ignore[index]
    assert study_or_problems(study_from, raw)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_to_the_text_gives_a_study_or_a_study_error(tmp_path: Path, data: st.DataObject) -> None:
    raw = FULL.encode()
    at = data.draw(st.integers(0, len(raw) - 1))
    end = data.draw(st.integers(at, min(len(raw), at + 30)))
    new = data.draw(st.binary(max_size=4))
    (tmp_path / "study.toml").write_bytes(raw[:at] + new + raw[end:])
    assert study_or_problems(read_study, tmp_path)
