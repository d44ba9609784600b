"""The house keeps its own rules: layers, sizes, docstrings, thin notebooks, parameters, words.

Each rule of `house.py` is applied to the project, and to a bad example that it must catch.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import journey_lib as jl
from journey_lib.study.params import RunParams, parameters_cell
from tests import house

MODULES = house.modules()
NOTEBOOKS = sorted((house.ROOT / "notebooks").glob("*.ipynb"))
STUDIED = [path for path in NOTEBOOKS if path.stem != "explore"]
MEASURES = sorted(
    path.stem
    for path in (house.PACKAGE / "measures").iterdir()
    if path.stem.isidentifier() and path.stem[0] != "_"
)
# journey.po holds the words of the house, events.po those of every event measure, <stem>.po those of one.
CATALOGUES = sorted((house.PACKAGE / "present" / "locale" / "ko" / "LC_MESSAGES").glob("*.po"))
WORDING = house.PACKAGE / "present" / "wording.py"


def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def notebook(path: Path) -> dict:
    return json.loads(source(path))


def of(paths: list[Path], under: str) -> list[Path]:
    return [path for path in paths if path.is_relative_to(house.PACKAGE / under)]


def params_class(stem: str) -> type[RunParams]:
    module = importlib.import_module(f"journey_lib.measures.{stem}")
    return getattr(module, stem.title().replace("_", "") + "Params")


# Layers


def test_every_module_stands_in_a_room() -> None:
    tops = {path.relative_to(house.PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert tops - set(house.ROOMS) == {"__init__", "__main__"}


def test_rooms_import_only_from_rooms_before_them() -> None:
    problems = [
        problem
        for path in MODULES
        for problem in house.layer_problems(
            source(path), house.dotted(path), is_package=path.name == "__init__.py"
        )
    ]
    assert problems == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("journey_lib.stats.estimate", "from journey_lib.study.load import load_study"),
        ("journey_lib.stats.estimate", "from ..study import load"),
        ("journey_lib.stats.estimate", "def f():\n    import journey_lib.present.result"),
        ("journey_lib.study.load", "import journey_lib as jl"),
        ("journey_lib.study.load", "from journey_lib import survey"),
        ("journey_lib.measures.funnel", "from journey_lib.measures.survey import survey"),
        ("journey_lib.measures.funnel", "from . import survey"),
        ("journey_lib.measures.survey", "import papermill"),
        ("journey_lib.publish.run", "from ipywidgets import Dropdown"),
        ("journey_lib.errors", "from journey_lib.stats import estimate"),
    ],
)
def test_the_layer_rule_catches(name: str, line: str) -> None:
    assert house.layer_problems(line, name)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("journey_lib.stats.estimate", "from journey_lib.errors import DataError"),
        ("journey_lib.measures.survey.words", "from journey_lib.measures.survey.count import base"),
        ("journey_lib.measures.survey.words", "from .count import base"),
        ("journey_lib.publish.run", "import papermill"),
        ("journey_lib.__main__", "from journey_lib.publish.run import run"),
    ],
)
def test_the_layer_rule_allows(name: str, line: str) -> None:
    assert house.layer_problems(line, name) == []


def test_measures_touch_no_file() -> None:
    problems = [p for path in of(MODULES, "measures") for p in house.file_problems(source(path), path.stem)]
    # The room's own __init__ finds stems on disk; that is not a measure.
    assert [p for p in problems if not p.startswith("__init__")] == []
    assert house.file_problems("import pandas as pd\npd.read_csv('a')\nopen('b')", "bad") == [
        "bad:2 calls read_csv",
        "bad:3 calls open",
    ]


# Sizes


def test_modules_and_functions_stay_small() -> None:
    assert [p for path in MODULES for p in house.size_problems(source(path), house.dotted(path))] == []


def test_the_size_rule_catches() -> None:
    body = "    x = 1\n" * 50
    assert house.size_problems(f"def f():\n{body}", "m") == ["m:1 f has 51 lines"]
    assert house.size_problems(f'def f():\n    """Do it."""\n{body[10:]}', "m") == []
    assert house.size_problems("x = 1\n" * 501, "m") == ["m has 501 lines"]


# Public names and docstrings


def test_public_names_are_few_and_exist() -> None:
    assert len(jl.__all__) == len(set(jl.__all__)) <= house.MOST_PUBLIC_NAMES
    assert [name for name in jl.__all__ if not hasattr(jl, name)] == []


def test_every_public_docstring_starts_with_a_sentence_and_names_the_true_arguments() -> None:
    assert [p for path in MODULES for p in house.docstring_problems(source(path), house.dotted(path))] == []


def test_the_docstring_rule_catches() -> None:
    head = 'def f(a, b):\n    """Do it.\n\n    Parameters\n    ----------\n'
    drifted = head + '    a, c : int\n        Words.\n    """\n'
    assert house.docstring_problems(drifted, "m") == ["m.f documents ['a', 'c'] but takes ['a', 'b']"]
    assert house.docstring_problems(drifted.replace("a, c", "a, b"), "m") == []
    assert house.docstring_problems("def f(): pass", "m") == ["m.f has no docstring"]
    assert house.docstring_problems('class A:\n    """a thing"""\n    def f(self): pass', "m") == [
        "m.A: the first line is not one sentence",
        "m.A.f has no docstring",
    ]


