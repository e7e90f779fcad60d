"""One definition, every engine: DuckDB, Spark and Postgres agree, other dialects can say it."""

import json
import os
import re
import shutil
from datetime import date
from fnmatch import fnmatch
from functools import cache
from importlib import resources
from io import BytesIO

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
import yaml

from coterie import contracts
from coterie.demo import Knobs, make_world
from coterie.features import FEATURES, behaviour

AS_OF = date(2026, 7, 1)
# the world is 120 days old
OPTIONS = {"as_of": AS_OF, "lookback_days": 110, "holidays": ("2026-05-01",)}
CONTRACTS = {"events": contracts.Events, "posts": contracts.Posts, "people": contracts.People}
KINDS = {
    "timestamp": pa.timestamp("us"),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "string": pa.string(),
}
# clocks that change, or are unknown
ZONES = ["Europe/Rome", "America/New_York", "Asia/Kolkata", None, "Mars/Olympus"]
BRAND = "brightside"

# The functions that the engines' manuals know: one that only DuckDB has would be missing here.
EVERYWHERE = "CAST COALESCE COS COUNT FLOOR GREATEST LEAST LAG LN LOG MAX MIN NULLIF PERCENT_RANK "
EVERYWHERE += "ROUND ROW_NUMBER SIN SQRT SUM"
OWN = {
    "bigquery": "DATETIME EXTRACT IEEE_DIVIDE IF MOD POWER TIMESTAMP_TRUNC UNIX_SECONDS WEEK",
    "snowflake": "DATE_PART DATE_TRUNC IFF POWER TIMESTAMP_FROM_PARTS",
    "postgres": "DATE_TRUNC EXTRACT FILTER POW",
    "databricks": "DATE_TRUNC EXTRACT IF POWER TRY_DIVIDE UNIX_TIMESTAMP",
}


def rows_of(content: bytes, path: str, encoding: str) -> pd.DataFrame:
    if path.endswith("csv"):
        return pd.read_csv(BytesIO(content), encoding=encoding, dtype=str)
    text = content.decode(encoding)
    return pd.DataFrame(json.loads(line) for line in text.splitlines())


def export(world, kind: str) -> pd.DataFrame:
    """Read what the companies exported, under our names; rows without a date are left out."""
    frames, exports = (
        [],
        yaml.safe_load(resources.files("coterie.demo").joinpath("exports.yml").read_text("utf-8")),
    )
    for entry in (entry for entry in exports["files"] if entry["gives"] == kind):
        for path in (path for path in world.files if fnmatch(path, entry["path"])):
            raw = rows_of(world.files[path], path, entry.get("encoding", "utf-8"))
            named = {
                ours: name[1:] if name[0] == "=" else raw[name]
                for ours, name in entry["columns"].items()
            }
            frame = pd.DataFrame(named, index=raw.index).assign(platform=entry["platform"])
            frames.append(frame.replace({"verb": entry["verbs"]}) if "verbs" in entry else frame)
    rows = pd.concat(frames, ignore_index=True).merge(
        world.truth["accounts"], on=["platform", "account"], how="left"
    )
    at = pd.to_datetime(rows["at"], utc=True, format="mixed", errors="coerce").dt.tz_localize(None)
    return rows.assign(
        at=at, person_id="p" + rows["person"].astype("Int64").astype("string")
    ).dropna(subset="at")


@pytest.fixture(scope="module")
def lake() -> dict[str, pa.Table]:
    """A planted world in the lake: refunds, people who write back, clocks all over the Earth."""
    world = make_world(Knobs(300, 120, seed=7))
    people = pd.DataFrame({"person_id": [f"p{n}" for n in range(300)]})
    people["time_zone"] = [ZONES[n % len(ZONES)] for n in range(len(people))]
    frames = {
        "events": with_refunds(export(world, "events")),
        "posts": with_talk(export(world, "posts")),
    }
    return {
        name: as_arrow(frame, CONTRACTS[name].types)
        for name, frame in (frames | {"people": people}).items()
    }


def with_refunds(events: pd.DataFrame) -> pd.DataFrame:
    """Keep the acts of people we know, and give a third of the money back for every ninth order."""
    events = events.dropna(subset="person_id").assign(
        value=pd.to_numeric(events["value"], errors="coerce")
    )
    orders = events[events["verb"] == "purchase"].iloc[::9]
    return pd.concat(
        [
            events,
            orders.assign(
                verb="refund", value=-orders["value"] / 3, at=orders["at"] + pd.Timedelta("2D")
            ),
        ]
    )


