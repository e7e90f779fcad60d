"""What speaks for a bot in what people did, and in what their profiles say."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.features.activity.exact import entropy, n_log_n
from coterie.windows import DAY, as_of_window, days_before, moment

QUIET_HOURS = 6  # the shortest night that most people get
# Seconds: shorter gaps are one click logged twice, longer ones may be meals, work and sleep.
SITTING = (60, 4 * 3600)
LINKS_AND_HANDLES = r"(https?://|www\.)\S+|[a-z0-9-]+\.[a-z]{2,}/\S*|<[a-z]+>|@\S+"
NO_WORDS = r"[\s!-@\[-`{-~–—…“”‘’]+"  # spelled out, because engines differ in what \W means
SHORTEST = 20  # characters; below it people say the same by chance: "thank you so much"


def bot_signs(
    events: ir.Table, posts: ir.Table, people: ir.Table, *, as_of: date, lookback_days: int = 365
) -> ir.Table:
    """Measure in what everybody did whether a person or a bot did it.

    There is one row a person active in the window.

    Events and posts on or after `as_of` are invisible; follower counts carry no date, so they are
    as last read. `events_per_day` counts from first to last act, a day at least; `busiest_day` has
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

    >>> events = ibis.memtable(
    ...     pd.DataFrame(
    ...         {
    ...             "person_id": "ana",
    ...             "verb": ["view", "view", "like", "view"],
    ...             "at": pd.to_datetime(
    ...                 [
    ...                     "2026-06-01 08:00",
    ...                     "2026-06-01 09:00",
    ...                     "2026-06-01 09:03",
    ...                     "2026-06-03 08:00",
    ...                 ]
    ...             ),
    ...         }
    ...     )
    ... )
    >>> posts = ibis.memtable(
    ...     {
    ...         "person_id": ["ana"],
    ...         "platform": ["x"],
    ...         "text": ["hello there"],
    ...         "at": pd.to_datetime(["2026-06-01 09:00"]),
    ...     }
    ... )
    >>> people = ibis.memtable(
    ...     {
    ...         "person_id": ["ana"],
    ...         "followers": [0],
    ...         "following": [7],
    ...         "joined_at": pd.to_datetime(["2026-06-01"]),
    ...     }
    ... )
    >>> bot_signs(events, posts, people, as_of=date(2026, 7, 1)).to_pandas().iloc[0].drop(
    ...     "person_id"
    ... ).to_dict()
    {'n_events': 4, 'events_per_day': 2.0, 'hours_awake': 2, 'quiet_share': 0.0, 'busiest_day': 3,
    'verb_share': 0.75,
     'n_gaps': 2, 'gap_entropy': 1.0, 'n_posts': 1, 'repeated_share': 0.0, 'followers': 0,
     'following': 7, 'follow_ratio': 7.0, 'age_days': 30.0}
    """
    seen = as_of_window(events, as_of=as_of, days=lookback_days).select("person_id", "at", "verb")
    written = as_of_window(posts, as_of=as_of, days=lookback_days)
    days = largest(seen.select("person_id", part=seen["at"].truncate("D")), "busiest_day")
    verbs = largest(seen.select("person_id", part="verb"), "verb_share")
    table = rhythm(seen)
    for part in (days, verbs, gap_variety(seen), repeats(written), standing(people, as_of=as_of)):
        table = table.left_join(part, "person_id").drop("person_id_right")
    counts = {name: table[name].fill_null(0) for name in ("n_gaps", "n_posts")}
    return table.mutate(verb_share=table["verb_share"] / table["n_events"], **counts)


def rhythm(seen: ir.Table) -> ir.Table:
    """Say how much each person did, and how the events lie around the clock."""
    n, hour, at = seen.count(), seen["at"].hour(), seen["at"]
    nights = [[(start + step) % 24 for step in range(QUIET_HOURS)] for start in range(24)]
    days = (at.max().epoch_seconds() - at.min().epoch_seconds()) / DAY
    return seen.group_by("person_id").agg(
        n_events=n,
        events_per_day=n / ibis.greatest(days, ibis.literal(1.0)),
        hours_awake=hour.nunique(),
        quiet_share=ibis.least(*[hour.isin(night).cast("int64").sum() for night in nights]) / n,
    )


def largest(seen: ir.Table, name: str) -> ir.Table:
    """Count each person's events in their largest `part`."""
    counts = seen.group_by("person_id", "part").agg(n=seen.count())
    return counts.group_by("person_id").agg(counts["n"].max().name(name))


def gap_variety(seen: ir.Table) -> ir.Table:
    """Measure in bits how much the gaps between a person's events vary.

    It is 0 where all have the same length.

    Lengths are binned by doublings (64 to 128 seconds, 128 to 256, ...), so a minute's delay of an
    hourly task is no variety. Only gaps within a sitting count (`SITTING`): a reader who comes each
    morning is no bot. Dates without a time of day have no such gaps.

    >>> at = pd.Timestamp("2026-06-01") + pd.to_timedelta([0, 60, 120, 180, 240], unit="min")
    >>> gap_variety(
    ...     ibis.memtable(pd.DataFrame({"person_id": "cron", "at": at}))
    ... ).to_pandas().values.tolist()
    [['cron', 4, 0.0]]
    """
    earlier = seen["at"].lag().over(group_by="person_id", order_by="at")
    gaps = seen.mutate(gap=seen["at"].epoch_seconds() - earlier.epoch_seconds())
    gaps = gaps.filter(gaps["gap"] >= SITTING[0], gaps["gap"] < SITTING[1])
    # exact, unlike a logarithm
    doublings = sum((gaps["gap"] >= 2**power).cast("int64") for power in range(6, 14))
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

    >>> text = [
    ...     "WIN 5 phones today! bit.example/a",
    ...     "win 7 phones today bit.example/b",
    ...     "thanks",
    ...     "thanks",
    ... ]
    >>> posts = ibis.memtable(
    ...     pd.DataFrame(
    ...         {"person_id": ["spam", "spam", "ana", "bo"], "platform": "x", "text": text}
    ...     )
    ... )
    >>> repeats(posts.mutate(text=posts.text + " " + posts.text)).order_by(
    ...     "person_id"
    ... ).to_pandas().values.tolist()
    [['ana', 1, 0.0], ['bo', 1, 0.0], ['spam', 2, 1.0]]
    """
    said = posts.filter(posts["person_id"].notnull()).select(
        "person_id", "platform", words=plain_words(posts["text"])
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


def plain_words(text: ir.StringColumn) -> ir.StringColumn:
    """Write a text in small letters without digits, links, handles and punctuation.

    >>> plain_words(ibis.literal("WIN 5 phones, today! bit.example/a")).execute()
    'win phones today'
    """
    words = text.lower().re_replace(LINKS_AND_HANDLES, " ").re_replace(NO_WORDS, " ")
    return words.strip().fill_null("")


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

    >>> profile_signs(
    ...     pd.DataFrame(
    ...         {"person_id": ["a"], "followers": [4], "following": [100], "has_banner": [False]}
    ...     )
    ... )
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
