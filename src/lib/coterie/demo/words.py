"""What people of the planted world write: a grammar with slots, slang, emoji and typos."""

import random
import re

import numpy as np
import pandas as pd

from coterie.demo.people import NAMES, load_data, pick

GRAMMAR = load_data("grammar.yml")
SENTIMENTS, INTENTS, ASPECTS = (
    ["negative", "neutral", "positive"],
    list(GRAMMAR["said"]),
    list(GRAMMAR["aspects"]),
)
BRAND = "brightside"


def with_words(rng: np.random.Generator, posts: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Draw intent, sentiment and aspect of each post, then write it; bots repeat themselves."""
    n, die = len(posts), random.Random(int(rng.integers(2**32)))
    intent = pick(rng, np.tile([float(GRAMMAR["intents"][name]) for name in INTENTS], (n, 1)))
    mood = pick(
        rng, np.array([GRAMMAR["sentiments"][name] for name in INTENTS], dtype=float)[intent]
    )
    posts["intent"] = np.where(posts["bot"], "other", np.array(INTENTS)[intent])
    posts["sentiment"] = np.where(posts["bot"], "neutral", np.array(SENTIMENTS)[mood])
    posts["aspect"] = np.array(ASPECTS)[rng.integers(0, len(ASPECTS), n)]
    drafts = [write_post(die, post) for post in posts.itertuples()]
    posts["about_brand"] = [BRAND if f"@{BRAND}" in text else "" for text, _ in drafts]
    posts["aspect"] = [aspect for _, aspect in drafts]
    posts["text"] = pd.Series(
        [garble(die, text) for text, _ in drafts], index=posts.index, dtype=object
    )
    canaries = people[people["canary"]]
    others = np.flatnonzero(~posts["number"].isin(canaries["number"]))
    for form in (
        form.format(**who._asdict())
        for who in canaries.itertuples()
        for form in NAMES["canary_mentions"]
    ):
        posts.loc[posts.index[rng.choice(others, min(1, len(others)))], "text"] += form
    return posts


def write_post(die: random.Random, post) -> tuple[str, str]:
    """Write one post that says what its truth says; returns it with the aspect it names."""
    if post.bot:
        return fill(die, die.choice(GRAMMAR["spam"]), GRAMMAR["common"]), ""
    form = die.choice(GRAMMAR["said"][post.intent][post.sentiment])
    slots = GRAMMAR["common"] | GRAMMAR["moods"][post.sentiment] | GRAMMAR["topics"][post.topic]
    text = fill(die, form, slots | {"aspect": GRAMMAR["aspects"][post.aspect][post.sentiment]})
    tail = [
        die.choice(slots[kind])
        for kind, chance in (("emoji", 0.4), ("tag", 0.35))
        if die.random() < chance
    ]
    return " ".join([text, *tail]), post.aspect if "{aspect}" in form else ""


def fill(die: random.Random, text: str, slots: dict[str, list[str]]) -> str:
    """Fill every `{slot}` with one of its words."""
    return re.sub(r"\{(\w+)\}", lambda match: die.choice(slots[match[1]]), text).strip(" ,")


def garble(die: random.Random, text: str) -> str:
    """Write as people type: slang now and then, no capitals, a slip of the finger."""
    slang = GRAMMAR["slang"] if die.random() < 0.25 else {}
    for proper in slang:
        text = text.replace(proper, slang[proper])
    if die.random() < 0.15:
        text = re.sub(
            r"(?<![\w@#])(\w{2,4})(\w)(\w)(\w{2,})", r"\1\3\2\4", text, count=die.choice((1, 2))
        )
    return text.lower() if die.random() < 0.3 else text


def write_replies(
    rng: np.random.Generator, posts: pd.DataFrame, *, reply_share: float, until
) -> pd.DataFrame:
    """Let the brand answer some of the posts that address it, unhappy ones sooner."""
    asked = posts[(posts["about_brand"] == BRAND) & (rng.random(len(posts)) < reply_share)]
    hours = rng.lognormal(1.6, 0.9, len(asked)) * np.where(asked["sentiment"] == "negative", 0.6, 1)
    texts = [str(rng.choice(GRAMMAR["replies"][mood])) for mood in asked["sentiment"]]
    at = asked["at"] + (hours * 3600).astype("timedelta64[s]")
    replies = asked[["platform"]].assign(
        account=BRAND, at=at, text=texts, in_reply_to=asked["post_id"]
    )
    return replies.assign(post_id=asked["post_id"] + "r")[at < until]
