"""What a column is beside its meaning: its label, where it comes from, how sure a guess is."""

from pathlib import Path
from typing import NamedTuple

import yaml

FILE = yaml.safe_load((Path(__file__).parent / "columns.yml").read_text(encoding="utf-8"))
ORIGINS = ("set", "stated", "observed", "counted", "inferred")


class ColumnFacts(NamedTuple):
    """One column: what readers call it, where it comes from, whether a model guessed it."""

    label: str
    origin: str  # one of ORIGINS; empty where nobody has said so
    inferred: bool
    confidence: str  # the columns that say how sure a guess is, or `none stated`; else empty


def facts_of(table: str, column: str) -> ColumnFacts:
    """Say what one column of a table is.

    >>> facts_of("segments", "segment")
    ColumnFacts(label='segment', origin='inferred', inferred=True, confidence='membership')
    >>> facts_of("people", "birth_year")
    ColumnFacts(label='birth year', origin='stated', inferred=False, confidence='')
    """
    entry = FILE["tables"].get(table, {})
    origin = entry.get("except", {}).get(column, entry.get("from", ""))
    inferred = origin == "inferred"
    stated = entry.get("confidence", {}).get(column, "") if inferred else ""
    return ColumnFacts(label_of(column), origin, inferred, stated)


def label_of(column: str) -> str:
    """Write a column's name for a reader.

    >>> label_of("recency_days"), label_of("at")
    ('recency days', 'time')
    """
    return FILE["labels"].get(column, column.replace("_", " "))


def schema_difference(
    expected: dict[str, str], found: dict[str, str], *, extra: bool = True
) -> list[str]:
    """List what differs between the columns that a contract asks for and those of a table.

    >>> schema_difference({"at": "timestamp", "text": "string"}, {"at": "string", "body": "string"})
    ['- text (string) is missing', '+ body (string) is new', '~ at is string, not timestamp']
    """
    missing = [name for name in expected if name not in found]
    new = [name for name in found if name not in expected] if extra else []
    other = [name for name in expected if name in found and found[name] != expected[name]]
    return [
        *(f"- {name} ({expected[name]}) is missing" for name in missing),
        *(f"+ {name} ({found[name]}) is new" for name in new),
        *(f"~ {name} is {found[name]}, not {expected[name]}" for name in other),
    ]
