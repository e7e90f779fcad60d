"""Where files of acts, messages and customers say no: the self-check's own ears.

It shares neither code nor words with what sourcing hears, on purpose.
"""

import re
from collections.abc import Callable
from importlib.resources import files

import yaml

from coterie.lake import Ear

WORDS = yaml.safe_load(
    files("coterie.activation").joinpath("self_check.yml").read_text(encoding="utf-8")
)
OTHER_CHANNELS = re.compile("sms|phone|push|whatsapp|post|call")


def squeezed(text: str) -> str:
    """Write a name or word in lower case, letters only.

    >>> squeezed("E-Mail Opt_Out 2")
    'emailoptout'
    """
    return re.sub(r"[^a-zà-ÿ]", "", text.casefold())


def refuses(word: str) -> bool:
    """Tell whether an act is a no.

    >>> [refuses(word) for word in ("Unsubscribed from SMS", "hard bounce", "soft bounce", "like")]
    [True, True, False, False]
    """
    letters = squeezed(word)
    return bool(re.search(WORDS["refusing_act"], letters)) and not re.search(
        WORDS["harmless_act"], letters
    )


def flagged(cell: str) -> bool:
    """Tell whether a column of opt-outs says that somebody opted out."""
    return " ".join(cell.split()).casefold() not in WORDS["nobody_opted_out"]


def declined(cell: str) -> bool:
    """Tell whether a column that asks for a yes holds a no."""
    return " ".join(cell.split()).casefold() in WORDS["plain_no"] or refuses(cell)


def chose_nothing(cell: str) -> bool:
    """Tell whether a column that asks how often, or how, holds a no.

    >>> chose_nothing("never"), chose_nothing("None"), chose_nothing("weekly")
    (True, True, False)
    """
    return " ".join(cell.split()).casefold() in WORDS["chose_nothing"] or declined(cell)


def says_stop(cell: str) -> bool:
    """Tell whether a message is nothing but a STOP.

    >>> says_stop(" STOP! "), says_stop("please stop")
    (True, False)
    """
    return " ".join(cell.split()).casefold().rstrip(".!") in WORDS["stop_messages"]


def rules_for(entry: dict, names: list[str]) -> dict[str, Callable[[str], bool]]:
    """Choose for each column of a file by which of its cells somebody says no, if it may.

    >>> entry = {"columns": {"account": "who", "verb": "event"}}
    >>> {name: rule.__name__ for name, rule in rules_for(entry, ["who", "event", "DNC"]).items()}
    {'event': 'refuses', 'DNC': 'flagged'}
    """
    ours = {name: mine for mine, name in entry["columns"].items()}
    verb = entry["columns"].get("verb", "")
    if verb.startswith("=") and refuses(verb[1:]):  # every row is one
        return {names[0]: lambda _: True}
    chosen = {name: rule_for(name, ours.get(name, "")) for name in names}
    turned = turned_verbs(entry)
    if turned and verb in names:
        chosen[verb] = lambda cell: cell.strip() in turned or refuses(cell)
    return {name: rule for name, rule in chosen.items() if rule}


def turned_verbs(entry: dict) -> set[str]:
    """List a platform's words that the map translates into a no."""
    return {theirs for theirs, mine in entry.get("verbs", {}).items() if refuses(mine)}


def in_full(entry: dict) -> bool:
    """Tell whether the map says of acts that they are a no, which the file itself may not show."""
    return bool(turned_verbs(entry)) or refuses(entry["columns"].get("verb", ""))


def rule_for(name: str, ours: str) -> Callable[[str], bool] | None:
    """Choose the rule of one column."""
    letters = squeezed(name)
    if ours == "text":
        return says_stop
    if ours and ours not in ("verb", "content_type"):
        return None
    if ours != "verb":
        flag = re.search(WORDS["flag_column"], letters)
        if flag and not re.search(WORDS["no_flag_column"], letters):
            return flagged
        if re.search(WORDS["yes_column"], letters) and not OTHER_CHANNELS.search(letters):
            return chose_nothing if re.search(WORDS["choice_column"], letters) else declined
    act = re.search(WORDS["act_column"], letters)
    acts = ours or (act and not re.search(WORDS["no_act_column"], letters))
    return refuses if acts else None


EAR = Ear(re.compile(WORDS["signs"].encode()), rules_for, in_full)
