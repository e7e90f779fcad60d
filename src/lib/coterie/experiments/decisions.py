"""What follows: the plan's rule, applied to what the experiment found."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.experiments.aggregates import ALL, AS_ASSIGNED
from coterie.experiments.checks import Checks
from coterie.experiments.plan import Metric, Plan, plan_hash
from coterie.experiments.sequential import early_alpha, sequence_ends
from coterie.statistics import holm

ACT, NOT, OPEN, EARLY = "act", "do not act", "cannot tell", "too early"
COLUMNS = [
    *("experiment", "metric", "arm", "segment", "effect", "low", "high", "pvalue_adjusted"),
    *("decision", "reason", "evidence", "plan_hash"),
]


class Rule(NamedTuple):
    """What decides about one effect."""

    minimum: float
    act_when: str
    alpha: float
    early: float  # error that may be spent before the end; none but for the primary metric


def decide(
    effects: pd.DataFrame, plan: Plan, checks: Checks, *, share_seen: float = 1.0
) -> pd.DataFrame:
    """Apply the plan's rule to every effect that it is about.

    The primary metric for everyone is the gate: only behind an open one may a segment, or another
    metric, say act, and then by Holm over all that stand behind it. Several arms share the error
    equally. So a report on a campaign that changed nothing says act anywhere in at most `alpha` of
    all cases.

    Parameters
    ----------
    share_seen
        How much of the planned people has been seen, for looks before the end.

    Returns
    -------
    DataFrame
        One row a metric, arm and segment that the rule is about: the primary metric for everyone
        and in each segment, the secondary metrics for everyone.

    References
    ----------
    Dmitrienko and Tamhane (2007), "Gatekeeping procedures with clinical trial applications",
    Pharmaceutical Statistics 6.
    """
    whose = {metric.name: metric for metric in (plan.primary, *plan.secondaries)}
    first = effects["metric"] == plan.primary.name
    asked = effects["metric"].isin(whose) & (first | (effects["segment"] == ALL))
    ours = with_every_gate(effects[asked & (effects["analysis"] == AS_ASSIGNED)], plan)
    n_arms = len(plan.treatments)
    adjusted = pd.Series(np.nan, index=ours.index)
    for _, rows in ours.groupby("arm"):
        adjusted.loc[rows.index] = np.minimum(1, n_arms * behind_gate(rows, plan.primary.name))
    ours = ours.assign(pvalue_adjusted=adjusted, evidence=checks.grade, plan_hash=plan_hash(plan))
    words = [
        word_of(row, rule_of(whose[row["metric"]], plan), checks, share_seen)
        for _, row in ours.iterrows()
    ]
    said = pd.DataFrame(words, columns=["decision", "reason"], index=ours.index)
    return ours.join(said)[COLUMNS]


def with_every_gate(effects: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Add what could not be compared for everyone, so that nothing is passed over in silence."""
    gates = effects[(effects["metric"] == plan.primary.name) & (effects["segment"] == ALL)]
    missing = [arm for arm in plan.treatments if arm not in set(gates["arm"])]
    absent = pd.DataFrame({"arm": missing}).assign(
        experiment=plan.id, metric=plan.primary.name, segment=ALL, analysis=AS_ASSIGNED
    )
    if effects.empty:
        return absent.reindex(columns=effects.columns)
    return pd.concat([effects, absent] if missing else [effects], ignore_index=True)


def behind_gate(rows: pd.DataFrame, primary: str) -> pd.Series:
    """Adjust one arm's p-values: the gate stands alone, all others stand behind it by Holm."""
    gate = (rows["metric"] == primary) & (rows["segment"] == ALL)
    opened = rows.loc[gate, "pvalue"].fillna(1.0).max() if gate.any() else 1.0
    others = pd.Series(holm(rows.loc[~gate, "pvalue"].fillna(1.0)), index=rows.index[~gate])
    return rows["pvalue"].fillna(1.0).where(gate, others.clip(lower=opened).reindex(rows.index))


def rule_of(metric: Metric, plan: Plan) -> Rule:
    """Say what decides about one metric; a secondary one has its own minimum."""
    spent = early_alpha(plan.alpha, plan.looks)
    end = plan.alpha - spent
    if metric == plan.primary:
        return Rule(plan.minimum_lift, plan.act_when, end, spent / len(plan.treatments))
    return Rule(metric.minimum, plan.act_when, end, 0.0)


def word_of(row: pd.Series, rule: Rule, checks: Checks, share_seen: float) -> tuple[str, str]:
    """Say one of four words, and why."""
    if checks.grade == "C":
        return OPEN, checks.reasons[0]
    if not checks.complete:
        return early_word(row, rule, share_seen)
    if pd.isna(row["pvalue"]):
        return OPEN, "too few people to compare" if pd.isna(row["effect"]) else "nothing varies"
    beyond = row["pvalue_adjusted"] < rule.alpha and row["effect"] > 0
    if beyond and (rule.act_when == "low > 0" or row["effect"] >= rule.minimum):
        return ACT, "beyond chance"
    if row["high"] < rule.minimum:
        return NOT, "a rise worth acting on is excluded"
    alone = row["pvalue"] < rule.alpha and row["effect"] > 0
    said = "not beyond chance, as one of several" if alone else "not beyond chance"
    return OPEN, "beyond chance, but below the minimum" if beyond else said


def early_word(row: pd.Series, rule: Rule, share_seen: float) -> tuple[str, str]:
    """Decide before the end by intervals that hold at every look, and for everyone only."""
    if not rule.early or row["segment"] != ALL or pd.isna(row["pvalue"]):
        return EARLY, "not everyone has had the time in which an outcome counts"
    [(low, high)] = sequence_ends(
        row.to_frame().T[["effect", "stderr"]].astype(float), share=share_seen, alpha=rule.early
    ).to_numpy()
    if low > 0 and (rule.act_when == "low > 0" or row["effect"] >= rule.minimum):
        return ACT, "beyond chance at any look"
    if high < rule.minimum:
        return NOT, "a rise worth acting on is excluded at any look"
    return EARLY, "not everyone has had the time in which an outcome counts"