def complete() -> list[tuple[str, house.Documented, tuple[str, ...]]]:
    """Return what needs a full docstring: the public names, and the statistics other people may call."""
    spoken = [(name, getattr(jl, name)) for name in jl.__all__]
    spoken = [(name, value) for name, value in spoken if inspect.isclass(value) or inspect.isfunction(value)]
    found = [
        (name, ast.parse(inspect.getsource(value)).body[0], ("Examples",))
        for name, value in spoken
        if not (inspect.isclass(value) and issubclass(value, Exception))
    ]
    for path in (path for path in of(MODULES, "stats") if path.stem in house.STATISTICS):
        named = house.public(ast.parse(source(path)))
        found += [(f"{house.dotted(path)}.{title}", node, ()) for title, node in named if "." not in title]
    return found


@pytest.mark.parametrize(("title", "node", "wanted"), [pytest.param(*row, id=row[0]) for row in complete()])
def test_public_names_are_documented_in_full(title: str, node: house.Documented, wanted: tuple) -> None:
    assert house.incomplete_sections(node, title, wanted=wanted) == []


def test_the_full_docstring_rule_catches() -> None:
    bare = ast.parse('def f(a, *, b) -> int:\n    """Do it."""').body[0]
    assert house.incomplete_sections(bare, "f", wanted=("Examples",)) == [
        "f has no section Examples",
        "f: a is not documented",
        "f: b is not documented",
        "f does not say what it returns",
    ]
    record = ast.parse('class A:\n    """A thing."""\n    n: int\n    _cache: int = 0').body[0]
    assert house.incomplete_sections(record, "A") == ["A: n is not documented"]


# Stems: one word names module, notebook, test and command


def test_stems_agree() -> None:
    tested = {p.stem.removeprefix("test_") for p in (house.ROOT / "tests" / "measures").glob("*")} - {
        "__pycache__"
    }
    assert {p.stem for p in STUDIED} == set(MEASURES)
    assert set(MEASURES) <= tested
    assert set(MEASURES) == set(jl.measures.stems())


# Notebooks


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_stripped_and_thin(path: Path) -> None:
    assert house.stored_problems(notebook(path)) == []
    assert house.thin_problems(notebook(path)) == []
    assert house.foreign_names(notebook(path), {*jl.__all__, *MEASURES}) == []


@pytest.mark.parametrize("path", STUDIED, ids=lambda p: p.stem)
def test_notebooks_follow_the_skeleton_in_both_languages(path: Path) -> None:
    assert house.skeleton_problems(notebook(path)) == []


@pytest.mark.parametrize("path", STUDIED, ids=lambda p: p.stem)
def test_the_parameters_cell_is_the_class(path: Path) -> None:
    written = house.parameters(notebook(path))
    assert written == parameters_cell(params_class(path.stem))
    assert house.annotation_problems(written) == []


@pytest.mark.parametrize("stem", MEASURES)
def test_every_parameter_says_what_it_means(stem: str) -> None:
    described = params_class(stem).model_fields.items()
    assert [name for name, field in described if not field.description] == []


def code(*sources: str, tag: str = "", **more: object) -> dict:
    """Return a notebook of code cells."""
    metadata = {"tags": [tag]} if tag else {}
    blank = {"cell_type": "code", "outputs": [], "execution_count": None, "metadata": metadata}
    return {"cells": [blank | {"id": str(at), "source": s} | more for at, s in enumerate(sources)]}


@pytest.mark.parametrize(
    "bad",
    [
        "def f(): pass",
        "for x in y: x",
        "while True: x",
        "with a: b",
        "[x for x in y]",
        "f = lambda: 1",
        "open('a')",
        "pd.read_csv('a')",
        "a\nb\nc\nd\ne\nf",
    ],
)
def test_the_thin_rule_catches(bad: str) -> None:
    assert house.thin_problems(code(bad))


def test_the_thin_rule_counts_all_cells() -> None:
    assert house.thin_problems(code(*["a\nb\nc\nd\ne"] * 8)) == []
    assert house.thin_problems(code(*["a\nb\nc\nd\ne"] * 8, "f")) == ["41 lines of code"]


