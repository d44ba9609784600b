"""What the command line shows while and after it works: moving lines, plain lines, tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from journey_lib.publish.run import Progress, RunOutcome, Step

SAMPLE = Path("data/sample")


def console() -> Console:
    """Return the screen that talk goes to; results go to standard output."""
    from rich.console import Console

    return Console(stderr=True)


@contextmanager
def working(text: str) -> Iterator[None]:
    """Say what is being done, for as long as it is."""
    screen = console()
    if screen.is_terminal:
        with screen.status(text):
            yield
    else:
        sys.stderr.write(f"{text} ...\n")
        yield


@contextmanager
def progress() -> Iterator[Progress]:
    """Show one line a notebook: a moving one on a terminal, one at start and end elsewhere."""
    screen = console()
    if not screen.is_terminal:
        yield plain
        return
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[file]}"),
        BarColumn(24),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    lines: dict[str, TaskID] = {}
    with Progress(*columns, console=screen) as shown:

        def tell(step: Step) -> None:
            if step.file not in lines:
                lines[step.file] = shown.add_task(step.text, total=None, file=step.file)
            shown.update(lines[step.file], description=step.text)
            if step.total:
                shown.update(lines[step.file], completed=step.done, total=step.total)

        yield tell


def plain(step: Step) -> None:
    """Say that a report starts and that it is done, one line each."""
    if step.text.startswith(("starting", "published", "failed", "not applicable", "unchanged")):
        sys.stderr.write(f"{step.file}: {step.text}\n")


def show(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table; a column whose name starts with ">" holds numbers."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE)
    for name in columns:
        table.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def told(outcomes: Sequence[RunOutcome]) -> bool:
    """Print where the reports are and what failed; say whether all went well."""
    good, same, absent, failed = (
        [outcome for outcome in outcomes if outcome.status == status]
        for status in ("published", "unchanged", "not applicable", "failed")
    )
    pages = [outcome.report for outcome in good]
    if good or same:
        pages.append((good or same)[0].report.with_name("index.html"))
    sys.stdout.write("".join(f"{near(page)}\n" for page in pages))
    lines = []
    if same:
        what = f"Unchanged: {len(same)}" if len(same) < len(outcomes) else "Nothing has changed"
        lines.append(f"{what}; --force makes unchanged reports anew.")
    if absent:
        stems = dict.fromkeys(outcome.report.name.partition(".")[0] for outcome in absent)
        lines.append(f"Not applicable to this study: {', '.join(stems)}.")
    sys.stderr.write("".join(f"{line}\n" for line in [*lines, *(outcome.message for outcome in failed)]))
    return not failed


def near(path: Path) -> str:
    """Return a path from here where it lies below, for a reader who wants to open it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def make_sample(study: str) -> None:
    """Generate the default study before its first use; other studies bring their own files."""
    from journey_lib.publish.places import home

    folder = home() / SAMPLE
    if (folder / "raw").is_dir() and any((folder / "raw").iterdir()):
        return
    if Path(study).name == folder.name and Path(study).resolve() in (folder, SAMPLE.resolve()):
        from journey_lib.study import sample

        with working("Generating the sample study"):
            sample.write(folder)
