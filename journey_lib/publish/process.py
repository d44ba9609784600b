"""One worker process a notebook, and the certainty that nothing of it stays behind."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from journey_lib.errors import Problem, RunError
from journey_lib.publish import workshop

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "JOURNEY_RUN_MARK"
_ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "BLIS")
_TICK = 0.2  # seconds between two looks at the clock
_PATIENCE = 5.0  # seconds for a killed process to be gone


class Worker:
    """A process that waits for one job; it is made early, so that it gets ready while we validate.

    The mark in its environment is inherited by the kernel and by whatever the notebook starts, so everything
    can be found and ended, even what left the process group or lost its parent.

    Parameters
    ----------
    environment : dict of str to str
        What the process needs beyond ours.
    """

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.mark = os.urandom(8).hex()
        self.process: psutil.Process | None = None
        self.heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        job, self._jobs = os.pipe()
        heard, out = os.pipe()
        whole = {**own_environment(), **(environment or {}), MARK: self.mark}
        self._own = _started(whole, job, out, self.errors.fileno())
        os.close(job)
        os.close(out)
        self._listener = threading.Thread(target=self._listen, args=(heard,), daemon=True)
        self._listener.start()

    def send(self, job: dict[str, Any]) -> None:
        """Hand the job over; the pipe stays open, because its end tells the worker that we are gone."""
        with suppress(BrokenPipeError):  # a worker that is gone already says so by its silence
            data = json.dumps(job).encode() + b"\n"
            while data:
                data = data[os.write(self._jobs, data) :]

    def events(
        self, what: str, time_limit: float, stop: threading.Event | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield what the worker reports until it is silent.

        Raises
        ------
        RunError
            When the time is over.
        KeyboardInterrupt
            When `stop` is set: somebody ended all runs.
        """
        end = time.monotonic() + time_limit
        while True:
            if stop is not None and stop.is_set():
                raise KeyboardInterrupt
            if time.monotonic() > end:
                given = f"did not finish within {time_limit:g} seconds"
                raise RunError(Problem(what, given, action="Give it more time or ask less of it"))
            with suppress(queue.Empty):
                event = self.heard.get(timeout=_TICK)
                if event is None:
                    return
                yield event

    def log(self) -> str:
        """Return what worker and kernel wrote as errors, ipykernel's standing warning about TCP left out."""
        self.errors.seek(0)
        lines = self.errors.read().decode("utf-8", "replace").splitlines()
        return "\n".join(line for line in lines if "TCP without encryption" not in line)

    def end(self) -> None:
        """End the worker and everything it started, whatever state it is in."""
        if self._jobs < 0:
            return
        os.close(self._jobs)  # a worker that we do not know yet ends by itself when this pipe ends
        self._jobs = -1
        end_all(self.mark, self.process)
        if self._own is not None:
            self._own.wait(timeout=_PATIENCE)
        self._listener.join(timeout=_PATIENCE)

    def close(self) -> None:
        """End everything and forget the log."""
        self.end()
        self.errors.close()

    def _listen(self, heard: int) -> None:
        with (
            os.fdopen(heard, encoding="utf-8") as lines,
            suppress(ValueError),
        ):  # a last line may be half written
            for line in lines:
                event = json.loads(line)
                if event["at"] == "ready":
                    with suppress(psutil.Error):
                        self.process = psutil.Process(event["pid"])
                else:
                    self.heard.put(event)
        self.heard.put(None)


def end_all(mark: str, worker: psutil.Process | None = None) -> None:
    """End every process that carries the mark; none of them has anything left to save."""
    for _ in range(5):  # what was just being started is found on the next look
        found = [*marked(mark), *([worker] if worker is not None and worker.is_running() else [])]
        if not found:
            return
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=1)


def marked(mark: str) -> list[psutil.Process]:
    """Return the living processes that carry the mark, ourselves left out."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
    return found


def _started(environment: dict[str, str], job: int, out: int, errors: int) -> subprocess.Popen[bytes] | None:
    """Start a worker: forked where that is possible, else a new interpreter, which is then our child."""
    if workshop.available():
        workshop.hire(environment, (job, out, errors))
        return None
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "journey_lib.publish.worker"],
        stdin=job,
        stdout=out,
        stderr=errors,
        env=environment,
        start_new_session=True,
    )


def own_environment() -> dict[str, str]:
    """Return ours with what every run gets: one thread for linear algebra, and this very package."""
    settings = {f"{library}_NUM_THREADS": "1" for library in _ONE_THREAD}
    settings["VECLIB_MAXIMUM_THREADS"] = "1"
    settings["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    root = Path(__file__).resolve().parents[2]
    if root.name not in ("site-packages", "dist-packages"):  # a checkout that is not installed
        settings["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, **settings}
