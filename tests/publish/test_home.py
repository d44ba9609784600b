"""The home page: goals against intervals, the map's own words, the reports of a stage, kinds of reports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from journey_lib.publish.home import fragment, score
from journey_lib.publish.index import rebuild
from journey_lib.publish.run import run
from journey_lib.publish.stages import Goal, goals
from tests.publish import mini
from tests.publish.test_stages import ROWS, publish

MAP = '<section><h2>Breaks here</h2><a href="{page}#stage-awareness">Awareness</a></section>'
AIMS = [
    *ROWS,
    {"metric": "target", "stage": "consideration", "estimate": 0.6},  # the interval ends there: not below it
    {"metric": "target", "stage": "purchase", "estimate": 0.6},  # nobody knows how many go on
]


def report(project: mini.Project, stem: str, **more: Any) -> dict[str, Any]:
    """Put a published report of another kind beside those of the project."""
    told = publish(project.reports, stem, file=f"{stem}.html", name=stem, title=stem.capitalize(), stem=stem)
    both = {**project.sidecar(), **told, "identity": json.dumps([stem, {}]), **more}
    (project.reports / f"{both['name']}.json").write_text(json.dumps(both), encoding="utf-8")
    (project.reports / both["file"]).write_text("<html></html>", encoding="utf-8")
    return both


def page_of(project: mini.Project, name: str = "index.html") -> str:
    rebuild(project.reports)
    return (project.reports / name).read_text(encoding="utf-8")


def test_a_goal_is_met_missed_or_unclear_by_its_interval(tmp_path: Path) -> None:
    found = {g.stage: g for g in goals(tmp_path, [publish(tmp_path, rows=AIMS)], "en")}
    assert {stage: goal.verdict for stage, goal in found.items()} == {
        "awareness": "missed", "consideration": "unclear",
    }  # fmt: skip
    first = found["awareness"]
    assert (first.number, first.bounds, first.goal, first.href) == ("56%", "56–57", "60%", "f1.html")
    assert "M60.0 0V16" in first.drawn
    assert "M55.9 8H57.2" in first.drawn
    assert goals(tmp_path, [], "en") == []


def test_the_score_counts_what_is_met_and_what_nobody_can_tell() -> None:
    three = [Goal("a", "met"), Goal("b", "missed"), Goal("c", "unclear")]
    assert score(three, "en") == "Goals met: 1 of 3; unclear: 1"
    assert score(three[:2], "ko") == "달성한 목표: 2개 중 1개"


def test_a_fragment_is_about_everybody_in_the_language_and_links_to_its_own_page() -> None:
    one = {"stem": "journey_map", "lang": "en", "file": "a b.html", "published": "1", "home": MAP}
    newer = one | {"file": "new.html", "published": "2"}
    part = one | {"file": "kr.html", "published": "3", "settings": {"segment": "region=KR"}}
    assert 'href="a%20b.html#stage-awareness"' in fragment([one], "journey_map", "en")
    assert 'href="new.html#' in fragment([newer, one, part], "journey_map", "en")
    korean = one | {"file": "map.ko.html", "lang": "ko", "published": "0"}
    assert 'href="map.ko.html#' in fragment([newer, korean], "journey_map", "ko")
    assert fragment([newer], "journey_map", "ko").startswith('<div lang="en"><section')
    assert fragment([part], "journey_map", "en") == ""
    assert fragment([one | {"home": ""}], "journey_map", "en") == ""


def test_words_of_people_are_no_address() -> None:
    quoted = '<p>href=&#34;{page}</p><a href="{page}">x</a>'
    one = {"stem": "monitor", "lang": "en", "file": "m.html", "published": "1", "home": quoted}
    assert fragment([one], "monitor", "en") == '<p>href=&#34;{page}</p><a href="m.html">x</a>'


def test_with_a_map_the_home_page_leads_with_it(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    report(project, "funnel", stages=["awareness", "consideration"])
    before = page_of(project)
    assert '<ol class="axis">' in before
    assert "Breaks here" not in before
    report(project, "journey_map", home=MAP, stages=["awareness"])
    report(project, "opportunities", home='<section><h2><a href="{page}">First</a></h2></section>', stages=[])
    page = page_of(project)
    assert '<ol class="axis">' not in page
    places = [
        page.index(w)
        for w in ("Goals met: 0 of 1", "Breaks here", 'class="speaking', ">First<", 'id="reports"')
    ]
    assert places == sorted(places)
    assert '<a href="journey_map.html#stage-awareness">' in page
    (strip,) = re.findall(r'<ol class="goals lined">(.*?)</ol>', page, re.DOTALL)
    assert "<strong>56%</strong> <span>56–57</span>" in strip
    assert re.search(r'jl-status missed"><svg.*?</svg>missed</span>', strip)
    speaking = re.findall(r"<summary>.*?</b> (.*?)</summary><ul>(.*?)</ul>", page)
    assert [words for words, _ in speaking] == ["3 reports", "1 report"]
    assert re.findall(r'href="(.*?)"', speaking[1][1]) == ["funnel.html"]
    assert "달성한 목표: 1개 중 0개" in page_of(project, "index.ko.html")


def test_reports_of_one_kind_stand_together(project: mini.Project, swift: object) -> None:
    run("mini", study="data/shop")
    for by in ("a", "b", "c"):
        run("mini", study="data/shop", set={"by": by})
    report(project, "funnel")
    page = page_of(project)
    (fold,) = re.findall(
        r'<li class="more"><details(.*?)><summary>(.*?)</summary>(.*?)</details>', page, re.DOTALL
    )
    assert fold[0] == ' open data-open="yes"'
    assert fold[1] == "3 more of this kind"
    assert re.findall(r'<h3><a href="(.*?)"', fold[2]) == [f"mini--by-{x}.html" for x in "abc"]
    assert page.index('href="funnel.html"', page.index('class="list"')) < page.index('<li class="more">')
    run("mini", study="data/shop", set={"by": "d"})
    assert '<li class="more"><details><summary>4 more of this kind' in page_of(project)


def test_a_failure_unfolds_its_kind(project: mini.Project, swift: type[mini.SwiftWorker]) -> None:
    from journey_lib.errors import RunError

    for by in ("", "a", "b", "c", "d"):
        run("mini", study="data/shop", set={"by": by} if by else {})
    swift.notebook = mini.executed(bundle=None)
    with pytest.raises(RunError):
        run("mini", study="data/shop", set={"by": "d"})
    page = page_of(project)
    assert '<details open data-open="yes"><summary>4 more' in page
    assert 'class="short stopped"' in page


def test_a_fragment_that_leaves_the_page_is_never_published(
    project: mini.Project, swift: type[mini.SwiftWorker]
) -> None:
    from journey_lib.errors import RunError

    for evil in (
        '<img src="https://example.org/x.png" alt="x">',
        "<script>1</script>",
        '<p onclick="1">x</p>',
    ):
        swift.notebook = mini.executed(bundle=mini.BUNDLE | {"home": evil})
        with pytest.raises(RunError, match="the page holds"):
            run("mini", study="data/shop")
