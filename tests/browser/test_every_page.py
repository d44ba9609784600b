"""Reports of every shape are open to everybody in both languages, and hold together on paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import journey_lib as jl
from journey_lib.publish import run
from journey_lib.publish.report import style_of
from tests.browser.chromium import PHONE, Opened
from tests.browser.here import HereWorker

SHAPES = ("retention", "personas")  # a heat map and wide tables, cards
LOOKS = {"en": {"dark": True}, "ko": {"width": PHONE}}
PAPER = 688  # pixels: the width of A4 between its margins
FOOT = 45  # points: the lower margin of a sheet
LEAST = 60  # points below the top of a heading: itself and three lines
HEADING = re.compile(rb"/Dest \[(\d+) 0 R /XYZ [\d.]+ ([\d.]+) 0\]")

# What a heading keeps: a figure as a whole, else the words up to the head of the next table.
HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => {
  const figure = heading.closest('figure');
  return [heading.textContent.trim(), figure ? figure.getBoundingClientRect().height * 0.75 : 0];
})"""
CLIPPED = """() => [...document.querySelectorAll('table')]
  .filter((table) => table.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((table) => table.closest('.jl-scroll')?.getAttribute('aria-label') || table.className)"""


@dataclass(frozen=True)
class Heading:
    """A heading as it is printed: how much room lies below it, how tall the figure is that it names."""

    words: str
    room: float
    figure: float


@pytest.fixture(scope="module")
def reports(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some reports of the sample study in both languages."""
    folder = tmp_path_factory.mktemp("shapes")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        patch.setattr(run, "Worker", HereWorker)
        for stem in SHAPES:
            for lang in LOOKS:
                jl.run(stem, study=project / "data" / "sample", lang=lang, reports=folder)
    return folder / "sample"


def file_of(stem: str, lang: str) -> str:
    return f"{stem}.html" if lang == "en" else f"{stem}.{lang}.html"


@pytest.mark.parametrize("lang", LOOKS)
@pytest.mark.parametrize("stem", SHAPES)
def test_every_page_is_open_to_everybody(reports: Path, open_page, stem: str, lang: str) -> None:
    with open_page(reports / file_of(stem, lang), axe=True, **LOOKS[lang]) as seen:
        assert seen.violations() == []
        assert seen.sideways() <= 0
        assert (seen.requests, seen.complaints) == ([], [])


def printed(seen: Opened) -> list[Heading]:
    """Print a page and return its headings where they stand on their sheets."""
    seen.page.emulate_media(media="print")
    told = seen.page.evaluate(HEADINGS)
    sheets = seen.page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    places = [float(top) - FOOT for _, top in HEADING.findall(sheets)]
    assert len(places) == len(told) > 10
    return [Heading(words, room, tall) for (words, tall), room in zip(told, places, strict=True)]


def test_no_figure_is_torn_apart_wherever_it_falls_on_paper(tmp_path: Path, open_page) -> None:
    figure = (
        '<figure class="jl-figure"><figcaption><h3>Finding</h3></figcaption><div style="{}"></div></figure>'
    )
    parts = "".join(f"<h2>Part</h2>{figure.format(f'height: {300 + 40 * at}px')}" for at in range(8))
    file = tmp_path / "page.html"
    file.write_text(f'<style>{style_of("report.css")}</style><body class="jl">{parts}', encoding="utf-8")
    with open_page(file, width=PAPER) as seen:
        assert [one for one in printed(seen) if one.room < one.figure * 0.9] == []


@pytest.mark.parametrize("stem", SHAPES)
def test_paper_keeps_together_what_belongs_together(reports: Path, open_page, stem: str) -> None:
    with open_page(reports / file_of(stem, "en"), width=PAPER) as seen:
        headings = printed(seen)
        assert seen.page.evaluate(CLIPPED) == []
    assert [one for one in headings if one.room < LEAST] == [], "a heading ends its sheet"
    assert [one for one in headings if one.room < one.figure * 0.9] == [], "a figure is torn apart"
