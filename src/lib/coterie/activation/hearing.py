"""Where files of acts, messages and customers say no: the self-check's own ears.

It shares neither code nor words with what sourcing hears, on purpose.
"""

import re
from collections.abc import Callable

from coterie.activation.answers import (
    WORDS,
    asks,
    chose_nothing,
    denied,
    denies,
    flagged,
    is_about,
    is_turning,
    left,
    one_refuses,
    refuses,
    says_plainly,
    says_stop,
    squeezed,
    whole,
)
from coterie.lake import PEOPLE, Ear

ACTS = ("verb", "content_type")  # our columns in which acts stand
OPEN = ("", *ACTS, "text", "at", "region", "value")  # ours in which a no may stand, or not ours
OTHER_CHANNELS = re.compile("sms|phone|push|whatsapp|post|call")


def rules_for(entry: dict, names: list[str]) -> dict[str, Callable[[str], bool]]:
    """Choose for each column of a file by which of its cells somebody says no, if it may.

    >>> entry = {"columns": {"account": "who", "verb": "event"}}
    >>> {name: rule.__name__ for name, rule in rules_for(entry, ["who", "event", "DNC"]).items()}
    {'event': 'refuses', 'DNC': 'flagged'}
    >>> list(rules_for(entry | {"gives": "accounts"}, ["who", "city"]))
    ['who', 'city']
    """
    ours = {name: mine for mine, name in entry["columns"].items()}
    verb = entry["columns"].get("verb", "")
    if verb.startswith("=") and refuses(verb[1:]):  # every row is one
        return {names[0]: lambda _: True}
    place = " ".join(str(entry.get(key, "")) for key in ("path", "records", "sheet"))
    listed = bool(re.search(WORDS["list_name"], squeezed(place)))
    chosen = {name: rule_for(name, ours.get(name, ""), listed=listed) for name in names}
    for name in names:
        if code := code_rule(name, ours.get(name, ""), entry, listed=listed):
            chosen[name] = either(chosen[name], code)
    if entry.get("gives") in PEOPLE:
        looked_at = entry.get("unrelated", ())
        for name in names:
            listed_words = re.search(WORDS["list_column"], squeezed(name))
            plain = one_refuses if listed_words else says_plainly
            chosen[name] = plain if name in looked_at else either(chosen[name], plain)
    turned = turned_verbs(entry)
    if turned and verb in names:
        chosen[verb] = lambda cell: cell.strip() in turned or refuses(cell)
    return {name: rule for name, rule in chosen.items() if rule}


def either(
    rule: Callable[[str], bool] | None, other: Callable[[str], bool]
) -> Callable[[str], bool]:
    """Join two rules for the cells of a column."""
    return (lambda cell: rule(cell) or other(cell)) if rule else other


def turned_verbs(entry: dict) -> set[str]:
    """List a platform's words that the map translates into a no."""
    return {theirs for theirs, mine in entry.get("verbs", {}).items() if refuses(mine)}


def in_full(entry: dict) -> bool:
    """Tell whether the map says of acts that they are a no, which the file itself may not show."""
    return bool(turned_verbs(entry)) or refuses(entry["columns"].get("verb", ""))


def rule_for(name: str, ours: str, *, listed: bool) -> Callable[[str], bool] | None:
    """Choose the rule of one column; `listed` is a file of addressees or of answers."""
    letters = squeezed(name)
    message = ours == "text" or (not ours and re.search(WORDS["message_column"], letters))
    if message and re.search(WORDS["message_to_us"], letters):
        return either(says_stop, says_plainly)
    if message or ours not in OPEN:
        return says_stop if message else None
    if ours != "verb":
        flag = re.search(WORDS["flag_column"], letters)
        if flag and not re.search(WORDS["no_flag_column"], letters):
            return flagged
        about = is_about(name) and not is_turning(name)
        if (asks(name) or about) and not OTHER_CHANNELS.search(letters):
            return chose_nothing if re.search(WORDS["choice_column"], letters) else denied
    return act_rule(letters, ours, listed=listed)


def act_rule(letters: str, ours: str, *, listed: bool) -> Callable[[str], bool] | None:
    """Choose by which states and acts a column says no."""
    if listed and re.search(WORDS["bare_column"], letters):
        return left
    if not re.search("[a-z]", letters) and not ours:
        return lambda cell: bool(re.search(WORDS["foreign_no"], cell.casefold()))
    act = re.search(WORDS["act_column"], letters)
    acts = not ours and act and not re.search(WORDS["no_act_column"], letters)
    if not (acts or ours in ACTS):
        return None
    return denies if listed else refuses


def code_rule(name: str, ours: str, entry: dict, *, listed: bool) -> Callable[[str], bool] | None:
    """Choose which codes of a column are a no: documented ones, and any that nobody explained."""
    letters = squeezed(name.rsplit(".", maxsplit=1)[-1])
    quiet = next((q for rule, q in WORDS["documented"].items() if re.search(rule, letters)), "")
    if quiet:
        return lambda cell: bool(whole(cell)) and not re.search(quiet, whole(cell))
    if ours not in OPEN or ours in ("verb", "text") or letters.endswith("frequency"):
        return None
    people = entry.get("gives") in PEOPLE
    if not people and re.search("notification|e?mailstatus", letters):  # of a message
        return None
    flag, bare = re.search(WORDS["flag_column"], letters), re.search(WORDS["bare_column"], letters)
    coded = re.search(WORDS["coded_column"], letters) or asks(name)
    if flag or not (listed if bare else coded) or re.search(WORDS["no_coded_column"], letters):
        return None
    code = WORDS["code" if people else "code_of_acts"]
    return lambda cell: bool(re.search(code, whole(cell))) and whole(cell) not in WORDS["no_code"]


EAR = Ear(re.compile(WORDS["signs"].encode()), rules_for, in_full)
