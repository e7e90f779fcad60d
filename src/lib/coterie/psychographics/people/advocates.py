"""Who speaks for the brand and who against it, how far that carries, and whom to write to first?"""

from datetime import date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from coterie.disclosure import hidden_cells
from coterie.statistics import share_intervals
from coterie.study import DataError

SIGNS = {"negative": -1, "neutral": 0, "positive": 1}
MILLION = 10**6  # sums of whole millionths are the same in any order of rows
LEAVING = "leaving"
ROLES = ADVOCATE, DETRACTOR, NEITHER = "advocate", "detractor", "neither"
UNHEARD = 0.1  # what a voice counts that nobody listens to, for an answer is owed there too


def mention_counts(
    posts: ir.Table,
    post_labels: ir.Table,
    *,
    brand: str,
    as_of: date,
    lookback_days: int = 365,
    patience_hours: int = 24,
    min_probability: float = 0.5,
) -> ir.Table:
    """Count how each person speaks of the brand, and how often the brand left a complaint
    unanswered.

    A mention is a person's post that addresses `brand`. Its sentiment counts with its probability:
    a negative post of probability 0.7 is -0.7. A post on which the model abstained is left out, for
    nothing is known of it. The mentions of one week are one piece of evidence, their mean: an angry
    thread of ten posts is one bad experience. A negative mention is unanswered when the brand's
    account wrote no answer and had `patience_hours` to do so; an answer elsewhere, in a private
    message say, is not seen. Nothing on or after `as_of` is seen.

    Returns one row a person: person_id; mentions (posts); weeks (distinct weeks with one);
    positive_weeks and negative_weeks (with such a mention); valence and valence_squared (sums over
    weeks of the mean signed probability and of its square, in millionths); unanswered_days
    (distinct days with an unanswered negative mention); leaving (mentions whose intent is "leaving"
    with at least `min_probability`).

    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["1", "2", "3"],
    ...         "person_id": ["ana", "ana", None],
    ...         "at": [pd.Timestamp("2026-06-01")] * 3,
    ...         "brand": [None, None, "acme"],
    ...         "in_reply_to": [None, None, "1"],
    ...         "about_brand": ["acme", "acme", None],
    ...     }
    ... )
    >>> labels = ibis.memtable(
    ...     {
    ...         "post_id": ["1", "2"],
    ...         "inferred_sentiment": "negative",
    ...         "inferred_intent": "other",
    ...         "sentiment_probability": [0.5, 1.0],
    ...         "intent_probability": 0.9,
    ...     }
    ... )
    >>> counts = mention_counts(posts, labels, brand="acme", as_of=date(2026, 7, 1)).to_pandas()
    >>> counts[["mentions", "negative_weeks", "valence", "unanswered_days"]].values.tolist()
    [[2, 1, -750000, 1]]
    """
    start, end = (
        ibis.timestamp(day.isoformat()) for day in (as_of - timedelta(days=lookback_days), as_of)
    )
    labelled = read_mentions(
        posts.filter(posts["at"] >= start, posts["at"] < end), post_labels, brand=brand
    )
    since = datetime.combine(as_of, time()) - timedelta(hours=patience_hours)
    leaves = (labelled["inferred_intent"] == LEAVING) & (
        labelled["intent_probability"] >= min_probability
    )
    up, down = labelled["sign"] == 1, labelled["sign"] == -1
    alone = (
        down
        & labelled["answered_at"].isnull()
        & (labelled["at"] < ibis.timestamp(since.isoformat()))
    )
    signed = (labelled["sign"] * labelled["sentiment_probability"] * MILLION).round().cast("int64")
    weeks = labelled.group_by("person_id", week=labelled["at"].truncate("W")).agg(
        mentions=labelled.count(),
        positive=up.cast("int64").max(),
        negative=down.cast("int64").max(),
        mean=(signed.sum() / labelled.count()).round().cast("int64"),
        alone=alone.ifelse(labelled["at"].truncate("D"), None).nunique(),
        leaving=leaves.fill_null(False).cast("int64").sum(),
    )
    sums = {
        "mentions": "mentions",
        "positive_weeks": "positive",
        "negative_weeks": "negative",
        "valence": "mean",
    }
    sums |= {"unanswered_days": "alone", "leaving": "leaving"}
    squares = (weeks["mean"] / MILLION * weeks["mean"]).round().cast("int64").sum()
    added = {name: weeks[column].sum() for name, column in sums.items()}
    return weeks.group_by("person_id").agg(weeks=weeks.count(), valence_squared=squares, **added)


