"""Times rules and triggers against the SQL that somebody would write by hand for the same answer.

Both run in turn in one DuckDB over the same tables, and their answers are compared: read the ratio,
not the seconds. `python tests/bench/qualifying.py` prints them.
"""

import argparse
import json
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time

import ibis
import pandas as pd

from coterie.rules.language.checking import read_rules
from coterie.rules.language.columns import rule_columns
from coterie.rules.language.expressions import compile_rule
from coterie.rules.lists.people import with_acts
from coterie.rules.triggers.checking import read_triggers
from coterie.rules.triggers.clocks import make_calendar
from coterie.rules.triggers.decisions import decide, nothing_decided
from coterie.runner.streaming.outlet import Lines
from coterie.runner.streaming.state import State
from coterie.runner.streaming.watching import Options, Speed, look

AS_OF, VERBS = date(2026, 7, 1), ("view", "view", "view", "view", "like", "add", "add", "purchase")
PEOPLE = """
create table people as select
    'p' || i as person_id, (hash(i) % 9)::bigint as frequency, (hash(i + 1) % 400) / 4.0 as recency_days,
    (hash(i + 2) % 1000) / 1000.0 as evening_share, (hash(i + 3) % 1000) / 1000.0 as weekend_share,
    (hash(i + 4) % 100)::double as engagement_score, (hash(i + 5) % 20000) / 100.0 as monetary_value,
    if(hash(i + 6) % 5 = 0, null, (hash(i + 7) % 300) / 10.0) as cadence_days,
    'S' || (1 + hash(i + 8) % 6) as segment
from range({people}) t(i)
"""  # noqa: E501
EVENTS = """
create table events as select
    'e' || i as event_id, 'p' || (hash(i * 3) % {people}) as person_id,
    timestamp '2026-04-01' + to_seconds((hash(i * 7) % 7862400)::bigint) as "at",
    {verbs}[1 + (hash(i * 11) % 8)::int] as verb, ['web', 'shop'][1 + (hash(i * 13) % 2)::int] as platform,
    if(hash(i * 17) % 8 = 0, 9.99, null) as value
from range({n}) t(i)
"""  # noqa: E501


def rules_and_sql() -> tuple[dict[str, str], list[str]]:
    """Fifty rules, and the same as somebody would write them in SQL."""
    pairs = []
    for n in range(10):
        pairs += [
            (f"frequency > {n % 8} and recency_days < {7 + n} days",
             f"frequency > {n % 8} and recency_days < {7 + n}"),
            (f"segment in (S{1 + n % 6}, S2) and not (evening_share > {40 + n}%)",
             f"segment in ('S{1 + n % 6}', 'S2') and not (evening_share > 0.{40 + n})"),
            (f"cadence_days < {5 + n} or cadence_days is missing",
             f"cadence_days < {5 + n} or cadence_days is null"),
            (f"(engagement_score > {50 + n} or monetary_value > 100) and weekend_share <= 50%",
             f"(engagement_score > {50 + n} or monetary_value > 100) and weekend_share <= 0.5"),
            (f"purchases in {10 + n} days >= 1 and last_view < {5 + n} days",
             f"bought_{10 + n} >= 1 and viewed < {5 + n}"),
        ]  # fmt: skip
    return {f"r{at}": rule for at, (rule, _) in enumerate(pairs)}, [sql for _, sql in pairs]


