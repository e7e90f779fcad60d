"""Are there enough people and days for a forecast? Asked before anything is fitted."""

from typing import NamedTuple

import pandas as pd

from coterie.scores.cuts import Cuts
from coterie.scores.samples import Samples, usable

MIN_OUTCOMES = 100  # people on either side: fewer, and an interval says nothing
MIN_WINDOWS = 3  # horizons of history: one to see, one to fit on, one to judge on


class Sufficiency(NamedTuple):
    """Whether a forecast may be fitted, and every reason why not."""

    checks: pd.DataFrame  # one row a requirement: check, counts (people or days), need, have, met

    @property
    def enough(self) -> bool:
        """Say whether every requirement is met."""
        return bool(self.checks["met"].all())

    @property
    def reasons(self) -> list[str]:
        """Name what is missing, without saying how few people there are."""
        missing = self.checks[~self.checks["met"]]
        return [f"fewer than {row.need} {row.counts} {row.check}" for row in missing.itertuples()]

    @property
    def needed(self) -> list[str]:
        """Say what would have to be there; days are counted on, people are not."""
        missing = self.checks[~self.checks["met"]]
        days = missing["counts"] == "days"
        more = (missing["need"] - missing["have"]).map(" ({} more)".format).where(days, "")
        return [
            f"{row.need} {row.counts} {row.check}{extra}"
            for row, extra in zip(missing.itertuples(), more, strict=True)
        ]


def requirements(rows: list[tuple[str, str, int, int]]) -> Sufficiency:
    """Hold what there is against what is needed: check, counts, need, have.

    >>> requirements([("of history", "days", 84, 41)]).needed
    ['84 days of history (43 more)']
    """
    checks = pd.DataFrame(rows, columns=["check", "counts", "need", "have"])
    return Sufficiency(checks.assign(met=checks["have"] >= checks["need"]))


def check_sufficiency(samples: Samples, *, cuts: Cuts) -> Sufficiency:
    """Ask whether there are enough people with and without the outcome, and enough history.

    Both days need at least 100 people on either side, the record must be three outcome windows
    long, and some behaviour has to differ between people. `did` is the outcome.

    >>> from datetime import date
    >>> day, few = date(2026, 7, 1), pd.DataFrame({"did": [True, False]})
    >>> cuts = Cuts(day, day, day, 28, 60, 61)
    >>> check_sufficiency(Samples(few, few, few), cuts=cuts).reasons[-2]
    'fewer than 84 days of recorded history'
    """
    fitted, judged = samples.fitted_on["did"], samples.judged_on["did"]
    people = [
        ("with the outcome, to fit on", fitted.sum()),
        ("without it, to fit on", (~fitted).sum()),
        ("with the outcome, to judge on", judged.sum()),
        ("without it, to judge on", (~judged).sum()),
    ]
    rows = [(check, "people", MIN_OUTCOMES, int(have)) for check, have in people]
    days = ("of recorded history", "days", MIN_WINDOWS * cuts.horizon_days, cuts.history_days)
    apart = ("that differ between people", "behaviours", 1, len(usable(samples.fitted_on)))
    return requirements([*rows, days, apart])
