"""What readers of the survey page see: nobody in person, nothing unescaped, and only numbers of the table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from journey_lib.measures.survey import survey
from journey_lib.measures.survey.result import FIGURES, PARTS, SurveyResult
from journey_lib.present.bundle import MIME
from journey_lib.present.wording import Quantity
from journey_lib.study import naming
from journey_lib.study.params import RunParams
from tests.measures.conftest import Loaded, ask, value
from tests.present.test_blocks import EVIL, Page

WORDS = {"html": EVIL, "long": "가" * 10_000, "marks": "{n} **x** %s $\\frac{1}"}


def everything(result: SurveyResult) -> dict[str, str]:
    """Return the HTML of every part of the page, without the images and the style sheet."""
    parts = {name: getattr(result, name)() for name in ("opening", "who", "doubts", "meaning")}
    parts |= {kind: result.show(kind) for kind in PARTS}
    parts |= {"bare": result, "provenance": result.provenance(RunParams()).block()}
    pages = {name: part._repr_html_() for name, part in parts.items()}
    return {
        name: re.sub(r"<style.*?</style>|base64,[A-Za-z0-9+/=]+", "", html, flags=re.DOTALL)
        for name, html in pages.items()
    }


def numbers(text: str) -> set[str]:
    """Return the numbers in a text as they are written."""
    return set(re.findall(r"[−+]?\d+(?:,\d{3})*(?:\.\d+)?", text))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing of figures to the tests of figures."""
    monkeypatch.setattr(
        "journey_lib.present.charts.Plot.data_uri", lambda self, narrow=False: "data:image/png,"
    )


def regions(small: int, answers: list[int]) -> SurveyResult:
    """Return three regions: a few who answered as given, and many who did not."""
    region = ["Tiny"] * small + ["Mid"] * 31 + ["Wide"] * 60
    rest = [2, 5, 3, 4] * 30
    return ask({"q": answers + rest[:91], "region": region}, {"q": "rating"}, by="region")


# Small cells


@pytest.mark.usefixtures("drawn")
def test_a_group_of_four_can_be_seen_nowhere() -> None:
    result = regions(4, [1, 1, 1, 5])
    assert value(result, "mean", group="Tiny") == 2.0
    masked = result.masked.query("group != ''").drop_duplicates("group").set_index("group")
    assert masked["note"].to_dict() == {"Tiny": "masked", "Mid": "withheld", "Wide": ""}
    assert masked.loc[["Tiny", "Mid"], ["estimate", "n", "n_effective", "ci_low"]].isna().all(axis=None)
    shown = [row.label for row in result.plot(kind="groups").sketch.rows]
    assert shown == ["Wide"]
    rows = result.findings()
    assert rows.loc[rows["group"].isin(["Tiny", "Mid"]), "estimate"].isna().all()
    bundle = result.provenance(RunParams())._repr_mimebundle_()[MIME]
    assert not [row for row in bundle["findings"] if row["group"] in ("Tiny", "Mid") and row["n"]]


@pytest.mark.usefixtures("drawn")
def test_numbers_of_a_small_group_are_in_no_part_of_the_page() -> None:
    result = regions(4, [1, 1, 1, 5])
    rows = result.table[result.table["group"].isin(["Tiny", "Mid"])]
    places = {"share": 1, "score": 2}
    secrets = {
        Quantity(row.estimate, row.unit, places[row.unit], bare=True).say("en") for row in rows.itertuples()
    }
    rest = result.table[~result.table["group"].isin(["Tiny", "Mid"]) & (result.table["metric"] != "level")]
    known = {
        Quantity(number, row.unit, places.get(row.unit, 1), bare=True).say("en")
        for row in rest.itertuples()
        for number in (row.estimate, row.ci_low, row.ci_high)
    }
    assert len(secrets - known) >= 3  # there is something to find
    for name, html in everything(result).items():
        assert not (secrets - known) & numbers(Page(html).text), name
    groups = Page(everything(result)["groups"]).text
    assert "n < 10" in groups
    assert "masked" in groups


@pytest.mark.usefixtures("drawn")
def test_a_small_wave_hides_its_change_too() -> None:
    answers = {"q": [1, 1, 1, 5] + [2, 5, 3, 4] * 20, "wave": ["1"] * 4 + ["2"] * 40 + ["3"] * 40}
    result = ask(answers, {"q": "rating"})
    masked = result.masked.query("metric == 'change'").set_index("wave")["note"]
    assert masked.to_dict() == {"2": "withheld", "3": "withheld"}
    assert value(result, "change", wave="2") == pytest.approx(0.5 - 0.25)
    assert "25.0" not in numbers(Page(everything(result)["waves"]).text)


