"""What is forecast: that somebody does something, falls silent, or ends a contract."""

from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir

from coterie.windows import as_of_window, outcome_window

ACT, SILENCE, END = "act", "silence", "end of contract"


class Target(NamedTuple):
    """An outcome that a forecast is about."""

    score: str  # name of the score, like purchase_probability
    kind: str  # act, silence, or end of contract
    verb: str  # act that counts; empty for silence
    horizon_days: int
    gap_days: int = 0

    @property
    def words(self) -> str:
        """Say what the outcome is."""
        if self.kind == SILENCE:
            return f"not heard of for {self.horizon_days} days"
        return f"{self.verb} within {self.horizon_days} days"


def propensity(verb: str, *, horizon_days: int, gap_days: int = 0) -> Target:
    """Forecast that somebody does it.

    >>> propensity("purchase", horizon_days=28).score
    'purchase_probability'
    """
    return Target(f"{verb}_probability", ACT, verb, horizon_days, gap_days)


def churn(verb: str, *, horizon_days: int, gap_days: int = 0) -> Target:
    """Forecast that somebody leaves.

    With a `verb` that ends a contract, leaving is an event and has a day. Without one nobody says
    so: who was heard of lately and is not for a whole horizon counts as gone.

    >>> churn("", horizon_days=28).kind, churn("leave", horizon_days=28).kind
    ('silence', 'end of contract')
    """
    kind = END if verb else SILENCE
    return Target("churn_probability", kind, verb, horizon_days, gap_days)


def with_outcome(behaviour: ir.Table, events: ir.Table, *, target: Target, on: date) -> ir.Table:
    """Keep who can still do it, and add whether they did: `did`, and the money it `brought`.

    Everybody can do an act. Who was not heard of within the last horizon cannot fall silent, who
    has ended a contract cannot end it again.

    >>> import ibis
    >>> import pandas as pd
    >>> behaviour = ibis.memtable({"person_id": ["ana", "bo"], "recency_days": [2.0, 3.0]})
    >>> at = pd.to_datetime(["2026-07-02", "2026-06-28"])
    >>> acts = {"person_id": ["ana", "bo"], "verb": "purchase", "value": [7.0, 9.0], "at": at}
    >>> events, on = ibis.memtable(pd.DataFrame(acts)), date(2026, 7, 1)
    >>> buys, leaves = propensity("purchase", horizon_days=28), churn("", horizon_days=28)
    >>> [
    ...     with_outcome(behaviour, events, target=about, on=on)
    ...     .order_by("person_id")
    ...     .to_pandas()["did"]
    ...     .tolist()
    ...     for about in (buys, leaves)
    ... ]
    [[True, False], [False, True]]
    """
    window = {"gap_days": target.gap_days, "horizon_days": target.horizon_days}
    later = outcome_window(events, as_of=on, **window)
    counted = later if target.kind == SILENCE else later.filter(later["verb"] == target.verb)
    done = counted.group_by(doer="person_id").agg(
        brought=counted["value"].fill_null(0.0).sum(), times=counted.count()
    )
    people = at_risk(behaviour, events, target=target, on=on)
    both = people.left_join(done, people["person_id"] == done["doer"])
    happened = both["times"].notnull()
    did = ~happened if target.kind == SILENCE else happened
    return both.mutate(did=did, brought=both["brought"].fill_null(0.0)).drop("doer", "times")


def at_risk(behaviour: ir.Table, events: ir.Table, *, target: Target, on: date) -> ir.Table:
    """Keep the people to whom the outcome can happen."""
    if target.kind == SILENCE:
        return behaviour.filter(behaviour["recency_days"] <= target.horizon_days)
    if target.kind == END:
        before = as_of_window(events, as_of=on)
        ended = before.filter(before["verb"] == target.verb)
        return behaviour.anti_join(ended, "person_id")
    return behaviour
