"""Read ten million rows of events from CSV and from Parquet, against a bare DuckDB COPY.

    python tests/bench/files.py --rows 10000000

Both sides read the same files and write Parquet; each runs in a process of its own, so that its
peak memory is its own. Quote ratios, and the median of several.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import duckdb
import ibis

from coterie.lake.column_map.files import locate_files, read_rows
from coterie.sourcing import heard_entries, may_refuse

COLUMNS = {"account": "user", "at": "at", "verb": "verb", "object_id": "object", "value": "value"}
EVENTS = """
COPY (SELECT 'user_' || (i * 7919 % 400000) AS "user",
    strftime(TIMESTAMP '2026-01-01' + to_seconds(CAST(i * 1.5 AS BIGINT)),
        '%Y-%m-%dT%H:%M:%SZ') AS at,
    (['view', 'like', 'purchase', 'share'])[1 + i % 4] AS verb, 'obj' || (i % 5000) AS object,
    CASE WHEN i % 4 = 2 THEN CAST(round(i % 1000 / 10.0, 2) AS VARCHAR) END AS value
FROM range({rows}) t(i)) TO '{file}'
"""


def run(side: str, file: Path) -> None:
    """Read one file as one side does, and print seconds and peak memory in GiB."""
    out = file.with_name("out.parquet")
    began = perf_counter()
    if side == "bare":
        reader = f"read_csv('{file}')" if file.suffix == ".csv" else f"'{file}'"
        duckdb.sql(f"COPY (FROM {reader}) TO '{out}'")
    else:
        engine = ibis.duckdb.connect()
        ibis.set_backend(engine)
        entry = {"path": file.name, "gives": "events", "platform": "x", "columns": COLUMNS}
        [(path, known)] = locate_files(str(file.parent), [entry])
        source = read_rows(path, known, folder=str(file.parent), besides=may_refuse)
        assert not source.broken
        assert not heard_entries([source])  # every act is looked at for a no, as 02 does
        engine.to_parquet(source.rows, out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(perf_counter() - began, peak)


def main() -> None:
    """Print seconds, ratio and peak memory for each format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--side", nargs=2)
    options = parser.parse_args()
    if options.side:
        run(options.side[0], Path(options.side[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("csv", "parquet"):
            file = Path(folder) / f"events.{ending}"
            duckdb.sql(EVENTS.format(rows=options.rows, file=file))
            found = {"bare": [], "ours": []}
            for _ in range(options.times):
                for side, runs in found.items():
                    command = [sys.executable, __file__, "--side", side, str(file)]
                    printed = subprocess.run(command, capture_output=True, text=True, check=True)
                    runs.append(tuple(map(float, printed.stdout.split())))
            bare, ours = (median(seconds for seconds, _ in found[side]) for side in found)
            peak = max(memory for _, memory in found["ours"])
            times = f"{ours:.1f} s, bare {bare:.1f} s, ratio {ours / bare:.2f}"
            print(f"{ending}: {times}, peak {peak:.2f} GiB", flush=True)


if __name__ == "__main__":
    main()
