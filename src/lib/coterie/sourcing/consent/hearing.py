"""Refusals in files that give something else: acts, columns nobody mapped, messages that say STOP.

A file of events in which somebody unsubscribed is a file of refusals too, and so is a list of
customers with a column `do_not_contact`, whether or not the column map says so.
"""

import json
from collections.abc import Callable, Iterator
from glob import escape
from typing import NamedTuple

import ibis.expr.types as ir

from coterie.lake import LINE, SourceFile
from coterie.sourcing.consent.answers import IDENTIFIERS
from coterie.sourcing.consent.codes import (
    CODES,
    PEOPLE,
    documented_noes,
    is_about,
    is_bare,
    is_foreign,
    is_list,
    is_measure,
    known_codes,
    may_be_coded,
    refusing_sentences,
    says,
    unexplained,
)
from coterie.sourcing.consent.words import (
    WORDS,
    asked_by,
    is_refusing_act,
    name_says,
    of_other_channel,
    plain_words,
    refusing_acts,
)
from coterie.study import SettingsError

HEARD = ("accounts", "events", "posts", "exposures", "consents")
ACTS = ("verb", "content_type")  # our columns in which acts stand
OPEN = ("", *ACTS, "text", "at", "region", "value")  # ours in which a no may stand, or not ours
MOST = 10_000  # different words of a column that are listed one by one
LONGEST = 200  # letters of a word for an act; what is longer is a text
READING = ("format", "encoding", "separator", "skip_lines", "strip_prefix", "records", "sheet")
READING += ("join", "time_zone")


def may_refuse(name: str) -> bool:
    """Tell whether a column that nobody mapped is read all the same, as a no may stand in it.

    >>> [name for name in ("DoNotCall", "Newsletter", "status", "shoe_size") if may_refuse(name)]
    ['DoNotCall', 'Newsletter', 'status']
    """
    ours = asked_by(name) or is_act_column(name) or is_about(name)
    answers = bool(ours) or may_be_coded(name) or is_foreign(name)
    return answers or says(name, "message_columns")


def is_act_column(name: str) -> bool:
    """Tell whether words for acts or for what became of a contact may stand in a column."""
    return name_says(name, "act_columns") and not name_says(name, "no_act_columns")


def heard_entries(sources: list[SourceFile]) -> list[dict]:
    """Write an entry of consents for every place where a file of something else says no.

    Each reads nothing but the refusals: of an act, a flag or a message. A column that an entry of
    consents names for the same file is left to it.
    """
    answered: dict[tuple, set[str]] = {}
    for source in sources:
        if source.entry["gives"] == "consents":
            answered.setdefault(place_of(source), set()).add(source.entry["columns"]["granted"])
    found: dict[tuple, dict] = {}
    for source in sources:
        taken = answered.get(place_of(source), set())
        if source.entry["gives"] in HEARD and "=no" not in taken:  # then every row is a no
            for entry in refusals_in(source, taken):
                key = (place_of(source), entry["columns"]["granted"], *entry.get("answers", ()))
                found[key] = max(found.get(key, entry), entry, key=lambda one: len(one["columns"]))
    return list(found.values())


def place_of(source: SourceFile) -> tuple[str, str, str]:
    """Name the table of a file that an entry reads."""
    return source.name, source.entry["records"], source.entry["sheet"]


def refusals_in(source: SourceFile, answered: set[str]) -> Iterator[dict]:
    """Find the columns of one file in which somebody says no."""
    ours = {name: mine for mine, name in source.entry["columns"].items() if name[:1] != "="}
    check_names(source)
    verb = source.entry["columns"].get("verb", "=")
    if verb.startswith("=") and is_refusing_act(verb[1:]):
        yield entry_of(source, "=no")
    for name in source.unfiltered.columns:
        if name in answered or name == LINE or ours.get(name, "") not in OPEN:
            continue
        question = "" if is_measure(name) and asked_by(name) == "says_yes" else asked_by(name)
        if name_says(name, "double_names") and question and has_words(source, name):
            yield entry_of(source, name, where=filled_in(name))  # refused: the map has to say
            continue
        said = heard_in(source, name, ours.get(name, ""), question)
        if len(said.noes) > MOST:
            yield entry_of(source, name, where=filled_in(name))
        elif said.noes:
            yield entry_of(source, name, **only(name, said.noes, "no_values"))
        if said.unexplained:
            yield entry_of(source, name, **only(name, said.unexplained, "unknown_values"))


class Said(NamedTuple):
    """What stands in one column, as far as anybody may say no by it."""

    noes: list[str]
    unexplained: list[str]  # codes that may hide a no


def heard_in(source: SourceFile, name: str, ours: str, question: str) -> Said:
    """Find the words of one column that are a no, and the codes that may hide one."""
    known, refuses = known_codes(name), rule_for(source, name, ours, question)
    noes = words_of(source, name, refuses) if refuses else []
    if known:
        noes += documented_noes(words_of(source, name), known)
    if ours in ("text", "verb") or not asks_for_codes(source, name, question):
        return Said(noes, [])
    people = source.entry["gives"] in PEOPLE
    if is_foreign(name):
        words = words_of(source, name) if people else []
        return Said(noes, words if len(words) <= CODES["foreign_words"] else [])
    if not people and says(name, "delivery_columns"):
        return Said(noes, [])
    codes = unexplained(words_of(source, name), known, people=people)
    return Said(noes, [word for word in codes if word not in noes])


