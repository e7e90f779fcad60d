"""What follows: the plan's rule, applied to what the experiment found."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.experiments.checking.checks import Checks
from coterie.experiments.deciding.aggregates import ALL, AS_ASSIGNED
from coterie.experiments.design.looks import NO_LOOKS
from coterie.experiments.design.plan import Metric, Plan, plan_hash
from coterie.experiments.design.sequential import early_alpha, sequence_factor
from coterie.experiments.design.sizing import planned_people

ACT, NOT, OPEN, EARLY = "act", "do not act", "cannot tell", "too early"
SMALL = "beyond chance, but wholly below the minimum: a rise worth acting on is excluded"
COLUMNS = [
    *("experiment", "metric", "arm", "segment", "effect", "low", "high", "pvalue_adjusted"),
    *("decision", "reason", "evidence", "plan_hash"),
]


class Case(NamedTuple):
    """One experiment as the rule sees it."""

    plan: Plan
    checks: Checks
    share_seen: float = 1.0  # of the people planned, for looks before the end
    looks: pd.DataFrame = NO_LOOKS  # those taken by a plan that spends its error on a few looks


class Rule(NamedTuple):
    """What decides about one metric of one experiment."""

    minimum: float
    act_when: str
    alpha: float
    early: float  # error that may be spent before the end; none but for the primary metric
    first: bool  # whether the metric is the primary one
    n_arms: int


def decide(effects: pd.DataFrame, cases: Mapping[str, Case]) -> pd.DataFrame:
    """Apply each experiment's plan to every effect that it is about.

    The primary metric for everyone is the gate: only behind an open one may a segment, or another
    metric, say act, and then by Holm over all that stand behind it. Several arms share the error
    equally. So a report on a campaign that changed nothing says act anywhere in at most `alpha` of
    all cases.

    Returns
    -------
    DataFrame
        One row an experiment, metric, arm and segment that a rule is about: the primary metric for
        everyone and in each segment, the secondary metrics for everyone.

    References
    ----------
    Dmitrienko and Tamhane (2007), "Gatekeeping procedures with clinical trial applications",
    Pharmaceutical Statistics 6.
    """
    rules = {
        (name, metric.name): rule_of(metric, case.plan)
        for name, case in cases.items()
        for metric in (case.plan.primary, *case.plan.secondaries)
    }
    asked = effects[effects["analysis"] == AS_ASSIGNED]
    named = zip(asked["experiment"], asked["metric"], asked["segment"], strict=True)
    about = [is_asked(rules.get((name, metric)), segment) for name, metric, segment in named]
    ours = with_looks(with_every_gate(asked[np.array(about, dtype=bool)], cases), cases)
    whose = [rules[pair] for pair in zip(ours["experiment"], ours["metric"], strict=True)]
    gate = (ours["segment"] == ALL) & np.array([rule.first for rule in whose], dtype=bool)
    n_arms = np.array([rule.n_arms for rule in whose])
    adjusted = np.minimum(1, n_arms * behind_gate(ours, gate))
    grades = {name: case.checks.grade for name, case in cases.items()}
    flaws = {name: cases[name].checks.reasons[0] for name, grade in grades.items() if grade == "C"}
    hashes = {name: plan_hash(case.plan) for name, case in cases.items()}
    ours = ours.assign(
        pvalue_adjusted=adjusted,
        evidence=ours["experiment"].map(grades),
        plan_hash=ours["experiment"].map(hashes),
    )
    words = [
        (OPEN, flaws[row.experiment])
        if row.experiment in flaws
        else word_of(row, rule, cases[row.experiment])
        for row, rule in zip(ours.itertuples(index=False), whose, strict=True)
    ]
    said = pd.DataFrame(words, columns=["decision", "reason"], index=ours.index)
    return ours.join(said)[COLUMNS]


def is_asked(rule: Rule | None, segment: str) -> bool:
    """Say whether a rule is about this effect; other metrics are decided on for everyone only."""
    return rule is not None and (rule.first or segment == ALL)


def with_every_gate(effects: pd.DataFrame, cases: Mapping[str, Case]) -> pd.DataFrame:
    """Add what could not be compared for everyone, so that nothing is passed over in silence."""
    gates = effects[effects["segment"] == ALL]
    there = set(zip(gates["experiment"], gates["metric"], gates["arm"], strict=True))
    wanted = [
        (name, case.plan.primary.name, arm)
        for name, case in cases.items()
        for arm in case.plan.treatments
    ]
    missing = [gate for gate in wanted if gate not in there]
    absent = pd.DataFrame(missing, columns=["experiment", "metric", "arm"])
    absent = absent.assign(segment=ALL, analysis=AS_ASSIGNED)
    if effects.empty:
        return absent.reindex(columns=effects.columns)
    return pd.concat([effects, absent] if missing else [effects], ignore_index=True)


def with_looks(effects: pd.DataFrame, cases: Mapping[str, Case]) -> pd.DataFrame:
    """Put in place of a gate's p-value that of the last planned look at it, where there is one."""
    last = {
        (case.plan.id, case.plan.primary.name, ALL, row.arm): row.pvalue
        for case in cases.values()
        if len(case.looks)
        for row in case.looks.itertuples(index=False)  # in the order of the looks
    }
    if not last:
        return effects
    keys = zip(*(effects[name] for name in ("experiment", "metric", "segment", "arm")), strict=True)
    found = [last.get(key, pvalue) for key, pvalue in zip(keys, effects["pvalue"], strict=True)]
    return effects.assign(pvalue=found)


