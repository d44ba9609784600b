"""The `journey` command: everything of the workbench that does not need a notebook open."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer
from typer.core import TyperCommand

from journey_lib.errors import JourneyError, ParamError, Problem, StudyError
from journey_lib.publish import terminal

SAMPLE = "data/sample"
INTERRUPTED = 130
_Given = ParamSpec("_Given")

app = typer.Typer(
    help="A research workbench for customer journeys: notebooks in, reports out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
maps = typer.Typer(help="Exchange a journey map with other tools, as a table.", no_args_is_help=True)
app.add_typer(maps, name="map")


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _interrupt)  # whoever ends us ends the kernels too
    app()


def told(command: Callable[_Given, None]) -> Callable[_Given, None]:
    """Turn errors into one message and an exit code; nobody should read a traceback for a typing mistake."""

    @wraps(command)
    def wrapper(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            typer.echo("Stopped. All processes of the run are ended, reports are as they were.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except JourneyError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2 if isinstance(error, ParamError | StudyError) else 1) from None

    return wrapper


class RunCommand(TyperCommand):
    """`journey run`, whose help ends with the parameters of the stems it was asked about."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer vendors the type
        """Remember what was asked before help is shown."""
        ctx.meta["asked"] = list(args)
        return list(super().parse_args(ctx, args))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - typer vendors the types
        """Write the parameters of each stem, from its class."""
        known = _stems()
        asked = [stem for stem in ctx.meta.get("asked", ()) if stem in known] or known
        for stem in asked:
            with formatter.section(f"Parameters of {stem} (--set name=value)"):
                formatter.write_dl(_parameters(stem))


Study = Annotated[str, typer.Option(help="Folder of the study.")]


@app.callback(invoke_without_command=True)
def _start(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,  # noqa: FBT002
) -> None:
    if version:
        from journey_lib import __version__

        typer.echo(f"journey {__version__}")
        raise typer.Exit


_From = Annotated[str, typer.Option("--from", metavar="FILE", help="Draft the study from this export.")]
_As = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="FORMAT",
        help="ga4, amplitude, xes, events, qualtrics, surveymonkey, google_forms, spss or survey. "
        "Default: found out from the file.",
    ),
]
_Map = Annotated[
    str,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN,...",
        help="Which column is what, for tables of events (customer, event, time, anonymous, session, "
        "channel, value) or of answers (respondent_id, wave, date ...).",
    ),
]
_Options = Annotated[
    str, typer.Option(metavar="FILE", help='For Google Forms, in TOML: "question" = ["option", "option"].')
]


@app.command()
@told
def init(
    folder: Annotated[
        Path, typer.Argument(help="Folder of the new study; it must be empty or not exist yet.")
    ],
    size: Annotated[
        str, typer.Option(help="Of the sample: tiny (1,000 customers) or demo (20,000).")
    ] = "tiny",
    from_: _From = "",
    as_: _As = "",
    map_: _Map = "",
    options: _Options = "",
) -> None:
    """Start a study of your own: from an export of yours (--from FILE), or from a copy of the sample."""
    if from_:
        _draft(folder, Path(from_), as_, map_, options)
        return
    if as_ or map_ or options:
        raise ParamError(Problem("--as, --map, --options", "are for --from FILE"))
    _copy_sample(folder, size)


def _draft(folder: Path, export: Path, format_: str, mapping: str, options: str) -> None:
    """Draft a study from an export, and say what it was taken for and what to check."""
    from journey_lib.study.importers import import_study, read_mapping

    with terminal.working(f"Reading {export.name}"):
        done = import_study(folder, export, as_=format_, mapping=read_mapping(mapping), options=options)
    typer.echo(f"{export.name} read as {done.format}: {done.why}.")
    for note in done.notes:
        typer.echo(f"- {note}")
    lines = f"{done.to_check} line" + ("s" if done.to_check != 1 else "")
    typer.echo(f'{folder / "study.toml"} is a draft: {lines} say "please check".')
    typer.echo(f"Then: journey check {folder}")


