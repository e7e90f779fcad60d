"""What the tags change: every indicator over everybody, and without the tagged."""

from datetime import date, timedelta

import ibis.expr.types as ir
import pandas as pd

from coterie.statistics import Interval, share_interval
from coterie.windows import outcomes


def kpi_band(outcomes: pd.DataFrame, bots: pd.DataFrame) -> pd.DataFrame:
    """Show each indicator over everybody and without the tagged.

    So a reader sees what the tags change.

    `outcomes` has one row a person and indicator: `person_id`, `kpi`, `did` (0 or 1). Intervals are
    Wilson's, 95 %; they know nothing of wrong tags. People whom `bots` does not know count as not
    tagged.

    >>> outcomes = pd.DataFrame(
    ...     {"person_id": ["ana", "bo", "bot"], "kpi": "orders", "did": [1, 0, 0]}
    ... )
    >>> bots = pd.DataFrame({"person_id": ["bot"], "tagged": [True]})
    >>> kpi_band(outcomes, bots)[
    ...     ["kpi", "n_people", "value", "n_tagged", "value_without"]
    ... ].values.tolist()
    [['orders', 3, 0.333..., 1, 0.5]]
    """
    tagged = outcomes["person_id"].isin(bots.loc[bots["tagged"].astype(bool), "person_id"])
    rows = []
    for kpi, group in outcomes.assign(tagged=tagged).groupby("kpi"):
        kept = group[~group["tagged"]]
        everybody, without = (
            share_interval(part["did"].sum(), len(part)) for part in (group, kept)
        )
        rows.append((kpi, len(group), *everybody, int(group["tagged"].sum()), *without))
    names = "kpi n_people value low high n_tagged value_without low_without high_without"
    return pd.DataFrame(rows, columns=names.split())


def kpi_results(
    events: ir.Table, kpis: pd.DataFrame, people: pd.Series, *, as_of: date, horizon_days: int = 28
) -> pd.DataFrame:
    """Say who did what each indicator counts in the last `horizon_days` before `as_of`.

    Parameters
    ----------
    kpis
        `kpi` and `numerator_verb`.
    people
        person_ids that are counted.

    Returns
    -------
    One row a person and indicator: `person_id`, `kpi`, `did`.

    >>> import ibis
    >>> events = ibis.memtable(
    ...     {
    ...         "person_id": ["ana"],
    ...         "verb": ["purchase"],
    ...         "value": [9.0],
    ...         "at": pd.to_datetime(["2026-06-30"]),
    ...     }
    ... )
    >>> kpis = pd.DataFrame({"kpi": ["orders"], "numerator_verb": ["purchase"]})
    >>> people = pd.Series(["ana", "bo"])
    >>> kpi_results(events, kpis, people, as_of=date(2026, 7, 1)).values.tolist()
    [['ana', 'orders', True], ['bo', 'orders', False]]
    """
    start = as_of - timedelta(days=horizon_days)
    parts = []
    for row in kpis.itertuples():
        done = outcomes(events, verb=row.numerator_verb, as_of=start, horizon_days=horizon_days)
        did = people.isin(done.to_pandas()["person_id"])
        parts.append(pd.DataFrame({"person_id": people, "kpi": row.kpi, "did": did}))
    return pd.concat(parts, ignore_index=True)


def tagged_share(bots: pd.DataFrame, *, min_people: int = 50) -> Interval | str:
    """Estimate the share of people tagged as bots, in words where so few would be told apart.

    >>> tagged_share(pd.DataFrame({"tagged": [True, False]}))
    'under 50 people'
    """
    n_tagged = int(bots["tagged"].sum())
    if 0 < n_tagged < min_people:
        return f"under {min_people} people"
    return share_interval(n_tagged, len(bots))
