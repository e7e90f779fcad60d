"""What 08 says about campaigns and segments, without a run."""

import pandas as pd
import pytest
from experiments.worlds import DAY, PLAN, exposures_of, report_of
from experiments.worlds import spring_world as world

from coterie import experiments
from coterie.experiments import Report, Stability
from coterie.experiments.design.plan import ANY, Metric
from coterie.statistics import Interval
from coterie.views import experiments as view
from coterie.views.experiments import lasting
from coterie.views.forms.note import Note

KEPT = pd.DataFrame(
    {
        "segment": ["S1", "S2", "S3"],
        "n_people": [400, 60, 49],
        "kept_share": [0.8, 0.3, 0.9],
        "low": [0.75, 0.2, 0.8],
        "high": [0.85, 0.4, 0.95],
        "null_share": [0.5, 0.3, 0.2],
    }
)
OPTIONS = {"min_people": 50}


def both(first: Report, second: Report) -> Report:
    """Put the campaigns of two reports into one."""
    tables = {
        name: pd.concat([getattr(first, name), getattr(second, name)])
        for name in ("sums", "effects", "checks", "decisions")
    }
    return first._replace(
        campaigns=first.campaigns | second.campaigns, grades=first.grades | second.grades, **tables
    )


@pytest.fixture(scope="module")
def spring() -> Report:
    return world()


@pytest.fixture(scope="module")
def winter() -> Report:
    return world(campaign="winter", randomised=False)


@pytest.fixture(scope="module")
def nothing() -> Report:
    return report_of(exposures_of({"ana": "control"}).head(0), [])


def rows_of(axes: object) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def title_of(axes: object) -> str:
    return axes.get_title(loc="left")


def test_the_title_counts_the_campaigns_that_can_show_what_they_changed(spring, winter):
    page = view.campaigns(both(spring, winter), **OPTIONS).as_raw_html()
    assert "1 of 2 campaigns can show what they changed" in page
    assert "control 300; treatment 600" in page
    assert "no file says that chance alone chose the arms" in page


def test_an_arm_of_few_people_is_a_dash():
    page = view.campaigns(world(n=99), **OPTIONS).as_raw_html()
    assert "control —; treatment 66" in page


def test_without_any_campaign_there_is_no_experiment_and_nothing_to_draw(nothing):
    notes = [view.campaigns(nothing, **OPTIONS), view.lift_by_campaign(nothing, **OPTIONS)]
    assert all("There is no experiment in these data" in note.reason for note in notes)
    assert view.lift_by_segment(nothing) == Note("No segment can be compared.")
    assert view.decision_by_segment(nothing) == Note("No campaign, so no segment to act in.")
    assert "**cannot tell**" in view.decision(nothing, pd.DataFrame()).reason
    assert "no campaign whose outcomes" in view.other_metrics(nothing).reason
    assert "No campaign passed" in view.checks(nothing).reason


def test_campaigns_that_cannot_be_compared_are_said_to_be_unrandomised_or_too_small():
    picked = view.lift_by_campaign(world(n=90, randomised=False), **OPTIONS)
    assert picked.reason.startswith("**These campaigns were not randomised, so nothing can be said")
    assert "1 of 1 held anybody out; what people did, they might have done anyway." in picked.reason
    small = view.lift_by_campaign(world(n=90), **OPTIONS)
    assert small.reason.startswith("**These campaigns have no two arms of 50 people whose outcome")


def test_a_randomised_campaign_is_named_with_its_lift_and_interval(spring, winter):
    axes = view.lift_by_campaign(both(spring, winter), **OPTIONS)
    assert title_of(axes) == "spring changed purchase by +10.0 points (+5.1 to +14.5)"
    assert rows_of(axes) == ["spring (randomised)", "winter (not a lift)"]


def test_a_campaign_that_was_not_randomised_never_reads_as_an_effect(winter):
    axes = view.lift_by_campaign(winter, **OPTIONS)
    assert title_of(axes) == "No randomised campaign passed its checks"
    assert rows_of(axes) == ["winter (not a lift)"]
    shown = [view.lift_by_segment(winter), view.decision(winter, pd.DataFrame())]
    shown += [view.decision_by_segment(winter), view.other_metrics(winter)]
    said = " ".join(note.reason for note in shown) + axes.alt
    assert "winter" not in said
    assert not [word for word in ("caused", "increased", "changed", "points (") if word in said]
    assert "**cannot tell**" in said


def test_before_anybody_has_had_the_horizon_the_title_says_too_early(winter):
    early = both(world(as_of=DAY.date() + pd.Timedelta("9D")), winter)
    title = title_of(view.lift_by_campaign(early, **OPTIONS))
    assert title == "For spring it is too early: nobody has had the whole horizon yet"
    said = view.decision(early, registered(early)).reason
    assert "For everyone: **too early**" in said


def registered(report: Report, *, days: int = 0) -> pd.DataFrame:
    """Write a report's plan down so many days after its campaign began."""
    told = report.campaigns["spring"].registered_as
    at = DAY + pd.Timedelta(days=days)
    return pd.DataFrame({"plan_hash": [told], "registered_at": [at]})


def test_the_plan_is_told_in_points_with_whether_it_is_older_than_the_campaign(spring):
    told = view.decision(spring, registered(spring, days=-1)).reason
    assert told == (
        "The plan asks for a rise beyond chance at alpha 0.05, and gives up where a rise of 5.0"
        " points is excluded. For everyone: **act** (beyond chance). The plan was fixed before the"
        " campaign began."
    )
    assert "**not pre-registered**" in view.decision(spring, registered(spring)).reason
    assert spring.campaigns["spring"].plan.id == "spring"
    assert PLAN.id == ANY


