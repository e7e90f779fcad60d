"""A list changes for a reason, and one that cannot be refreshed says so."""

from datetime import date, datetime

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.event_logs import ACT, AS_OF, COLUMNS, LOG, acts_of

from coterie.rules import read_by_hand
from coterie.rules.language.checking import read_rules
from coterie.rules.language.replay import holds, replayed
from coterie.rules.lists import refresh
from coterie.rules.lists.qualifying import members
from coterie.rules.lists.rfm import migration, rfm_scores
from coterie.rules.lists.standard import STANDARD
from coterie.study import SettingsError

EARLIER = date(2026, 6, 24)
KNOWN = {"columns": COLUMNS, "as_of": AS_OF}


def log_of(people: dict[str, list[tuple]]) -> ibis.Table:
    """Lay out everybody's acts: seconds before the day, verb, value."""
    rows = [
        {"person_id": person} | act._asdict() | {"event_id": f"{person}-{act.event_id}"}
        for person, drawn in people.items()
        for act in acts_of(drawn)
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=LOG))


def changed(rules: dict[str, str], log: dict[str, list[tuple]]) -> pd.DataFrame:
    """Refresh lists from a week ago to today, and say who came, who went and why."""
    events = log_of(log)
    people = ibis.memtable({"person_id": sorted(log)})
    read = read_rules(rules, **KNOWN)
    asked = refresh.with_acts(people, events, read, **KNOWN)
    before = refresh.earlier_members(read, people, events, None, columns=COLUMNS, earlier=EARLIER)
    found = refresh.list_changes(before, members(read, asked), known=list(rules)).to_pandas()
    return refresh.with_causes(found, events, read, earlier=EARLIER, **KNOWN)


DAY = 86_400


def test_somebody_enters_by_an_act_and_leaves_because_time_passed():
    log = {
        "ana": [(20 * DAY, "purchase", 1.0), (2 * DAY, "purchase", 1.0), (DAY, "view", None)],
        "bo": [(34 * DAY, "purchase", 1.0), (33 * DAY, "purchase", 1.0)],
        "cy": [(3 * DAY, "view", None)],
    }
    found = changed({"lately twice": "purchases in 30 days >= 2"}, log).set_index("person_id")
    assert found.loc["ana", ["change", "cause", "event_id"]].tolist() == [
        "entered",
        "act",
        "ana-e1",
    ]
    assert found.loc["bo", ["change", "cause"]].tolist() == ["left", "time"]
    assert "cy" not in found.index


@settings(max_examples=8, deadline=None)
@given(drawn=st.lists(ACT, max_size=8))
def test_without_the_act_that_is_named_nobody_would_have_changed(drawn):
    drawn = sorted(drawn, key=lambda act: -act[0])
    rule = "purchases in 5 days >= 2 or (views >= 3 and last_add < 3 days)"
    found = changed({"x": rule}, {"ana": drawn})
    if len(found) and found.loc[0, "cause"] == "act":
        [read] = read_rules({"x": rule}, **KNOWN)
        acts = acts_of(drawn)
        at = [f"ana-{act.event_id}" for act in acts].index(found.loc[0, "event_id"])
        stands = [
            holds(read.tree, replayed(read.tree, acts[:upto], {}, **KNOWN)) is True
            for upto in (at, at + 1)
        ]
        assert stands == ([False, True] if found.loc[0, "change"] == "entered" else [True, False])
        assert acts[at].at >= datetime(2026, 6, 24)


def test_a_rule_that_was_good_keeps_its_list_and_a_new_wrong_one_is_an_error():
    written = {"loyal": "purchases > 2", "group": "segment = S9"}
    read = refresh.readable_rules(written, last_good={"group": "segment = S9"}, **KNOWN)
    assert [rule.name for rule in read.rules] == ["loyal"]
    assert read.held == {"group": "segment = S9"}
    with pytest.raises(SettingsError, match="S9"):
        refresh.readable_rules(written, last_good={"group": "segment = S8"}, **KNOWN)


