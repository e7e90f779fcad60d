"""Lifetime value: published figures come out, planted ones are recovered, and it may be refused."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from coterie import scores
from coterie.scores.lifetime import buying, spending
from coterie.scores.lifetime.accuracy import accuracy_of, tenths_of
from coterie.scores.lifetime.evaluation import LAST_YEAR, MODEL
from coterie.scores.lifetime.values import BUYING, NONE, _simulate, predictive_ends

DAY = date(2026, 7, 1)
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


def simulate(n: int, *, days: int, seed: int = 0) -> pd.DataFrame:
    """Let people buy and leave as the model says, from their first purchase within 90 days."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.8, 1 / 3.0, n) / 7
    leaving = rng.beta(0.9, 2.5, n)
    mean = 20 / rng.gamma(4.0, 1 / 3.0, n)
    first = rng.uniform(0, 90, n)
    rows = [(who, at, rng.gamma(6) * mean[who] / 6) for who, at in enumerate(first)]
    for who, begin in enumerate(first):
        at, alive = begin, True  # the first purchase makes a customer and loses none
        while alive:
            at += rng.exponential(1 / rate[who])
            if at > days:
                break
            rows.append((who, at, rng.gamma(6) * mean[who] / 6))
            alive = rng.random() > leaving[who]
    table = pd.DataFrame(rows, columns=["person_id", "day", "value"])
    at = (pd.Timestamp("2025-01-01") + pd.to_timedelta(table["day"], unit="D")).dt.floor("s")
    return table.assign(person_id=table["person_id"].astype(str), at=at, verb="purchase")


@pytest.fixture(scope="module")
def world() -> dict:
    """A planted world of two years, seen as notebook 06 sees it."""
    events = ibis.memtable(simulate(1500, days=700)[["person_id", "at", "value", "verb"]])
    plan = scores.plan_values(events, as_of=date(2026, 12, 1), value_days=182)
    seen = [
        scores.purchase_histories(events, as_of=on, recent_days=plan.recent_days)
        for on in (plan.fit_on, plan.judge_on)
    ]
    later = [
        scores.with_later_purchases(table, events, as_of=on, days=plan.days)
        for table, on in zip(seen, (plan.fit_on, plan.judge_on), strict=True)
    ]
    first, judged = (table.order_by("person_id").to_pandas() for table in later)
    trial = scores.compare_values(first, judged, plan=plan, resamples=30)
    return {"events": events, "plan": plan, "first": first, "judged": judged, "trial": trial}


@pytest.fixture(scope="module")
def cdnow(real_data) -> ir.Table:
    """What a tenth of CDNOW's customers of early 1997 bought."""
    names = ["all_id", "person_id", "at", "n", "value"]
    file = real_data("cdnow") / "CDNOW_sample.txt"
    rows = pd.read_csv(file, sep=r"\s+", header=None, names=names, dtype=str)
    at = pd.to_datetime(rows["at"], format="%Y%m%d")
    kept = rows[["person_id"]].assign(at=at, value=rows["value"].astype(float), verb="purchase")
    return ibis.memtable(kept)


def test_the_published_figures_of_cdnow_come_out(cdnow):
    people = scores.purchase_histories(cdnow, as_of=date(1997, 10, 1)).to_pandas()
    found = buying.fit_buying(people)
    assert len(people) == 2357
    assert found.converged
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    for name, value in PUBLISHED.items():
        assert found.interval(name).value == pytest.approx(value, rel=0.01)
    paid = spending.fit_spending(people)
    assert paid.n_people == 946
    assert paid.parameters == pytest.approx([6.25, 3.74, 15.44], rel=0.01)


def test_on_cdnow_last_years_purchases_rank_better_and_that_is_said(cdnow):
    plan = scores.plan_values(cdnow, as_of=date(1998, 7, 1), value_days=365)
    tables = [
        scores.with_later_purchases(
            scores.purchase_histories(cdnow, as_of=on, recent_days=plan.recent_days),
            cdnow,
            as_of=on,
            days=plan.days,
        )
        for on in (plan.fit_on, plan.judge_on)
    ]
    first, judged = (table.order_by("person_id").to_pandas() for table in tables)
    trial = scores.compare_values(first, judged, plan=plan, resamples=60)
    assert trial.last_year_ranks_better
    level, simple = (trial.measure("decile_error", name) for name in (MODEL, LAST_YEAR))
    assert level.high < simple.low  # the money is closer with the model
    assert trial.kind == BUYING


def test_the_slope_of_the_likelihood_is_the_slope():
    people = pd.DataFrame(
        {"repeats": [0, 1, 4], "recency_days": [0, 20, 90], "age_days": [50, 60, 100]}
    )
    groups, at = buying.group_histories(people), np.log([0.7, 5.0, 0.6, 2.0])
    slope = buying._loss(at, groups)[1]
    assert slope == pytest.approx(
        approx_fprime(at, lambda logs: buying._loss(logs, groups)[0]), 1e-4
    )
    n, mean, at = np.array([1.0, 4.0]), np.array([0.7, 1.4]), np.log([2.0, 3.0, 1.5])
    slope = spending._loss(at, n, mean)[1]
    assert slope == pytest.approx(
        approx_fprime(at, lambda logs: spending._loss(logs, n, mean)[0]), 1e-4
    )


