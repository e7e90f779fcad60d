"""Leaks are planted one by one, and every one of them must ring."""

import numpy as np
import pandas as pd
import pytest
from scores.studies import CUTS, days, good_studies, poor_studies, served

from coterie import scores
from coterie.scores.samples import Samples
from coterie.statistics import shuffle_band


def noisy(did: pd.Series, rng: np.random.Generator, *, share: float) -> pd.Series:
    """Copy the outcome, wrong for some."""
    return did ^ (rng.random(len(did)) < share)


def copied(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    return {"leak": day["did"] * 1.0}


def nearly_copied(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    return {"leak": noisy(day["did"], rng, share=0.02) * 1.0}


def turned(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    return {"leak": -5.0 * day["did"] + rng.normal(0, 0.5, len(day))}


def blurred(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    return {"leak": day["did"] + rng.normal(0, 0.25, len(day))}


def folded(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    far = rng.choice([-1, 1], len(day)) * (1 + rng.random(len(day)))
    return {"leak": np.where(day["did"], far, rng.uniform(-0.9, 0.9, len(day)))}


def missing(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    return {"leak": np.where(day["did"], np.nan, rng.random(len(day)))}


def halved(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    coin = rng.integers(0, 2, len(day))
    return {"leak": coin * 1.0, "other_leak": (coin ^ day["did"]) * 1.0}


def of_the_future(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    """Count a little of what comes after the day: too weak to be too good alone."""
    return {"frequency": day["frequency"] + (day["did"] & (rng.random(len(day)) < 0.3))}


def served_otherwise(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    """Learn in days what is served in weeks."""
    return {"cadence_days": day["cadence_days"] * 7}


def served_for_few(day: pd.DataFrame, rng: np.random.Generator) -> dict:
    """Compute one person's behaviour in another way."""
    return {"monetary_value": day["monetary_value"] + (np.arange(len(day)) == 7)}


IN_THE_OUTCOME = [copied, nearly_copied, turned, blurred, folded, missing, halved]
IN_THE_PATH = [of_the_future, served_otherwise, served_for_few]
LEAKS = [*IN_THE_OUTCOME, *IN_THE_PATH]


def alarms(leak, seed: int) -> list[str]:
    """Plant a leak on every day, serve behaviours as they should be, and listen."""
    rng = np.random.default_rng(seed)
    clean = days(seed, seed + 100, seed + 200, n_people=1200)
    spoilt = Samples(*[day.assign(**leak(day, rng)) for day in clean])
    anew = served(spoilt if leak in IN_THE_OUTCOME else clean)
    gate = scores.check_sufficiency(spoilt, cuts=CUTS)
    return scores.check_sentinels(spoilt, anew, sufficiency=gate, shuffles=5, seed=seed).alarms


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_a_planted_leak_rings(leak):
    assert alarms(leak, seed=1)


@pytest.mark.slow
def test_fifty_of_fifty_planted_leaks_ring_and_no_clean_study_does():
    caught = [bool(alarms(leak, seed)) for leak in LEAKS for seed in range(2, 7)]
    assert sum(caught) == len(caught) == 50
    clean = [alarms(lambda day, rng: {}, seed) for seed in range(2, 52)]
    assert clean == [[]] * 50


@pytest.mark.slow
def test_the_gate_closes_on_ten_of_ten_poor_studies_and_on_none_of_ten_good_ones():
    used = {"poor": [], "good": []}
    for kind, studies in (("poor", poor_studies()), ("good", good_studies())):
        for samples in studies:
            gate = scores.check_sufficiency(samples, cuts=CUTS)
            trial = scores.evaluate(samples, sufficiency=gate)
            alarm = scores.check_sentinels(samples, served(samples), sufficiency=gate)
            used[kind].append(scores.decide(gate, trial, alarm).model)
    assert used == {"poor": [False] * 10, "good": [True] * 10}


def test_with_few_people_chance_has_a_wider_band():
    few, many = ([True] * n + [False] * n for n in (100, 3000))
    assert shuffle_band(few, shuffles=20) > 0.02
    assert shuffle_band(many, shuffles=20) == 0.02


def test_an_alarm_closes_the_gate():
    samples = days(1, 2, 3)
    gate = scores.check_sufficiency(samples, cuts=CUTS)
    trial = scores.evaluate(samples, sufficiency=gate, resamples=20)
    moved = served(samples).assign(frequency=lambda rows: rows["frequency"] + 1)
    found = scores.check_sentinels(samples, moved, sufficiency=gate, shuffles=2)
    assert found.n_moved == 1500
    assert not scores.decide(gate, trial, found).model