def states(until: datetime, **held: str) -> pd.DataFrame:
    past = pd.DataFrame({"rule": ["group"], "as_of": [pd.Timestamp(EARLIER)]})
    read = refresh.Readable(read_rules({"loyal": "purchases > 2"}, **KNOWN), held)
    people = pd.DataFrame({"person_id": ["ana", "bo"], "rule": ["loyal", "group"]})
    return refresh.list_states(
        read, people, people.head(0).assign(change=""), past,
        as_of=AS_OF, data_until=until, max_age_days=7,
    ).set_index("rule")  # fmt: skip


def test_a_list_is_stale_when_its_rule_is_gone_or_its_data_are_old():
    fresh = states(datetime(2026, 6, 24, 23), group="segment = S9")
    assert fresh["stale"].to_dict() == {"loyal": False, "group": True}
    assert fresh.loc["group", "as_of"] == pd.Timestamp(EARLIER)
    old = states(datetime(2026, 6, 23))
    assert old.loc["loyal", "stale"]
    assert old.loc["loyal", "why"] == (
        "the last event is of 2026-06-23, 8 days before the list's own day"
    )


def test_a_list_without_any_event_before_its_day_is_stale():
    none = states(pd.NaT)
    assert none.loc["loyal", ["stale", "why"]].tolist() == [
        True,
        "no event is known from before the list's own day",
    ]


def test_changes_by_hand_have_an_owner_and_an_end_and_off_wins():
    people = ibis.memtable({"person_id": ["ana", "bo", "cy"], "frequency": [5, 1, None]})
    rules = read_rules({"loyal": "frequency > 4"}, **KNOWN)
    entry = {"list": "loyal", "person": "cy", "put": True, "owner": "Ana", "until": "2026-07-02"}
    hands = [entry, entry | {"person": "ana", "put": False}, entry | {"person": "bo"}]
    hands += [entry | {"person": "bo", "put": False}]
    by_hand = read_by_hand(hands, rules=["loyal"], as_of=AS_OF)
    assert members(rules, people, by_hand=by_hand).to_pandas()["person_id"].tolist() == ["cy"]
    gone = read_by_hand(hands, rules=["loyal"], as_of=date(2026, 7, 2))
    assert (gone.entries, gone.n_expired) == ((), 4)
    for wrong in ({"owner": " "}, {"until": "soon"}, {"list": "loial"}, {"extra": 1}):
        with pytest.raises(SettingsError, match="entry 1"):
            read_by_hand([entry | wrong], rules=["loyal"], as_of=AS_OF)


def test_people_who_bought_alike_have_the_same_fifth():
    log = {f"p{n:02d}": [((n + 1) * DAY, "purchase", 10.0)] for n in range(10)}
    scores = rfm_scores(log_of(log), as_of=AS_OF).order_by("person_id").to_pandas()
    assert scores["recency_score"].tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert set(scores["frequency_score"]) == {1}
    assert set(scores["monetary_score"]) == {1}


def test_buyers_move_between_fifths_and_small_cells_are_left_out():
    late = {f"a{n}": [(60 * DAY, "purchase", 1.0), (DAY, "purchase", 1.0)] for n in range(60)}
    early = {f"b{n}": [(50 * DAY, "purchase", 1.0)] for n in range(60)}
    moved = migration(log_of(late | early), as_of=AS_OF, earlier=date(2026, 6, 1))
    rows = moved.table[["before", "now", "n_people"]].values.tolist()
    assert rows == [[1, 3, 60], [3, 1, 60]]
    assert (moved.n_people, moved.n_stayed, moved.stayed_share) == (120, 0, 0.0)


def test_where_nobody_bought_before_nobody_moved():
    log = log_of({"ana": [(DAY, "purchase", -1.0)]})
    moved = migration(log, as_of=AS_OF, earlier=EARLIER)
    assert (len(moved.table), moved.n_people, moved.stayed_share) == (0, 0, 0.0)


def test_every_standard_list_is_a_rule():
    assert len(read_rules(STANDARD, **KNOWN)) == len(STANDARD)
