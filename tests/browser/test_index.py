"""The index in a browser, from disk: filters that work, a list that needs no script, failures in sight."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from journey_lib.errors import RunError
from journey_lib.publish import plan, run
from tests.browser.chromium import PHONE, Opened
from tests.publish import mini

OpenPage = Callable[..., AbstractContextManager[Opened]]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five rows: two reports, one of them in two languages, one split, one of a segment, one that failed."""
    root = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNEY_HOME", str(root))
        patch.chdir(root)
        patch.setattr(plan, "declared", lambda stem: mini.MiniParams)
        patch.setattr(run, "Worker", mini.SwiftWorker)
        project = mini.make(root)
        for stem in ("funnel", "mini"):
            project.notebook(stem=stem)
        patch.setattr(mini.SwiftWorker, "notebook", mini.executed(bundle=mini.BUNDLE))
        for more in ({}, {"lang": "ko"}, {"set": {"by": "plan"}}):
            run.run("mini", study="data/shop", **more)
        in_korea = mini.BUNDLE | {"segment": "Region: Korea", "headline": "Korea stays"}
        patch.setattr(mini.SwiftWorker, "notebook", mini.executed(bundle=in_korea))
        run.run("mini", study="data/shop", segment="region=KR")
        run.run("funnel", study="data/shop")
        patch.setattr(mini.SwiftWorker, "notebook", mini.executed(bundle=None))
        with pytest.raises(RunError):
            run.run("funnel", study="data/shop", set={"by": "plan"})
    return project.reports


def shown(seen: Opened) -> int:
    return seen.page.locator(".list li[data-stem]:visible").count()


@pytest.mark.parametrize("name", ["index.html", "index.ko.html"])
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (PHONE, False)])
def test_the_index_is_for_everybody(
    open_page: OpenPage, reports: Path, name: str, width: int, *, dark: bool
) -> None:
    with open_page(reports / name, width=width, dark=dark, axe=True) as seen:
        assert seen.violations() == []
        assert seen.sideways() <= 0
        assert (seen.requests, seen.complaints) == ([], [])


def test_filters_narrow_the_list_and_say_so(open_page: OpenPage, reports: Path) -> None:
    with open_page(reports / "index.html") as seen:
        page, count = seen.page, seen.page.locator("#count")
        assert (shown(seen), count.inner_text()) == (5, "5 of 5 reports")
        page.get_by_label("Search").fill("korea STAYS")
        assert (shown(seen), count.inner_text()) == (2, "2 of 5 reports")
        page.get_by_label("Report", exact=True).select_option("mini")
        assert shown(seen) == 1
        page.get_by_label("Search").fill("")
        assert shown(seen) == 3
        page.get_by_label("Language", exact=True).last.select_option("ko")
        assert shown(seen) == 1
        page.get_by_label("Published since").fill("2999-01-01")
        assert (shown(seen), page.locator("#nothing").is_visible()) == (0, True)
        assert (seen.requests, seen.complaints) == ([], [])


def test_segments_can_be_chosen(open_page: OpenPage, reports: Path) -> None:
    with open_page(reports / "index.html") as seen:
        seen.page.get_by_label("Segment").select_option("Region: Korea")
        assert shown(seen) == 2


def test_without_script_the_whole_list_stands(open_page: OpenPage, reports: Path) -> None:
    with open_page(reports / "index.html", java_script_enabled=False) as seen:
        assert not seen.page.locator(".tools").is_visible()
        assert not seen.page.locator("#nothing").is_visible()
        assert shown(seen) == 5


def test_links_lead_to_files_that_are_there(open_page: OpenPage, reports: Path) -> None:
    with open_page(reports / "index.html") as seen:
        links = seen.page.locator(".list a")
        addresses = [links.nth(at).get_attribute("href") for at in range(links.count())]
        assert len(addresses) == 6
        assert all((reports / str(address)).is_file() for address in addresses)
        assert seen.page.get_by_text("Run failed").is_visible()


@pytest.fixture(scope="module")
def with_map(reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same reports with a map, goals, opportunities, and more of one kind than are shown at once."""
    from journey_lib.publish.index import rebuild
    from tests.measures.test_journey_map import FULL, STUDY, journey_map, ledger
    from tests.publish import test_home

    folder = shutil.copytree(reports, tmp_path_factory.mktemp("home") / "reports" / "shop")
    project = mini.Project(folder.parent.parent)
    found = journey_map(STUDY, ledger(*FULL))
    test_home.report(project, "journey_map", home=str(found.home_fragment("{page}")))
    test_home.report(project, "opportunities", home='<section><h2><a href="{page}">First</a></h2></section>')
    told = test_home.publish(folder, "funnel-2", rows=test_home.AIMS, file="funnel.html")
    test_home.report(project, "funnel", **{k: told[k] for k in ("run_id", "published")})
    for plan_ in "abcd":
        settings = {"by": plan_}
        name = f"mini--by-{plan_}"
        test_home.report(project, "mini", name=name, file=f"{name}.html", settings=settings, identity=name)
    rebuild(folder)
    return folder


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (PHONE, False)])
def test_the_home_page_is_for_everybody(
    open_page: OpenPage, with_map: Path, width: int, *, dark: bool
) -> None:
    with open_page(with_map / "index.html", width=width, dark=dark, axe=True) as seen:
        assert seen.page.locator(".goals li").count() == 3
        assert seen.page.locator(".jl-map").is_visible()
        assert seen.violations() == []
        assert seen.sideways() <= 0
        assert (seen.requests, seen.complaints) == ([], [])


def test_a_search_unfolds_what_it_finds_and_folds_it_again(open_page: OpenPage, with_map: Path) -> None:
    with open_page(with_map / "index.html") as seen:
        folded = seen.page.get_by_role("link", name="Mini · by c")
        assert not folded.is_visible()
        seen.page.get_by_label("Search").fill("by c")
        assert folded.is_visible()
        seen.page.get_by_label("Search").fill("")
        assert not folded.is_visible()