def test_equal_people_are_counted_and_change_nothing():
    one = pd.DataFrame({"repeats": [0, 3], "recency_days": [0, 60], "age_days": [80, 90]})
    many = pd.concat([one] * 50)
    at = np.log([0.7, 5.0, 0.6, 2.0])
    single, several = (buying._loss(at, buying.group_histories(t))[0] for t in (one, many))
    assert several == pytest.approx(50 * single)


def test_planted_rates_are_recovered(world):
    found = world["trial"].model.buying
    planted = {"r": 0.8, "alpha": 3.0, "a": 0.9, "b": 2.5}
    inside = [
        found.interval(name).low <= value <= found.interval(name).high
        for name, value in planted.items()
    ]
    assert sum(inside) >= 3  # of four intervals of 95 %
    assert (
        world["trial"].measure("total_error").low < 0 < world["trial"].measure("total_error").high
    )


def test_the_formula_agrees_with_simulated_futures_and_intervals_hold(world):
    trial, judged = world["trial"], world["judged"]
    model = trial.model
    some = judged.nlargest(40, "repeats")
    expected = buying.expected_purchases(model.buying, some, days=182)
    rng = np.random.default_rng(0)
    futures = _simulate(model, some, days=182, money=False, rng=rng).mean(axis=0)
    assert futures.mean() == pytest.approx(expected.mean(), rel=0.03)
    assert trial.coverage.value > 0.93


def test_the_model_beats_last_year_where_people_are_as_it_says(world):
    assert world["trial"].order_gain.value > 0
    level, simple = (world["trial"].measure("decile_error", name) for name in (MODEL, LAST_YEAR))
    assert level.value < simple.value


def test_nobody_overflows_however_much_they_bought():
    model = buying.Buying(np.array([0.8, 3.0, 0.9, 2.5]), np.zeros(4), 0.0, 1, True)
    heavy = pd.DataFrame(
        {"repeats": [900, 900], "recency_days": [3000, 100], "age_days": [3000, 3000]}
    )
    stays, gone = buying.expected_purchases(model, heavy, days=365)
    assert 50 < stays < 120
    assert gone == pytest.approx(0, abs=1e-6)


def test_purchases_from_the_day_on_change_no_history(world):
    events, on = world["events"], world["plan"].judge_on
    past = events.filter(events["at"] < ibis.timestamp(str(on)))
    tables = [
        scores.purchase_histories(table, as_of=on).order_by("person_id").to_pandas()
        for table in (events, past)
    ]
    pd.testing.assert_frame_equal(*tables)


def test_values_are_stored_as_numbers_and_come_back_the_same(world):
    about = world["plan"].settings(value_days=365)
    model = scores.fit_value(world["judged"], kind=BUYING, settings=about)
    again = scores.value_from_model(scores.value_to_model(model))
    one, other = (
        scores.lifetime_values(m, world["judged"], as_of=DAY, seed=1) for m in (model, again)
    )
    pd.testing.assert_frame_equal(one, other)
    assert one["low"].le(one["high"]).all()
    alive = one[one["value"] > 20]
    assert alive["value"].between(alive["low"], alive["high"]).all()
    assert set(one["score"]) == {"lifetime_value"}


def test_without_purchases_or_with_few_nobody_gets_a_value():
    nothing = ibis.memtable(
        pd.DataFrame({"person_id": ["a"], "at": [pd.Timestamp("2026-06-01")], "value": [np.nan]})
        .assign(verb="view")
        .astype({"value": float})
    )
    plan = scores.plan_values(nothing, as_of=DAY, value_days=365)
    seen = scores.purchase_histories(nothing, as_of=DAY)
    both = scores.with_later_purchases(seen, nothing, as_of=DAY, days=plan.days).to_pandas()
    trial = scores.compare_values(both, both, plan=plan)
    assert plan.record_days == 0
    assert trial.kind == NONE
    assert "fewer than 42 days of recorded purchases" in trial.sufficiency.reasons
    model = scores.fit_value(both, kind=trial.kind, settings=plan.settings(value_days=365))
    table = scores.lifetime_values(model, seen.to_pandas(), as_of=DAY)
    assert table.empty
    assert list(table) == ["person_id", "score", "value", "low", "high", "decile", "as_of"]


def test_the_order_of_rows_does_not_matter_where_forecasts_are_equal():
    rng = np.random.default_rng(0)
    forecast, actual = rng.integers(0, 3, 300).astype(float), rng.gamma(1, size=300)
    at = rng.permutation(300)
    assert accuracy_of(forecast, actual) == pytest.approx(accuracy_of(forecast[at], actual[at]))
    assert np.allclose(tenths_of(forecast, actual), tenths_of(forecast[at], actual[at]))


def test_where_last_year_repeats_there_is_no_interval(world):
    about = world["plan"].settings(value_days=365)
    model = scores.fit_value(world["judged"], kind="last_year_repeats", settings=about)
    assert np.isnan(predictive_ends(model, world["judged"], days=365)).all()
    table = scores.lifetime_values(model, world["judged"], as_of=DAY)
    spent = world["judged"]["recent_value"].sum()
    assert table["value"].sum() == pytest.approx(spent * 365 / about["recent_days"])
