"""Aspects of an offer that posts talk about, and which are better or worse liked than the rest."""

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
import yaml

from coterie.psychographics.opinions.evidence import ADDRESS, distinguishing_words
from coterie.statistics import clustered_share, fdr
from coterie.study import SettingsError

VALENCE = {"negative": -1, "neutral": 0, "positive": 1}
SIDES = {"weakness": "negative", "strength": "positive"}
SCORES = "aspect posts people net low high average gap gap_low gap_high pvalue_adjusted verdict"


class Aspects(NamedTuple):
    """What is looked for in a post, one entry an aspect."""

    names: list[str]
    words: list[re.Pattern]
    unless: list[re.Pattern]  # phrases in which a word means something else
    examples: list[np.ndarray]  # unit vectors of the example sentences, (n sentences, width)


class Strengths(NamedTuple):
    """What people like and dislike: two tables, described at `strengths`."""

    scores: pd.DataFrame  # one row an aspect
    shares: pd.DataFrame  # one row an aspect and sentiment


def aspect_words(
    own: dict[str, dict[str, list[str]]] | None = None,
) -> dict[str, dict[str, list[str]]]:
    """List the words and example sentences of each aspect; a study's own aspects replace ours.

    An own aspect with nothing under it (`delivery: {}`) takes what we packaged under that name.

    Raises
    ------
    SettingsError
        Naming the aspects that have neither words nor examples, or something other than lists of
        texts.

    >>> list(aspect_words({"delivery": {}, "fries": {"words": ["fries", "chips"]}}))
    ['delivery', 'fries']
    """
    packaged = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    found = {name: said or packaged.get(name) for name, said in own.items()} if own else packaged
    if wrong := [name for name, said in found.items() if not _is_described(said)]:
        raise SettingsError(
            f"04_psychographics.aspects: {', '.join(map(str, wrong))} "
            "must each have words or examples, as lists."
        )
    return found


def _is_described(said: object) -> bool:
    """Check that an aspect lists texts under the keys we know, and has something to look for."""
    known = isinstance(said, dict) and {*said} <= {"words", "unless", "examples"}
    lists = known and all(
        isinstance(own, list) and all(isinstance(text, str) for text in own)
        for own in said.values()
    )
    return bool(lists and (said.get("words") or said.get("examples")))


def make_aspects(
    described: dict[str, dict[str, list[str]]], *, encode: Callable[[list[str]], np.ndarray]
) -> Aspects:
    """Compile every aspect's words and embed its example sentences."""
    parts = described.values()
    return Aspects(
        list(described),
        words=[phrases_pattern(own.get("words", [])) for own in parts],
        unless=[phrases_pattern(own.get("unless", [])) for own in parts],
        examples=[encode(own.get("examples", [])) for own in parts],
    )


def phrases_pattern(phrases: Sequence[str]) -> re.Pattern:
    """Compile phrases to one expression for whole words, a star standing for any ending.

    >>> phrases_pattern(["deliver*", "on hold"]).findall("Delivered while on  hold, undelivered")
    ['Delivered', 'on  hold']
    """
    forms = (
        re.escape(phrase) for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    )
    forms = [form.replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for form in forms]
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)" if forms else r"(?!)", re.IGNORECASE)


def find_aspects(
    texts: Sequence[str], vectors: np.ndarray, aspects: Aspects, *, floor: float = 0.45
) -> np.ndarray:
    """Say which aspect of the offer each post talks about; empty where none is clear.

    Words decide: the aspect with most different words of its own wins, and similarity of the post's
    unit vector to the example sentences breaks ties. A post with none of the words takes the
    nearest aspect, or none when even that one's nearest sentence has a cosine under `floor`. A post
    that talks about two aspects gets one.

    >>> one = np.array([[1.0, 0.0]])
    >>> aspects = Aspects(
    ...     ["price"], [phrases_pattern(["cheap*"])], [phrases_pattern(["cheap trick"])], [one]
    ... )
    >>> texts = ["Cheaper!", "a cheap trick", "so dear"]
    >>> find_aspects(texts, np.array([[0, 1], [0, 1], [1, 0]]), aspects).tolist()
    ['price', '', 'price']
    """
    counts = np.array([_words_found(text, aspects) for text in texts], dtype=int).reshape(
        -1, len(aspects.names)
    )
    near = np.column_stack(
        [(vectors @ own.T).max(axis=1, initial=-1.0) for own in aspects.examples]
    )
    named = counts.any(axis=1)
    best = np.where(counts == counts.max(axis=1, keepdims=True), near, -np.inf)
    found = np.array(aspects.names, dtype=object)[best.argmax(axis=1)]
    found[~named & (best.max(axis=1) < floor)] = ""
    return found


def name_aspects(
    texts: Sequence[str],
    vectors: np.ndarray,
    described: dict[str, dict[str, list[str]]],
    *,
    encode: Callable[[list[str]], np.ndarray],
) -> np.ndarray:
    """Say which of the described aspects each post talks about; without posts nothing is embedded.

    >>> name_aspects([], np.zeros((0, 0)), aspect_words(), encode=len).tolist()
    []
    """
    if not len(texts):
        return np.array([], dtype=object)
    return find_aspects(texts, vectors, make_aspects(described, encode=encode))


def _words_found(text: str, aspects: Aspects) -> list[int]:
    """Count the different words of each aspect in a text.

    Addresses and misleading phrases are taken out first.
    """
    plain = ADDRESS.sub(" ", text)
    pairs = zip(aspects.words, aspects.unless, strict=True)
    return [
        len({word.lower() for word in words.findall(unless.sub(" ", plain))})
        for words, unless in pairs
    ]