def test_the_stripped_rule_catches() -> None:
    assert house.stored_problems(code("a")) == []
    assert house.stored_problems(code("a", outputs=[{}])) == ["cell 0 holds outputs"]
    assert house.stored_problems(code("a", execution_count=1)) == ["cell 0 holds a run number"]
    assert house.stored_problems(code("a", metadata={"scrolled": True})) == ["cell 0 holds scrolled"]


def test_the_public_name_rule_catches() -> None:
    assert house.foreign_names(code("import journey_lib as jl", "jl.run()"), {"run"}) == []
    assert house.foreign_names(code("import journey_lib as jl", "jl.stats.x"), {"run"}) == ["jl.stats"]
    assert house.foreign_names(code("import pandas as pd"), set()) == ["pandas"]


def test_the_annotation_rule_catches() -> None:
    assert house.annotation_problems('a: str = ""\nb: list[str] = []') == []
    assert house.annotation_problems("a: dict = {}\nb = 1") == [
        "a is a dict",
        "'b = 1' is not 'name: type = value'",
    ]


def page(*languages: str, **headings: list[str]) -> dict:
    """Return a notebook of a title cell and headings, language by language, and a parameters cell."""
    pieces = {lang: ["# Title\n\nQuestion", *(f"## {h}" for h in headings[lang])] for lang in languages}
    blank = {"cell_type": "markdown"}
    words = [
        blank | {"metadata": {"tags": [f"lang-{lang}"]}, "source": text}
        for row in zip(*pieces.values(), strict=True)
        for lang, text in zip(pieces, row, strict=True)
    ]
    return {"cells": words + code("a: str = ''", tag="parameters")["cells"]}


def test_the_skeleton_rule_catches() -> None:
    good = {lang: [first, "Of its own", *last] for lang, (first, *last) in house.FRAME.items()}
    assert house.skeleton_problems(page("en", "ko", **good)) == []
    assert house.skeleton_problems(page("en", **good))
    assert len(house.skeleton_problems(page("en", "ko", en=good["en"], ko=good["ko"][::-1]))) == 1
    assert len(house.skeleton_problems(page("en", "ko", **{k: [v[0], *v[2:]] for k, v in good.items()}))) == 2
    late = page("en", "ko", **good)
    late["cells"] = code("b")["cells"] + late["cells"]
    assert house.skeleton_problems(late) == ["the first code cell is not the parameters cell"]


def test_the_readme_names_every_report_with_its_question() -> None:
    readme = source(house.ROOT / "README.md")
    for path in STUDIED:
        title = house.text(house.cells(notebook(path), "markdown", "lang-en")[0]).splitlines()[0]
        assert f"| `{path.stem}` | {title.removeprefix('# ')} |" in readme


# Words


@pytest.fixture(scope="module")
def catalogue() -> list:
    found = []
    for path in CATALOGUES:
        with path.open("rb") as lines:
            read = read_po(lines, locale="ko")
        assert list(read.obsolete) == []
        found += [entry for entry in read if entry.id]
    return found


def test_no_sentence_is_translated_twice(catalogue: list) -> None:
    keys = [first(entry.id) for entry in catalogue]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def first(words: str | tuple[str, ...]) -> str:
    return words if isinstance(words, str) else words[0]


def test_every_sentence_can_be_read_from_the_source() -> None:
    others = [path for path in MODULES if path != WORDING]
    assert {path.stem: found for path in others if (found := house.message_keys(source(path))[1])} == {}


def test_every_sentence_is_translated_and_none_is_left_over(catalogue: list) -> None:
    said = set().union(*(house.message_keys(source(path))[0] for path in MODULES))
    known = {first(entry.id): first(entry.string) for entry in catalogue}
    assert said - known.keys() == set(), "not translated"
    assert known.keys() - said == set(), "said nowhere"
    assert [key for key, words in known.items() if not words] == []
    assert [entry.id for entry in catalogue if entry.fuzzy] == []


def test_translations_keep_placeholders_and_bold(catalogue: list) -> None:
    pairs = [(first(entry.id), first(entry.string)) for entry in catalogue]
    assert [en for en, ko in pairs if house.placeholders(en) != house.placeholders(ko)] == []
    assert [en for en, ko in pairs if en.count("**") != ko.count("**")] == []


def test_the_sentence_rule_catches() -> None:
    keys, unreadable = house.message_keys(
        'message("a {n}", n=1)\nw.plural("b", "bs")\nmessage(f"{c}")\nsay("d")'
    )
    assert keys == {"a {n}", "b"}
    assert len(unreadable) == 1
    assert house.placeholders("{n:은} and {{x}} {lo}") == {"n", "lo"}
