"""A trigger's threshold is chosen by the earlier half of the record and believed by the later."""

from datetime import date, datetime, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie.rules.triggers.checking import read_triggers
from coterie.rules.triggers.replay import Event, replay
from coterie.rules.triggers.tuning import EARLIER, LATER, Tuning, halves_of, moments_met, tune
from coterie.rules.triggers.variants import threshold_of, variants
from coterie.study import SettingsError

BEGIN, AS_OF, HORIZON = date(2026, 1, 1), date(2026, 7, 1), 28
LOG = {"event_id": "string", "person_id": "string", "at": "timestamp", "verb": "string"}
LOG |= {"platform": "string", "value": "float64"}
KNOWN = {"verbs": {"view", "add", "purchase"}, "platforms": {"shop"}}
NOBODY = ibis.memtable([], schema={"person_id": "string", "time_zone": "string"})
HALVES = (datetime(2026, 1, 3), datetime(2026, 4, 3))  # the first days of each half


def table_of(rows: list[tuple]) -> ibis.Table:
    """Lay out acts: person, moment, verb; the record begins with the year."""
    old = [(f"old{n}", datetime(2026, 1, 1), "view") for n in range(len(rows) // 50 + 1)]
    frame = pd.DataFrame([*rows, *old], columns=["person_id", "at", "verb"])
    frame = frame.assign(event_id=[f"e{n}" for n in range(len(frame))], platform="shop", value=None)
    return ibis.memtable(frame.assign(at=pd.to_datetime(frame["at"]))[list(LOG)], schema=LOG)


def tried(events: ibis.Table, text: str) -> Tuning:
    triggers = read_triggers({"it": text}, **KNOWN)
    days = {"as_of": AS_OF, "horizon_days": HORIZON}
    return tune(triggers, events, NOBODY, wanted=["it"], conversion="purchase", **days)


def bursts(*, n: int, seed: int, from_views: int) -> list[tuple]:
    """Plant people who look two to seven times in an hour; from some number on they often buy.

    From eight on, which nobody reaches, it says nothing: whoever buys does so on any day.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(n):
        rows.append((f"p{person}", datetime(2026, 1, 1), "view"))
        for begun in HALVES:
            at = begun + timedelta(hours=int(rng.integers(0, 24 * 85)))
            looks = int(rng.integers(2, 8))
            rows += [(f"p{person}", at + timedelta(minutes=8 * k), "view") for k in range(looks)]
            chance = 0.2 if from_views > 7 else 0.8 if looks >= from_views else 0.02
            wait = timedelta(days=3)
            if from_views > 7:
                wait = begun + timedelta(hours=int(rng.integers(0, 24 * 85))) - at
            if rng.random() < chance:
                rows.append((f"p{person}", at + wait, "purchase"))
    return rows


def test_a_planted_threshold_is_chosen_by_the_earlier_half_and_confirmed_by_the_later():
    found = tried(
        table_of(bursts(n=500, seed=1, from_views=4)), "3 views within 2 hours, cooldown 7 days"
    )
    chosen = found.table[found.table["is_chosen"]]
    assert set(chosen["threshold"]) == {4}
    assert set(chosen["half"]) == {EARLIER, LATER}
    assert found.n_confirmed == 1
    precise = found.table[found.table["half"] == LATER].set_index("threshold")["precision"]
    assert precise[4] > precise[3] > precise[2]


def test_the_written_threshold_stands_where_it_is_right():
    rows = bursts(n=500, seed=2, from_views=4)
    found = tried(table_of(rows), "4 views within 2 hours, cooldown 7 days")
    assert found.table.loc[found.table["is_chosen"], "is_written"].all()
    assert found.n_confirmed == 0


def test_what_happens_in_the_later_half_chooses_nothing():
    rows = bursts(n=300, seed=3, from_views=4)
    middle = datetime(2026, 4, 1)
    kept = [row for row in rows if row[1] < middle or row[2] != "purchase"]
    both = [tried(table_of(own), "3 views within 2 hours, cooldown 7 days") for own in (rows, kept)]
    chosen = [set(own.table.loc[own.table["is_chosen"], "threshold"]) for own in both]
    assert chosen[0] == chosen[1]
    assert [own.n_confirmed for own in both] == [1, 0]


def test_a_silence_is_not_tuned_by_who_comes_back():
    rows = [(f"p{n}", HALVES[0] + timedelta(days=n % 9), "purchase") for n in range(200)]
    rows += [(f"p{n}", HALVES[0] + timedelta(days=30), "purchase") for n in range(200)]
    found = tried(table_of(rows), "no purchase for 10 days")
    assert len(found.table) == 10
    assert found.table.loc[found.table["is_chosen"], "is_written"].all()


def test_moments_and_conversions_equal_those_counted_by_hand():
    rng = np.random.default_rng(4)
    rows = [
        (f"p{rng.integers(0, 12)}", datetime(2026, 1, 2) + timedelta(hours=int(hour)), verb)
        for hour, verb in zip(
            rng.integers(0, 24 * 175, 400),
            rng.choice(["view", "add", "purchase"], 400),
            strict=True,
        )
    ]
    events = table_of(rows)
    [trigger] = read_triggers(
        {"it": "add then no purchase within 12 hours, cooldown 1 day, at most 2 a month"}, **KNOWN
    )
    own = variants(trigger)
    halves = halves_of(events, AS_OF, timedelta(days=HORIZON), 365)
    found = moments_met(own, events, NOBODY, halves=halves, conversion="purchase")
    frame = events.to_pandas()
    log = [Event(*row) for row in frame[[*LOG][:5]].itertuples(index=False)]
    bought = frame[frame["verb"] == "purchase"]
    counted = {}
    for at, variant in enumerate(own):
        end = datetime.combine(halves.spans[LATER][1], datetime.min.time())
        seen = [event for event in log if event.at < end]
        for moment in replay(variant, seen, until=end, zones={}):
            for half, (first, last) in halves.spans.items():
                if moment.capped or not first <= moment.at.date() < last:
                    continue
                later = bought.loc[bought["person_id"] == moment.person_id, "at"]
                hit = ((later > moment.at) & (later <= moment.at + halves.horizon)).any()
                n, hits = counted.get((str(at), half, moment.person_id), (0, 0))
                counted[str(at), half, moment.person_id] = (n + 1, hits + int(hit))
    keyed = found.set_index(["trigger", "half", "person_id"])
    assert {key: tuple(row) for key, row in zip(keyed.index, keyed.to_numpy(), strict=True)} == (
        counted
    )
    assert len(counted) > 50


def test_a_short_record_or_no_trigger_is_no_ground_to_choose_on():
    rows = [("ana", datetime(2026, 6, 1), "view")]
    frame = table_of(rows).filter(lambda t: t["at"] > ibis.timestamp("2026-02-01"))
    assert "less than 112 days" in tried(frame, "first view").why_not
    none = tune([], frame, NOBODY, wanted=[], conversion="purchase", as_of=AS_OF, horizon_days=28)
    assert "no trigger is named" in none.why_not
    assert none.n_confirmed == 0
    with pytest.raises(SettingsError, match="no trigger other"):
        tune([], frame, NOBODY, wanted=["other"], conversion="x", as_of=AS_OF, horizon_days=28)


@pytest.mark.parametrize(
    ("text", "thresholds"),
    [
        ("3 views within 1 day", [3, 2, 4, 5, 6]),
        ("1 view within 1 day", [1, 2, 3]),
        ("add then no purchase within 1 hour", [3600, 900, 1800, 7200, 14_400]),
        ("purchase after 200 days without", [200, 50, 100]),
        ("first purchase", [0]),
    ],
)
def test_variants_begin_with_what_is_written_and_none_is_beyond_a_year(text, thresholds):
    [trigger] = read_triggers({"it": text}, **KNOWN)
    days = 86_400 if "200" in text else 1
    assert [threshold_of(own.pattern) // days for own in variants(trigger)] == thresholds


@pytest.mark.slow
def test_where_no_threshold_matters_another_is_hardly_ever_confirmed():
    found = [
        tried(
            table_of(bursts(n=400, seed=seed, from_views=8)),
            "4 views within 2 hours, cooldown 7 days",
        )
        for seed in range(60)
    ]
    assert not any(own.why_not for own in found)
    assert sum(own.n_confirmed for own in found) <= 5
