"""Some rows of raw files that may be too large to hold: those that a check has rules for.

Read by Python's own modules and pyarrow, a line or a batch at a time.
"""

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

Rules = Mapping[str, Callable[[str], bool]]  # by column: whether a cell is one to pick its row for
LineRule = Callable[[list[str]], bool]  # whether a line of fields is one to pick
CHUNK = 1 << 22
OVERLAP = 64  # bytes: no sign is longer
KNOWN = 1 << 16  # cells whose answer is remembered, a column


class Ear(NamedTuple):
    """What a check listens for."""

    signs: re.Pattern  # on bytes in lower case: a file in which none stands needs no reading
    rules_for: Callable[[dict, list[str]], Rules]  # of an entry and the columns of its file
    in_full: Callable[[dict], bool]  # whether an entry means what no sign in its file shows


def opened(path: Path) -> BinaryIO:
    """Open a file's bytes, out of a gzip or zip where it lies in one."""
    for place in path.parents:
        if place.suffix == ".zip" and place.is_file():
            return zipfile.ZipFile(place).open(path.relative_to(place).as_posix())
    if path.suffix.lower() == ".gz":
        return gzip.open(path)
    if path.suffix.lower() == ".zip":
        archive = zipfile.ZipFile(path)
        return archive.open(next(name for name in archive.namelist() if not name.endswith("/")))
    return path.open("rb")


def chunks(path: Path) -> Iterator[bytes]:
    """Read a file piece by piece."""
    with opened(path) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def has_sign(path: Path, signs: re.Pattern) -> bool:
    """Tell whether anything stands in a file that a check listens for; of packed tables, yes.

    Texts in UTF-16 are looked at without the zeros between their letters.
    """
    rest = b""
    for chunk in chunks(path):
        if not rest and chunk.startswith((b"PAR1", b"PK\x03\x04")):
            return True
        if signs.search((rest + chunk).replace(b"\x00", b"").lower()):
            return True
        rest = chunk[-OVERLAP:]
    return False


def picked(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Keep the rows of a table in which a cell is one to pick.

    >>> rows = pd.DataFrame({"act": ["like", "leave"], "who": ["ana", "bo"]})
    >>> picked(rows, {"act": lambda cell: cell == "leave"})["who"].tolist()
    ['bo']
    """
    hit = pd.Series(False, index=rows.index)
    for name, rule in rules.items():
        cells = rows.loc[:, [name]]  # of several columns of one name any counts
        hit |= cells.map(lru_cache(KNOWN)(rule)).astype(bool).any(axis=1)
    return rows[hit]


def picked_lines(
    lines: Iterator[list[str]], needed: set[str], rule_for: Callable[[list[str]], LineRule]
) -> tuple[pd.DataFrame, int] | None:
    """Pick rows of delimited text, and count odd lines; nothing where no line holds the names.

    `rule_for` gives, for the names of the columns, whether a line is one to pick.
    """
    names = next((line for line in lines if needed <= set(line)), None)
    if names is None:
        return None
    is_picked, found, n_odd = rule_for(names), [], 0
    for line in lines:
        if len(line) != len(names):
            n_odd += any(cell.strip() for cell in line)
        elif is_picked(line) and line != names:
            found.append(line)
    return pd.DataFrame(found, columns=names, dtype=object), n_odd


def line_rule(entry: dict, names: list[str], ear: Ear) -> LineRule:
    """Pick the lines in which a cell is one that a check listens for."""
    rules = [(names.index(n), lru_cache(KNOWN)(r)) for n, r in ear.rules_for(entry, names).items()]
    return lambda line: any(rule(line[place]) for place, rule in rules)


def fields_of(path: Path, encoding: str, separator: str) -> Iterator[list[str]]:
    """Read the fields of delimited text, a line at a time."""
    with opened(path) as file:
        text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
        yield from csv.reader(text, delimiter=separator)


def picked_parquet(file: BinaryIO, entry: dict, ear: Ear) -> pd.DataFrame:
    """Pick rows of a Parquet file, batch by batch."""
    found = [pd.DataFrame()]
    for batch in pyarrow.parquet.ParquetFile(file).iter_batches():
        rules = ear.rules_for(entry, batch.schema.names)
        hit = pa.array([False] * batch.num_rows)
        for name, rule in rules.items():
            hit = pc.or_(hit, chosen(batch.column(name), rule))
        found.append(batch.filter(hit).to_pandas())
    return pd.concat(found, ignore_index=True)


def chosen(column: pa.Array, rule: Callable[[str], bool]) -> pa.Array:
    """Mark the cells of a column that a rule picks, asking it once a value."""
    coded = column.dictionary_encode()
    texts = ["" if value is None else str(value) for value in coded.dictionary.to_pylist()]
    kept = pa.array([bool(rule(text)) for text in texts], pa.bool_())
    return pc.fill_null(pc.take(kept, coded.indices), False)
