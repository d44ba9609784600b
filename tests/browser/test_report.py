"""A published report opens anywhere: no network, no complaint, for everybody, on desktop, phone and paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import journey_lib as jl
from tests.browser.chromium import DESKTOP, PHONE

LOOKS = {"desktop": {}, "dark": {"dark": True}, "phone": {"width": PHONE}}
PAGES = ("survey.html", "survey.ko.html", "index.html", "index.ko.html")


@pytest.fixture(scope="module")
def reports(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample study's reports in both languages, published once."""
    folder = tmp_path_factory.mktemp("reports")
    for lang in ("en", "ko"):
        jl.run("survey", study=project / "data" / "sample", lang=lang, reports=folder)
    return folder / "sample"


@pytest.fixture(params=PAGES)
def file(request: pytest.FixtureRequest, reports: Path) -> Path:
    return reports / request.param


@pytest.fixture(params=LOOKS.values(), ids=LOOKS.keys())
def look(request: pytest.FixtureRequest) -> dict:
    return request.param


def test_a_page_asks_for_nothing_and_complains_about_nothing(file: Path, look: dict, open_page) -> None:
    with open_page(file, **look) as seen:
        assert (seen.requests, seen.complaints) == ([], [])
        assert seen.sideways() <= 0


def test_a_page_is_open_to_everybody(file: Path, look: dict, open_page) -> None:
    with open_page(file, axe=True, **look) as seen:
        assert seen.violations() == []


def test_a_page_reads_without_script(file: Path, open_page) -> None:
    with open_page(file, java_script_enabled=False) as seen:
        assert seen.page.locator("h1").count() == 1
        assert seen.page.locator("main").inner_text().strip()
        assert seen.complaints == []


def test_a_page_has_one_language(file: Path, open_page) -> None:
    lang = "ko" if ".ko." in file.name else "en"
    with open_page(file) as seen:
        assert seen.page.locator("html").get_attribute("lang") == lang
        hangul = re.findall(r"[가-힣]", seen.page.locator("h1").inner_text())
        assert bool(hangul) == (lang == "ko")


@pytest.mark.parametrize("name", ["survey.ko.html", "index.ko.html"])
def test_korean_is_drawn_with_real_glyphs(reports: Path, open_page, korean_font: None, name: str) -> None:
    with open_page(reports / name) as seen:
        assert [seen.different_glyphs(part) for part in ("h1", "main p")] == [5, 5]


def test_every_figure_is_shown_with_words(reports: Path, open_page) -> None:
    with open_page(reports / "survey.html") as seen:
        shown = seen.page.locator("figure img").evaluate_all(
            "all => all.map(i => [i.naturalWidth, i.alt.length])"
        )
        assert shown
        assert [one for one in shown if one[0] == 0 or one[1] < 20] == []


def test_the_phone_gets_the_narrow_twin_of_a_figure(reports: Path, open_page) -> None:
    widths = {}
    for width in (DESKTOP, PHONE):
        with open_page(reports / "survey.html", width=width) as seen:
            pictures = seen.page.locator("figure picture:has(source) img")
            widths[width] = pictures.evaluate_all("all => all.map(i => i.naturalWidth)")
    assert widths[DESKTOP]
    pairs = zip(widths[PHONE], widths[DESKTOP], strict=True)
    assert [pair for pair in pairs if pair[0] >= pair[1]] == []


def test_a_report_leads_to_its_twin_in_the_other_language(reports: Path, open_page) -> None:
    with open_page(reports / "survey.ko.html") as seen:
        twin = seen.page.locator("a[hreflang=en]").get_attribute("href")
    assert (reports / twin).resolve() == (reports / "survey.html").resolve()


@pytest.mark.parametrize("name", ["survey.html", "survey.ko.html"])
def test_a_report_prints_on_paper(reports: Path, open_page, name: str) -> None:
    with open_page(reports / name) as seen:
        sheets = seen.paper()
        seen.page.emulate_media(media="print")
        assert seen.page.locator("h1").is_visible()
        assert not seen.page.locator("nav.contents").is_visible()
    assert sheets.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", sheets)) <= 40
