"""JupyterLab as a researcher uses it: a server on this machine, a notebook opened in Chromium and run."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as PatienceError

START, OPEN, RUN = 240, 240, 600  # seconds a busy machine may need; every wait ends with what it waits for
SETTINGS = {  # off-screen cells stay in the page, and no first-run question covers it
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false"},
}
# The mark in the toolbar is idle before there is a kernel; running then asks the reader to select one.
IDLE = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
RUN_ALL = "() => { void window.jupyterapp.commands.execute('notebook:run-all-cells') }"
PROMPTS = """() => [...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell .jp-InputPrompt')]
  .map(prompt => prompt.textContent)"""
# The open notebook as it would be saved: the prompts alone do not tell whether the last cell failed.
NOTEBOOK = "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON()"
FINISHED = f"""() => {{
  const code = ({NOTEBOOK})().cells.filter(cell => cell.cell_type === 'code');
  const failed = code.some(cell => cell.outputs.some(output => output.output_type === 'error'));
  const prompts = ({PROMPTS})();  // an error can stand there before its cell is marked as done
  const waiting = prompts.some(prompt => prompt.includes('*'));
  return !waiting && (failed || prompts.every(prompt => /^\\[\\d+\\]:$/.test(prompt)));
}}"""


@dataclass(frozen=True)
class Ran:
    """What a reader sees after Run All: the prompt of every code cell, and the outputs that are errors."""

    prompts: list[str]
    errors: list[str]

    @property
    def complete(self) -> bool:
        """Say whether every code cell got its number."""
        return bool(self.prompts) and all(re.fullmatch(r"\[\d+\]:", prompt) for prompt in self.prompts)


@contextmanager
def server(folder: Path, private: Path) -> Iterator[str]:
    """Serve a folder on a free loopback port and yield the address; nothing of the user's own is read."""
    port = free_port()
    for name, value in SETTINGS.items():
        file = private / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")
    with (private / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command(port, folder), cwd=folder, env=environment(private), stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            answer(address, process, private / "server.log")
            yield address
        finally:
            end(process)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(port: int, folder: Path) -> list[str]:
    """Return the command of the server. Without a token only because it listens on loopback, in a test."""
    return [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"),
    ]


def environment(private: Path) -> dict[str, str]:
    """Return the environment of a user who has never started JupyterLab."""
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "HOME": "home",
    }
    return os.environ | {name: str(private / folder) for name, folder in names.items()}


def answer(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers, or say what it wrote before it gave up."""
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/status", timeout=30):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise TimeoutError(f"JupyterLab did not answer: {log.read_text('utf-8', 'replace')[-2000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End the server and the kernels it started, by their ids; kernels have a session of their own."""
    try:
        tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        tree = []
    for member in tree:
        with suppress(psutil.NoSuchProcess):
            member.terminate()
    for member in psutil.wait_procs(tree, timeout=30)[1]:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    process.wait(timeout=60)


def run_all(browser: Browser, address: str, notebook: str, pictures: Path) -> Ran:
    """Open a notebook and run every cell; on time-out keep a picture and try once more on a fresh page."""
    try:
        return run_once(browser, f"{address}/lab/tree/{notebook}?reset", pictures / "first-try.png")
    except PatienceError:
        return run_once(browser, f"{address}/lab/tree/{notebook}?reset", pictures / "second-try.png")


def run_once(browser: Browser, address: str, picture: Path) -> Ran:
    """Open, run all, wait until every code cell has its number or one failed."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(OPEN * 1000)
    try:
        page.goto(address, wait_until="commit")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        page.wait_for_function(IDLE)
        page.evaluate(RUN_ALL)  # not awaited: a dialog would hold it up without bound
        page.wait_for_function(FINISHED, timeout=RUN * 1000)
        return Ran(page.evaluate(PROMPTS), errors(page.evaluate(NOTEBOOK)))
    except PatienceError:
        page.screenshot(path=picture)
        raise
    finally:
        page.close()


def errors(notebook: dict) -> list[str]:
    """Return the error outputs of a notebook."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]
