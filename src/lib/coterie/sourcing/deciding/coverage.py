"""What the data cannot see: people unseen on a platform, and bounds on what they would change."""

from collections.abc import Iterable

import ibis.expr.types as ir
import pandas as pd


def count_bounds(links: pd.DataFrame) -> tuple[int, int]:
    """Bound how many people there are behind the accounts.

    At most as many as were told apart: who was split in two was counted twice. At least as many as
    the fullest platform has accounts' people: there, two accounts are taken to be two people. A
    person with two accounts on one platform breaks the lower bound, a false join the upper.

    `links` has `platform`, `account` and `person_id`.

    >>> links = pd.DataFrame({"platform": ["x", "x", "crm"], "account": ["ana", "bo", "7"]})
    >>> count_bounds(links.assign(person_id=["p1", "p2", "p3"]))
    (2, 3)
    """
    by_platform = links.groupby("platform")["person_id"].nunique()
    return int(by_platform.max()) if len(by_platform) else 0, int(links["person_id"].nunique())


def platform_coverage(links: pd.DataFrame, events: ir.Table) -> pd.DataFrame:
    """Say of each platform whom it sees: known there, seen doing something, known only there.

    Returns
    -------
    One row a platform: `n_people`, `share` of all people, `active_share` of its people with at
    least one event there, `only_share` of its people that no other platform knows.
    """
    known = links[["platform", "person_id"]].drop_duplicates()
    acted = events.select("platform", "person_id").distinct().to_pandas().assign(active=True)
    known = known.merge(acted, on=["platform", "person_id"], how="left")
    reach = known.groupby("person_id")["platform"].transform("nunique")
    marked = known.assign(active=known["active"].notna(), only=reach == 1)
    by_platform = marked.groupby("platform")
    counts = by_platform.agg(
        n_people=("person_id", "size"), active_share=("active", "mean"), only_share=("only", "mean")
    )
    share = counts["n_people"] / known["person_id"].nunique()
    found = counts.assign(share=share).reset_index()
    return found[["platform", "n_people", "share", "active_share", "only_share"]]


def rate_bounds(
    links: pd.DataFrame, events: ir.Table, *, verb: str, ratio: float = 1.0
) -> pd.DataFrame:
    """Bound the share of people who did something that only some platforms can see.

    Who has no account on a platform where the act is seen may have done it all the same. If none of
    them did, the share is lowest, if all did, highest (`no assumption`). Assuming that they did it
    at most `ratio` times as often as those whom it could be seen of lowers the upper end.

    Returns
    -------
    One row an assumption: `assumption`, `seen` (the share among people whom it could be seen of),
    `low`, `high`.

    References
    ----------
    Manski (2003), "Partial Identification of Probability Distributions", Springer, chapter 1.
    """
    columns = ["assumption", "seen", "low", "high"]
    if links.empty:  # nobody whom it could be seen of: any share is possible
        return pd.DataFrame([("no assumption", float("nan"), 0.0, 1.0)], columns=columns)
    acts = events.filter(events["verb"] == verb).select("platform", "person_id").distinct()
    did = acts.to_pandas()
    visible = links[links["platform"].isin(did["platform"])]["person_id"].nunique()
    people_low, people_high = count_bounds(links)
    if not people_high:  # the only platform was left out: anything is possible
        rows = [("no assumption", float("nan"), 0.0, 1.0)]
        return pd.DataFrame(rows, columns=["assumption", "seen", "low", "high"])
    doers = did["person_id"].nunique()
    doers_low = int(did.groupby("platform")["person_id"].nunique().max()) if doers else 0
    seen = doers / visible if visible else float("nan")
    unseen = people_high - visible
    low, high = doers_low / people_high, min(1.0, (doers + unseen) / people_low)
    rows = [("no assumption", seen, low, high)]
    if visible:
        likely = (doers + unseen * min(1.0, ratio * seen)) / people_low
        told = f"the unseen at most {ratio:g} times as often as the seen"
        rows.append((told, seen, low, min(high, likely)))
    return pd.DataFrame(rows, columns=columns)


def coverage_table(links: pd.DataFrame, events: ir.Table, *, verb: str) -> pd.DataFrame:
    """Write what `platform_coverage` and `without_each` find as one row a platform."""
    gaps = without_each(links, events, verb=verb).rename(columns={"without": "platform"})
    seen = platform_coverage(links, events)
    return seen.merge(gaps[["platform", "low", "high"]], on="platform")


def without_each(
    links: pd.DataFrame, events: ir.Table, *, verb: str, platforms: Iterable[str] = ()
) -> pd.DataFrame:
    """Show how the answer would change were one platform missing: the sensitivity to a gap.

    Returns
    -------
    One row a platform left out: `without`, `n_people`, `seen`, `low`, `high`; the first row leaves
    out none.
    """
    rows = []
    for left_out in ("", *(platforms or sorted(links["platform"].unique()))):
        kept = links[links["platform"] != left_out]
        found = rate_bounds(kept, events.filter(events["platform"] != left_out), verb=verb)
        first = found.iloc[0]
        facts = (kept["person_id"].nunique(), first["seen"], first["low"], first["high"])
        rows.append((left_out or "nothing", *facts))
    return pd.DataFrame(rows, columns=["without", "n_people", "seen", "low", "high"])
