"""How an outcome of an experiment, and what changed of it, is written in its own unit."""

import pandas as pd

from coterie.experiments import Metric

NUMBERS = {"share": ".1%", "mean": ",.2f", "ratio": ".3f", "quantile": ",.2f"}
DIFFERENCES = ("effect", "low", "high")
UNITS = {
    "share": "share of people",
    "mean": "a person",
    "ratio": "acts over acts",
    "quantile": "of that quantile",
}


def points(value: float) -> str:
    """Write a difference of shares.

    >>> points(0.0312)
    '+3.1'
    """
    return f"{100 * value:+.1f}"


def number(value: float, kind: str, column: str) -> str:
    """Write an outcome in its own unit, a difference with its sign.

    >>> number(0.1064, "share", "arm_mean"), number(0.77, "mean", "effect")
    ('10.6%', '+0.77')
    """
    if pd.isna(value):
        return "—"
    if column in DIFFERENCES:
        return f"{points(value)} points" if kind == "share" else format(value, "+,.3g")
    return format(value, NUMBERS[kind])


def span(value: float, low: float, high: float, kind: str) -> str:
    """Write a difference and its interval; without one, the difference alone.

    >>> span(0.1, 0.051, 0.145, "share"), span(12.0, 3.5, 20.25, "quantile")
    ('+10.0 points (+5.1 to +14.5)', '+12 (+3.5 to +20.2)')
    """
    said = number(value, kind, "effect")
    if pd.isna(low):
        return said
    ends = [points(end) if kind == "share" else number(end, kind, "low") for end in (low, high)]
    return f"{said} ({' to '.join(ends)})"


def size(value: float, kind: str) -> str:
    """Write how large a rise is, without a sign.

    >>> size(0.1, "share"), size(2.5, "mean")
    ('10.0 points', '2.5')
    """
    return f"{100 * value:.1f} points" if kind == "share" else format(value, ",.3g")


def outcome(metric: Metric) -> str:
    """Name an outcome: a share by its act, all else by its name and what is taken of it.

    >>> outcome(Metric("visit", "share", "view")), outcome(Metric("spend", "mean", "purchase"))
    ('view', 'spend (mean)')
    >>> outcome(Metric("spend", "quantile", quantile=0.5))
    'spend (median)'
    """
    if metric.kind == "share":
        return metric.verb or metric.name
    if metric.kind == "quantile" and metric.quantile != 0.5:
        return f"{metric.name} ({100 * metric.quantile:g} % quantile)"
    return f"{metric.name} ({'median' if metric.kind == 'quantile' else metric.kind})"
