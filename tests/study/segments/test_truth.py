"""Three-valued logic: tables by hand, laws, and two other engines that must agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.study.segments import (
    EVERYBODY,
    Condition,
    Either,
    Every,
    Not,
    Rule,
    Truth,
    as_pandas,
    canonical,
    evaluate,
    fingerprint,
)

SNAPSHOT = date(2025, 3, 1)
T, F, U = "T", "F", "U"


def truth(word: str) -> Truth:
    return Truth(np.array([word == T]), np.array([word == U]))


def word(found: Truth) -> str:
    return T if found.yes[0] else U if found.unknown[0] else F


# Kleene (1952), section 64: the tables of strong conjunction and disjunction, row by row.
AND = {"TT": T, "TF": F, "TU": U, "FT": F, "FF": F, "FU": F, "UT": U, "UF": F, "UU": U}
OR = {"TT": T, "TF": T, "TU": T, "FT": T, "FF": F, "FU": U, "UT": T, "UF": U, "UU": U}


@pytest.mark.parametrize("pair", AND)
def test_the_tables_of_kleene(pair: str) -> None:
    one, other = map(truth, pair)
    assert word(one & other) == AND[pair]
    assert word(one | other) == OR[pair]


def test_not_leaves_the_unknown_unknown() -> None:
    assert [word(~truth(each)) for each in (T, F, U)] == [F, T, U]


FRAME = pd.DataFrame(
    {
        "plan": pd.Series(["free", "paid", None, "Free plus"], dtype="str"),
        "nps": [9.0, np.nan, 3.0, 7.0],
        "seen": pd.to_datetime(["2025-03-01 23:59", "2025-01-30 00:00", None, "2025-03-02 00:00"]),
        "odd name": [1.0, 2.0, np.nan, 4.0],
        "brands.a": [1.0, 0.0, np.nan, 0.0],
        "brands.b": [0.0, 0.0, 1.0, np.nan],
    }
)


def shown(rule: Rule) -> str:
    """Say the truth of each row as one letter."""
    found = evaluate(rule, FRAME, snapshot=SNAPSHOT)
    return "".join(T if y else U if u else F for y, u in zip(found.yes, found.unknown, strict=True))


CASES: list[tuple[Rule, str]] = [
    (EVERYBODY, "TTTT"),
    (Condition("plan", "=", "free"), "TFUF"),
    (Not(Condition("plan", "=", "free")), "FTUT"),
    (Condition("plan", "in", ("free", "paid")), "TTUF"),
    (Condition("plan", "contains", "FREE"), "TFUT"),
    (Condition("plan", "is_missing"), "FFTF"),
    (Not(Condition("plan", "is_missing")), "TTFT"),
    (Condition("nps", ">=", 7.0), "TUFT"),
    (Condition("nps", "<=", 3.0), "FUTF"),
    (Condition("nps", "between", (3.0, 7.0)), "FUTT"),
    (Condition("seen", "=", "2025-03-01"), "TFUF"),
    (Condition("seen", "<=", "2025-03-01"), "TTUF"),
    (Condition("seen", "within_last_days", 0.0), "TFUF"),
    (Condition("seen", "within_last_days", 30.0), "TTUF"),
    (Condition("seen", "within_last_days", 29.0), "TFUF"),
    (Condition("brands", "=", "a"), "TFUF"),
    (Condition("brands", "in", ("a", "b")), "TFTU"),
    (Every((Condition("brands", "=", "a"), Condition("brands", "=", "b"))), "FFUF"),
    (Condition("brands", "is_missing"), "FFFF"),
    (Every((Condition("plan", "=", "free"), Condition("nps", ">=", 7.0))), "TFFF"),
    (Either((Condition("plan", "=", "paid"), Condition("nps", ">=", 7.0))), "TTUT"),
]


@pytest.mark.parametrize(("rule", "expected"), CASES)
def test_rules_by_hand(rule: Rule, expected: str) -> None:
    assert shown(rule) == expected


@pytest.mark.parametrize(("rule", "expected"), CASES)
def test_the_text_for_pandas_keeps_the_same_rows(rule: Rule, expected: str) -> None:
    text = as_pandas(rule, FRAME, snapshot=SNAPSHOT)
    kept = FRAME.query(text, engine="python").index.tolist()
    assert kept == [at for at, letter in enumerate(expected) if letter == T]


def test_odd_names_and_texts_survive_the_query() -> None:
    frame = pd.DataFrame({"odd na-me": ["a`b", "#c", "it's @x"], "한글": [1.0, 2.0, np.nan]}).astype(
        {"odd na-me": "str"}
    )
    for at, text in enumerate(frame["odd na-me"]):
        query = as_pandas(Condition("odd na-me", "=", text), frame)
        assert frame.query(query, engine="python").index.tolist() == [at]
    query = as_pandas(Not(Condition("한글", "=", 1.0)), frame)
    assert frame.query(query, engine="python").index.tolist() == [1]


# Laws and oracles over random frames and rules.

NUMBERS = (0.0, 1.0, 2.0, 3.0)
WORDS = ("a", "b", "c")


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a small frame that holds every value at least once, and missing ones."""
    more = draw(st.integers(0, 6))
    number = [
        *NUMBERS,
        None,
        *draw(st.lists(st.sampled_from([*NUMBERS, None]), min_size=more, max_size=more)),
    ]
    text = [
        *WORDS,
        None,
        None,
        *draw(st.lists(st.sampled_from([*WORDS, None]), min_size=more, max_size=more)),
    ]
    text = draw(st.permutations(text))
    return pd.DataFrame({"x": pd.Series(number, dtype=float), "w": pd.Series(text, dtype="str")})