def with_talk(posts: pd.DataFrame) -> pd.DataFrame:
    """Let people write back to every second answer of the brand."""
    posts = posts.assign(brand=posts["account"].where(posts["account"] == BRAND))
    answers, writer = (
        posts[posts["brand"].notna()].iloc[::2],
        posts.set_index("post_id")["person_id"],
    )
    later = answers["at"] + pd.to_timedelta([1 + n % 48 for n in range(len(answers))], unit="h")
    back = answers.assign(person_id=answers["in_reply_to"].map(writer), brand=None, at=later)
    return pd.concat(
        [posts, back.assign(in_reply_to=back["post_id"], post_id=back["post_id"] + "b")]
    )


def as_arrow(frame: pd.DataFrame, types: dict[str, str]) -> pa.Table:
    schema = pa.schema([(name, KINDS[kind]) for name, kind in types.items() if name in frame])
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)


def features_of(*tables: ibis.Table) -> pd.DataFrame:
    return behaviour(*tables, **OPTIONS).to_pandas().set_index("person_id").sort_index()


@pytest.fixture(scope="module")
def on_duckdb(lake) -> pd.DataFrame:
    engine = ibis.duckdb.connect()
    return features_of(*(engine.create_table(name, table) for name, table in lake.items()))


@pytest.fixture
def spark(lake, tmp_path, monkeypatch):
    """A Spark of one thread that interprets: for three hundred people compiling takes longer."""
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, and there is no java on the PATH")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "driver.host": "127.0.0.1",
        "driver.bindAddress": "127.0.0.1",
        "driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "ui.enabled": "false",
        "ui.showConsoleProgress": "false",
        "sql.adaptive.enabled": "false",
        "sql.codegen.factoryMode": "NO_CODEGEN",
        "sql.codegen.wholeStage": "false",
        "sql.session.timeZone": "UTC",
        "sql.shuffle.partitions": "1",
        "sql.warehouse.dir": str(tmp_path / "warehouse"),
    }
    session = sql.SparkSession.builder.master("local[1]")
    session = session.config(
        map={f"spark.{name}": value for name, value in settings.items()}
    ).getOrCreate()
    for name, table in lake.items():
        pq.write_table(table, tmp_path / f"{name}.parquet", coerce_timestamps="us")
        session.read.parquet(str(tmp_path / f"{name}.parquet")).createOrReplaceTempView(name)
    yield ibis.pyspark.connect(session)
    session.stop()


@pytest.fixture
def postgres(lake):
    """A Postgres session; its tables are temporary and end with it."""
    pytest.importorskip("psycopg", reason="needs ibis-framework[postgres]")
    if "COTERIE_POSTGRES" not in os.environ:
        pytest.skip(
            "needs a server: set COTERIE_POSTGRES to postgres://user:password@127.0.0.1:5432/database"
        )
    engine = ibis.connect(os.environ["COTERIE_POSTGRES"])
    for name, table in lake.items():
        engine.create_table(name, table, temp=True)
    yield engine
    engine.disconnect()


def test_the_planted_people_exercise_every_feature(on_duckdb):
    assert on_duckdb.shape == (300, len(FEATURES))
    assert (on_duckdb.nunique() > 1).all()
    assert set(on_duckdb.columns[on_duckdb.isna().any()]) > {
        "cadence_days",
        "response_latency_hours",
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Spark's own, on a pandas newer than it knows
def test_spark_gives_the_features_of_duckdb(spark, on_duckdb):
    on_spark = features_of(*(spark.table(name) for name in CONTRACTS))
    pd.testing.assert_frame_equal(on_spark, on_duckdb, check_dtype=False, rtol=0, atol=1e-9)


def test_postgres_gives_the_features_of_duckdb(postgres, on_duckdb):
    on_postgres = features_of(*(postgres.table(name) for name in CONTRACTS))
    pd.testing.assert_frame_equal(on_postgres, on_duckdb, check_dtype=False, rtol=0, atol=1e-9)


@cache
def everything() -> ibis.Table:
    return behaviour(
        *(ibis.table(dict(c.types), name=name) for name, c in CONTRACTS.items()), **OPTIONS
    )


def check_sql(table: ibis.Table, dialect: str, names: list[str]) -> None:
    """Raise unless the SQL gives these columns, stops before the day, and calls known functions."""
    sql = str(ibis.to_sql(table, dialect=dialect))
    assert sqlglot.parse_one(sql, dialect=dialect).named_selects == ["person_id", *names]
    assert re.search(r"< \S*2026\D{1,2}0?7\D{1,2}0?1(?!\d)", sql)
    called = {name.upper() for name in re.findall(r"(\w+)\(", sql)}
    assert called <= {*EVERYWHERE.split(), *OWN[dialect].split()}


@pytest.mark.parametrize("dialect", OWN)
def test_every_dialect_can_say_the_whole_table(dialect):
    check_sql(everything(), dialect, list(FEATURES))


@pytest.mark.slow
@pytest.mark.parametrize("dialect", OWN)
@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_compiles_on_its_own(name, dialect):
    check_sql(everything().select("person_id", name), dialect, [name])
