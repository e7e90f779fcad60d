"""People whose outcomes depend on their behaviour as planted, and leaks to plant in them."""

from datetime import date

import numpy as np
import pandas as pd

from coterie import scores
from coterie.scores.samples import Samples

DAY = date(2026, 7, 1)
CUTS = scores.Cuts(DAY, DAY, DAY, horizon_days=28, lookback_days=120, history_days=180)


def world(*, seed: int, n_people: int = 1500, strength: float = 1.5) -> pd.DataFrame:
    """Make people whose probability of the outcome depends on how often they ordered."""
    rng = np.random.default_rng(seed)
    frequency = rng.poisson(2, n_people).astype(float)
    odds = -2 + strength * (frequency - 2) / np.sqrt(2)
    did = rng.random(n_people) < 1 / (1 + np.exp(-odds))
    monetary = np.where(frequency > 0, rng.gamma(4, 10, n_people), 0.0)
    return pd.DataFrame(
        {
            "person_id": [f"p{i}" for i in range(n_people)],
            "frequency": frequency,
            "cadence_days": np.where(frequency > 1, rng.exponential(9, n_people), np.nan),
            "evening_share": rng.random(n_people),
            "monetary_value": monetary,
            "engagement": rng.normal(size=n_people),
            "did": did,
            "brought": np.where(did, np.maximum(monetary, 20.0), 0.0),
            "probability": 1 / (1 + np.exp(-odds)),
        }
    )


def days(*seeds: int, **knobs: float) -> Samples:
    """See a world on two or three days, the oldest first."""
    frames = [world(seed=seed, **knobs).drop(columns="probability") for seed in seeds]
    return scores.samples_of(frames)


def served(samples: Samples) -> pd.DataFrame:
    """Compute the judging day's behaviours anew; here they are what they were."""
    return samples.judged_on.drop(columns=["did", "brought"])


def poor_studies() -> list[Samples]:
    """Make ten studies from which nothing should be forecast, for reasons of three kinds."""
    few = [
        days(seed, seed + 50, seed + 90, n_people=n) for seed, n in ((1, 60), (2, 150), (3, 350))
    ]
    rare = [_thin(days(seed, seed + 50, seed + 90), keep=0.1) for seed in (4, 5)]
    common = [_flip(_thin(days(seed, seed + 50, seed + 90), keep=0.1)) for seed in (6, 7)]
    idle = [days(seed, seed + 50, seed + 90, strength=0.0) for seed in (8, 9, 10)]
    return [*few, *rare, *common, *idle]


def good_studies() -> list[Samples]:
    """Make ten studies that carry a forecast, some of them a weak one."""
    strengths = (0.5, 0.6, 0.7, 0.8, 1.0, 1.0, 1.2, 1.5, 1.5, 2.0)
    return [
        days(seed, seed + 50, seed + 90, n_people=2000, strength=strength)
        for seed, strength in enumerate(strengths, start=20)
    ]


def _thin(samples: Samples, *, keep: float) -> Samples:
    """Let only few of those who did it have done it."""
    rng = np.random.default_rng(0)
    return Samples(*[day.assign(did=day["did"] & (rng.random(len(day)) < keep)) for day in samples])


def _flip(samples: Samples) -> Samples:
    """Let nearly everybody have done it."""
    return Samples(*[day.assign(did=~day["did"]) for day in samples])
