"""Steps that can be taken back."""

from __future__ import annotations

from typing import Any, Final

DEPTH: Final = 50
State = dict[str, Any]


class History:
    """Values that follow each other, with a way back and forth.

    Parameters
    ----------
    first : dict
        Where it begins. Values are not changed once they are here.

    Examples
    --------
    >>> steps = History({"n": 0})
    >>> steps.add({"n": 1})
    >>> steps.back()
    >>> steps.now, steps.steps
    ({'n': 0}, (0, 1))
    """

    def __init__(self, first: State) -> None:
        self.now = first
        self._before: list[State] = []
        self._after: list[State] = []

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps there are back and forth."""
        return len(self._before), len(self._after)

    def add(self, value: State) -> None:
        """Take a step; the same value again is none."""
        if value != self.now:
            self._before = [*self._before, self.now][-DEPTH:]
            self._after, self.now = [], value

    def back(self) -> None:
        """Go one step back; nothing happens at the first."""
        if self._before:
            self._after.append(self.now)
            self.now = self._before.pop()

    def forward(self) -> None:
        """Go one step forth; nothing happens at the last."""
        if self._after:
            self._before.append(self.now)
            self.now = self._after.pop()
