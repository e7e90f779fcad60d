"""Declared maps: one YAML file a vendor, each export with its signature and its entries."""

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from coterie.sourcing.columns import FILL_IN, REQUIRED
from coterie.sourcing.maps.headers import folded
from coterie.sourcing.maps.shapes import Sample

FOLDER = Path(__file__).parent


class Recognised(NamedTuple):
    """What a file was recognised as."""

    export: str  # like "HubSpot, contacts"
    holds: str  # people, own posts or sums
    entries: list[dict]  # of the column map, without `path`; none when the file has no people
    brand: str  # the brand's handle where the file's own name tells it


@cache
def declared_maps() -> tuple[dict, ...]:
    """Read every vendor's map."""
    files = sorted(FOLDER.glob("*.yml"))
    return tuple(
        export for file in files for export in yaml.safe_load(file.read_text(encoding="utf-8"))
    )


def recognise(name: str, sample: Sample, *, records: str = "") -> Recognised | None:
    """Find the vendor's export that a table is, by the names of its columns.

    Of several whose signature is there, the one with the longest signature; none, when no
    vendor's map has it. `records` is where in a JSON file the table lies.
    """
    there = {folded(column): column for column in reversed(sample.names)}
    fits = [
        export
        for export in declared_maps()
        if fnmatchcase(name.lower(), export.get("file", "*"))
        and fnmatchcase(records, export.get("records", records))
        and all(chosen(words.split("|"), there) for words in export["headers"])
    ]
    if not fits:
        return None
    best = max(fits, key=lambda export: len(export["headers"]) + ("file" in export))
    brand = re.search(best.get("brand", "(?!)"), name)
    handle = brand[1] if brand else ""
    entries = [
        filled_entry(entry, there, handle=handle)
        for entry in best.get("entries", ())
        if all(chosen(words.split("|"), there) for words in entry.get("needs", ()))
    ]
    return Recognised(best["export"], best["holds"], entries, handle)


def chosen(words: list[str], there: dict[str, str]) -> str | None:
    """Choose the first of several names that a file has, in the file's own spelling.

    >>> chosen(["Record ID - Contact", "Record ID"], {"record_id": "Record ID"})
    'Record ID'
    """
    found = (there.get(folded(word)) for word in words)
    return next((name for name in found if name), None)


def filled_entry(entry: dict, there: dict[str, str], *, handle: str = "") -> dict:
    """Write a declared entry with the names that this file has; conditions on others fall away."""
    if "records" in entry:  # rows inside the rows that were looked at: its columns are theirs
        return {key: value for key, value in entry.items() if key != "needs"}
    columns = {}
    for ours, stated in entry["columns"].items():
        name = filled_column(stated, there, handle=handle)
        if name is not None or ours in REQUIRED[entry["gives"]]:
            columns[ours] = name if name is not None else FILL_IN
    where = [
        condition | {"column": name}
        for condition in entry.get("where", ())
        if (name := chosen(condition["column"].split("|"), there))
    ]
    rest = {key: value for key, value in entry.items() if key not in ("needs", "where")}
    times = {ours: form for ours, form in entry.get("time_format", {}).items() if ours in columns}
    return rest | {"columns": columns} | {"where": where, "time_format": times}


def filled_column(stated: str | dict, there: dict[str, str], *, handle: str) -> str | dict | None:
    """Write one column by its name in the file; None when the file has none of its names.

    >>> filled_column("={brand}", {}, handle="acme"), filled_column("A|=x", {}, handle="")
    ('=acme', '=x')
    """
    if isinstance(stated, dict):
        name = chosen(stated["column"].split("|"), there)
        return stated | {"column": name} if name else None
    if stated == "={brand}":
        return f"={handle or 'own account'}"
    *names, last = stated.split("|")
    found = chosen([*names, last], there)
    return last if last.startswith("=") and not found else found
