"""Tables for readers: one great-tables chain, the title states the finding."""

import math
from collections.abc import Mapping

import pandas as pd
from great_tables import GT, loc, style

MISSING = "–"


def table(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str | None = None,
    formats: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> GT:
    """Show a small frame as a titled table; missing values read as a dash.

    Parameters
    ----------
    formats
        Column to Python format, like `{"share": ".1%"}`; `",.0f"` groups thousands.
    labels
        Column to heading; by default underscores become spaces.
    """
    formats = dict.fromkeys(frame.select_dtypes("floating"), ",.3g") | dict(formats or {})
    shown = frame.astype(object).copy()
    for column in frame.columns:
        shown[column] = [formatted(value, formats.get(column)) for value in frame[column]]
    names = {column: str(column).replace("_", " ") for column in frame.columns} | dict(labels or {})
    numbers = [c for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
    return (
        GT(shown, id="t" + str(abs(hash_text(title)))[:8])
        .tab_header(title=title, subtitle=subtitle)
        .cols_label(**names)
        .cols_align("left")
        .cols_align("right", columns=numbers)
        .tab_style(style.text(weight="bold"), loc.column_labels())
        .tab_options(table_font_size="14px", heading_align="left", table_margin_left="0px", table_font_names="inherit")
    )


def formatted(value: object, pattern: str | None) -> str:
    """Write one cell.

    >>> formatted(0.123, ".0%"), formatted(float("nan"), ".0%"), formatted(True, None)
    ('12%', '–', 'yes')
    """
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format(value, pattern) if pattern else str(value)


def hash_text(text: str) -> int:
    """Number a text the same way in every process, so that a table keeps its id when rerun.

    >>> hash_text("a") == hash_text("a")
    True
    """
    return int.from_bytes(text.encode()[:64].ljust(8, b"0"), "big") % 10**8
