"""What every experiment of a study shows, and the facts that sentences need of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from coterie.experiments.deciding import interaction
from coterie.experiments.deciding.aggregates import ALL, AS_ASSIGNED
from coterie.experiments.deciding.decisions import ACT
from coterie.experiments.design.looks import NO_LOOKS
from coterie.experiments.design.plan import HOLDOUT, Plan
from coterie.experiments.trials.campaigns import Campaign


class Report(NamedTuple):
    """What every experiment of a study shows, and what follows."""

    campaigns: Mapping[str, Campaign]
    sums: pd.DataFrame  # as `aggregate` gives
    effects: pd.DataFrame  # as `estimate` gives, with `evidence`
    checks: pd.DataFrame  # as `check` gives
    decisions: pd.DataFrame  # as `decide` gives
    grades: Mapping[str, str]  # evidence by campaign
    names: Mapping[str, str] = MappingProxyType({})  # of segments, by their ids
    looks: pd.DataFrame = NO_LOOKS  # every planned look ever taken, as `take_looks` gives

    @property
    def tried(self) -> list[str]:
        """All campaigns but the standing holdout."""
        return [name for name in self.campaigns if name != HOLDOUT]

    @property
    def trusted(self) -> list[str]:
        """The campaigns whose effects are effects."""
        return [name for name in self.tried if self.grades[name] < "C"]

    @property
    def main(self) -> str | None:
        """The trusted campaign with the most people; None without one.

        Before those of which only sums are known come those that know their people.
        """
        rows = self.sums[(self.sums["segment"] == ALL) & (self.sums["analysis"] == AS_ASSIGNED)]
        named = [name for name in self.trusted if self.campaigns[name].assigned is not None]
        ours = rows[rows["experiment"].isin(named or self.trusted)]
        sizes = ours.groupby("experiment")["n_assigned"].sum()
        return None if sizes.empty else str(sizes.idxmax())

    @property
    def plan(self) -> Plan | None:
        """The plan of the main campaign."""
        return None if self.main is None else self.campaigns[self.main].plan

    @property
    def minimum(self) -> float:
        """The smallest rise worth acting on, by the main campaign's plan; 0 without one."""
        return 0.0 if self.plan is None else self.plan.minimum_lift

    @property
    def alpha(self) -> float:
        """The error that the main campaign's plan allows; that of any plan without one."""
        return Plan._field_defaults["alpha"] if self.plan is None else self.plan.alpha

    @property
    def overall(self) -> pd.DataFrame:
        """The primary metric of every campaign, for everyone as assigned."""
        rows = self.effects[self.effects["segment"] == ALL]
        rows = rows[(rows["analysis"] == AS_ASSIGNED) & (rows["experiment"] != HOLDOUT)]
        primary = {name: campaign.plan.primary.name for name, campaign in self.campaigns.items()}
        return rows[rows["metric"] == rows["experiment"].map(primary)]

    @property
    def decided(self) -> pd.DataFrame:
        """What the main campaign's plan says of its primary metric for everyone, best arm first."""
        rows = self.decisions[self.decisions["experiment"] == self.main]
        if self.plan is not None:
            rows = rows[(rows["metric"] == self.plan.primary.name) & (rows["segment"] == ALL)]
        return rows.sort_values("effect", ascending=False)

    @property
    def decided_sizes(self) -> list[int]:
        """How many people each arm of the main campaign has whose outcome is known."""
        if self.plan is None:
            return []
        rows = self.sensitivity[self.sensitivity["analysis"] == AS_ASSIGNED]
        return [*rows["n_control"].head(1), *rows["n_arm"]]

    @property
    def by_segment(self) -> pd.DataFrame:
        """The main campaign's primary metric in each segment, with what follows there."""
        if self.plan is None:
            return self.decisions.head(0)
        rows = self.decisions[self.decisions["experiment"] == self.main]
        rows = rows[(rows["metric"] == self.plan.primary.name) & (rows["segment"] != ALL)]
        keys = ["experiment", "metric", "arm", "segment"]
        means = self.effects[self.effects["analysis"] == AS_ASSIGNED]
        means = means[[*keys, "n_control", "n_arm", "control_mean", "arm_mean", "pvalue"]]
        found = rows.merge(means, on=keys).reset_index(drop=True)
        named = found["segment"].map(self.names).astype(object).fillna("")
        label = (found["segment"] + " " + named).str.strip()
        several = len(self.plan.treatments) > 1
        return found.assign(label=found["arm"] + ", " + label if several else label)

    @property
    def to_act_on(self) -> list[str]:
        """Name the segments in which the rule says act; with several arms, the arm besides."""
        rows = self.by_segment
        return [] if rows.empty else rows.loc[rows["decision"] == ACT, "label"].tolist()

    @property
    def n_lifted(self) -> int:
        """Count the segments, by arm, whose rise chance does not explain."""
        rows = self.by_segment
        if rows.empty:
            return 0
        return int(((rows["pvalue_adjusted"] < self.plan.alpha) & (rows["effect"] > 0)).sum())

    @property
    def not_compared(self) -> list[str]:
        """List the named segments with too few people to compare."""
        there = set() if self.by_segment.empty else set(self.by_segment["segment"])
        return sorted(set(self.names) - there)

    @property
    def secondary(self) -> pd.DataFrame:
        """The main campaign's other metrics for everyone, with what follows."""
        rows = self.decisions[self.decisions["experiment"] == self.main]
        primary = "" if self.plan is None else self.plan.primary.name
        return rows[(rows["metric"] != primary) & (rows["segment"] == ALL)]

    @property
    def decision(self) -> str:
        """What follows for everyone: `act` where any arm says so."""
        words = self.decided["decision"].tolist()
        return ACT if ACT in words else next(iter(words), "cannot tell")

    @property
    def lift(self) -> tuple:
        """The best arm's effect for everyone: value, low, high, evidence."""
        rows = self.decided
        if rows.empty or pd.isna(rows.iloc[0]["effect"]):
            return (None, None, None, self.evidence)
        return (*rows.iloc[0][["effect", "low", "high"]], self.evidence)

    @property
    def evidence(self) -> str:
        """The grade of the main campaign; C without one."""
        return "C" if self.main is None else self.grades[self.main]

    def pre_registered(self, registered: pd.DataFrame) -> bool:
        """Say whether the main campaign's plan was written down before it began."""
        return self.main is not None and self.campaigns[self.main].pre_registered(registered)

    @property
    def sensitivity(self) -> pd.DataFrame:
        """The main campaign's primary metric for everyone, as assigned and with people left out."""
        rows = self.effects[self.effects["experiment"] == self.main]
        if self.plan is None:
            return rows
        return rows[(rows["segment"] == ALL) & (rows["metric"] == self.plan.primary.name)]

    @property
    def delivered(self) -> pd.DataFrame:
        """Whom the main campaign's message reached, by arm; empty where no plan says how."""
        if self.plan is None or self.plan.delivery is None:
            return self.sums.head(0)
        rows = self.sums[self.sums["experiment"] == self.main]
        rows = rows[(rows["segment"] == ALL) & (rows["analysis"] == AS_ASSIGNED)]
        rows = rows[(rows["metric"] == self.plan.delivery.name) & (rows["n_people"] > 0)]
        return rows.assign(share=rows["sum_y"] / rows["sum_d"])

    @property
    def suited(self) -> pd.DataFrame:
        """Whether content written for a segment suits it, as `two_by_two` gives."""
        if self.plan is None:
            return pd.DataFrame(columns=interaction.COLUMNS)
        return interaction.two_by_two(self.sums[self.sums["experiment"] == self.main], self.plan)

    @property
    def holdout_effect(self) -> tuple:
        """What being addressed changed: value, low, high, evidence; no value without people."""
        row = self.holdout
        if row is None:
            return (None, None, None, "C")
        return (*row[["effect", "low", "high"]], self.grades[HOLDOUT])

    @property
    def srm_pvalue(self) -> float | None:
        """The smallest p-value of the arms' sizes; None where nothing was randomised."""
        drawn = [name for name in self.tried if self.campaigns[name].randomised]
        rows = self.checks[self.checks["experiment"].isin(drawn) & (self.checks["segment"] == ALL)]
        sizes = rows.loc[rows["check"] == "sizes", "pvalue"]
        return None if sizes.dropna().empty else float(sizes.min())

    @property
    def holdout(self) -> pd.Series | None:
        """What being addressed at all changed, against the standing holdout."""
        rows = self.effects[
            (self.effects["experiment"] == HOLDOUT) & (self.effects["segment"] == ALL)
        ]
        return None if rows.empty else rows.iloc[0]

    def covers(self, truth: float | None) -> bool | None:
        """Say whether the interval covers a planted lift; None where there is none to cover."""
        value, low, high, _ = self.lift
        return None if truth is None or value is None else bool(low <= truth <= high)
