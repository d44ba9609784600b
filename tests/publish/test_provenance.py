"""Where a page comes from, without a word about the machine."""

from __future__ import annotations

import getpass
import platform
import re
import socket
from datetime import UTC, datetime, timedelta, timezone

from journey_lib.publish.provenance import environment, now, package_version, run_id


def test_run_ids_sort_by_time_and_never_repeat() -> None:
    at = datetime(2026, 9, 30, 4, 12, 33, tzinfo=UTC)
    ids = {run_id("survey", at) for _ in range(20)}
    assert len(ids) > 15
    assert all(re.fullmatch(r"survey-20260930-041233-[0-9a-f]{4}", one) for one in ids)
    assert run_id("survey", at + timedelta(seconds=1)) > max(ids)


def test_the_clock_is_utc() -> None:
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(timezone(timedelta(hours=9)))) < timedelta(seconds=5)


def test_the_environment_says_versions_and_nothing_else() -> None:
    facts = environment()
    assert facts.startswith(f"Python {platform.python_version()}, pandas ")
    assert all(re.fullmatch(r"\w+ [\w.+]+", fact) for fact in facts.split(", "))
    assert socket.gethostname() not in facts
    assert getpass.getuser() not in facts
    assert re.match(r"\d", package_version())
