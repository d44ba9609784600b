"""The rules of the house as small functions: source or notebook in, sentences about what breaks them out.

They read syntax trees, so a rule holds for code that no test happens to run. `test_house.py` applies them to
the project, and to small bad examples that each rule must catch.
"""

from __future__ import annotations

import ast
import inspect
import re
import string
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "journey_lib"

# A room imports only from rooms before it; "top" is __init__ and __main__.
ROOMS = ("errors", "stats", "present", "study", "measures", "publish", "controls", "top")
# One door to each thing outside.
DOORS = {
    "papermill": "publish",
    "nbclient": "publish",
    "nbconvert": "publish",
    "nbformat": "publish",
    "ipywidgets": "controls",
    "duckdb": "study",
    "pyspark": "study",
    "typer": "top",
}
# The modules of stats that other people may call; the rest of the room serves them.
STATISTICS = (
    "attribution",
    "drivers",
    "estimate",
    "inference",
    "moments",
    "multiplicity",
    "power",
    "reliability",
    "survival",
    "tables",
    "weights",
)
FILES = re.compile(r"open|read_(?!params)\w+|to_(csv|parquet|excel|feather|pickle)|(read|write)_(text|bytes)")
LONGEST_MODULE, LONGEST_FUNCTION, MOST_PUBLIC_NAMES = 500, 50, 40

LONGEST_CELL, LONGEST_NOTEBOOK = 5, 40
ANNOTATIONS = {"str", "int", "float", "bool", "list[str]"}
# The frame of every report; between its first and its other headings stand the sections of the result.
FRAME = {
    "en": ("Question and basis", "What could be wrong", "What it means", "Provenance"),
    "ko": ("질문과 기준", "틀릴 수 있는 점", "의미와 할 일", "출처와 재현"),
}
NOT_IN_A_NOTEBOOK = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.With,
    ast.comprehension,
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef


def modules(under: Path = PACKAGE) -> list[Path]:
    """Return every module of the package."""
    return sorted(path for path in under.rglob("*.py") if "__pycache__" not in path.parts)


def dotted(path: Path) -> str:
    """Return the import name of a module file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# Who imports whom


def room(name: str) -> str:
    """Return the room of a dotted name inside the package."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "top"


def imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Yield every imported name in full, also those inside functions and for type checking only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def layer_problems(source: str, name: str, *, is_package: bool = False) -> list[str]:
    """Say which imports of a module go down the house, to a sibling measure, or round somebody's door."""
    package = name if is_package else name.rpartition(".")[0]
    here = room(name)
    problems = []
    for imported in imports(ast.parse(source), package):
        outside = imported.split(".")[0]
        if outside != "journey_lib":
            if DOORS.get(outside, here) != here:
                problems.append(f"{name} imports {outside}, which only {DOORS[outside]} may know")
        elif imported == "journey_lib.__version__":
            continue  # a plain word that every page prints
        elif ROOMS.index(room(imported)) > ROOMS.index(here):
            problems.append(f"{name} ({here}) imports {imported} ({room(imported)})")
        elif here == room(imported) == "measures" and stem(name) and stem(name) != stem(imported):
            problems.append(f"{name} imports its sibling {imported}")
    return problems


def stem(name: str) -> str:
    """Return which measure a dotted name belongs to: journey_lib.measures.survey.nps is survey."""
    return [*name.split("."), "", ""][2]


def file_problems(source: str, name: str) -> list[str]:
    """Say where a measure opens, reads or writes a file."""
    return [
        f"{name}:{node.lineno} calls {called}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and FILES.fullmatch(called := last_name(node.func))
    ]


