"""Whether an experiment may be believed, asked before any outcome of it is."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from coterie.experiments.checking.size_checks import (
    SIZES_ALPHA,
    counts_by_arm,
    of_segment_sizes,
    of_sizes,
)
from coterie.experiments.checking.sum_checks import of_metrics, of_sums, shares_of
from coterie.experiments.deciding.aggregates import ALL, AS_ASSIGNED, COUNTS, LEFT_OUT, SUMS
from coterie.experiments.design.plan import Plan
from coterie.statistics import holm

PAST_ALPHA = 0.01  # of differences in what cannot have been changed
MIXED_SHARE = 0.01  # of people in two arms from which a sensitivity line is no longer enough
WITHOUT_EXPOSED = LEFT_OUT["multi_exposed"]
COLUMNS = ["experiment", "check", "segment", "statistic", "pvalue", "passed", "caps", "reason"]


class Checks(NamedTuple):
    """What was asked of one experiment, and the grade that is left."""

    table: pd.DataFrame  # one row a check, as COLUMNS
    complete: bool  # whether everyone's horizon is over

    @property
    def grade(self) -> str:
        """A randomised and sound, B sound but for what is said, C observational."""
        both = zip(self.table["passed"], self.table["caps"], strict=True)
        return max(["A", *(caps for passed, caps in both if not passed)])

    @property
    def reasons(self) -> list[str]:
        """Why the grade is not A."""
        failed = ~self.table["passed"] & (self.table["caps"] > "A")
        return self.table.loc[failed, "reason"].tolist()


def check(
    sums: pd.DataFrame,
    effects: pd.DataFrame,
    plan: Plan,
    *,
    randomised: bool,
    n_mixed: int = 0,
    split: tuple[int, int] = (0, 0),
) -> Checks:
    """Ask of one experiment everything that may be asked before its outcome is.

    Parameters
    ----------
    sums
        As `aggregate` gives.
    effects
        As `estimate` gives; only those of the negative control are looked at.
    randomised
        Whether a file says that chance alone chose the arms.
    n_mixed
        People who were put into two arms.
    split
        Clusters with people in several arms, and all clusters.

    References
    ----------
    Fabijan et al. (2019), "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments", KDD.
    """
    # thousands of experiments are checked, and words are asked faster as plain ones
    metric, analysis, segment = (
        np.array(sums[name].tolist(), dtype=object) for name in ("metric", "analysis", "segment")
    )
    as_assigned, in_all = analysis == AS_ASSIGNED, segment == ALL
    primary = as_assigned & (metric == plan.primary.name)
    everyone = sums[primary & in_all]
    people = dict(zip(everyone["arm"], everyone["n_assigned"], strict=True))
    by_cluster = bool(plan.cluster) and split[0] <= MIXED_SHARE * split[1]
    counts = counts_by_arm(sums[primary], plan, by_cluster=by_cluster)
    n, known = int(everyone["n_assigned"].sum()), int(everyone["n_people"].sum())
    rows = [
        of_chance(randomised),
        *of_arms(people, plan),
        of_sizes(counts[ALL], plan),
        *of_segment_sizes(counts, plan),
        of_mixed(n_mixed, n),
        *of_clusters(*split),
        of_horizon(n, known, plan),
        of_missing(sums[as_assigned & in_all] if stated_by(plan) else everyone, plan),
        *of_past(everyone, plan),
        *of_negative_control(effects, plan),
        *of_metrics(set(metric), plan),
        *of_sums(
            sums[[*COUNTS, *SUMS]].to_numpy(float)[as_assigned],
            np.isin(metric[as_assigned], shares_of(plan)),
        ),
        *(of_overlap(sums, counts[ALL], plan) if (analysis == WITHOUT_EXPOSED).any() else ()),
        *(of_delivery(sums[as_assigned], plan) if plan.delivery else ()),
    ]
    table = pd.DataFrame([(plan.id, *row) for row in rows], columns=COLUMNS)
    complete = all(row[4] for row in rows if row[0] == "horizon")
    return Checks(table, complete)


def of_chance(randomised: bool) -> tuple:
    """Ask whether chance alone chose the arms."""
    reason = "a file says that chance alone chose the arms"
    if not randomised:
        reason = "no file says that chance alone chose the arms (`randomised` in the column map)"
    return ("randomised", ALL, np.nan, np.nan, randomised, "C", reason)


def of_arms(people: Mapping[str, int], plan: Plan) -> list[tuple]:
    """Ask whether the arms are those of the plan."""
    unknown = [arm for arm in people if arm not in plan.arms]
    excluded = [arm for arm in people if arm in plan.exclusions]
    missing = [arm for arm in (plan.control, *plan.treatments) if not people.get(arm)]
    n = int(sum(people[arm] for arm in unknown))
    faults = (("the plan has no arm", unknown, n), ("nobody is in", missing, 0))
    said = [named(fault, arms, number) for fault, arms, number in faults if arms]
    reason = "; ".join(said) or "every arm is one of the plan"
    rows = [("arms", ALL, n, np.nan, not said, "C", reason)]
    if excluded:
        n = int(sum(people[arm] for arm in excluded))
        rows.append(
            ("excluded", ALL, n, np.nan, True, "A", named("left out as planned", excluded, n))
        )
    return rows


def named(said: str, arms: list[str], n: int) -> str:
    """Name the arms that something is the matter with."""
    return f"{said} {', '.join(arms)}: {n:,} people"


def of_mixed(n_mixed: int, n: int) -> tuple:
    """Ask how many people were put into two arms, as two accounts of theirs."""
    share = n_mixed / n if n else 0.0
    reason = f"{n_mixed:,} people are in two arms ({share:.1%}); their first counts"
    return ("mixed", ALL, share, np.nan, share <= MIXED_SHARE, "B", reason)


def of_clusters(n: int, every: int) -> list[tuple]:
    """Ask whether the people of a cluster share an arm; no row where a plan has no clusters."""
    if not every:
        return []
    reason = f"{n:,} of {every:,} clusters have people in several arms"
    reason += ": people were drawn, and not clusters" if n > MIXED_SHARE * every else ""
    return [("clusters", ALL, n / every, np.nan, n <= MIXED_SHARE * every, "B", reason)]


def of_horizon(n: int, known: int, plan: Plan) -> tuple:
    """Ask whether everyone has had the time in which an outcome counts."""
    waiting = n - known if plan.primary.verb else 0
    days = plan.primary.horizon_days
    reason = f"{waiting:,} of {n:,} people have not had their {days} days yet, and are not counted"
    if not waiting:
        reason = "everyone has had the time in which an outcome counts"
    return ("horizon", ALL, waiting / n if n else 0.0, np.nan, waiting == 0, "A", reason)


def of_missing(everyone: pd.DataFrame, plan: Plan) -> tuple:
    """Ask whose outcome a file of the experiment leaves open."""
    stated = stated_by(plan)
    if not stated:
        return ("missing", ALL, 0.0, np.nan, True, "B", "no outcome is missing")
    rows = everyone[everyone["metric"].isin(stated)]
    open_ = (rows["n_assigned"] - rows["n_people"]).groupby(rows["metric"]).sum()
    worst = int(open_.max()) if len(open_) else 0
    reason = "no outcome is missing"
    if worst:
        lacking = ", ".join(f"{name} of {int(n):,}" for name, n in open_.items() if n)
        reason = f"outcomes are missing and not counted: {lacking} people"
    n = rows["n_assigned"].groupby(rows["metric"]).sum().max() if len(rows) else 1
    return ("missing", ALL, worst / n, np.nan, worst / n <= MIXED_SHARE, "B", reason)


def stated_by(plan: Plan) -> list[str]:
    """Name the metrics whose outcome a file states, and that no act is counted for."""
    return [metric.name for metric in plan.metrics if not metric.verb]


def of_past(everyone: pd.DataFrame, plan: Plan) -> list[tuple]:
    """Ask whether arms did the same before the assignment: all at once, by the covariate."""
    if not everyone["sum_xx"].any():
        return []
    rows = everyone[everyone["arm"].isin(plan.shares) & (everyone["n"] > 1)]
    if rows["sum_xx"].sum() == 0 or len(rows) < 2:
        return []
    n, means = rows["n"], rows["sum_x"] / rows["n"]
    within = (rows["sum_xx"] - n * means**2).sum() / (n.sum() - len(rows))
    statistic = float((n * (means - np.average(means, weights=n)) ** 2).sum() / within)
    pvalue = float(stats.chi2.sf(statistic, len(rows) - 1))
    passed = pvalue >= PAST_ALPHA
    reason = "arms did the same before the assignment"
    if not passed:
        reason = f"arms differed before the assignment already (p = {pvalue:.2g})"
    return [("past", ALL, statistic, pvalue, passed, "C", reason)]


def of_negative_control(effects: pd.DataFrame, plan: Plan) -> list[tuple]:
    """Ask whether the arms differ in an outcome that the campaign cannot have changed."""
    if plan.negative_control is None:
        return []
    name = plan.negative_control.name
    rows = effects[(effects["metric"] == name) & (effects["segment"] == ALL)]
    rows = rows[rows["analysis"] == AS_ASSIGNED]
    pvalue = float(min([1.0, *holm(rows["pvalue"].dropna())]))
    passed = pvalue >= PAST_ALPHA
    reason = f"{name}, which cannot have changed, is the same in all arms"
    if not passed:
        reason = f"{name} cannot have changed and differs between arms (p = {pvalue:.2g})"
    return [("negative control", ALL, np.nan, pvalue, passed, "C", reason)]


def of_overlap(sums: pd.DataFrame, counts: np.ndarray, plan: Plan) -> list[tuple]:
    """Ask whether other campaigns treated people of all arms alike at the same time."""
    rows = sums[(sums["metric"] == plan.primary.name) & (sums["analysis"] == WITHOUT_EXPOSED)]
    if rows.empty or plan.cluster:
        return []
    hit = counts - counts_by_arm(rows, plan)[ALL]
    table = np.array([hit, counts - hit])[:, counts > 0]
    some = bool(table.sum(axis=1).all())  # treated, and not
    pvalue = float(stats.chi2_contingency(table, correction=False).pvalue) if some else 1.0
    share = float(hit.sum() / counts.sum())
    by_arm = ", ".join(
        f"{part / n:.1%} of {arm}"
        for arm, part, n in zip(plan.shares, hit, counts, strict=True)
        if n
    )
    reason = f"another campaign treated {share:.1%} of people at the same time: {by_arm}"
    return [("overlap", ALL, share, pvalue, pvalue >= SIZES_ALPHA, "B", reason)]


def of_delivery(assigned: pd.DataFrame, plan: Plan) -> list[tuple]:
    """Ask whether the message stayed with those who were to get it."""
    rows = assigned[(assigned["metric"] == plan.delivery.name) & (assigned["segment"] == ALL)]
    known = rows[rows["n_people"] > 0].set_index("arm")
    reached = known["sum_y"] / known["sum_d"]
    by_arm = ", ".join(f"{share:.1%} of {arm}" for arm, share in reached.items())
    stray = float(reached.get(plan.control, 0.0))
    passed = stray <= MIXED_SHARE
    return [("delivery", ALL, stray, np.nan, passed, "B", f"the message reached {by_arm}")]
