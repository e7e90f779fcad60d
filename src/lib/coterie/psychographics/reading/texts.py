"""Posts as the language model reads them."""

import html
import re
import unicodedata

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


def plain(text: object) -> str:
    r"""Write a post the way the model was trained to read it.

    Emoji become their names, since the model knows no emoji; links and mentions become one word
    each; markup, control signs and invisible signs go. What is no text (None, NaN, bytes, a number)
    is read as a post without words. Nothing of this is shown to anybody.

    >>> plain("@brightside soooooo\u200b GOOD &amp; fast 😍 https://x.example")
    '@user sooo GOOD & fast smiling face with heart-shaped eyes http'
    >>> plain("<b>\x00</b> \n"), plain(None), plain(b"gone")
    ('', '', '')
    """
    if not isinstance(text, str):
        return ""
    text = html.unescape(html.unescape(text[:LONGEST])).encode("utf-8", "ignore").decode()
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
