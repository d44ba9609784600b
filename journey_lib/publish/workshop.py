"""A process that has imported papermill and nbconvert once, and forks a fresh worker for every notebook.

Importing them takes longer than running a small notebook. The workshop holds no state of any run: each worker
is a new process with a new kernel. It ends with the process it serves, or after ten idle minutes.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress

IDLE = 600.0  # seconds after which an unused workshop ends
_LARGEST = 1 << 20  # bytes of one order: the environment of a process
_lock = threading.Lock()
_open: list[tuple[int, subprocess.Popen[bytes], socket.socket]] = []


def available() -> bool:
    """Say whether workers can be forked here; elsewhere each one is a new interpreter."""
    return sys.platform == "linux" and hasattr(socket, "send_fds")


def hire(environment: dict[str, str], files: tuple[int, int, int]) -> None:
    """Have a worker forked with this environment and these files as standard input, output and error.

    Parameters
    ----------
    environment : dict of str to str
        The whole environment of the worker.
    files : tuple of int
        Three open files; they stay open here.
    """
    order = json.dumps(environment).encode()
    with _lock:
        for attempt in range(2):  # an idle workshop may just have ended: then a new one is opened
            try:
                socket.send_fds(_workshop(environment), [order], files)
            except OSError:
                close()
                if attempt:
                    raise
            else:
                return


def prepare(environment: dict[str, str]) -> None:
    """Open the workshop before it is needed, so that it imports while something else is done."""
    with _lock:
        _workshop(environment)


def close() -> None:
    """End the workshop of this process; workers that are at work go on."""
    for owner, process, orders in _open:
        orders.close()
        if owner == os.getpid():  # a fork of ours shares the workshop, but does not own it
            process.kill()
            process.wait()
    _open.clear()


def _workshop(environment: dict[str, str]) -> socket.socket:
    if not _open:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                [sys.executable, "-P", "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**environment, "JOURNEY_RUN_MARK": ""},
                start_new_session=True,
            )
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST)
        _open.append((os.getpid(), process, ours))
        atexit.register(close)
    return _open[0][2]


def serve(orders: socket.socket) -> None:
    """Import what every worker needs, then fork one for each order."""
    from journey_lib.publish import worker

    worker.prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a worker here: no zombies
    for served in itertools.count():
        if not select.select([orders], [], [], IDLE)[0]:
            return
        if served == 1:  # the first worker loads its converter itself, while its kernel computes
            worker.load_converter()
        order, files, _, _ = socket.recv_fds(orders, _LARGEST, 3)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            _become(json.loads(order), files)
            worker.main()
            os._exit(0)
        for file in files:
            os.close(file)


def _become(environment: dict[str, str], files: list[int]) -> None:
    """Turn a fork into a process of its own: session, signals, environment, files."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    for standard, file in enumerate(files):
        os.dup2(file, standard)
        os.close(file)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, ConnectionError), socket.socket(fileno=int(sys.argv[1])) as given:
        serve(given)
