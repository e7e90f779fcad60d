"""Posts as the language model reads them, and the language they are in."""

import html
import re
import unicodedata
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# signs of a post that are looked at; the model reads its first 64 pieces of words anyway
LONGEST = 2000
MARKUP = re.compile(
    r"<(?:script|style)\b.*?</(?:script|style)>|</?[a-z][^<>]{0,200}>|<!--.*?-->", re.I | re.S
)
LINK = re.compile(r"(?:https?://|www\.)\S+|<link>", re.I)
MENTION = re.compile(r"@\w+")
REDACTED = {"<email>": "mail", "<phone>": "number"}
STRETCHED = re.compile(r"(.)\1{3,}")
WORD = re.compile(r"[^\W\d_]{2,}")
OURS = "en"
FEWEST_LETTERS = 3
SURE = 0.9  # a short post is taken for English unless another language is this much likelier
LANGUAGES = "en de fr es it pt nl sv pl tr id ru ar ja zh ko hi"


def plain(text: str) -> str:
    r"""Write a post the way the model was trained to read it.

    Emoji become their names, since the model knows no emoji; links and mentions become one word
    each; markup, control signs and invisible signs go. Nothing of this is shown to anybody.

    >>> plain("@brightside soooooo\u200b GOOD &amp; fast 😍 https://x.example")
    '@user sooo GOOD & fast smiling face with heart-shaped eyes http'
    >>> plain("<b>\x00</b> \n")
    ''
    """
    text = html.unescape(html.unescape(str(text)[:LONGEST])).encode("utf-8", "ignore").decode()
    for mark, word in REDACTED.items():
        text = text.replace(mark, word)
    text = MENTION.sub("@user", LINK.sub(" http ", text))
    text = STRETCHED.sub(r"\1\1\1", MARKUP.sub(" ", text))
    return " ".join("".join(map(sign, text)).split())


def sign(letter: str) -> str:
    """Keep a letter, name a picture, drop what nobody sees."""
    kind = unicodedata.category(letter)
    if kind == "So":
        return f" {unicodedata.name(letter, '').lower()} "
    if kind in {"Cf", "Cs", "Co", "Cn", "Mn", "Sk"}:
        return ""
    return " " if kind in {"Cc", "Zl", "Zp"} else letter


@cache
def identifier() -> LanguageIdentifier:
    """Load the model that tells languages apart; it takes a second."""
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(LANGUAGES.split())
    return model


def language(text: str) -> str:
    """Say whether a post is in a language the model reads.

    `en`, `other`, or `none` where there are no words. Short posts are English unless another
    language is far likelier: two words look like anything. Only posts in `en` are read further; the
    rest is counted.

    References
    ----------
    Lui and Baldwin (2012), "langid.py: An Off-the-shelf Language Identification Tool", ACL.

    >>> [
    ...     language(text)
    ...     for text in (
    ...         "where is my parcel",
    ...         "wo bleibt denn mein Paket, ich warte schon lange",
    ...         "😍 !",
    ...     )
    ... ]
    ['en', 'other', 'none']
    """
    words = WORD.findall(MENTION.sub(" ", LINK.sub(" ", MARKUP.sub(" ", str(text)[:LONGEST]))))
    letters = "".join(words)
    if len(letters) < FEWEST_LETTERS:
        return "none"
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if latin < len(letters) / 2:
        return "other"
    likeliest, probability = identifier().classify(" ".join(words).lower())
    return OURS if likeliest == OURS or probability < SURE else "other"
