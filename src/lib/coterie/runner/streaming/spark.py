"""The same triggers on Spark Structured Streaming, for logs that one machine cannot hold.

Each micro-batch is `foreachBatch`: what arrived joins the tail of the past, the batch expression
decides on every moment up to the watermark, and a file of marks says that it is done. A batch that
was killed is written again over its own folder, and one that is done is left alone, so that every
event is decided on once; Spark's checkpoint knows which files were read. The folder lies where the
driver and all workers can write. Spark comes with `pip install 'coterie[spark]'` and Java 17.
"""

import json
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import ibis
import ibis.expr.types as ir

from coterie.lake import write_private_file
from coterie.rules.triggers.clocks import Calendar
from coterie.rules.triggers.decisions import DECISION, decide, nothing_decided, teach
from coterie.rules.triggers.syntax import Trigger
from coterie.rules.triggers.tail import tail_of
from coterie.runner.streaming.state import PAST

if TYPE_CHECKING:  # an extra that most do without
    from pyspark.sql import DataFrame, SparkSession

EVENT = {"event_id": "string", "person_id": "string", "at": "timestamp"}
EVENT |= {"verb": "string", "platform": "string"}
MOMENT = "try_cast(at as timestamp)"
IN_TIME = f"if({MOMENT} <= current_timestamp() + interval 1 day, {MOMENT}, null)"
LINES = ", ".join(f"{name} string" for name in EVENT)  # what Spark looks for in a line
LONG_AGO = datetime(1970, 1, 1)
MARKS, EVENTS, DECISIONS, ROWS, CHECKPOINT = "marks.json", "events", "decisions", "rows", "read"
UTC = "spark.sql.session.timeZone"
BEFORE = 0  # the batch of what was before the stream; those of the stream follow


class Marks(NamedTuple):
    """How far a stream has come."""

    batch: int = -1  # the last micro-batch that is done
    until: datetime = LONG_AGO  # the watermark: no event before it is waited for any more
    newest: datetime = LONG_AGO
    n_events: int = 0
    n_late: int = 0  # older than the watermark, left out
    n_twice: int = 0  # here already
    n_unreadable: int = 0  # lines that are no event