def behind_gate(effects: pd.DataFrame, gate: pd.Series) -> pd.Series:
    """Adjust each arm's p-values: the gate stands alone, all others stand behind it by Holm."""
    chances = effects["pvalue"].fillna(1.0)
    keys = [effects["experiment"], effects["arm"]]
    opened = chances.where(gate, 0.0).groupby(keys).transform("max")
    opened = opened.where(gate.groupby(keys).transform("any"), 1.0)
    others = effects.loc[~gate, ["experiment", "arm"]].assign(chance=chances[~gate])
    others = others.sort_values("chance", kind="stable")
    groups = others.groupby(["experiment", "arm"])["chance"]
    left = groups.transform("size") - groups.cumcount()  # how many are not smaller
    steps = (others["chance"] * left).clip(upper=1.0)
    stepped = steps.groupby([others["experiment"], others["arm"]]).cummax()
    return chances.where(gate, stepped.reindex(effects.index).clip(lower=opened))


def rule_of(metric: Metric, plan: Plan) -> Rule:
    """Say what decides about one metric; a secondary one has its own minimum."""
    spent = 0.0 if plan.spending else early_alpha(plan.alpha, plan.looks)
    end = plan.alpha - spent
    n_arms = len(plan.treatments)
    if metric == plan.primary:
        return Rule(plan.minimum_lift, plan.act_when, end, spent / n_arms, True, n_arms)
    return Rule(metric.minimum, plan.act_when, end, 0.0, False, n_arms)


def word_of(row: NamedTuple, rule: Rule, case: Case) -> tuple[str, str]:
    """Say one of four words, and why."""
    if case.plan.spending and rule.first and row.segment == ALL:
        return look_word(row, rule, case)
    if not case.checks.complete:
        return early_word(row, rule, case.share_seen)
    if pd.isna(row.pvalue):
        return OPEN, incomparable(row, case.plan)
    beyond = row.pvalue_adjusted < rule.alpha and row.effect > 0
    if beyond and (rule.act_when == "low > 0" or row.effect >= rule.minimum):
        return ACT, below(row, rule) or "beyond chance"
    if row.high < rule.minimum:
        return NOT, "a rise worth acting on is excluded"
    alone = row.pvalue < rule.alpha and row.effect > 0
    said = "not beyond chance, as one of several" if alone else "not beyond chance"
    return OPEN, "beyond chance, but below the minimum" if beyond else said


def early_word(row: NamedTuple, rule: Rule, share_seen: float) -> tuple[str, str]:
    """Decide before the end by intervals that hold at every look, and for everyone only."""
    if not rule.early or row.segment != ALL or pd.isna(row.pvalue):
        return EARLY, "not everyone has had the time in which an outcome counts"
    half = sequence_factor(share_seen, alpha=rule.early) * row.stderr
    low, high = row.effect - half, row.effect + half
    if low > 0 and (rule.act_when == "low > 0" or row.effect >= rule.minimum):
        return ACT, "beyond chance at any look"
    if high < rule.minimum:
        return NOT, "a rise worth acting on is excluded at any look"
    return EARLY, "not everyone has had the time in which an outcome counts"


def look_word(row: NamedTuple, rule: Rule, case: Case) -> tuple[str, str]:
    """Say what the planned looks at one arm say: the word of the one that decided stands."""
    plan, taken = case.plan, case.looks[case.looks["arm"] == row.arm]
    last = taken.iloc[-1] if len(taken) else None
    number = 0 if last is None else int(last["look"])
    if last is not None and last["decision"] == ACT:
        return ACT, below(last, rule) or f"beyond chance at look {number} of {plan.looks}"
    if last is not None and last["decision"] == NOT:
        return NOT, f"a rise worth acting on is excluded at look {number} of {plan.looks}"
    if not case.checks.complete and number < plan.looks:
        people = math.ceil((number + 1) / plan.looks * planned_people(plan))
        return EARLY, f"look {number + 1} of {plan.looks} is due at {people:,} people"
    if pd.isna(row.pvalue):
        return OPEN, incomparable(row, plan)
    beyond = row.pvalue_adjusted < rule.alpha and row.effect > 0
    return OPEN, "beyond chance, but below the minimum" if beyond else "not beyond chance"


def incomparable(row: NamedTuple, plan: Plan) -> str:
    """Say why there is no p-value."""
    if not pd.isna(row.effect):
        return "nothing varies"
    return "too few clusters to compare" if plan.cluster else "too few people to compare"


def below(row: NamedTuple, rule: Rule) -> str:
    """Say that a rise beyond chance is yet smaller than what was called worth acting on."""
    return SMALL if row.high < rule.minimum else ""
