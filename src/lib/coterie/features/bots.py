"""Who behaves like a bot.

There are signs of it in what people did, rules anybody can read, and a tag that deletes nobody.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

from coterie.features.activity.exact import entropy, n_log_n
from coterie.statistics import share_interval
from coterie.windows import DAY, as_of_window, days_before, moment

QUIET_HOURS = 6  # the shortest night that most people get
SITTING = (
    60,
    4 * 3600,
)  # seconds; shorter gaps are one click logged twice, longer ones may be meals, work and sleep
LINKS_AND_HANDLES = r"(https?://|www\.)\S+|[a-z0-9-]+\.[a-z]{2,}/\S*|<[a-z]+>|@\S+"
NO_WORDS = r"[\s!-@\[-`{-~–—…“”‘’]+"  # spelled out, because engines differ in what \W means
SHORTEST = 20  # characters; below it people say the same by chance: "thank you so much"
FEWEST_FOR_FOREST = 20  # people; among fewer nobody is unusual


class Rule(NamedTuple):
    """One reason to take somebody for a bot: a sign within bounds, on enough evidence."""

    words: str  # what a report says of the person
    column: str  # the sign
    low: float  # smallest value that breaks the rule
    high: float  # largest value that breaks the rule
    evidence: str  # the column that says on how much the sign rests
    fewest: float  # smallest evidence on which the rule speaks
    weight: float  # how far the rule alone should convince, 0 to 1


RULES = (
    # Events spread evenly over the day leave a quarter to any six hours; whoever sleeps leaves
    # hardly any to some six.
    # Somebody who spends a fourth of the time on the other side of the world stays below: a fourth
    # of 6/16 is 9 %.
    Rule("awake around the clock", "quiet_share", 0.10, 1, "n_acts", 40, 0.8),
    # One bit: no more variety than two lengths of gap, equally often. A schedule has one, or two at
    # a bin's edge.
    Rule("acts like clockwork", "gap_entropy", 0, 1, "n_gaps", 30, 0.8),
    # An event every two minutes of a sixteen-hour day.
    Rule("more acts in a day than hands can do", "busiest_day", 480, np.inf, "n_acts", 480, 0.8),
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


def bot_signs(
    events: ir.Table, posts: ir.Table, people: ir.Table, *, as_of: date, lookback_days: int = 365
) -> ir.Table:
    """Measure in what everybody did whether a person or a bot did it.

    There is one row a person active in the window.

    Events and posts on or after `as_of` are invisible; follower counts carry no date, so they are
    as last read. `acts_per_day` counts from first to last act, a day at least; `busiest_day` has
    the most events on one UTC day. `hours_awake` counts hours of the day with an event;
    `quiet_share` is the share of events in the six consecutive hours with fewest, 0.25 at most: UTC
    does, since only the shape of the day counts. `verb_share` is that of the commonest verb.
    `n_gaps`, `gap_entropy`: see `gap_variety`; `n_posts`, `repeated_share`: see `repeats`.
    `follow_ratio` is following over followers (1 at least), `age_days` the age of the oldest
    account. Missing where unknown.

    References
    ----------
    Chu, Gianvecchio, Wang and Jajodia (2012), "Detecting automation of Twitter accounts", IEEE TDSC
    9, for the gaps. Cresci et al. (2015), "Fame for sale: efficient detection of fake Twitter
    followers", Decision Support Systems 80.

    >>> events = ibis.memtable(pd.DataFrame({"person_id": "ana", "verb": ["view", "view", "like", "view"],
    ...     "at": pd.to_datetime(["2026-06-01 08:00", "2026-06-01 09:00", "2026-06-01 09:03", "2026-06-03 08:00"])}))
    >>> posts = ibis.memtable({"person_id": ["ana"], "platform": ["x"], "text": ["hello there"],
    ...     "at": pd.to_datetime(["2026-06-01 09:00"])})
    >>> people = ibis.memtable({"person_id": ["ana"], "followers": [0], "following": [7],
    ...     "joined_at": pd.to_datetime(["2026-06-01"])})
    >>> bot_signs(events, posts, people, as_of=date(2026, 7, 1)).to_pandas().iloc[0].drop("person_id").to_dict()
    {'n_acts': 4, 'acts_per_day': 2.0, 'hours_awake': 2, 'quiet_share': 0.0, 'busiest_day': 3,
    'verb_share': 0.75,
     'n_gaps': 2, 'gap_entropy': 1.0, 'n_posts': 1, 'repeated_share': 0.0, 'followers': 0,
     'following': 7, 'follow_ratio': 7.0, 'age_days': 30.0}
    """
    acts = as_of_window(events, as_of=as_of, days=lookback_days).select("person_id", "at", "verb")
    written = as_of_window(posts, as_of=as_of, days=lookback_days)
    days = largest(acts.select("person_id", part=acts["at"].truncate("D")), "busiest_day")
    verbs = largest(acts.select("person_id", part="verb"), "verb_share")
    table = rhythm(acts)
    for part in (days, verbs, gap_variety(acts), repeats(written), standing(people, as_of=as_of)):
        table = table.left_join(part, "person_id").drop("person_id_right")
    counts = {name: table[name].fill_null(0) for name in ("n_gaps", "n_posts")}
    return table.mutate(verb_share=table["verb_share"] / table["n_acts"], **counts)


def rhythm(acts: ir.Table) -> ir.Table:
    """Say how much each person did, and how the events lie around the clock."""
    n, hour, at = acts.count(), acts["at"].hour(), acts["at"]
    nights = [[(start + step) % 24 for step in range(QUIET_HOURS)] for start in range(24)]
    days = (at.max().epoch_seconds() - at.min().epoch_seconds()) / DAY
    return acts.group_by("person_id").agg(
        n_acts=n,
        acts_per_day=n / ibis.greatest(days, ibis.literal(1.0)),
        hours_awake=hour.nunique(),
        quiet_share=ibis.least(*[hour.isin(night).cast("int64").sum() for night in nights]) / n,
    )


def largest(acts: ir.Table, name: str) -> ir.Table:
    """Count each person's events in their largest `part`."""
    counts = acts.group_by("person_id", "part").agg(n=acts.count())
    return counts.group_by("person_id").agg(counts["n"].max().name(name))


