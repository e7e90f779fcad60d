"""What each row of a consent file says: yes, no, nothing, or something nobody understands.

Whatever cannot be read as a yes is no yes. A column in which true means no is recognised by its
name, or stated in the column map; such a column never gives a yes.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from coterie.sourcing.consent.words import WORDS, name_says, plain_word, plain_words
from coterie.study import SettingsError

PURPOSES = WORDS["purposes"]
YES, NO, SILENT, UNCLEAR = "yes", "no", "silent", "unclear"
IDENTIFIERS = ("account", "email", "phone", "crm_id", "hash")
NOTHING_SAID = "neither a yes nor a no"
NO_KEY = "no account, address, number or other key to know the person by"
REPEAT = "repeats an earlier row"
UNDATED = "a yes whose time is missing or unreadable"
TOO_OLD = "a yes given before 2000"
NOT_YET = "a yes given on or after as_of"
OTHER_PURPOSE = "a yes to a purpose that is not documented"
OTHER_CHANNEL = "a yes to another channel than advertisements"
# reasons to set a row aside that cannot hide a no
HARMLESS = (NOTHING_SAID, REPEAT, UNDATED, TOO_OLD, NOT_YET, OTHER_PURPOSE, OTHER_CHANNEL)


class Polarity(NamedTuple):
    """Which words of one column mean what; every other word means `other`."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    silent: tuple[str, ...]
    other: str  # no or unclear
    reason: str  # how it was decided, for the page


def polarity_of(entry: dict) -> Polarity:
    """Decide which words of an entry's `granted` column mean yes and which mean no.

    Raises
    ------
    SettingsError
        When the names leave it open, or a file of opt-outs is said to be all yes.
    """
    name, file = entry["columns"]["granted"], entry["path"]
    stated = entry.get("answers") or {}
    yes_values = tuple(map(plain_word, stated.get("yes_values", ())))
    no_values = tuple(map(plain_word, stated.get("no_values", ())))
    silent_values = tuple(map(plain_word, stated.get("silent_values", ())))
    if stated.get("unknown_values"):
        return Polarity((), (), ("",), UNCLEAR, f"codes in {name} that nobody explained")
    if yes_values or no_values or silent_values:
        return stated_polarity(yes_values, no_values, silent_values)
    where = f"02_sourcing.files (path: {file}).columns.granted"
    advice = "write  granted: {column: NAME, yes_values: [...], no_values: [...]}"
    literal = name.startswith("=")
    if not literal and name_says(name, "double_names"):
        raise SettingsError(f"{where}: {name!r} can be read both ways; {advice}.")
    if literal and plain_word(name[1:]) in WORDS["yes_words"] and name_says(file, "opt_out_names"):
        raise SettingsError(
            f"{where}: says yes for everybody in a file that is named after opt-outs; "
            'write  granted: "=no"  if they said no, or rename the file.'
        )
    if not literal and (name_says(name, "opt_out_names") or name_says(name, "asked_opt_out_names")):
        reason = "by its name, anything but empty or false is a no"
        return Polarity((), (), tuple(WORDS["not_opted_out"]), NO, reason)
    if not literal and name_says(file, "opt_out_names") and not name_says(name, "opt_in_names"):
        # a column "value" in unsubscribed.csv: true may mean either
        reason = "in a file named after opt-outs only a clear no is understood"
        return Polarity((), tuple(WORDS["no_words"]), tuple(WORDS["silent_words"]), UNCLEAR, reason)
    return Polarity(
        tuple(WORDS["yes_words"]),
        tuple(WORDS["no_words"]),
        tuple(WORDS["silent_words"]),
        UNCLEAR,
        "by its words",
    )


