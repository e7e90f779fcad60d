"""Hashtags in plain words: #GymLifeMotivation reads gym life motivation."""

import re
from math import log

TAG = re.compile(r"#(\w+)")
# A tokenizer's list holds every letter and many abbreviations, which any tag could be cut into; of
# one and two
# letters only these are words.
SHORT = "a i am an as at be by do go he hi if in is it me my no of ok on or so to tv uk up us we"
SHORT_WORDS = frozenset(re.findall(r"\w+", SHORT))
LONGEST = 30  # letters of a word
ACRONYM = 5  # letters up to which capitals alone are taken for an acronym


def split_hashtag(tag: str, *, ranks: dict[str, int]) -> str:
    """Write a hashtag as the words that it is made of, in lower case.

    Capitals, digits and underscores separate words. A tag without them is split where the words are
    likeliest, by how common each one is: the word of rank r has a chance of about 1 / ((r + 1) log
    N) (Zipf), and one that is not in the list at most 1 in N, ten times less with each letter. A
    name that is in no list may come out in pieces, and a misspelt tag mostly does.

    References
    ----------
    Norvig (2009), "Natural Language Corpus Data", in Segaran and Hammerbacher, Beautiful Data,
    O'Reilly; Anderson, wordninja (MIT), for the cost by rank.

    >>> ranks = {word: rank for rank, word in enumerate(["the", "home", "cook", "me", "cooking"])}
    >>> [
    ...     split_hashtag(tag, ranks=ranks)
    ...     for tag in ("#GymLifeMotivation", "#homecooking", "#COVID19_update")
    ... ]
    ['gym life motivation', 'home cooking', 'covid 19 update']
    """
    tag = tag.lstrip("#")
    runs = _runs(tag)
    if sum(run.isalpha() for run in runs) > 1 and tag != tag.lower():
        return " ".join(runs).lower()
    return " ".join(
        word for run in runs for word in ([run] if _whole(run) else _likeliest(run, ranks))
    ).lower()


def spell_out(text: str, *, ranks: dict[str, int]) -> str:
    """Write the hashtags of a post as words, so that the language model can read them.

    The rest stays as it is.

    >>> spell_out("Leg day #GymLife", ranks={})
    'Leg day gym life'
    """
    return TAG.sub(lambda found: split_hashtag(found[1], ranks=ranks), text)


def word_ranks(vocabulary: dict[str, int]) -> dict[str, int]:
    """Rank the whole words of a tokenizer's vocabulary, the most common first.

    BERT's is ordered by frequency. Takes `tokenizer.get_vocab()`: token to number. Pieces of words
    ("##ing"), signs and single letters are left out.

    >>> word_ranks({"[PAD]": 0, "b": 7, "cooking": 9, "the": 8, "##ing": 10})
    {'the': 0, 'cooking': 1}
    """
    words = [word for word in sorted(vocabulary, key=vocabulary.get) if word.isalpha()]
    return {
        word: rank for rank, word in enumerate(w for w in words if len(w) > 2 or w in SHORT_WORDS)
    }


def _runs(tag: str) -> list[str]:
    """Cut where capitals, digits or underscores say so.

    >>> _runs("NBAFinals2026"), _runs("iPhone_camera")
    (['NBA', 'Finals', '2026'], ['i', 'Phone', 'camera'])
    """
    cut = [tag[:1]]
    for before, letter, after in zip(tag, tag[1:], [*tag[2:], ""], strict=False):
        capital = letter.isupper() and (before.islower() or (before.isupper() and after.islower()))
        cut.append(f" {letter}" if capital or before.isdigit() != letter.isdigit() else letter)
    return "".join(cut).replace("_", " ").split()


def _whole(run: str) -> bool:
    """Recognise numbers and acronyms, which are not cut further."""
    return not run.isalpha() or (run.isupper() and len(run) <= ACRONYM)


def _likeliest(run: str, ranks: dict[str, int]) -> list[str]:
    """Find the likeliest words of a run of letters.

    By the shortest path over all places to cut (Viterbi, 1967).
    """
    run = run.lower()
    best = [(0.0, 0)]  # the cost of the letters so far, and where their last word begins
    for end in range(1, len(run) + 1):
        starts = range(max(0, end - LONGEST), end)
        best.append(min((best[start][0] + _cost(run[start:end], ranks), start) for start in starts))
    words = []
    end = len(run)
    while end:
        words.insert(0, run[best[end][1] : end])
        end = best[end][1]
    return words


def _cost(word: str, ranks: dict[str, int]) -> float:
    """Say how surprising a word is, in nats."""
    n = max(len(ranks), 2)
    if word in ranks:
        return log((ranks[word] + 1) * log(n))
    return log(n * log(n)) + len(word) * log(10)