@pytest.mark.usefixtures("drawn")
def test_a_survey_of_a_few_people_shows_no_number_of_theirs() -> None:
    result = ask({"q": [5, 4, 1, 1], "nps": [10, 9, 3, 7]}, {"q": "rating", "nps": "nps"})
    assert result.headlines() == ()
    for kind in FIGURES:
        assert "<figure" not in result.show(kind).inner, kind
    # Only thresholds and the level of the interval: "95% interval", "n 10 to 29", "n < 10".
    assert numbers(Page(everything(result)["stages"]).text) <= {"10", "29", "95"}


# Escaping


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize(
    "word", [EVIL, "가" * 10_000, "{n} **x** %s $\\frac{1}"], ids=["html", "long", "marks"]
)
def test_names_and_categories_appear_escaped_everywhere(
    shop: Callable[..., Loaded], word: str, lang: str
) -> None:
    draw = np.random.default_rng(4)
    answers = {f"tp_{at}": draw.choice([1, 2, 4, 5], 120).tolist() for at in range(3)}
    answers["tp_0"][:2] = [None, None]
    answers |= {"region": [word, f"{word}2", f"{word}3"] * 40, "wave": [word] * 60 + [f"{word}2"] * 60}
    study, data = shop(answers, [word, f"{word}2", "Support"], lang=lang)
    result = survey(study, data, by="region")
    pages = everything(result)
    for name, html in pages.items():
        page = Page(html)
        assert "script" not in page.names(), name
        assert not any(key.startswith("on") for _, attrs in page.tags for key in attrs), name
        assert all(len(alt) <= 250 for alt in page.attributes("alt")), name
    parts = ("stages", "waves", "groups", "unanswered")
    assert [name for name in parts if word not in Page(pages[name]).text] == []


@pytest.mark.parametrize("kind", ["touchpoints", "stages", "trend", "groups"])
def test_figures_of_strange_names_are_drawn_without_a_warning(shop: Callable[..., Loaded], kind: str) -> None:
    answers = {f"tp_{at}": [1, 2, 4, 5] * 20 for at in range(2)}
    answers |= {"region": [EVIL, "나" * 300] * 40, "wave": [EVIL] * 40 + ["2"] * 40}
    study, data = shop(answers, [EVIL, "$5 – $10"])
    plot = survey(study, data, by="region").plot(kind=kind)
    assert len(plot.png()) < 60_000
    assert len(plot.alternative()) <= 250


# Words


@pytest.fixture(scope="module")
def falling() -> SurveyResult:
    """Three touchpoints over two waves; payment falls, and weights matter."""
    draw = np.random.default_rng(11)
    waves = np.repeat(["spring", "summer"], 400)
    falls = waves == "summer"
    frame = pd.DataFrame(
        {
            "search": draw.choice([3, 4, 5], 800),
            "payment": np.where(falls, draw.choice([1, 2, 4], 800), draw.choice([3, 4, 5], 800)),
            "support": draw.choice([1, 2, 3, 4], 800),
            "nps": draw.choice([0, 5, 7, 9, 10], 800),
            "wave": waves,
        }
    )
    frame["base_weight"] = np.where(frame["nps"] > 8, 0.5, 1.5)
    return ask(frame, dict.fromkeys(("search", "payment", "support"), "rating") | {"nps": "nps"})


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_number_in_a_sentence_stands_in_the_table(falling: SurveyResult, lang: str) -> None:
    said = [m for f in falling.headlines() for m in (f.sentence, f.base)] + list(falling.meanings())
    text = re.sub(r"9–10점?|0–6점?", "", "\n".join(m.say(lang) for m in said))
    rows = falling.table
    allowed = {Quantity(n).say(lang) for n in rows["n"]}
    for row in rows.itertuples():
        for signed in (True, False):
            allowed.add(Quantity(row.estimate, row.unit, signed=signed, bare=True).say(lang))
    assert len(numbers(text)) >= 5
    assert numbers(text) - allowed == set()


def test_the_fall_comes_first_and_is_read_from_the_table(falling: SurveyResult) -> None:
    first, second, *_ = falling.headlines()
    before, after = (value(falling, "top2", question="payment", wave=w) for w in ("spring", "summer"))
    assert first.alert
    assert first.estimate == pytest.approx(after - before)
    assert first.sentence.say("en") == (
        f"Fewer people were satisfied with Payment: {before:.0%} in spring, {after:.0%} in summer."
    )
    assert "are promoters (9–10)" in second.sentence.say("en")
    assert "detractors (0–6)" in second.sentence.say("en")
    assert falling.meanings()[0].say("en").startswith("Look into Payment first. It got worse between spring")
    assert falling.plot(kind="trend").sketch.lines[0].label == "Payment"