def _copy_sample(folder: Path, size: str) -> None:
    from journey_lib.publish.places import slug
    from journey_lib.study import sample

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(Problem(str(folder), "is not empty", action="Name a folder that does not exist yet"))
    if size not in ("tiny", "demo"):
        raise ParamError(Problem("--size", f"'{size}'", "tiny, demo"))
    with terminal.working("Writing the sample study"):
        sample.write(folder, size)
    definition = folder / "study.toml"
    text = definition.read_text(encoding="utf-8")
    name = slug(folder.resolve().name) or "study"
    renamed = re.sub(r'^id = "[^"]*"', f'id = "{name}"', text, count=1, flags=re.MULTILINE)
    definition.write_text(renamed, encoding="utf-8")
    typer.echo(f"{definition} describes the study; change it and the files under {folder / 'raw'}.")
    typer.echo(f"Then: journey check {folder}")


@app.command()
@told
def check(study: Annotated[str, typer.Argument(help="Folder of the study.")]) -> None:
    """Load a study and say what was read, dropped and missing, or everything that is wrong with it."""
    from journey_lib.publish.agenda import own_reports
    from journey_lib.publish.places import find_study
    from journey_lib.study.load import load_study

    terminal.make_sample(study)
    try:
        with terminal.working("Reading"):
            definition, data = load_study(find_study(study))
            own = own_reports(study)
    except JourneyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    rows = [
        (str(table), str(files), f"{read:,}", f"{kept:,}", f"{dropped:,} {reason}" if dropped else "")
        for table, files, read, kept, reason, dropped in data.report.table.to_numpy().tolist()
    ]
    title = f"{definition.id}: {definition.title.say('en')}"
    terminal.show(title, ("Table", "Files", ">Rows", ">Kept", "Dropped"), rows)
    missing = [(str(q), str(reason), f"{n:,}") for q, reason, n in data.report.missing.to_numpy().tolist()]
    if missing:
        terminal.show("Answers that are missing, and why", ("Question", "Reason", ">Rows"), missing)
    for line in (note for table in data.report.tables for note in table.notes):
        typer.echo(line)
    for lines in own.values():
        typer.echo(f"journey run all also publishes {'; '.join(lines)}.")
    typer.echo(f"The study is sound; its fingerprint is {definition.fingerprint}.")


_Of = Annotated[str, typer.Option("--study", help="Also list what this study declares.")]


@app.command(name="list")
@told
def list_stems(study: _Of = "") -> None:
    """List the reports that can be published, with their questions, parameters, and what a study adds."""
    from journey_lib.publish.agenda import own_reports
    from journey_lib.publish.places import notebooks, title_of

    own = own_reports(study) if study else {}
    for stem, notebook in notebooks().items():
        typer.echo(f"{stem}: {title_of(notebook)}")
        for line in own.get(stem, ()):
            typer.echo(f"  published as {line}")
        for name, meaning in _parameters(stem):
            typer.echo(f"  {name}  {meaning}")


_Stem = Annotated[str, typer.Argument(help="Which report, or all.")]
_Set = Annotated[list[str], typer.Option("--set", metavar="NAME=VALUE", help="A parameter; may be repeated.")]
_Segment = Annotated[
    str, typer.Option(help='Whom it is about: a saved segment, "column=value", or a rule as JSON.')
]
_Each = Annotated[str, typer.Option(help="One report each: segment (saved ones), region, wave, any column.")]
_Lang = Annotated[list[str], typer.Option(help="en or ko; may be repeated. Default: the study's language.")]
_Name = Annotated[str, typer.Option(help="File name without its ending. Default: made of the parameters.")]
_Jobs = Annotated[int, typer.Option(min=1, help="How many notebooks run at a time.")]
_Limit = Annotated[float, typer.Option(help="Seconds a notebook may take.")]
_AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="Day the reports speak for; nothing later is used.")
]
_Force = Annotated[bool, typer.Option("--force", help="With all: make unchanged reports anew, too.")]


