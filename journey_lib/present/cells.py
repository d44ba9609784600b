"""What a table needs besides numbers: names that wrap."""

from __future__ import annotations

from markupsafe import Markup


def wrapped(words: str) -> Markup:
    """Return the name of a row so that it breaks into lines instead of pushing the numbers off the page.

    Examples
    --------
    >>> print(wrapped("a → <b>"))
    <span style="white-space:normal">a → &lt;b&gt;</span>
    """
    return Markup('<span style="white-space:normal">{}</span>').format(words)
