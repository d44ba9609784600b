"""A new report to start from: measure, notebook and test, all three working before they are changed."""

from __future__ import annotations

import json
import keyword
import re
from pathlib import Path
from typing import Any

from journey_lib.errors import ParamError, Problem
from journey_lib.publish.places import NOT_PUBLISHED, home

TEMPLATES = Path(__file__).parent / "templates" / "measure"
_STEM = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_WORDS = {
    "basis": (
        "## Question and basis\n\nSay what is asked, and of whom.",
        "## 질문과 기준\n\n무엇을 누구에게 묻는지 적습니다.",
    ),
    "result": ("## Result\n\nSay how to read what follows.", "## 결과\n\n아래를 어떻게 읽는지 적습니다."),
    "checks": ("## What could be wrong", "## 틀릴 수 있는 점"),
    "meaning": ("## What it means", "## 의미와 할 일"),
    "provenance": ("## Provenance", "## 출처와 재현"),
}
_SHOWN = {
    "basis": "result.who()",
    "result": "result",
    "checks": "result.doubts()",
    "meaning": "result.meaning()",
    "provenance": "result.provenance(params)",
}


def new(stem: str) -> tuple[Path, ...]:
    """Write measure, notebook and test of a new report; nothing has to be registered.

    Parameters
    ----------
    stem : str
        Lower-case words joined by underscores: the name of module, function, notebook and test.

    Returns
    -------
    tuple of Path
        The three files.

    Raises
    ------
    ParamError
        If the name cannot be one, or any of the files is there already.
    """
    _allowed(stem)
    base = home()
    files = (
        base / "journey_lib" / "measures" / f"{stem}.py",
        base / "notebooks" / f"{stem}.ipynb",
        base / "tests" / "measures" / f"test_{stem}.py",
    )
    taken = [f for f in (*files, files[0].with_suffix("")) if f.exists()]
    if taken:
        raise ParamError([Problem(str(f.relative_to(base)), "is there already") for f in taken])
    texts = (_filled("measure.py.txt", stem), notebook(stem), _filled("test.py.txt", stem))
    for file, text in zip(files, texts, strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return files


def notebook(stem: str) -> str:
    """Return the text of a notebook with the fixed skeleton, in both languages, without outputs.

    Examples
    --------
    >>> '"lang-ko"' in notebook("loyalty")
    True
    """
    title = stem.replace("_", " ").capitalize()
    setup = (
        "import journey_lib as jl\n\n"
        f'params = jl.parameters("{stem}", globals())\n'
        "study, data = "
        "jl.load_study(params.study, lang=params.lang, segment=params.segment, as_of=params.as_of)\n"
        f"result = jl.{stem}(study, data, **params.options())"
    )
    cells = [
        *_said(
            f"# {title}?\n\nSay in one sentence what the reader learns.",
            f"# {title}?\n\n독자가 무엇을 알게 되는지 한 문장으로 적습니다.",
        ),
        _code(_parameters(), "parameters"),
        _code(setup),
        _code("result.opening()"),
    ]
    for name, words in _WORDS.items():
        cells += [*_said(*words), _code(_SHOWN[name])]
    for at, cell in enumerate(cells):
        cell["id"] = f"cell-{at:02d}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def class_name(stem: str) -> str:
    """Return the words of a stem as a class name.

    Examples
    --------
    >>> class_name("time_in_stage")
    'TimeInStage'
    """
    return "".join(word.capitalize() for word in stem.split("_"))


def _allowed(stem: str) -> None:
    if not _STEM.fullmatch(stem) or keyword.iskeyword(stem) or stem in (*NOT_PUBLISHED, "all"):
        allowed = "lower-case words joined by underscores, such as time_in_stage"
        raise ParamError(Problem("stem", f"'{stem}' cannot name a report", allowed))


def _filled(template: str, stem: str) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return text.replace("$stem$", stem).replace("$Class$", class_name(stem))


def _parameters() -> str:
    """Return the parameters cell of the template's class, which does not exist as a class yet."""
    from pydantic import Field

    from journey_lib.study.params import RunParams, parameters_cell

    class Template(RunParams):
        """The parameters the template declares."""

        wave: str = Field("", description='Wave it is about; "" for all waves.')

    return parameters_cell(Template).rstrip("\n")


def _said(english: str, korean: str) -> list[dict[str, Any]]:
    return [
        {"cell_type": "markdown", "metadata": {"tags": [tag]}, "source": text.splitlines(keepends=True)}
        for tag, text in (("lang-en", english), ("lang-ko", korean))
    ]


def _code(source: str, *tags: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": list(tags)} if tags else {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