LEAVES = st.one_of(
    st.builds(Condition, st.just("x"), st.sampled_from(["=", ">=", "<="]), st.sampled_from(NUMBERS)),
    st.builds(Condition, st.just("w"), st.just("="), st.sampled_from(WORDS)),
    st.builds(Condition, st.just("w"), st.just("contains"), st.sampled_from(WORDS)),
    st.builds(
        Condition, st.just("w"), st.just("in"), st.lists(st.sampled_from(WORDS), min_size=1).map(tuple)
    ),
    st.builds(Condition, st.sampled_from(["x", "w"]), st.just("is_missing"), st.none()),
    st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)).map(
        lambda ends: Condition("x", "between", (min(ends), max(ends)))
    ),
)
RULES: st.SearchStrategy[Rule] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Either(tuple(parts))),
    ),
    max_leaves=6,
)


def same(one: Truth, other: Truth) -> bool:
    return bool((one.yes == other.yes).all() and (one.unknown == other.unknown).all())


@settings(max_examples=60, deadline=None)
@given(frame=frames(), one=RULES, other=RULES)
def test_the_laws_of_not_and_of_de_morgan(frame: pd.DataFrame, one: Rule, other: Rule) -> None:
    assert same(evaluate(Not(Not(one)), frame), evaluate(one, frame))
    assert same(evaluate(Not(Every((one, other))), frame), evaluate(Either((Not(one), Not(other))), frame))
    assert same(evaluate(Not(Either((one, other))), frame), evaluate(Every((Not(one), Not(other))), frame))


@settings(max_examples=60, deadline=None)
@given(frame=frames(), rule=RULES, data=st.data())
def test_a_rule_speaks_of_rows_one_by_one(frame: pd.DataFrame, rule: Rule, data: st.DataObject) -> None:
    """Members, the rest and the undecided are everybody; another order of rows moves nobody."""
    found = evaluate(rule, frame)
    assert (found.yes.astype(int) + found.no + found.unknown == 1).all()
    order = np.array(data.draw(st.permutations(range(len(frame)))))
    moved = evaluate(rule, frame.iloc[order].reset_index(drop=True))
    assert (moved.yes == found.yes[order]).all()
    assert (moved.unknown == found.unknown[order]).all()


@settings(max_examples=60, deadline=None)
@given(frame=frames(), rule=RULES)
def test_the_canonical_form_means_the_same_and_is_one(frame: pd.DataFrame, rule: Rule) -> None:
    assert same(evaluate(canonical(rule), frame), evaluate(rule, frame))
    assert canonical(canonical(rule)) == canonical(rule)
    assert fingerprint(Not(Not(rule))) == fingerprint(rule)
    assert fingerprint(Every((rule, rule))) == fingerprint(rule)


