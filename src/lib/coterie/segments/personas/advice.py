"""Where and when to meet a segment, and what to try: rules of thumb, each on one figure."""

from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml

from coterie.segments.continuity.lint import lint_text
from coterie.study import DataError
from coterie.wording import figure, trait_label

RULES = yaml.safe_load((Path(__file__).parent / "personas.yml").read_text(encoding="utf-8"))
TOP = 3  # platforms
RECOMMENDED = 110  # index from which a platform or a window is where to meet a segment
WINDOW = 3  # hours
INTEREST = "inferred_interest_"


class Advice(NamedTuple):
    """One thing to try or to leave, and the figure it rests on."""

    text: str
    rests_on: str
    grade: str = "D"  # described, not tested


def advise(
    traits: pd.DataFrame,
    channels: pd.DataFrame,
    hours: pd.DataFrame,
    *,
    kind: str,
    rules: dict = RULES,
) -> list[Advice]:
    """Look up what to try (`kind` "do") or to leave ("dont"), each with the figure it rests on.

    Traits that stand out, channels and hours take turns.

    Parameters
    ----------
    traits, channels, hours
        As in a `Persona`.

    Raises
    ------
    DataError
        Naming the phrase, when a rule's sentence breaks a rule of `lint_text`.
    """
    lists = _by_trait(traits, kind, rules), _by_index(channels, kind, rules["channels"])
    found = {}
    for advice in chain.from_iterable(zip_longest(*lists, _by_index(hours, kind, rules["hours"]))):
        if advice:
            found.setdefault(check_phrase(advice.text, where="personas.yml"), advice)
    return list(found.values())


def busiest_channels(channels: pd.DataFrame, *, min_people: int = 50) -> pd.DataFrame:
    """List the three platforms with most of a segment's events: `platform`, `share`, `index`.

    >>> seen = pd.DataFrame(
    ...     {"platform": ["x", "web"], "n_people": [60, 49], "share": [0.3, 0.7], "everyone": 0.2}
    ... )
    >>> busiest_channels(seen).values.tolist()
    [['x', 0.3, 150.0]]
    """
    seen = channels[
        (channels["n_people"] >= min_people) & (channels["share"] > 0) & (channels["everyone"] > 0)
    ]
    seen = seen[seen["platform"].map(passes).astype(bool)]
    top = seen.sort_values(["share", "platform"], ascending=[False, True], ignore_index=True).head(
        TOP
    )
    return top.assign(index=(100 * top["share"] / top["everyone"]).round(6))[
        ["platform", "share", "index"]
    ]


def recommended(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the platforms, or windows, that a segment uses more than everybody does.

    >>> recommended(pd.DataFrame({"platform": ["x", "web"], "index": [150.0, 96.0]}))
      platform  index
    0        x  150.0
    """
    return rows[rows["index"] >= RECOMMENDED]


def best_hours(hours: pd.DataFrame, *, min_people: int = 50) -> pd.DataFrame:
    """Find the three hours in a row with most of the segment's events: `window`, `share`, `index`.

    There is no row when the hours are unknown. A window counts when one of its hours alone was used
    by `min_people` members; midnight is no border.

    Raises
    ------
    DataError
        For an hour outside 0 to 23, or twice.

    >>> events = pd.DataFrame(
    ...     {
    ...         "hour": [22, 23, 0, 9],
    ...         "n_people": 80,
    ...         "share": [0.2, 0.2, 0.4, 0.2],
    ...         "everyone": 0.25,
    ...     }
    ... )
    >>> best_hours(events).round(2).values.tolist()
    [['22:00 to 01:00 UTC', 0.8, 106.67]]
    """
    if not set(hours["hour"]) <= set(range(24)) or hours["hour"].duplicated().any():
        raise DataError("hours: each hour stands once, from 0 to 23.")
    day = (
        hours.set_index("hour")[["n_people", "share", "everyone"]]
        .reindex(range(24))
        .fillna(0)
        .astype(float)
    )
    turned = np.stack([np.roll(day.to_numpy(), -later, axis=0) for later in range(WINDOW)])
    share = turned[:, :, 1].sum(axis=0).round(9)
    everyone = turned[:, :, 2].sum(axis=0)
    share[turned[:, :, 0].max(axis=0) < min_people] = 0
    start = int(share.argmax())
    window = f"{start:02d}:00 to {(start + WINDOW) % 24:02d}:00 UTC"
    known = share[start] > 0 and everyone[start] > 0
    rows = [(window, share[start], 100 * share[start] / everyone[start])] if known else []
    return pd.DataFrame(rows, columns=["window", "share", "index"])


def passes(text: str) -> bool:
    """Say whether a text may stand on a card.

    >>> passes("food"), passes("health")
    (True, False)
    """
    return not lint_text(str(text))


def check_phrase(phrase: str, *, where: str) -> str:
    """Give a phrase back, or raise `DataError` naming it and the rule of `lint_text` it breaks."""
    if problems := lint_text(phrase):
        raise DataError(f"{where} says {phrase!r}: {problems[0]}")
    return phrase


def _by_trait(traits: pd.DataFrame, kind: str, rules: dict) -> Iterator[Advice]:
    for row in traits[traits["stands_out"]].itertuples():
        rule = (
            rules["interests"]
            if row.trait.startswith(INTEREST)
            else rules["traits"].get(row.trait, {})
        )
        if text := rule.get("high" if row.difference > 0 else "low", {}).get(kind):
            figures = f"{trait_label(row.trait)} {figure(row.mean)} against {figure(row.everyone)}"
            yield Advice(text.format(words=row.words), figures)


def _by_index(rows: pd.DataFrame, kind: str, rules: dict) -> Iterator[Advice]:
    for row in rows.to_dict("records"):
        for side, rule in rules.items():
            reached = (
                row["index"] >= rule["index"] if side == "over" else row["index"] <= rule["index"]
            )
            if reached and kind in rule:
                yield Advice(
                    rule[kind].format(**row),
                    f"{next(iter(row.values()))}, index {row['index']:.0f}",
                )
