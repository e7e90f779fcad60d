"""Whether a campaign moves some people more than others, by what was known of them before it."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from coterie.experiments.deciding.means import welch
from coterie.experiments.deciding.report import Report
from coterie.experiments.learning.shrinkage import Shrunken
from coterie.experiments.trials.campaigns import units_of

MIN_ARM = 1000  # people an arm below which groups of predicted effects are noise
GROUPS, PERMUTATIONS, SEED = 5, 200, 0
ALPHA = 0.05
GATES = ["group", "predicted", "n_control", "n_arm", "control_mean", "arm_mean"]
GATES += ["effect", "low", "high", "pvalue"]
CURVE = ["share", "gain", "null_low", "null_high"]


class Uplift(NamedTuple):
    """Effects by how large they were predicted to be, for people who taught the model nothing."""

    gates: pd.DataFrame = pd.DataFrame(columns=GATES)  # one row a fifth of people, best first
    curve: pd.DataFrame = pd.DataFrame(columns=CURVE)  # Qini curve, and its band without a link
    qini: float = float("nan")  # area between the curve and its chord
    pvalue: float = float("nan")  # how often permuted treatments give an area as large
    arm: str = ""
    reason: str = ""  # why nothing was looked for; empty where it was

    @property
    def differs(self) -> bool:
        """Say whether the predictions tell who is moved more."""
        return bool(self.pvalue < ALPHA)

    @property
    def tested(self) -> float | None:
        """How often permuted treatments sort people as well; None where nothing was looked for."""
        return None if self.reason else self.pvalue


def uplift(
    report: Report,
    known: Mapping[str, ir.Table],
    events: ir.Table,
    measured: ir.Table,
    *,
    shrunken: Shrunken,
    as_of: date,
) -> Uplift:
    """Predict who is moved more by the main campaign, and hold it against what happened.

    It is asked only of a randomised campaign with 1,000 people an arm whose segments differ beyond
    chance: elsewhere a model always finds somebody, and is mostly wrong.

    Parameters
    ----------
    known
        What was known of people before each campaign: `person_id` and one column a feature.
    """
    refused = why_not(report, known, shrunken)
    if refused:
        return Uplift(reason=refused)
    campaign = report.campaigns[report.main]
    arm = most_different(shrunken, report.plan.treatments)
    units = units_of(campaign, events, measured, as_of=as_of)
    units = units.filter(units["arm"].isin([arm, report.plan.control]), units["y0"].notnull())
    people = units.select("person_id", "arm", "y0").inner_join(known[report.main], "person_id")
    frame = people.order_by("person_id").to_pandas()
    features = frame.drop(columns=["y0", "fitted"], errors="ignore").select_dtypes("number")
    treated = (frame["arm"] == arm).to_numpy()
    if min(treated.sum(), (~treated).sum()) < MIN_ARM or features.empty:
        return Uplift(reason="too little was known of people before the campaign")
    return held_out(features, treated, frame["y0"].to_numpy(float))._replace(arm=arm)


def why_not(report: Report, known: Mapping[str, ir.Table], shrunken: Shrunken) -> str:
    """Say why nobody is sorted by a predicted effect; empty where it may be done."""
    if report.main is None:
        return "no campaign was randomised and passed its checks"
    if report.campaigns[report.main].assigned is None:
        return f"of {report.main} only sums are known, and nobody in it"
    people = report.decided_sizes
    if not people or min(people) < MIN_ARM:
        return f"an arm of {report.main} has fewer than {MIN_ARM:,} people whose outcome is known"
    if not shrunken.pvalue < report.alpha:
        return f"chance may explain how the segments of {report.main} differ in reacting"
    return "" if report.main in known else "nothing is known of people before the campaign"


def most_different(shrunken: Shrunken, arms: list[str]) -> str:
    """Name the arm in which segments differ most surely."""
    by_arm = shrunken.table.groupby("arm")["pvalue"].first().reindex(arms)
    return str(by_arm.idxmin())


def held_out(features: pd.DataFrame, treated: np.ndarray, y: np.ndarray) -> Uplift:
    """Learn from one half of people whom it moves more, and test that on the other half.

    Outcomes are predicted in each arm apart (a T-learner, by ridge regression). The null keeps the
    mean effect and permutes the treatment. One half learns, since folds that take turns learn from
    each other's luck: where nobody differed, they were believed 13 times in 100.

    References
    ----------
    Chernozhukov, Demirer, Duflo and Fernández-Val (2018), "Generic machine learning inference on
    heterogeneous treatment effects in randomized experiments", NBER 24678: sorted groups (GATES).
    Radcliffe (2007), "Using control groups to target on predicted lift", Direct Marketing Analytics
    Journal: Qini.
    """
    options = {"test_size": 0.5, "random_state": SEED, "stratify": treated}
    learning, rest = train_test_split(np.arange(len(y)), **options)
    of_arm, of_control = (
        model_of().fit(features.iloc[side], y[side]).predict(features.iloc[rest])
        for side in (learning[treated[learning]], learning[~treated[learning]])
    )
    predicted = of_arm - of_control
    order = np.argsort(-predicted, kind="stable")
    place, predicted = rest[order], predicted[order]
    curve, area = qini_of(treated[place], y[place])
    nulls = permuted(treated[place], y[place])
    larger = sum(null >= area for _, null in nulls)
    chord = curve[-1] * np.linspace(0, 1, len(curve))
    band = chord + np.quantile([gain for gain, _ in nulls], [0.025, 0.975], axis=0)
    columns = (np.linspace(0, 1, len(curve)), curve, *band)
    shown = pd.DataFrame(dict(zip(CURVE, columns, strict=True)))
    gates = gates_of(predicted, treated[place], y[place])
    return Uplift(gates, shown, area, (1 + larger) / (1 + PERMUTATIONS))


def permuted(treated: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Draw curves and areas of a treatment that moves all people alike: on average not at all."""
    means = np.where(treated, y[treated].mean(), y[~treated].mean())
    rng = np.random.default_rng(SEED)
    return [qini_of(rng.permutation(treated), y - means) for _ in range(PERMUTATIONS)]


