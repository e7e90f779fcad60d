"""Indicators by platform, each over its own denominator, beside what others reach."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.statistics import share_intervals
from coterie.windows import as_of_window

REACTIONS = "reactions"  # likes, shares and comments together, as benchmarks count them
REACTING = ("like", "announce", "create")
KEY = ["kpi", "platform", "denominator"]


def platform_rates(
    events: ir.Table, kpis: ir.Table, *, as_of: date, days: int = 28, min_people: int = 50
) -> pd.DataFrame:
    """Compute each indicator by platform over people, reach, impressions and followers.

    *People* did anything there in the window, *reach* are those of them who viewed something; both
    rates are shares who did it at least once. *Impressions* are views, and every act counts.
    *Followers* followed at any time before `as_of`; acts are counted for each follower and post, as
    rates by followers are of one post. The engine adds up; small platforms are left out.

    Returns
    -------
    DataFrame
        One row a kpi, platform and denominator: `numerator`, `over`, `n_people`, `value`, `low`,
        `high`. Without a single view there is no rate over impressions, and so on.
    """
    own = {row.kpi: (row.numerator_verb,) for row in kpis.to_pandas().itertuples()}
    verbs = {REACTIONS: REACTING} | own
    sums = platform_sums(events, verbs, as_of=as_of, days=days).to_pandas()
    rows = [
        rate
        for _, row in sums[sums["people"] >= min_people].iterrows()
        for n, kpi in enumerate(verbs)
        for rate in rates_of(row, kpi, f"hits_{n}")
    ]
    names = [*KEY, "numerator", "over", "n_people", "value", "low", "high"]
    table = pd.DataFrame(rows, columns=names)
    return table[table["over"] > 0].sort_values(KEY).reset_index(drop=True)


def platform_sums(
    events: ir.Table, verbs: dict[str, tuple[str, ...]], *, as_of: date, days: int
) -> ir.Table:
    """Add up by platform what the rates are made of: one row each, hits numbered as `verbs` are."""
    past = as_of_window(events, as_of=as_of)
    seen = as_of_window(events, as_of=as_of, days=days)
    posts = seen.group_by("platform").agg(posts=seen["object_id"].nunique())
    followers = past.filter(past["verb"] == "follow").select("platform", "person_id").distinct()
    hits = {f"hits_{n}": seen["verb"].isin(wanted).sum() for n, wanted in enumerate(verbs.values())}
    acts = seen.group_by("platform", "person_id").agg(views=(seen["verb"] == "view").sum(), **hits)
    both = acts.outer_join(followers, ["platform", "person_id"])
    person = both.select(
        platform=ibis.coalesce(both["platform"], both["platform_right"]),
        here=both["platform"].notnull().cast("int64"),
        follows=both["platform_right"].notnull().cast("int64"),
        **{name: both[name].fill_null(0) for name in ("views", *hits)},
    )
    return added_up(person, list(hits)).left_join(posts, "platform").drop("platform_right")


def added_up(person: ir.Table, hits: list[str]) -> ir.Table:
    """Add up one row a person and platform to sums, squares and cross-products."""
    views, follows = person["views"], person["follows"]
    saw = (views > 0).cast("int64")
    sums = {"people": person["here"].sum(), "followers": follows.sum(), "reached": saw.sum()}
    sums |= {"views": views.sum(), "views2": (views * views).sum()}
    for name in hits:
        hit, did = person[name], (person[name] > 0).cast("int64")
        sums |= {f"{name}_doers": did.sum(), f"{name}_reached": (did * saw).sum()}
        sums |= {f"{name}_sum": hit.sum(), f"{name}_sum2": (hit * hit).sum()}
        sums |= {f"{name}_views": (hit * views).sum(), f"{name}_follows": (hit * follows).sum()}
    return person.group_by("platform").agg(**sums)


def rates_of(row: pd.Series, kpi: str, hits: str) -> list[tuple]:
    """Compute the four rates of one platform and indicator, with their 95 % intervals."""
    doers, reached_doers, acts, acts2, acts_views, acts_follows = (
        row[f"{hits}_{part}"] for part in ("doers", "reached", "sum", "sum2", "views", "follows")
    )
    did, of = pd.Series([doers, reached_doers]), pd.Series([row["people"], row["reached"]])
    shares = share_intervals(did, of).to_numpy()
    posts = 0 if pd.isna(row["posts"]) else int(row["posts"])
    views = (row["views"], row["views2"], acts_views)
    follows = (row["followers"] * posts, row["followers"] * posts**2, acts_follows * posts)
    n = int(max(row["people"], row["followers"]))
    rates = {
        "people": (doers, row["people"], *shares[0]),
        "reach": (reached_doers, row["reached"], *shares[1]),
        "impressions": (acts, row["views"], *ratio(acts, acts2, *views, n=int(row["people"]))),
        "followers": (acts, follows[0], *ratio(acts, acts2, *follows, n=n)),
    }
    return [
        (kpi, row["platform"], name, int(did), int(of), int(row["people"]), *interval)
        for name, (did, of, *interval) in rates.items()
    ]


def ratio(
    sum_y: float, sum_yy: float, sum_x: float, sum_xx: float, sum_xy: float, *, n: int
) -> tuple[float, float, float]:
    """Estimate a ratio of two sums over people, with its 95 % interval by the delta method.

    >>> [round(part, 3) for part in ratio(3, 5, 6, 20, 10, n=2)]  # 1 of 2, and 2 of 4
    [0.5, 0.5, 0.5]
    """
    if not sum_x or n < 2:
        return (np.nan, np.nan, np.nan)
    value = sum_y / sum_x
    residuals = max(sum_yy - 2 * value * sum_xy + value**2 * sum_xx, 0.0)
    half = 1.96 * float(np.sqrt(n / (n - 1) * residuals)) / sum_x
    return (value, max(value - half, 0.0), value + half)


def beside_benchmarks(rates: pd.DataFrame, benchmarks: pd.DataFrame) -> pd.DataFrame:
    """Hold each rate against the benchmark of the same indicator, platform and denominator.

    Where there is none, the benchmark is unknown and stays so: a rate over impressions is never
    held against one over followers. More reactions than views mean that the log lacks
    views; such a rate is held against nothing.

    >>> ours = {"kpi": ["reactions"], "platform": ["x"], "denominator": ["impressions"]}
    >>> ours |= {"value": [0.05], "low": [0.04], "high": [0.06]}
    >>> other = {"kpi": ["reactions"], "platform": ["x"], "denominator": ["followers"]}
    >>> other |= {"value": [0.01], "n": [9], "source": ["a report"], "read_on": ["2026-11-29"]}
    >>> beside_benchmarks(pd.DataFrame(ours), pd.DataFrame(other))["verdict"].tolist()
    ['unknown']
    """
    known = benchmarks.rename(
        columns={"value": "benchmark", "n": "benchmark_n", "source": "benchmark_source"}
    )
    kept = [*KEY, "benchmark", "benchmark_n", "benchmark_source", "read_on"]
    both = rates.merge(known[kept], on=KEY, how="left")
    unlogged = (both["denominator"] == "impressions") & (both["value"] > 1)
    above, below = both["low"] > both["benchmark"], both["high"] < both["benchmark"]
    words = ["views are not all logged", "unknown", "above", "below"]
    verdict = np.select([unlogged, both["benchmark"].isna(), above, below], words, "no telling")
    return both.assign(verdict=verdict)
