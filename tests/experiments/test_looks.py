"""A few planned looks before the end: published boundaries, each look taken once and kept."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from coterie import contracts
from coterie.experiments.checking.checks import Checks
from coterie.experiments.deciding.analysis import from_sums
from coterie.experiments.deciding.decisions import Case, decide
from coterie.experiments.deciding.report import Report
from coterie.experiments.design.looks import COLUMNS, NO_LOOKS, earlier_looks
from coterie.experiments.design.plan import plan_hash
from coterie.experiments.design.sequential import boundaries, crossing, spent_alpha
from coterie.experiments.design.sizing import people_needed, size
from coterie.views.experiments import looks as view
from experiments.worlds import PLAN, campaign_of, sums_of, units_of

LOOKING = PLAN._replace(id="spring", looks=4, spending="obrien-fleming", people=3000, segments=())
SENSITIVE = LOOKING._replace(minimum_lift=0.001)  # gives up at no look


@pytest.mark.parametrize(
    ("looks", "constant", "power"),
    [(4, 2.024, 0.5), (5, 2.040, 0.5), (2, 2.178, 0.0), (4, 2.361, 0.0), (5, 2.413, 0.0)],
)
def test_published_constants_spend_a_twentieth_over_all_looks(looks, constant, power):
    # Jennison and Turnbull (2000), tables 2.1 (Pocock) and 2.3 (O'Brien-Fleming), alpha 0.05
    shares = (np.arange(looks) + 1) / looks
    assert crossing(constant / shares**power, shares).sum() == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(
    ("spending", "published"),
    [
        ("obrien-fleming", (4.3326, 2.9631, 2.3590, 2.0141)),
        ("pocock", (2.3683, 2.3675, 2.3582, 2.3500)),
    ],
)
def test_boundaries_of_spending_functions_are_those_that_are_published(spending, published):
    # Lan-DeMets, four looks, two-sided 0.05, as ldbounds and gsDesign for R give them
    shares = (0.25, 0.5, 0.75, 1.0)
    spent = tuple(spent_alpha(share, alpha=0.05, spending=spending) for share in shares)
    assert boundaries(shares, spent) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("shares", [(0.1, 0.15, 0.9, 1.0), (0.5, 1.2), (0.02, 1.0)])
def test_looks_at_any_times_spend_what_is_allowed_and_no_more(shares):
    spent = tuple(spent_alpha(share, alpha=0.05, spending="pocock") for share in shares)
    assert crossing(boundaries(shares, spent), shares).sum() == pytest.approx(0.05, abs=1e-6)
    late = tuple(spent_alpha(share, alpha=0.05, spending="obrien-fleming") for share in shares)
    assert boundaries(shares, late)[0] > boundaries(shares, spent)[0]


def looked(
    share: float, *, lift: float, earlier: pd.DataFrame = NO_LOOKS, plan=LOOKING, seed: int = 0
) -> Report:
    """Run a study when this share of 3,000 people has had its time."""
    units = units_of(np.random.default_rng(seed), plan, n=3000, lift=lift)
    every, sums = (sums_of(units.iloc[: int(3000 * part)], plan) for part in (1, share))
    every, sums = (part[part["segment"] == "all"].set_index("arm") for part in (every, sums))
    sums = sums.assign(n_assigned=every["n_people"]).reset_index()
    campaigns = {"spring": campaign_of(plan)}
    return from_sums(campaigns, {"spring": sums}, looked=earlier, as_of=date(2026, 7, 1))


def word(report: Report) -> tuple[str, str]:
    return tuple(report.decided[["decision", "reason"]].iloc[0])


def test_a_look_is_taken_when_it_is_due_and_never_twice():
    before = looked(0.2, lift=0.0)
    assert before.looks.empty
    assert word(before) == ("too early", "look 1 of 4 is due at 750 people")
    first = looked(0.3, lift=0.0, plan=SENSITIVE)
    assert set(first.looks) == set(contracts.Looks.types)
    assert first.looks[["look", "n_people"]].to_numpy().tolist() == [[1, 900]]
    again = looked(0.45, lift=0.0, plan=SENSITIVE, earlier=first.looks)
    assert again.looks.equals(first.looks)
    assert word(again) == ("too early", "look 2 of 4 is due at 1,500 people")
    late = looked(0.8, lift=0.0, plan=SENSITIVE, earlier=first.looks)
    assert late.looks["look"].tolist() == [1, 3]  # the second was left out, and costs nothing
    at_end = looked(1.0, lift=0.0, plan=SENSITIVE, earlier=late.looks)
    assert at_end.looks["look"].tolist() == [1, 3, 4]
    assert at_end.looks["spent"].iloc[-1] == LOOKING.alpha
    bounds = crossing(at_end.looks["boundary"], at_end.looks["n_people"])
    assert bounds.sum() == pytest.approx(LOOKING.alpha, abs=1e-6)
    assert word(at_end) == ("cannot tell", "not beyond chance")


def test_what_a_look_decided_stands_whatever_comes_after():
    early = looked(0.5, lift=0.12)
    assert word(early) == ("act", "beyond chance at look 2 of 4")
    turned = looked(1.0, lift=-0.1, earlier=early.looks)
    assert turned.looks.equals(early.looks)
    assert word(turned) == ("act", "beyond chance at look 2 of 4")
    stopped = looked(0.5, lift=-0.12)
    assert word(stopped) == ("do not act", "a rise worth acting on is excluded at look 2 of 4")


def test_looks_of_another_plan_are_kept_and_do_not_count():
    first = looked(0.3, lift=0.0)
    other = LOOKING._replace(minimum_lift=0.04)
    changed = looked(0.3, lift=0.0, earlier=first.looks, plan=other)
    assert changed.looks["plan_hash"].tolist() == [plan_hash(LOOKING), plan_hash(other)]


def test_behind_the_gate_nothing_is_decided_before_the_end():
    early = looked(0.5, lift=0.12)
    plan = LOOKING._replace(segments=("segment",))
    case = Case(plan, Checks(early.checks, complete=False), 0.5, early.looks)
    both = pd.concat([early.effects, early.effects.assign(segment="S1")])
    found = decide(both, {"spring": case})
    assert found.set_index("segment")["decision"].to_dict() == {"all": "act", "S1": "too early"}


def test_looks_leave_less_to_the_end_and_so_take_a_few_more_people():
    once = people_needed(PLAN, base_rate=0.12)
    few = people_needed(LOOKING, base_rate=0.12)
    often = people_needed(PLAN._replace(looks=28), base_rate=0.12)
    assert once < few < often < 1.1 * once
    assert size(LOOKING, base_rate=0.12)["p_act"].iloc[0] == pytest.approx(0.8, abs=0.005)


def test_the_first_run_has_no_earlier_looks():
    assert list(earlier_looks(None)) == COLUMNS
    assert earlier_looks(None).empty


def test_the_page_says_which_rule_holds_and_what_the_looks_found():
    report = looked(0.5, lift=0.12)
    page = view.taken(report)
    assert repr(page).endswith("2 of 4 planned looks: treatment: act")
    assert "Fleming-type spending, Lan-DeMets" in page.as_raw_html()
    assert "look has been due" in view.taken(looked(0.1, lift=0.0)).reason
    daily = looked(0.5, lift=0.0, plan=LOOKING._replace(spending="", looks=28))
    assert "any of 28 looks (confidence sequence)" in view.taken(daily).reason
