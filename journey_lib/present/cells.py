"""Cells of tables with a look of their own: words that wrap."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from journey_lib.present.tables import Cell


@dataclass(frozen=True)
class Words(Cell):
    """Words that wrap instead of pushing the table wide.

    Examples
    --------
    >>> print(Words(float("nan"), "", words="a → b").html("en", 10))
    <td style="text-align:left;white-space:normal;min-width:16em">a → b</td>
    """

    words: str = ""

    def html(self, lang: str, min_cell: int) -> Markup:
        """Return the cell, escaped."""
        del lang, min_cell
        look = Markup('<td style="text-align:left;white-space:normal;min-width:16em">{}</td>')
        return look.format(self.words)
