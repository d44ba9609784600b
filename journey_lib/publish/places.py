"""Where things are: the project, a study, a report; and which name a report gets."""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from journey_lib.errors import Problem, RunError, StudyError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOME = "JOURNEY_HOME"
REPORTS = "JOURNEY_REPORTS"  # set for the kernel of a run: its ledger lies where its report goes
_BESIDE = ("data", "pyproject.toml", "environment.yml")  # what tells a project from any folder of notebooks
LONGEST = 100  # characters of a report's name
NOT_PUBLISHED = ("explore",)
READ_THE_LEDGER = ("monitor", "opportunities", "journey_map")  # after all others; the map repeats these too
_SAFE = re.compile(r"\w[\w.\-]*", re.UNICODE)


def home() -> Path:
    """Return the project's folder: `JOURNEY_HOME`, else the nearest one upwards, else the package's own.

    Raises
    ------
    RunError
        If there is no `notebooks` folder in any of them.
    """
    given = os.environ.get(HOME, "")
    places = [Path(given).resolve()] if given else [*_upwards(), Path(__file__).resolve().parents[2]]
    for place in places:
        if (place / "notebooks").is_dir() and (given or any((place / one).exists() for one in _BESIDE)):
            return place
    raise RunError(
        Problem(
            f"{HOME}={given}" if given else "the working directory",
            "has no project: a folder with notebooks/ and data/ was looked for",
            action=f"Change into the project or set {HOME}",
        )
    )


def notebooks() -> dict[str, Path]:
    """Return the notebooks that can be published, by stem; those that read the ledger come last."""
    found = {p.stem: p for p in sorted((home() / "notebooks").glob("*.ipynb"))}
    plain = [s for s in found if s not in (*NOT_PUBLISHED, *READ_THE_LEDGER)]
    return {stem: found[stem] for stem in [*plain, *(s for s in READ_THE_LEDGER if s in found)]}


