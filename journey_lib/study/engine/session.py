"""Starts Spark on this machine, or says in one line what it lacks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from journey_lib.errors import Problem, RunError
from journey_lib.study.engine.spark import quiet

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17


def local_session(cores: int = 2, *, memory: str = "2g") -> SparkSession:
    """Start Spark on this machine alone: bound to the loopback, without its web page.

    Parameters
    ----------
    cores : int
        How many workers.
    memory : str
        Of the Java process, as Spark writes it.

    Returns
    -------
    SparkSession

    Raises
    ------
    RunError
        When pyspark or Java is missing, or Java is too old.

    Examples
    --------
    Where Java is installed::

        spark = local_session(2)
    """
    check_spark()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers miss the packages
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with quiet():
        from pyspark.sql import SparkSession

        builder = SparkSession.Builder().master(f"local[{cores}]").appName("journey")
        for key, value in {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": memory,
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": str(2 * cores),
            "spark.log.level": "ERROR",
        }.items():
            builder = builder.config(key, value)
        return builder.getOrCreate()


def started_session() -> SparkSession:
    """Return the Spark session that runs in this program; without one, start one on this machine.

    Raises
    ------
    RunError
        When pyspark or Java is missing, or Java is too old.
    """
    check_spark()
    with quiet():
        from pyspark.sql import SparkSession

        return SparkSession.getActiveSession() or local_session()


def check_spark() -> None:
    """Raise one clear error when pyspark or a Java that runs it is missing.

    Raises
    ------
    RunError
        Saying what to install.
    """
    from importlib.util import find_spec

    if find_spec("pyspark") is None:
        action = "Install it with: pip install 'journey-workbench[spark]'"
        raise RunError(Problem("Spark", "the package pyspark is not installed", action=action))
    action = f"Install Java {OLDEST_JAVA} or newer (Debian: openjdk-17-jre-headless), or set JAVA_HOME"
    java = _java()
    if not java:
        raise RunError(Problem("Spark", "no Java was found", action=action))
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        given = f"Java {version[1]} is too old" if version else "Java does not run"
        raise RunError(Problem("Spark", given, action=action))


def _java() -> str:
    home = os.environ.get("JAVA_HOME", "")
    own = Path(home, "bin", "java.exe" if os.name == "nt" else "java")
    return str(own) if home and own.exists() else shutil.which("java") or ""