def gap_variety(acts: ir.Table) -> ir.Table:
    """Measure in bits how much the gaps between a person's events vary.

    It is 0 where all have the same length.

    Lengths are binned by doublings (64 to 128 seconds, 128 to 256, ...), so a minute's delay of an
    hourly task is no variety. Only gaps within a sitting count (`SITTING`): a reader who comes each
    morning is no bot. Dates without a time of day have no such gaps.

    >>> at = pd.Timestamp("2026-06-01") + pd.to_timedelta([0, 60, 120, 180, 240], unit="min")
    >>> gap_variety(ibis.memtable(pd.DataFrame({"person_id": "cron", "at": at}))).to_pandas().values.tolist()
    [['cron', 4, 0.0]]
    """
    earlier = acts["at"].lag().over(group_by="person_id", order_by="at")
    gaps = acts.mutate(gap=acts["at"].epoch_seconds() - earlier.epoch_seconds())
    gaps = gaps.filter(gaps["gap"] >= SITTING[0], gaps["gap"] < SITTING[1])
    doublings = sum(
        (gaps["gap"] >= 2**power).cast("int64") for power in range(6, 14)
    )  # exact, unlike a logarithm
    bins = (
        gaps.select("person_id", doublings=doublings)
        .group_by("person_id", "doublings")
        .agg(n=ibis._.count())
    )
    sums = bins.group_by("person_id").agg(n_gaps=bins["n"].sum(), spent=n_log_n(bins["n"]))
    bits = entropy(sums["n_gaps"], sums["spent"]).round(6)
    return sums.select("person_id", "n_gaps", gap_entropy=ibis.greatest(bits, ibis.literal(0.0)))


def repeats(posts: ir.Table) -> ir.Table:
    """Measure which share of a person's posts says the same as another post.

    The other one may be theirs or somebody else's.

    Compared without case, digits, links, handles and punctuation, so that a changed number hides
    nothing. The same post on two platforms of one person is no repeat, nor are posts of fewer than
    20 characters: many say "thank you".

    >>> text = ["WIN 5 phones today! bit.example/a", "win 7 phones today bit.example/b", "thanks", "thanks"]
    >>> posts = ibis.memtable(pd.DataFrame({"person_id": ["spam", "spam", "ana", "bo"], "platform": "x", "text": text}))
    >>> repeats(posts.mutate(text=posts.text + " " + posts.text)).order_by("person_id").to_pandas().values.tolist()
    [['ana', 1, 0.0], ['bo', 1, 0.0], ['spam', 2, 1.0]]
    """
    words = (
        posts["text"].lower().re_replace(LINKS_AND_HANDLES, " ").re_replace(NO_WORDS, " ").strip()
    )
    said = posts.filter(posts["person_id"].notnull()).select(
        "person_id", "platform", words=words.fill_null("")
    )
    keys = {
        "anybody": ["words"],
        "own": ["words", "person_id"],
        "here": ["words", "person_id", "platform"],
    }
    said = said.mutate(**{name: ibis._.count().over(group_by=by) for name, by in keys.items()})
    again = ((said["anybody"] > said["own"]) | (said["here"] > 1)) & (
        said["words"].length() >= SHORTEST
    )
    return said.group_by("person_id").agg(
        n_posts=said.count(), repeated_share=again.cast("int64").sum() / said.count()
    )