def test_a_mean_that_falls_is_good_news_where_less_is_better() -> None:
    answers = {"q": [7, 6] * 100 + [2, 1] * 100, "wave": ["1"] * 200 + ["2"] * 200}
    for direction, alert in (("effort", False), ("agree_is_easy", True)):
        result = ask(answers, {"q": {"kind": "ces", "direction": direction}})
        assert result.headlines()[0].alert is alert
        assert len(result.meanings()) == alert


def test_waves_are_called_by_their_month_with_the_right_particle() -> None:
    answers = {"q": [5, 4, 3] * 70 + [4, 2, 1] * 70, "wave": ["2025-11"] * 210 + ["2026-01"] * 210}
    result = ask(answers, {"q": "rating"})
    korean = result.explain("long", "ko")
    assert "2025년 11월과 2026년 1월" in korean
    assert "67% in Nov 2025, 33% in Jan 2026" in result.explain()
    named = ask(answers | {"wave": ["2011"] * 210 + ["2014"] * 210}, {"q": "rating"})
    assert "2011과 2014 비교" in named.explain("long", "ko")


def test_english_and_korean_say_the_same_numbers(falling: SurveyResult) -> None:
    context = replace(falling.context, language="ko")
    korean = replace(falling, study=falling.study.speak("ko"), context=context)
    assert numbers(falling.explain("long", "ko")) == numbers(korean.explain("long"))
    english = numbers(re.sub("9–10|0–6", "", falling.explain("long", "en")))
    assert english <= numbers(falling.explain("long", "ko"))


def test_a_stages_own_question_is_told_from_its_touchpoints(shop: Callable[..., Loaded]) -> None:
    more = '[[questions]]\nid = "paid"\nkind = "csat"\nstage = "purchase"\nlabel = "Ordering and paying"'
    answers = {"tp_0": [5, 4, 1] * 10, "paid": [5, 2, 3] * 10}
    study, data = shop(answers, ["Payment"], more=more)
    result = survey(study, data)
    assert [row.label for row in result.plot(kind="stages").sketch.rows] == ["Whole stage", "Payment"]
    assert "Ordering and paying (whole stage)" in result.show("stages").inner
    assert naming.name(result.study, study.item("paid")).say("en") == "Ordering and paying"


def test_two_questions_on_one_touchpoint_keep_their_own_names(shop: Callable[..., Loaded]) -> None:
    more = '[[questions]]\nid = "b"\nkind = "rating"\ntouchpoint = "p0"\nlabel = "Desk upstairs"'
    study, data = shop({"tp_0": [5, 4, 1] * 10, "b": [5, 2, 3] * 10}, ["Information desk"], more=more)
    rows = survey(study, data).plot(kind="touchpoints").sketch.rows
    assert sorted(row.label for row in rows) == ["Desk upstairs", "Information desk"]


def test_the_levels_are_called_as_most_questions_call_them() -> None:
    stars = {"kind": "rating", "labels": {"1": "Unacceptable", "5": "Outstanding"}}
    answers = {name: [5, 4, 3, 1] * 10 for name in "abc"}
    result = ask(answers, {"a": "rating", "b": stars, "c": stars})
    levels = result.plot(kind="touchpoints").sketch.levels
    assert levels == ("Unacceptable", "2", "3", "4", "Outstanding")


def test_tables_of_many_groups_say_that_they_are_cut() -> None:
    answers = {"q": [5, 4, 3, 2, 1] * 48, "g": [f"g{at % 12:02}" for at in range(240)]}
    result = ask(answers, {"q": "rating"}, by="g")
    assert "10 of 12 columns are shown" in result.show("groups").inner
    assert len(result.plot(kind="groups").sketch.rows) == 12


# Figures


@pytest.mark.parametrize("kind", ["touchpoints", "stages", "trend"])
def test_each_figure_tells_its_finding_in_words(falling: SurveyResult, kind: str) -> None:
    plot = falling.plot(kind=kind)
    assert len(plot.png()) < 60_000
    assert 40 < len(plot.alternative()) <= 250
    assert plot.title.say("en") != plot.title.say("ko")


def test_figures_are_drawn_into_given_axes(falling: SurveyResult) -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert falling.plot(ax, kind="stages").ax is ax
    assert falling.plot(narrow=True, kind="stages").figure.axes
    assert falling.picture().startswith("data:image/png;base64,")
