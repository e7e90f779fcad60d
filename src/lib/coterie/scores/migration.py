"""Who will change segment? A Markov chain and a classifier against "they stay where they are"."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from coterie.scores.forecasts.basis import fit_quantiles, spread
from coterie.scores.forecasts.folds import FOLDS, person_folds
from coterie.scores.forecasts.measures import resampled_mean
from coterie.scores.samples import usable
from coterie.scores.sufficiency import MIN_OUTCOMES
from coterie.statistics import UNKNOWN, Interval, share_interval

STAY, MARKOV, CLASSIFIER = "they stay", "Markov chain", "classifier"
PRIOR = 5  # people who stay or move like everybody, added to each segment's moves
COLUMNS = ["forecast", "measure", "value", "low", "high"]
LEAST = 1e-6


class Migration(NamedTuple):
    """How people moved between segments, and who told it best on a later day."""

    moves: pd.DataFrame  # of the last window: from_segment, to_segment, n_people, share
    moved: Interval  # share of people who changed segment in it
    measures: pd.DataFrame  # forecast, measure (accuracy, log_loss), value, low, high
    gains: dict[str, Interval]  # accuracy of a forecast less that of "they stay"
    saved: dict[str, Interval]  # log loss that it saves against "they stay"
    reason: str  # why nothing was compared; else empty

    @property
    def best(self) -> str:
        """Name what tells segments best: "they stay", unless another is better beyond chance."""
        if self.reason:
            return "not compared"
        better = [name for name, gain in self.gains.items() if gain.low > 0]
        return max(better, key=lambda name: self.gains[name].value, default=STAY)


def compare_migration(
    segments: list[pd.Series],
    behaviours: list[pd.DataFrame],
    *,
    resamples: int = 200,
    seed: int = 0,
) -> Migration:
    """Learn moves from the first window, judge them on the second, on people left out.

    Parameters
    ----------
    segments
        Three days, one outcome window apart: each person's segment, on the index of person_id.
    behaviours
        Of the first two days, one row a person.

    References
    ----------
    Anderson and Goodman (1957), "Statistical Inference about Markov Chains", Annals of
    Mathematical Statistics 28.
    """
    first, last = (moves_of(*segments[at : at + 2]) for at in (0, 1))
    moves = migration_matrix(last)
    moved = [int((pair["before"] != pair["after"]).sum()) for pair in (first, last)]
    if reason := _too_few(first, last, moved):
        return Migration(moves, UNKNOWN, pd.DataFrame(columns=COLUMNS), {}, {}, reason)
    names = np.array(sorted({*first["before"], *first["after"], *last["before"], *last["after"]}))
    truth = np.searchsorted(names, last["after"])
    chances = _forecasts(first, last, behaviours, names)
    right = {name: (p.argmax(axis=1) == truth) * 1.0 for name, p in chances.items()}
    right[STAY] = (last["before"] == last["after"]).to_numpy(float)
    lost = {name: -np.log(p[np.arange(len(p)), truth]) for name, p in chances.items()}
    rows = [
        (name, measure, *resampled_mean(values[name], resamples, seed))
        for name in chances
        for measure, values in (("accuracy", right), ("log_loss", lost))
    ]
    rivals = [name for name in chances if name != STAY]
    return Migration(
        moves,
        share_interval(moved[1], len(last)),
        pd.DataFrame(rows, columns=COLUMNS),
        gains={name: resampled_mean(right[name] - right[STAY], resamples, seed) for name in rivals},
        saved={name: resampled_mean(lost[STAY] - lost[name], resamples, seed) for name in rivals},
        reason="",
    )


def moves_of(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Pair the segments of people who have one on both days: person_id, before, after.

    >>> one, other = pd.Series({"ana": "S1", "bo": "S2"}), pd.Series({"ana": "S2", "cy": "S1"})
    >>> moves_of(one, other).values.tolist()
    [['ana', 'S1', 'S2']]
    """
    both = pd.concat({"before": before, "after": after}, axis=1, join="inner").sort_index()
    return both.rename_axis("person_id").reset_index()


