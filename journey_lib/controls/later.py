"""Work that waits until the reader pauses: of many requests the last one wins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Later:
    """Does a piece of work once, when no further request came for a while.

    Where no event loop runs, as in a script, it is done at once.

    Parameters
    ----------
    seconds : float
        How long to wait for another request.

    Examples
    --------
    >>> done = []
    >>> Later(0.25).do(lambda: done.append(1))
    >>> done
    [1]
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: asyncio.TimerHandle | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Do this instead of whatever waits."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            work()
        else:
            self._waiting = loop.call_later(self._seconds, work)
