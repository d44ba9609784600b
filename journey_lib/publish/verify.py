"""What must be true of an executed notebook and of its page before anybody may read it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from journey_lib.errors import Problem, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode

BUNDLE = "application/vnd.journey.report+json"
NO_ALT = "No description has been provided for this image"  # what nbconvert writes into a missing one
_ACTIVE = (
    *("script", "iframe", "frame", "frameset", "object", "embed", "applet"),
    *("form", "base", "link", "meta", "portal", "template", "noscript"),
)
_ADDRESSES = (
    *("href", "src", "srcset", "action", "formaction", "data", "poster", "background"),
    *("cite", "ping", "manifest", "xlink:href"),
)
_SCHEME = re.compile(r"\s*(?:[a-z][a-z0-9+.\-]*:|//|\\\\)", re.IGNORECASE)
_IN_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)|expression\(", re.IGNORECASE)


def verified(notebook: NotebookNode, file: str) -> dict[str, Any]:
    """Return the report bundle of a notebook that ran to its end and shows nothing it must not.

    papermill's own metadata is not asked: after a killed kernel it calls every cell completed.

    Raises
    ------
    RunError
        With everything that is wrong at once, cell by cell.
    """
    problems = [Problem(file, fault) for fault in _faults(notebook)]
    bundle = _bundle(notebook)
    if not bundle and not problems:
        action = "End the notebook with the provenance cell"
        problems.append(Problem(file, "its last cell gives no report bundle", action=action))
    if problems:
        raise RunError(problems)
    return bundle


def faults_of_page(html: str) -> list[str]:
    """Return what a finished page must not hold, in words; an empty list is a good page.

    Examples
    --------
    >>> faults_of_page("<p>see https://example.org</p>")
    []
    >>> faults_of_page('<img src="x.png"><a href="https://example.org">x</a>')
    ['a picture without alt text', "an outward reference in 'src' of <img>", "an outward reference in ..."]
    """
    gate = Gate()
    gate.feed(html)
    gate.close()
    return list(dict.fromkeys(gate.faults))


class Gate(HTMLParser):
    """Reads HTML as a browser would and notes what runs, loads, leaves the page or stays unnamed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge one element."""
        self._in_style = tag == "style"
        if tag in _ACTIVE:
            self.faults.append(f"an active element <{tag}>")
        given = {name: value or "" for name, value in attrs}
        if tag == "img" and given.get("alt", "").strip() in ("", NO_ALT):
            self.faults.append("a picture without alt text")
        for name, value in given.items():
            self._judge(tag, name, value)

    def handle_endtag(self, tag: str) -> None:
        """Leave a style sheet."""
        if tag == "style":
            self._in_style = False

    def handle_data(self, data: str) -> None:
        """Judge the text of a style sheet; any other text is only text."""
        if self._in_style and _IN_STYLE.search(data):
            self.faults.append("an outward reference in a style sheet")

    def _judge(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self.faults.append(f"code in '{name}' of <{tag}>")
        if name == "style" and _IN_STYLE.search(value):
            self.faults.append(f"an outward reference in 'style' of <{tag}>")
        if name in _ADDRESSES and _leaves(name, value, tag):
            self.faults.append(f"an outward reference in '{name}' of <{tag}>")


def shown(output: NotebookNode) -> str:
    """Return the HTML an output shows on a page, or "" for one that shows text or nothing."""
    return "".join(output.get("data", {}).get("text/html", ""))


def _leaves(name: str, value: str, tag: str) -> bool:
    """Tell whether an address needs anything beyond this page and the reports beside it."""
    if name == "href" and tag in ("a", "area"):
        return bool(_SCHEME.match(value))
    return not value.strip().lower().startswith(("data:image/", "#"))


def _faults(notebook: NotebookNode) -> Iterator[str]:
    """Yield what is wrong, cell by cell, numbered as they ran."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    for at, cell in enumerate(code, start=1):
        if not isinstance(cell.get("execution_count"), int):
            yield f"cell {at} was not executed"
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"cell {at} ended with {output.ename}"
            yield from (f"cell {at} shows {fault}" for fault in _shown_faults(output))


def _shown_faults(output: NotebookNode) -> list[str]:
    data = output.get("data", {})
    if "text/html" in data:
        return faults_of_page(shown(output))
    if any(kind.startswith("image/") for kind in data):
        return ["a picture without alt text"]
    if any("widget-view" in kind or kind.endswith("javascript") for kind in data):
        return ["a live control, which is dead on a page"]
    return []


def _bundle(notebook: NotebookNode) -> dict[str, Any]:
    """Return the last bundle; one that is not an object with a stem does not count."""
    found = [
        output["data"][BUNDLE]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if BUNDLE in output.get("data", {})
    ]
    return dict(found[-1]) if found and isinstance(found[-1], dict) and found[-1].get("stem") else {}
