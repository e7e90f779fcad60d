"""Does knowing the segments change anything? Experiments, and whether segments last."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import tea_tasting as tt

from coterie.statistics import fdr, share_interval
from coterie.windows import as_of_window

PLAIN = {"conversion_unadjusted": tt.Mean("conversion"), "value": tt.Mean("value")}
METRICS = {"conversion": tt.Mean("conversion", "before")} | PLAIN


def outcomes(exposures: ir.Table, events: ir.Table, *, verb: str, as_of: date, horizon_days: int = 28) -> ir.Table:
    """Say for everyone assigned to a campaign whether they converted within the horizon.

    Everyone assigned counts, seen or not. `before` counts the same act in as many days before the assignment.
    """
    horizon = ibis.interval(days=horizon_days)
    assigned = as_of_window(exposures, as_of=as_of)
    seen = as_of_window(events, as_of=as_of)
    acts = seen.filter(seen.verb == verb).select("person_id", "value", done="at")
    both = assigned.left_join(acts, "person_id")
    after = (both.done >= both.at) & (both.done < both.at + horizon)
    before = (both.done < both.at) & (both.done >= both.at - horizon)
    return both.group_by("campaign", "person_id", "arm", "randomised", "at").agg(
        conversion=(after.sum().fill_null(0) > 0).cast("float64"),
        value=both.value.sum(where=after).fill_null(0.0),
        before=before.sum().fill_null(0).cast("float64"),
    )


def check_sample_ratio(assigned: pd.DataFrame, *, treatment_per_control: float = 2.0) -> pd.DataFrame:
    """Check per campaign whether the arms have the planned sizes; if not, something lost people unequally.

    Only a randomised campaign whose sizes fit (p of 0.001 or more; Fabijan et al., KDD 2019) is graded A.
    """
    experiment = tt.Experiment(ratio=tt.SampleRatio(treatment_per_control), variant="arm")
    rows = []
    for (campaign, randomised), people in assigned.groupby(["campaign", "randomised"]):
        sizes = people["arm"].value_counts()
        n = [int(sizes.get(arm, 0)) for arm in ("control", "treatment")]
        pvalue = experiment.analyze(people, control="control")["ratio"].pvalue if randomised and min(n) else np.nan
        rows.append((campaign, bool(randomised), *n, pvalue, "A" if pvalue >= 0.001 else "C"))
    return pd.DataFrame(rows, columns=["campaign", "randomised", "n_control", "n_treatment", "srm_pvalue", "evidence"])


def compare_arms(assigned: pd.DataFrame, *, grades: pd.Series, fewest: int = 20) -> pd.DataFrame:
    """Compare treatment with control, overall and per segment; judge a segment by its `pvalue_adjusted`.

    Differences are absolute. `conversion` is adjusted for the same act before the assignment (CUPED; Deng et al.,
    WSDM 2013), `conversion_unadjusted` is the plain difference. `segment` must be as it was before the assignment,
    or missing. `grades` is the evidence by campaign. Arms smaller than `fewest` are not compared.
    """
    experiment, rows = tt.Experiment(METRICS, variant="arm"), []
    for campaign, people in assigned.groupby("campaign"):
        for segment, group in [("all", people), *people.groupby("segment")]:
            sizes = group["arm"].value_counts()
            if min(sizes.get("control", 0), sizes.get("treatment", 0)) < fewest:
                continue
            for metric, found in experiment.analyze(group, control="control").items():
                change = found.effect_size, found.effect_size_ci_lower, found.effect_size_ci_upper, found.pvalue
                levels = sizes["control"], sizes["treatment"], found.control, found.treatment
                rows.append((campaign, metric, segment, *levels, *change, grades[campaign]))
    names = "campaign metric segment n_control n_treatment control treatment lift low high pvalue evidence"
    lifts = pd.DataFrame(rows, columns=names.split()).dropna(subset="pvalue").assign(pvalue_adjusted=lambda f: f.pvalue)
    parts = lifts[lifts.segment != "all"].groupby(["campaign", "metric"])["pvalue"]
    lifts["pvalue_adjusted"] = parts.transform(fdr).reindex(lifts.index).fillna(lifts["pvalue"])
    return lifts.reset_index(drop=True)


def decide(lift: float, low: float, high: float, pvalue: float, *, minimum_lift: float, alpha: float) -> str:
    """Apply the rule fixed in advance: act on a lift beyond chance that matters, do not when one is excluded.

    >>> decide(0.04, 0.02, 0.06, 0.001, minimum_lift=0.02, alpha=0.05)
    'act'
    """
    if pvalue < alpha and low > 0 and lift >= minimum_lift:
        return "act"
    return "do not act" if high < minimum_lift else "cannot tell"


def positions(behaviour: pd.DataFrame) -> pd.DataFrame:
    """Place everyone relative to everybody at that time: skew tamed, standardised, unknown set to the middle."""
    numbers = behaviour.set_index("person_id").select_dtypes("number").astype(float)
    tamed = np.sign(numbers) * np.log1p(numbers.abs())
    return ((tamed - tamed.mean()) / tamed.std(ddof=0).replace(0, 1)).fillna(0.0)


def assign_nearest(places: pd.DataFrame, *, centroids: pd.DataFrame) -> pd.Series:
    """Put each person into the segment whose average position is closest.

    >>> centroids = pd.DataFrame({"x": [0.0, 4.0]}, index=["S1", "S2"])
    >>> assign_nearest(pd.DataFrame({"x": [1.0, 3.0]}, index=["ana", "bo"]), centroids=centroids).tolist()
    ['S1', 'S2']
    """
    gaps = places.to_numpy()[:, None, :] - centroids[places.columns].to_numpy()[None, :, :]
    return pd.Series(centroids.index.to_numpy()[(gaps**2).sum(axis=2).argmin(axis=1)], index=places.index)


def compare_placements(now: pd.Series, then: pd.Series) -> pd.DataFrame:
    """Ask, per segment of today, which share of its people stood there earlier; shuffling keeps `null_share`.

    >>> now, then = pd.Series({"ana": "S1", "bo": "S1", "cy": "S2"}), pd.Series({"ana": "S1", "bo": "S2", "cy": "S2"})
    >>> compare_placements(now, then)[["segment", "n_people", "kept_share", "null_share"]].round(2)
      segment  n_people  kept_share  null_share
    0      S1         2         0.5        0.33
    1      S2         1         1.0        0.67
    """
    both = pd.DataFrame({"now": now, "then": then}).dropna()
    rows = []
    for segment, people in both.groupby("now"):
        kept = share_interval((people["then"] == segment).sum(), len(people))
        rows.append((segment, len(people), *kept, (both["then"] == segment).mean()))
    return pd.DataFrame(rows, columns=["segment", "n_people", "kept_share", "low", "high", "null_share"])
