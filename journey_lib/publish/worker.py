"""The worker process: executes one notebook, judges it, and writes the page into the staging folder.

It is started by `journey_lib.publish.process` and speaks JSON lines: one job comes in, steps go out, and the
last line is either `done` or `failed`. When its parent goes away it ends its kernel and itself.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

from journey_lib.errors import JourneyError, Problem
from journey_lib.publish.places import REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbformat import NotebookNode

KERNEL = "python3"
_SAVE_EVERY = 10.0  # seconds
OURS = ("JourneyError", "StudyError", "DataError", "AbsentError", "ParamError", "RunError")


def main() -> None:
    """Wait for one job, do it, say how it went."""
    out = _own_channel()

    def say(at: str, **more: object) -> None:
        out.write(json.dumps({"at": at, **more}) + "\n")
        out.flush()

    say("ready", pid=os.getpid())
    prepare()
    orders = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a fork must not share sys.stdin
    if line := orders.readline():
        threading.Thread(target=_end_with_parent, args=(orders,), daemon=True).start()
        work(json.loads(line), say)


def work(job: dict[str, Any], say: Callable[..., None]) -> None:
    """Do one job and report its end, whatever happens: silence means that this process died."""
    try:
        notebook = execute(job, say)
        say("page")
        from journey_lib.publish.report import publishable

        publishable(notebook, job)
        say("done", cpu=sum(os.times()[:4]))  # the kernel's included: it is gone
    except JourneyError as error:
        say("failed", text=str(error))
    except Exception as error:  # noqa: BLE001 - the parent turns it into one line and a log
        import traceback

        with suppress(OSError):  # the log may lie on the disk that is full
            traceback.print_exc()
        say("failed", text=str(_told(error, job)), kind=getattr(error, "ename", ""))


def execute(job: dict[str, Any], say: Callable[..., None]) -> NotebookNode:
    """Run the notebook with papermill in a kernel of this very interpreter."""
    _use_this_interpreter(Path(job["staging"]))
    os.environ[REPORTS] = job["reports"]
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    threading.Thread(target=load_converter, daemon=True).start()
    watch = Watch(job, say)
    say("kernel")
    try:
        executed: NotebookNode = execute_notebook(
            job["notebook"],
            job["executed"],
            parameters=job["parameters"],
            kernel_name=KERNEL,
            language="python",
            cwd=job["cwd"],
            progress_bar=False,
            request_save_on_cell_execute=False,  # papermill writes it twice a cell: a second of a small run
            start_timeout=min(job["time_limit"], 120),
            on_notebook_start=watch.starts,
            on_cell_execute=watch.goes_on,
        )
    except PapermillExecutionError:  # papermill has written the notebook, with a mark at the cell
        raise
    except Exception:
        with suppress(OSError):
            watch.save()
        raise
    return executed


class Watch:
    """Follows a notebook while it runs: tells the parent, and keeps a copy for whoever must mend it."""

    def __init__(self, job: dict[str, Any], say: Callable[..., None]) -> None:
        self.job, self.say = job, say
        self.notebook: NotebookNode | None = None
        self.cell, self.saved = 0, time.monotonic()

    def starts(self, notebook: NotebookNode) -> None:
        """Remember the notebook that is being filled."""
        self.notebook = notebook

    def goes_on(self, **_: object) -> None:
        """Say which cell runs; the parent may end us at any time, so save what there is now and then."""
        self.cell += 1
        self.say("cell", index=self.cell, total=self.job["cells"])
        if time.monotonic() - self.saved > _SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write the notebook as far as it has run."""
        self.saved = time.monotonic()
        if self.notebook is not None:
            Path(self.job["executed"]).write_text(json.dumps(self.notebook), encoding="utf-8")


def _told(error: Exception, job: dict[str, Any]) -> Problem:
    """Return what went wrong in one line that cannot hold a respondent's answer."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    where, log = job["file"], f"The log is {job['name']}.failed.log"
    if isinstance(error, PapermillExecutionError):
        cell = f"cell {error.exec_count or error.cell_index + 1}"
        if error.ename in OURS:
            return Problem(where, f"{cell} stopped: {error.evalue.rstrip('.')}")
        return Problem(where, f"{cell} failed with {error.ename}", action=log)
    if isinstance(error, DeadKernelError):
        given = "its kernel died; it was killed, ran out of memory or crashed"
        return Problem(where, given, action=log)
    if isinstance(error, NoSuchKernel | FileNotFoundError) or "Kernel died before" in str(error):
        action = "Install ipykernel into this environment"
        return Problem(where, "the Python kernel could not be started", action=f"{action}. {log}")
    if isinstance(error, OSError):
        return Problem(where, f"could not be written: {error.strerror or type(error).__name__}")
    return Problem(where, f"publishing failed with {type(error).__name__}", action=log)


def _own_channel() -> TextIO:
    """Keep the pipe to the parent for ourselves; what libraries print goes to the log."""
    own: IO[str] = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return own  # type: ignore[return-value]


def prepare() -> None:
    """Import what runs a notebook."""
    # jsonschema compiles a grammar for a format no notebook uses: 2 s of every start without this line.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    with suppress(ImportError):  # said again, and told, when the job needs it
        import papermill.execute  # noqa: F401


def load_converter() -> None:
    """Import what makes the page, and convert nothing once: its tables and patterns are made on first use."""
    with suppress(ImportError):
        import pyarrow.json
        import pyarrow.parquet  # noqa: F401
        from nbformat import NotebookNode

        from journey_lib.publish.report import Page, rendered

        nothing = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        rendered(NotebookNode(nothing), Page.blank())  # type: ignore[no-untyped-call]


def _use_this_interpreter(staging: Path) -> None:
    """Let `python3` mean this interpreter, and keep the run's connection and history files with the run."""
    spec = staging / "jupyter" / "kernels" / KERNEL
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}), encoding="utf-8"
    )
    os.environ["JUPYTER_PATH"] = str(staging / "jupyter")
    os.environ["JUPYTER_RUNTIME_DIR"] = str(staging / "runtime")
    os.environ["IPYTHONDIR"] = str(staging / "ipython")


def _end_with_parent(pipe: TextIO) -> None:
    """End kernel and worker when the parent is gone: it keeps the pipe open as long as it lives."""
    while pipe.readline():
        continue
    from journey_lib.publish.process import MARK, end_all

    end_all(os.environ.get(MARK, ""))
    os._exit(1)


if __name__ == "__main__":
    main()