def title_of(notebook: Path) -> str:
    """Return the English title of a notebook, the question its report answers."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown" and "lang-ko" not in cell["metadata"].get("tags", []):
            first = "".join(cell["source"]).strip().splitlines()[0]
            return first.lstrip("# ").strip()
    return ""


def find_study(given: str | Path) -> Path:
    """Return the study's file; a relative path is looked up from the working directory upwards, then at home.

    Raises
    ------
    StudyError
        If no such folder or file exists.
    """
    path = Path(given).expanduser()
    for base in _bases(path):
        place = base / path
        if (place / "study.toml").is_file():
            return place / "study.toml"
        if place.suffix == ".toml" and place.is_file():
            return place
    beside = (study for base in _bases(path) for study in (base / path.parent).glob("*/study.toml"))
    raise StudyError(
        Problem(
            "study",
            f"'{given}' is neither a folder with a study.toml nor such a file",
            nearest=nearest(
                path.as_posix(), [(path.parent / study.parent.name).as_posix() for study in beside]
            ),
            action="Give the study's folder, such as data/sample",
        )
    )


def seen_from(given: str | Path, file: Path) -> tuple[Path, str]:
    """Return a working directory and the study's path from there: no path of a machine gets on a page.

    Examples
    --------
    >>> seen_from("/somewhere/data/shop", Path("/somewhere/data/shop/study.toml"))[1]
    'shop'
    """
    path = Path(given).expanduser()
    if not path.is_absolute() and ".." not in path.parts:
        for base in _bases(path):
            if file in (base / path, base / path / "study.toml"):
                return base, path.as_posix()
    name = file.parent.name if file.name == "study.toml" else f"{file.parent.name}/{file.name}"
    return file.parent.parent, name


def reports_of(study: str, reports: str | Path | None = None) -> Path:
    """Return the folder of a study's reports; `reports` is where all studies' folders lie."""
    given = reports if reports is not None else os.environ.get(REPORTS, "") or home() / "reports"
    root = Path(given).resolve()
    return inside(root, safe_name(study, "study id"))


def safe_name(name: str, what: str) -> str:
    """Return a name that is one plain part of a path.

    Raises
    ------
    RunError
        If it holds a separator, `..` or anything else that could lead elsewhere.

    Examples
    --------
    >>> safe_name("survey.ko", "name")
    'survey.ko'
    >>> safe_name("../survey", "name")
    Traceback (most recent call last):
    ...
    journey_lib.errors.RunError: name: '../survey' cannot be a file name. Allowed: letters, digits, ...
    """
    if _SAFE.fullmatch(name) and ".." not in name and not name.endswith("."):
        return name
    allowed = "letters, digits, _ - and single dots inside"
    raise RunError(Problem(what, f"'{name}' cannot be a file name", allowed))


def inside(root: Path, name: str) -> Path:
    """Return `root / name`, proven to lie inside root, also when something there is a link."""
    place = (root / name).resolve()
    if not place.is_relative_to(root.resolve()):
        raise RunError(Problem("name", f"'{name}' leads out of {root.name}/"))
    return place


def report_name(stem: str, settings: Mapping[str, object], folder: Path) -> str:
    """Return the name for one set of settings: readable, safe, and the same file every time.

    Parameters
    ----------
    stem : str
        The notebook.
    settings : mapping
        What differs from the defaults, language aside; `segment` is written as it is, others with their name.
    folder : Path
        Where the reports lie: two settings that read alike are told apart by a short hash.

    Examples
    --------
    >>> report_name("survey", {"segment": "region=KR"}, Path("none"))
    'survey--region-kr'
    >>> report_name("survey", {"by": "region", "waves": ["1", "2"]}, Path("none"))
    'survey--by-region--waves-1-2'
    """
    parts = [stem] + [
        _segment_slug(str(value)) if name == "segment" else f"{slug(name)}-{slug(value)}"
        for name, value in settings.items()
    ]
    name = "--".join(part for part in parts if part)
    digest = hashlib.sha256(identity(stem, settings).encode()).hexdigest()[:6]
    if len(name) > LONGEST or "" in parts:
        return f"{name[: LONGEST - 7].rstrip('-.')}-{digest}"
    return name if _free(folder, name, identity(stem, settings)) else f"{name}-{digest}"


def _segment_slug(segment: str) -> str:
    """Return a segment as it reads; a rule by the first characters of its hash."""
    if not segment.lstrip().startswith("{"):
        return slug(segment)
    return f"rule-{hashlib.sha256(segment.encode()).hexdigest()[:8]}"


def identity(stem: str, settings: Mapping[str, object]) -> str:
    """Return one text that is equal for equal settings and different for different ones."""
    return json.dumps([stem, dict(sorted(settings.items()))], ensure_ascii=False)


def slug(value: object) -> str:
    """Return words fit for a file name or an anchor, in any script.

    Examples
    --------
    >>> slug("What could be wrong?"), slug("지역=서울 강남"), slug(["a", "b"]), slug("<script>")
    ('what-could-be-wrong', '지역-서울-강남', 'a-b', 'script')
    """
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", text).lower()).strip("-._").replace("..", ".")


def _free(folder: Path, name: str, wanted: str) -> bool:
    """Tell whether the name is unused, or used by these very settings, in whatever language."""
    for sidecar in (folder / f"{name}{ending}.json" for ending in ("", ".en", ".ko")):
        try:
            if json.loads(sidecar.read_text(encoding="utf-8")).get("identity", wanted) != wanted:
                return False
        except (OSError, ValueError, AttributeError):
            continue
    return True


def _bases(path: Path) -> Iterator[Path]:
    if path.is_absolute():
        yield Path("/")
        return
    yield from _upwards()
    yield home()


def _upwards() -> list[Path]:
    here = Path.cwd()
    return [here, *here.parents]
