"""Tables for readers: one great-tables chain, the title states the finding."""

import zlib
from collections.abc import Mapping

import pandas as pd
from great_tables import GT, loc, style

Words = Mapping[str, str]


class TitledTable(GT):
    """A table that calls itself by its title where only text can be shown."""

    def __repr__(self) -> str:
        return str(self._heading.title)


def table(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    formats: Words | None = None,
    labels: Words | None = None,
) -> TitledTable:
    """Show a small frame as a titled table; missing values read as a dash.

    `formats` are Python formats by column, like `{"share": ".1%"}`; `labels` are headings.
    """
    formats = dict.fromkeys(frame.select_dtypes("floating"), ",.3g") | dict(formats or {})
    names = {column: str(column).replace("_", " ") for column in frame.columns} | dict(labels or {})
    shown = {
        column: [written(value, formats.get(column, "")) for value in frame[column]]
        for column in frame.columns
    }
    same_id = f"t{zlib.crc32(title.encode())}"  # the same when rerun
    return (
        TitledTable(pd.DataFrame(shown, dtype=object), id=same_id)
        .tab_header(title=title, subtitle=subtitle or None)
        .cols_label(**names)
        .cols_align("left")
        .cols_align("right", columns=list(frame.select_dtypes(["number", "bool"])))
        .tab_style(style.text(weight="bold"), loc.column_labels())
        .tab_options(
            table_font_size="14px",
            heading_align="left",
            table_margin_left="0px",
            table_font_names="inherit",
        )
    )


def written(value: object, form: str) -> str:
    """Write a value in its format; words stay words, nothing is a dash.

    The format `points` is for a difference of two shares.

    >>> written(0.123, ".0%"), written(0.0312, "points"), written(True, "")
    ('12%', '+3.1 points', 'yes')
    >>> written("none", ".0%"), written(None, "")
    ('none', '—')
    """
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | list | dict):
        return str(value)
    return f"{100 * value:+.1f} points" if form == "points" else format(value, form)
