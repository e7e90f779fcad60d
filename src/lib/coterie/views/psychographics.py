"""What notebook 04 shows: what was read, how well, and what it says of topics, brands, people."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.psychographics import Reputation
from coterie.psychographics.topics.interests import OTHER
from coterie.reporting import figures, tables
from coterie.views.forms.note import Note
from coterie.wording import listed, topic_label

TRAITS = {
    "call_to_action": "calls to act",
    "user_content": "people showing the product in use",
    "review": "reviews",
}
MOST_LEADERS = 3  # interests that a title names
MOODS = ["threads", "recovered", "low", "high", "backward", "excess", "excess_low", "excess_high"]


def too_little(n_posts: int) -> Note:
    """Say why a picture is missing: nobody wrote anything, or too few did."""
    if n_posts:
        return Note("*Too little was written to say more here.*")
    return Note("**Nobody wrote anything in these data**, so nothing can be said here.")


def coverage(covered: pd.DataFrame, *, n_posts: int) -> tables.TitledTable:
    """Show how much could be read."""
    return tables.table(
        covered,
        title=f"What could be read of {n_posts:,} posts",
        formats={"posts": ",", "share": ".0%"},
    )


def accuracy(scores: pd.DataFrame, card_scores: pd.DataFrame) -> Axes | tables.TitledTable:
    """Draw how often the guesses are right; without labelled posts, show the cards of the heads."""
    if scores.empty:
        return tables.table(
            card_scores,
            title="Nobody labelled posts of this study, so accuracy here is unknown; "
            "on public posts the heads scored",
            formats={"score": ".2f"},
        )
    return figures.bars(
        scores,
        y="head",
        x="accuracy",
        low="low",
        high="high",
        null="majority",
        title="; ".join(f"{row.head}: {row.accuracy:.0%} right" for row in scores.itertuples()),
        xlabel="share of answered posts read rightly",
        alt="One bar a kind of label with its interval; the tick is the most frequent label.",
    )


def interests(shares: pd.DataFrame, *, leading: str, n_posts: int) -> Axes | Note:
    """Draw which share of the posts each interest has."""
    if shares.empty:
        return too_little(n_posts)
    other = shares.loc[shares["interest"] == OTHER, "share"].sum()
    return figures.bars(
        shares.head(12).assign(interest=lambda table: table["interest"].map(topic_label)),
        y="interest",
        x="share",
        low="low",
        high="high",
        title=f"{leaders(shares, leading)}; {other:.0%} of posts fit no interest",
        xlabel="share of posts",
        alt="One bar an interest with its interval.",
    )


def leaders(shares: pd.DataFrame, leading: str) -> str:
    """Say which interest leads, or which do together: those whose intervals overlap with its own.

    >>> shares = pd.DataFrame({"interest": ["food", "tech"], "low": [0.3, 0.2], "high": [0.5, 0.4]})
    >>> leaders(shares, "food"), leaders(shares.assign(high=[0.5, 0.2]), "food")
    ('Food and tech lead together', 'Food leads')
    """
    named = shares[shares["interest"] != OTHER].set_index("interest")
    level = named.index[named["high"] >= named["low"].get(leading, 1.0)].map(topic_label).tolist()
    if len(level) > MOST_LEADERS:
        return "No interest leads clearly"
    names = listed(level or [topic_label(leading)])
    return f"{names[0].upper()}{names[1:]} {'lead together' if len(level) > 1 else 'leads'}"


def topic_queue(queue: pd.DataFrame, *, n_posts: int) -> tables.TitledTable | Note:
    """Show what recurs among the posts that fit no interest, by words that many used."""
    if queue.empty:
        return too_little(n_posts)
    return tables.table(
        queue.drop(columns="medoid").head(8),
        title=f"{len(queue)} topics recur among the posts that fit no interest",
        labels={"words": "words that mark it"},
    )


def bursts(periods: pd.DataFrame, sudden: pd.DataFrame) -> Axes | tables.TitledTable:
    """Draw the topic that burst most clearly; without any, show how much was written on each."""
    if sudden.empty:
        return tables.table(
            periods.groupby("topic", as_index=False)["n"].sum(),
            title="No topic was suddenly talked about more than usual",
            formats={"n": ","},
        )
    first = sudden.iloc[0]
    return figures.lines(
        periods[periods["topic"] == first["topic"]],
        x="period",
        y="n",
        low="low",
        high="high",
        title=f"{first['topic'].capitalize()} burst in the week of {first['period']:%d %B}",
        xlabel="week",
        ylabel="posts; the band is usual",
        alt="Posts a week on the topic that burst most clearly, with the usual range.",
    )


def novelty(new: pd.DataFrame) -> tables.TitledTable | Note:
    """Show how many people raise matters that nobody raised before."""
    if new.empty:
        return Note("No new matter was raised by enough people in the last four weeks.")
    return tables.table(
        new,
        title=f"{len(new)} matters of the last four weeks are like nothing before",
        formats={"people": ",", "posts": ","},
    )


def reputation(moods: Reputation) -> Axes | Note:
    """Draw net sentiment by week, the share of positive less that of negative posts."""
    if not moods.enough:
        return Note("Too few weeks have enough people to follow the mood.")
    n = len(moods.changes)
    changed = f"changed for good {n} times" if n else "shows no lasting change"
    return figures.lines(
        moods.trend,
        x="period",
        y="net",
        low="low",
        high="high",
        title=f"The mood {changed}",
        xlabel="week",
        ylabel="net sentiment (positive less negative share)",
        alt="Net sentiment a week with its 95 % interval.",
    )


def aspects(scores: pd.DataFrame, *, n_posts: int) -> Axes | Note:
    """Draw the mean sentiment of each aspect of the offer against the average over all."""
    if scores.empty:
        return too_little(n_posts)
    worst = scores["aspect"].iloc[0]
    best = scores["aspect"].iloc[-1]
    return figures.dots(
        scores,
        y="aspect",
        x="net",
        low="low",
        high="high",
        reference=float(scores["average"].iloc[0]),
        title=f"{best.capitalize()} sounds best, {worst} worst",
        xlabel="mean inferred sentiment, −1 to 1; the line is the average",
        alt="One dot an aspect with its interval.",
    )


def complaints(by_brand: pd.DataFrame, *, n_posts: int) -> tables.TitledTable | Note:
    """Show which share of the posts to each brand complains, and what about."""
    if by_brand.empty:
        return too_little(n_posts)
    shares = dict.fromkeys(["share", "low", "high", "matter_share"], ".0%")
    return tables.table(
        by_brand,
        title="What people who write to a brand want put right",
        formats={"posts": ",", "people": ","} | shares,
        labels={"share": "complain", "matter": "most about", "matter_share": "of the complaints"},
    )


def recovery(threads: pd.DataFrame, *, n_posts: int) -> tables.TitledTable | Note:
    """Show how many threads that began in a bad mood ended in a better one."""
    if threads.empty:
        return too_little(n_posts)
    return tables.table(
        threads.head(12)[["brand", *MOODS]],
        title="Mood after the brand's answer",
        formats={"threads": ","} | dict.fromkeys(MOODS[1:], ".0%"),
    )


def voice(shares: pd.DataFrame) -> Axes | Note:
    """Draw each brand's share of voice, as counted; unchecked queries say so in the title."""
    talk = shares[shares["sentiment"] == "any"].head(12)
    if len(talk) < 2:
        return Note("Fewer than two brands are named by enough people to compare their share.")
    loudest = talk.iloc[0]
    known = bool(talk["errors_known"].all())
    checked = {True: "", False: "; the queries are unchecked"}[known]
    return figures.bars(
        talk,
        y="brand",
        x="share",
        low="low",
        high="high",
        title=f"{loudest['brand']} has {loudest['share']:.0%} of the talk{checked}",
        xlabel="share of voice: of all mentions of these brands",
        alt="One bar a brand with its interval.",
    )


