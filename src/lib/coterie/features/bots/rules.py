"""Rules that anybody can read, an isolation forest, and a tag that deletes nobody."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

MIN_PEOPLE = 20  # people; among fewer nobody is unusual


class Rule(NamedTuple):
    """One reason to take somebody for a bot: a sign within bounds, on enough evidence."""

    words: str  # what a report says of the person
    column: str  # the sign
    low: float  # smallest value that breaks the rule
    high: float  # largest value that breaks the rule
    evidence: str  # the column that says on how much the sign rests
    at_least: float  # smallest evidence on which the rule speaks
    weight: float  # how far the rule alone should convince, 0 to 1


RULES = (
    # Events spread evenly over the day leave a quarter to any six hours; whoever sleeps leaves
    # hardly any to some six.
    # Somebody who spends a fourth of the time on the other side of the world stays below: a fourth
    # of 6/16 is 9 %.
    Rule("awake around the clock", "quiet_share", 0.10, 1, "n_events", 40, 0.8),
    # One bit: no more variety than two lengths of gap, equally often. A schedule has one, or two at
    # a bin's edge.
    Rule("acts like clockwork", "gap_entropy", 0, 1, "n_gaps", 30, 0.8),
    # An event every two minutes of a sixteen-hour day.
    Rule("more acts in a day than hands can do", "busiest_day", 480, np.inf, "n_events", 480, 0.8),
    Rule(
        "at least half of the posts repeat another post",
        "repeated_share",
        0.5,
        1,
        "n_posts",
        5,
        0.8,
    ),
    # Fifty to one is Socialbakers' rule (see Cresci et al. 2015). Weak alone: some people just
    # collect.
    Rule("follows many and is followed by few", "follow_ratio", 50, np.inf, "following", 500, 0.5),
)

# Both signs are missing but for accounts alike beyond chance, a test that allows for looking at all
# pairs.
ALIKE_RULES = (
    Rule(
        "acts on the same things as the same other accounts within a minute",
        "minute_share",
        1 / 3,
        1,
        "minute_partners",
        2,
        0.9,
    ),
    Rule(
        "comes in the same hour as the same other accounts to unrelated things",
        "hour_share",
        1 / 3,
        1,
        "hour_partners",
        2,
        0.9,
    ),
    Rule(
        "most posts nearly repeat those of the same other accounts",
        "twin_share",
        0.5,
        1,
        "twin_partners",
        2,
        0.9,
    ),
)
RULES += ALIKE_RULES
# What says how one account differs from others: these do not, so the forest leaves them out.
SIGNS_OF_MANY = [name for rule in ALIKE_RULES for name in (rule.column, rule.evidence)]

# Weak alone, for a quiet reader breaks two or three. The bounds on followers, posts, lists and two
# followed for each
# follower are Camisani-Calzolari's (see Cresci et al. 2015). Whoever follows 50 accounts has used
# theirs.
PROFILE_RULES = (
    Rule("fewer than 30 followers", "followers", 0, 29, "following", 50, 0.3),
    Rule(
        "follows at least twice as many as follow back",
        "follow_ratio",
        2,
        np.inf,
        "following",
        50,
        0.3,
    ),
    Rule("fewer than 50 posts", "n_posts", 0, 49, "following", 50, 0.3),
    Rule("never liked anything", "likes", 0, 0, "following", 50, 0.3),
    Rule("on nobody's list", "listed", 0, 0, "following", 50, 0.3),
    Rule("at least half of the profile left empty", "filled_share", 0, 0.5, "following", 50, 0.3),
    RULES[-1],
)


def check_bots(
    signs: pd.DataFrame, *, rules: Sequence[Rule] = RULES, cut: float = 0.55, seed: int = 0
) -> pd.DataFrame:
    """Tag who behaves like a bot, with the reasons in words; nobody is deleted.

    Takes `person_id` and numbers from `bot_signs` or `profile_signs`, missing ones allowed; rules
    about absent columns are skipped. Gives `bot_score` (0 to 1), `n_rules` broken, `tagged`, and
    `reasons` joined by "; ", empty when none. Nobody is tagged without a reason. `bot_score` is the
    mean of two numbers: how far the broken rules convince, as if they erred independently, and how
    easily an isolation forest sets the person apart (0.5 or less is ordinary). From `cut` on a
    score is tagged: a rule of weight 0.8 is enough, one of 0.5 counts only where the forest says
    0.6. A score is no probability. An account that a team shares across time zones, and one whose
    owner works rotating shifts, look awake around the clock; a bot that sleeps at night and varies
    its words is not seen.

    References
    ----------
    Liu, Ting and Zhou (2008), "Isolation forest", ICDM: anomalies from 0.6 upwards, none in
    particular at 0.5.

    >>> signs = pd.DataFrame(
    ...     {"person_id": ["ana", "bot"], "quiet_share": [0.01, 0.2], "n_events": [90, 90]}
    ... )
    >>> check_bots(signs)
      person_id  bot_score  n_rules  tagged                 reasons
    0       ana       0.25        0   False
    1       bot       0.65        1    True  awake around the clock
    """
    numbers = signs.drop(columns="person_id").astype(float)
    used = [rule for rule in rules if {rule.column, rule.evidence} <= {*numbers}]
    broken = np.column_stack(
        [breaks(numbers, rule) for rule in used] or [np.zeros((len(signs), 0), bool)]
    )
    alone = numbers.drop(columns=SIGNS_OF_MANY, errors="ignore")
    doubt = np.prod(1 - broken * np.array([rule.weight for rule in used]), axis=1)
    score = (1 - doubt + unusual(alone, seed=seed)) / 2
    reasons = [
        "; ".join(rule.words for rule, yes in zip(used, row, strict=True) if yes) for row in broken
    ]
    found = pd.DataFrame(
        {
            "person_id": signs["person_id"].to_numpy(),
            "bot_score": score,
            "n_rules": broken.sum(axis=1),
        }
    )
    return found.assign(
        tagged=broken.any(axis=1) & (score >= cut), reasons=pd.array(reasons, dtype="str")
    )


def breaks(numbers: pd.DataFrame, rule: Rule) -> np.ndarray:
    """Say who breaks a rule; a missing sign breaks none."""
    return (
        numbers[rule.column].between(rule.low, rule.high)
        & (numbers[rule.evidence] >= rule.at_least)
    ).to_numpy()


def unusual(numbers: pd.DataFrame, *, seed: int) -> np.ndarray:
    """Score how easily random cuts set each person apart from the others.

    The order of rows does not matter.
    """
    tamed = np.log1p(numbers.dropna(axis=1, how="all").clip(lower=0))
    tamed = tamed.fillna(tamed.median())
    points = tamed.loc[:, tamed.nunique() > 1].to_numpy()
    if len(points) < MIN_PEOPLE or not points.size:
        return np.full(len(points), 0.5)
    forest = IsolationForest(random_state=seed).fit(points[np.lexsort(points.T)])
    return -forest.score_samples(points)