@settings(max_examples=60, deadline=None)
@given(frame=frames(), rule=RULES)
def test_pandas_agrees(frame: pd.DataFrame, rule: Rule) -> None:
    kept = frame.query(as_pandas(rule, frame), engine="python").index
    assert kept.tolist() == np.flatnonzero(evaluate(rule, frame).yes).tolist()


def sql(rule: Rule) -> str:
    """Write a rule as SQL, word by word: SQL's own logic has three values and shares no code with ours."""
    if isinstance(rule, Not):
        return f"(NOT {sql(rule.part)})"
    if not isinstance(rule, Condition):
        parts = [sql(part) for part in rule.parts] or ["TRUE"]
        return f"({(' AND ' if isinstance(rule, Every) else ' OR ').join(parts)})"
    value = rule.value
    if rule.operator == "is_missing":
        return f"({rule.column} IS NULL)"
    if rule.operator == "contains":
        return f"contains({rule.column}, '{value}')"
    if rule.operator == "between" and isinstance(value, tuple):
        return f"({rule.column} BETWEEN {value[0]} AND {value[1]})"
    if isinstance(value, tuple):
        return f"({rule.column} IN ({', '.join(map(repr, value))}))"
    return f"({rule.column} {rule.operator} {value!r})"


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


@settings(max_examples=60, deadline=None)
@given(frame=frames(), rule=RULES)
def test_duckdb_agrees(database: duckdb.DuckDBPyConnection, frame: pd.DataFrame, rule: Rule) -> None:
    """DuckDB answers NULL where a rule is unknown."""
    rows = frame.astype(object).where(frame.notna(), None)  # no NaN: DuckDB has it beside NULL
    with database.cursor() as place:
        place.execute("CREATE OR REPLACE TEMP TABLE rows (place INTEGER, x DOUBLE, w VARCHAR)")
        place.executemany("INSERT INTO rows VALUES (?, ?, ?)", list(rows.itertuples(name=None)))
        asked = f"SELECT {sql(rule)} FROM rows ORDER BY place"  # noqa: S608 - our own rule
        answers = [row[0] for row in place.execute(asked).fetchall()]
    found = evaluate(rule, frame)
    assert found.yes.tolist() == [answer is True for answer in answers]
    assert found.unknown.tolist() == [answer is None for answer in answers]


# What cannot be asked.


def problems(rule: Rule, frame: pd.DataFrame = FRAME) -> list[str]:
    with pytest.raises(ParamError) as caught:
        evaluate(rule, frame)
    return [str(one) for one in caught.value.items]


def test_everything_that_is_gone_is_said_at_once() -> None:
    rule = Every(
        (
            Condition("plam", "=", "free"),
            Not(Condition("plan", "in", ("free", "gold"))),
            Condition("brands", "=", "c"),
            Condition("nps", "contains", "9"),
            Condition("plan", ">=", 3.0),
            Condition("seen", ">=", 3.0),
            Condition("seen", "within_last_days", 3.0),
        )
    )
    told = problems(rule)
    assert len(told) == 7
    assert "no column 'plam' in this table. Did you mean 'plan'?" in told[0]
    assert "column 'plan' has no value 'gold'. Allowed: Free plus, free, paid." in told[1]
    assert "column 'brands' has no option 'c'. Allowed: a, b." in told[2]
    assert "holds numbers, 'contains' cannot be asked of it" in told[3]
    assert "holds text, '>=' cannot be asked of it" in told[4]
    assert "Allowed: a comparison with days." in told[5]
    assert "looks back from no day" in told[6]


def test_a_facet_of_a_million_categories_is_answered_and_never_listed() -> None:
    names = pd.Series(np.arange(1_000_000).astype(str), dtype="str")
    frame = pd.DataFrame({"id": names})
    assert evaluate(Condition("id", "=", "77"), frame).yes.nonzero()[0].tolist() == [77]
    (told,) = problems(Condition("id", "=", "no such"), frame)
    assert len(told) < 100


def test_one_of_many_numbers_may_be_absent_but_a_code_may_not() -> None:
    frame = pd.DataFrame({"spend": np.arange(100.0), "code": np.arange(100.0) % 5})
    assert not evaluate(Condition("spend", "=", 3.5), frame).yes.any()
    assert (
        "column 'code' has no value '7'. Allowed: 0, 1, 2, 3, 4."
        in problems(Condition("code", "=", 7.0), frame)[0]
    )