def strengths(
    labels: pd.DataFrame,
    posts: pd.DataFrame,
    *,
    min_people: int = 50,
    n_words: int = 5,
    alpha: float = 0.05,
    leave_out: Collection[str] = (),
) -> Strengths:
    """Find what people like and dislike about the offer more than about the rest of it.

    An aspect is compared with the average over all posts on any aspect shown, not with zero:
    people write to brands when something is wrong. Aspects that fewer than `min_people` people
    wrote about are left out, of the average too. Posts whose sentiment was not read do not count.
    These are the model's readings of people who chose to write, evidence D. Each person counts as
    one observation, however much they wrote.

    `labels` has post_id, person_id, inferred_aspect and inferred_sentiment; `posts` has post_id and
    text.

    Returns `scores`, one row an aspect, lowest net first: aspect, posts, people; net (mean of -1,
    0, 1) with low, high; average; gap (net less average) with gap_low, gap_high; pvalue_adjusted
    for the number of aspects (Benjamini and Hochberg); verdict (strength or weakness when that is
    under `alpha`, else empty); words (at most `n_words`, see `distinguishing_words`, which takes
    `min_people` and `leave_out`, joined by commas); paraphrase, a sentence made of these; evidence.
    And `shares`, one row an aspect and sentiment: aspect, sentiment, posts, people, share, low,
    high.
    """
    kept = labels["person_id"].notna() & labels["inferred_sentiment"].isin(VALENCE)
    kept &= labels["inferred_aspect"].fillna("") != ""
    read = labels[kept].merge(posts[["post_id", "text"]], on="post_id", validate="one_to_one")
    people = read.groupby("inferred_aspect")["person_id"].nunique()
    read = read[read["inferred_aspect"].isin(people.index[people >= min_people])].reset_index(
        drop=True
    )
    scores = net_scores(read, alpha=alpha)
    words = []
    for aspect, verdict in zip(scores["aspect"], scores["verdict"], strict=True):
        own = read[(read["inferred_aspect"] == aspect) & (verdict != "")]
        inside = own["inferred_sentiment"] == SIDES.get(verdict)
        words.append(
            distinguishing_words(
                own, inside, min_people=min_people, n_words=n_words, leave_out=leave_out
            )
        )
    scores = scores.assign(words=[", ".join(own) for own in words])
    scores["paraphrase"] = [_paraphrase(row, min_people) for row in scores.itertuples()]
    return Strengths(scores.assign(evidence="D"), sentiment_shares(read))


def net_scores(read: pd.DataFrame, *, alpha: float = 0.05) -> pd.DataFrame:
    """Average the sentiment of each aspect and compare it with all of them together.

    People, not posts, are the observations. `read` has person_id, inferred_aspect and
    inferred_sentiment, filled in every row. Columns as at `strengths`. Intervals allow for a
    person's posts being alike (Liang and Zeger, 1986, Biometrika 73).
    """
    if read.empty:
        return pd.DataFrame(columns=SCORES.split())
    valence = read["inferred_sentiment"].map(VALENCE)
    cells = valence.groupby([read["person_id"], read["inferred_aspect"]]).agg(["sum", "size"])
    cells = cells.reset_index()
    each = pd.get_dummies(cells["inferred_aspect"], dtype=float)
    people = pd.factorize(cells["person_id"])[0]
    model = sm.WLS(cells["sum"] / cells["size"], each, cells["size"])
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": people}, use_t=True)
    own = np.eye(each.shape[1])
    weights = each.T @ cells["size"] / cells["size"].sum()
    nets = fit.t_test(own)
    gaps = fit.t_test(own - weights.to_numpy())
    # without spread there is nothing to test
    adjusted = fdr(np.nan_to_num(np.atleast_1d(gaps.pvalue), nan=1.0))
    table = pd.DataFrame(
        {"aspect": each.columns, "posts": (each.T @ cells["size"]).astype(int).to_numpy()}
    )
    table = table.assign(people=each.sum().astype(int).to_numpy(), average=valence.mean())
    table = table.assign(net=nets.effect, gap=gaps.effect, pvalue_adjusted=adjusted)
    table[["low", "high"]] = nets.conf_int()
    table[["gap_low", "gap_high"]] = gaps.conf_int()
    table["verdict"] = np.where(
        adjusted < alpha, np.where(table["gap"] < 0, "weakness", "strength"), ""
    )
    return table[SCORES.split()].sort_values(["net", "aspect"], ignore_index=True)


def sentiment_shares(read: pd.DataFrame) -> pd.DataFrame:
    """Share out each aspect's posts over the sentiments; columns as at `strengths`."""
    rows = []
    for aspect, own in read.groupby("inferred_aspect"):
        posts = own.groupby("person_id").size()
        for sentiment in VALENCE:
            hits = (own["inferred_sentiment"] == sentiment).groupby(own["person_id"]).sum()
            rows.append((aspect, sentiment, len(own), len(posts), *clustered_share(hits, posts)))
    return pd.DataFrame(
        rows, columns=["aspect", "sentiment", "posts", "people", "share", "low", "high"]
    )


def _paraphrase(row, min_people: int) -> str:
    """Put an aspect's row into a sentence that quotes nobody."""
    reading = f"net {row.net:+.2f} against {row.average:+.2f} on average, {row.people} people"
    if not row.verdict:
        return f"{row.aspect}: not told apart from the rest of the offer ({reading})."
    side = "worse" if row.verdict == "weakness" else "better"
    words = (
        f"words that at least {min_people} people used: {row.words}"
        if row.words
        else f"no word that {min_people} people used"
    )
    compared = f"{side} than the rest of the offer ({reading})"
    return f"{row.aspect}: read as {compared}; set apart by {words}."