@app.command(cls=RunCommand)
@told
def run(
    stem: _Stem,
    study: Study = SAMPLE,
    set_: _Set = [],  # noqa: B006 - typer makes a new list for every call
    segment: _Segment = "",
    each: _Each = "",
    lang: _Lang = [],  # noqa: B006
    as_of: _AsOf = "",
    name: _Name = "",
    jobs: _Jobs = 1,
    time_limit: _Limit = 1800,
    force: _Force = False,  # noqa: FBT002
) -> None:
    """Publish reports: run a notebook on a study and put its page into reports/.

    `all` publishes every notebook and what the study declares under [[reports]], and leaves those alone that
    a new run could not change.
    """
    from journey_lib.publish import process, workshop
    from journey_lib.publish.agenda import ALL, asked_for
    from journey_lib.publish.comparison import compare_each
    from journey_lib.publish.each import segments_of
    from journey_lib.publish.plan import Request
    from journey_lib.publish.run import run_all

    if workshop.available() and (stem != ALL or force):
        workshop.prepare(process.own_environment())  # it imports papermill while we read the study
    if segment and each:
        raise ParamError(Problem("--segment and --each", "are given together", action="Give one of them"))
    terminal.make_sample(study)
    found = segments_of(study, each) if each else None
    if found is not None and found.small:
        typer.echo(found.told(), err=True)
    shared = Request(
        stem, study, set_, segment, "", as_of, name, time_limit=time_limit, refresh=stem == ALL and not force
    )
    segments = found.segments if found else (segment,)
    requests = [one for s in segments for one in asked_for(replace(shared, segment=s), lang or [""])]
    with terminal.progress() as progress:
        outcomes = run_all(requests, jobs=jobs, progress=progress)
    for page in compare_each(outcomes, study, each) if each else []:
        typer.echo(terminal.near(page))
    if not terminal.told(outcomes):
        raise typer.Exit(1)


_Words = Annotated[list[str], typer.Argument(help="What it is about; quote names and rules.")]


@app.command()
@told
def segments(
    action: Annotated[
        str,
        typer.Argument(
            help="list, show NAME, save NAME RULE, edit NAME RULE, freeze NAME, duplicate NAME NEW, "
            "rename NAME NEW, remove NAME, diff ONE OTHER. A rule is column=value or JSON."
        ),
    ] = "list",
    words: _Words = [],  # noqa: B006 - typer makes a new list for every call
    study: Study = SAMPLE,
    description: Annotated[str, typer.Option(help="Why it is saved.")] = "",
    author: Annotated[str, typer.Option(help="Who saves it.")] = "",
) -> None:
    """Save, edit, freeze, compare and list the segments of a study."""
    from journey_lib.publish.saved import HEADS, answer

    terminal.make_sample(study)
    done = answer(study, action, words, description=description, author=author)
    for line in done.lines:
        typer.echo(line)
    if done.rows:
        terminal.show("Saved segments", HEADS, done.rows)


@app.command()
@told
def audience(
    name: Annotated[str, typer.Argument(help="A saved segment; NAME@VERSION for an older version.")],
    out: Annotated[Path, typer.Option(help="The file to write, in CSV.")],
    study: Study = SAMPLE,
    column: Annotated[list[str], typer.Option(help="A further column of customers; may be repeated.")] = [],  # noqa: B006
    holdout: Annotated[float, typer.Option(help="Share of customers to keep untreated, such as 0.1.")] = 0.0,
    salt: Annotated[str, typer.Option(help="Decides who is held out. Default: the segment's id.")] = "",
) -> None:
    """Write the customers of a saved segment to a file: ids, segment, version, day, n, and no more."""
    from journey_lib.publish.places import find_study
    from journey_lib.study.load import load_study
    from journey_lib.study.segments.audience import export_audience

    terminal.make_sample(study)
    told_to = load_study(find_study(study))
    made = export_audience(*told_to, name, out, columns=column, holdout=holdout, salt=salt)
    typer.echo(f"{terminal.near(out.resolve())}: {made.n:,} customers, {made.held_out:,} held out.")
    if made.consent == "unknown":
        typer.echo("The customers table has no column 'consent': make sure you may write to them.", err=True)
    elif made.without_consent:
        typer.echo(f"Left out for want of consent: {made.without_consent:,}.", err=True)


@app.command()
@told
def index(study: Study = SAMPLE) -> None:
    """Write the index of a study's reports anew."""
    from journey_lib.publish.index import rebuild
    from journey_lib.publish.places import find_study, reports_of
    from journey_lib.study.definition import read_study

    folder = reports_of(read_study(find_study(study)).id)
    for page in rebuild(folder):
        typer.echo(terminal.near(page))


@app.command()
@told
def new(stem: Annotated[str, typer.Argument(help="Name of the report, such as time_in_stage.")]) -> None:
    """Write measure, notebook and test of a new report, ready to be run and changed."""
    from journey_lib.publish.scaffold import new as written

    for file in written(stem):
        typer.echo(terminal.near(file))
    typer.echo(f"Then: journey run {stem}")