def model_of() -> Pipeline:
    """Set up the regression of one arm's outcomes on what was known before."""
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), Ridge(alpha=10.0))


def gates_of(predicted: np.ndarray, treated: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """Compare the arms in each fifth of people, who stand in the order of their prediction."""
    group = np.arange(len(y)) * GROUPS // len(y) + 1
    frame = pd.DataFrame({"group": group, "treated": treated, "y": y, "predicted": predicted})
    sums = frame.groupby(["group", "treated"])["y"].agg(["size", "mean", "var"])
    sides = [sums.xs(side, level="treated") for side in (True, False)]
    arm, control = ([side[name].to_numpy(float) for name in side] for side in sides)
    found = welch(arm, control, alpha=ALPHA)
    means = frame.groupby("group")["predicted"].mean()
    counts = {"n_control": control[0].astype(int), "n_arm": arm[0].astype(int)}
    return found.assign(group=means.index, predicted=means.to_numpy(), **counts)[GATES]


def qini_of(treated: np.ndarray, y: np.ndarray, *, steps: int = 20) -> tuple[np.ndarray, float]:
    """Say what treating the first so many people gains per person of the arm, and its Qini area.

    People stand in the order in which they would be treated. The gain is the arm's outcomes less
    those of as many people of control; the area lies between that curve and its chord.

    >>> treated = np.array([True, False] * 4)
    >>> y = np.array([1, 0, 1, 0, 0, 0, 0, 0])
    >>> curve, area = qini_of(treated, y, steps=2)
    >>> curve.tolist(), area
    ([0.0, 0.5, 0.5], 0.125)
    """
    ends = np.linspace(0, len(y), steps + 1).round().astype(int)
    counted = (treated, ~treated, y * treated, y * ~treated)
    n, m, hits, others = (np.r_[0, np.cumsum(part)][ends].astype(float) for part in counted)
    ratio = np.divide(n, m, out=np.zeros_like(n), where=m > 0)
    gain = (hits - others * ratio) / n[-1]
    chord = gain[-1] * ends / len(y)
    return gain, float(np.trapezoid(gain - chord, ends / len(y)))
