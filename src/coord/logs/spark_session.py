"""A session of Spark for one command: started without a word on the terminal, and gone without a trace.

Where Spark computes is for its own configuration to say (`spark.master` in spark-defaults.conf); it is this
machine if that says nothing.
"""

import logging
import os
import shutil
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING, Any

from coord.errors import CoordError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOG = "spark.log"
_PATIENCE = 20.0
"""Seconds for Spark to end by itself."""

_SHOWN = 200
_OPTIONS = "JDK_JAVA_OPTIONS"
_THREAD = 'Exception in thread "main" '

_ALWAYS = {
    "spark.app.name": "coord",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@contextmanager
def session(folder: str) -> "Iterator[SparkSession]":
    """A session whose files are in a folder. Raises CoordError where Spark is missing or does not start."""
    _check_installed()
    log, before = Path(folder) / _LOG, signal.getsignal(signal.SIGINT)
    gateway, level = None, logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # what goes wrong is told as an error of coord, or not at all
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ibis  # noqa: PLC0415 - only analyses need it

            _ = ibis.pyspark  # what writes expressions for Spark is not there before it was asked for
            with _uninterrupted():
                gateway = _gateway(log)
            found = _session(gateway, folder, log)
        yield found
    finally:
        _stop(gateway)
        logging.disable(level)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)  # Spark has put its own in its place


def _check_installed() -> None:
    missing = [name for name in ("pyspark", "pandas") if find_spec(name) is None]
    if missing:
        raise CoordError(
            f"--engine spark needs {' and '.join(missing)}, not installed here. Run `pip install "
            "'coord[spark]'`, or leave --engine out: DuckDB gives the same results."
        )
    if "SPARK_REMOTE" in os.environ:
        raise CoordError(
            "--engine spark starts Spark itself, and SPARK_REMOTE names a server of Spark Connect, which it "
            "does not speak to. Unset it, and name a cluster as `spark.master` in spark-defaults.conf."
        )
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else "java"
    if shutil.which(java) is None:
        where = f"JAVA_HOME is {home}, and there is no {java}" if home else "there is no program `java`"
        raise CoordError(
            f"--engine spark needs Java 17 or 21, and {where}. Install it (`apt-get install "
            "openjdk-17-jre-headless`), or leave --engine out: DuckDB gives the same results."
        )


def _gateway(log: Path) -> Any:
    """Spark's own process, with all that it says in a file."""
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415

    given = os.environ.get(_OPTIONS)
    os.environ[_OPTIONS] = f'{given or ""} "-Djava.io.tmpdir={log.parent}"'.strip()
    try:
        with log.open("wb") as file:
            return launch_gateway(popen_kwargs={"stdout": file, "stderr": file})
    except (PySparkException, OSError):
        raise _not_started(log) from None
    finally:
        del os.environ[_OPTIONS]
        if given is not None:
            os.environ[_OPTIONS] = given


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until this is done, when there is a process to end; a second one does not wait."""
    waiting: list[int] = []

    def wait(number: int, frame: object) -> None:
        del frame
        if waiting:
            raise KeyboardInterrupt
        waiting.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        raise KeyboardInterrupt


def _session(gateway: Any, folder: str, log: Path) -> "SparkSession":
    from py4j.protocol import Py4JError  # noqa: PLC0415
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    conf = SparkConf(_jvm=gateway.jvm)
    for name, value in _ALWAYS.items():
        conf.set(name, value)
    if conf.get("spark.master").startswith("local"):
        for name, value in _on_this_machine(folder).items():
            conf.setIfMissing(name, value)
    try:
        context = SparkContext(gateway=gateway, conf=conf)
        context.setLogLevel("ERROR")
        return SparkSession(context)
    except (PySparkException, Py4JError, OSError, ValueError):
        raise _not_started(log) from None


def _on_this_machine(folder: str) -> dict[str, str]:
    """Nothing outside the folder, nobody on the network, and no more parts than there are processors for."""
    return {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": folder,
        "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),
        "spark.sql.warehouse.dir": folder,
    }


def _stop(gateway: Any) -> None:
    """End the session and Spark's process, whatever state they are in."""
    if gateway is None:
        return
    from pyspark import SparkContext  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    running, context = SparkSession._instantiatedSession, SparkContext._active_spark_context
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for each in (running, context):
            with suppress(Exception):
                each.stop()
        with suppress(Exception):
            gateway.shutdown()
    # whatever became of them, the next session has a process of its own
    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
    SparkSession._instantiatedSession = None
    if gateway.proc is not None:
        gateway.proc.stdin.close()  # it ends when nobody speaks to it any more
        try:
            gateway.proc.wait(_PATIENCE)
        except TimeoutExpired:
            pass
        finally:  # also after a second interrupt
            gateway.proc.kill()
            gateway.proc.wait()


def _not_started(log: Path) -> CoordError:
    """With what Spark said first of what is wrong."""
    lines = log.read_text("utf-8", errors="replace").splitlines() if log.is_file() else []
    wrong = [line.strip() for line in lines if "Error" in line or "Exception" in line]
    why = f" ({wrong[0].removeprefix(_THREAD)[:_SHOWN]})" if wrong else ""
    return CoordError(
        f"Spark did not start{why}. It needs Java 17 or 21, and a configuration (spark-defaults.conf) that "
        "is right."
    )
