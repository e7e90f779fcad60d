"""The grid tried: borders chosen on an earlier day and judged on a later one, beside the defaults.

Who converts is known after both days. The later day's outcomes are seen by no choice.
"""

from datetime import date, timedelta
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.rules.grid.signals import signals
from coterie.rules.grid.thresholds import MINUTES, Cells, Thresholds, best, place
from coterie.statistics import Interval, clustered_difference, mean_interval, share_intervals
from coterie.statistics.intervals import UNKNOWN
from coterie.windows import as_of_window, outcomes, seen_days

CELL = [
    "thresholds",
    "intent_level",
    "engagement_level",
    "n_people",
    "n_converted",
    "share",
    "low",
    "high",
]
CELL += ["lift"]
DEFAULT, CHOSEN = "default", "chosen"
LEVELS = {0: "low", 1: "high"}
MIN_SIDE = 100  # people with the outcome, and without it, from whom anything is learned
PRIOR = 10.0  # imaginary people at the mean in every cell, so that a small one is not certain


class Grid(NamedTuple):
    """Intent and engagement of people on the later day, and what became of them."""

    table: pd.DataFrame  # one row a cell and set of thresholds, see the contract `intent_grid`
    chosen: Thresholds  # those that told most on the earlier day
    gain: Interval  # bits a person that the chosen tell more than the defaults, on the later day
    difference: Interval  # of the shares who convert with both high, chosen less default
    judged_on: date  # the later day
    why_not: str  # why nothing could be tried; empty where it was

    @property
    def confirmed(self) -> bool:
        """Whether the chosen thresholds tell more on the later day too."""
        return self.gain.low > 0

    @property
    def gain_told(self) -> Interval | str:
        """The gain, or why there is none."""
        return self.why_not or self.gain

    @property
    def in_force(self) -> str:
        """Say which thresholds stand: the chosen ones where they were confirmed."""
        return CHOSEN if self.confirmed else DEFAULT

    @property
    def borders(self) -> list[str]:
        """Write the default and the chosen thresholds out."""
        return [str(Thresholds()), str(self.chosen)]

    @property
    def cells(self) -> pd.DataFrame:
        """The cells under the thresholds that stand."""
        return self.table[self.table["thresholds"] == self.in_force]


class Day(NamedTuple):
    """One day: what was seen before it, and who converted after it."""

    signals: pd.DataFrame
    converted: np.ndarray


def try_grid(
    events: ir.Table, *, conversion: str, as_of: date, horizon_days: int, lookback_days: int = 90
) -> Grid:
    """Choose the borders of the grid on one day and judge them on a later one.

    Both days have a whole outcome window before `as_of`. The measure is how much the four cells
    tell of who converts; that the chosen ones do better is not believed unless the interval of
    their gain on the later day excludes zero.

    Parameters
    ----------
    conversion
        The act that counts as converting.
    """
    judged_on = as_of - timedelta(days=horizon_days)
    chosen_on = judged_on - timedelta(days=horizon_days)
    reach = seen_days(events, as_of=chosen_on, lookback_days=lookback_days)
    why_not = missing_acts(events, as_of=as_of)
    if not why_not and reach < horizon_days:
        why_not = f"the record begins less than {horizon_days} days before the earlier day"
    if why_not:
        return untried(why_not, judged_on)
    options = {"conversion": conversion, "horizon_days": horizon_days, "days": reach}
    earlier = day_of(events, as_of=chosen_on, **options)
    later = day_of(events, as_of=judged_on, **options)
    fewest = min(min(day.converted.sum(), (1 - day.converted).sum()) for day in (earlier, later))
    if fewest < MIN_SIDE:
        few = f"fewer than {MIN_SIDE} people converted, or did not, after one of the two days"
        return untried(few, judged_on)
    borders = best(*earlier, lookback_days=reach)
    return judged(earlier, later, borders, judged_on=judged_on)


def missing_acts(events: ir.Table, *, as_of: date) -> str:
    """Say which acts the grid needs and the record lacks; empty where it has them."""
    verbs = as_of_window(events, as_of=as_of).select("verb").distinct().to_pandas()["verb"]
    needed = {"view": "no page view", "add": "no basket that was filled"}
    lacking = [words for verb, words in needed.items() if verb not in set(verbs)]
    return f"{' and '.join(lacking)} is logged" if lacking else ""


def untried(why: str, judged_on: date) -> Grid:
    """Lay out the grid of a study that has none."""
    return Grid(pd.DataFrame(columns=CELL), Thresholds(), UNKNOWN, UNKNOWN, judged_on, why)


def day_of(events: ir.Table, *, conversion: str, as_of: date, horizon_days: int, days: int) -> Day:
    """See what people did before a day, and who converted in the horizon after it."""
    seen = signals(events, as_of=as_of, days=days, minutes=MINUTES)
    done = outcomes(events, verb=conversion, as_of=as_of, horizon_days=horizon_days)
    told = seen.left_join(done.select("person_id", "n"), "person_id").order_by("person_id")
    rows = told.drop("person_id_right").to_pandas()
    return Day(rows.drop(columns="n"), rows["n"].notna().to_numpy(int))


def judged(earlier: Day, later: Day, borders: Thresholds, *, judged_on: date) -> Grid:
    """Judge borders on the later day, beside the default ones."""
    sets = {DEFAULT: Thresholds(), CHOSEN: borders}
    cells = {name: place(later.signals, own) for name, own in sets.items()}
    scores = {
        name: log_score(
            place(earlier.signals, own), earlier.converted, cells[name], later.converted
        )
        for name, own in sets.items()
    }
    both = {name: (own.number == 3).astype(int) for name, own in cells.items()}
    hits = {name: top * later.converted for name, top in both.items()}
    return Grid(
        pd.concat(
            [cell_rows(name, own, later.converted) for name, own in cells.items()],
            ignore_index=True,
        ),
        borders,
        mean_interval(scores[CHOSEN] - scores[DEFAULT]),
        clustered_difference((hits[CHOSEN], both[CHOSEN]), (hits[DEFAULT], both[DEFAULT])),
        judged_on,
        "",
    )


def log_score(before: Cells, outcome: np.ndarray, now: Cells, converted: np.ndarray) -> np.ndarray:
    """Score the shares of the earlier day as forecasts of the later, in bits, one entry a person.

    References
    ----------
    Gneiting and Raftery (2007), "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA.
    """
    n = np.bincount(before.number, minlength=4)
    hits = np.bincount(before.number, outcome, minlength=4)
    share = ((hits + PRIOR * outcome.mean()) / (n + PRIOR))[now.number]
    return np.log2(np.where(converted == 1, share, 1 - share))


def cell_rows(name: str, cells: Cells, converted: np.ndarray) -> pd.DataFrame:
    """Count the people and the conversions of each cell, with the share and its interval."""
    rows = pd.DataFrame({"cell": cells.number, "converted": converted})
    grouped = rows.groupby("cell")["converted"].agg(["size", "sum"]).reindex(range(4), fill_value=0)
    intervals = share_intervals(grouped["sum"], grouped["size"])
    return pd.DataFrame(
        {
            "thresholds": name,
            "intent_level": [LEVELS[cell // 2] for cell in grouped.index],
            "engagement_level": [LEVELS[cell % 2] for cell in grouped.index],
            "n_people": grouped["size"],
            "n_converted": grouped["sum"],
            **intervals.rename(columns={"value": "share"}),
            "lift": intervals["value"] / converted.mean(),
        }
    )[CELL]
