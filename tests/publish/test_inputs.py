"""A report is left alone only while a new run could not say anything else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from journey_lib.publish.ledger import read_ledger
from journey_lib.publish.plan import Request
from journey_lib.publish.run import RunOutcome, run, run_all
from tests.publish import mini
from tests.publish.test_jobs import pages

SOURCES = """
[sources.customers]
file = "raw/customers.csv"
[sources.events]
file = "raw/events/*.csv"
"""
EVENTS = "customer_id,event,time\na,seen,2025-01-01\n"


@pytest.fixture
def shop(project: mini.Project, swift: object, package: Path) -> Path:
    """The folder of a study with two sources, and two reports published once."""
    folder = project.root / "data" / "shop"
    (folder / "raw" / "events").mkdir(parents=True)
    (folder / "study.toml").write_text(mini.STUDY + SOURCES, encoding="utf-8")
    (folder / "raw" / "customers.csv").write_text("customer_id\na\n", encoding="utf-8")
    (folder / "raw" / "events" / "1.csv").write_text(EVENTS, encoding="utf-8")
    project.notebook("'last'", stem="monitor")
    assert refreshed() == {"mini": "published", "monitor": "published"}
    return folder


def refreshed(*stems: str, **asked: str) -> dict[str, str]:
    """Refresh two reports, the second of which reads the ledger, and return what became of each."""
    requests = [Request(stem, "data/shop", refresh=True, **asked) for stem in stems or ("mini", "monitor")]
    return {o.report.name.partition(".")[0].partition("--")[0]: o.status for o in run_all(requests)}


def test_nothing_has_changed(shop: Path, project: mini.Project) -> None:
    """A second look makes nothing, says since when, and leaves every file as it was."""
    before = project.contents()
    outcomes = run_all([Request(stem, "data/shop", refresh=True) for stem in ("mini", "monitor")])
    assert [o.status for o in outcomes] == ["unchanged", "unchanged"]
    assert [o.message for o in outcomes] == [
        f"unchanged since {project.sidecar(s)['run_id']}" for s in ("mini", "monitor")
    ]
    after = project.contents()
    assert {name for name in before if before[name] != after[name]} <= {"index.html", "index.ko.html"}
    assert before.keys() == after.keys()


def _file(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8") and None


def _new_study(folder: Path) -> None:
    file = folder / "study.toml"
    file.write_text(file.read_text("utf-8").replace("A first order", "A second order"), encoding="utf-8")


def _frozen(folder: Path) -> None:
    (folder / "derived").mkdir()
    (folder / "derived" / "segment-1.csv").write_text("a\n", encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        _file("raw/customers.csv", "customer_id\nb\n"),
        _file("raw/events/2.csv", EVENTS),
        lambda folder: (folder / "raw" / "events" / "1.csv").rename(folder / "raw" / "events" / "0.csv"),
        _file("segments.json", "{}"),
        _file("map.toml", "[map]"),
        _frozen,
        _new_study,
    ],
    ids=["a file", "an appended file", "order of files", "segments", "map", "frozen segment", "study"],
)
def test_what_the_study_is_made_of_makes_every_report_anew(
    shop: Path, change: Callable[[Path], None]
) -> None:
    change(shop)
    assert refreshed() == {"mini": "published", "monitor": "published"}
    assert refreshed() == {"mini": "unchanged", "monitor": "unchanged"}


def test_same_size_and_same_times_do_not_hide_a_change(shop: Path) -> None:
    """Contents count: a file rewritten in the same moment with as many characters is another file."""
    file = shop / "raw" / "customers.csv"
    told = file.stat()
    file.write_text("customer_id\nz\n", encoding="utf-8")
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert refreshed("mini") == {"mini": "published"}


def test_a_source_that_a_report_has_not_read_does_not_count(
    shop: Path, swift: type[mini.SwiftWorker]
) -> None:
    """The bundle says which tables were read; one that says nothing has read them all."""
    swift.notebook = mini.executed(bundle=mini.BUNDLE | {"read": ["events"]})
    run("mini", study="data/shop")
    (shop / "raw" / "customers.csv").write_text("customer_id\nb\n", encoding="utf-8")
    assert refreshed("mini") == {"mini": "unchanged"}
    (shop / "raw" / "events" / "2.csv").write_text(EVENTS, encoding="utf-8")
    assert refreshed("mini") == {"mini": "published"}
    _file("segments.json", "{}")(shop)
    assert refreshed("mini") == {"mini": "published"}
    swift.notebook = mini.executed(bundle=mini.BUNDLE | {"read": []})
    run("mini", study="data/shop")
    (shop / "raw" / "events" / "3.csv").write_text(EVENTS, encoding="utf-8")
    assert refreshed("mini") == {"mini": "unchanged"}
    swift.notebook = mini.executed(bundle=mini.BUNDLE | {"read": None})
    run("mini", study="data/shop")
    (shop / "raw" / "events" / "4.csv").write_text(EVENTS, encoding="utf-8")
    assert refreshed("mini") == {"mini": "published"}


def test_a_refreshed_page_is_the_page_of_a_run_from_nothing(
    shop: Path, project: mini.Project, swift: type[mini.SwiftWorker]
) -> None:
    """Indexes, links between languages and rows of the ledger included; run ids and hours aside."""
    swift.notebook = mini.executed(bundle=mini.BUNDLE | {"read": ["customers"]})
    project.notebook("1", stem="other")
    asked = [
        Request(s, "data/shop", lang=lang, refresh=True)
        for s in ("mini", "other", "monitor")
        for lang in ("en", "ko")
    ]
    run_all(asked)
    (shop / "raw" / "events" / "2.csv").write_text(EVENTS, encoding="utf-8")
    project.notebook("2", stem="other")
    statuses = [(o.report.name, o.status) for o in run_all(asked)]
    assert [name for name, status in statuses if status == "unchanged"] == ["mini.html", "mini.ko.html"]
    refreshed_pages, rows = _pages(project), read_ledger(project.reports)
    shutil.rmtree(project.reports)
    assert {o.status for o in run_all(asked)} == {"published"}
    assert _pages(project) == refreshed_pages
    again = read_ledger(project.reports)
    order, aside = ["stem", "report"], ["run_id"]
    pd.testing.assert_frame_equal(
        rows.sort_values(order, ignore_index=True).drop(columns=aside),
        again.sort_values(order, ignore_index=True).drop(columns=aside),
    )


def _pages(project: mini.Project) -> dict[str, str]:
    return {name: page for name, page in pages(project.reports).items() if name.endswith(".html")}


def test_touching_a_file_changes_nothing(shop: Path) -> None:
    os.utime(shop / "raw" / "customers.csv", (1, 1))
    (shop / "raw" / "notes.txt").write_text("not a source", encoding="utf-8")
    (shop / "derived").mkdir()
    (shop / "derived" / "experiments.json").write_text("{}", encoding="utf-8")  # noted by a report
    assert refreshed() == {"mini": "unchanged", "monitor": "unchanged"}


def test_comments_and_the_list_of_reports_in_the_study_file_do_not_count(shop: Path) -> None:
    file = shop / "study.toml"
    more = '\n# a comment\n[[reports]]\nstem = "mini"\nparameters = { by = "region" }\n'
    file.write_text(file.read_text("utf-8") + more, encoding="utf-8")
    assert refreshed() == {"mini": "unchanged", "monitor": "unchanged"}


def test_other_code_makes_every_report_anew(
    shop: Path, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package's own files count, whatever they are; so do the versions of what it stands on."""
    (package / "one.py").write_text("2", encoding="utf-8")
    assert set(refreshed().values()) == {"published"}
    installed = tmp_path / "site"
    (installed / "pandas-99.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(installed))
    assert set(refreshed().values()) == {"published"}


def test_another_notebook_makes_its_own_report_anew_and_those_that_read_the_ledger(
    shop: Path, project: mini.Project
) -> None:
    project.notebook("2 + 2")
    assert refreshed() == {"mini": "published", "monitor": "published"}
    project.notebook("'other'", stem="monitor")
    assert refreshed() == {"mini": "unchanged", "monitor": "published"}


def test_another_day_parameter_or_language_is_another_report(shop: Path) -> None:
    assert refreshed("mini", as_of="2025-01-01") == {"mini": "published"}
    assert refreshed("mini", as_of="2025-01-01") == {"mini": "unchanged"}
    assert refreshed("mini", as_of="2025-01-02") == {"mini": "published"}
    assert refreshed("mini", lang="ko") == {"mini": "published"}
    assert refreshed("mini", segment="region=KR") == {"mini": "published"}


@pytest.mark.parametrize("lost", [".html", ".json", ".parquet"])
def test_a_lost_part_of_a_report_is_made_again(shop: Path, project: mini.Project, lost: str) -> None:
    run_id = project.sidecar()["run_id"]
    name = f"ledger/{run_id}.parquet" if lost == ".parquet" else f"mini{lost}"
    (project.reports / name).unlink()
    assert refreshed("mini") == {"mini": "published"}


def test_a_broken_sidecar_says_nothing(shop: Path, project: mini.Project) -> None:
    (project.reports / "mini.json").write_text('{"inputs": ', encoding="utf-8")
    assert refreshed("mini") == {"mini": "published"}
    (project.reports / "mini.json").write_text("[]", encoding="utf-8")
    assert refreshed("mini") == {"mini": "published"}


def test_a_failed_run_is_tried_again(
    shop: Path, project: mini.Project, swift: type[mini.SwiftWorker]
) -> None:
    """The last good page is kept, the failure is an outcome, and the next refresh does not pass it over."""
    file = shop / "raw" / "customers.csv"
    good, page = file.read_text("utf-8"), (project.reports / "mini.html").read_bytes()
    file.write_text("customer_id\nb\n", encoding="utf-8")
    swift.notebook = mini.executed()  # no bundle: not publishable
    assert refreshed("mini") == {"mini": "failed"}
    assert (project.reports / "mini.html").read_bytes() == page
    swift.notebook = None
    file.write_text(good, encoding="utf-8")
    assert refreshed("mini") == {"mini": "published"}
    assert not (project.reports / "mini.failed.json").exists()


def test_rows_that_others_put_into_the_ledger_count(shop: Path, project: mini.Project) -> None:
    """What reads the ledger is made anew when one of its rows is another; its own past does not count."""
    run("mini", study="data/shop", set={"by": "region"})
    assert refreshed() == {"mini": "unchanged", "monitor": "published"}
    assert refreshed() == {"mini": "unchanged", "monitor": "unchanged"}
    run("mini", study="data/shop")  # asked for by name it runs again, and finds what it found
    assert refreshed() == {"mini": "unchanged", "monitor": "unchanged"}
    part = project.reports / "ledger" / f"{project.sidecar('mini--by-region')['run_id']}.parquet"
    part.write_bytes(b"broken")
    assert refreshed("monitor") == {"monitor": "published"}


def test_who_asks_by_name_gets_a_new_report(shop: Path) -> None:
    assert run("mini", study="data/shop").status == "published"
    assert [o.status for o in run_all([Request("mini", "data/shop")])] == ["published"]


def test_a_deleted_index_comes_back(shop: Path, project: mini.Project) -> None:
    (project.reports / "index.html").unlink()
    assert refreshed("mini") == {"mini": "unchanged"}
    assert (project.reports / "index.html").exists()


def test_a_report_that_does_not_apply_is_not_tried_until_something_changes(
    shop: Path, project: mini.Project, swift: type[mini.SwiftWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the study lacks, it still lacks while nothing has changed."""
    started: list[str] = []

    def absent(self: mini.SwiftWorker, *_: object) -> list[dict]:
        started.append(self.job["stem"])
        return [{"at": "failed", "text": "needs the table 'orders'", "kind": "AbsentError"}]

    monkeypatch.setattr(swift, "events", absent)
    project.notebook("1", stem="other")
    asked = Request("other", "data/shop", every=True, refresh=True)

    def again() -> list[RunOutcome]:
        return run_all([asked])

    assert [again()[0].status, again()[0].status, len(started)] == ["not applicable", "not applicable", 1]
    assert "orders" in again()[0].message
    (shop / "raw" / "customers.csv").write_text("customer_id\nb\n", encoding="utf-8")
    again()
    assert len(started) == 2
