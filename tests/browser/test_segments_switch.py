"""Choosing another segment at the top of a report: mouse, keyboard, phone, paper, without script."""

from __future__ import annotations

from pathlib import Path

import pytest

from journey_lib.publish.run import run
from tests.browser.chromium import PHONE
from tests.publish import mini
from tests.publish.conftest import project, swift

__all__ = ["project", "swift"]


@pytest.fixture
def page(project: mini.Project, swift: type[mini.SwiftWorker]) -> Path:
    """A tall report of everybody beside the same report of one region."""
    for segment, n in (("region=KR", 400), ("", 900)):
        name = segment.replace("=", ": ")
        bundle = {**mini.BUNDLE, "segment": name, "n": n, "min_cell": 10}
        tall = {"text/html": '<p style="height: 3000px">tall</p>'}
        swift.notebook = mini.executed(tall, bundle=bundle)
        report = run("mini", study="data/shop", segment=segment).report
    return report


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"width": PHONE}], ids=["desktop", "dark", "phone"])
def test_the_switch_is_open_to_everybody_and_asks_for_nothing(page: Path, look: dict, open_page) -> None:
    with open_page(page, axe=True, **look) as seen:
        assert (seen.requests, seen.complaints) == ([], [])
        assert [v for v in seen.violations() if "segments" in str(v)] == []
        assert seen.sideways() <= 0
        assert seen.page.locator(".segments a[aria-current]").inner_text().startswith("Everybody")


@pytest.mark.parametrize("press", ["mouse", "keyboard"])
def test_another_segment_opens_at_the_section_that_was_read(page: Path, open_page, press: str) -> None:
    """The harness lets no other file open, so the page is told to stay, and the address is read."""
    with open_page(page) as seen:
        seen.page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
        link = seen.page.locator(".segments a", has_text="region: KR")
        link.focus(timeout=3000)
        seen.page.locator("main h2").first.evaluate("(heading) => heading.scrollIntoView()")
        if press == "mouse":
            link.evaluate("(link) => link.click()")  # where it is, without scrolling to it
        else:
            seen.page.keyboard.press("Enter")
        assert link.evaluate("(link) => link.href").endswith("/mini--region-kr.html#result")
        assert seen.complaints == []


def test_without_script_the_links_are_links_and_on_paper_the_segment_is_named(page: Path, open_page) -> None:
    with open_page(page, java_script_enabled=False) as seen:
        href = seen.page.locator(".segments a", has_text="region: KR").get_attribute("href")
        assert (page.parent / str(href)).is_file()
        seen.page.emulate_media(media="print")
        assert seen.page.locator(".segments summary").inner_text().split() == ["Segment:", "Everybody"]
        assert not seen.page.locator(".segments ul").is_visible()
