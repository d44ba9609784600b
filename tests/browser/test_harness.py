"""The harness sees what it is there to see: a clean page passes, and each fault on a bad page is noticed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.browser import jupyterlab
from tests.browser.chromium import PHONE
from tests.browser.look import look

PATIENCE = 60  # seconds
CLEAN = "<h1>설문 결과</h1><p>Satisfaction rose.</p>"


def page_of(folder: Path, body: str, head: str = "") -> Path:
    file = folder / "page.html"
    start = f'<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>Page</title>{head}</head>'
    file.write_text(f"{start}<body><main>{body}</main></body></html>", encoding="utf-8")
    return file


def test_a_clean_page_raises_no_complaint(tmp_path: Path, open_page, korean_font: None) -> None:
    with open_page(page_of(tmp_path, CLEAN), width=PHONE, axe=True) as seen:
        assert seen.violations() == []
        assert (seen.requests, seen.complaints, seen.sideways()) == ([], [], 0)
        assert seen.different_glyphs("h1") == 5


@pytest.mark.parametrize(
    "body",
    [
        '<img alt="" src="https://example.org/a.png">',
        '<link rel="stylesheet" href="other.css">',
        '<script>fetch("https://example.org/")</script>',
    ],
)
def test_every_request_is_noticed(tmp_path: Path, open_page, body: str) -> None:
    with open_page(page_of(tmp_path, body)) as seen:
        end = time.monotonic() + PATIENCE
        while not seen.requests and time.monotonic() < end:
            seen.page.wait_for_timeout(50)
        assert len(seen.requests) == 1


def test_data_inside_the_page_is_no_request(tmp_path: Path, open_page) -> None:
    dot = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    with open_page(page_of(tmp_path, f'<img alt="dot" src="{dot}">')) as seen:
        assert seen.requests == []


@pytest.mark.parametrize("script", ["console.error('no')", "throw new Error('no')"])
def test_every_complaint_is_noticed(tmp_path: Path, open_page, script: str) -> None:
    with open_page(page_of(tmp_path, f"<script>{script}</script>")) as seen:
        assert len(seen.complaints) == 1


def test_a_blocked_script_is_a_complaint(tmp_path: Path, open_page) -> None:
    policy = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"""
    with open_page(page_of(tmp_path, "<script>document.title = 'ran'</script>", policy)) as seen:
        assert seen.page.title() == "Page"
        assert len(seen.complaints) == 1


def test_axe_finds_a_picture_without_words(tmp_path: Path, open_page) -> None:
    policy = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"""
    with open_page(page_of(tmp_path, CLEAN + "<img>", policy), axe=True) as seen:
        assert [line.split(":")[0] for line in seen.violations()] == ["image-alt"]


def test_sideways_scroll_is_measured(tmp_path: Path, open_page) -> None:
    with open_page(page_of(tmp_path, '<div style="width:600px">wide</div>'), width=PHONE) as seen:
        assert seen.sideways() > 200


def test_a_page_is_looked_at_on_every_medium(tmp_path: Path, browser) -> None:
    page = page_of(tmp_path, CLEAN + '<div style="height:2500px"></div>')
    pictures = look(browser, page, tmp_path / "out")
    names = {path.name for path in pictures}
    seen = {f"page.{look}-{part}.png" for look in ("desktop", "phone", "dark") for part in (1, 2)}
    assert seen | {"page.pdf"} <= names
    assert (tmp_path / "out" / "page.pdf").read_bytes().startswith(b"%PDF")


# JupyterLab


def notebook(folder: Path, name: str, *sources: str) -> str:
    blank = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [blank | {"id": f"c{at}", "source": source} for at, source in enumerate(sources)]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    body = {"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}
    (folder / name).write_text(json.dumps(body), encoding="utf-8")
    return name


def test_jupyterlab_tells_a_good_notebook_from_a_failing_one(tmp_path: Path, browser) -> None:
    good = notebook(tmp_path, "good.ipynb", *["1 + 1"] * 30)
    last = notebook(tmp_path, "last.ipynb", "1", "1 / 0")
    with jupyterlab.server(tmp_path, tmp_path / "private") as address:
        ran = jupyterlab.run_all(browser, address, good, tmp_path)
        failed = jupyterlab.run_all(browser, address, last, tmp_path)
    assert ran.complete
    assert (len(ran.prompts), ran.errors) == (30, [])
    assert failed.complete
    assert failed.errors == ["ZeroDivisionError: division by zero"]
