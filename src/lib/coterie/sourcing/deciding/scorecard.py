"""Is a source worth building on? What the data say of each, and how sure the order is."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.lake import SourceFile
from coterie.sourcing.accounting import Reconciliation
from coterie.sourcing.retention.rules import Rule, is_due, rules_for
from coterie.sourcing.sorted_rows import SortedRows

DATED = ("events", "posts", "exposures", "consents")
MAY_BE_EMPTY = {"in_reply_to", "about_brand", "currency"}  # empty says "none", not "unknown"
CRITERIA = ["key_coverage", "fresh_share", "filled_share", "kept_share", "basis_share"]
CRITERIA += ["within_terms_share"]


def score_sources(criteria: pd.DataFrame, *, weightings: int = 500, seed: int = 0) -> pd.DataFrame:
    """Rank the sources by the mean of six shares, and say how far the order hangs on the weights.

    `criteria` has one row a platform and the shares of `CRITERIA`; a missing share counts nothing.
    `rank_low` and `rank_high` are the best and worst rank among 95 % of `weightings` ways to weigh
    the six, drawn evenly (a flat Dirichlet): a source that is last under all of them is poor
    whatever one values.

    >>> shares = pd.DataFrame(0.9, index=[0, 1], columns=CRITERIA).assign(platform=["x", "forum"])
    >>> shares.loc[1, ["key_coverage", "fresh_share"]] = 0.1
    >>> score_sources(shares)[["platform", "rank", "rank_low", "rank_high"]].values.tolist()
    [['x', 1, 1, 1], ['forum', 2, 2, 2]]
    """
    shares = criteria[CRITERIA].fillna(0.0).to_numpy(float)
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(CRITERIA)), weightings)
    by_weights = pd.DataFrame(shares @ weights.T).rank(ascending=False, method="min")
    low, high = np.quantile(by_weights, [0.025, 0.975], axis=1, method="nearest")
    mean = shares.mean(axis=1)
    ranked = criteria.assign(
        mean_share=mean,
        rank=pd.Series(mean, criteria.index).rank(ascending=False, method="min").astype(int),
        rank_low=low.astype(int),
        rank_high=high.astype(int),
    )
    return ranked.sort_values(["rank", "platform"], ignore_index=True)


def measure_sources(
    sources: list[SourceFile],
    rows: Mapping[str, SortedRows],
    found: Reconciliation,
    *,
    linked: pd.DataFrame,
    allowed: set[str],
    rules: list[Rule],
    as_of: date,
) -> pd.DataFrame:
    """Measure each platform's files on six criteria, from the data alone.

    `linked` are the accounts with their people, `allowed` the people with a lawful basis on record,
    `rules` those of retention.

    Returns
    -------
    One row a platform: `n_rows`; `key_coverage`, the share of its accounts whose person is known
    from another platform too; `lag_p50_days` and `lag_p95_days`, how old its newest row is on the
    middle day and on the worst of twenty, and `fresh_share`, the share of days on which that is
    a week at most; `filled_share`, cells of mapped columns that are not empty; `kept_share`, rows
    not set aside; `basis_share`, people with a lawful basis; `within_terms_share`, rows that no
    rule of retention forbids to keep at `as_of`.
    """
    counts = found.sources.groupby("platform")[["rows_read", "rows_quarantined"]].sum()
    dated = {kind: rows[kind].kept for kind in DATED}
    parts = [
        people_shares(linked, allowed=allowed),
        lags(dated, as_of=as_of),
        filled(sources, rows),
        within_terms(dated, rules, as_of=as_of),
    ]
    every = pd.concat([counts, *parts], axis=1)
    every = every[every["rows_read"] > 0]
    every["kept_share"] = 1 - every["rows_quarantined"] / every["rows_read"]
    named = every.rename(columns={"rows_read": "n_rows"}).rename_axis("platform").reset_index()
    columns = ["platform", "n_rows", "lag_p50_days", "lag_p95_days", *CRITERIA]
    return named[columns]


def people_allowed(consents: ir.Table) -> set[str]:
    """Name the people who allow something, by the last word they gave.

    >>> said = {"person_id": ["p1", "p2"], "purpose": ["ads", "ads"], "granted": [True, False]}
    >>> people_allowed(ibis.memtable(said))
    {'p1'}
    """
    return set(consents.filter(consents["granted"])["person_id"].to_pandas())


def people_shares(linked: pd.DataFrame, *, allowed: set[str]) -> pd.DataFrame:
    """Share of a platform's accounts that lead to another platform, and with a lawful basis."""
    accounts = linked[["platform", "account", "person_id"]].drop_duplicates()
    reach = accounts.groupby("person_id")["platform"].transform("nunique")
    shares = accounts.assign(
        key_coverage=reach > 1, basis_share=accounts["person_id"].isin(allowed)
    )
    return shares.groupby("platform")[["key_coverage", "basis_share"]].mean()


