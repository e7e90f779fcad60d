"""Column maps: from a file's names to the study's, row by checked row."""

from pathlib import Path

import ibis
import ibis.expr.types as ir
import yaml

from coterie.lake import LINE, SourceFile
from coterie.sourcing.amounts import as_number, find_decimal, is_plain
from coterie.sourcing.consent.answers import (
    IDENTIFIERS,
    answer_of,
    loses_no_no,
    polarity_of,
    purpose_of,
)
from coterie.sourcing.consent.words import name_says
from coterie.sourcing.identifiers import (
    is_placeholder,
    is_scientific,
    is_whole_float,
    without_empties,
)
from coterie.sourcing.money import TURNED, number_copies, with_sign
from coterie.sourcing.times import MOMENT, UNAMBIGUOUS, TimeForms, find_forms, with_time
from coterie.sourcing.times import is_plain as has_plain_time
from coterie.study import SettingsError

FILL_IN = "FILL_IN"  # stands in a draft where no column was found

REQUIRED = {
    "accounts": ("account",),
    "events": ("account", "at", "verb"),
    "posts": ("account", "post_id", "at", "text"),
    "exposures": ("account", "campaign", "arm"),
    "outcomes": ("account", "campaign", "measure"),
    "consents": ("purpose", "granted"),  # and one of IDENTIFIERS
    "labels": ("name", "label"),
    "sums": (
        "campaign",
        "metric",
        "arm",
        "units",
        "total",
    ),  # of experiments that a warehouse added up
}
OPTIONAL = {
    "accounts": [
        *("name", "email", "phone", "crm_id", "followers", "following", "time_zone"),
        *("birth_year", "gender", "region", "company", "job_title", "at"),
        # compared when accounts are linked, kept in no table
        *("given_name", "surname", "birth_date", "street", "city", "postcode"),
    ],
    "events": ["object_id", "content_type", "value", "currency"],
    "posts": ["in_reply_to", "about_brand", "is_person", "content_type"],
    "exposures": ["randomised", "at"],  # without dates: assigned and measured in one file
    "outcomes": ["value", "label"],
    "consents": [*IDENTIFIERS, "channel", "at"],
    "labels": ["account", "post_id", "campaign"],
    "sums": ["squares", "segment", "randomised"],
}
KEYS = ("account", "post_id")  # an unusable one sets its row aside
NUMBERED = {*KEYS, "object_id", "in_reply_to", "email", "phone", "crm_id"}
NUMBERS = {"value", "followers", "following", "units", "total", "squares"}
ROW = "=row"  # in place of a column of accounts: each row of the file is a person
# in which NULL may be meant: what people wrote, their names, and words that are judged elsewhere
WORDS = {"account", "text", "name", "label", "granted", "purpose", "arm"}
BESIDE = {  # what rows of a kind have besides
    "events": ["platform_verb", "sum_by", "copy"],
    "consents": ["said", "dated", "also", "dialled"],
    "exposures": ["dated"],
}
PERSON_SIZED = ("accounts", "consents")  # kinds of which a few rows a person are held at once
TYPES = {"row": "int64", "at": "timestamp", "copy": "int64", "dated": "boolean"}  # others: text
SYNONYMS = yaml.safe_load((Path(__file__).parent / "synonyms.yml").read_text(encoding="utf-8"))


def map_rows(sources: list[SourceFile], gives: str) -> ir.Table:
    """Rename every file of one kind to the study's columns, as text; times become UTC.

    Raises
    ------
    SettingsError
        When an entry of the column map is of no known kind, or lacks a needed column.
    """
    for source in sources:
        check_entry(source.entry)
    mapped = [mapped_source(source) for source in sources if source.entry["gives"] == gives]
    if not mapped:
        names = [
            "file",
            "row",
            "platform",
            *REQUIRED[gives],
            *(name for name in OPTIONAL[gives] if name != "at"),
            "at",
            *BESIDE.get(gives, ()),
            "noted",
        ]
        return ibis.memtable([], schema={name: TYPES.get(name, "string") for name in names})
    return ibis.union(*mapped) if len(mapped) > 1 else mapped[0]


