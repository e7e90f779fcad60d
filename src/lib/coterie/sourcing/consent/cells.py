"""What stands in the columns of a file, all rows together, as far as it may be a no."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import ibis.expr.types as ir
import yaml

from coterie.sourcing.consent.words import plain_words

WORDS = yaml.safe_load(Path(__file__).with_name("open_columns.yml").read_text(encoding="utf-8"))
DATED = r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"
LISTED = 16  # different words of a column at most, to be listed one by one


class Cells(NamedTuple):
    """What stands in one column, all rows together."""

    n_rows: int
    n_filled: int
    n_dated: int  # filled with a date
    n_refusing: int  # that deny contact in so many words
    n_settings: int  # with a yes or no beside a name, in one cell
    words: list[str]  # different ones; one more than LISTED, and empty, where they are more


def cells_of(rows: ir.Table, names: list[str]) -> dict[str, Cells]:
    """Sum up what stands in each of some columns, in one go over the rows."""
    if not names:
        return {}
    texts = {name: rows[name].cast("string").strip().nullif("") for name in names}
    asked = {"rows": rows.count()}
    for place, text in enumerate(texts.values()):
        asked |= {
            f"filled {place}": text.count(),
            f"dated {place}": text.re_search(DATED).sum(),
            f"refusing {place}": refuses_plainly(text).sum(),
            f"settings {place}": text.lower().re_search(WORDS["settings"]).sum(),
            f"different {place}": text.nunique(),
        }
    found = rows.aggregate(**asked).to_pandas().iloc[0].fillna(0).astype(int)
    few = {
        name: text
        for place, (name, text) in enumerate(texts.items())
        if found[f"different {place}"] <= LISTED
    }
    words = different_words(rows, few)
    sums = {}
    for place, name in enumerate(texts):
        counts = [found[f"{what} {place}"] for what in ("filled", "dated", "refusing", "settings")]
        known = words.get(name, [""] * (LISTED + 1))
        sums[name] = Cells(int(found["rows"]), *map(int, counts), known)
    return sums


def different_words(rows: ir.Table, texts: Mapping[str, ir.StringValue]) -> dict[str, list[str]]:
    """List the different words of each of some columns."""
    if not texts:
        return {}
    lists = {str(place): text.collect(distinct=True) for place, text in enumerate(texts.values())}
    found = rows.aggregate(**lists).to_pandas().iloc[0]
    return {name: sorted(found[str(place)] or ()) for place, name in enumerate(texts)}


def refuses_plainly(text: ir.StringValue) -> ir.BooleanValue:
    """Tell of every cell whether it denies contact in so many words, whatever its column is.

    >>> import ibis
    >>> texts = ibis.memtable({"t": ["pls no more emails!", "no complaints so far"]})["t"]
    >>> refuses_plainly(texts).to_pandas().tolist()
    [True, False]
    """
    return plain_words(text).re_search(WORDS["plain_refusal"])