class SparkState:
    """The state of a stream in a folder: the tail, every decision, and the marks."""

    def __init__(
        self,
        folder: Path,
        triggers: Sequence[Trigger],
        calendar: Calendar,
        *,
        lateness: timedelta = timedelta(0),
    ) -> None:
        self.folder, self.triggers, self.calendar = folder, list(triggers), calendar
        self.lateness = lateness
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def marks(self) -> Marks:
        """Read how far the stream has come."""
        file = self.folder / MARKS
        if not file.exists():
            return Marks()
        read = json.loads(file.read_text(encoding="utf-8"))
        moments = {name: datetime.fromisoformat(read[name]) for name in ("until", "newest")}
        return Marks(**read | moments)

    def arrive(self, rows: "DataFrame", batch: int) -> None:
        """Take in one micro-batch and decide on whatever that closes; once, however often asked."""
        marks = self.marks
        if batch <= marks.batch:
            return
        step = self.step(batch)
        shutil.rmtree(step, ignore_errors=True)  # what a killed attempt left
        rows.write.parquet(str(step / ROWS))
        con = ibis.pyspark.connect(rows.sparkSession)
        teach(con)
        done = self._decide(con, con.read_parquet(step / ROWS), step, marks)
        self._note(done._replace(batch=batch))  # from here on the batch is done
        shutil.rmtree(step / ROWS)
        if marks.batch >= 0:
            shutil.rmtree(self.step(marks.batch) / EVENTS)

    def begin(self, rows: "DataFrame") -> None:
        """Take in what was before the stream; what is decided on it is known, and not given out.

        Nothing of it is late any more: the run has read its files whole.
        """
        lateness, self.lateness = self.lateness, PAST
        self.arrive(rows, BEFORE)
        self.lateness = lateness
        self._note(self.marks._replace(n_events=0, n_late=0, n_twice=0, n_unreadable=0))

    def decisions(self, spark: "SparkSession") -> ir.Table:
        """List what was decided since the stream began, by the batches that are done."""
        con = ibis.pyspark.connect(spark)
        return self._decided(con, self.marks.batch, since=BEFORE + 1)

    def step(self, batch: int) -> Path:
        """Name the folder of a micro-batch."""
        return self.folder / f"{batch:09d}"

    def _note(self, marks: Marks) -> None:
        """Write down how far the stream has come."""
        content = json.dumps(marks._asdict(), default=datetime.isoformat).encode()
        write_private_file(self.folder / MARKS, content)

    def _decided(self, con: ibis.BaseBackend, upto: int, *, since: int = 0) -> ir.Table:
        """Read the decisions of all batches up to one."""
        found = [path for path in sorted(self.folder.glob(f"*/{DECISIONS}"))
                 if since <= int(path.parent.name) <= upto]  # fmt: skip
        return ibis.union(nothing_decided(), *[con.read_parquet(path) for path in found])

    def _decide(self, con: ibis.BaseBackend, rows: ir.Table, step: Path, marks: Marks) -> Marks:
        """Write the events that are kept and the decisions that are made; returns the marks."""
        until = ibis.literal(marks.until, "timestamp")
        event = rows.filter(*[rows[name].notnull() for name in EVENT])
        old = self._kept(con, marks)
        first = ibis.window(group_by="event_id", order_by="at")
        single = event.filter(event["at"] >= until).mutate(place=ibis.row_number().over(first))
        new = single.filter(single["place"] == 0).anti_join(old, "event_id").select(*EVENT)
        n, n_late, n_new = (
            int(part.count().execute()) for part in (event, event.filter(event["at"] < until), new)
        )
        latest = event["at"].max().execute() if n else marks.newest
        newest = max(marks.newest, latest.to_pydatetime() if n else latest)
        moved = max(marks.until, newest - self.lateness)
        closing = ibis.literal(moved, "timestamp")
        events = old.union(new)
        before = self._decided(con, marks.batch)
        span = {"since": until, "until": closing, "before": before}
        made = decide(self.triggers, events, calendar=self.calendar, **span)
        ignored = made.anti_join(before, ["trigger", "event_id"])
        store(con, ignored.select(*DECISION), step / DECISIONS)
        store(con, tail_of(events, self.triggers, until=closing), step / EVENTS)
        counted = marks._replace(
            n_events=marks.n_events + n_new,
            n_late=marks.n_late + n_late,
            n_twice=marks.n_twice + n - n_late - n_new,
            n_unreadable=marks.n_unreadable + int(rows.count().execute()) - n,
        )
        return counted._replace(until=moved, newest=newest)

    def _kept(self, con: ibis.BaseBackend, marks: Marks) -> ir.Table:
        """Read the tail that the last batch kept."""
        if marks.batch < 0:
            return ibis.memtable([], schema=EVENT)
        return con.read_parquet(self.step(marks.batch) / EVENTS)


def store(con: ibis.BaseBackend, table: ir.Table, folder: Path) -> None:
    """Let Spark write a table, wherever its rows are."""
    con.create_view("coterie_stored", table, overwrite=True)
    con.raw_sql("select * from coterie_stored").write.parquet(str(folder))


def read_lines(spark: "SparkSession", inbox: Path) -> "DataFrame":
    """Read events from the JSON lines of the files that come into a folder, as a stream.

    A file counts once, when it first appears: what is appended later is not seen. What is of after
    tomorrow is no event, as on one machine.
    """
    lines = spark.readStream.schema(LINES).json(str(inbox))
    return lines.selectExpr(*[f"{IN_TIME} as at" if name == "at" else name for name in EVENT])


def stream_files(spark: "SparkSession", inbox: Path, state: SparkState) -> Marks:
    """Decide on the files of a folder that were not read before, then stop.

    Sets the session's time zone to UTC, in which moments are compared.
    """
    spark.conf.set(UTC, "UTC")
    stream = read_lines(spark, inbox).writeStream.foreachBatch(
        lambda rows, number: state.arrive(rows, BEFORE + 1 + number)
    )
    options = stream.option("checkpointLocation", str(state.folder / CHECKPOINT))
    options.trigger(availableNow=True).start().awaitTermination()
    return state.marks
