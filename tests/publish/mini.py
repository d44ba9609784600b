"""A throw-away project: one study, notebooks made on the spot, a class of parameters of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from pydantic import Field

from journey_lib.study.params import RunParams

STUDY = """
id = "shop"
title = { en = "Little shop", ko = "작은 가게" }
question = { en = "Where do customers get stuck?", ko = "고객은 어디에서 막히나?" }
success = { en = "A first order", ko = "첫 주문" }
synthetic = true
time_zone = "Asia/Seoul"
[journey]
preset = "funnel3"
"""

PARAMETERS = (
    'study: str = "data/shop"\nlang: str = ""\nsegment: str = ""\nas_of: str = ""\nby: str = ""\nn: int = 1'
)
# What the last cell of a real notebook does, in five lines: HTML for the reader, a bundle for the publisher.
LAST = """
class Last:
    def _repr_mimebundle_(self, **_):
        return {"text/html": "<p>made here</p>", "application/vnd.journey.report+json": BUNDLE}
BUNDLE = {"stem": "mini", "segment": segment, "stages": ["awareness"], "n": 12, "headline": "Few come back",
          "checks": {"passed": 2, "watch": 1, "failed": 0, "not_assessable": 0}, "definition_hash": "d1",
          "as_of": as_of, "params": {"by": by}, "picture": "", "evidence": "satisfaction",
          "findings": [{"metric": "mean", "question": "q1", "estimate": float(n), "n": 12, "unit": "score",
                        "kind": "satisfaction", "ci_low": None, "stage": "awareness"}]}
Last()
"""
TITLE = (
    ("lang-en", "# Who comes back?\n\nOne question on little."),
    ("lang-ko", "# 누가 다시 오나?\n\n작은 질문 하나."),
)
SECTION = (("lang-en", "## Result\n\nSome *words*."), ("lang-ko", "## 결과\n\n몇 마디 말."))


class MiniParams(RunParams):
    """Parameters of the throw-away measure."""

    by: str = Field("", description="Column to split by.")
    n: int = Field(1, description="A number.", json_schema_extra={"unit": "customers"})


@dataclass(frozen=True)
class Project:
    """A project on disk."""

    root: Path

    @property
    def reports(self) -> Path:
        return self.root / "reports" / "shop"

    def notebook(self, *cells: str, stem: str = "mini", last: str = LAST) -> Path:
        """Write a notebook whose result section holds these code cells."""
        new = nbformat.v4
        words = [new.new_markdown_cell(s, metadata={"tags": [t]}) for t, s in (*TITLE, *SECTION)]
        given = new.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
        code = [new.new_code_cell(source) for source in (*cells, last)]
        notebook = new.new_notebook(cells=[*words[:2], given, *words[2:], *code])
        path = self.root / "notebooks" / f"{stem}.ipynb"
        nbformat.write(notebook, path)
        return path

    def contents(self) -> dict[str, bytes]:
        """Return every file of the reports by name."""
        return {p.name: p.read_bytes() for p in self.reports.rglob("*") if p.is_file()}

    def sidecar(self, name: str = "mini") -> dict:
        return json.loads((self.reports / f"{name}.json").read_text(encoding="utf-8"))


def executed(*outputs: dict, bundle: dict | None = None, lang: str = "en") -> nbformat.NotebookNode:
    """Return a notebook as it is after a run: one cell that shows these outputs, and the last one."""
    new = nbformat.v4
    shown = [new.new_output("display_data", data=data) for data in outputs]
    last = {"text/html": '<dl class="jl-facts jl-code"><dt>Study</dt><dd>shop</dd></dl>'}
    if bundle is not None:
        last["application/vnd.journey.report+json"] = bundle
    cells = [new.new_markdown_cell(s, metadata={"tags": [t]}) for t, s in (*TITLE, *SECTION)]
    cells += [
        new.new_code_cell("result.plot()", execution_count=1, outputs=shown),
        new.new_code_cell("", outputs=[]),
        new.new_code_cell(
            "last()\nof_two", execution_count=2, outputs=[new.new_output("display_data", data=last)]
        ),
    ]
    return new.new_notebook(cells=cells)


class SwiftWorker:
    """Does a worker's job without kernel and process: the page of a notebook that has run already."""

    notebook = None  # what it "runs"; each test may set its own

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.job: dict = {}

    def send(self, job: dict) -> None:
        self.job = job

    def events(self, *_: object) -> Iterator[dict]:
        from journey_lib.publish.report import publishable

        yield {"at": "kernel"}
        publishable(self.notebook or executed(bundle=BUNDLE), self.job)
        yield {"at": "done"}

    def log(self) -> str:
        return "the log"

    def end(self) -> None: ...

    def close(self) -> None: ...


BUNDLE = {
    "stem": "mini",
    "segment": "",
    "stages": ["awareness"],
    "n": 12,
    "headline": "Few come back",
    "checks": {"passed": 2, "watch": 1, "failed": 0, "not_assessable": 0},
    "definition_hash": "d1",
    "findings": [{"metric": "mean", "estimate": 3.5, "n": 12, "unit": "score", "kind": "satisfaction"}],
}


def make(root: Path) -> Project:
    for folder in ("notebooks", "data/shop"):
        (root / folder).mkdir(parents=True)
    (root / "data/shop/study.toml").write_text(STUDY, encoding="utf-8")
    return Project(root)
