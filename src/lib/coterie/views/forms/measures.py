"""How measures of several forecasts are laid out, wherever they are shown."""

import pandas as pd

from coterie.statistics import Interval

TOO_FEW = "too few to show"


def wide_measures(measures: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Lay measures out, one row a measure and one column a forecast, as they came."""
    cells = [f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})" for row in measures.itertuples()]
    wide = measures.assign(cell=cells).pivot(index="measure", columns="forecast", values="cell")
    return wide.loc[list(names), measures["forecast"].unique()].rename(index=names).reset_index()


def with_interval(found: Interval, form: str) -> str:
    """Write an estimate with its interval."""
    return f"{found.value:{form}} ({found.low:{form}} to {found.high:{form}})"
