"""Cells of tables with a look of their own: shaded by their share, or words that wrap."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from journey_lib.present import theme
from journey_lib.present.tables import Cell

_STEPS = (0.05, 0.15, 0.3, 0.5, 0.7)  # shares from which a cell takes the next shade


@dataclass(frozen=True)
class Shaded(Cell):
    """A share whose cell is the darker the larger it is; the number always stands in it.

    Examples
    --------
    >>> print(Shaded(0.4, "share").html("en", 10))
    <td style="background:#ABBCE6;color:#1B2430;--ink-3:#1B2430">40.0</td>
    """

    def html(self, lang: str, min_cell: int) -> Markup:
        """Return the cell; small ones and ones without a number stay as they are."""
        plain = super().html(lang, min_cell)
        step = sum(self.estimate >= least for least in _STEPS)
        if self.masked or not math.isfinite(self.estimate) or not step:
            return plain
        fill = theme.SEQUENTIAL[step - 1]
        ink = theme.INK if step < 5 else "#FFFFFF"
        # The second line of a cell takes its colour from --ink-3, which is too faint on a shade.
        look = Markup('<td style="background:{};color:{};--ink-3:{}"').format(fill, ink, ink)
        return look + plain[len("<td") :]


@dataclass(frozen=True)
class Words(Cell):
    """Words that wrap instead of pushing the table wide.

    Examples
    --------
    >>> print(Words(math.nan, "", words="a → b").html("en", 10))
    <td style="text-align:left;white-space:normal;min-width:16em">a → b</td>
    """

    words: str = ""

    def html(self, lang: str, min_cell: int) -> Markup:
        """Return the cell, escaped."""
        del lang, min_cell
        look = Markup('<td style="text-align:left;white-space:normal;min-width:16em">{}</td>')
        return look.format(self.words)
