"""Real reports without a kernel: the cells of a notebook run in this process, the rest is the publisher's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import nbformat

from tests.publish.mini import SwiftWorker


class HereWorker(SwiftWorker):
    """Does a worker's job with the job's own notebook."""

    def events(self, *_: object) -> Iterator[dict]:
        """Run the notebook, then publish it."""
        with chdir(self.job["cwd"]):
            self.notebook = ran(Path(self.job["notebook"]), self.job["parameters"])
        yield from super().events()


def ran(notebook: Path, parameters: dict[str, Any]) -> nbformat.NotebookNode:
    """Return a notebook with what its cells show; the parameters stand in place of its own."""
    read: nbformat.NotebookNode = nbformat.read(notebook, as_version=4)
    names: dict[str, Any] = {"__name__": "here"}
    for at, cell in enumerate(c for c in read.cells if c.cell_type == "code"):
        shown = _value(cell.source, names)
        if "parameters" in cell.metadata.get("tags", []):
            names.update(parameters)
        cell.execution_count = at + 1
        if shown is not None:
            cell.outputs = [nbformat.v4.new_output("display_data", data=_data(shown))]
    return read


def _value(source: str, names: dict[str, Any]) -> Any:
    """Run lines and return the value of the last one, where it has one."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)  # noqa: S102 - our own notebooks
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None  # noqa: S307


def _data(shown: Any) -> dict[str, Any]:
    if hasattr(shown, "_repr_mimebundle_"):
        return dict(shown._repr_mimebundle_())
    return {"text/html": shown._repr_html_()}