def people_times(engine: ibis.BaseBackend, repeats: int) -> dict[str, float]:
    """Ask fifty rules of everybody, both ways, into a table."""
    written, by_hand = rules_and_sql()
    columns = rule_columns(verbs=sorted(set(VERBS)))
    rules = read_rules(written, columns, as_of=AS_OF)
    people, events = engine.table("people"), engine.table("events")
    asked = with_acts(people, events, rules, columns=columns, as_of=AS_OF)
    ours = engine.compile(
        asked.select("person_id", **{r.name: compile_rule(r.tree, asked) for r in rules})
    )
    counts = ", ".join(
        f"""count(*) filter (verb = 'purchase'
            and "at" >= timestamp '2026-07-01' - to_days({10 + n})) as bought_{10 + n}"""
        for n in range(10)
    )
    filled = ", ".join(f"coalesce(bought_{10 + n}, 0) as bought_{10 + n}" for n in range(10))
    answers = ", ".join(f"{sql} as r{at}" for at, sql in enumerate(by_hand))
    hand = f"""
        with done as (select person_id as who, {counts},
                date_diff('second', max("at") filter (verb = 'view'), timestamp '2026-07-01') / 86400.0 as viewed
            from events where "at" < timestamp '2026-07-01' and verb in ('purchase', 'view') group by 1),
        asked as (select people.*, viewed, {filled} from people left join done on who = person_id)
        select person_id, {answers} from asked"""  # noqa: E501
    return compared(engine, ours, hand, repeats)


TRIGGERS = {
    **{f"count {n}": f"{n} views within {2 * n} hours" for n in (2, 3, 4, 5, 6)},
    **{f"missed {n}": f"add then no purchase within {n} minutes" for n in (10, 20, 30, 60, 120)},
    **{f"stopped {n}": f"no purchase for {n} days" for n in (7, 14, 21)},
    **{f"followed {n}": f"view then purchase within {n} hours" for n in (1, 6, 24)},
    **{f"first {verb}": f"first {verb}" for verb in ("add", "purchase")},
    **{f"again {n}": f"purchase after {n} days without" for n in (7, 28)},
}


def trigger_sql(name: str) -> str:
    """Write a trigger's query as somebody would by hand."""
    kind, what = name.split()
    head = f"select '{name}' as trigger, event_id, person_id"
    if kind == "count":
        n = int(what)
        return f"""{head}, "at" from (select *, lag("at", {n - 1}) over w as b from events
            where verb = 'view' window w as (partition by person_id order by "at", event_id))
            where b > "at" - interval {2 * n} hours"""
    if kind == "missed":
        return f"""{head}, "at" + interval {what} minutes as "at" from (
            select *, lead("at") over w as nxt from events where verb in ('add', 'purchase')
            window w as (partition by person_id order by "at", verb = 'purchase', event_id))
            where verb = 'add' and (nxt is null or nxt >= "at" + interval {what} minutes)"""
    if kind == "stopped":
        return f"""{head}, "at" + interval {what} days as "at" from (
            select *, lead("at") over w as nxt from events where verb = 'purchase'
            window w as (partition by person_id order by "at", event_id))
            where nxt is null or nxt >= "at" + interval {what} days"""
    if kind == "followed":
        return f"""{head}, "at" from (
            select *, max(if(verb = 'view', "at", null)) over w as b from events
            where verb in ('view', 'purchase') window w as (
            partition by person_id order by "at", verb = 'purchase', event_id
            rows between unbounded preceding and current row))
            where verb = 'purchase' and b > "at" - interval {what} hours"""
    if kind == "first":
        return f"""{head}, "at" from (select *, row_number() over w as place from events
            where verb = '{what}' window w as (partition by person_id order by "at", event_id))
            where place = 1"""
    return f"""{head}, "at" from (select *, lag("at") over w as b from events
        where verb = 'purchase' window w as (partition by person_id order by "at", event_id))
        where b <= "at" - interval {what} days"""


def calendar_of(engine: ibis.BaseBackend):
    """Everybody lives in Rome."""
    people = ibis.memtable(pd.DataFrame({"person_id": ["nobody"], "time_zone": ["Europe/Rome"]}))
    span = (date(2026, 1, 1), date(2027, 1, 1))
    calendar = make_calendar(people, span=span, time_zone="Europe/Rome")
    clocks = engine.create_table("clocks", calendar.clocks.to_pyarrow(), overwrite=True)
    return calendar._replace(clocks=clocks)


