"""The rule that 01 fixed in advance, applied to what the experiment found."""

from typing import NamedTuple

import pandas as pd


class Ruling(NamedTuple):
    """What the decision rule says about one campaign, for everyone and by segment."""

    lifts: pd.DataFrame  # all lifts, with `decision` on those the rule is about
    names: pd.Series  # name of every segment, by segment
    rule: pd.Series  # one row of `decision_rule`
    campaign: str | None  # the randomised campaign that the rule is applied to
    pre_registered: bool  # whether the rule is older than the campaign

    @property
    def conversions(self) -> pd.DataFrame:
        """Differences in conversion of every campaign, for everyone."""
        lifts = self.lifts
        return lifts[(lifts["metric"] == "conversion") & (lifts["segment"] == "all")]

    @property
    def overall(self) -> pd.Series | None:
        """The campaign's lift for everyone; None without a campaign, or with too few people."""
        rows = self.conversions[self.conversions["campaign"] == self.campaign]
        return None if rows.empty else rows.iloc[0]

    @property
    def by_segment(self) -> pd.DataFrame:
        """The campaign's lifts by segment, with `label`: id and name."""
        lifts = self.lifts
        ours = (lifts["campaign"] == self.campaign) & (lifts["metric"] == "conversion")
        parts = lifts[ours & (lifts["segment"] != "all")].reset_index(drop=True)
        return parts.assign(label=parts["segment"] + " " + parts["segment"].map(self.names))

    @property
    def n_compared(self) -> int:
        """Count the segments with enough people in both arms."""
        return len(self.by_segment)

    @property
    def n_lifted(self) -> int:
        """Count the segments whose lift chance does not explain."""
        parts = self.by_segment
        significant = parts["pvalue_adjusted"] < self.rule["alpha"]
        return int((significant & (parts["lift"] > 0)).sum())

    @property
    def to_act_on(self) -> list[str]:
        """Name the segments in which the rule says act."""
        parts = self.by_segment
        return parts.loc[parts["decision"] == "act", "label"].tolist()

    @property
    def not_compared(self) -> list[str]:
        """List the segments with too few people to compare."""
        return sorted(set(self.names.index) - set(self.by_segment["segment"]))

    @property
    def decision(self) -> str:
        """Say `act`, `do not act` or `cannot tell`, for everyone."""
        return "cannot tell" if self.overall is None else self.overall["decision"]

    @property
    def evidence(self) -> str:
        """A with a randomised campaign that passed its checks, else C."""
        return "C" if self.overall is None else self.overall["evidence"]

    @property
    def lift(self) -> tuple:
        """The lift for everyone: value, low, high, evidence; the value is None without one."""
        if self.overall is None:
            return (None, None, None, self.evidence)
        return (*self.overall[["lift", "low", "high"]], self.evidence)

    def covers(self, truth: float | None) -> bool | None:
        """Say whether the interval covers a planted lift; None where there is none to cover."""
        if truth is None or self.overall is None:
            return None
        return bool(self.overall["low"] <= truth <= self.overall["high"])


def apply_rule(
    lifts: pd.DataFrame,
    rule: pd.Series,
    *,
    names: pd.Series,
    campaign: str | None,
    started: pd.Timestamp | None,
) -> Ruling:
    """Apply the rule of 01 to a campaign's lift in conversion, for everyone and in each segment.

    Parameters
    ----------
    lifts
        As `compare_arms` gives.
    rule
        One row of `decision_rule`.
    names
        Name of every segment, by segment.
    campaign, started
        The randomised campaign and its first assignment; None without one.
    """
    limits = {"minimum_lift": rule["minimum_lift"], "alpha": rule["alpha"]}
    ruled = lifts[(lifts["campaign"] == campaign) & (lifts["metric"] == "conversion")]
    decided = {
        row.Index: decide_by_rule(row.lift, row.low, row.high, row.pvalue_adjusted, **limits)
        for row in ruled.itertuples()
    }
    decision = pd.Series(decided, index=lifts.index, dtype=object)
    registered = campaign is not None and bool(rule["registered_at"] < started)
    return Ruling(lifts.assign(decision=decision), names, rule, campaign, registered)


def decide_by_rule(
    lift: float, low: float, high: float, pvalue: float, *, minimum_lift: float, alpha: float
) -> str:
    """Apply the rule fixed in advance: act on a lift beyond chance that matters, do not when one is
    excluded.

    >>> decide_by_rule(0.04, 0.02, 0.06, 0.001, minimum_lift=0.02, alpha=0.05)
    'act'
    """
    if pvalue < alpha and low > 0 and lift >= minimum_lift:
        return "act"
    return "do not act" if high < minimum_lift else "cannot tell"
