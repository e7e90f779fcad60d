"""Spark decides what the whole log decides: the expression, and the stream that uses it.

Needs `pip install 'coterie[spark]'` and Java; set PYSPARK_PYTHON where python is not on the path.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import ibis
import pytest
from rules.streams import CALENDAR, arrow, by_hand, triggers
from rules.test_stream import a_log

from coterie.rules.triggers.decisions import decide, nothing_decided
from coterie.rules.triggers.replay import Decision, Event
from coterie.runner.streaming.forgetting import forget_on_spark
from coterie.runner.streaming.spark import SparkState, stream_files
from coterie.runner.streaming.state import State

pytestmark = pytest.mark.slow
SOME = ("kindly", "first order")


@pytest.fixture(scope="module")
def spark() -> Iterator[object]:
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    options = {"spark.sql.shuffle.partitions": "2", "spark.ui.enabled": "false"}
    options |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    options |= {"spark.sql.session.timeZone": "UTC"}
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def decided(table: ibis.Table, con: ibis.BaseBackend) -> set[Decision]:
    """Read decisions; no trigger is met by one event twice."""
    rows = con.to_pyarrow(table).to_pylist()
    assert len({(row["trigger"], row["event_id"]) for row in rows}) == len(rows)
    plain = [
        {k: v.replace(tzinfo=None) if isinstance(v, datetime) else v for k, v in row.items()}
        for row in rows
    ]
    return {Decision(**row) for row in plain}


def put(inbox: Path, name: str, events: list[Event], *more: str) -> None:
    """Write a file of events as it would come, other lines behind them."""
    lines = [json.dumps(e._asdict() | {"at": f"{e.at.isoformat()}Z"}) for e in events]
    inbox.mkdir(exist_ok=True)
    (inbox / name).write_text("".join(f"{line}\n" for line in [*lines, *more]))


def alone(wanted: list, batches: list[list[Event]]) -> list[int]:
    """Count what one machine makes of the same batches: events, late ones, those here twice."""
    state = State(":memory:", wanted, CALENDAR, lateness=timedelta(hours=30))
    for batch in batches:
        state.arrive(arrow(batch))
    counts = state.counts()
    state.close()
    return [*counts.values()]


@pytest.mark.parametrize("trigger", triggers(), ids=lambda trigger: trigger.name)
def test_every_trigger_decides_on_spark_what_it_decides_by_hand(spark, trigger):
    events = a_log(100, seed=1)
    until = max(event.at for event in events) + timedelta(days=2, microseconds=1)
    con = ibis.pyspark.connect(spark)
    rows = [tuple(event) for event in events]
    spark.createDataFrame(rows, list(Event._fields)).createOrReplaceTempView("log")
    log = con.table("log")
    span = {"since": ibis.timestamp("1970-01-01"), "until": ibis.literal(until, "timestamp")}
    found = decide([trigger], log, calendar=CALENDAR, before=nothing_decided(), **span)
    assert decided(found, con) == by_hand([trigger], events, until=until)


def test_a_stream_that_is_killed_and_fed_twice_decides_what_the_whole_log_does(spark, tmp_path):
    wanted = [trigger for trigger in triggers() if trigger.name in SOME]
    events, inbox = a_log(60, seed=3), tmp_path / "inbox"
    end = max(event.at for event in events) + timedelta(days=3)
    late = Event("late", "ana", events[0].at, "purchase", "shop")

    def state() -> SparkState:
        return SparkState(tmp_path / "state", wanted, CALENDAR, lateness=timedelta(hours=30))

    tick = Event("tick", "zz", end, "ping", "web")  # time goes on
    batches = [events[:25], [*events[20:], late], [tick]]
    put(inbox, "1.json", batches[0], "no event", '{"event_id": "e", "at": "never"}')
    killed = state()
    killed.calendar = None  # so that it fails half way, with its rows written
    with pytest.raises(Exception, match=r"(?i)clocks"):
        stream_files(spark, inbox, killed)
    assert state().marks.batch == -1
    stream_files(spark, inbox, state())
    put(inbox, "2.json", batches[1])
    stream_files(spark, inbox, state())
    put(inbox, "3.json", batches[2])
    marks = stream_files(spark, inbox, state())
    assert marks.until == end - timedelta(hours=30)
    assert (marks.n_events, marks.n_unreadable) == (61, 2)
    assert (marks.n_events, marks.n_late, marks.n_twice) == tuple(alone(wanted, batches))
    con = ibis.pyspark.connect(spark)
    found = decided(state().decisions(spark), con)
    assert found == by_hand(wanted, events, until=marks.until)
    assert {decision.trigger for decision in found} == set(SOME)
    assert forget_on_spark(tmp_path / "state", {"ana"}, name="it") > 0
    assert forget_on_spark(tmp_path / "state", {"ana"}, name="it") == 0
    left = decided(state().decisions(spark), con)
    assert left == {decision for decision in found if decision.person_id != "ana"} != found
    put(inbox, "4.json", [tick._replace(event_id="more", at=end + timedelta(days=9))])
    assert stream_files(spark, inbox, state()).n_events == 62  # it goes on with what is left


def test_what_was_before_a_stream_is_known_and_not_given_out(spark, tmp_path):
    wanted = [trigger for trigger in triggers() if trigger.name == "first order"]
    old = [Event("old", "ana", datetime(2026, 3, 1), "purchase", "shop")]
    new = [Event("again", "ana", datetime(2026, 4, 1), "purchase", "shop")]
    new += [Event("bos", "bo", datetime(2026, 4, 1), "purchase", "shop")]
    new += [Event("tick", "zz", datetime(2026, 5, 1), "ping", "web")]
    state = SparkState(tmp_path / "state", wanted, CALENDAR, lateness=timedelta(days=3))
    rows = spark.createDataFrame([tuple(event) for event in old], list(Event._fields))
    state.begin(rows)
    put(tmp_path / "inbox", "1.json", new)
    marks = stream_files(spark, tmp_path / "inbox", state)
    found = decided(state.decisions(spark), ibis.pyspark.connect(spark))
    assert [(each.person_id, each.event_id) for each in found] == [("bo", "bos")]
    assert marks.n_events == 3
