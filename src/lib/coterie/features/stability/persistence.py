"""A trend or a fad? What moved between two windows is looked for again in a third."""

from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.features.activity.declared import behaviour
from coterie.features.stability.drift import (
    MISSING,
    compare_windows,
    deciles,
    numbers,
    one_hot,
    permutations_needed,
)
from coterie.study import DataError
from coterie.windows import seen_days

MIN_PEOPLE = 30  # people in every window; with fewer nothing is compared
NOT_THREE = (
    "Fads are told from trends by three windows, earlier, middle and late; there are {n} here."
)

WHOLE_HISTORY = ("tenure_days", "busiest_quarter_share")  # features that no window of weeks has


def three_windows(
    events: ir.Table,
    posts: ir.Table,
    people: ir.Table,
    *,
    as_of: date,
    lookback_days: int = 365,
    **options: object,
) -> list[pd.DataFrame]:
    """Describe what everybody did in each third of the recorded days, oldest first, in whole weeks.

    `options` are those of `behaviour`. Features of a whole history or year are left out.
    """
    seen = seen_days(events, as_of=as_of, lookback_days=lookback_days)
    days = seen // 21 * 7
    windows = []
    for back in (2, 1, 0):
        end = as_of - timedelta(days=back * days)
        table = behaviour(events, posts, people, as_of=end, lookback_days=days, **options)
        windows.append(table.drop(*WHOLE_HISTORY).to_pandas())
    return windows


def check_drift(windows: list[pd.DataFrame], *, seed: int = 0, alpha: float = 0.01) -> pd.DataFrame:
    """Say of every feature whether it moved from the middle window to the late one.

    It says whether that is a fad, too.

    One row a feature, as `compare_windows` gives it, and its `course`. `drifted` allows for looking
    at many features: it asks for an adjusted p-value of at most `alpha`. Fewer than 30 people in a
    window give an empty table.
    """
    enough = min((len(frame) for frame in windows), default=0) >= MIN_PEOPLE
    if not enough:
        return pd.DataFrame(
            columns=["feature", "psi", "limit", "pvalue_adjusted", "drifted", "course"]
        )
    n_permutations = permutations_needed(windows[0].shape[1] - 1, alpha=alpha)
    table = compare_windows(
        windows[1], windows[2], seed=seed, n_permutations=n_permutations, alpha=alpha
    )
    courses = persistence(windows, seed=seed, alpha=alpha)[["feature", "course"]]
    return table.assign(drifted=table["pvalue_adjusted"] <= alpha).merge(courses, on="feature")


def persistence(
    windows: list[pd.DataFrame], *, seed: int = 0, n_permutations: int = 399, alpha: float = 0.01
) -> pd.DataFrame:
    """Tell fads from trends: does a feature that moved stay away in the window after?

    `windows` are three, oldest first, each as `compare_windows` takes it and raises what that
    raises. Each pair is tested at `alpha`; a feature that never moved is called otherwise in at
    most twice `alpha` of cases.

    One row a feature: `feature`; its `course` (see `course`); `pvalue_middle` for earlier against
    middle, `pvalue_late` for earlier against late, `pvalue_back` for middle against late;
    `agreement`, above 0 where the moves from earlier to middle and to late have the same direction;
    `mean_earlier`, `mean_middle`, `mean_late`.

    >>> people = [f"p{i}" for i in range(40)]
    >>> def week(likes, shares):
    ...     return pd.DataFrame({"person_id": people, "likes": likes, "shares": shares})
    >>> persistence([week(1, 1), week(2, 2), week(1, 2)])[["feature", "course", "mean_late"]]
      feature course  mean_late
    0   likes    fad        1.0
    1  shares  trend        2.0
    """
    if len(windows) != 3:
        raise DataError(NOT_THREE.format(n=len(windows)))
    options = {"seed": seed, "n_permutations": n_permutations, "alpha": alpha}
    pairs = (
        compare_windows(windows[a], windows[b], **options) for a, b in ((0, 1), (0, 2), (1, 2))
    )
    middle, late, back = (pair.set_index("feature") for pair in pairs)
    back, alike = back.reindex(late.index), agreement(windows).reindex(late.index)
    moves = zip(middle["drifted"], late["drifted"], back["drifted"], alike > 0, strict=True)
    pvalues = {
        "pvalue_middle": middle["pvalue"],
        "pvalue_late": late["pvalue"],
        "pvalue_back": back["pvalue"],
    }
    means = {
        "mean_earlier": late["mean_before"],
        "mean_middle": middle["mean_now"],
        "mean_late": late["mean_now"],
    }
    table = pd.DataFrame({"course": [course(*move) for move in moves]}, index=late.index)
    return table.assign(**pvalues, agreement=alike, **means).reset_index()


def course(moved: bool, away: bool, returned: bool, alike: bool) -> str:
    """Name what three tests and a direction say about a feature.

    steady: differs from earlier neither in the middle nor late. trend: differs in both, in the same
    direction. fad: differed in the middle, is back late, and late differs from the middle too.
    unclear: differed in the middle, and late can be told neither from earlier nor from the middle,
    so people are too few. new: away from earlier in the late window only, or on the other side than
    in the middle; too early to tell.

    >>> (
    ...     course(True, True, False, True),
    ...     course(True, False, True, False),
    ...     course(False, True, True, True),
    ... )
    ('trend', 'fad', 'new')
    """
    if away:
        return "trend" if moved and alike else "new"
    if moved:
        return "fad" if returned else "unclear"
    return "steady"


def agreement(windows: list[pd.DataFrame]) -> pd.Series:
    """Add up, over all bins, the moves from window one to two times those from one to three.

    Above 0 they have the same direction, in spread and in the share of unknown values as in the
    mean.

    >>> frames = [
    ...     pd.DataFrame({"person_id": ["ana", "bo"], "likes": likes})
    ...     for likes in ([1, 2], [2, 2], [2, 3])
    ... ]
    >>> agreement(frames)["likes"] > 0
    np.True_
    """
    bins = deciles(pd.concat([numbers(frame, name="given") for frame in windows]))
    ends = np.cumsum([len(frame) for frame in windows])[:-1]
    earlier, middle, late = (one_hot(part).mean(axis=0) for part in np.split(bins.to_numpy(), ends))
    return pd.Series(
        ((middle - earlier) * (late - earlier)).reshape(-1, MISSING + 1).sum(axis=1),
        index=bins.columns,
    )