def last_name(node: ast.expr) -> str:
    """Return the last word of a name or attribute: `read_csv` of `pd.read_csv`."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


# Sizes


def size_problems(source: str, name: str) -> list[str]:
    """Say which module or function outgrew the house; a docstring does not count as length of a function."""
    lines = source.count("\n")
    found = [f"{name} has {lines} lines"] if lines > LONGEST_MODULE else []
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, Function)]
    long = [(node, n) for node in functions if (n := code_lines(node)) > LONGEST_FUNCTION]
    return found + [f"{name}:{node.lineno} {node.name} has {n} lines" for node, n in long]


def code_lines(node: Function) -> int:
    """Return the lines of a function without its docstring."""
    first = node.body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    described = first.end_lineno - first.lineno + 1 if is_text else 0
    return node.end_lineno - node.lineno + 1 - described


# Docstrings


def public(tree: ast.Module) -> Iterator[tuple[str, Documented]]:
    """Yield the public functions, classes and methods of a module with their qualified names."""
    for node in tree.body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node.name, node
            for inner in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(inner, Function) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


def sections(doc: str) -> dict[str, str]:
    """Split a NumPy docstring into its sections; the text before the first one stands under ""."""
    pieces = re.split(r"^(\w[\w ]*)\n-{3,}$", inspect.cleandoc(doc), flags=re.MULTILINE)
    return {"": pieces[0]} | {pieces[i].strip(): pieces[i + 1] for i in range(1, len(pieces), 2)}


def documented_names(section: str) -> list[str]:
    """Return the names that a Parameters or Attributes section describes."""
    heads = re.findall(r"^(\*{0,2}\w+(?:, *\*{0,2}\w+)*)(?: *:.*)?$", section, flags=re.MULTILINE)
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def arguments(node: Function) -> list[str]:
    """Return the names of a function's arguments, without self, and without cls of a class method."""
    a = node.args
    every = [*a.posonlyargs, *a.args, *filter(None, [a.vararg]), *a.kwonlyargs, *filter(None, [a.kwarg])]
    own = {"self", "cls"} if node.decorator_list else {"self"}
    return [arg.arg for arg in every if arg.arg not in own]


def returns_something(node: Function) -> bool:
    """Say whether a function promises a value."""
    return node.returns is not None and ast.unparse(node.returns) not in {"None", "NoReturn", "Never"}


def docstring_problems(source: str, name: str) -> list[str]:
    """Say which public docstrings are missing, do not start with a sentence, or describe other arguments."""
    found = []
    for title, node in public(ast.parse(source)):
        doc = ast.get_docstring(node)
        if not doc:
            found.append(f"{name}.{title} has no docstring")
            continue
        if not re.search(r"[.?]$", doc.splitlines()[0]):
            found.append(f"{name}.{title}: the first line is not one sentence")
        listed = documented_names(sections(doc).get("Parameters", ""))
        if isinstance(node, Function) and listed and set(listed) != set(arguments(node)):
            found.append(f"{name}.{title} documents {listed} but takes {arguments(node)}")
    return found


def incomplete_sections(node: Documented, title: str, *, wanted: tuple[str, ...] = ()) -> list[str]:
    """Say what the full docstring of a public name lacks: every argument, what comes back, and `wanted`."""
    parts = sections(ast.get_docstring(node) or "")
    found = [f"{title} has no section {section}" for section in wanted if section not in parts]
    if isinstance(node, ast.ClassDef):
        described = documented_names(parts.get("Parameters", "") + parts.get("Attributes", ""))
        return found + [
            f"{title}: {field} is not documented" for field in fields(node) if field not in described
        ]
    described = documented_names(parts.get("Parameters", ""))
    found += [f"{title}: {arg} is not documented" for arg in arguments(node) if arg not in described]
    if returns_something(node) and not {"Returns", "Yields"} & parts.keys():
        found.append(f"{title} does not say what it returns")
    return found


def fields(node: ast.ClassDef) -> list[str]:
    """Return the public fields of a class that do not describe themselves with `Field(description=)`."""
    return [
        item.target.id
        for item in node.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
        and not item.target.id.startswith("_")
        and "ClassVar" not in ast.unparse(item.annotation)
        and "description=" not in (ast.unparse(item.value) if item.value else "")
    ]


# Notebooks


def text(cell: dict) -> str:
    """Return the source of a cell."""
    return "".join(cell["source"])


def tags(cell: dict) -> list[str]:
    """Return the tags of a cell."""
    return cell["metadata"].get("tags", [])


def cells(notebook: dict, kind: str, tag: str = "") -> list[dict]:
    """Return the cells of one kind, and with one tag when it is given."""
    return [c for c in notebook["cells"] if c["cell_type"] == kind and (not tag or tag in tags(c))]


def parameters(notebook: dict) -> str:
    """Return the source of the one parameters cell, or "" when there is not exactly one."""
    found = cells(notebook, "code", "parameters")
    return text(found[0]) if len(found) == 1 else ""


