"""A survey laid over behaviour: answers inferred for people who were not asked."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

from coterie.statistics import Interval, mean_interval
from coterie.study import DataError

FOLDS = 5
MIN_ANSWERS = 30  # people who answered
DONORS = 10  # people asked whose answer a person not asked may be given, where answers are shares
# share of people unlike everybody asked from which their answers are a guess beyond the data
FAR = 0.1


class Imputed(NamedTuple):
    """A survey answer inferred for everybody from what they did."""

    table: pd.DataFrame  # person_id, inferred_answer (0 to 1): all that may be written
    # (imputations, people), the table's order; holds true answers of people asked, so never written
    completed: np.ndarray
    asked: np.ndarray  # (people,), whether the person was asked; never written
    # squared error a person that the features save, out of fold; above 0 they are of use
    gain: Interval
    outside: float  # share of the people not asked who are unlike everybody asked
    effective_n: float  # people asked that count, once weighted to look like the people not asked
    warning: str  # a sentence when the people asked differ too much from the rest, else empty


def impute(
    answers: pd.DataFrame,
    features: pd.DataFrame,
    *,
    answer: str = "answer",
    calibration: str = "sigmoid",
    imputations: int = 20,
    seed: int = 0,
) -> Imputed:
    """Infer a survey answer for people who were not asked from those who were.

    `answers` has `person_id` and the answer (0 and 1, or a share between); any other column, such
    as a respondent's id, is not looked at. `features` has `person_id` and numbers without gaps, one
    row a person; whoever is in it is in the result. Holds as far as the answer does not depend on
    being asked, given the features: a survey that only fans filled in says little about the others,
    whatever the interval.

    Each of the `imputations` fits the model on a bootstrap of the people asked and imputes an
    answer for everybody else, so that they carry what the model does not know. `inferred_answer` is
    the calibrated probability (`calibration` is "sigmoid", Platt's, or "isotonic"), for people
    asked from a model that had not seen them: from the table nobody can tell who was asked, or what
    they said.

    Raises
    ------
    DataError
        When fewer than 30 people in `features` answered, all alike, somebody twice, or something is
        not 0 to 1.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys. Platt (1999); Zadrozny and Elkan
    (2002), for the calibration. Little (1988), Journal of Business and Economic Statistics 6, for
    shares: answers of like people.
    """
    people = features["person_id"].reset_index(drop=True)
    x = StandardScaler().fit_transform(features.drop(columns="person_id").to_numpy(float))
    y = people.map(_checked(answers, people, answer)).to_numpy(float)
    asked = ~np.isnan(y)
    known = y[asked]
    value = np.zeros(len(y))
    value[asked] = _out_of_fold(x[asked], known, calibration)
    completed = np.tile(y, (imputations, 1))
    if not asked.all():
        model = _fit(x[asked], known, np.arange(len(known)), calibration)
        value[~asked] = model.predict_proba(x[~asked])[:, 1]
        rng = np.random.default_rng(seed)
        completed[:, ~asked] = [
            _impute_once(x[asked], known, x[~asked], calibration, rng) for _ in range(imputations)
        ]
    saved = (known - known.mean()) ** 2 - (known - value[asked]) ** 2
    table = pd.DataFrame({"person_id": people, "inferred_answer": value})
    return Imputed(table, completed, asked, mean_interval(saved), *_overlap(x, asked))


def _checked(answers: pd.DataFrame, people: pd.Series, answer: str) -> pd.Series:
    """Take the answers of people we know something about, by person_id."""
    given = answers.loc[answers["person_id"].isin(people), ["person_id", answer]].dropna()
    if given["person_id"].duplicated().any() or people.duplicated().any():
        raise DataError(
            f"survey: somebody stands twice among the {answer} or the features; "
            "keep one row a person."
        )
    values = given.set_index("person_id")[answer].astype(float)
    if not values.between(0, 1).all():
        raise DataError(f"survey: {answer} must be 0 and 1, or shares between; recode it.")
    if len(values) < MIN_ANSWERS or min(values.sum(), (1 - values).sum()) < MIN_ANSWERS / 3:
        raise DataError(
            f"survey: {len(values)} people with features gave {answer}, "
            f"{values.sum():.0f} of them yes; "
            f"at least {MIN_ANSWERS} are needed, {MIN_ANSWERS // 3} on each side."
        )
    return values


def _fit(
    x: np.ndarray, y: np.ndarray, person: np.ndarray, calibration: str
) -> CalibratedClassifierCV:
    """Fit a logistic regression, calibrated on people it had not seen.

    A share counts as part yes and part no.
    """
    weight = np.r_[y, 1 - y]
    counts = weight > 0
    row = np.tile(np.arange(len(y)), 2)[counts]
    yes = np.repeat([1, 0], len(y))[counts]
    folds = list(GroupKFold(FOLDS).split(row, groups=person[row]))
    model = CalibratedClassifierCV(
        LogisticRegression(max_iter=500), method=calibration, cv=folds, ensemble=False
    )
    return model.fit(x[row], yes, sample_weight=weight[counts])


def _out_of_fold(x: np.ndarray, y: np.ndarray, calibration: str) -> np.ndarray:
    """Infer the answer of each person asked from the others'."""
    value = np.zeros(len(y))
    for train, test in KFold(FOLDS, shuffle=True, random_state=0).split(x):
        value[test] = _fit(x[train], y[train], train, calibration).predict_proba(x[test])[:, 1]
    return value


def _impute_once(
    x: np.ndarray, y: np.ndarray, rest: np.ndarray, calibration: str, rng: np.random.Generator
) -> np.ndarray:
    """Impute an answer for everybody else, from a model of a bootstrap of the people asked."""
    again = rng.integers(len(y), size=len(y))
    model = _fit(x[again], y[again], again, calibration)
    chance = model.predict_proba(rest)[:, 1]
    if set(np.unique(y)) <= {0, 1}:
        return (rng.random(len(rest)) < chance).astype(float)
    donors = model.predict_proba(x[again])[:, 1]
    order = np.argsort(donors, kind="stable")
    near = np.searchsorted(donors[order], chance) + rng.integers(
        -DONORS // 2, DONORS // 2, size=len(rest)
    )
    return y[again][order[near.clip(0, len(y) - 1)]]


def _overlap(x: np.ndarray, asked: np.ndarray) -> tuple[float, float, str]:
    """Compare people asked with the rest.

    Returns the share of the rest beyond them, the people asked that count, and a warning.
    """
    if asked.all():
        return 0.0, float(asked.sum()), ""
    model = LogisticRegression(max_iter=500)
    odds = cross_val_predict(model, x, asked, cv=FOLDS, method="decision_function")
    low, high = np.quantile(odds[asked], [0.005, 0.995])
    outside = float(((odds[~asked] < low) | (odds[~asked] > high)).mean())
    # in proportion to the odds of not being asked, at most 1
    weights = np.exp(odds[asked].min() - odds[asked])
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    if outside <= FAR and effective >= MIN_ANSWERS:
        return outside, effective, ""
    warning = (
        f"{outside:.0%} of the people not asked are unlike everybody asked, "
        f"who count as {effective:.0f} people; "
        "what is inferred for the others goes beyond the data."
    )
    return outside, effective, warning


def group_answers(imputed: Imputed, groups: pd.DataFrame, *, min_people: int = 50) -> pd.DataFrame:
    """Estimate the average answer of each group of at least `min_people` people, asked or not.

    The imputations are combined by Rubin's rules, with Barnard and Rubin's degrees of freedom. A
    group differs only as far as the features of its people do: what defines the groups belongs
    among the features, or the estimates lean towards everybody's.

    `groups` has `person_id` and `group`. Returns one row a group: group, people, value, low, high
    (95 %), missing_information (share of the variance that is due to people not asked).

    References
    ----------
    Rubin (1987), section 3.3. Barnard and Rubin (1999), "Small-Sample Degrees of Freedom with
    Multiple Imputation", Biometrika 86.

    >>> completed = np.array([[1.0, 1, 0, 0], [1, 1, 0, 1]])
    >>> people = pd.DataFrame({"person_id": list("abcd"), "inferred_answer": 0.5})
    >>> imputed = Imputed(
    ...     people, completed, np.array([True] * 3 + [False]), mean_interval([0, 0]), 0.0, 3.0, ""
    ... )
    >>> table = group_answers(imputed, people.assign(group="all"), min_people=4)
    >>> table[["group", "people", "value"]].values.tolist()
    [['all', 4, 0.625]]
    """
    group = imputed.table["person_id"].map(groups.set_index("person_id")["group"])
    rows = [
        (name, len(rows), *_rubin(imputed.completed[:, rows]))
        for name, rows in group.groupby(group.to_numpy()).indices.items()
        if len(rows) >= min_people
    ]
    columns = ["group", "people", "value", "low", "high", "missing_information"]
    return pd.DataFrame(sorted(rows), columns=columns)


def _rubin(completed: np.ndarray) -> tuple[float, float, float, float]:
    """Combine the means of several imputations into one with its interval."""
    m, n = completed.shape
    means = completed.mean(axis=1)
    within = completed.var(axis=1, ddof=1).mean() / n
    between = (1 + 1 / m) * means.var(ddof=1)
    value = means.mean()
    total = within + between
    if not total:
        return value, value, value, 0.0
    missing = between / total
    freedom = n / (n + 2) * (n - 1) * (1 - missing)
    freedom = 1 / (missing**2 / (m - 1) + 1 / freedom) if missing < 1 else m - 1
    half = stats.t.ppf(0.975, freedom) * np.sqrt(total)
    return float(value), float(max(value - half, 0)), float(min(value + half, 1)), float(missing)