def check_entry(entry: dict) -> None:
    """Refuse unknown kinds or columns, a needed one forgotten, or a sum of what are no events."""
    where, kind = f"02_sourcing.files (path: {entry['path']})", entry["gives"]
    if kind not in REQUIRED:
        raise SettingsError(f"{where}.gives: {kind!r} is none of {', '.join(REQUIRED)}.")
    if undecided := [ours for ours, name in entry["columns"].items() if name == FILL_IN]:
        advice = 'name a column of the file, give a literal like "=shop", or take the entry out.'
        raise SettingsError(f"{where}.columns: {', '.join(undecided)} is {FILL_IN}; {advice}")
    known = {*REQUIRED[kind], *OPTIONAL[kind]}
    if unknown := set(entry["columns"]) - known:
        raise SettingsError(
            f"{where}.columns: {', '.join(sorted(unknown))} is none of {', '.join(sorted(known))}."
        )
    if missing := set(REQUIRED[kind]) - set(entry["columns"]):
        raise SettingsError(
            f"{where}.columns: {', '.join(sorted(missing))} is missing; {kind} need it."
        )
    if kind == "consents" and not set(IDENTIFIERS) & set(entry["columns"]):
        raise SettingsError(
            f"{where}.columns: consents need one of {', '.join(IDENTIFIERS)}: whose they are."
        )
    if kind == "consents" and not all(map(loses_no_no(entry), entry.get("where", ()))):
        raise SettingsError(f"{where}.where: a consent file is read whole, so that no no is lost.")
    if entry["sum_by"] and kind != "events":
        raise SettingsError(
            f"{where}.sum_by: only the rows of events add up to one act; these are {kind}."
        )


def mapped_source(source: SourceFile) -> ir.Table:
    """Select a file's columns under their canonical names; absent optional ones are empty.

    How the file writes times and numbers is found from all its values first. `noted` says what was
    put right or emptied in a row that stays.
    """
    entry, kind, mapped = source.entry, source.entry["gives"], source.entry["columns"]
    where = f"02_sourcing.files (path: {entry['path']})"
    uniform = uniform_columns(source.rows, mapped)
    rows = with_moment(source, where, plain="at" in uniform)
    columns = {
        name: column_expression(
            rows, mapped.get(name), empty_words=name not in WORDS and kind != "consents"
        )
        for name in (*REQUIRED[kind], *OPTIONAL[kind])
    }
    if mapped.get("account") == ROW:
        columns["account"] = ibis.literal(f"{source.name} ") + rows[LINE].cast("string")
    if kind in PERSON_SIZED:  # else each later step would write all steps before it out again
        rows = rows.mutate(
            **{f"{name}, as text": column for name, column in columns.items()}
        ).cache()
        columns = {name: rows[f"{name}, as text"] for name in columns}
    unread = {}
    if "at" in mapped and "at" not in REQUIRED[kind]:
        unread["time unreadable, left empty"] = columns["at"].notnull() & rows[MOMENT].isnull()
    columns["at"] = rows[MOMENT]
    if "verb" in columns:
        columns["platform_verb"] = columns["verb"]
        columns["verb"] = (
            columns["verb"].substitute(entry["verbs"]) if entry["verbs"] else columns["verb"]
        )
        columns["sum_by"] = column_expression(rows, entry["sum_by"] or None)
    if kind == "consents":
        columns["said"] = answer_of(columns["granted"], polarity_of(entry))
        columns["purpose"] = purpose_of(columns["purpose"], entry.get("purposes") or {})
        columns["dated"] = ibis.literal("at" in mapped)
        columns["also"] = unmapped_text(rows, source)
        columns["dialled"] = unmapped_text(rows, source, rule="phone_columns")
    for name in text_columns(rows, mapped, NUMBERS & {*columns} - uniform):
        decimal = find_decimal(columns[name], rows, f"{where}.columns.{name}", entry)
        columns[name] = as_number(columns[name], decimal)
    if kind == "exposures":
        columns["dated"] = ibis.literal("at" in mapped)
    columns, changed = with_identifiers(columns, mapped, uniform, heard=kind == "consents")
    if kind == "events":
        columns["value"], changed[TURNED] = with_sign(columns, entry)
    named = rows.select(
        file=ibis.literal(source.name),
        row=rows[LINE],
        platform=ibis.literal(entry["platform"]),
        **columns,
        noted=noted(unread | changed),
    )
    return (
        named.mutate(copy=number_copies(named, summed=bool(entry["sum_by"])))
        if kind == "events"
        else named
    )


