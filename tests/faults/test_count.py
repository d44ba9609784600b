"""The harness is as large as it says."""

from __future__ import annotations

from tests.faults import test_publication, test_raw_files, test_study_files

AT_LEAST = 200


def test_there_are_enough_cases_and_none_twice() -> None:
    """Count the parametrised cases; what hypothesis makes up comes on top."""
    lists = (
        test_raw_files.TABLE_CASES,
        test_raw_files.TEXT_CASES,
        test_raw_files.BYTE_CASES,
        test_raw_files.PLACE_CASES,
        test_raw_files.FORMAT_CASES,
        test_study_files.PLACES,
        tuple(test_study_files.TEXT_FAULTS),
        test_publication.DISK_CASES,
        tuple(test_publication.KERNEL_CASES),
    )
    for cases in lists:
        assert len(set(cases)) == len(cases)
    assert sum(map(len, lists)) >= AT_LEAST
