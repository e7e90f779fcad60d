"""Which campaigns are experiments, and how the people of their arms differ."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import tea_tasting as tt

from coterie.statistics import fdr
from coterie.windows import as_of_window

PLAIN = {"conversion_unadjusted": tt.Mean("conversion"), "value": tt.Mean("value")}
METRICS = {"conversion": tt.Mean("conversion", "before")} | PLAIN
LEAST_PVALUE = 0.001  # of the sample ratio check (Fabijan et al., KDD 2019)
RATIO_COLUMNS = ["campaign", "randomised", "n_control", "n_treatment", "srm_pvalue", "evidence"]
LIFT_COLUMNS = [
    "campaign",
    "metric",
    "segment",
    "n_control",
    "n_treatment",
    "control",
    "treatment",
    "lift",
    "low",
    "high",
    "pvalue",
    "evidence",
]


class Experiments(NamedTuple):
    """Which campaigns can show what they changed."""

    ratio: pd.DataFrame  # one row a campaign, as `check_sample_ratio` gives
    starts: pd.Series  # first assignment, by campaign that held somebody out

    @property
    def n_campaigns(self) -> int:
        """Count all campaigns."""
        return len(self.ratio)

    @property
    def n_trusted(self) -> int:
        """Count the campaigns of grade A."""
        return int((self.ratio["evidence"] == "A").sum())

    @property
    def n_held_out(self) -> int:
        """Count the campaigns that held anybody out."""
        return int((self.ratio["n_control"] > 0).sum())

    @property
    def any_randomised(self) -> bool:
        """Whether any campaign was randomised."""
        return bool(self.ratio["randomised"].any())

    def large_enough(self, min_people: int) -> set[str]:
        """Name the randomised campaigns with `min_people` or more in both arms."""
        smaller = self.ratio[["n_control", "n_treatment"]].min(axis=1)
        return set(self.ratio.loc[self.ratio["randomised"] & (smaller >= min_people), "campaign"])

    @property
    def grades(self) -> pd.Series:
        """Evidence by campaign."""
        return self.ratio.set_index("campaign")["evidence"]

    @property
    def campaign(self) -> str | None:
        """Name the largest campaign of grade A, by people in treatment; None without one."""
        trusted = self.ratio[self.ratio["evidence"] == "A"].sort_values("n_treatment")
        return None if trusted.empty else trusted["campaign"].iloc[-1]

    @property
    def started(self) -> pd.Timestamp | None:
        """Say when the campaign of grade A began; None without one."""
        return self.starts.get(self.campaign)

    @property
    def srm_pvalue(self) -> float | None:
        """Give the smallest p-value of the arms' sizes; None where nothing was randomised."""
        if not self.any_randomised:
            return None
        return self.ratio.loc[self.ratio["randomised"], "srm_pvalue"].min()


def campaign_outcomes(
    exposures: ir.Table, events: ir.Table, *, verb: str, as_of: date, horizon_days: int = 28
) -> ir.Table:
    """Say for everyone assigned to a campaign whether they converted within the horizon.

    Everyone assigned counts, seen or not. `before` counts the same event in as many days before the
    assignment.

    Returns
    -------
    Table
        One row a campaign and person: `arm`, `randomised`, `at`, `conversion` (0 or 1), `value`
        (money that moved), `before`.
    """
    horizon = ibis.interval(days=horizon_days)
    assigned = as_of_window(exposures, as_of=as_of)
    done = as_of_window(events, as_of=as_of).filter(ibis._.verb == verb)
    both = assigned.left_join(done.select("person_id", "value", done="at"), "person_id")
    after = (both.done >= both.at) & (both.done < both.at + horizon)
    before = (both.done < both.at) & (both.done >= both.at - horizon)
    return both.group_by("campaign", "person_id", "arm", "randomised", "at").agg(
        conversion=(after.sum().fill_null(0) > 0).cast("float64"),
        value=both.value.sum(where=after).fill_null(0.0),
        before=before.sum().fill_null(0).cast("float64"),
    )


def check_experiments(assigned: pd.DataFrame, *, treatment_per_control: float = 2.0) -> Experiments:
    """Find the campaigns that can show what they changed, before any outcome is looked at.

    `assigned` is what `campaign_outcomes` gives.
    """
    ratio = check_sample_ratio(assigned, treatment_per_control=treatment_per_control)
    held = ratio.loc[ratio["n_control"] > 0, "campaign"]
    starts = assigned[assigned["campaign"].isin(held)].groupby("campaign")["at"].min()
    return Experiments(ratio, starts)


