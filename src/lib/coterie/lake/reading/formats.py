"""Which reader reads a file: by its entry, or by its ending, whatever the case of its letters."""

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePath

import ibis
import pyarrow as pa
import pyarrow.parquet

from coterie.lake.reading.bulk import parquet_rows
from coterie.lake.reading.containers import archive_of, inner_name, open_binary
from coterie.lake.reading.delimited import read_delimited
from coterie.lake.reading.objects import as_text, check_readable, read_json, read_lines
from coterie.lake.reading.raw import LINE, RawRows
from coterie.lake.reading.sheets import read_sheet
from coterie.study import SettingsError

ENDINGS = {
    **{".csv": "csv", ".txt": "csv", ".tsv": "tsv", ".tab": "tsv"},
    **{".json": "json", ".js": "json", ".jsonl": "ndjson", ".ndjson": "ndjson"},
    **{".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet"},
}
PACKED = (".gz", ".zip")
SNIFFED = {"encoding": "", "separator": "", "skip_lines": -1, "strip_prefix": ""}
SNIFFED |= {
    "format": "",
    "records": "",
    "sheet": "",
    "decimal": "",
}  # how a file without entry is read


def open_raw(path: Path, options: dict, *, wanted: set[str] | None = None) -> RawRows:
    """Open a raw file as its entry says, and find out what it does not say.

    `wanted` are the columns asked for; all, unless they are named.

    Raises
    ------
    SettingsError
        Naming the file: an unknown ending, not readable, or without rows.
    """
    kind = format_of(path, options)
    try:
        raw = READERS[kind](path, options | {"format": kind}, wanted=wanted)
    except (*UNREADABLE, OSError) as error:
        if isinstance(error, OSError) and error.errno:  # the disk's fault, not the file's
            raise
        stated = f" in {options['encoding']}" if options["encoding"] else ""
        raise SettingsError(
            f"{path}: not readable as {kind}{stated} "
            f"({type(error).__name__}); set `encoding:` for this file, or export it again."
        ) from None
    check_readable(path, raw, options)
    if raw.n_rows == 0:
        raise SettingsError(without_rows(path, raw))
    return raw


def without_rows(path: Path, raw: RawRows) -> str:
    """Say why a file gave no row: it is empty, or each of its lines was at fault."""
    if not raw.broken:
        return (
            f"{path}: the file holds no rows; take it out of 02_sourcing.files or export it again."
        )
    reason, lines = next(iter(raw.broken.values())), len(raw.broken)
    return (
        f"{path}: the file holds no rows; its {lines} lines were read as {raw.read_as}, and the "
        f"first is none: {reason}. Set `separator:`, `skip_lines:` or `records:` for this file."
    )


def format_of(path: Path, options: dict) -> str:
    """Name the format of a file.

    >>> format_of(Path("Export.CSV.gz"), {"format": ""})
    'csv'

    Raises
    ------
    SettingsError
        When neither its entry nor its ending says.
    """
    ending = PurePath(inner_name(path)).suffix.lower()
    if options["format"] or ending in ENDINGS:
        return options["format"] or ENDINGS[ending]
    raise SettingsError(
        f"{path}: the ending must be one of {', '.join(ENDINGS)}, packed in {' or '.join(PACKED)} "
        f"or not; else say `format:`."
    )


def read_parquet(path: Path, options: dict, *, wanted: set[str] | None = None) -> RawRows:
    """Read a Parquet file with its own types; values inside others become text."""
    packed = path.suffix.lower() in PACKED or archive_of(path) is not None
    with open_binary(path) as file:
        whole = pa.BufferReader(file.read()) if packed else path
        schema = pyarrow.parquet.read_schema(whole)
        names = schema.names
        if any("." in name and name not in names for name in wanted or ()):
            items = iter(pyarrow.parquet.read_table(whole).to_pylist())
            return as_text(items, first=2, wanted=wanted, read_as="parquet")
        rows = None if packed else parquet_rows(path)
        if rows is None:
            table = pyarrow.parquet.read_table(whole)
            lines = pa.array(range(2, table.num_rows + 2), pa.int64())
            rows = ibis.memtable(table.append_column(LINE, lines))
        n_rows = pyarrow.parquet.ParquetFile(whole).metadata.num_rows
    return RawRows(names, rows, n_rows, {}, read_as="parquet")


READERS: dict[str, Callable[..., RawRows]] = {
    "csv": read_delimited,
    "tsv": read_delimited,
    "json": read_json,
    "ndjson": read_lines,
    "xlsx": read_sheet,
    "parquet": read_parquet,
}
# decoding, JSON and Arrow errors are ValueErrors; a workbook is an archive
UNREADABLE = (ValueError, LookupError, EOFError, zlib.error, zipfile.BadZipFile)
