"""Which pairs are compared at all: everything in small data, else what shares a rare value."""

import duckdb
import pandas as pd

ALL_PAIRS = 3_000_000  # up to as many pairs every account is compared with every other
PAIRS_PER_RECORD = 12  # else as many times the number of accounts
CANDIDATES = (
    ("number",),
    ("email",),
    ("phone",),
    ("handle",),
    ("street",),
    ("full_name", "birth_date"),
    ("surname", "birth_date"),
    ("given_name", "birth_date"),
    ("full_name",),
    ("alias",),
    ("birth_date",),
    ("surname", "postcode"),
    ("given_name", "postcode"),
    ("surname", "city"),
    ("given_name", "city"),
    ("postcode", "city"),
)


def choose_blocking(records: pd.DataFrame) -> pd.DataFrame:
    """Choose blocking rules by the number of pairs that they make.

    Returns
    -------
    One row a candidate: `rule` (columns joined by a comma, empty for every pair), `pairs` and
    whether it is `used`. Candidates count from the cheapest until the budget is spent.

    >>> choose_blocking(pd.DataFrame({"email": ["a", "a", "b"]}))
      rule  pairs  used
    0           3  True
    """
    every = len(records) * (len(records) - 1) // 2
    if every <= ALL_PAIRS:
        return pd.DataFrame({"rule": [""], "pairs": [every], "used": [True]})
    possible = [rule for rule in CANDIDATES if all(records[part].notna().any() for part in rule)]
    counts = pd.DataFrame(
        {"rule": [",".join(rule) for rule in possible], "pairs": pairs_of(records, possible)}
    )
    counts = counts.sort_values("pairs", kind="stable", ignore_index=True)
    budget = max(ALL_PAIRS, PAIRS_PER_RECORD * len(records))
    return counts.assign(used=counts["pairs"].cumsum() <= budget)


def pairs_of(records: pd.DataFrame, rules: list[tuple[str, ...]]) -> list[int]:
    """Count the pairs of accounts that agree on all columns of each rule."""
    with duckdb.connect() as engine:
        engine.register("records", records)
        counted = [
            f"(SELECT coalesce(sum(n * (n - 1) / 2), 0)::BIGINT FROM (SELECT count(*) AS n "
            f"FROM records WHERE {' AND '.join(f'{c} IS NOT NULL' for c in rule)} "
            f"GROUP BY {', '.join(rule)}))"
            for rule in rules
        ]
        return list(engine.sql("SELECT " + ", ".join(counted)).fetchone())
