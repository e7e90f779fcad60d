"""What others reach: dated, sourced benchmarks, each with its denominator and on how much it rests.

A rate over followers and a rate over impressions are different things: one is never held against
the other.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field

from coterie.entries import read_entry

STORED = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
KEY = ["kpi", "platform", "denominator"]
FORM = (
    "{kpi: reactions, platform: instagram, denominator: followers, value: 0.006, n: 1200, "
    "n_of: posts, span: 2026-01 to 2026-06, source: our agency's report, read_on: 2026-07-15}"
)


class Benchmark(BaseModel):
    """One benchmark; a value without source and date is none."""

    model_config = ConfigDict(extra="forbid")
    kpi: str
    platform: str
    denominator: Literal["people", "reach", "impressions", "followers"]
    value: float = Field(gt=0)
    n: int | None = Field(default=None, gt=0)
    n_of: str = "posts"
    span: str = "unknown"
    source: str = Field(min_length=1)
    read_on: date
    status: str = "own"


def read_benchmarks(own: Sequence[object] = ()) -> pd.DataFrame:
    """List what others reach; a study's own benchmarks come before the stored ones.

    Raises
    ------
    SettingsError
        Naming the entry that lacks its source, its date or its denominator.

    >>> known = read_benchmarks().set_index(["platform", "denominator"])
    >>> float(known.loc[("instagram", "impressions"), "value"])
    0.0116
    >>> known.loc[("instagram", "impressions"), "n"] is pd.NA  # its source does not say
    True
    """
    stored = [
        {"read_on": STORED["read_on"], **STORED["sources"][entry["from"]]}
        | {name: value for name, value in entry.items() if name != "from"}
        for entry in STORED["benchmarks"]
    ]
    read = [
        read_entry(Benchmark, entry, where=where, form=FORM)
        for where, entry in [
            *((f"01_objectives.benchmarks[{at}]", entry) for at, entry in enumerate(own)),
            *(("benchmarks.yml", entry) for entry in stored),
        ]
    ]
    table = pd.DataFrame([benchmark.model_dump() for benchmark in read])
    kinds = {"n": "Int64", "read_on": "datetime64[us]"}
    return table.drop_duplicates(KEY).astype(kinds).reset_index(drop=True)
