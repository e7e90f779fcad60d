"""Who speaks for the brand and who against it, and whom to write to first?"""

import numpy as np
import pandas as pd
from scipy import stats

from coterie.disclosure import hidden_cells
from coterie.psychographics.people.mentions import LEAVING, MILLION
from coterie.statistics import share_intervals, shrink_to_mean
from coterie.study import DataError

ROLES = ADVOCATE, DETRACTOR, NEITHER = "advocate", "detractor", "neither"
CONTACTS = (
    "person_id mentions inferred_valence low high inferred_role weeks reach influence "
    "strength voice repetition priority escalate escalation"
)
UNHEARD = 0.1  # what a voice counts that nobody listens to, for an answer is owed there too


def rank_contacts(
    counts: pd.DataFrame,
    influence: pd.DataFrame,
    *,
    prior_weeks: float = 2.0,
    half_weeks: float = 2.0,
    min_weeks: int = 2,
    large_reach: float = 90.0,
    min_days: int = 2,
) -> pd.DataFrame:
    """Say who is an advocate and who a detractor, and in which order to write to people.

    One row is one person, so this goes to the lake and never to a report; `count_roles` does.
    Sentiment is the mean over the weeks in which a person speaks of the brand, pulled to
    everybody's mean by `prior_weeks` imaginary average ones. A role needs the whole interval on one
    side of zero and `min_weeks` weeks with such a mention: one bad afternoon is no role. The
    priority orders and estimates nothing. It is 100 times the product of three parts, each 0 to 1:
    strength (how far the near end of the sentiment's interval is from zero; 0 where the interval
    holds zero), voice (0.1 for who is not heard, up to 1 for who is heard most) and repetition
    (weeks with such a mention, of which `half_weeks` count half). So ten posts of one week count
    like one, and nobody comes first by fame alone.

    `counts` is `mention_counts` as a frame; `influence` has person_id, reach and influence (0 to
    100), and who is missing there counts as unheard. A person is escalated from an influence of
    `large_reach` on, when negative mentions of `min_days` days were left unanswered or the person
    speaks of leaving.

    Returns one row a person, escalated ones first, then by priority and influence: person_id;
    mentions; inferred_valence (-1 to 1) with low and high (95 %); inferred_role; weeks (with a
    mention of its sign); reach; influence; strength; voice; repetition; priority; escalate;
    escalation (why, in words, or empty).

    Raises DataError when a person stands twice.

    References
    ----------
    Efron and Morris (1975), "Data analysis using Stein's estimator and its generalizations", JASA
    70.

    >>> counts = pd.DataFrame(
    ...     {
    ...         "person_id": ["ana", "bo"],
    ...         "mentions": [9, 6],
    ...         "weeks": 6,
    ...         "valence": [6 * MILLION, -3 * MILLION],
    ...         "valence_squared": [6 * MILLION, 3 * MILLION],
    ...         "positive_weeks": [6, 0],
    ...         "negative_weeks": [0, 2],
    ...         "unanswered_days": [0, 2],
    ...         "leaving": 0,
    ...     }
    ... )
    >>> heard = pd.DataFrame(
    ...     {"person_id": ["ana", "bo"], "reach": [5, 50], "influence": [50.0, 95.0]}
    ... )
    >>> table = rank_contacts(counts, heard)
    >>> names = ["person_id", "inferred_valence", "strength", "repetition", "escalation"]
    >>> table[names].round(2).values.tolist()
    [['bo', -0.31, 0.0, 0.5, 'unanswered'], ['ana', 0.81, 0.24, 0.75, '']]
    """
    if counts["person_id"].duplicated().any() or influence["person_id"].duplicated().any():
        raise DataError(
            "counts and influence need one row a person, and somebody stands there twice."
        )
    table = counts.merge(influence[["person_id", "reach", "influence"]], on="person_id", how="left")
    table = table.fillna({"reach": 0, "influence": 0.0}).astype({"reach": int})
    moods = shrunken_sentiment(table, prior_weeks=prior_weeks)
    weeks = table["positive_weeks"].where(moods["inferred_valence"] > 0, table["negative_weeks"])
    table = table.assign(**moods, weeks=weeks, inferred_role=NEITHER)
    table.loc[(table["low"] > 0) & (weeks >= min_weeks), "inferred_role"] = ADVOCATE
    table.loc[(table["high"] < 0) & (weeks >= min_weeks), "inferred_role"] = DETRACTOR
    table["strength"] = np.maximum(table["low"], -table["high"]).clip(lower=0)
    table["repetition"] = weeks / (weeks + half_weeks)
    table["voice"] = UNHEARD + (1 - UNHEARD) * table["influence"] / 100
    table["priority"] = 100 * table["strength"] * table["voice"] * table["repetition"]
    table["escalation"] = reasons(table, min_days=min_days).where(
        table["influence"] >= large_reach, ""
    )
    table["escalate"] = table["escalation"] != ""
    order = ["escalate", "priority", "influence", "person_id"]
    ranked = table.sort_values(order, ascending=[False, False, False, True], ignore_index=True)
    return ranked[CONTACTS.split()]