def check_sample_ratio(
    assigned: pd.DataFrame, *, treatment_per_control: float = 2.0
) -> pd.DataFrame:
    """Check per campaign whether the arms have the planned sizes; if not, something lost people
    unequally.

    Only a randomised campaign whose sizes fit (p of 0.001 or more) is graded A.

    References
    ----------
    Fabijan et al. (2019), "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments", KDD.
    """
    experiment = tt.Experiment(ratio=tt.SampleRatio(treatment_per_control), variant="arm")
    rows = []
    for (campaign, randomised), people in assigned.groupby(["campaign", "randomised"]):
        sizes = people["arm"].value_counts()
        n = [int(sizes.get(arm, 0)) for arm in ("control", "treatment")]
        pvalue = np.nan
        if randomised and min(n):
            pvalue = experiment.analyze(people, control="control")["ratio"].pvalue
        grade = "A" if pvalue >= LEAST_PVALUE else "C"
        rows.append((campaign, bool(randomised), *n, pvalue, grade))
    return pd.DataFrame(rows, columns=RATIO_COLUMNS)


def with_earlier_segments(assigned: pd.DataFrame, earlier: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Add to everyone assigned the segment they were in before their campaign, missing where none.

    `earlier` maps a campaign to segments by `person_id`.

    >>> assigned = pd.DataFrame({"campaign": ["spring", "fall"], "person_id": ["ana", "ana"]})
    >>> with_earlier_segments(assigned, {"spring": pd.Series({"ana": "S1"})})["segment"].tolist()
    ['S1', None]
    """
    nobody = pd.Series(dtype=object)
    pairs = zip(assigned["campaign"], assigned["person_id"], strict=True)
    segment = [earlier.get(campaign, nobody).get(person) for campaign, person in pairs]
    return assigned.assign(segment=pd.Series(segment, index=assigned.index, dtype=object))


def compare_arms(
    assigned: pd.DataFrame, *, grades: pd.Series, min_people: int = 50
) -> pd.DataFrame:
    """Compare treatment with control, overall and per segment; judge a segment by its
    `pvalue_adjusted`.

    Differences are absolute. `conversion` is adjusted for the same event before the assignment
    (CUPED), `conversion_unadjusted` is the plain difference. `segment` must be as it was before the
    assignment, or missing. `grades` is the evidence by campaign. Arms of fewer than `min_people`
    are not compared.

    References
    ----------
    Deng et al. (2013), "Improving the Sensitivity of Online Controlled Experiments by Utilizing
    Pre-Experiment Data", WSDM.
    """
    rows = []
    for campaign, people in assigned.groupby("campaign"):
        for segment, group in [("all", people), *people.groupby("segment")]:
            found = differences(group, min_people=min_people)
            rows += [
                (campaign, metric, segment, *numbers, grades[campaign])
                for metric, *numbers in found
            ]
    lifts = pd.DataFrame(rows, columns=LIFT_COLUMNS).dropna(subset="pvalue")
    lifts = lifts.assign(pvalue_adjusted=lifts["pvalue"])
    parts = lifts[lifts["segment"] != "all"].groupby(["campaign", "metric"])["pvalue"]
    adjusted = parts.transform(fdr).reindex(lifts.index)
    return lifts.assign(pvalue_adjusted=adjusted.fillna(lifts["pvalue"])).reset_index(drop=True)


def differences(group: pd.DataFrame, *, min_people: int) -> list[tuple]:
    """Compare the arms of one group on every metric; nothing where an arm is too small."""
    sizes = group["arm"].value_counts()
    if min(sizes.get("control", 0), sizes.get("treatment", 0)) < min_people:
        return []
    found = tt.Experiment(METRICS, variant="arm").analyze(group, control="control")
    return [
        (
            metric,
            sizes["control"],
            sizes["treatment"],
            result.control,
            result.treatment,
            result.effect_size,
            result.effect_size_ci_lower,
            result.effect_size_ci_upper,
            result.pvalue,
        )
        for metric, result in found.items()
    ]


def planted_lift(labels: pd.DataFrame, *, campaign: str | None) -> float | None:
    """Give the lift that a simulated world planted in a campaign; None where no one knows it.

    >>> planted_lift(
    ...     pd.DataFrame(columns=["subject", "subject_id", "name", "label"]), campaign="spring"
    ... )
    """
    told = (labels["subject"] == "campaign") & (labels["name"] == "lift")
    found = labels.loc[told & (labels["subject_id"] == campaign), "label"]
    return None if found.empty else float(found.iloc[0])