def statements(source: str) -> list[str]:
    """Return the lines of a cell that are neither blank nor a comment."""
    return [line for line in source.splitlines() if line.strip() and not line.strip().startswith("#")]


def stored_problems(notebook: dict) -> list[str]:
    """Say what a run left behind in the file."""
    code = cells(notebook, "code")
    left = [f"cell {c.get('id')} holds outputs" for c in code if c["outputs"]]
    left += [f"cell {c.get('id')} holds a run number" for c in code if c["execution_count"] is not None]
    left += [
        f"cell {c.get('id')} holds {k}" for c in notebook["cells"] for k in c["metadata"].keys() - {"tags"}
    ]
    return left


def thin_problems(notebook: dict) -> list[str]:
    """Say where a notebook computes instead of asking the package."""
    code = [text(c) for c in cells(notebook, "code") if "parameters" not in tags(c)]
    found = [f"a cell of {n} lines" for s in code if (n := len(statements(s))) > LONGEST_CELL]
    total = sum(len(statements(s)) for s in code)
    found += [f"{total} lines of code"] if total > LONGEST_NOTEBOOK else []
    for node in ast.walk(ast.parse("\n".join(code))):
        if isinstance(node, NOT_IN_A_NOTEBOOK):
            found.append(f"a {type(node).__name__}")
        if isinstance(node, ast.Call) and FILES.fullmatch(last_name(node.func)) and not _of_the_package(node):
            found.append(f"a call of {last_name(node.func)}")
    return found


def _of_the_package(call: ast.Call) -> bool:
    """Tell whether a call is one of `jl.`, such as `jl.read_ledger`; `foreign_names` judges those."""
    func = call.func
    return isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "jl"


def foreign_names(notebook: dict, public_names: set[str]) -> list[str]:
    """Say what a notebook uses besides the public names of the package."""
    tree = ast.parse("\n".join(map(text, cells(notebook, "code"))))
    found = [name for name in imports(tree, "") if name != "journey_lib"]
    aliases = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    found += [
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in aliases
        and node.attr not in public_names
    ]
    return found


def skeleton_problems(notebook: dict) -> list[str]:
    """Say where title, headings or the pairing of the two languages leave the fixed skeleton."""
    found = []
    for lang, (first, *last) in FRAME.items():
        written = [text(c) for c in cells(notebook, "markdown", f"lang-{lang}")]
        if not (written and re.match(r"# \S.*\n\n\S", written[0])):
            found.append(f"{lang}: the first cell is not a title and a question below it")
        headings = [h for s in written for h in re.findall(r"^## (.+)$", s, flags=re.MULTILINE)]
        if headings[:1] != [first] or headings[-3:] != last or len(headings) < 5:
            found.append(f"{lang}: headings {headings}, expected {first}, the result's own, then {last}")
    if "parameters" not in tags(cells(notebook, "code")[0]):
        found.append("the first code cell is not the parameters cell")
    order = [next((t for t in tags(c) if t.startswith("lang-")), "") for c in cells(notebook, "markdown")]
    spoken = [lang for lang in order if lang]
    if any(a == b for a, b in pairwise(spoken)) or len(spoken) % 2:
        found.append(f"the two languages do not alternate: {spoken}")
    return found


def annotation_problems(source: str) -> list[str]:
    """Say which parameters have no plain type: papermill and the command line know only these."""
    found = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.AnnAssign):
            found.append(f"'{ast.unparse(node)}' is not 'name: type = value'")
        elif ast.unparse(node.annotation) not in ANNOTATIONS:
            found.append(f"{ast.unparse(node.target)} is a {ast.unparse(node.annotation)}")
    return found


# Words


def message_keys(source: str) -> tuple[set[str], list[str]]:
    """Return the sentences a module can say, and the calls whose sentence cannot be read from the source."""
    keys, unreadable = set(), []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and last_name(node.func) in {"message", "plural", "translate"}
            and node.args
        ):
            key = node.args[0]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                keys.add(key.value)
            else:
                unreadable.append(f"line {node.lineno}: {ast.unparse(node)[:60]}")
    return keys, unreadable


def placeholders(sentence: str) -> set[str]:
    """Return the names that a sentence leaves open."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
