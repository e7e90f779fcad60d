"""Every indicator of a finished run is what its raw acts give on another path."""

import pandas as pd
import pytest

DAY = pd.Timestamp("2026-07-01")


@pytest.fixture(scope="module")
def acts(tiny):
    """The acts before the study's day, each with the Monday of its week."""
    events = tiny.table("events").query("at < @DAY")
    week = events["at"].dt.normalize() - pd.to_timedelta(events["at"].dt.day_of_week, "D")
    return events.assign(period=week)


def test_weekly_indicators_are_the_people_who_did_it_over_those_who_could_have(tiny, acts):
    members = tiny.table("segments").set_index("person_id")["segment"]
    verbs = tiny.table("kpis").set_index("kpi")["numerator_verb"]
    bots = set(tiny.table("bots").query("tagged")["person_id"])
    assert len(tiny.table("kpi_facts")) > 0
    for fact in tiny.table("kpi_facts").itertuples():
        group = set(
            members.index
            if fact.segment.startswith("all")
            else members[members == fact.segment].index
        )
        group -= bots if fact.segment == "all but bots" else set()
        here = acts[(acts["period"] == fact.period) & (acts["verb"] == verbs[fact.kpi])]
        did = group & set(here["person_id"])
        assert abs(fact.value - len(did) / len(group)) <= 1e-9


def test_reactions_by_platform_are_plain_counts(tiny, acts):
    bots = set(tiny.table("bots").query("tagged")["person_id"])
    late = acts[(acts["at"] >= DAY - pd.Timedelta(days=28)) & ~acts["person_id"].isin(bots)]
    rates = tiny.table("kpi_rates").query("kpi == 'reactions' and denominator == 'impressions'")
    assert len(rates) > 1
    for rate in rates.itertuples():
        here = late[late["platform"] == rate.platform]["verb"]
        n = here.isin(["like", "announce", "create"]).sum()
        assert abs(rate.value - n / (here == "view").sum()) <= 1e-9


def test_every_segment_has_a_word_for_every_role(tiny):
    actions = tiny.table("stakeholders")
    segments = set(tiny.table("clearances")["segment"])
    for _, rows in actions.groupby("role"):
        assert set(rows["segment"]) == segments
        assert (rows["action"] != "").all()
    assert {"marketing", "sales", "service", "press"} == set(actions["role"])


def test_every_role_has_a_page_that_the_index_leads_to(tiny):
    index = (tiny.reports / "index.html").read_text()
    for role, rows in tiny.table("stakeholders").groupby("role"):
        page = (tiny.reports / f"role_{role}.html").read_text()
        assert f'href="role_{role}.html"' in index
        assert all(segment in page for segment in rows["segment"])
