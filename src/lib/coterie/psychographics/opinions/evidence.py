"""Words that set one side's posts apart, used by many people: evidence that quotes nobody."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from coterie.statistics import fdr
from coterie.wording import stem

PRIOR_WORDS = 500  # imaginary words, mixed as everybody's, that each side starts with
NAME = re.compile(r"(?<=[\w,] )[A-Z][a-z]+(?!\w)")  # a capital letter where no sentence begins
# links, handles and tags, also where redacted
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[@＠#]\w+|<\w+>")
WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['’][^\W\d_]+)*(?!\w)")


def distinguishing_words(
    posts: pd.DataFrame,
    inside: pd.Series,
    *,
    min_people: int = 50,
    n_words: int = 5,
    leave_out: Collection[str] = (),
) -> list[str]:
    """List the words that posts `inside` use more than the other posts, most telling first.

    Only words that at least `min_people` different people inside wrote in that very form; a person
    counts once a word. Never links, handles, tags, numbers, stop words, the words of `leave_out`
    (say, brands), or what is mostly capital inside sentences, as names are. A name that everybody
    writes small is not recognised: `min_people` is what guards it.

    The log-odds ratio of each word stem, pulled to 0 by a prior of 500 words mixed as in all posts
    given; stems stand out at 5 %, corrected for all stems looked at. `posts` has person_id and
    text; `inside` a truth value a post.

    References
    ----------
    Monroe, Colaresi and Quinn (2008), "Fightin' Words", Political Analysis 16.

    >>> posts = pd.DataFrame({"person_id": range(120), "text": ["so late"] * 60 + ["so fine"] * 60})
    >>> distinguishing_words(posts, posts["person_id"] < 60)
    ['late']
    """
    spoken = [
        sorted({word.lower() for word in WORD.findall(ADDRESS.sub(" ", text))})
        for text in posts["text"]
    ]
    uses = pd.DataFrame(
        {"person": posts["person_id"], "inside": inside.astype(bool), "form": spoken}
    )
    uses = uses.explode("form").dropna().drop_duplicates()
    if uses.empty:
        return []
    left_out = {part for name in leave_out for part in name.lower().split()}
    hidden = ENGLISH_STOP_WORDS | left_out | _names(posts["text"])
    uses = uses[
        ~uses["form"].isin(hidden)
        & (uses["form"].str.len() > 2)
        & ~uses["form"].str.contains("['’]")
    ]
    uses["stem"] = uses["form"].map(stem)
    forms = uses[uses["inside"]].groupby(["stem", "form"], as_index=False).size()
    forms = (
        forms[forms["size"] >= min_people]
        .sort_values(["size", "form"], ascending=[False, True])
        .drop_duplicates("stem")
    )
    sides = (
        uses.drop_duplicates(["person", "inside", "stem"])
        .groupby(["stem", "inside"])
        .size()
        .unstack(fill_value=0)
    )
    sides = sides.reindex(columns=[True, False], fill_value=0)
    if forms.empty or not sides[False].any():
        return []
    telling = forms.assign(z=log_odds(sides[True], sides[False]).reindex(forms["stem"]).to_numpy())
    telling = telling[fdr(stats.norm.sf(telling["z"])) < 0.05]
    return (
        telling.sort_values(["z", "form"], ascending=[False, True])["form"].head(n_words).tolist()
    )


def _names(texts: Sequence[str]) -> set[str]:
    """List words that are written with a capital letter inside sentences more often than small."""
    capital = Counter(name.lower() for text in texts for name in NAME.findall(text))
    small = Counter(
        word for text in texts for word in WORD.findall(text) if word.lower() in capital
    )
    return {name for name, n in capital.items() if n > small[name]}


def log_odds(inside: pd.Series, outside: pd.Series) -> pd.Series:
    """Score how much more each word is used inside than outside, in standard errors.

    Both count the uses of each word.

    >>> log_odds(pd.Series([30, 10]), pd.Series([10, 30])).round(1).tolist()
    [1.7, -1.7]
    """
    prior = (inside + outside) / (inside + outside).sum() * PRIOR_WORDS
    odds = [np.log((n + prior) / (n.sum() + PRIOR_WORDS - n - prior)) for n in (inside, outside)]
    return (odds[0] - odds[1]) / np.sqrt(1 / (inside + prior) + 1 / (outside + prior))