def uniform_columns(rows: ir.Table, mapped: dict) -> set[str]:
    """Name our columns whose every value has the form that its kind of column can have.

    These are plain times, plain numbers, and identifiers that are whole numbers written as 101.0.
    """
    tests = {"at": has_plain_time} | dict.fromkeys(NUMBERS, is_plain)
    tests |= dict.fromkeys(NUMBERED, is_whole_float)
    texts = {
        name: column_expression(rows, mapped[name], empty_words=True)
        for name in text_columns(rows, mapped, {*tests})
    }
    if not texts:
        return set()
    sums = {name: (~tests[name](text)).sum().fill_null(0) for name, text in texts.items()}
    counts = {f"n of {name}": text.count() for name, text in texts.items()}
    found = rows.aggregate(**sums, **counts).to_pandas().iloc[0]
    return {name for name in texts if not found[name] and found[f"n of {name}"]}


def text_columns(rows: ir.Table, mapped: dict, names: set[str]) -> list[str]:
    """List which of our columns are mapped to a column of the file that may hold any text."""
    return [
        name
        for name, source in mapped.items()
        if name in names and source in rows.columns and not rows[source].type().is_temporal()
    ]


def with_moment(source: SourceFile, where: str, *, plain: bool) -> ir.Table:
    """Add when each row happened, in UTC; in which forms is found from rows left out too."""
    rows, entry = source.rows, source.entry
    name, zone = entry["columns"].get("at"), entry.get("time_zone", "")
    if name is None:
        return rows.mutate(**{MOMENT: ibis.null("timestamp")})
    if name in rows.columns and not rows[name].type().is_temporal():
        text = column_expression(rows, name, empty_words=True)
        whole = source.unfiltered if source.unfiltered is not None else rows
        every = column_expression(whole, name, empty_words=True)
        return with_time(rows, text, find_forms(every, whole, where, entry, plain=plain))
    stated = rows[name] if name in rows.columns else column_expression(rows, name)
    return with_time(rows, stated, TimeForms(("plain", *UNAMBIGUOUS), time_zone=zone))


def with_identifiers(
    columns: dict, mapped: dict, uniform: set[str], *, heard: bool = False
) -> tuple[dict, dict]:
    """Put identifiers right that a spreadsheet spoilt, and empty those that are nobody's.

    Returns
    -------
    The columns, and of each note the condition under which it holds for a row.
    """
    found, notes = dict(columns), {}
    for name in NUMBERED & {*mapped} & {*columns}:
        text = columns[name]
        if name in uniform:
            text = text.re_replace(r"\.0$", "")
            notes[f"{name} written like 101.0, read as 101"] = text.notnull()
        if name not in KEYS and not heard:
            lost = is_scientific(text)
            notes[f"{name} in scientific notation, left empty"] = lost
            text = lost.ifelse(None, text)
        if name in ("email", "phone", "crm_id") and not heard:
            nobody = is_placeholder(text)
            notes[f"{name} is a placeholder, left empty"] = nobody
            text = nobody.ifelse(None, text)
        found[name] = text
    return found, notes


def noted(notes: dict[str, ir.BooleanValue]) -> ir.StringValue:
    """Join the notes that hold for a row, one a line; missing where none does."""
    if not notes:
        return ibis.null("string")
    lines = [holds.fill_null(False).ifelse(f"{note}\n", "") for note, holds in notes.items()]
    return ibis.literal("").join(lines).nullif("")


def unmapped_text(rows: ir.Table, source: SourceFile, *, rule: str = "") -> ir.StringValue:
    """Join the columns of a consent file that nobody mapped: an address in them binds as well.

    With `rule`, only those whose name it fits.
    """
    mapped = {LINE, *source.entry["columns"].values()}
    spare = [name for name in source.rows.columns if name not in mapped]
    chosen = [name for name in spare if not rule or name_says(name, rule)]
    texts = [ibis.coalesce(rows[name].cast("string"), ibis.literal("")) for name in chosen]
    return ibis.literal(" ; ").join(texts) if texts else ibis.null("string")


def column_expression(
    rows: ir.Table, mapped: str | None, *, empty_words: bool = False
) -> ir.StringValue:
    """Read one mapped column as trimmed text; `=word` is that word everywhere, empty is missing.

    With `empty_words`, so is what exports write where nothing was stated, like NULL.
    """
    if mapped is None:
        return ibis.null("string")
    if mapped.startswith("="):
        return ibis.literal(mapped[1:])
    text = rows[mapped].cast("string").strip().nullif("")
    return without_empties(text) if empty_words else text
