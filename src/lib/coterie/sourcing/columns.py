"""Column maps: from a file's names to the study's, row by checked row."""

from pathlib import Path

import ibis
import ibis.expr.types as ir
import yaml

from coterie.lake import LINE, SourceFile
from coterie.sourcing.consent.answers import IDENTIFIERS, answer_of, polarity_of, purpose_of
from coterie.sourcing.money import number_copies
from coterie.study import SettingsError

REQUIRED = {
    "accounts": ("account",),
    "events": ("account", "at", "verb"),
    "posts": ("account", "post_id", "at", "text"),
    "exposures": ("account", "campaign", "arm", "at"),
    "consents": ("purpose", "granted"),  # and one of IDENTIFIERS
    "labels": ("name", "label"),
}
OPTIONAL = {
    "accounts": [
        *(
            "name",
            "email",
            "phone",
            "crm_id",
            "followers",
            "following",
            "time_zone",
            "birth_year",
            "gender",
        ),
        *("region", "company", "job_title", "at"),
    ],
    "events": ["object_id", "content_type", "value", "currency"],
    "posts": ["in_reply_to", "about_brand", "is_person", "content_type"],
    "exposures": ["randomised"],
    "consents": [*IDENTIFIERS, "channel", "at"],
    "labels": ["account", "post_id", "campaign"],
}
BESIDE = {  # what rows of a kind have besides
    "events": ["platform_verb", "sum_by", "copy"],
    "consents": ["said", "dated", "also"],
}
# the rest is text
TYPES = {"row": "int64", "at": "timestamp", "copy": "int64", "dated": "boolean"}
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
        ]
        return ibis.memtable([], schema={name: TYPES.get(name, "string") for name in names})
    return ibis.union(*mapped) if len(mapped) > 1 else mapped[0]


def check_entry(entry: dict) -> None:
    """Refuse unknown kinds or columns, a needed one forgotten, or a sum of what are no events."""
    where, kind = f"02_sourcing.files (path: {entry['path']})", entry["gives"]
    if kind not in REQUIRED:
        raise SettingsError(f"{where}.gives: {kind!r} is none of {', '.join(REQUIRED)}.")
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
    if kind == "consents" and entry.get("where"):
        raise SettingsError(f"{where}.where: a consent file is read whole, so that no no is lost.")
    if entry["sum_by"] and kind != "events":
        raise SettingsError(
            f"{where}.sum_by: only the rows of events add up to one act; these are {kind}."
        )


def mapped_source(source: SourceFile) -> ir.Table:
    """Select a file's columns under their canonical names; absent optional ones are empty."""
    rows, entry = source.rows, source.entry
    kind, mapped = entry["gives"], entry["columns"]
    columns = {
        name: column_expression(rows, mapped.get(name))
        for name in (*REQUIRED[kind], *OPTIONAL[kind])
    }
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
        columns["also"] = unmapped_text(rows, entry)
    at = mapped.get("at")
    columns["at"] = as_utc(rows[at] if at in rows.columns else column_expression(rows, at))
    named = rows.select(
        file=ibis.literal(source.name),
        row=rows[LINE],
        platform=ibis.literal(entry["platform"]),
        **columns,
    )
    return (
        named.mutate(copy=number_copies(named, summed=bool(entry["sum_by"])))
        if kind == "events"
        else named
    )


def unmapped_text(rows: ir.Table, entry: dict) -> ir.StringValue:
    """Join the columns of a consent file that nobody mapped: an address in them binds as well."""
    spare = [name for name in rows.columns if name not in {LINE, *entry["columns"].values()}]
    texts = [ibis.coalesce(rows[name].cast("string"), ibis.literal("")) for name in spare]
    return ibis.literal(" ; ").join(texts) if texts else ibis.null("string")


def column_expression(rows: ir.Table, mapped: str | None) -> ir.StringValue:
    """Read one mapped column as trimmed text; `=word` is that word everywhere, empty is missing."""
    if mapped is None:
        return ibis.null("string")
    if mapped.startswith("="):
        return ibis.literal(mapped[1:])
    return rows[mapped].cast("string").strip().nullif("")


def as_utc(column: ir.Value) -> ir.TimestampValue:
    """Read a time; text needs ISO 8601, a stated offset is applied, none means UTC."""
    zoned = column.strip().try_cast("timestamp('UTC')") if column.type().is_string() else column
    return zoned.cast("timestamp")


def guess_columns(names: list[str]) -> dict[str, str]:
    """Guess which columns of a file are which, for a person to correct.

    >>> guess_columns(["Username", "created_at", "e_mail", "blob"])
    {'account': 'Username', 'at': 'created_at', 'email': 'e_mail'}
    """
    lower = {name.lower().strip().replace(" ", "_"): name for name in names}
    guesses = {
        c: next((lower[s] for s in words if s in lower), None)
        for c, words in SYNONYMS["columns"].items()
    }
    return {canonical: name for canonical, name in guesses.items() if name}
