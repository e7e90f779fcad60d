"""Times the behaviour table against the SQL and the pandas that somebody would write by hand for
the same columns.

Every contender runs in a process of its own, in turn, over the same Parquet files, so read the
ratios within one run and not the seconds. `make bench-features` prints them.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import duckdb
import ibis
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from coterie.features import behaviour
from coterie.features.learning import EFFORT

HERE = Path(__file__)
AS_OF, LOOKBACK = pd.Timestamp("2026-07-01"), pd.Timedelta("365D")
REPEATS = {3_000_000: 3, 10_000_000: 2, 10**12: 1}  # up to so many acts, so often
BARS = "seconds; bars: ours / sql at most 1.2, pandas / ours at least 5, 2 GiB, slope at most 1.1"
PANDAS_UP_TO, PANDAS_SECONDS = 10_000_000, 240
ENGINE = {"threads": 2, "memory_limit": "1500MB", "preserve_insertion_order": False}
EVENTS = """
    select
        'p_' || md5((floor({people} * (hash(i) % 1000003 / 1000003) ** 2))::bigint::varchar)[:16] as person_id,
        timestamp '2025-07-01' + to_seconds((hash(i * 7 + 1) % 31536000)::bigint) as "at",
        split('email facebook instagram linkedin shop tiktok web x youtube', ' ')[
            1 + (hash(i * 7 + 2) % 9)::int] as platform,
        split('view view view like like announce create click purchase refund', ' ')[
            1 + (hash(i * 7 + 3) % 10)::int] as verb,
        ['video', 'image', 'text', 'product', null][1 + (hash(i * 7 + 4) % 5)::int] as content_type,
        case verb when 'purchase' then round(5 + hash(i * 7 + 5) % 10000 / 100, 2) when 'refund' then -4.5 end as value
    from range({n}) t(i)
"""  # noqa: E501
PEOPLE = """
    select person_id, ['Europe/Rome', 'America/New_York', 'Asia/Tokyo', 'UTC', null][
        1 + (hash(person_id) % 5)::int] as time_zone
    from (select distinct person_id from 'events.parquet')
