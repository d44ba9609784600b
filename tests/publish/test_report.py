"""The page: its parts in order, one language, no script, no request."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser

import pytest

from journey_lib.publish.run import run
from journey_lib.publish.siblings import script_hash
from tests.publish import mini


class Outline(HTMLParser):
    """Reads what a reader and a screen reader find: elements in order, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, dict(attrs)))

    def every(self, tag: str) -> list[dict]:
        return [given for name, given in self.elements if name == tag]


def published(project: mini.Project, lang: str = "") -> str:
    return run("mini", study="data/shop", lang=lang).report.read_text(encoding="utf-8")


@pytest.fixture
def page(project: mini.Project, swift: type[mini.SwiftWorker]) -> str:
    style = "<style data-journey>.jl{color:red}</style>"
    swift.notebook = mini.executed(
        {"text/html": f'{style}<div class="jl">shown</div>', "text/plain": "Block"},
        {"text/plain": "a < b"},
        bundle=mini.BUNDLE,
    )
    return published(project)


def test_the_page_is_built_for_everybody(page: str) -> None:
    outline = Outline(page)
    assert outline.every("html") == [{"lang": "en"}]
    assert len(outline.every("main")) == len(outline.every("h1")) == 1
    assert {"class": "skip", "href": "#main"} in [
        {k: a.get(k) for k in ("class", "href")} for a in outline.every("a")
    ]
    anchors = [a["href"].removeprefix("#") for a in outline.every("a") if a["href"].startswith("#")]
    ids = [given["id"] for _, given in outline.elements if "id" in given]
    assert len(ids) == len(set(ids))
    assert set(anchors) <= set(ids)


def test_the_page_forbids_everything_but_itself(page: str) -> None:
    outline = Outline(page)
    policy = next(m["content"] for m in outline.every("meta") if "http-equiv" in m)
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src '{script_hash()}'; base-uri 'none'; form-action 'none'"
    )
    assert outline.every("script") == outline.every("link") == outline.every("iframe") == []
    assert "http://" not in page
    assert "https://" not in page


def test_title_lead_sections_code_stand_in_order(page: str) -> None:
    body = page[page.index("<body") :]
    marks = [
        "nobody gave these answers",
        "Who comes back?",
        "One question on little",
        '<h2 id="result">Result',
    ]
    marks += ["<em>words</em>", '<div class="jl">shown</div>', "a &lt; b", "<dt>Study</dt>", "<dt>Run</dt>"]
    marks += ["Code of this report (2 cells, 3 lines)", "result.plot()", "Made with the journey workbench"]
    assert [body.find(mark) for mark in marks] == sorted(body.find(mark) for mark in marks)
    assert all(mark in body for mark in marks)
    assert '<li><a href="#result">Result</a></li>' in body
    assert "<title>Who comes back? · Little shop</title>" in page


def test_the_style_is_on_the_page_once(page: str) -> None:
    assert page.count("<style") == 1
    assert ".jl{color:red}" not in page
    assert ".jl-figure" in page


def test_the_page_speaks_one_language(project: mini.Project, swift: object) -> None:
    page = published(project, "ko")
    assert Outline(page).every("html") == [{"lang": "ko"}]
    assert "작은 질문 하나." in page
    assert "작은 가게" in page
    for english in ("Who comes back", "Skip to content", "Code of this report", "Made with", "Synthetic"):
        assert english not in page


def test_run_and_versions_join_the_provenance(page: str) -> None:
    facts = page[page.index("<dt>Study</dt>") : page.index('<details class="code">')]
    assert facts.count("<dl") == 0
    assert facts.count("</dl>") == 1
    assert "<dt>Run</dt><dd>mini-20" in facts
    assert "Python 3." in facts
    assert "pandas 3." in facts


def test_headings_that_read_alike_get_anchors_of_their_own() -> None:
    from journey_lib.publish.report import Markdown

    markdown = Markdown()
    html = "".join(
        markdown.render(source) for source in ("## Result\n\n### Result", "## Result?", "## ??", "## 결과")
    )
    assert [h["id"] for tag in ("h2", "h3") for h in Outline(html).every(tag)] == [
        "result",
        "result-3",
        "section",
        "결과",
        "result-2",
    ]


def test_warnings_stay_in_the_log(project: mini.Project) -> None:
    project.notebook("import warnings\nwarnings.warn('mind the gap')", "print('said')")
    page = run("mini", study="data/shop").report.read_text(encoding="utf-8")
    shown = page[: page.index('<details class="code">')]
    assert "mind the gap" not in shown
    assert "<pre>said</pre>" in shown


def test_a_notebook_names_its_report_in_each_language(
    project: mini.Project, swift: type[mini.SwiftWorker]
) -> None:
    swift.notebook = mini.executed(bundle=mini.BUNDLE)
    swift.notebook.metadata["journey"] = {"name": {"en": "Little one", "ko": "작은 것"}}
    assert "<b>작은 것</b>" in published(project, "ko")
    assert "<b>Little one</b>" in published(project)
    assert project.sidecar()["title"] == "Little one"


def test_the_worker_makes_a_page_without_pandas() -> None:
    """It would cost every run most of a second; the kernel has its own."""
    code = """
import sys
from journey_lib.publish import ledger, report, verify, worker
worker.prepare(), worker.load_converter()
print([name for name in ("pandas", "matplotlib", "scipy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
