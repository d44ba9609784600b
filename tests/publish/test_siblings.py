"""The switch between reports of one kind about different people: links first, a script for comfort."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from journey_lib.publish import index, siblings
from journey_lib.publish.run import run
from tests.publish import mini


def html(project: mini.Project, name: str = "mini") -> str:
    return (project.reports / f"{name}.html").read_text(encoding="utf-8")


def links(page: str) -> list[tuple[str, str]]:
    """Return address and words of each segment the page offers."""
    nav = re.search(r'<nav class="segments".*?</nav>', page, re.DOTALL)
    found = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', nav[0]) if nav else []
    return [(href, re.sub(r"<.*?>", " ", words).replace("\u00a0", " ")) for href, words in found]


@pytest.fixture
def three(project: mini.Project, swift: type[mini.SwiftWorker]) -> mini.Project:
    """Everybody and two segments."""
    run("mini", study="data/shop")
    for name, n in (("KR", 5), ("BR", 40)):
        bundle = {**mini.BUNDLE, "segment": f"region: {name}", "n": n, "min_cell": 10}
        swift.notebook = mini.executed(bundle=bundle)
        run("mini", study="data/shop", segment=f"region={name}")
    return project


def test_every_report_links_to_its_siblings_and_names_itself(three: mini.Project) -> None:
    expected = [
        ("mini.html", "Everybody n = 12 "),
        ("mini--region-br.html", "region: BR n = 40 "),
        ("mini--region-kr.html", "region: KR n &lt; 10 "),  # too few to be told
    ]
    for name in ("mini", "mini--region-br", "mini--region-kr"):
        assert links(html(three, name)) == expected
        assert re.findall(r'href="([^"]+)" aria-current="page"', html(three, name)) == [f"{name}.html"]


def test_a_report_alone_offers_nothing_and_runs_nothing(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    assert links(html(project)) == []
    assert "<script" not in html(project)


def test_only_our_script_may_run_and_the_page_names_it_by_its_hash(three: mini.Project) -> None:
    page = html(three)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert "http" not in script


def test_a_sibling_that_is_gone_is_no_longer_offered(three: mini.Project) -> None:
    for ending in ("html", "json"):
        (three.reports / f"mini--region-br.{ending}").unlink()
    index.rebuild(three.reports)
    assert [href for href, _ in links(html(three))] == ["mini.html", "mini--region-kr.html"]
    for ending in ("html", "json"):
        (three.reports / f"mini--region-kr.{ending}").unlink()
    index.rebuild(three.reports)
    assert links(html(three)) == []


def test_other_settings_and_languages_are_other_families(three: mini.Project) -> None:
    run("mini", study="data/shop", set={"by": "region"})
    run("mini", study="data/shop", lang="ko")
    run("mini", study="data/shop", as_of="2025-01-31", segment="region=JP")
    assert links(html(three, "mini--by-region")) == []
    assert links(html(three, "mini.ko")) == []
    assert len(links(html(three))) == 4  # the day is no other analysis


def test_pages_are_left_alone_when_nothing_changed(three: mini.Project) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in three.reports.glob("mini*.html")}
    index.rebuild(three.reports)
    assert {file.name: file.stat().st_mtime_ns for file in three.reports.glob("mini*.html")} == before


def test_many_segments_are_folded_and_few_are_not() -> None:
    def page(n: int) -> str:
        family = [{"file": f"{i}.html", "lang": "ko", "settings": {"segment": f"s{i}"}} for i in range(n)]
        return str(siblings.switch(family[0], family))

    assert "<details open>" in page(8)
    assert "<details>" in page(9)
    assert 'aria-label="대상"' in page(2)


def test_names_are_escaped_and_old_versions_told() -> None:
    evil = {"file": 'a".html', "lang": "en", "settings": {"segment": "x"}, "segment": "<b>&"}
    old = {"file": "o.html", "lang": "en", "settings": {"segment": "Asia@1"}, "segment": "Asia"}
    page = str(siblings.switch(evil, [evil, old]))
    assert 'href="a%22.html"' in page
    assert "&lt;b&gt;&amp;" in page
    assert "Asia · v1" in page