"""
POSTS = """
    with threads as (  -- a question, a post to nobody, the brand's answer to the question, something to the brand
        select
            i, i // 4 as thread, i % 4 as turn,
            'p_' || md5((floor({people} * (hash(i // 4) % 1000003 / 1000003) ** 2))::bigint::varchar)[:16] as writer,
            timestamp '2025-07-01' + to_seconds((hash(i // 4 + 1) % 31536000 + turn * (hash(i) % 90000))::int8) as "at"
        from range({n} // 50) t(i)
    )
    select
        'post' || i as post_id, "at", if(turn = 2, 'acme', null) as brand, if(turn = 2, null, writer) as person_id,
        if(turn = 0, 'acme', null) as about_brand,
        case turn when 2 then 'post' || (i - 2) when 3 then 'post' || (i - 1 - thread % 3) end as in_reply_to
    from threads where turn <> 2 or thread % 5 < 3
"""  # noqa: E501


def make_lake(folder: Path, n: int, people: int) -> None:
    """Write n synthetic acts, and the people and posts that go with them, as Parquet files."""
    engine, numbers = duckdb.connect(config=ENGINE), {"n": n, "people": people}
    engine.execute(f"set file_search_path = '{folder}'")
    for name, query in {"events": EVENTS, "people": PEOPLE, "posts": POSTS}.items():
        engine.execute(f"copy ({query.format(**numbers)}) to '{folder}/{name}.parquet'")


def ours(folder: Path, out: Path) -> None:
    """Compute the table as the lake does: one expression, written to Parquet by DuckDB."""
    engine = ibis.duckdb.connect(temp_directory=str(folder / "spill"), **ENGINE)
    tables = [
        engine.read_parquet(folder / f"{name}.parquet", table_name=name)
        for name in ("events", "posts", "people")
    ]
    engine.to_parquet(behaviour(*tables, as_of=AS_OF.date(), lookback_days=LOOKBACK.days), out)


def sql(folder: Path, out: Path) -> None:
    """Run the hand-written SQL with the same engine and settings."""
    engine = duckdb.connect(config=ENGINE | {"temp_directory": str(folder / "spill")})
    for name in ("events", "posts", "people"):
        engine.execute(f"create view {name} as from '{folder}/{name}.parquet'")
    engine.execute(f"copy ({HERE.with_suffix('.sql').read_text()}) to '{out}' (format parquet)")


def pandas(folder: Path, out: Path) -> None:
    """Compute the table in memory, by groupby and merge."""
    events, people, posts = (
        pd.read_parquet(folder / f"{name}.parquet") for name in ("events", "people", "posts")
    )
    history = events[events["at"] < AS_OF].groupby("person_id")["at"].min()
    acts = events[(events["at"] >= AS_OF - LOOKBACK) & (events["at"] < AS_OF)]
    acts = (
        acts.merge(people, how="left")
        .merge(EFFORT[["verb", "weight"]], how="left")
        .fillna({"weight": 1.0})
    )
    posts = posts[(posts["at"] >= AS_OF - LOOKBACK) & (posts["at"] < AS_OF)]
    written = posts[posts["person_id"].notna()]
    parts = [habits(acts), gaps(acts), standing(acts), *waits(posts)]
    parts += [
        written["in_reply_to"].notna().groupby(written["person_id"]).mean().rename("reply_share")
    ]
    table = pd.concat(parts, axis=1).loc[parts[0].index]
    table["tenure_days"] = (AS_OF - history) / pd.Timedelta("1D")
    table["session_depth"] = table["n_events"] / table["n_sessions"]
    table["platform_entropy"] = (
        np.log2(table["n_events"]) - table["platform_entropy"] / table["n_events"]
    )
    table["top_platform_share"] /= table["n_events"]
    table.reset_index(names="person_id").to_parquet(out)


def wall(acts: pd.DataFrame) -> pd.Series:
    """Read each act's time off the person's own clock."""
    local = acts["at"].copy()
    for zone, rows in acts.groupby("time_zone")["at"]:
        local.loc[rows.index] = rows.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    return local


def habits(acts: pd.DataFrame) -> pd.DataFrame:
    """Count and average what stands in the acts alone."""
    local, age = wall(acts), (AS_OF - acts["at"]) / pd.Timedelta("1D")
    day = (local - local.dt.normalize()) / pd.Timedelta("1D")
    week = (local.dt.dayofweek + day) / 7
    paid = acts["value"].where(acts["verb"] == "purchase")
    columns = {
        **{
            "n_events": 1,
            "n_posts": acts["verb"] == "create",
            "frequency": acts["verb"] == "purchase",
            "paid": paid,
        },
        **{"spend": acts["value"].where(acts["verb"].isin(["purchase", "refund"]))},
        **{
            "engagement": acts["weight"] * 0.5 ** (age / 30),
            "reaction_share": acts["verb"].isin(["like", "announce"]),
        },
        **{"weekend_share": local.dt.dayofweek >= 5, "evening_share": local.dt.hour >= 18},
        **{"hour_sin": np.sin(2 * np.pi * day), "hour_cos": np.cos(2 * np.pi * day)},
        **{"week_sin": np.sin(2 * np.pi * week), "week_cos": np.cos(2 * np.pi * week)},
        **{kind: acts["content_type"] == kind for kind in ("video", "image", "text")},
        **{quarter: acts["at"].dt.quarter == quarter for quarter in (1, 2, 3, 4)},
    }
    table = pd.DataFrame(columns, index=acts.index).groupby(acts["person_id"]).sum()
    n, shares = table["n_events"], [c for c in table if str(c).endswith(("_share", "_sin", "_cos"))]
    table[shares] = table[shares].div(n, axis=0)
    table["recency_days"] = age.groupby(acts["person_id"]).min()
    table["monetary_value"] = (table.pop("paid") / table["frequency"]).fillna(0)
    table["engagement_score"] = (
        100 * (table["engagement"].rank(method="min") - 1) / (len(table) - 1)
    )
    table["hour_concentration"] = np.hypot(table["hour_sin"], table["hour_cos"])
    content = pd.concat([table.pop(kind) for kind in ("video", "image", "text")], axis=1)
    mix, total = content.sum() / content.sum().sum(), content.sum(axis=1)
    table[[f"{kind}_share" for kind in content]] = (content + 5 * mix).div(total + 5, axis=0)
    table["busiest_quarter_share"] = (
        pd.concat([table.pop(q) for q in (1, 2, 3, 4)], axis=1).max(axis=1) + 1
    ) / (n + 4)
    return table


def gaps(acts: pd.DataFrame) -> pd.DataFrame:
    """Measure sessions and the days from one active day to the next."""
    times = pd.DataFrame(
        {"person_id": acts["person_id"], "at": acts["at"], "day": wall(acts).dt.normalize()}
    )
    times = times.sort_values(["person_id", "at"])
    since = times.groupby("person_id")[["at", "day"]].diff()
    n_sessions = (~(since["at"] <= pd.Timedelta("30min"))).groupby(times["person_id"]).sum()
    days = since["day"].dt.days.where(lambda d: d > 0).groupby(times["person_id"])
    n, mean, spread = days.count(), days.mean(), days.std(ddof=0)
    columns = {"n_sessions": n_sessions, "active_days": n + 1, "cadence_days": mean}
    return pd.DataFrame(columns | {"burstiness": ((spread - mean) / (spread + mean)).where(n >= 2)})


def standing(acts: pd.DataFrame) -> pd.DataFrame:
    """Rank people within platform, format and week, then within the platform; describe which
    platforms they use.
    """
    cell = ["platform", "content_type", "week"]
    weeks = acts.assign(
        week=acts["at"].dt.to_period("W").dt.start_time,
        content_type=acts["content_type"].fillna(""),
    )
    sums = {"worth": ("weight", "sum"), "n": ("weight", "size"), "last_at": ("at", "max")}
    worth = weeks.groupby(["person_id", *cell], as_index=False).agg(**sums)
    ranks = worth.groupby(cell)["worth"]
    worth["place"] = ((ranks.rank() - 0.5) / ranks.transform("size") * 1e9).round().astype("int64")
    sums = {"n": ("n", "sum"), "place": ("place", "sum"), "last_at": ("last_at", "max")}
    there = worth.groupby(["person_id", "platform"], as_index=False).agg(**sums)
    there = there.sort_values(["place", "last_at", "person_id"])
    everyone = there.groupby("platform")
    there["relative_engagement"] = (everyone.cumcount() + 0.5) / everyone["place"].transform("size")
    there["n_log_n"] = there["n"] * np.log2(there["n"])
    columns = {"relative_engagement": ("relative_engagement", "mean"), "n_platforms": ("n", "size")}
    columns |= {"platform_entropy": ("n_log_n", "sum"), "top_platform_share": ("n", "max")}
    return there.groupby("person_id").agg(**columns)


def waits(posts: pd.DataFrame) -> list[pd.Series]:
    """Take the median wait of people for brands, and of brands for people, open waits included."""
    by_person, by_brand = posts[posts["person_id"].notna()], posts[posts["brand"].notna()]
    asked = first_answers(by_person, by_brand)
    asked = asked[asked["about_brand"].notna() | asked["answered"].notna()]
    writers = by_person[["post_id", "person_id"]].rename(columns={"post_id": "in_reply_to"})
    back = first_answers(
        by_brand.drop(columns="person_id").merge(writers, on="in_reply_to"), by_person
    )
    return [
        median_wait(asked).rename("response_latency_hours"),
        median_wait(back).rename("reply_latency_hours"),
    ]


def first_answers(asked: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Put beside each post when it was first answered."""
    replies = answers[["in_reply_to", "at"]].rename(
        columns={"in_reply_to": "post_id", "at": "answered"}
    )
    both = asked.merge(replies, on="post_id")
    first = both[both["answered"] >= both["at"]].groupby("post_id")["answered"].min()
    return asked.merge(first, on="post_id", how="left")


def median_wait(asked: pd.DataFrame) -> pd.Series:
    """Estimate each person's median wait after Kaplan and Meier."""
    hours = (asked["answered"].fillna(AS_OF) - asked["at"]) / pd.Timedelta("1h")
    waits = asked.assign(hours=hours, open=asked["answered"].isna()).sort_values(
        ["person_id", "hours", "open"]
    )
    groups = waits.groupby("person_id")
    n = groups["hours"].transform("size") - groups.cumcount()
    step = np.log((n - 1).clip(lower=1) / n).where(~waits["open"] & (n > 1), 0.0)
    halved = ~waits["open"] & (
        (n == 1) | (step.groupby(waits["person_id"]).cumsum() <= np.log(0.5) + 1e-9)
    )
    return waits[halved].groupby("person_id")["hours"].min()


CONTENDERS = {"ours": ours, "sql": sql, "pandas": pandas}


def in_child(*words: object, seconds: float | None = None) -> tuple[float, float]:
    """Do one thing in a process of its own: the seconds it took, imports left out, and its peak
    memory in GiB.
    """
    command = [sys.executable, str(HERE), "--child", *map(str, words)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return tuple(json.loads(done.stdout))


def child(name: str, folder: Path, *numbers: str) -> None:
    """Be that process."""
    clock = perf_counter()
    if name == "make_lake":
        make_lake(folder, *map(int, numbers))
    else:
        CONTENDERS[name](folder, folder / f"{name}.out")
    print(
        json.dumps(
            [perf_counter() - clock, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]
        )
    )


def measure(n: int, people: int) -> dict[str, float]:
    """Run the contenders in turn over n acts: their median seconds, our largest peak, and the
    ratios.
    """
    runs = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        in_child("make_lake", folder, n, people)
        for _ in range(next(times for most, times in REPEATS.items() if n <= most)):
            for name in ["ours", "sql"] + ["pandas"] * (n <= PANDAS_UP_TO):
                with suppress(subprocess.TimeoutExpired):
                    runs[name].append(
                        in_child(name, folder, seconds=PANDAS_SECONDS if name == "pandas" else None)
                    )
        if n <= 1_000_000:
            difference = max(largest_difference(Path(folder), name) for name in ("sql", "pandas"))
            print(
                f"{n:,} acts: the three tables are",
                "equal" if difference <= 1e-6 else f"{difference:.2g} apart",
            )
    row = {
        name: np.median([seconds for seconds, _ in pairs]) if pairs else np.nan
        for name, pairs in runs.items()
    }
    ratios = {"ours / sql": row["ours"] / row["sql"], "pandas / ours": row["pandas"] / row["ours"]}
    return row | ratios | {"GiB": max(gib for _, gib in runs["ours"])}


def largest_difference(folder: Path, other: str) -> float:
    """Compare two tables: the largest difference of two numbers, infinite where only one is
    missing.
    """
    one, two = (
        pd.read_parquet(folder / f"{n}.out").set_index("person_id").astype(float)
        for n in ("ours", other)
    )
    two = two.loc[one.index, one.columns]
    return float((one - two).abs().max().max()) if one.isna().equals(two.isna()) else np.inf


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the seconds against the acts, both on a scale of powers."""
    ax = table[[*CONTENDERS]].plot(
        marker="o", loglog=True, xlabel="acts", ylabel="seconds", grid=True, figsize=(6, 4)
    )
    ax.set_title("Seconds to the behaviour table")
    plt.savefig(path, bbox_inches="tight")


def main() -> None:
    """Measure every size, print the table and the slope, and draw them when asked."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sizes", default="1e6,3e6,10e6,30e6", help="numbers of acts")
    words.add_argument(
        "--people", type=int, default=200_000, help="people at ten million acts; else in proportion"
    )
    words.add_argument("--plot", type=Path, help="where to draw the seconds")
    words.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.child:
        return child(given.child[0], Path(given.child[1]), *given.child[2:])
    sizes = [int(float(size)) for size in given.sizes.split(",")]
    table = pd.DataFrame({n: measure(n, n * given.people // 10**7) for n in sizes}).T
    print(table.round(2).to_string(), BARS, sep="\n")
    if len(sizes) > 1:
        print(
            f"slope of log seconds over log acts, ours: {np.polyfit(np.log(sizes), np.log(table['ours']), 1)[0]:.2f}"  # noqa: E501
        )
    return draw(table, given.plot) if given.plot else None


if __name__ == "__main__":
    main()