def read_mentions(posts: ir.Table, post_labels: ir.Table, *, brand: str) -> ir.Table:
    """List the posts that address the brand: what the model read, and when the brand answered last,
    if it did.

    Adds `sign` (-1, 0, 1) to the labels. An answer stamped before its post is none: clocks differ.
    """
    about = posts.filter(posts["about_brand"] == brand, posts["person_id"].notnull())
    answers = posts.filter(posts["brand"] == brand, posts["in_reply_to"].notnull())
    last = answers.group_by(to=answers["in_reply_to"]).agg(last_at=answers["at"].max())
    names = ["inferred_sentiment", "sentiment_probability", "inferred_intent", "intent_probability"]
    read = post_labels.filter(post_labels["inferred_sentiment"].isin(list(SIGNS))).select(
        "post_id", *names
    )
    labelled = about.select("post_id", "person_id", "at").join(read, "post_id")
    both = labelled.left_join(last, labelled["post_id"] == last["to"])
    answered_at = (both["last_at"] >= both["at"]).ifelse(both["last_at"], None)
    return both.mutate(
        sign=both["inferred_sentiment"].cases(*SIGNS.items()), answered_at=answered_at
    )


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
    >>> table[["person_id", "inferred_valence", "strength", "repetition", "escalation"]].round(
    ...     2
    ... ).values.tolist()
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
    names = [
        "person_id",
        "mentions",
        "inferred_valence",
        "low",
        "high",
        "inferred_role",
        "weeks",
        "reach",
    ]
    names += ["influence", "strength", "voice", "repetition", "priority", "escalate", "escalation"]
    order = ["escalate", "priority", "influence", "person_id"]
    return table.sort_values(order, ascending=[False, False, False, True], ignore_index=True)[names]


def reasons(counts: pd.DataFrame, *, min_days: int) -> pd.Series:
    """Say in words why a person might be escalated, empty where nothing speaks for it.

    >>> reasons(pd.DataFrame({"unanswered_days": [0, 3], "leaving": [0, 1]}), min_days=2).tolist()
    ['', 'unanswered, leaving']
    """
    unanswered = (counts["unanswered_days"] >= min_days).map({True: "unanswered", False: ""})
    leaving = (counts["leaving"] > 0).map({True: LEAVING, False: ""})
    return unanswered.astype("str").str.cat(leaving.astype("str"), sep=", ").str.strip(", ")


def shrunken_sentiment(counts: pd.DataFrame, *, prior_weeks: float) -> pd.DataFrame:
    """Estimate each person's sentiment towards the brand: inferred_valence with low and high (95
    %).

    The interval takes the spread of everybody's weeks for that of one person's, and so is rather
    too wide.

    >>> counts = pd.DataFrame(
    ...     {"weeks": [1, 3], "valence": [MILLION, -MILLION], "valence_squared": [MILLION] * 2}
    ... )
    >>> shrunken_sentiment(counts, prior_weeks=1).round(2).values.tolist()
    [[0.5, -0.48, 1.0], [-0.25, -0.94, 0.44]]
    """
    n, total = counts["weeks"], max(int(counts["weeks"].sum()), 1)
    everyone = counts["valence"].sum() / MILLION / total
    spread = np.sqrt(max(counts["valence_squared"].sum() / MILLION / total - everyone**2, 0.0))
    mood = (counts["valence"] / MILLION + prior_weeks * everyone) / (n + prior_weeks)
    half = stats.norm.ppf(0.975) * spread / np.sqrt(n + prior_weeks)
    low, high = (mood - half).clip(lower=-1), (mood + half).clip(upper=1)
    return pd.DataFrame({"inferred_valence": mood, "low": low, "high": high})


def count_roles(
    contacts: pd.DataFrame, groups: pd.DataFrame, *, min_people: int = 50
) -> pd.DataFrame:
    """Count advocates, detractors and the others in each group (segment, topic, ...); safe for a
    report.

    `contacts` is `rank_contacts`; `groups` has person_id and group. A count of fewer than
    `min_people` people is left out, together with others of its group and of its role, so that no
    total gives it away.

    Returns one row a count: group, inferred_role, n_people, share (of the group's people who
    mention the brand) with low and high (Wilson, 95 %; they know nothing of posts read wrongly).

    >>> contacts = pd.DataFrame(
    ...     {"person_id": list("abcdef"), "inferred_role": ["advocate"] * 2 + ["neither"] * 4}
    ... )
    >>> groups = pd.DataFrame({"person_id": list("abcdef"), "group": "S1"})
    >>> count_roles(contacts, groups, min_people=0)[["inferred_role", "n_people", "share"]].round(
    ...     2
    ... ).values.tolist()
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