def content(effects: pd.DataFrame) -> tables.TitledTable | Note:
    """Show what goes with reactions within one author, and where that comparison is not safe."""
    if effects["ratio"].isna().all():
        return Note("Too few posts, or authors, have each kind of content to compare reactions.")
    shown = effects.assign(
        trait=effects["trait"].map(TRAITS),
        reason=effects["reason"].replace("", "nothing speaks against it"),
    )
    return tables.table(
        shown[["trait", "posts", "ratio", "low", "high", "plain_ratio", "reason"]],
        title=f"{int(effects['claimed'].sum())} of {len(effects)} kinds of content go with "
        "more or fewer reactions",
        subtitle="Reactions with it over reactions without, same author (evidence C)",
        formats={"posts": ","} | dict.fromkeys(["ratio", "low", "high", "plain_ratio"], ".2f"),
        labels={"trait": "content", "plain_ratio": "unadjusted", "reason": "what to know"},
    )


def roles(counts: pd.DataFrame, contacts: pd.DataFrame, *, brand: str) -> object:
    """Show how many speak for and against the brand; small groups are already left out."""
    if counts.empty:
        return too_little(len(contacts))
    waiting = int((contacts["escalation"] != "").sum())
    return tables.table(
        counts,
        title=f"{len(contacts):,} people speak of {brand}; {waiting} wait for an answer",
        formats={"n_people": ","} | dict.fromkeys(["share", "low", "high"], ".0%"),
        labels={"inferred_role": "role", "n_people": "people"},
    )


def reach(by_interest: pd.DataFrame) -> Axes | Note:
    """Draw how much those who write about each interest are listened to."""
    if by_interest.empty:
        return Note("No interest has enough people whom others react to.")
    by_interest = by_interest.assign(group=by_interest["group"].map(topic_label))
    first = by_interest["group"].iloc[0]
    return figures.dots(
        by_interest,
        y="group",
        x="influence",
        low="low",
        high="high",
        reference=50.0,
        title=f"Who writes about {first} is listened to most",
        xlabel="mean influence, 0 to 100 (percentile); the line is the middle",
        alt="One dot an interest with its interval.",
    )


def no_survey() -> Note:
    """Say that nobody was asked: the lake holds no table of a survey's answers yet."""
    return Note("**No survey was given with these data**, so no answers are laid over behaviour.")
