"""Whether people stay in their segments for longer than chance would keep them there."""

from typing import NamedTuple

import pandas as pd

from coterie.statistics import Interval, share_interval

COLUMNS = ["segment", "n_people", "kept_share", "low", "high", "null_share"]


class Stability(NamedTuple):
    """How many people were in the same segment earlier."""

    table: pd.DataFrame  # one row a segment, as `compare_placements` gives
    agreement: tuple  # share of people whom the same features place as 05 did: value, low, high
    kept: Interval  # share of people who stood in the same segment earlier
    kappa: float  # the same beyond what chance keeps (Cohen): 1 is everybody, 0 is chance

    @property
    def n_lasting(self) -> int:
        """Count the segments that keep more people than chance."""
        return int((self.table["low"] > self.table["null_share"]).sum())


def check_stability(now: pd.Series, then: pd.Series, *, segments: pd.Series) -> Stability:
    """Compare where people are placed now and earlier, and how well that agrees with 05's segments.

    All three are segments by `person_id`.

    >>> now = pd.Series({"ana": "S1", "bo": "S2"})
    >>> check_stability(now, now, segments=now).agreement.value
    1.0
    """
    same = int((now == segments.reindex(now.index)).sum())
    both = pd.DataFrame({"now": now, "then": then}).dropna()
    stayed = int((both["now"] == both["then"]).sum())
    return Stability(
        compare_placements(now, then),
        share_interval(same, len(now)),
        share_interval(stayed, len(both)),
        cohens_kappa(both["now"], both["then"]),
    )


def cohens_kappa(now: pd.Series, then: pd.Series) -> float:
    """Say how much more people stay than chance would keep, as a share of what it leaves.

    It is 1 where there is one segment and nowhere to go.

    References
    ----------
    Cohen (1960), "A coefficient of agreement for nominal scales", Educational and Psychological
    Measurement 20.

    >>> cohens_kappa(pd.Series(["a", "a", "b", "b"]), pd.Series(["a", "b", "b", "b"]))
    0.5
    """
    shares = now.value_counts(normalize=True)
    chance = float((shares * then.value_counts(normalize=True)).sum())
    stayed = float((now == then).mean()) if len(now) else 1.0
    return round((stayed - chance) / (1 - chance), 6) if chance < 1 else 1.0


def compare_placements(now: pd.Series, then: pd.Series) -> pd.DataFrame:
    """Ask, per segment of today, which share of its people stood there earlier; shuffling keeps
    `null_share`.

    >>> now = pd.Series({"ana": "S1", "bo": "S1", "cy": "S2"})
    >>> then = pd.Series({"ana": "S1", "bo": "S2", "cy": "S2"})
    >>> columns = ["segment", "n_people", "kept_share", "null_share"]
    >>> compare_placements(now, then)[columns].round(2)
      segment  n_people  kept_share  null_share
    0      S1         2         0.5        0.33
    1      S2         1         1.0        0.67
    """
    both = pd.DataFrame({"now": now, "then": then}).dropna()
    rows = []
    for segment, people in both.groupby("now"):
        kept = share_interval((people["then"] == segment).sum(), len(people))
        rows.append((segment, len(people), *kept, (both["then"] == segment).mean()))
    return pd.DataFrame(rows, columns=COLUMNS)
