"""The abandoned baskets of the planted world are found, all of them and no others."""

from datetime import datetime, timedelta
from io import BytesIO

import ibis
import pandas as pd

from coterie.demo import Knobs, make_world
from coterie.rules.triggers.batch import decide_log
from coterie.rules.triggers.checking import read_triggers
from coterie.rules.triggers.decisions import nothing_decided

HALF_AN_HOUR = timedelta(minutes=30)


def shop_log(world) -> pd.DataFrame:
    """Read the shop's two exports as its own staff would, a customer as a person."""
    steps = pd.read_csv(BytesIO(world.files["shop/browsing.csv"]), dtype=str)
    orders = pd.read_csv(BytesIO(world.files["shop/orders.csv"]), dtype=str)
    adds = steps[steps["step"] == "to_basket"].assign(verb="add", when=steps["time"])
    bought = orders.assign(verb="purchase", when=orders["ordered"])
    log = pd.concat([adds, bought])[["customer_no", "when", "verb"]]
    log["at"] = pd.to_datetime(log["when"], errors="coerce", format="mixed")
    clean = log.dropna().drop_duplicates(["customer_no", "at", "verb"])
    return clean.rename(columns={"customer_no": "person_id"}).reset_index(drop=True)


def abandoned_by_hand(log: pd.DataFrame) -> set[tuple[str, datetime]]:
    """Look at each basket with the eyes of pandas: nothing added or bought for half an hour."""
    found = set()
    for person, own in log.groupby("person_id"):
        for at in own.loc[own["verb"] == "add", "at"]:
            later = own[(own["at"] > at) & (own["at"] < at + HALF_AN_HOUR)]
            same = own[(own["at"] == at) & (own["verb"] == "purchase")]
            if later.empty and same.empty:
                found.add((person, at + HALF_AN_HOUR))
    return found


def test_every_abandoned_basket_of_the_world_is_found_and_no_other():
    knobs = Knobs(200, 40, n_abandoners=15)
    world = make_world(knobs)
    log = shop_log(world)
    events = ibis.memtable(
        log.assign(event_id=[f"e{n}" for n in range(len(log))], platform="shop", value=None)[
            ["event_id", "person_id", "at", "verb", "platform"]
        ]
    )
    people = ibis.memtable(pd.DataFrame({"person_id": ["nobody"], "time_zone": ["UTC"]}))
    [trigger] = read_triggers(
        {"abandoned": "add on shop then no purchase within 30 minutes"},
        verbs={"add", "purchase"},
        platforms={"shop"},
    )
    decided = decide_log([trigger], events, people, as_of=knobs.as_of).to_pandas()
    found = set(zip(decided["person_id"], decided["at"], strict=True))
    end = pd.Timestamp(knobs.as_of)
    assert found == {pair for pair in abandoned_by_hand(log) if pair[1] < end}
    planted = world.truth["abandoners"]
    due = pd.to_datetime(planted["left_at"]) + HALF_AN_HOUR
    assert set(zip(planted["account"], due, strict=True)) <= found
    assert len(planted) == 15


def test_nobody_abandons_a_basket_on_purpose_unless_asked():
    plain, asked = make_world(Knobs(60, 30)), make_world(Knobs(60, 30, n_abandoners=3))
    assert plain.truth["abandoners"].empty
    changed = {name for name in plain.files if plain.files[name] != asked.files[name]}
    assert changed == {"shop/browsing.csv"}
    assert nothing_decided().count().execute() == 0
