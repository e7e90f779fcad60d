"""What each table of a file is taken for: a vendor's export, a guess, or nothing for a study."""

import json
import zipfile
from glob import escape
from pathlib import Path
from typing import NamedTuple

from coterie.lake import PEOPLE, shown, why_unreadable
from coterie.lake.reading.containers import on_disk
from coterie.runner.drafting.contexts import context_of, words_of
from coterie.runner.drafting.peeking import NotATable, Table, tables_of
from coterie.sourcing.columns import FILL_IN, SYNONYMS
from coterie.sourcing.consent import is_list, names_answers, unexplained_names
from coterie.sourcing.maps import (
    Context,
    Sample,
    asked_by,
    consent_entries,
    guess_entries,
    header_fault,
    hinted,
    holds_sums,
    own_columns,
    recognise,
    refuses_all,
    shown_names,
    sums_entries,
    sums_plan,
    trial_plan,
    with_currency,
)
from coterie.study import SettingsError

NOBODY = {
    "own posts": "the account's own posts: this file has no people",
    "own acts": "what the account itself did: this file has no people",
    "sums": "sums or advertisements: this file has no people",
}
CONTAINERS = {"data", "items", "records", "results", "rows", "list", "value", "values", "response"}
CONTAINERS |= {"lists", "profiles", "members"}
CONTAINERS |= {
    word for words in SYNONYMS["gives"].values() for kind in words for word in (kind, kind + "s")
}
BY_CHANCE = '; taken as drawn by chance: if it was not, write randomised: "=false"'
REFUSED = "; its name says that these people said no, so no run goes past it until it is mended"
ANSWERS = (
    "; its name says that it may hold who must not be addressed: map it, or take its entry out"
)


class Looked(NamedTuple):
    """What one table of a file was taken for, in one sentence, and its entries."""

    path: str  # under the source folder
    verdict: str  # recognised, guessed, left out or to be mended
    sentence: str
    entries: list[dict]
    unused: list[str]  # columns that no entry names
    brand: str = ""
    plan: dict | None = None  # of an experiment's own table
    doubtful: tuple[str, ...] = ()  # unused columns that may say who must not be addressed

    def with_doubtful(self, sample: Sample) -> "Looked":
        """Name the columns for which exports wait until somebody has looked at them."""
        if not any(entry["gives"] in PEOPLE for entry in self.entries):
            return self
        left = {name: sample.values[name] for name in self.unused if name in sample.values}
        return self._replace(doubtful=tuple(unexplained_names(left)))


def look_at(path: Path, source: Path) -> list[Looked]:
    """Say what each table of a file is taken for; a file that cannot be read is said with why."""
    name = str(path.relative_to(source))
    if fault := "may not be looked into" if path.is_dir() else why_unreadable(on_disk(path)):
        return [Looked(shown(Path(name)), "left out", f"it {fault}", [], [])]
    try:
        tables = tables_of(path)
    except (NotATable, SettingsError) as error:
        context = context_of(name, within=" ".join(packed_names(path)))
        return [left_out(name, str(error).removeprefix(f"{path}: "), context)]
    except Exception as error:  # whatever broke it: its message may quote the file
        return [left_out(name, f"not readable ({type(error).__name__})", context_of(name))]
    looked = [look_at_table(path, name, table).with_doubtful(table.sample) for table in tables]
    told = [found for found in looked if found.entries or "(sheet" in found.sentence]
    return told or looked[:1]  # of lists in JSON that hold nothing, one sentence is enough


def packed_names(path: Path) -> list[str]:
    """Name the files in an archive; none where it is no archive."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def left_out(name: str, reason: str, context: Context, table: Table | None = None) -> Looked:
    """Leave a table out; where its name says that people said no in it, no run goes past it.

    Nor where its name says that it is about who may be addressed, as a list of subscribers is.
    """
    refused = refuses_all(context)
    if not (refused or is_list(name) or (table and names_answers(table.sample.values))):
        return Looked(name, "left out", reason, [], [])
    granted = "=no" if refused else FILL_IN
    columns = {"email": FILL_IN, "purpose": "=advertising", "granted": granted}
    entry = {"path": escape(name), "gives": "consents", "platform": context.platform or "other"}
    entry |= (table.settings if table else {}) | {"columns": columns}
    why = REFUSED if refused else ANSWERS
    return Looked(name, "to be mended", reason + why, [entry], [])


def look_at_table(path: Path, name: str, table: Table) -> Looked:
    """Say what one table is taken for: a vendor's export, a guess, or nothing for a study."""
    sample, place = table.sample, str(table.settings.get("records", ""))
    if not any(sample.values.values()):
        return Looked(name, "left out", "it holds a header and no rows", [], [])
    if known := recognise(path.name, sample, records=place):
        sentence = f"{known.export} ({table.how})"
        sentence += f"; {NOBODY[known.holds]}" if known.holds in NOBODY else ""
        stated = [*known.entries, *refusals_beside(known.entries, sample)]
        entries = [completed(entry, name, table) for entry in stated]
        verdict = "recognised" if entries else "left out"
        return Looked(name, verdict, sentence, entries, unused(sample, entries), known.brand)
    return look_at_unknown(name, table, context_of(name, within=f"{table.title} {place}"))