def standing(people: ir.Table, *, as_of: date) -> ir.Table:
    """Say how many each person follows and is followed by, and how old the oldest account is."""
    followers, known = people["followers"], people["joined_at"] < moment(as_of)
    ratio = people["following"] / (followers > 0).ifelse(followers, 1)
    return people.select(
        "person_id",
        "followers",
        "following",
        follow_ratio=followers.notnull().ifelse(ratio, ibis.null("float64")),
        age_days=known.ifelse(days_before(people["joined_at"], as_of), ibis.null("float64")),
    )


def profile_signs(accounts: pd.DataFrame) -> pd.DataFrame:
    """Measure what a profile alone tells of a bot, where nothing is known of what the account did.

    Takes `person_id` and whichever there are of `followers`, `following`, `n_posts`, `likes`,
    `listed`, `age_days` and yes-or-no columns that begin with `has_` (a description, a picture of
    its own, ...). Adds `follow_ratio`, `posts_per_day` and `filled_share`, the share of the `has_`
    columns that are true. Judge with `PROFILE_RULES`.

    >>> profile_signs(pd.DataFrame({"person_id": ["a"], "followers": [4], "following": [100], "has_banner": [False]}))
      person_id  followers  following  follow_ratio  filled_share
    0         a        4.0      100.0          25.0           0.0
    """
    counts = ["followers", "following", "n_posts", "likes", "listed", "age_days"]
    signs = accounts[[name for name in counts if name in accounts]].astype(float)
    if {"followers", "following"} <= {*signs}:
        signs["follow_ratio"] = signs["following"] / signs["followers"].clip(lower=1)
    if {"n_posts", "age_days"} <= {*signs}:
        signs["posts_per_day"] = signs["n_posts"] / signs["age_days"].clip(lower=1)
    filled = accounts.filter(regex="^has_").astype(float)
    if filled.shape[1]:
        signs["filled_share"] = filled.mean(axis=1)
    signs.insert(0, "person_id", accounts["person_id"])
    return signs


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

    >>> signs = pd.DataFrame({"person_id": ["ana", "bot"], "quiet_share": [0.01, 0.2], "n_acts": [90, 90]})
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
    doubt = np.prod(1 - broken * np.array([rule.weight for rule in used]), axis=1)
    score = (1 - doubt + unusual(numbers, seed=seed)) / 2
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
        numbers[rule.column].between(rule.low, rule.high) & (numbers[rule.evidence] >= rule.fewest)
    ).to_numpy()


def unusual(numbers: pd.DataFrame, *, seed: int) -> np.ndarray:
    """Score how easily random cuts set each person apart from the others.

    The order of rows does not matter.
    """
    tamed = np.log1p(numbers.dropna(axis=1, how="all").clip(lower=0))
    tamed = tamed.fillna(tamed.median())
    points = tamed.loc[:, tamed.nunique() > 1].to_numpy()
    if len(points) < FEWEST_FOR_FOREST or not points.size:
        return np.full(len(points), 0.5)
    forest = IsolationForest(random_state=seed).fit(points[np.lexsort(points.T)])
    return -forest.score_samples(points)


def kpi_band(outcomes: pd.DataFrame, bots: pd.DataFrame) -> pd.DataFrame:
    """Show each indicator over everybody and without the tagged.

    So a reader sees what the tags change.

    `outcomes` has one row a person and indicator: `person_id`, `kpi`, `did` (0 or 1). Intervals are
    Wilson's, 95 %; they know nothing of wrong tags. People whom `bots` does not know count as not
    tagged.

    >>> outcomes = pd.DataFrame({"person_id": ["ana", "bo", "bot"], "kpi": "orders", "did": [1, 0, 0]})
    >>> bots = pd.DataFrame({"person_id": ["bot"], "tagged": [True]})
    >>> kpi_band(outcomes, bots)[["kpi", "n_people", "value", "n_tagged", "value_without"]].values.tolist()
    [['orders', 3, 0.333..., 1, 0.5]]
    """
    tagged = outcomes["person_id"].isin(bots.loc[bots["tagged"].astype(bool), "person_id"])
    rows = []
    for kpi, group in outcomes.assign(tagged=tagged).groupby("kpi"):
        kept = group[~group["tagged"]]
        everybody, without = (
            share_interval(part["did"].sum(), len(part)) for part in (group, kept)
        )
        rows.append((kpi, len(group), *everybody, int(group["tagged"].sum()), *without))
    names = "kpi n_people value low high n_tagged value_without low_without high_without"
    return pd.DataFrame(rows, columns=names.split())
