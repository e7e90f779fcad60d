"""Identifiers that identify nobody: placeholders, and numbers that a spreadsheet spoilt."""

from pathlib import Path

import ibis.expr.types as ir
import yaml

WORDS = yaml.safe_load(Path(__file__).with_name("placeholders.yml").read_text(encoding="utf-8"))
SCIENTIFIC = r"^[+-]?\d(?:\.\d+)?[eE]\+?\d{2,}$"  # 1.93E+18: the digits behind are lost
WHOLE_FLOAT = r"^\d+\.0$"


def is_placeholder(text: ir.StringValue) -> ir.BooleanValue:
    """Say whether an identifier is a word for nobody.

    >>> import ibis
    >>> text = ibis.memtable({"t": ["[deleted]", "NaN", "noreply@shop.org", "ana", "none_99"]})["t"]
    >>> is_placeholder(text).to_pandas().tolist()
    [True, True, True, False, False]
    """
    folded = text.strip().lower()
    found = folded.isin([*WORDS["empty"], *WORDS["nobody"]])
    for pattern in WORDS["nobody_patterns"]:
        found = found | folded.re_search(pattern)
    return found


def is_scientific(text: ir.StringValue) -> ir.BooleanValue:
    """Say whether an identifier is a number that lost its last digits.

    >>> import ibis
    >>> is_scientific(ibis.memtable({"t": ["1.93E+18", "1930000000000000000"]})["t"]).to_list()
    [True, False]
    """
    return text.re_search(SCIENTIFIC)


def is_whole_float(text: ir.StringValue) -> ir.BooleanValue:
    """Say whether a whole number is written as 101.0; where a whole column is, it means 101."""
    return text.re_search(WHOLE_FLOAT)


def without_empties(text: ir.StringValue) -> ir.StringValue:
    """Make a word that says nothing was stated missing.

    >>> import ibis
    >>> without_empties(ibis.memtable({"t": ["NULL", "nan", "7"]})["t"]).to_pyarrow().to_pylist()
    [None, None, '7']
    """
    return text.lower().isin(WORDS["empty"]).ifelse(None, text)
