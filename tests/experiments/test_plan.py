"""A plan cannot change behind anybody's back."""

from datetime import datetime

import ibis
import pytest

from coterie import contracts
from coterie.experiments import decision_rule, default_plan, own_plans, read_plans, register
from coterie.experiments.design.plan import ANY, Metric, Plan, plan_hash, read_plan, with_arms
from coterie.experiments.design.registry import plan_for
from coterie.study import SettingsError

PLAN = Plan("spring", "g", "o", {"control": 1, "b": 1}, Metric("visit", verb="view"), 0.02)
OTHER = Metric("other", "ratio", "like", "view", 7, 30, 0.99, 0.5, 0.9)
CHANGES = {
    "id": "fall",
    "goal": "h",
    "owner": "p",
    "arms": {"control": 1, "b": 2},
    "primary": PLAN.primary._replace(verb="like"),
    "minimum_lift": 0.03,
    "control": "b",
    "unit": "household",
    "cluster": "company",
    "secondaries": (OTHER,),
    "negative_control": OTHER,
    "base_rate": 0.2,
    "act_when": "estimate >= minimum",
    "alpha": 0.1,
    "power": 0.9,
    "looks": 28,
    "segments": (),
    "exclusions": ("b",),
    "salt_id": "x",
    "delivery": OTHER,
    "content_for": {"b": "S1"},
    "spending": "pocock",
    "people": 5000,
}
STATED = {
    "id": "email",
    "arms": {"none": 1, "mens": 1, "womens": 1},
    "control": "none",
    "primary": {"name": "visit"},
    "minimum_lift": 0.01,
}
WHY = {"goal": "g", "owner": "o"}


@pytest.mark.parametrize("field", Plan._fields)
def test_every_field_of_a_plan_is_part_of_its_fingerprint(field):
    assert plan_hash(PLAN._replace(**{field: CHANGES[field]})) != plan_hash(PLAN)


@pytest.mark.parametrize("field", Metric._fields)
def test_every_field_of_a_metric_is_part_of_it_too(field):
    changed = PLAN.primary._replace(**{field: getattr(OTHER, field)})
    assert plan_hash(PLAN._replace(primary=changed)) != plan_hash(PLAN)


def test_a_plan_is_read_back_as_it_was_written():
    plan = PLAN._replace(secondaries=(OTHER,), negative_control=OTHER._replace(name="placebo"))
    table = register([plan], now=datetime(2026, 1, 1))
    assert set(table) == set(contracts.Plans.types)
    read = read_plans(table)["spring"]
    assert read == plan._replace(arms={"control": 1.0, "b": 1.0})
    assert plan_hash(read) == plan_hash(plan)


def test_an_unchanged_plan_keeps_its_first_date_and_a_changed_one_gets_its_own():
    table = register([PLAN], now=datetime(2026, 1, 1))
    for month, lift in ((2, 0.02), (3, 0.05), (4, 0.02)):
        plan = PLAN._replace(minimum_lift=lift)
        table = register([plan], now=datetime(2026, month, 1), earlier=ibis.memtable(table))
    assert table["registered_at"].dt.month.tolist() == [1, 3]
    assert table["current"].tolist() == [True, False]
    assert read_plans(table)["spring"].minimum_lift == 0.02


def test_a_study_file_may_hold_several_plans_and_the_first_is_its_rule():
    options = {"base_rate": 0.1, "minimum_lift": 0.02, "horizon_days": 14, "primary": "asking"}
    usual = default_plan(**WHY, kpis={"asking": "create"}, **options)
    own = own_plans([STATED], usual)
    table = register([*own, usual], now=datetime(2026, 1, 1))
    plans = read_plans(table)
    assert plan_for(plans, "email").treatments == ["mens", "womens"]
    assert plan_for(plans, "spring").id == ANY
    rule = decision_rule([*own, usual], table)
    assert set(rule) == set(contracts.DecisionRule.types)
    assert rule["metric"].tolist() == ["visit"]
    assert rule["rule_hash"].tolist() == [plan_hash(own[0])]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"control": "all"}, "control: 'all' is none of the arms none, mens, womens"),
        ({"arms": {"none": 1}}, "an experiment has two arms or more"),
        ({"arms": {"none": 1, "mens": 0}}, "every weight must be above 0"),
        ({"minimum_lift": 0}, "minimum_lift above 0"),
        ({"looks": 0}, "one look or more"),
        ({"spending": "pocock"}, "two looks or more"),
        ({"spending": "never", "looks": 4}, "'obrien-fleming' or 'pocock'"),
        ({"looks": 4, "primary": {"name": "x", "kind": "mean"}}, "how many are planned"),
        (
            {"primary": {"name": "x", "kind": "median"}},
            r"plans\.primary.*'share', 'mean', 'ratio' or 'quantile'",
        ),
        ({"primary": {"name": "x", "kind": "ratio"}}, "a ratio needs its denominator"),
        ({"primary": {"name": "x", "kind": "quantile"}}, "a quantile has its place"),
        ({"primary": {"name": "x", "quantile": 0.5}}, "a quantile has its place"),
        ({"secondaries": [{"name": "visit"}]}, "two metrics have the same name"),
        ({"act_when": "p < 0.05"}, r"plans\.act_when"),
        ({"mimimum": 1}, r"plans\.mimimum: extra"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_by_name(change, told):
    with pytest.raises(SettingsError, match=told):
        read_plan(WHY | STATED | change)


def test_the_arms_of_the_usual_plan_are_checked_too():
    with pytest.raises(SettingsError, match="act_when is one of low > 0 or estimate >= minimum"):
        with_arms(PLAN, {"control": 1, "b": 1}, act_when="always")
