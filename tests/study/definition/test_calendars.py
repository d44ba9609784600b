"""Regions and holidays of a study file: what they hold, and every mistake in writing them."""

from datetime import date

import pytest

from journey_lib.errors import StudyError
from journey_lib.study.definition import Study, study_from
from journey_lib.study.holidays import moving

SEOLLAL = {
    "id": "seollal",
    "days": ["2025-01-28 to 2025-01-30", "2026-02-16 to 2026-02-18"],
    "regions": ["KR"],
}
SALE = {"id": "sale", "label": {"en": "Sale", "ko": "세일"}, "days": ["2025-11-28"]}


def shop(**further: object) -> Study:
    return study_from({"id": "shop", "title": "A shop", "journey": {"preset": "funnel3"}} | further)


def wrong(**further: object) -> str:
    with pytest.raises(StudyError) as told:
        shop(**further)
    return "\n".join(str(problem) for problem in told.value.items)


def test_a_region_keeps_its_own_holidays_and_those_of_everybody() -> None:
    study = shop(holidays=[SEOLLAL, SALE])
    days = {r: [day for one in study.holidays if one.kept_in(r) for day in one.dates()] for r in ("KR", "US")}
    assert len(days["KR"]) == 7
    assert days["US"] == [date(2025, 11, 28)]


def test_only_holidays_that_change_their_month_are_moving() -> None:
    fixed = {"id": "liberation", "days": ["2025-08-15", "2026-08-15"]}
    study = shop(holidays=[SEOLLAL, fixed])
    found = moving(study, "KR", date(2025, 1, 1), date(2026, 12, 31))
    assert [(one.id, old, new) for one, old, new in found] == [("seollal", "2025-01", "2026-02")]
    assert moving(study, "KR", date(2025, 6, 1), date(2026, 12, 31)) == ()


def test_everything_wrong_is_said_at_once() -> None:
    told = wrong(
        holidays=[
            SALE, SALE, {"id": "none", "days": []},
            {"id": "late", "days": ["2025-02-30", "2025-03-05 to 2025-03-01"]},
        ],
        regions=[{"id": "KR", "time_zone": "Asia/Soul"}],
    )  # fmt: skip
    for words in (
        "id 'sale' stands twice", "'2025-02-30' is no day", "'2025-03-05 to 2025-03-01' is no day",
        "is empty",
        "unknown time zone 'Asia/Soul'", "Asia/Seoul",
    ):  # fmt: skip
        assert words in told


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    assert "time_zone" in wrong(regions=[{"id": "KR", "timezone": "Asia/Seoul", "time_zone": "Asia/Seoul"}])


def test_holidays_are_part_of_what_the_study_is() -> None:
    assert shop(holidays=[SALE]).fingerprint != shop().fingerprint