def asks_for_codes(source: SourceFile, name: str, question: str) -> bool:
    """Tell whether codes for a no may stand in a column of a file."""
    if question in ("says_no", "no_since") or says(name, "frequency_columns"):
        return False
    if is_foreign(name):
        return not question
    if is_bare(name):
        return is_list(place_words(source))
    return may_be_coded(name) or question == "says_yes"


def place_words(source: SourceFile) -> str:
    """Name the file, sheet and list that an entry reads, for what they say of its rows."""
    return ".".join(place_of(source)).replace("/", " ")


def only(name: str, words: list[str], meaning: str) -> dict:
    """Read nothing but rows with these words, and say what they mean."""
    return {"answers": {meaning: words}, "where": [{"column": name, "is": words}]}


def check_names(source: SourceFile) -> None:
    """Refuse a file that has several columns of one name that says no: none of them is read.

    Raises
    ------
    SettingsError
        Naming the file and the column.
    """
    twice = sorted({name for name in source.names if source.names.count(name) > 1})
    told = [name for name in twice if asked_by(name) in ("says_no", "no_since")]
    if told:
        raise SettingsError(
            f"{source.name}: several columns are called {told[0]!r}, which says who said no; "
            "rename them."
        )


def rule_for(
    source: SourceFile, name: str, ours: str, question: str
) -> Callable[[ir.StringValue], ir.BooleanValue] | None:
    """Choose by which words one column says no, if it may at all."""
    listed = is_list(place_words(source))
    if ours == "verb":
        turned = [raw for raw, mine in source.entry["verbs"].items() if is_refusing_act(mine)]
        denies = denying_acts if listed else refusing_acts
        return lambda text: denies(text) | text.isin([*turned, ""]) & (text != "")
    if ours == "text" or (not ours and says(name, "message_columns")):
        return lambda text: plain_words(text).re_replace("[.!]+$", "").isin(WORDS["stop_words"])
    if question in ("says_no", "no_since"):
        return lambda text: ~plain_words(text).isin(WORDS["not_opted_out"])
    if (question == "says_yes" or is_about(name)) and not of_other_channel(name):
        nothing = WORDS["nothing_words"] if name_says(name, "preference_columns") else []
        said_no = [*WORDS["no_words"], *nothing]
        return lambda text: plain_words(text).isin(said_no) | refusing_sentences(text)
    return act_rule(name, ours, listed=listed)


def act_rule(
    name: str, ours: str, *, listed: bool
) -> Callable[[ir.StringValue], ir.BooleanValue] | None:
    """Choose by which acts and states a column says no; `listed` is a file of addressees."""
    if listed and is_bare(name):
        return lambda text: refusing_acts(text) | plain_words(text).isin(CODES["left_words"])
    if ours == "region" or not (ours in ACTS or is_act_column(name)):
        return None
    return denying_acts if listed else refusing_acts


def denying_acts(text: ir.StringValue) -> ir.BooleanValue:
    """Tell of the acts in a file about consent whether they deny it."""
    return refusing_acts(text) | plain_words(text).re_search(CODES["denying_acts"])


def words_of(source: SourceFile, name: str, refuses: Callable | None = None) -> list[str]:
    """List the words of a column, or only those that are a no, as they stand there."""
    cells = source.unfiltered.select(cell=name).distinct().cache()  # else each row is looked at
    words = cells.select(word=cells["cell"].cast("string").strip().fill_null("")).distinct()
    found = words.filter(words["word"] != "", words["word"].length() <= LONGEST)
    kept = found.filter(refuses(found["word"])) if refuses else found
    return sorted(kept.limit(MOST + 1).to_pandas()["word"])


def has_words(source: SourceFile, name: str) -> bool:
    """Tell whether anything stands in a column."""
    text = source.unfiltered[name].cast("string").strip().fill_null("")
    return bool((text != "").any().execute())


def filled_in(name: str) -> list[dict]:
    """Write the condition that a column is not empty."""
    return [{"column": name, "empty": False}]


def entry_of(source: SourceFile, granted: str, **more: object) -> dict:
    """Write the entry of one column, about the identifiers that the file's own entry names."""
    stated, mapped = source.entry, source.entry["columns"]
    who = {ours: name for ours, name in mapped.items() if ours in IDENTIFIERS}
    when = {ours: name for ours, name in mapped.items() if ours == "at"}
    forms = {ours: form for ours, form in stated["time_format"].items() if ours == "at"}
    about = {"path": escape(source.name), "gives": "consents", "platform": stated["platform"]}
    columns = who | when | {"purpose": "=advertising", "granted": granted}
    reading = {key: stated[key] for key in READING}
    return json.loads(
        json.dumps(about | reading | {"columns": columns, "time_format": forms} | more)
    )