def migration_matrix(moves: pd.DataFrame) -> pd.DataFrame:
    """Count who went where, and the share of each segment's people that is."""
    names = sorted({*moves["before"], *moves["after"]})
    counts = pd.crosstab(moves["before"], moves["after"]).reindex(
        index=names, columns=names, fill_value=0
    )
    long = counts.rename_axis(index="from_segment", columns="to_segment").stack()
    rows = long.rename("n_people").reset_index()
    everyone = rows.groupby("from_segment")["n_people"].transform("sum")
    return rows.assign(share=rows["n_people"] / everyone.where(everyone > 0))


def _too_few(first: pd.DataFrame, last: pd.DataFrame, moved: list[int]) -> str:
    """Say why moves cannot be forecast, or nothing."""
    if last["before"].nunique() < 2:
        return "there are no two segments to move between"
    if min(moved) < MIN_OUTCOMES:
        return f"fewer than {MIN_OUTCOMES} people changed segment in each of two windows"
    return ""


def _forecasts(
    first: pd.DataFrame, last: pd.DataFrame, behaviours: list[pd.DataFrame], names: np.ndarray
) -> dict[str, np.ndarray]:
    """Forecast everybody's next segment by what other people did in the window before."""
    folds = [person_folds(pair["person_id"]) for pair in (first, last)]
    known = [
        pair.merge(rows, on="person_id", how="left")
        for pair, rows in zip((first, last), behaviours, strict=True)
    ]
    found = {name: np.zeros((len(last), len(names))) for name in (STAY, MARKOV, CLASSIFIER)}
    for fold in range(FOLDS):
        learn, own = first[folds[0] != fold], folds[1] == fold
        now = np.searchsorted(names, last.loc[own, "before"])
        chain, stay = _chain(learn, names), (learn["before"] == learn["after"]).mean()
        found[STAY][own] = _staying(stay, len(names))[now]
        found[MARKOV][own] = chain[now]
        leaves = _leaving(known[0][folds[0] != fold], known[1][own], names)[:, None]
        elsewhere = chain * (1 - np.eye(len(names)))
        elsewhere /= elsewhere.sum(axis=1, keepdims=True)
        found[CLASSIFIER][own] = elsewhere[now] * leaves
        found[CLASSIFIER][np.flatnonzero(own), now] = 1 - leaves[:, 0]
    return found


def _staying(stay: float, n: int) -> np.ndarray:
    """Write "they stay" as probabilities: the others share what is left."""
    return np.where(np.eye(n, dtype=bool), stay, (1 - stay) / (n - 1)).clip(LEAST)


def _chain(moves: pd.DataFrame, names: np.ndarray) -> np.ndarray:
    """Estimate where people of each segment go, pulled to what everybody does."""
    at = [np.searchsorted(names, moves[side]) for side in ("before", "after")]
    counts = np.zeros((len(names), len(names)))
    np.add.at(counts, tuple(at), 1)
    usual = _staying((moves["before"] == moves["after"]).mean(), len(names))
    return (counts + PRIOR * usual) / (counts.sum(axis=1, keepdims=True) + PRIOR)


def _leaving(learn: pd.DataFrame, people: pd.DataFrame, names: np.ndarray) -> np.ndarray:
    """Forecast who leaves their segment, from the segment and from behaviour."""
    features = usable(learn.drop(columns=["before", "after"]))
    quantiles = fit_quantiles(learn[features])
    basis = [
        np.hstack([spread(rows[features], quantiles), rows[["before"]].to_numpy() == names])
        for rows in (learn, people)
    ]
    moved = learn["before"] != learn["after"]
    model = LogisticRegression(C=0.1, max_iter=300).fit(basis[0], moved)
    return model.predict_proba(basis[1])[:, 1].clip(LEAST, 1 - LEAST)
