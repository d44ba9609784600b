"""How long does a click in the segment filter take, against pandas and DuckDB asked the same by hand?

Run as `python -m bench.segments_filter [ROWS]`: 30 columns (20 of text, 9 of numbers, one with a category a
row), two conditions. Each question is asked in turn by all three and the fastest of the rounds counts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import duckdb
import numpy as np
import pandas as pd

from journey_lib.study.load import quick_study
from journey_lib.study.segments import people
from journey_lib.study.segments.facets import Choice, Facets

ROUNDS = 7


@dataclass
class Times:
    """Seconds of each asker, round by round."""

    found: dict[str, list[float]] = field(default_factory=dict)

    def of(self, who: str, ask: Callable[[], object]) -> object:
        """Time one question."""
        start = perf_counter()
        answer = ask()
        self.found.setdefault(who, []).append(perf_counter() - start)
        return answer

    def told(self, question: str) -> str:
        """Return the fastest round of each, and how many times as long the others took."""
        best = {who: min(seconds) for who, seconds in self.found.items()}
        ours = best["facets"]
        parts = [f"{who} {1000 * s:,.1f} ms ({s / ours:.1f}x)" for who, s in best.items()]
        return f"{question}: {', '.join(parts)}"


def drawn(rows: int) -> pd.DataFrame:
    """Draw customers: columns of 3 to 22 values with one in twenty missing, amounts, and a name for each."""
    rng = np.random.default_rng(11)
    columns: dict[str, object] = {"customer_id": np.char.add("c", np.arange(rows).astype(str))}
    for at in range(20):
        values = np.array([f"v{one}" for one in range(3 + at)], dtype=object)[rng.integers(0, 3 + at, rows)]
        values[rng.random(rows) < 0.05] = None
        columns[f"text_{at}"] = pd.Series(values, dtype="str")
    for at in range(9):
        columns[f"amount_{at}"] = rng.gamma(2, 10, rows).round(2)
    columns["name"] = np.char.add("n", rng.permutation(rows).astype(str))
    return pd.DataFrame(columns)


def by_pandas(frame: pd.DataFrame, low: float) -> int:
    return int((frame["text_3"].isin(["v1", "v2"]) & (frame["amount_1"] >= low)).sum())


def counts_by_pandas(frame: pd.DataFrame, low: float) -> dict[str, pd.Series]:
    first, second = frame["text_3"].isin(["v1", "v2"]), frame["amount_1"] >= low
    both = frame[first & second]
    found = {name: both[name].value_counts() for name in frame if str(name).startswith(("text", "name"))}
    return found | {"text_3": frame.loc[second, "text_3"].value_counts()}


def by_duckdb(base: duckdb.DuckDBPyConnection, low: float) -> int:
    return base.execute(
        f"SELECT count(*) FROM t WHERE text_3 IN ('v1', 'v2') AND amount_1 >= {low}"
    ).fetchone()[0]


def counts_by_duckdb(base: duckdb.DuckDBPyConnection, low: float, names: list[str]) -> int:
    both = f"text_3 IN ('v1', 'v2') AND amount_1 >= {low}"
    found = 0
    for name in names:
        where = f"amount_1 >= {low}" if name == "text_3" else both
        found += len(base.execute(f"SELECT {name}, count(*) FROM t WHERE {where} GROUP BY 1").fetchall())
    return found


def main() -> None:
    """Ask everybody and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    frame = drawn(rows)
    base = duckdb.connect()
    base.execute("CREATE TABLE t AS SELECT * FROM frame")
    start = perf_counter()
    facets = Facets(people(*quick_study(customers=frame)))
    names = [name for name in frame if name != "customer_id"]
    texts = [name for name in names if not name.startswith("amount")]
    for name in names:
        facets.count({}, name)
    print(f"{rows:,} rows, {len(names)} columns; made ready in {perf_counter() - start:.1f} s")
    click, every, big = Times(), Times(), Times()
    for at in range(ROUNDS):
        low = 5.0 + at
        asked = {"text_3": Choice(("v1", "v2")), "amount_1": Choice(low=low)}

        def ours(asked: dict[str, Choice] = asked) -> int:
            left = facets.picked(asked)
            return left.n if np.isfinite(left.weighted_n + left.effective_n + left.unknown) else -1

        n = click.of("facets", ours)
        assert n == click.of("pandas", lambda low=low: by_pandas(frame, low))
        assert n == click.of("duckdb", lambda low=low: by_duckdb(base, low))
        counts = every.of("facets", lambda asked=asked: {name: facets.count(asked, name) for name in names})
        others = every.of("pandas", lambda low=low: counts_by_pandas(frame, low))
        assert all(counts[name].sum() == others[name].sum() for name in texts)  # type: ignore[index]
        every.of("duckdb", lambda low=low: counts_by_duckdb(base, low, texts))
        big.of("facets", lambda asked=asked: facets.count(asked, "name"))
        big.of("pandas", lambda low=low: frame.loc[frame["amount_1"] >= low, "name"].value_counts())
    print(click.told("n, weighted and effective n after one condition changed"))
    print(every.told("counts of every facet under all other conditions"))
    print(big.told("counts of the facet with a category a row"))


if __name__ == "__main__":
    main()
