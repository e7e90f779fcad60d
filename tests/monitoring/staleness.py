"""A world of steady acts, in which what an old list loses can be written down."""

from datetime import date

import numpy as np
import pandas as pd

DAY = date(2026, 7, 1)


def poisson_log(rng, *, people: int, rates: dict[str, float], days: int = 45) -> pd.DataFrame:
    """Draw acts of each verb at a steady rate a day, everybody alike."""
    seconds = days * 86_400
    parts = []
    for verb, rate in rates.items():
        n = rng.poisson(rate * days, people)
        who = np.repeat(np.arange(people), n).astype(str)
        at = pd.Timestamp(DAY) - pd.to_timedelta(rng.integers(0, seconds, n.sum()), "s")
        parts.append(pd.DataFrame({"person_id": who, "verb": verb, "at": at}))
    return pd.concat(parts, ignore_index=True)


def lost_in_theory(rate: float, window: float, period: float) -> float:
    """The share of moments in which a list of who acted within `window` days is wrong.

    Acts are Poisson of a rate a day, moments independent of them. A list made `age` days ago is
    wrong about who acted since and not before (missed), and about whose last act the window has
    passed since (kept): both of exp(-rate * window) * (1 - exp(-rate * age)) while age < window.
    """
    age = np.linspace(0, period, 20_001)[:-1] + period / 40_000
    short = 2 * np.exp(-rate * window) * (1 - np.exp(-rate * age))
    quiet = np.exp(-rate * window)  # older than the window: what was and what is are independent
    return float(np.where(age < window, short, 2 * quiet * (1 - quiet)).mean())
