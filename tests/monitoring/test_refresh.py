"""What staleness costs is what a planted world says it must, and what looking by hand finds."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie import contracts, monitoring
from coterie.monitoring.costs import Prices, costs_of
from coterie.monitoring.refresh import PERIODS, Watched, decisions
from coterie.study import SettingsError
from monitoring.staleness import lost_in_theory, poisson_log

DAY = date(2026, 7, 1)
LOOKS = Watched(act="view", hours=24, unless="purchase")


@pytest.mark.parametrize(("rate", "hours"), [(0.5, 24), (2.0, 6), (1.0, 72)])
def test_the_replay_finds_what_the_planted_world_must_lose(rate, hours):
    log = poisson_log(np.random.default_rng(1), people=400, rates={"view": rate, "visit": 0.8})
    visits = ibis.memtable(log).filter(ibis._.verb.isin(["view", "visit"]))
    found = decisions(visits, Watched(act="view", hours=hours), as_of=DAY).to_pandas()
    # moments of the act itself come as Poisson arrivals do: they too see what a stranger would
    for period in PERIODS.values():
        lost = (found[f"missed_{period}"] + found[f"kept_{period}"]).sum()
        share = lost / found["decisions"].sum()
        assert share == pytest.approx(lost_in_theory(rate, hours / 24, period / 86_400), abs=0.015)


def by_hand(log: pd.DataFrame, watched: Watched, period: int) -> tuple[int, int]:
    """Ask act by act, in plain Python, who would have been on the list."""

    def on(person: str, second: int) -> bool:
        acts = [s for s, verb in seen[person] if verb == watched.act and s < second]
        ends = [s for s, verb in seen[person] if verb == watched.unless and s < second]
        last = max(acts, default=-(10**12))
        return last >= second - watched.hours * 3600 and max(ends, default=-(10**12)) < last

    seconds = log["at"].astype("datetime64[s]").astype("int64")
    start = int(pd.Timestamp("2026-06-03").timestamp())
    rows = list(zip(log["person_id"], seconds, log["verb"], strict=True))
    seen = {person: [(s, verb) for who, s, verb in rows if who == person] for person, *_ in rows}
    moments = {(person, s) for person, s, _ in rows if s >= start}
    missed = kept = 0
    for person, second in moments:
        fresh, stale = on(person, second), on(person, second // period * period)
        missed += fresh and not stale
        kept += stale and not fresh
    return missed, kept


@pytest.mark.parametrize("period", PERIODS.values())
def test_the_replay_is_what_asking_act_by_act_gives(period):
    rates = {"view": 0.7, "purchase": 0.3, "like": 0.4}
    log = poisson_log(np.random.default_rng(period), people=12, rates=rates)
    log = log.assign(at=log["at"].dt.floor("20min"))  # so that acts share their second
    found = decisions(ibis.memtable(log), LOOKS, as_of=DAY).to_pandas()
    counted = found[f"missed_{period}"].sum(), found[f"kept_{period}"].sum()
    assert counted == by_hand(log, LOOKS, period)


def test_older_lists_lose_more_and_the_interval_is_of_people():
    log = poisson_log(np.random.default_rng(2), people=300, rates={"view": 1.0, "purchase": 0.2})
    found = monitoring.replay(ibis.memtable(log), {"looks": LOOKS}, as_of=DAY)
    assert list(found.table) == list(contracts.Refreshes.types)
    assert found.table["lost_share"].is_monotonic_increasing
    assert found.table["lost_share"].between(found.table["low"], found.table["high"]).all()
    assert found.lost("weekly") == tuple(found.table.iloc[-1][["lost_share", "low", "high"]])


def test_few_people_are_no_list_and_the_future_is_not_seen():
    log = poisson_log(np.random.default_rng(3), people=40, rates={"view": 1.0})
    assert monitoring.replay(ibis.memtable(log), {"looks": LOOKS}, as_of=DAY).lost("daily") is None
    later = log.assign(at=log["at"] + pd.Timedelta(days=45), verb="purchase")
    now = decisions(ibis.memtable(log), LOOKS, as_of=DAY).order_by("person_id").to_pandas()
    both = ibis.memtable(pd.concat([log, later]))
    pd.testing.assert_frame_equal(
        decisions(both, LOOKS, as_of=DAY).order_by("person_id").to_pandas(), now
    )


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ({"looks": "view"}, "look at no mapping"),
        ({"looks": {"act": "view", "days": 1}}, "look at"),
        ({"looks": {"act": "view", "hours": 0}}, "look at hours"),
        ({"looks": {"act": "stare", "hours": 1}}, "nobody did 'stare'; there are purchase, view"),
    ],
)
def test_a_list_that_cannot_be_replayed_is_an_error(lists, said):
    with pytest.raises(SettingsError, match=r"11_monitoring\.refresh_lists\.looks") as error:
        monitoring.read_watched(lists, primary="purchase", verbs=["purchase", "view"])
    assert said in str(error.value)


def test_a_log_without_views_has_no_usual_list():
    assert monitoring.read_watched({}, primary="visit", verbs=["visit"]) == {}


CURVE = pd.DataFrame({"list": "looks", "refresh": list(PERIODS), "seconds": PERIODS.values()})
CURVE = CURVE.assign(decisions=60_000, lost_share=[0.001, 0.004, 0.08, 0.25])


def test_money_is_arithmetic_and_the_cheapest_way_is_chosen():
    prices = Prices(decision=0.1, compute=0.5, hour=50, hours_by_hand=2, hours_of_upkeep=4)
    found = costs_of(CURVE, prices, days=30).set_index(["kind", "refresh"])
    assert set(found.reset_index()) == set(contracts.RefreshCosts.types)
    hourly = found.loc[("dynamic", "hourly")]
    assert hourly[["compute", "work", "lost_value"]].tolist() == [360, 200, pytest.approx(24)]
    by_hand = found.loc[("static", "daily")]
    assert by_hand[["compute", "work", "lost_value"]].tolist() == [0, 3000, pytest.approx(480)]
    assert found.index[found["chosen"]].tolist() == [("dynamic", "hourly")]
    assert found["total"].min() == hourly["total"]
    half_as_long = costs_of(CURVE, prices, days=15).set_index(["kind", "refresh"])
    assert half_as_long.loc[("dynamic", "hourly"), "lost_value"] == pytest.approx(48)


def test_prices_that_change_the_choice_are_named():
    prices = Prices(decision=0.1, compute=0.5, hour=50, hours_by_hand=2, hours_of_upkeep=4)
    choice = monitoring.choose_refresh(CURVE, prices, days=30)
    assert choice.saved == pytest.approx(3000 / 7 + 1500 - 584)  # the week by hand is next best
    turned = list(choice.turning.itertuples(index=False, name=None))
    assert turned == [("decision", 0.5), ("compute", 2.0)]  # once a day would do


def test_without_the_value_of_a_decision_nothing_is_chosen():
    choice = monitoring.choose_refresh(CURVE, Prices(), days=30)
    assert not choice.costs["chosen"].any()
    assert choice.costs["total"].isna().all()
    assert choice.sensitivity.empty
    with pytest.raises(SettingsError, match=r"refresh_prices: write it like .* look at decision"):
        monitoring.read_prices({"decision": "a lot"})
