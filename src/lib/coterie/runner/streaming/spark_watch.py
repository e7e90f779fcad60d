"""`coterie watch --spark`: the loop over Spark's stream; its state lies in a folder of the lake."""

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from coterie.lake import Lake, owned, write_private_file
from coterie.runner.streaming.beginning import begin, changed
from coterie.runner.streaming.places import FOLDER, INBOX, LOCK, SPARK
from coterie.runner.streaming.watching import Options
from coterie.study import SettingsError, Study

if TYPE_CHECKING:  # an extra that most do without
    from pyspark.sql import SparkSession

    from coterie.runner.streaming.spark import Marks, SparkState

NOT_HERE = "--spark needs Spark and Java 17: pip install 'coterie[spark]'."
ONE_MACHINE = (
    "webhook",
    "finish",
    "wall_clock",
    "mapped",
)  # what only the watch on one machine does
DEFINITION = "definition.txt"


def watch_on_spark(
    study: Study, options: Options, *, tell: Callable[[str], None], fresh: bool = False
) -> "Marks":
    """Apply a study's triggers on Spark to the files that come, until somebody stops it.

    Raises
    ------
    SettingsError
        When Spark is not here, an option is not for it, the triggers are others than those that the
        state was made with, or another watch runs.
    """
    if asked := [name for name in ONE_MACHINE if getattr(options, name)]:
        raise SettingsError(f"--{asked[0].replace('_', '-')} is for one machine: not with --spark.")
    spark = session()
    lake = Lake(study.name)
    folder = lake.claimed() / FOLDER / SPARK
    inbox = options.inbox or lake.folder / FOLDER / INBOX
    for place in (folder, inbox):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(folder, study.name):
        state = opened(lake, study, folder, options, spark=spark, fresh=fresh)
        tell(f"Events are read from {inbox}; decisions lie in {folder}, a folder each batch.")
        return loop(spark, inbox, state, options, tell=tell)


def session() -> "SparkSession":
    """Start Spark, or join what is configured (SPARK_CONF_DIR, spark-submit).

    Raises
    ------
    SettingsError
        When it is not installed, or finds no Java.
    """
    try:
        from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise SettingsError(NOT_HERE) from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # another one may lack our packages
    try:
        return SparkSession.builder.appName("coterie watch").getOrCreate()
    except (PySparkRuntimeError, FileNotFoundError):  # no Java, or none that starts
        raise SettingsError(NOT_HERE) from None


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Let one process at a time work on a stream's state; the system frees it when it is killed.

    Raises
    ------
    SettingsError
        When another one does.
    """
    with open(folder / LOCK, "a", opener=owned) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(f"Another watch of {name} is running on Spark.") from None
        yield


def opened(
    lake: Lake, study: Study, folder: Path, options: Options, *, spark: "SparkSession", fresh: bool
) -> "SparkState":
    """Open the state of a stream; a new one begins with the events of the last run."""
    from coterie.runner.streaming.spark import SparkState  # noqa: PLC0415 - slow to import

    start = begin(lake, study)
    if fresh:
        for part in [part for part in folder.iterdir() if part.name != LOCK]:
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    clocks = ibis.memtable(start.calendar.clocks.to_pyarrow())  # which Spark can read
    calendar = start.calendar._replace(clocks=clocks)
    state = SparkState(folder, start.triggers, calendar, lateness=options.lateness)
    written = folder / DEFINITION
    if written.exists() and written.read_text(encoding="utf-8") != start.definition:
        raise changed(study)
    if state.marks.batch < 0:
        history = folder / "history"
        shutil.rmtree(history, ignore_errors=True)
        history.mkdir(mode=0o700)
        rows = start.history.to_pyarrow()
        moments = rows["at"].cast(pa.timestamp("us", "UTC"))  # as Spark writes them
        rows = rows.set_column(rows.column_names.index("at"), "at", moments)
        pq.write_table(rows, history / "events.parquet")
        state.begin(spark.read.parquet(str(history)))
        shutil.rmtree(history)
    write_private_file(written, start.definition.encode())
    return state


def loop(
    spark: "SparkSession",
    inbox: Path,
    state: "SparkState",
    options: Options,
    *,
    tell: Callable[[str], None],
) -> "Marks":
    """Look for new files again and again, or once."""
    from coterie.runner.streaming.spark import stream_files  # noqa: PLC0415

    try:
        marks = stream_files(spark, inbox, state)
        while not options.once:
            time.sleep(options.every)
            marks = stream_files(spark, inbox, state)
    except KeyboardInterrupt:
        tell("Stopped; the next watch goes on from here.")
        marks = state.marks
    tell(
        f"Since it began: {marks.n_events:,} events, {marks.n_twice:,} that came twice, "
        f"{marks.n_late:,} too late, {marks.n_unreadable:,} unreadable."
    )
    return marks
