"""The language a post is in: by its own words, and a short one by its author's and thread's too."""

import unicodedata
from functools import cache

import numpy as np
import pandas as pd
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from coterie.psychographics.reading.texts import LINK, LONGEST, MARKUP, MENTION, OURS, WORD

FEWEST_LETTERS = 3
SHORT = 12  # words under which a post is judged together with its author's and thread's others
USUAL = 0.95  # how likely English is before anything was read: short posts look like anything
PRIOR_POSTS = 0.5  # imaginary posts that say so; two other posts outweigh them
LANGUAGES = "en de fr es it pt nl sv pl tr id ru ar ja zh ko hi"


@cache
def identifier() -> LanguageIdentifier:
    """Load the model that tells languages apart; it takes a second."""
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(LANGUAGES.split())
    return model


def words_of(text: object) -> list[str]:
    """List a post's words of two letters and more; what is no text has none."""
    if not isinstance(text, str):
        return []
    return WORD.findall(MENTION.sub(" ", LINK.sub(" ", MARKUP.sub(" ", text[:LONGEST]))))


def english_share(words: list[str]) -> float:
    """Weigh English against the likeliest other language: 1 is surely English, 0 surely not.

    NaN where there are too few letters to say. Spanish is weighed against English alone, not
    against Portuguese too: two languages that resemble each other would else let each other pass.

    >>> english_share(["where", "is", "it"]) > 0.9, english_share(["gracias", "por", "todo"]) < 0.1
    (True, True)
    """
    letters = "".join(words)
    if len(letters) < FEWEST_LETTERS:
        return np.nan
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if latin < len(letters) / 2:
        return 0.0
    likely = dict(identifier().rank(" ".join(words).lower()))
    ours = float(likely.pop(OURS))
    return ours / (ours + float(max(likely.values())))


def language(text: object) -> str:
    """Say whether a post is in a language the model reads, by its own words alone.

    `en`, `other`, or `none` where there are no words. Short posts are English unless another
    language is far likelier: two words look like anything. Only posts in `en` are read further; the
    rest is counted.

    References
    ----------
    Lui and Baldwin (2012), "langid.py: An Off-the-shelf Language Identification Tool", ACL.

    >>> [language(text) for text in ("where is my parcel", "wo bleibt mein Paket", "😍 !", None)]
    ['en', 'other', 'none', 'none']
    """
    return languages(pd.DataFrame({"text": [text]})).iloc[0]


def languages(posts: pd.DataFrame) -> pd.Series:
    """Say which language each post is in: `en`, `other`, or `none` where there are no words.

    A post of under a dozen words is judged together with what else its author wrote, and with what
    else answers the same post: "no problem" is Spanish in a Spanish thread. `posts` has `text`;
    `person_id`, `post_id` and `in_reply_to` are used where they are there.

    >>> spanish = ["no problem", "cuando llega mi pedido", "llevo dos horas esperando en la tienda"]
    >>> posts = pd.DataFrame({"text": [*spanish, "no problem"], "person_id": [*"aaab"]})
    >>> languages(posts).tolist()
    ['other', 'other', 'other', 'en']
    """
    words = posts["text"].map(words_of)
    known = {}
    for key, own in zip(words.map(" ".join), words, strict=True):
        if key not in known:
            known[key] = english_share(own)
    share = words.map(" ".join).map(known).astype(float)
    prior = others_share(posts, share).where(words.map(len) < SHORT, USUAL)
    is_ours = share * prior > (1 - share) * (1 - prior)
    found = pd.Series(np.where(is_ours, OURS, "other"), posts.index, dtype=object)
    return found.where(share.notna(), "none")


def others_share(posts: pd.DataFrame, share: pd.Series) -> pd.Series:
    """Average how English the other posts of the author and of the thread are.

    Half an imaginary post in English is counted in, so that one other post decides little. Shares
    stay between `USUAL` and its opposite: no company makes a clear post unclear.
    """
    told = share.notna().astype(float)
    total = pd.Series(USUAL * PRIOR_POSTS, posts.index)
    n = pd.Series(PRIOR_POSTS, posts.index)
    for key in kin(posts):
        groups = pd.DataFrame({"key": key, "share": share.fillna(0.0), "told": told})
        sums = groups.groupby("key")[["share", "told"]].transform("sum").fillna(0.0)
        in_group = key.notna()
        total += (sums["share"] - groups["share"]).where(in_group, 0.0)
        n += (sums["told"] - told).where(in_group, 0.0)
    return (total / n).clip(1 - USUAL, USUAL)


def kin(posts: pd.DataFrame) -> list[pd.Series]:
    """List what makes posts belong together: their author, and the post that they answer or are."""
    keys = [posts["person_id"]] if "person_id" in posts else []
    if {"post_id", "in_reply_to"} <= set(posts):
        keys.append(posts["in_reply_to"].fillna(posts["post_id"]))
    return keys