def lags(dated: Mapping[str, ir.Table], *, as_of: date, days: int = 90) -> pd.DataFrame:
    """How old each platform's newest row was, on each of the last `days` days before `as_of`.

    The days begin when the first source does; a source that begins later is as old as they are.
    """
    parts = [table.select("platform", day=table["at"].date()) for table in dated.values()]
    seen = ibis.union(*parts).distinct().to_pandas().dropna()
    seen["day"] = pd.to_datetime(seen["day"])
    last = pd.Timestamp(as_of) - pd.Timedelta(days=1)
    first = max(last - pd.Timedelta(days=days - 1), seen["day"].min() if len(seen) else last)
    calendar = pd.date_range(first, last)
    found = {}
    for platform, of_platform in seen.groupby("platform"):
        known = of_platform["day"].sort_values().to_numpy()
        place = np.searchsorted(known, calendar.to_numpy(), side="right") - 1
        age = (calendar.to_numpy() - known[np.maximum(place, 0)]) / np.timedelta64(1, "D")
        age = np.where(place < 0, len(calendar), age)
        found[platform] = (*np.quantile(age, [0.5, 0.95]), float((age <= 7).mean()))
    columns = ["lag_p50_days", "lag_p95_days", "fresh_share"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


def filled(sources: list[SourceFile], rows: Mapping[str, SortedRows]) -> pd.Series:
    """Share of a platform's mapped cells that hold something, among the rows kept."""
    cells = []
    for kind, platform, columns in mapped_columns(sources):
        kept = rows[kind].kept
        kept = kept.filter(kept["platform"] == platform)
        shares = kept.agg(n=kept.count(), **{name: kept[name].notnull().mean() for name in columns})
        found = shares.to_pandas().iloc[0]
        cells += [(platform, found["n"], found[name]) for name in columns if found["n"]]
    frame = pd.DataFrame(cells, columns=["platform", "n", "share"]).astype({"share": float})
    frame["full"] = frame["n"] * frame["share"]
    sums = frame.groupby("platform")[["full", "n"]].sum()
    return (sums["full"] / sums["n"]).rename("filled_share")


def mapped_columns(sources: list[SourceFile]) -> list[tuple[str, str, list[str]]]:
    """List kind, platform and the columns of the study that its files map; literals are full."""
    found: dict[tuple[str, str], set[str]] = {}
    for source in sources:
        names = {n for n, own in source.entry["columns"].items() if not str(own).startswith("=")}
        pair = (source.entry["gives"], source.entry["platform"])
        found[pair] = found.get(pair, set()) | (names - MAY_BE_EMPTY)
    return [(kind, platform, sorted(names)) for (kind, platform), names in sorted(found.items())]


def within_terms(dated: Mapping[str, ir.Table], rules: list[Rule], *, as_of: date) -> pd.Series:
    """Share of a platform's dated rows that no rule forbids to keep; all where it has none."""
    parts = []
    for kind, table in dated.items():
        due = [is_due(table, rule, today=as_of) for rule in rules_for(rules, kind)]
        due = due or [ibis.literal(False)]
        marked = table.select("platform", due=ibis.or_(*due))
        parts.append(marked.group_by("platform").agg(n=marked.count(), due=marked["due"].sum()))
    sums = pd.concat([part.to_pandas() for part in parts]).groupby("platform").sum()
    return (1 - sums["due"] / sums["n"]).rename("within_terms_share")
