"""Choosing customers in a real JupyterLab: with the mouse, the keyboard, in Korean, and into a report."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

import journey_lib as jl
from tests.browser import jupyterlab
from tests.browser.chromium import AXE_TAGS

PATIENCE = 120_000  # milliseconds a busy machine may need; every wait ends with what it waits for
# The handles of a slider have no name of their own in ipywidgets; two boxes beside them can be typed into.
NOT_OURS = {"aria-input-field-name"}
KOREAN = 'in_korean = jl.SegmentFilter(known, data, lang="ko")\nin_korean'


def test_from_a_click_to_a_report_of_the_same_people(
    project: Path, tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(project, tmp_path / "project")
    add_a_cell(folder / "notebooks" / "explore.ipynb", KOREAN)
    with explored(browser, folder, tmp_path) as page:
        english, korean = page.locator(".jl-filter.jl-en"), page.locator(".jl-filter.jl-ko")
        everybody = n_of(english)
        chosen = click_and_undo(page, english)
        assert 0 < chosen < everybody
        text = save_and_copy(english)
        assert text == "Korea"
        by_keyboard(page, english)
        in_korean(korean)
        assert violations(page) == []
        english.screenshot(path=tmp_path / "english.png")
        korean.screenshot(path=tmp_path / "korean.png")
        page.locator(".jl-form").screenshot(path=tmp_path / "form.png")
    saved = json.loads((folder / "data" / "sample" / "segments.json").read_text(encoding="utf-8"))
    assert [one["n"] for one in saved] == [chosen]
    monkeypatch.setenv("JOURNEY_HOME", str(folder))
    outcome = jl.run("retention", study=folder / "data" / "sample", set={"segment": text})
    assert f"{chosen:,}" in re.sub(r"<[^>]+>", " ", outcome.report.read_text(encoding="utf-8"))


def click_and_undo(page: Page, filter_: Locator) -> int:
    """Choose a region, watch n and figure follow, take it back and choose it again; return n."""
    everybody = n_of(filter_)
    picture = page.locator(".jl-form .jl-figure img").first
    before = picture.get_attribute("src")
    tick = filter_.get_by_label("Korea", exact=True).first
    tick.check()
    chosen = changed(filter_, everybody)
    expect(filter_.locator(".jl-chip:visible")).to_have_text(["Region: Korea"])
    expect(picture).not_to_have_attribute("src", before or "", timeout=PATIENCE)
    expect(page.locator(".jl-form .jl-waiting").first).to_contain_text("Region: Korea")
    filter_.get_by_role("button", name="Undo (1)").click()
    assert changed(filter_, chosen) == everybody
    filter_.get_by_role("button", name="Redo (1)").click()
    assert changed(filter_, everybody) == chosen
    return chosen


def save_and_copy(filter_: Locator) -> str:
    """Save what is chosen, see it in the list, and return the text for a report."""
    filter_.get_by_label("Save as").fill("Korea")
    filter_.get_by_role("button", name="Save as new").click()
    line = filter_.locator(".jl-saved .jl-kept:visible", has_text="Korea")
    expect(line).to_contain_text("the same", timeout=PATIENCE)
    expect(filter_.locator(".jl-name")).to_contain_text("Saved, version 1")
    return filter_.locator(".jl-rail textarea").input_value()


def by_keyboard(page: Page, filter_: Locator) -> None:
    """Take the chip off and choose a value without a pointer; the focus never leaves the filter."""
    before = n_of(filter_)
    filter_.get_by_role("button", name="Clear all").focus()
    page.keyboard.press("Tab")
    assert focused(page) == "Region: Korea"
    page.keyboard.press("Space")
    everybody = changed(filter_, before)
    assert page.evaluate("document.activeElement.closest('.jl-filter') !== null")
    expect(filter_.get_by_role("button", name="Clear all")).to_be_disabled()
    filter_.get_by_role("button", name=re.compile(r"Undo \(")).focus()
    presses = 0
    while not page.evaluate("document.activeElement.matches('.jl-facet input[type=checkbox]')"):
        page.keyboard.press("Tab")
        presses += 1
        assert presses < 10
    page.keyboard.press("Space")
    assert changed(filter_, everybody) < everybody
    page.keyboard.press("Space")
    assert n_until(filter_, everybody)


def in_korean(filter_: Locator) -> None:
    """The same filter in Korean, from a list of the second language to the empty state."""
    for told in (
        "누구에 대한 것인가?",
        "되돌리기",
        "반대로",
        "모두 지우기",
        "가장 멀리 간 단계",
        "전체 중",
        "가중 n",
    ):
        expect(filter_).to_contain_text(told)
    expect(filter_.get_by_label("고르는 대로 반영")).to_be_checked()


def add_a_cell(notebook: Path, source: str) -> None:
    """Add a code cell at the end."""
    read = json.loads(notebook.read_text(encoding="utf-8"))
    blank = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "id": "korean"}
    read["cells"].append(blank | {"source": source})
    notebook.write_text(json.dumps(read), encoding="utf-8")


@contextmanager
def explored(browser: Browser, folder: Path, tmp_path: Path) -> Iterator[Page]:
    """Open the notebook, run all of it, and wait until filter and form stand there."""
    with jupyterlab.server(folder, tmp_path / "private") as address:
        page = browser.new_page(viewport={"width": 1440, "height": 1600})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/lab/tree/notebooks/explore.ipynb?reset", wait_until="commit")
        try:
            page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
            page.wait_for_function(jupyterlab.IDLE)
            page.evaluate(jupyterlab.RUN_ALL)
            page.wait_for_function(jupyterlab.FINISHED)
            assert jupyterlab.errors(page.evaluate(jupyterlab.NOTEBOOK)) == []
            page.wait_for_selector(".jl-form .jl-figure img")
            page.wait_for_selector(".jl-filter.jl-ko .jl-big")
            yield page
        except BaseException:
            page.screenshot(path=tmp_path / "failed.png")
            raise
        finally:
            page.close()


def n_of(filter_: Locator) -> int:
    """Return how many are left, as the filter says."""
    return int(re.sub(r"\D", "", filter_.locator(".jl-big").inner_text()))


def changed(filter_: Locator, before: int) -> int:
    """Wait until another number of people is left, and return it."""
    expect(filter_.locator(".jl-big")).not_to_have_text(re.compile(rf"^{before:,} "), timeout=PATIENCE)
    return n_of(filter_)


def n_until(filter_: Locator, wanted: int) -> bool:
    """Wait until so many are left."""
    expect(filter_.locator(".jl-big")).to_have_text(re.compile(rf"^{wanted:,} "), timeout=PATIENCE)
    return True


def focused(page: Page) -> str:
    """Return the text of what has the focus."""
    return page.evaluate("document.activeElement.textContent.trim()")


def violations(page: Page) -> list[str]:
    """Return what axe finds inside filter and form."""
    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
    context = {"include": [[".jl-filter.jl-en"], [".jl-filter.jl-ko"], [".jl-form"]]}
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [
        f"{v['id']}: {[n['html'][:160] for n in v['nodes'][:3]]}" for v in found if v["id"] not in NOT_OURS
    ]