def trigger_query(engine: ibis.BaseBackend, suffix: str = "") -> str:
    """Compile twenty triggers over the whole log."""
    written = {name: text + suffix for name, text in TRIGGERS.items()}
    triggers = read_triggers(written, verbs=set(VERBS), platforms={"web", "shop"})
    decided = decide(
        triggers,
        engine.table("events"),
        calendar=calendar_of(engine),
        since=ibis.literal(datetime(1970, 1, 1)),
        until=ibis.literal(datetime(2026, 7, 1)),
        before=engine.create_table("before", nothing_decided().to_pyarrow(), overwrite=True),
    )
    engine.execute(decided.limit(0))
    return engine.compile(decided.select("trigger", "event_id", "person_id", "at"))


def trigger_times(engine: ibis.BaseBackend, repeats: int) -> dict[str, float]:
    """Ask twenty triggers of the whole log, both ways."""
    hand = " union all ".join(
        f"""select * from ({trigger_sql(name)}) where "at" < timestamp '2026-07-01'"""
        for name in TRIGGERS
    )
    found = compared(engine, trigger_query(engine), hand, repeats)
    options = ", cooldown 1 day, at most 3 a month, quiet from 21:00 to 08:00"
    seconds = timed(engine, trigger_query(engine, options))
    return found | {"with cooldown, cap and quiet hours, seconds": seconds}


def compared(engine, ours: str, hand: str, repeats: int) -> dict[str, float]:
    """Time two queries in turn, and see that they say the same."""
    ratios, seconds = [], []
    for _ in range(repeats):
        seconds.append((timed(engine, ours, "ours"), timed(engine, hand, "hand")))
        ratios.append(seconds[-1][0] / seconds[-1][1])
    for one, other in (("ours", "hand"), ("hand", "ours")):
        rest = engine.con.execute(f"select count(*) from (from {one} except from {other})")
        assert rest.fetchone()[0] == 0, f"{one} says more than {other}"
    rows = engine.con.execute("select count(*) from ours").fetchone()[0]
    best = [min(times) for times in zip(*seconds, strict=True)]
    return {
        "ratio of the best": best[0] / best[1],
        "median ratio": median(ratios),
        "ours, processor seconds": best[0],
        "by hand": best[1],
        "rows": rows,
    }


def timed(engine, query: str, name: str = "timed") -> float:
    """Write a query's answer into a table; processor seconds, as others use the machine too."""
    began = process_time()
    engine.con.execute(f"create or replace temp table {name} as {query}")
    return process_time() - began


def watch_times(n: int, batch: int) -> str:
    """Let events arrive in order, so many at a time, and twenty triggers watch."""
    engine = ibis.duckdb.connect()
    engine.con.execute(EVENTS.format(people=n // 20, n=n, verbs=list(VERBS)))
    columns = 'event_id, person_id, "at", verb, platform'
    ordered = engine.con.execute(f'select {columns} from events order by "at"')
    rows = ordered.to_arrow_table().to_pylist()
    triggers = read_triggers(TRIGGERS, verbs=set(VERBS), platforms={"web", "shop"})
    with tempfile.TemporaryDirectory() as name:
        folder, speed = Path(name), Speed(0, 0, 0, 0.0, ())
        state = State(folder / "s", triggers, calendar_of(engine), lateness=timedelta(0))
        lines = Lines(folder / "decisions", state)
        for at in range(0, n, batch):
            written = [json.dumps(row | {"at": row["at"].isoformat()}) for row in rows[at:][:batch]]
            (folder / f"{at:09d}.ndjson").write_text("\n".join(written) + "\n")
            speed, _ = look(state, folder, lines, Options(), speed)
        state.close()
    return speed.told


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["people", "triggers", "watch"], nargs="*")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", type=int, default=1_000)
    options = parser.parse_args()
    engine = ibis.duckdb.connect(threads=2)
    engine.con.execute(PEOPLE.format(people=options.people))
    engine.con.execute(
        EVENTS.format(people=options.people // 20, n=options.events, verbs=list(VERBS))
    )
    if "people" in options.what:
        print("fifty rules:", people_times(engine, options.repeats))
    if "triggers" in options.what:
        print("twenty triggers:", trigger_times(engine, options.repeats))
    if "watch" in options.what:
        print("watch:", watch_times(options.events, options.batch))


if __name__ == "__main__":
    main()