def reasons(counts: pd.DataFrame, *, min_days: int) -> pd.Series:
    """Say in words why a person might be escalated, empty where nothing speaks for it.

    >>> reasons(pd.DataFrame({"unanswered_days": [0, 3], "leaving": [0, 1]}), min_days=2).tolist()
    ['', 'unanswered, leaving']
    """
    unanswered = (counts["unanswered_days"] >= min_days).map({True: "unanswered", False: ""})
    leaving = (counts["leaving"] > 0).map({True: LEAVING, False: ""})
    return unanswered.astype("str").str.cat(leaving.astype("str"), sep=", ").str.strip(", ")


def shrunken_sentiment(counts: pd.DataFrame, *, prior_weeks: float) -> pd.DataFrame:
    """Estimate each person's sentiment towards the brand, with its 95 % interval.

    The interval takes the spread of everybody's weeks for that of one person's, and so is rather
    too wide.

    >>> counts = pd.DataFrame(
    ...     {"weeks": [1, 3], "valence": [MILLION, -MILLION], "valence_squared": [MILLION] * 2}
    ... )
    >>> shrunken_sentiment(counts, prior_weeks=1).round(2).values.tolist()
    [[0.5, -0.48, 1.0], [-0.25, -0.94, 0.44]]
    """
    n = counts["weeks"]
    total = max(int(n.sum()), 1)
    everyone = counts["valence"].sum() / MILLION / total
    spread = np.sqrt(max(counts["valence_squared"].sum() / MILLION / total - everyone**2, 0.0))
    mood = shrink_to_mean(counts["valence"] / MILLION, n, mean=everyone, prior=prior_weeks)
    half = stats.norm.ppf(0.975) * spread / np.sqrt(n + prior_weeks)
    low = (mood - half).clip(lower=-1)
    high = (mood + half).clip(upper=1)
    return pd.DataFrame({"inferred_valence": mood, "low": low, "high": high})


def count_roles(
    contacts: pd.DataFrame, groups: pd.DataFrame, *, min_people: int = 50
) -> pd.DataFrame:
    """Count advocates, detractors and others in each group (segment, topic); safe for a report.

    `contacts` is `rank_contacts`; `groups` has person_id and group. A count of fewer than
    `min_people` people is left out, together with others of its group and of its role, so that no
    total gives it away.

    Returns one row a count: group, inferred_role, n_people, share (of the group's people who
    mention the brand) with low and high (Wilson, 95 %; they know nothing of posts read wrongly).

    >>> contacts = pd.DataFrame(
    ...     {"person_id": list("abcdef"), "inferred_role": ["advocate"] * 2 + ["neither"] * 4}
    ... )
    >>> groups = pd.DataFrame({"person_id": list("abcdef"), "group": "S1"})
    >>> table = count_roles(contacts, groups, min_people=0)
    >>> table[["inferred_role", "n_people", "share"]].round(2).values.tolist()
    [['advocate', 2, 0.33], ['detractor', 0, 0.0], ['neither', 4, 0.67]]
    """
    both = (
        groups[["person_id", "group"]]
        .drop_duplicates()
        .merge(contacts[["person_id", "inferred_role"]])
    )
    table = (
        both.groupby(["group", "inferred_role"])
        .size()
        .unstack(fill_value=0)
        .reindex(columns=ROLES, fill_value=0)
    )
    table = table.sort_index()
    hidden = hidden_cells(table.to_numpy(), min_people=min_people).ravel()
    rows = table.stack().rename("n_people").rename_axis(["group", "inferred_role"]).reset_index()
    people = rows.groupby("group")["n_people"].transform("sum")
    rows[["share", "low", "high"]] = share_intervals(rows["n_people"], people).to_numpy()
    return rows[~hidden].reset_index(drop=True)