def stated_polarity(
    yes_values: tuple[str, ...], no_values: tuple[str, ...], silent_values: tuple[str, ...] = ()
) -> Polarity:
    """Take the column map at its word, and read what it leaves open as usual.

    Where a word that usually means yes is stated as a no, only stated values are a yes. What is
    stated as silent says neither, like a code that is no answer at all.

    >>> stated_polarity((), ("true",)).yes
    ()
    >>> "subscribed" in stated_polarity((), ("cleaned",)).yes
    True
    >>> "1" in stated_polarity((), (), ("1", "2")).yes
    False
    """
    turned = any(word in WORDS["yes_words"] for word in no_values)
    usual_yes = () if turned or yes_values else tuple(WORDS["yes_words"])
    taken = {*no_values, *silent_values}
    yes = tuple(word for word in (*yes_values, *usual_yes) if word not in taken)
    taken |= {*yes}
    usual_no = () if turned else tuple(word for word in WORDS["no_words"] if word not in taken)
    spare = WORDS["not_opted_out"] if turned else WORDS["silent_words"]
    no = (*no_values, *usual_no)
    silent = tuple(word for word in (*silent_values, *spare) if word not in {*yes, *no})
    return Polarity(yes, no, silent, UNCLEAR, "as the column map states")


def answer_of(granted: ir.StringValue, polarity: Polarity) -> ir.StringValue:
    """Read each answer as `yes`, `no`, `silent` or `unclear`.

    >>> words = ibis.memtable({"granted": ["Yes", "opted-out", "", "perhaps"]})["granted"]
    >>> usual = polarity_of({"path": "f.csv", "columns": {"granted": "ok"}})
    >>> answer_of(words, usual).to_pandas().tolist()
    ['yes', 'no', 'silent', 'unclear']
    """
    word = plain_words(granted)
    meanings = [(polarity.no, NO), (polarity.yes, YES), (polarity.silent, SILENT)]
    return ibis.cases(
        *((word.isin(words), meaning) for words, meaning in meanings if words), else_=polarity.other
    )


def loses_no_no(entry: dict) -> Callable[[dict], bool]:
    """Tell of a condition whether every answer it leaves out is empty or not stated to be a no."""
    answers = {"no_values": (), "unknown_values": ()} | (entry.get("answers") or {})
    noes = {*answers["no_values"], *answers["unknown_values"]}

    def keeps(condition: dict) -> bool:
        listed = [condition["is"]] if isinstance(condition["is"], str) else condition["is"]
        only_noes = bool(listed) and {*listed} <= noes
        alone = condition["column"] == entry["columns"]["granted"] and not condition["is_not"]
        return alone and (only_noes or condition["empty"] is False)

    return keeps


def purpose_of(stated: ir.StringValue, translation: dict[str, str]) -> ir.StringValue:
    """Translate a file's words for purposes into the documented ones, the rest in lower case."""
    word = plain_words(stated).nullif("")
    known = {plain_word(theirs): ours for theirs, ours in translation.items()}
    return word.substitute(known) if known else word


def reject_answer(rows: ir.Table, *, as_of: date, earliest: date) -> list[tuple]:
    """List why an answer may not enter: a yes has to be plain in every way, a no in none.

    A no enters whenever it was given and whatever else of its row is missing, if only somebody can
    be known by it.
    """
    said, at = rows["said"], rows["at"]
    yes, keys = said == YES, [rows[name].notnull() for name in IDENTIFIERS]
    keys.append(ibis.coalesce(rows["also"].contains("@"), False))
    keys.append(ibis.coalesce(rows["dialled"].re_search("[0-9]{3}"), False))
    channel = plain_words(rows["channel"])
    return [
        (said == SILENT, NOTHING_SAID),
        (~ibis.or_(*keys), NO_KEY),
        (yes & at.isnull() & rows["dated"], UNDATED),
        (yes & (at < ibis.timestamp(earliest.isoformat())), TOO_OLD),
        (yes & (at >= ibis.timestamp(as_of.isoformat())), NOT_YET),
        (yes & ~ibis.coalesce(rows["purpose"].isin(list(PURPOSES)), False), OTHER_PURPOSE),
        (yes & ~channel.isin(["", "ads"]), OTHER_CHANNEL),
    ]
