"""Columns of two tables, and rules that pick respondents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journey_lib.errors import ParamError
from journey_lib.study.load import load_study

Small = Callable[..., Path]
Said = Callable[[Path], list[str]]


CUSTOMERS = "customer_id,region,age\nA,KR,30\nB,JP,40\n"


@pytest.fixture
def joined(small: Small) -> Path:
    answers = "respondent_id,customer_id,nps,food,plan\n1,A,9,5,free\n2,B,8,4,paid\n3,,7,3,free\n"
    rest = '[sources.customers]\nfile = "raw/customers.csv"\nnumbers = ["age"]'
    return small(answers, rest=rest, raw={"customers.csv": CUSTOMERS})


def test_a_column_is_looked_for_in_both_tables(joined: Path) -> None:
    _, data = load_study(joined)
    assert data.column("plan").tolist() == ["free", "paid", "free"]
    assert data.column("region").fillna("-").tolist() == ["KR", "JP", "-"]
    assert data.column("age").tolist()[:2] == [30.0, 40.0]
    with pytest.raises(ParamError, match="Did you mean 'region'"):
        data.column("regoin")


@pytest.mark.parametrize(
    ("rule", "inside"),
    [
        ("plan=free", [True, False, True]),
        ("region=KR", [True, False, False]),
        ("age=40", [False, True, False]),
        ("food=5", [True, False, False]),
        (" region = JP ", [False, True, False]),
    ],
)
def test_segments(joined: Path, rule: str, inside: list[bool]) -> None:
    _, data = load_study(joined, segment=rule)
    assert data.mask().tolist() == inside


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("regoin=KR", "no column 'regoin' in responses or customers. Did you mean 'region'"),
        ("region=KRR", "column 'region' has no value 'KRR'. Allowed: JP, KR. Did you mean 'KR'"),
        ("region", "there is no saved segment 'region'. Allowed: none is saved yet"),
        ("=KR", "is no rule"),
    ],
)
def test_a_segment_that_is_none(joined: Path, rule: str, expected: str) -> None:
    with pytest.raises(ParamError, match=expected):
        load_study(joined, segment=rule)
