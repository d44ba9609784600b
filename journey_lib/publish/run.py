"""Publishing as a transaction: a report appears whole, or yesterday's stays as it was."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from journey_lib.errors import JourneyError, Problem, RunError
from journey_lib.publish import index, provenance
from journey_lib.publish.files import Lock, swap, write
from journey_lib.publish.inputs import still_absent, unchanged
from journey_lib.publish.ledger import FOLDER
from journey_lib.publish.places import HOME, READ_THE_LEDGER, home, notebooks
from journey_lib.publish.plan import TIME_LIMIT, Plan, Request, Settings, plan, plan_all
from journey_lib.publish.process import Worker

if TYPE_CHECKING:
    from datetime import datetime

FAILED = (".failed.ipynb", ".failed.log", ".failed.json")
ABSENT = ".absent.json"
NOT_APPLICABLE = "not applicable"
UNCHANGED = "unchanged"


class _AbsentError(RunError):
    """The study does not have what a report needs that nobody asked for by name."""


@dataclass(frozen=True)
class RunOutcome:
    """What became of one run.

    Attributes
    ----------
    report : Path
        The published page; after a failure the last good one, if there is one.
    ledger : Path
        The run's part of the ledger; after a failure the ledger's folder.
    status : str
        "published", "failed", "unchanged" (a new run could not say anything else), or "not applicable": the
        study does not have what the report needs, and nobody asked for this report by name.
    seconds : float
        How long it took.
    message : str
        Why it was not published, in one line; of an unchanged one the run that made it. "" when it was.

    Examples
    --------
    >>> RunOutcome(Path("survey.html"), Path("ledger"), "published", 4.2).status
    'published'
    """

    report: Path
    ledger: Path
    status: str
    seconds: float
    message: str = ""


@dataclass(frozen=True)
class Step:
    """How far one report is: its file, what happens now, and how many cells are done of how many."""

    file: str
    text: str
    done: int = 0
    total: int = 0


Progress: TypeAlias = Callable[[Step], None]


def run(
    stem: str,
    *,
    study: str | Path = "data/sample",
    set: Settings | None = None,  # noqa: A002 - the word of the command line
    segment: str = "",
    lang: str = "",
    as_of: str = "",
    name: str = "",
    reports: str | Path | None = None,
    time_limit: float = TIME_LIMIT,
    progress: Progress | None = None,
) -> RunOutcome:
    """Publish one report and return where it is.

    Parameters
    ----------
    stem : str
        The notebook, such as "survey".
    study : str or Path
        Folder of the study; a relative path is looked up from the working directory upwards.
    set : mapping or iterable of str, optional
        Parameters of the measure by name, or as "name=value" texts.
    segment : str
        Whom the report is about; "" for everybody.
    lang : str
        "en" or "ko"; "" for the language of the study.
    as_of : str
        Day the report speaks for, as an ISO date; "" for today.
    name : str
        File name without its ending; "" makes one of stem and parameters, the same for the same parameters.
    reports : str or Path, optional
        Where the studies' folders of reports lie; by default `reports` in the project.
    time_limit : float
        Seconds after which notebook and kernel are ended.
    progress : callable, optional
        Is told every step.

    Returns
    -------
    RunOutcome
        With `status` "published".

    Raises
    ------
    JourneyError
        `ParamError` or `StudyError` before anything has started, `RunError` after. The last good report is
        untouched, and a failed run leaves its notebook and log beside it.

    Examples
    --------
    >>> run("survey", study="data/sample", set={"lang": "ko"}).report.name
    'survey.ko.html'
    """
    worker = Worker({HOME: str(home())})  # its imports take a second: let them run while we validate
    try:
        request = Request(stem, study, set or {}, segment, lang, as_of, name, reports, time_limit)
        return _publish(plan(request), worker, progress or _silent, None)
    finally:
        worker.close()


def run_all(
    requests: Iterable[Request], *, jobs: int = 1, progress: Progress | None = None
) -> list[RunOutcome]:
    """Publish several reports; one that fails does not keep the others back.

    Parameters
    ----------
    requests : iterable of Request
        What to publish. All are checked before the first starts; those that read the ledger run last.
    jobs : int
        How many notebooks run at a time.
    progress : callable, optional
        Is told every step of every run.

    Returns
    -------
    list of RunOutcome
        In the order of publication; look at `status`.

    Raises
    ------
    JourneyError
        If any request is wrong, with all problems; nothing has been started then.
    """
    plans = plan_all(requests)
    plain = [p for p in plans if p.request.stem not in READ_THE_LEDGER]
    last = [p for stem in READ_THE_LEDGER for p in plans if p.request.stem == stem]
    tell, stop = progress or _silent, threading.Event()
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        try:
            outcomes = _together(pool, plain, tell, stop)
            for one in last:  # each may read the rows of the one before
                outcomes += _together(pool, [one], tell, stop)
            _index_unchanged(outcomes)
        except BaseException:
            stop.set()
            raise
    return outcomes


def every_stem(**shared: object) -> list[Request]:
    """Return requests for every notebook there is, with the same study, settings and so on.

    Parameters
    ----------
    **shared : object
        Fields of `Request`, the stem aside.
    """
    return [Request(stem, **shared, every=True) for stem in notebooks()]  # type: ignore[arg-type]


def _together(
    pool: ThreadPoolExecutor, plans: list[Plan], tell: Progress, stop: threading.Event
) -> list[RunOutcome]:
    waiting = [pool.submit(_outcome, one, tell, stop) for one in plans]
    while wait(waiting, timeout=0.2).not_done:  # short waits let Ctrl-C through on every system
        continue
    return [future.result() for future in waiting]


def _outcome(one: Plan, tell: Progress, stop: threading.Event) -> RunOutcome:
    """Publish one of several: a failure becomes an outcome."""
    started = time.monotonic()
    if stop.is_set():
        raise KeyboardInterrupt
    if one.request.refresh and (settled := _settled(one, tell)):
        return settled
    worker = Worker({HOME: str(home())})
    try:
        return _publish(one, worker, tell, stop)
    except JourneyError as error:
        status = NOT_APPLICABLE if isinstance(error, _AbsentError) else "failed"
        tell(Step(one.file, status))
        seconds = time.monotonic() - started
        return RunOutcome(one.place(".html"), one.folder / FOLDER, status, seconds, str(error))
    finally:
        worker.close()


def _settled(one: Plan, tell: Progress) -> RunOutcome | None:
    """Return the outcome of a run that need not be made: its report would come out as it lies there."""
    outcome = None
    if told := unchanged(one):
        part, since = one.folder / FOLDER / f"{told['run_id']}.parquet", f"unchanged since {told['run_id']}"
        outcome = RunOutcome(one.place(".html"), part, UNCHANGED, 0.0, since)
    elif one.request.every and (reason := still_absent(one, ABSENT)):
        outcome = RunOutcome(one.place(".html"), one.folder / FOLDER, NOT_APPLICABLE, 0.0, reason)
    if outcome:
        tell(Step(one.file, outcome.status, 1, 1))
    return outcome


def _index_unchanged(outcomes: list[RunOutcome]) -> None:
    """Write indexes that no run has written: somebody may have deleted one."""
    for folder in {outcome.report.parent for outcome in outcomes if outcome.status == UNCHANGED}:
        if not any(o.status == "published" and o.report.parent == folder for o in outcomes):
            _index(folder)


def _publish(one: Plan, worker: Worker, tell: Progress, stop: threading.Event | None) -> RunOutcome:
    started = time.monotonic()
    try:
        (one.folder / FOLDER).mkdir(parents=True, exist_ok=True)
        with Lock(one.folder / f".{one.name}.lock", one.file):
            part = _transaction(one, worker, tell, stop)
    except OSError as error:
        raise _unwritten(one.file, error) from error
    _index(one.folder)
    seconds = time.monotonic() - started
    tell(Step(one.file, f"published in {seconds:.0f} s", 1, 1))
    return RunOutcome(one.place(".html"), part, "published", seconds)


def _transaction(one: Plan, worker: Worker, tell: Progress, stop: threading.Event | None) -> Path:
    """Stage, run, verify, put in place; a failure leaves what helps to find its cause, and nothing else."""
    at = provenance.now()
    staging = one.folder / f".staging-{one.name}"
    shutil.rmtree(staging, ignore_errors=True)  # we hold the lock: it was left by a run that is gone
    job = one.job(staging, at)
    try:
        staging.mkdir()
        worker.send(job)
        threading.Thread(target=index.prepare, daemon=True).start()
        _follow(one, worker, tell, stop)
        worker.end()
        tell(Step(one.file, "putting it in place"))
        part = one.folder / FOLDER / f"{job['run_id']}.parquet"
        swap(
            [
                (staging / "part.parquet", part),
                (staging / "page.json", one.place(".json")),
                (staging / "page.html", one.place(".html")),
            ],
            keep=staging,
        )
    except (OSError, JourneyError) as error:
        worker.end()
        failure = error if isinstance(error, JourneyError) else _unwritten(one.file, error)
        if isinstance(failure, _AbsentError):
            _keep_absence(one, str(failure), job["inputs"])
        else:
            _keep_failure(one, staging, at, str(failure), worker.log())
        raise failure from error
    finally:
        worker.end()
        shutil.rmtree(staging, ignore_errors=True)
    _forget(one, *FAILED, ABSENT)
    return part


def _forget(one: Plan, *endings: str) -> None:
    for ending in endings:
        with suppress(OSError):
            one.place(ending).unlink(missing_ok=True)


def _follow(one: Plan, worker: Worker, tell: Progress, stop: threading.Event | None) -> None:
    """Pass the worker's steps on until it is done.

    Raises
    ------
    RunError
        When it says that it failed, when the time is over, or when it falls silent.
    """
    for event in worker.events(one.file, one.request.time_limit, stop):
        if event["at"] == "done":
            return
        if event["at"] == "failed":
            raise (_AbsentError if _absent(one, event.get("kind", "")) else RunError)(event["text"])
        if event["at"] == "cell":
            tell(Step(one.file, "running", event["index"], event["total"]))
        else:
            tell(Step(one.file, {"kernel": "starting the kernel", "page": "making the page"}[event["at"]]))
    given = "its worker process ended without a word"
    raise RunError(Problem(one.file, given, action=f"The log is {one.name}.failed.log"))


def _absent(one: Plan, kind: str) -> bool:
    """Say whether a report nobody asked for by name lacks its data, or cannot choose its question itself."""
    return one.request.every and kind in ("AbsentError", "ParamError")


def _keep_absence(one: Plan, reason: str, made_of: dict[str, str]) -> None:
    """Leave one line for the index: the report does not apply to this study."""
    about: dict[str, object] = {"stem": one.request.stem, "lang": one.lang}
    about |= {"absent": reason.splitlines()[0], "inputs": made_of}
    _forget(one, *FAILED)
    with suppress(OSError):
        write(one.place(ABSENT), json.dumps(about, ensure_ascii=False, indent=1))
    with suppress(OSError, JourneyError):
        index.rebuild(one.folder)


def _keep_failure(one: Plan, staging: Path, at: datetime, reason: str, log: str) -> None:
    """Leave notebook, log and reason beside the last good report; a full disk may prevent even that."""
    executed = staging / "executed.ipynb"
    _forget(one, ABSENT)
    with suppress(OSError):
        one.place(".failed.log").write_text(f"{reason}\n\n{log}\n", encoding="utf-8")
        about = {
            "stem": one.request.stem,
            "name": one.name,
            "lang": one.lang,
            "settings": one.settings,
            "failed": at.isoformat(),
            "reason": reason.splitlines()[0],
        }
        write(one.place(".failed.json"), json.dumps(about, ensure_ascii=False, indent=1))
        text = one.notebook.read_text(encoding="utf-8")
        with suppress(
            OSError, ValueError
        ):  # it may be half written or missing: then the plain notebook serves
            json.loads(executed.read_text(encoding="utf-8"))
            text = executed.read_text(encoding="utf-8")
        one.place(".failed.ipynb").write_text(text, encoding="utf-8")
    with suppress(OSError, JourneyError):
        index.rebuild(one.folder)


def _index(folder: Path) -> None:
    try:
        index.rebuild(folder)
    except OSError as error:
        given = f"could not be written: {error.strerror or type(error).__name__}"
        action = "The report itself is published; `journey index` tries again"
        raise RunError(Problem("index.html", given, action=action)) from error


def _unwritten(file: str, error: OSError) -> RunError:
    reason = error.strerror or type(error).__name__
    return RunError(
        Problem(file, f"could not be written: {reason}", action="The last good report is untouched")
    )


def _silent(step: Step) -> None:
    del step
