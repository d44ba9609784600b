"""Cells have one mark for each doubt, and long tables say that they are cut."""

from __future__ import annotations

import pandas as pd
import pytest
from markupsafe import Markup

from journey_lib.present.result import verified
from journey_lib.present.tables import ROWS_SHOWN, Cell, Row, rows_table, table
from tests.present.pages import plain


@pytest.mark.parametrize(
    ("cell", "html"),
    [
        (Cell(0.4123, "share"), "<td>41.2</td>"),
        (Cell(0.4123, "share", 0.38, 0.44), '<td>41.2<span class="jl-range">38.0–44.0</span></td>'),
        (
            Cell(-14.0, "points", -20, 3, signed=True),
            '<td>−14.0<span class="jl-range">−20.0 to 3.0</span></td>',
        ),
        (Cell(3.5, "score", thin=True), '<td class="jl-thin">3.50*</td>'),
        (Cell(100.0, "points", no_interval=True), '<td>100.0<span class="jl-range">no interval</span></td>'),
        (Cell(float("nan"), "share", 0.1, 0.2), "<td>–</td>"),
        (Cell(1234, "count"), "<td>1,234</td>"),
        (Cell(0.4, "share", masked=True), '<td class="jl-masked"><span>n &lt; 10</span></td>'),
        (Cell(0.4, "share", masked=True, withheld=True), '<td class="jl-masked"><span>masked</span></td>'),
    ],
)
def test_a_cell_shows_its_value_and_its_doubt(cell: Cell, html: str) -> None:
    assert cell.html("en", 10) == html


def test_headings_and_columns_are_named_for_screen_readers() -> None:
    made = table(
        plain("Title"), plain("Base"), ["Item", "n"], [Row("a", ["1"], "Buy", 8)], plain("Note"), "en", 10
    )
    assert '<th scope="col">Item</th><th scope="col">n</th>' in made.inner
    assert (
        '<th scope="rowgroup" colspan="2"><span class="jl-dot" style="--stop:var(--stage-2)">' in made.inner
    )
    assert '<tr><th scope="row">a</th><td>1</td></tr>' in made.inner
    assert 'aria-label="Table: Title"' in made.inner


def test_a_long_table_says_how_much_is_left() -> None:
    rows = verified(
        pd.DataFrame({"metric": "mean", "estimate": [3.0] * (ROWS_SHOWN + 5), "unit": "score"}), {}
    )
    html = rows_table(rows, "en", 10)
    assert html.count("<tr>") == ROWS_SHOWN + 1
    assert "5 more rows in .table" in html
    assert "more rows" not in rows_table(rows.head(3), "en", 10)


def test_columns_that_say_nothing_are_left_out() -> None:
    rows = verified(pd.DataFrame({"metric": ["mean"], "estimate": [3.0], "n": [12], "unit": "score"}), {})
    html = rows_table(rows, "en", 10)
    assert ('<th scope="col">metric</th>' in html, '<th scope="col">wave</th>' in html) == (True, False)


def test_a_column_without_a_name_has_no_empty_heading() -> None:
    words = plain("Finding")
    shown = table(words, words, ["", "n"], [Row("a", ["1"])], words, "en", 10)
    assert '<thead><tr><td></td><th scope="col">n</th></tr></thead>' in shown.inner


def test_a_column_of_words_stands_at_the_left_and_one_of_numbers_at_the_right() -> None:
    rows = [Row("a", ["Step back", "30 days", Cell(1, "count")]), Row("b", ["–", "open", "open"])]
    shown = table(plain("t"), plain("b"), ["Move", "Kind", "After", "n"], rows, plain("n"), "en", 10)
    sides = ['<th scope="col" class="jl-left">Kind</th>', '<th scope="col">After</th><th scope="col">n</th>']
    assert [one in shown.inner for one in sides] == [True, True]
    assert '<td class="jl-left">Step back</td><td>30 days</td><td>1</td>' in shown.inner


def test_long_words_may_break_and_short_ones_stay_on_a_line() -> None:
    long = Markup("<a href='x.html'>{}</a>").format("Shorten the guide and show the helper first")
    rows = [Row("a", ["idea", long])]
    shown = table(plain("t"), plain("b"), ["Name", "Status", "Idea"], rows, plain("n"), "en", 10)
    assert '<td class="jl-left">idea</td>' in shown.inner
    assert '<td class="jl-words"><a' in shown.inner
    address = Markup("<a href='{}'>here</a>").format("a-very-long-address-of-a-report-indeed.html")
    again = table(plain("t"), plain("b"), ["Name", "Link"], [Row("a", [address])], plain("n"), "en", 10)
    assert "jl-words" not in again.inner, "what nobody reads is no word"