@app.command()
@told
def compare(
    first: Annotated[str, typer.Argument(help="Run id, as it stands under Provenance; the earlier run.")],
    second: Annotated[str, typer.Argument(help="Run id of the later run.")],
    study: Study = SAMPLE,
    rows: Annotated[int, typer.Option(min=1, help="How many of the moved numbers to show.")] = 20,
) -> None:
    """Show what moved between two published runs, the clearest first."""
    from journey_lib.publish.compare import COMPARED, told
    from journey_lib.publish.compare import compare as compared
    from journey_lib.publish.ledger import read_ledger
    from journey_lib.publish.places import find_study, reports_of
    from journey_lib.study.definition import read_study

    folder = reports_of(read_study(find_study(study)).id)
    found = compared(read_ledger(folder, all_runs=True), first, second)
    typer.echo(told(found))
    moved = found[found["status"] == "moved"].sort_values("noise", ascending=False).head(rows)
    names = [name for name in COMPARED if (moved[name] != "").any()]
    numbers = ("before", "after", "difference", "noise")
    shown = [
        (*(str(row[n]) for n in names), *(f"{row[n]:,.4g}" for n in numbers))
        for row in moved.to_dict("records")
    ]
    if shown:
        heads = [name.capitalize() for name in names] + [f">{name.capitalize()}" for name in numbers]
        title = f"{first}, then {second}. Noise: the difference in standard errors, as if nobody was in both"
        terminal.show(title, tuple(heads), shown)


@app.command(name="export")
@told
def export_ledger(
    folder: Annotated[Path, typer.Argument(help="Folder for the files; made when it is missing.")],
    study: Study = SAMPLE,
    format_: Annotated[str, typer.Option("--format", help="csv, parquet or xlsx.")] = "csv",
) -> None:
    """Write what the reports found for other tools, with labels and a dictionary of the columns."""
    from journey_lib.publish.export import export
    from journey_lib.publish.ledger import read_ledger
    from journey_lib.study.load import open_study

    definition = open_study(study)
    for file in export(definition, read_ledger(definition), folder, format_):
        typer.echo(terminal.near(file))


@maps.command(name="import")
@told
def import_map(
    table: Annotated[Path, typer.Argument(help="CSV, TSV or XLSX: stages and lanes, or one row an item.")],
    study: Study = SAMPLE,
    source: Annotated[str, typer.Option(help="Who says so, for items that do not say it.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Let the table win where notes differ.")] = False,  # noqa: FBT002
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,  # noqa: FBT002
) -> None:
    """Lay a table over the study's map.toml; what people wrote stays unless you say --replace."""
    from journey_lib.publish.map_table import import_table
    from journey_lib.study.load import open_study

    options = {"source": source, "replace": replace, "write": not dry_run}
    for line in import_table(open_study(study), table, **options):  # type: ignore[arg-type]
        typer.echo(line)


@maps.command(name="export")
@told
def export_map(
    table: Annotated[Path, typer.Argument(help="The file to write; ends in .csv or .xlsx.")],
    study: Study = SAMPLE,
    tidy: Annotated[bool, typer.Option("--tidy", help="One row an item, both languages.")] = False,  # noqa: FBT002
    lang: Annotated[str, typer.Option(help="en or ko. Default: the study's language.")] = "",
) -> None:
    """Write what people know of the journey as a table: stages across, lanes down."""
    from journey_lib.publish.map_table import export_table
    from journey_lib.study.load import open_study

    typer.echo(terminal.near(export_table(open_study(study, lang=lang), table, tidy=tidy).resolve()))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@told
def lab(ctx: typer.Context) -> None:
    """Open the workbench in JupyterLab, for this machine only; further options go to JupyterLab."""
    from journey_lib.publish.places import home

    place = home()
    terminal.make_sample(SAMPLE)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={place}",
    ]
    done = subprocess.run([*command, *ctx.args], cwd=place, check=False)  # noqa: S603 - the user's own options
    raise typer.Exit(done.returncode)


def _stems() -> list[str]:
    from journey_lib.publish.places import notebooks

    try:
        return list(notebooks())
    except JourneyError:
        return []


def _parameters(stem: str) -> list[tuple[str, str]]:
    """Return name and meaning of each parameter, as its class declares them."""
    from journey_lib.publish.plan import described

    return described(stem)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
