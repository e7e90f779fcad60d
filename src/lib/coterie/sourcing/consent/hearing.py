"""Refusals in files that give something else: acts, columns nobody mapped, messages that say STOP.

A file of events in which somebody unsubscribed is a file of refusals too, and so is a list of
customers with a column `do_not_contact`, whether or not the column map says so.
"""

import json
from collections.abc import Iterator
from glob import escape
from typing import NamedTuple

from coterie.lake import LINE, PEOPLE, SourceFile
from coterie.sourcing.consent.answers import IDENTIFIERS
from coterie.sourcing.consent.cells import cells_of
from coterie.sourcing.consent.codes import is_about, is_foreign, is_measure, may_be_coded, says
from coterie.sourcing.consent.column_rules import (
    ACTS,
    MOST,
    has_words,
    heard_in,
    is_act_column,
    place_of,
    plain_noes,
    words_of,
)
from coterie.sourcing.consent.open_columns import is_question, may_hide, naming_columns, open_words
from coterie.sourcing.consent.words import asked_by, is_refusing_act, name_says
from coterie.study import SettingsError

HEARD = ("accounts", "events", "posts", "exposures", "consents")
OPEN = ("", *ACTS, "text", "at", "region", "value")  # ours in which a no may stand, or not ours
NO, UNKNOWN = "no_values", "unknown_values"  # what words of an entry mean
READING = ("format", "encoding", "separator", "skip_lines", "strip_prefix", "records", "sheet")
READING += ("join", "time_zone")


def may_refuse(name: str) -> bool:
    """Tell whether a column that nobody mapped is read all the same, as a no may stand in it.

    >>> [name for name in ("DoNotCall", "Newsletter", "status", "shoe_size") if may_refuse(name)]
    ['DoNotCall', 'Newsletter', 'status']
    """
    ours = asked_by(name) or is_act_column(name) or is_about(name)
    answers = bool(ours) or may_be_coded(name) or is_foreign(name) or is_question(name)
    return answers or says(name, "message_columns")


def heard_entries(sources: list[SourceFile]) -> list[dict]:
    """Write an entry of consents for every place where a file of something else says no.

    Each reads nothing but the refusals: of an act, a flag or a message. A column that an entry of
    consents names for the same file is left to it.
    """
    known: dict[tuple, Known] = {}
    for source in sources:
        before = known.get(place_of(source), Known(frozenset(), frozenset(), frozenset()))
        known[place_of(source)] = before.and_of(source.entry)
    found: dict[tuple, dict] = {}
    for source in sources:
        what = known[place_of(source)]
        if source.entry["gives"] in HEARD and "=no" not in what.answered:  # then every row is a no
            for entry in refusals_in(source, what):
                key = (place_of(source), entry["columns"]["granted"], *entry.get("answers", ()))
                found[key] = max(found.get(key, entry), entry, key=lambda one: len(one["columns"]))
    return list(found.values())


class Known(NamedTuple):
    """What the entries of one file say of its columns, all together."""

    answered: frozenset[str]  # an entry of consents says what they mean
    mapped: frozenset[str]  # stand for one of ours
    unrelated: frozenset[str]  # somebody looked at them

    def and_of(self, entry: dict) -> "Known":
        """Add what one more entry says."""
        asked = {entry["columns"]["granted"]} if entry["gives"] == "consents" else set()
        return Known(
            self.answered | asked,
            self.mapped | {*entry["columns"].values(), *entry["measures"], *entry["strata"]},
            self.unrelated | {*entry["unrelated"]},
        )


def refusals_in(source: SourceFile, known: Known) -> Iterator[dict]:
    """Find the columns of one file in which somebody says no."""
    ours = {name: mine for mine, name in source.entry["columns"].items() if name[:1] != "="}
    check_names(source)
    verb = source.entry["columns"].get("verb", "=")
    if verb.startswith("=") and is_refusing_act(verb[1:]):
        yield entry_of(source, "=no")
    noes: dict[str, list[str]] = {}  # heard so far, by column
    decided = {LINE, *known.answered}
    for name in source.unfiltered.columns:
        if name in known.answered or name == LINE or ours.get(name, "") not in OPEN:
            continue
        question = "" if is_measure(name) and asked_by(name) == "says_yes" else asked_by(name)
        if name_says(name, "double_names") and question and has_words(source, name):
            yield entry_of(source, name, where=filled_in(name))  # refused: the map has to say
            decided.add(name)
            continue
        said = heard_in(source, name, ours.get(name, ""), question)
        if len(said.noes) > MOST:
            yield entry_of(source, name, where=filled_in(name))
        elif said.noes:
            yield entry_of(source, name, **only(name, said.noes, NO))
        if said.unexplained and name not in known.unrelated:
            yield entry_of(source, name, **only(name, said.unexplained, UNKNOWN))
        noes[name] = said.noes
        decided |= {name} if said.unexplained else set()
    yield from open_entries(source, known, decided=decided, noes=noes)
    for name in naming_columns([name for name in source.unfiltered.columns if name != LINE]):
        about = [word for word in words_of(source, name) if asked_by(word) or is_about(word)]
        if about and name not in known.answered | known.mapped | known.unrelated:
            yield entry_of(source, name, **only(name, about, UNKNOWN))


def open_entries(
    source: SourceFile, known: Known, *, decided: set[str], noes: dict[str, list[str]]
) -> Iterator[dict]:
    """Write an entry of every column of people that may hold a no and that nobody explained.

    Of `decided` columns nothing is left to ask. `noes` are, by column, the words that were heard as
    a no: what stands beside them may be another one. Of columns that the map names only a plain no
    is heard: it may stand behind a name.
    """
    left = [name for name in source.unfiltered.columns if name not in decided]
    if source.entry["gives"] not in PEOPLE:  # in acts and messages only questions are asked
        left = [name for name in left if is_question(name)]
    holders = [name for name in left if any(one.startswith(f"{name}.") for one in left)]
    asked = [name for name in left if name not in holders]  # an object's parts are columns too
    for name, cells in cells_of(source.unfiltered, asked).items():
        before = {*noes.get(name, ())}
        if more := [word for word in plain_noes(source, name, cells) if word not in before]:
            yield entry_of(source, name, **only(name, more, NO))
        rest = cells._replace(words=[word for word in cells.words if word not in before])
        settled = more or not rest.words or name in known.mapped | known.unrelated
        if not settled and may_hide(name, rest):
            yield entry_of(source, name, **unknown(name, open_words(name, rest.words)))


def unknown(name: str, words: list[str]) -> dict:
    """Say of words that they may hide a no; of all of a column where they are too many to list."""
    if words and all(words):
        return only(name, words, UNKNOWN)
    return {"answers": {UNKNOWN: ["?"]}, "where": filled_in(name)}


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
