"""A forecast is fitted on one day, judged on a later one, and made only where data carry it."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie import scores
from coterie.scores.forecasts.forecast import fit_forecast, predict
from coterie.study import DataError

DAY = date(2026, 7, 1)
CUTS = scores.Cuts(DAY, DAY, DAY, horizon_days=28, lookback_days=120, history_days=180)


def world(*, seed: int, n_people: int = 1500, strength: float = 1.5) -> pd.DataFrame:
    """Make people whose probability of the outcome depends on how often they ordered."""
    rng = np.random.default_rng(seed)
    frequency = rng.poisson(2, n_people).astype(float)
    odds = -2 + strength * (frequency - 2) / np.sqrt(2)
    return pd.DataFrame(
        {
            "person_id": [f"p{i}" for i in range(n_people)],
            "frequency": frequency,
            "cadence_days": np.where(frequency > 1, rng.exponential(9, n_people), np.nan),
            "engagement": rng.normal(size=n_people),
            "did": rng.random(n_people) < 1 / (1 + np.exp(-odds)),
            "probability": 1 / (1 + np.exp(-odds)),
        }
    )


def behaviours(people: pd.DataFrame) -> pd.DataFrame:
    return people.drop(columns="probability")


@pytest.fixture(scope="module")
def trial() -> scores.Trial:
    fitted_on, judged_on = behaviours(world(seed=1)), behaviours(world(seed=2))
    gate = scores.check_sufficiency(fitted_on, judged_on, cuts=CUTS)
    return scores.evaluate(fitted_on, judged_on, sufficiency=gate, resamples=60, shuffles=20)


def test_the_forecast_finds_what_was_planted_and_beats_the_base_rate(trial):
    assert trial.measure("auc").low > 0.7
    assert trial.gain.low > 0
    assert trial.measure("calibration_error").value < 0.03
    assert trial.measure("log_loss").value < trial.measure("log_loss", "base rate").value


def test_nothing_is_found_in_shuffled_outcomes(trial):
    assert abs(trial.shuffled.value - 0.5) < 0.02


def test_forecasts_come_close_to_the_probabilities_that_were_planted():
    forecast = fit_forecast(behaviours(world(seed=1, n_people=4000)), settings={})
    new = world(seed=3)
    found = predict(forecast, behaviours(new))
    assert np.abs(found - new["probability"]).mean() < 0.03


def test_a_forecast_without_lift_is_not_used():
    parts = [behaviours(world(seed=seed, strength=0.0)) for seed in (1, 2)]
    gate = scores.check_sufficiency(*parts, cuts=CUTS)
    found = scores.evaluate(*parts, sufficiency=gate, resamples=60, shuffles=2)
    decision = scores.decide(gate, found)
    assert gate.enough
    assert decision.reasons == ["no lift over the base rate on days it never saw"]
    assert scores.fit_final(parts[0], decision=decision, settings={}).kind == "none"


@pytest.mark.parametrize(
    ("n_with", "n_without", "days", "missing"),
    [
        (100, 100, 84, ""),
        (99, 400, 84, "fewer than 100 people with the outcome"),
        (400, 99, 84, "fewer than 100 people without it"),
        (100, 100, 83, "fewer than 84 days of recorded history"),
    ],
)
def test_the_gate_opens_at_a_hundred_people_a_side_and_three_windows(
    n_with, n_without, days, missing
):
    people = pd.DataFrame({"did": [True] * n_with + [False] * n_without})
    gate = scores.check_sufficiency(people, people, cuts=CUTS._replace(history_days=days))
    assert gate.enough == (not missing)
    assert missing in "; ".join(gate.reasons)


def test_behind_a_closed_gate_nothing_is_fitted_and_nobody_gets_a_score():
    few = behaviours(world(seed=1, n_people=60))
    gate = scores.check_sufficiency(few, few, cuts=CUTS)
    found = scores.evaluate(few, few, sufficiency=gate)
    decision = scores.decide(gate, found)
    about = scores.settings_of(CUTS, verb="purchase")
    forecast = scores.fit_final(few, decision=decision, settings=about)
    table = scores.score_people(forecast, few, as_of=DAY)
    assert found.measures.empty
    assert np.isnan(found.measure("auc").value)
    assert decision.sentence.startswith("Do not model: fewer than 100 people")
    assert table.empty
    assert list(table) == ["person_id", "score", "value", "low", "high", "decile", "as_of"]


def test_columns_that_learned_from_the_judging_days_are_withheld():
    people = behaviours(world(seed=1)).assign(engagement=lambda f: f["did"] * 1.0)
    forecast = fit_forecast(people, settings={})
    assert forecast.settings["features"] == ["frequency", "cadence_days"]


def test_a_behaviour_that_has_seen_the_outcome_raises_the_alarm():
    parts = [behaviours(world(seed=s)).assign(leaked=lambda f: f["did"] * 1.0) for s in (1, 2)]
    gate = scores.check_sufficiency(*parts, cuts=CUTS)
    found = scores.evaluate(*parts, sufficiency=gate, resamples=2, shuffles=2)
    assert found.too_good == ["leaked"]


def test_a_stored_forecast_says_the_same_when_read_back():
    people = behaviours(world(seed=1))
    about = scores.settings_of(CUTS, verb="purchase")
    forecast = fit_forecast(people, settings=about)
    again = scores.from_model(scores.to_model(forecast))
    assert (predict(again, people) == predict(forecast, people)).all()


def test_people_further_out_than_anybody_before_do_not_pull_the_forecast_along():
    forecast = fit_forecast(behaviours(world(seed=1)), settings={})
    ends = pd.DataFrame({"frequency": [50.0, 5000.0], "cadence_days": [5.0, 5.0]})
    one, other = predict(forecast, ends)
    assert one == other


def test_a_missing_behaviour_is_named():
    forecast = fit_forecast(behaviours(world(seed=1)), settings={})
    with pytest.raises(DataError, match="frequency"):
        predict(forecast, pd.DataFrame({"cadence_days": [1.0]}))


def test_scores_are_ranked_into_tenths_and_dated():
    people = behaviours(world(seed=1))
    about = scores.settings_of(CUTS, verb="purchase")
    table = scores.score_people(
        fit_forecast(people, settings=about), people.drop(columns="did"), as_of=DAY
    )
    means = table.groupby("decile")["value"].mean()
    assert means.is_monotonic_increasing
    assert set(table["score"]) == {"purchase_probability"}
    assert set(table["as_of"]) == {pd.Timestamp(DAY)}
    assert table["person_id"].is_unique


def test_all_three_days_look_back_equally_far_and_stragglers_make_no_history():
    recorded = pd.date_range("2026-03-01", "2026-06-30", freq="6h")
    at = [pd.Timestamp("2019-01-01"), *recorded, pd.Timestamp("2026-08-01")]
    cuts = scores.plan_cuts(ibis.memtable({"at": at}), as_of=DAY, horizon_days=28)
    assert cuts.fit_on == date(2026, 5, 6)
    assert cuts.judge_on == date(2026, 6, 3)
    assert 118 <= cuts.history_days <= 122
    assert cuts.lookback_days == cuts.history_days - 56


def test_without_any_event_there_is_no_history():
    nothing = ibis.memtable(pd.DataFrame({"at": pd.to_datetime([])}))
    cuts = scores.plan_cuts(nothing, as_of=DAY, horizon_days=28)
    assert cuts.history_days == 0