def test_segments_whose_lift_chance_may_explain_are_not_counted_as_lifted(spring):
    axes = view.lift_by_segment(spring)
    assert title_of(axes) == "1 of 2 segments show a lift that chance does not explain"
    assert rows_of(axes) == ["S1 Evening", "S2 Weekend"]


def test_a_segment_too_small_to_compare_is_named_and_not_decided(spring):
    page = view.decision_by_segment(spring).as_raw_html()
    assert "The same plan by segment: act in 1 of 2" in page
    assert "Too few people to compare: S3" in page
    assert "+20.0 points" in page


def test_every_outcome_is_shown_in_its_own_unit_with_what_follows():
    plan = PLAN._replace(secondaries=(Metric("value", "mean", "purchase"),))
    page = view.other_metrics(world(plan=plan)).as_raw_html()
    assert "2 of 2 outcomes speak for acting" in page
    assert "+10.0 points" in page
    assert "+0.5<" in page
    assert "score interval of two shares" in page


def test_the_checks_of_the_main_campaign_are_shown(spring):
    page = view.checks(spring).as_raw_html()
    assert "spring passed 8 of 8 checks" in page
    assert "everyone has had the time in which an outcome counts" in page


def test_the_holdout_is_measured_and_not_decided_on(spring, nothing):
    held = both(spring, world(campaign="standing holdout"))
    said = view.holdout(held, **OPTIONS).reason
    assert "Of 600 people who may be addressed" in said
    assert "**+10.0 points (+5.1 to +14.5)**" in said
    assert "not decided on" in said
    assert "fewer than 50 people" in view.holdout(nothing, **OPTIONS).reason


def test_a_segment_keeps_more_than_chance_when_its_interval_lies_above_the_tick():
    axes = lasting.kept_people(
        Stability(KEPT, (1.0, 1.0, 1.0), (0.5, 0.4, 0.6), 0.3), earlier_days=60, min_people=50
    )
    title = axes.get_title(loc="left")
    assert title == "2 of 3 segments keep more people than chance over 60 days"
    assert rows_of(axes) == ["S1", "S2"]  # the third has 49 people


def test_one_segment_keeps_everybody_as_chance_does():
    one = KEPT.head(1).assign(kept_share=1.0, low=0.99, high=1.0, null_share=1.0)
    axes = lasting.kept_people(
        Stability(one, (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 1.0), earlier_days=60, min_people=50
    )
    assert axes.get_title(loc="left").startswith("0 of 1 segments keep more people than chance")


def test_where_every_segment_is_small_none_is_drawn():
    small = Stability(KEPT, (1.0, 1.0, 1.0), (0.5, 0.4, 0.6), 0.3)
    note = lasting.kept_people(small, earlier_days=60, min_people=500)
    assert note == Note("Every segment is too small to be shown.")


def test_lasting_borders_are_not_people_who_stay_and_the_page_says_so():
    passing = Stability(KEPT, (1.0, 1.0, 1.0), Interval(0.5, 0.4, 0.6), 0.3)
    said = lasting.persistence(passing, 0.97, earlier_days=60).reason
    assert "Borders are stable and people are not" in said
    assert "50% of people" in said
    assert "kappa 0.30" in said
    assert "0.97" in said
    assert (
        "mostly stay"
        in lasting.persistence(passing._replace(kappa=0.8), 0.97, earlier_days=60).reason
    )
    assert lasting.persistence(passing, None, earlier_days=60).reason.startswith("One segment")


def test_effects_are_shown_as_found_and_as_pulled_to_their_mean(spring, nothing):
    page = view.shrunken(experiments.shrink(spring)).as_raw_html()
    assert "Segments differ in how they react (p = " in page
    assert "pulled to the mean" in page
    assert "none can be pulled" in view.shrunken(experiments.shrink(nothing)).reason


def test_segments_that_react_alike_are_named_and_merged_by_nobody(spring):
    found = experiments.shrink(spring)
    pairs = experiments.merge_advice(found, within=1.0)
    said = view.alike(pairs, spring).reason
    assert "S1 Evening and S2 Weekend" in said
    assert "nothing is merged by this" in said
    assert "No two segments" in view.alike(pairs.head(0), spring).reason


def test_money_is_written_as_money_wherever_it_decides():
    median = Metric("spend", "quantile", "purchase", quantile=0.5)
    plan = PLAN._replace(primary=median, minimum_lift=3.0)
    arms = {f"p{i}": "control" if i % 3 == 0 else "treatment" for i in range(600)}
    paid = [(f"p{i}", "2026-05-03", "purchase", 10.0 + i % 7 + 5 * (i % 3 > 0)) for i in range(600)]
    where = pd.DataFrame(
        {"person_id": [*arms], "segment": ["S1" if i % 2 else "S2" for i in range(600)]}
    )
    report = report_of(exposures_of(arms, at=DAY), paid, plan, segments=where, min_people=50)
    report = report._replace(names={"S1": "Evening", "S2": "Quiet"})
    axes = view.lift_by_campaign(report, **OPTIONS)
    assert title_of(axes) == "spring changed spend (median) by +5 (+5 to +6)"
    assert axes.get_xlabel() == "arm minus control, of that quantile"
    unwritten = pd.DataFrame(columns=["plan_hash", "registered_at"])
    assert "a rise of 3 is excluded" in view.decision(report, unwritten).reason
    shown = [view.decision_by_segment(report), view.shrunken(experiments.shrink(report))]
    shown += [view.other_metrics(report)]
    pages = " ".join(page.as_raw_html() for page in shown)
    assert "points" not in pages
    assert "spend (median), in the arm" in pages
    assert "above the truth" not in pages  # a quantile's interval misses on both sides alike
