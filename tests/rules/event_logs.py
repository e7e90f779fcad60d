"""Random rules, people and event logs, for tests that hold the engine against the oracle."""

from datetime import date, datetime, timedelta

import ibis
import pyarrow as pa
from hypothesis import strategies as st

from coterie.rules.language.columns import rule_columns
from coterie.rules.language.replay import Act

AS_OF = date(2026, 7, 1)
VERBS = ["purchase", "view", "add"]
COLUMNS = rule_columns(
    {"purchase_probability": "share", "lifetime_value": "money"},
    verbs=VERBS,
    segments=["S1", "S2", "S3"],
)
MIDNIGHT = datetime(2026, 7, 1)
ORDERED = st.sampled_from(["<", "<=", ">", ">="])
EXACT = st.sampled_from(["<", "<=", ">", ">=", "=", "!="])
SCHEMA = pa.schema(
    [
        ("person_id", pa.string()),
        ("frequency", pa.int64()),
        ("recency_days", pa.float64()),
        ("evening_share", pa.float64()),
        ("segment", pa.string()),
        ("lifetime_value", pa.float64()),
    ]
)
LOG = pa.schema(
    [
        ("event_id", pa.string()),
        ("person_id", pa.string()),
        ("at", pa.timestamp("us")),
        ("verb", pa.string()),
        ("value", pa.float64()),
    ]
)

# Rules as text. Every clause of the language is among them, with units, dates and lists.
SINGLE = st.one_of(
    st.builds("frequency {} {}".format, EXACT, st.integers(-1, 6)),
    st.builds("recency_days {} {} weeks".format, ORDERED, st.integers(0, 4)),
    st.builds("recency_days {} {} hours".format, ORDERED, st.integers(0, 400)),
    st.builds("recency_days {} 2026-06-{:02d}".format, st.sampled_from(["since", "before"]),
              st.integers(1, 30)),
    st.builds("evening_share {} {}%".format, ORDERED, st.integers(0, 100)),
    st.builds("evening_share {} 0.{}".format, ORDERED, st.integers(0, 10**6)),
    st.sampled_from(["segment = S1", 'segment != "S2"', "segment = 'S3'"]),
    st.sampled_from(["segment in (S1, 'S3')", "segment not in ('S1')", "frequency in (1, 5)"]),
    st.sampled_from(["frequency is known", "segment is missing", "not segment is known"]),
    st.builds("{}s {} {}".format, st.sampled_from(VERBS), EXACT, st.integers(0, 3)),
    st.builds("{}s in {} {} {} {}".format, st.sampled_from(VERBS), st.integers(1, 9),
              st.sampled_from(["days", "hours", "weeks"]), EXACT, st.integers(0, 3)),
    st.builds("purchase_value {} {}".format, ORDERED, st.integers(0, 60)),
    st.builds("last_{} {} {} days".format, st.sampled_from(VERBS), ORDERED, st.integers(0, 9)),
    st.builds("first_{} {} 2026-06-{}".format, st.sampled_from(VERBS),
              st.sampled_from(["since", "before"]), st.integers(20, 30)),
    st.builds("lifetime_value {} {}".format, ORDERED, st.integers(0, 300)),
    st.builds("last_{} is known".format, st.sampled_from(VERBS)),
)  # fmt: skip
RULES = st.recursive(
    SINGLE,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("({}) or ({}) or ({})".format, inner, inner, inner),
    ),
    max_leaves=6,
).filter(lambda rule: len(rule) <= 500)
MISSING = st.none()
ROW = st.fixed_dictionaries(
    {
        "frequency": MISSING | st.integers(0, 6),
        "recency_days": MISSING | st.sampled_from([0.0, 0.5, 6.5, 7.0, 14.0, 28.0, 30.25]),
        "evening_share": MISSING | st.sampled_from([0.0, 0.07, 0.25, 0.3, 0.5, 1.0]),
        "segment": MISSING | st.sampled_from(["S1", "S2", "S3"]),
        "lifetime_value": MISSING | st.sampled_from([0.0, 120.5, 200.0]),
    }
)
# Seconds before midnight; whole days are likely, so that the edges of windows are met.
AGES = st.one_of(
    st.integers(-4, 9).map(lambda n: 86_400 * n),
    st.integers(-90_000, 800_000),
    st.integers(-(10**6), 10**11).map(lambda microseconds: microseconds / 10**6),
)
ACT = st.tuples(AGES, st.sampled_from(VERBS), MISSING | st.sampled_from([0.1, 9.99, 20.0, -4.5]))
PEOPLE = st.lists(st.tuples(ROW, st.lists(ACT, max_size=6)), min_size=1, max_size=5)


def acts_of(drawn: list[tuple]) -> list[Act]:
    """Turn drawn ages into one person's acts."""
    return [
        Act(f"e{at}", MIDNIGHT - timedelta(seconds=age), verb, value)
        for at, (age, verb, value) in enumerate(drawn)
    ]


def tables(people: list[tuple]) -> tuple[ibis.Table, ibis.Table]:
    """Lay people and their acts out as the tables that the engine reads."""
    rows = [{"person_id": f"p{at}"} | row for at, (row, _) in enumerate(people)]
    log = [
        {"person_id": f"p{at}", "event_id": f"p{at}{act.event_id}"} | act._asdict()
        | {"event_id": f"p{at}{act.event_id}"}
        for at, (_, drawn) in enumerate(people)
        for act in acts_of(drawn)
    ]  # fmt: skip
    people_table = pa.Table.from_pylist(rows, schema=SCHEMA)
    events = pa.Table.from_pylist(log, schema=LOG)
    return ibis.memtable(people_table), ibis.memtable(events)
