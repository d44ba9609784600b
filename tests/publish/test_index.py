"""The index: every report and every failure, in two languages, with one script the policy names."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from journey_lib.errors import RunError
from journey_lib.publish.index import failures, rebuild, sidecars
from journey_lib.publish.run import run
from tests.publish import mini


def index(project: mini.Project, name: str = "index.html") -> str:
    return (project.reports / name).read_text(encoding="utf-8")


def rows(page: str) -> list[str]:
    listed = page[page.index('<ul class="list">') : page.index('<p class="nothing"')]
    return re.findall(r"<li data-stem=.*?</li>", listed, re.DOTALL)


def fail(project: mini.Project, swift: type[mini.SwiftWorker], **more: object) -> None:
    swift.notebook = mini.executed(bundle=None)
    with pytest.raises(RunError):
        run("mini", study="data/shop", **more)
    swift.notebook = None


def test_the_study_stands_on_top(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    page = index(project)
    assert "<h1>Where do customers get stuck?</h1>" in page
    assert "Success for the customer: A first order" in page
    assert "nobody gave these answers" in page
    stages = re.findall(r'<li style="--stop:var\(--stage-(\d)\)">.*?<b>(.*?)</b>(.*?)\n?</li>', page)
    assert stages == [
        ("1", "Awareness", "1 report"),
        ("2", "Consideration", "0 reports"),
        ("3", "Purchase", "0 reports"),
    ]


def test_a_row_says_what_the_report_found(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    (row,) = rows(index(project))
    for part in (
        '<a href="mini.html">Mini</a>',
        "Who comes back?<br><b>Few come back</b>",
        'aria-label="Awareness"',
        "Everybody",
        "1 of 3 to look at",
    ):
        assert part in row
    assert row.count('class="on"') == 1


def test_the_page_published_first_gets_its_link_to_the_twin(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    assert "hreflang" not in index(project, "mini.html")
    run("mini", study="data/shop", lang="ko")
    for page, twin, lang in (("mini.html", "mini.ko.html", "ko"), ("mini.ko.html", "mini.html", "en")):
        (link,) = re.findall(r"<a [^>]*hreflang[^>]*>", index(project, page))
        assert f'href="{twin}"' in link
        assert f'hreflang="{lang}"' in link


def test_settings_tell_reports_of_one_kind_apart(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    run("mini", study="data/shop", set={"by": "region"})
    names = {re.findall(r'<a href="mini[^"]*">(.*?)</a>', row)[0] for row in rows(index(project))}
    assert names == {"Mini", "Mini · by region"}


def test_languages_share_a_row_and_segments_do_not(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    run("mini", study="data/shop", lang="ko")
    run("mini", study="data/shop", set={"by": "region"}, lang="ko")
    english, korean = rows(index(project)), rows(index(project, "index.ko.html"))
    assert len(english) == len(korean) == 2
    assert '<a href="mini.html">' in english[0]
    assert '<a href="mini.ko.html" lang="ko" hreflang="ko">한국어</a>' in english[0]
    assert '<a href="mini.ko.html">' in korean[0]
    assert '<a href="mini--by-region.ko.html" hreflang="ko">' in english[1]
    assert "누가 다시 오나?" in english[1]
    assert 'data-language="en|ko"' in english[0]


def test_a_failed_run_is_visible_and_quiet(project: mini.Project, swift: type[mini.SwiftWorker]) -> None:
    run("mini", study="data/shop")
    fail(project, swift)
    (row,) = rows(index(project))
    assert '<div class="about stopped">' in row
    assert "its last cell gives no report bundle" in row
    assert '<a href="mini.failed.log">Log</a>, <a href="mini.html">report of ' in row
    assert "jl-not_assessable" in row
    assert "Run failed" in row
    assert "1 of them not renewed" in index(project)
    run("mini", study="data/shop")
    assert "stopped" not in rows(index(project))[0]


def test_a_report_that_never_succeeded_is_listed(
    project: mini.Project, swift: type[mini.SwiftWorker]
) -> None:
    run("mini", study="data/shop")
    fail(project, swift, segment="region=KR")
    good, bad = rows(index(project))
    assert "stopped" not in good
    assert '<a href="mini--region-kr.failed.log">Log</a></p>' in bad
    assert "region=KR" in bad


def test_the_policy_names_the_script(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    page = index(project)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert '<div class="tools off-paper" hidden>' in page
    assert "https://" not in page
    assert "http://" not in page


def test_what_people_wrote_is_escaped(project: mini.Project, swift: type[mini.SwiftWorker]) -> None:
    evil = "<img src=x onerror=alert(1)>\"'"
    swift.notebook = mini.executed(bundle=mini.BUNDLE | {"headline": evil, "segment": evil})
    run("mini", study="data/shop")
    page = index(project)
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 3


def test_a_name_in_korean_is_a_working_address(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop", segment="지역=서울")
    (row,) = rows(index(project))
    assert 'href="mini--%EC%A7%80%EC%97%AD-%EC%84%9C%EC%9A%B8.html"' in row


def test_a_broken_sidecar_or_deleted_report_hides_nothing(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    gone = run("mini", study="data/shop", set={"by": "gone"})
    gone.report.unlink()
    (project.reports / "broken.json").write_text("{")
    (project.reports / "list.json").write_text("[]")
    (project.reports / "broken.failed.json").write_text("")
    assert [one["name"] for one in sidecars(project.reports)] == ["mini"]
    assert failures(project.reports) == []
    rebuild(project.reports)
    assert len(rows(index(project))) == 1


def test_without_a_report_there_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="has no published report"):
        rebuild(tmp_path)


def test_the_korean_index_is_korean(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    page = index(project, "index.ko.html")
    assert '<html lang="ko">' in page
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)
    for english in ("Reports", "Search", "Stages", "Everybody", "to look at", "Made with", "Success"):
        assert english not in text
