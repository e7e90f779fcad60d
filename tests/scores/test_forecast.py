"""A forecast is fitted on one day, judged on a later one, and made only where data carry it."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from scores.studies import CUTS, DAY, days, served, world
from sklearn.metrics import log_loss, roc_auc_score

from coterie import scores
from coterie.scores.explanations.reasons import reasons_of
from coterie.scores.forecasts import choice, folds
from coterie.scores.forecasts.calibration import (
    CALIBRATIONS,
    apply_calibration,
    fit_calibration,
    venn_abers_bounds,
)
from coterie.scores.forecasts.forecast import fit_scorer, log_odds, predict, predict_with_bounds
from coterie.scores.forecasts.measures import measures_of
from coterie.scores.samples import Samples, population_hash
from coterie.study import DataError
from coterie.wording import trait_words

BUYS = scores.propensity("purchase", horizon_days=28)


class Tried:
    """Everything 06 makes of one outcome."""

    def __init__(self, samples: Samples, **options: int) -> None:
        self.samples = samples
        self.gate = scores.check_sufficiency(samples, cuts=CUTS)
        self.trial = scores.evaluate(samples, sufficiency=self.gate, resamples=60)
        self.sentinels = scores.check_sentinels(
            samples, served(samples), sufficiency=self.gate, **options
        )
        self.decision = scores.decide(self.gate, self.trial, self.sentinels)
        self.forecast = scores.fit_final(
            samples.judged_on,
            decision=self.decision,
            trial=self.trial,
            settings=scores.settings_of(CUTS, target=BUYS),
        )


@pytest.fixture(scope="module")
def tried() -> Tried:
    return Tried(days(0, 1, 2))


def test_the_forecast_finds_what_was_planted_and_beats_the_base_rate(tried):
    trial = tried.trial
    assert trial.measure("auc").low > 0.7
    assert trial.gain.low > 0
    assert trial.measure("log_loss").value < trial.measure("log_loss", "base rate").value
    assert tried.decision.sentence.startswith("Model")


def test_nothing_is_found_in_shuffled_outcomes(tried):
    assert abs(tried.sentinels.shuffled.value - 0.5) < 0.02
    assert tried.sentinels.alarms == []


def test_forecasts_come_close_to_the_probabilities_that_were_planted(tried):
    new = world(seed=3)
    found, low, high = predict_with_bounds(tried.forecast, new)
    assert np.abs(found - new["probability"]).mean() < 0.04
    assert ((low <= found) & (found <= high)).all()


def test_nobody_is_judged_by_a_model_that_knew_them():
    samples = days(1, 1)  # the very same people and outcomes on both days
    leak = samples.fitted_on.assign(evening_share=np.arange(1500) % 97)
    grouped = folds.forecast_in_folds(leak, leak, features=["evening_share"], penalty=1.0)
    assert (grouped.early_folds == grouped.late_folds).all()
    assert np.allclose(grouped.early, grouped.late)  # each by the model that left them out
    without = leak[grouped.early_folds != 0]
    scorer = fit_scorer(without, features=["evening_share"], penalty=1.0)
    own = grouped.late_folds == 0
    assert np.allclose(log_odds(scorer, leak[own]), grouped.late[own])


def test_a_person_stands_in_the_same_fold_on_every_day():
    people = pd.Series([f"p{i}" for i in range(1000)])
    one, other = folds.person_folds(people), folds.person_folds(people.iloc[::-1])[::-1]
    assert (one == other).all()
    assert np.bincount(one).min() > 200


def test_the_calibration_is_chosen_on_a_later_day_and_by_convention_without_one(tried):
    assert set(tried.trial.choice.losses["calibration"]) == set(CALIBRATIONS)
    lowest = tried.trial.choice.losses.set_index("calibration")["log_loss"].idxmin()
    assert tried.trial.choice.calibration == lowest
    assert tried.forecast.settings["calibration"] == lowest
    short = choice.choose(tried.samples.chosen_on.head(0), tried.samples.fitted_on)
    assert short.calibration == "line"
    assert short.losses.empty


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_every_calibration_makes_forecasts_come_true_and_keeps_their_order(name):
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 2, 20_000)
    did = (rng.random(20_000) < 1 / (1 + np.exp(-(0.5 * odds - 1)))).astype(int)
    numbers = fit_calibration(name, odds, did)
    at = np.linspace(-3, 3, 7)
    found = apply_calibration(name, numbers, at)
    assert np.abs(found - 1 / (1 + np.exp(-(0.5 * at - 1)))).max() < 0.05
    assert (np.diff(found) >= 0).all()


def test_bounds_are_wide_where_people_are_few():
    rng = np.random.default_rng(0)
    widths = []
    for n in (150, 5000):
        odds = rng.normal(size=n)
        levels, low, high = venn_abers_bounds(odds, rng.random(n) < 1 / (1 + np.exp(-odds)))
        widths.append((high - low).mean())
        assert (np.diff(levels) > 0).all()
    assert widths[0] > 3 * widths[1]


def test_measures_agree_with_scikit_learn_also_when_people_count_often():
    rng = np.random.default_rng(0)
    forecast, did = rng.random(200).round(1).clip(0.05, 0.95), rng.integers(0, 2, 200)
    weights = rng.integers(0, 4, 200).astype(float)
    area, lost, _, _ = measures_of(forecast, did, weights)
    assert area == pytest.approx(roc_auc_score(did, forecast, sample_weight=weights))
    assert lost == pytest.approx(log_loss(did, forecast, sample_weight=weights))


def test_a_forecast_without_lift_is_not_used():
    found = Tried(days(1, 2, strength=0.0), shuffles=2)
    assert found.gate.enough
    assert found.decision.reasons[0] == "no lift over the base rate on days it never saw"
    assert found.forecast.kind == "none"


@pytest.mark.parametrize(
    ("n_with", "n_without", "length", "missing"),
    [
        (100, 100, 84, ""),
        (99, 400, 84, "fewer than 100 people with the outcome"),
        (400, 99, 84, "fewer than 100 people without it"),
        (100, 100, 83, "fewer than 84 days of recorded history"),
    ],
)
def test_the_gate_opens_at_a_hundred_people_a_side_and_three_windows(
    n_with, n_without, length, missing
):
    people = pd.DataFrame({"did": [True] * n_with + [False] * n_without})
    people = people.assign(frequency=range(len(people)))
    samples = Samples(people, people, people)
    gate = scores.check_sufficiency(samples, cuts=CUTS._replace(history_days=length))
    assert gate.enough == (not missing)
    assert missing in "; ".join(gate.reasons)


def test_behind_a_closed_gate_nothing_is_fitted_and_nobody_gets_a_score():
    found = Tried(days(1, 1, n_people=60))
    table = scores.score_people(found.forecast, found.samples.judged_on, as_of=DAY)
    assert found.trial.measures.empty
    assert np.isnan(found.trial.measure("auc").value)
    assert found.decision.sentence.startswith("Do not model: fewer than 100 people")
    assert table.empty
    assert list(table) == ["person_id", "score", "value", "low", "high", "decile", "as_of"]
    assert reasons_of(found.forecast, found.samples.judged_on).empty
    assert scores.contacts_of(found.trial, found.samples, cost=1.0, moved_share=0.1).curve.empty
    rows = scores.permutation_importance(found.trial, found.samples.judged_on["did"])
    assert rows.empty


def test_columns_that_learned_from_the_judging_days_are_withheld(tried):
    assert "engagement" not in tried.forecast.settings["features"]
    assert {"did", "brought"}.isdisjoint(tried.forecast.settings["features"])


def test_a_stored_forecast_says_the_same_when_read_back(tried):
    again = scores.from_model(scores.to_model(tried.forecast))
    people = world(seed=4)
    assert (predict(again, people) == predict(tried.forecast, people)).all()


def test_a_model_knows_whom_it_was_learned_from(tried):
    about = tried.forecast.settings
    people = tried.samples.judged_on
    assert about["population"] == population_hash(people)
    assert about["population"] != population_hash(people.assign(did=~people["did"]))
    assert about["n_people"] == len(people)
    assert about["lookback_days"] == 120
    [card] = scores.score_cards([scores.to_model(tried.forecast)]).to_dict("records")
    assert card["population"] == about["population"]
    assert card["unit"] == "share"


def test_people_further_out_than_anybody_before_do_not_pull_the_forecast_along(tried):
    ends = world(seed=1).head(2).assign(frequency=[50.0, 5000.0], cadence_days=5.0)
    ends = ends.assign(evening_share=0.5, monetary_value=20.0)
    one, other = predict(tried.forecast, ends)
    assert one == other


def test_a_missing_behaviour_is_named(tried):
    with pytest.raises(DataError, match="frequency"):
        predict(tried.forecast, pd.DataFrame({"cadence_days": [1.0]}))


def test_scores_are_ranked_into_tenths_and_dated(tried):
    table = scores.score_people(tried.forecast, world(seed=1), as_of=DAY)
    means = table.groupby("decile")["value"].mean()
    assert means.is_monotonic_increasing
    assert set(table["score"]) == {"purchase_probability"}
    assert set(table["as_of"]) == {pd.Timestamp(DAY)}
    assert table["person_id"].is_unique


def test_what_was_planted_is_what_the_forecast_rests_on(tried):
    rows = scores.permutation_importance(tried.trial, tried.samples.judged_on["did"])
    assert rows["feature"].iloc[0] == "frequency"
    assert rows["low"].iloc[0] > 0
    idle = rows.set_index("feature").loc["evening_share"]
    assert idle["low"] < 0.001


def test_reasons_are_the_behaviours_that_moved_the_score_and_add_up(tried):
    people = world(seed=5)
    table = reasons_of(tried.forecast, people)
    assert table.groupby("person_id").size().eq(3).all()
    top = people.nlargest(1, "frequency")["person_id"].iloc[0]
    first = table[(table["person_id"] == top) & (table["rank"] == 1)].iloc[0]
    assert first["feature"] == "frequency"
    assert first["direction"] == "higher"
    assert first["words"] == trait_words("frequency", high=True)
    shuffled = reasons_of(tried.forecast, people.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(shuffled, table)


def test_contacts_stop_where_the_next_one_costs_more_than_it_brings(tried):
    plan = scores.contacts_of(tried.trial, tried.samples, cost=1.5, moved_share=0.1)
    steps = plan.curve["planned"].diff().dropna()
    after = plan.curve["share"].iloc[1:] > plan.stop
    assert (steps[after] < 0).all()
    assert 0 < plan.stop < 1
    assert plan.planned == pytest.approx(plan.curve["planned"].max())
    assert plan.realised.low < plan.planned < plan.realised.high  # as planted, so it comes
    free = scores.contacts_of(tried.trial, tried.samples, cost=0.0, moved_share=0.1)
    assert free.stop == 1.0
    dear = scores.contacts_of(tried.trial, tried.samples, cost=1e6, moved_share=0.1)
    assert not dear.pays


def test_all_days_look_back_equally_far_and_stragglers_make_no_history():
    recorded = pd.date_range("2026-03-01", "2026-06-30", freq="6h")
    at = [pd.Timestamp("2019-01-01"), *recorded, pd.Timestamp("2026-08-01")]
    cuts = scores.plan_cuts(ibis.memtable({"at": at}), as_of=DAY, horizon_days=28)
    assert cuts.fit_on == date(2026, 5, 6)
    assert cuts.judge_on == date(2026, 6, 3)
    assert 118 <= cuts.history_days <= 122
    assert cuts.lookback_days == cuts.history_days - 56
    assert cuts.known == [cuts.fit_on, cuts.judge_on]  # too short for a day to choose on


def test_a_gap_moves_every_day_and_its_outcomes_end_before_the_next():
    at = pd.date_range("2025-01-01", "2026-06-30")
    cuts = scores.plan_cuts(ibis.memtable({"at": at}), as_of=DAY, horizon_days=28, gap_days=7)
    assert cuts.known == [date(2026, 3, 18), date(2026, 4, 22), date(2026, 5, 27)]
    late = pd.DataFrame({"person_id": ["a", "b"], "recency_days": [1.0, 1.0]})
    at = [pd.Timestamp("2026-05-28"), pd.Timestamp("2026-06-03")]
    acts = pd.DataFrame({"person_id": ["a", "b"], "verb": "purchase", "value": 1.0, "at": at})
    buys = scores.propensity("purchase", horizon_days=28, gap_days=7)
    found = scores.with_outcome(
        ibis.memtable(late), ibis.memtable(acts), target=buys, on=cuts.judge_on
    )
    did = found.to_pandas().set_index("person_id")["did"]
    assert did.to_dict() == {"a": False, "b": True}


def test_a_contract_ends_by_an_act_and_silence_by_its_absence():
    people = pd.DataFrame(
        {"person_id": ["left", "leaves", "stays", "quiet"], "recency_days": [3.0, 3.0, 3.0, 90.0]}
    )
    at = pd.to_datetime(["2026-06-01", "2026-07-09", "2026-07-02"])
    acts = pd.DataFrame({"person_id": ["left", "leaves", "stays"], "at": at, "value": 0.0})
    acts = ibis.memtable(acts.assign(verb=["leave", "leave", "view"]))
    found = {}
    for verb in ("leave", ""):
        target = scores.churn(verb, horizon_days=28)
        rows = scores.with_outcome(ibis.memtable(people), acts, target=target, on=DAY)
        found[verb] = rows.to_pandas().set_index("person_id")["did"].to_dict()
    assert found["leave"] == {"leaves": True, "stays": False, "quiet": False}
    assert found[""] == {"left": True, "leaves": False, "stays": False}


def test_without_any_event_there_is_no_history():
    nothing = ibis.memtable(pd.DataFrame({"at": pd.to_datetime([])}))
    cuts = scores.plan_cuts(nothing, as_of=DAY, horizon_days=28)
    assert cuts.history_days == 0


@pytest.mark.slow
def test_percentages_of_many_people_are_right_within_three_points_and_bounds_hold():
    found = Tried(days(11, 12, 13, n_people=6000), shuffles=2)
    assert found.trial.measure("calibration_error").value < 0.03
    new = world(seed=14, n_people=6000)
    value, low, high = predict_with_bounds(found.forecast, new)
    groups = pd.qcut(pd.Series(value).rank(method="first"), 10)
    rows = pd.DataFrame({"did": new["did"], "low": low, "high": high}).groupby(groups).mean()
    error = 2 * np.sqrt(rows["did"] * (1 - rows["did"]) / 600)
    assert rows["did"].between(rows["low"] - error, rows["high"] + error).all()


def test_people_whose_behaviours_are_all_alike_are_not_modelled():
    plain = {"frequency": 1.0, "cadence_days": 3.0, "evening_share": 0.5, "monetary_value": 2.0}
    alike = Samples(*[day.assign(**plain) for day in days(1, 51, 91)])
    gate = scores.check_sufficiency(alike, cuts=CUTS)
    assert gate.reasons == ["fewer than 1 behaviours that differ between people"]
    trial = scores.evaluate(alike, sufficiency=gate)
    alarms = scores.check_sentinels(alike, served(alike), sufficiency=gate)
    assert not scores.decide(gate, trial, alarms).model


def test_moves_are_forecast_where_behaviours_are_all_alike():
    ids = [f"p{n}" for n in range(300)]
    stood = [
        pd.Series(["A", "B", "A"] * 100, index=ids),
        pd.Series(["A", "B", "B"] * 100, index=ids),
    ]
    stood += [pd.Series(["B", "B", "A"] * 100, index=ids)]
    stood = [named.rename("segment").rename_axis("person_id") for named in stood]
    behaved = pd.DataFrame({"person_id": ids, "frequency": 1.0})
    assert scores.compare_migration(stood, [behaved, behaved], seed=1) is not None