def look_at_unknown(name: str, table: Table, context: Context) -> Looked:
    """Say what a table may be that no vendor's map recognises."""
    sample = table.sample
    if summed := sums_entries(context.words, context.platform, own_columns(sample)):
        return look_at_sums(name, summed, table)
    if reason := no_use(context, table):
        return left_out(name, reason, context, table)
    guessed = guess_entries(context, own_columns(sample))
    entries = [completed(entry, name, table) for entry in guessed]
    if names_nobody(entries[0], context):
        return left_out(name, f"no column in it names a person ({table.how})", context, table)
    kinds = " and ".join(dict.fromkeys(entry["gives"] for entry in entries))
    missing = [ours for ours, stated in entries[0]["columns"].items() if stated == FILL_IN]
    sentence = f"{kinds} ({table.how})"
    sentence += f"; no column found for {', '.join(missing)}" if missing else ""
    if kinds != "experiments":
        return Looked(name, "guessed", sentence, entries, unused(sample, entries))
    sentence += BY_CHANCE
    plan = trial_plan(entries[0], sample)
    return Looked(name, "guessed", sentence, entries, unused(sample, entries), plan=plan)


def look_at_sums(name: str, summed: list[dict], table: Table) -> Looked:
    """Say that a table holds a test's sums by arm, which need nobody's name."""
    entries = [completed(entry, name, table) for entry in summed]
    left = unused(table.sample, entries)
    sentence = f"a test's sums by arm, without people ({table.how}){BY_CHANCE}"
    return Looked(name, "guessed", sentence, entries, left, plan=sums_plan(summed))


def no_use(context: Context, table: Table) -> str:
    """Say why a table that no map recognises is left out; empty when it may be guessed."""
    place = str(table.settings.get("records", ""))
    if not set(words_of(place)) <= CONTAINERS and not asked_by(place):
        return "its records lie under names that may be data"
    if fault := header_fault(table.sample):
        return fault
    if holds_sums(context, own_columns(table.sample)) and not refuses_all(context):
        return f"by its columns it holds {NOBODY['sums']} ({table.how})"
    return ""


def refusals_beside(entries: list[dict], sample: Sample) -> list[dict]:
    """Hear every no of a recognised export: columns that say no and that its map does not name."""
    people = next((entry for entry in entries if entry["gives"] == "accounts"), None)
    heard = [entry for entry in entries if entry["gives"] == "consents"]
    if any(entry["columns"]["granted"] == "=no" for entry in heard):  # every row says no
        return []
    left = [name for name in sample.names if not names_it(heard, name)]
    refusing = [name for name in left if asked_by(name) in ("says_no", "no_since")]
    return consent_entries(sample._replace(names=refusing), people) if people else []


def names_it(entries: list[dict], name: str) -> bool:
    """Tell whether any entry names a column, in its columns or its conditions."""
    written = json.dumps(name, ensure_ascii=False)
    return any(written in json.dumps(entry, ensure_ascii=False) for entry in entries)


def names_nobody(entry: dict, context: Context) -> bool:
    """Tell whether nothing in a table or in its file's name speaks of people and what they did."""
    unknown = {ours for ours, stated in entry["columns"].items() if stated == FILL_IN}
    told = hinted(entry["gives"], context.words)
    return "account" in unknown and not told and ("at" in unknown or entry["gives"] == "accounts")


def completed(entry: dict, name: str, table: Table) -> dict:
    """Write an entry whole: its file, where the table lies in it, and its platform and money."""
    stated = {
        "path": escape(name),
        "gives": entry["gives"],
        "platform": entry["platform"] or owner(entry, table.sample),
    }
    rest = {key: value for key, value in entry.items() if key not in (*stated, "columns") and value}
    columns = {"columns": entry["columns"]}
    return with_currency(stated | table.settings | rest | columns, table.sample)


def owner(entry: dict, sample: Sample) -> str:
    """Name the platform of an account by what its column is called: customers are a shop's.

    >>> owner({"columns": {"account": "customer_id"}}, Sample(["customer_id"], {}))
    'shop'
    """
    who = str(entry["columns"].get("account") or next(iter(entry["columns"].values())))
    words = set(words_of(who))
    found = [platform for platform, spelt in SYNONYMS["owners"].items() if words & set(spelt)]
    address = ["email"] if sample.shape(who) == "email" else []
    return [*address, *found, "other"][0]


def unused(sample: Sample, entries: list[dict]) -> list[str]:
    """List the columns that no entry names."""
    return shown_names(sample, {name for name in sample.names if names_it(entries, name)})
