"""What 08 says about campaigns and segments, without a run."""

import pandas as pd

from coterie.statistics import Interval
from coterie.validation import Experiments, Ruling, Stability, apply_rule
from coterie.views import validation as view
from coterie.views.note import Note

RATIO_COLUMNS = ["campaign", "randomised", "n_control", "n_treatment", "srm_pvalue", "evidence"]
STARTED = pd.Timestamp("2026-04-20")
RULE = pd.Series(
    {"minimum_lift": 0.02, "alpha": 0.05, "registered_at": STARTED - pd.Timedelta("1D")}
)
NAMES = pd.Series({"S1": "Evening", "S2": "Weekend", "S3": "Quiet"})
LIFTS = pd.DataFrame(
    [
        ("spring", "all", 0.10, 0.14, 0.04, 0.02, 0.06, 0.001, "A"),
        ("spring", "S1", 0.10, 0.16, 0.06, 0.03, 0.09, 0.001, "A"),
        ("spring", "S2", 0.10, 0.11, 0.01, -0.04, 0.06, 0.7, "A"),
        ("winter", "all", 0.05, 0.30, 0.25, 0.20, 0.30, 0.0001, "C"),
        ("winter", "S1", 0.05, 0.35, 0.30, 0.20, 0.40, 0.0001, "C"),
    ],
    columns=[
        "campaign",
        "segment",
        "control",
        "treatment",
        "lift",
        "low",
        "high",
        "pvalue_adjusted",
        "evidence",
    ],
).assign(metric="conversion")
OBSERVED = LIFTS[LIFTS["campaign"] == "winter"]
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


def experiments(*rows: tuple) -> Experiments:
    return Experiments(pd.DataFrame(rows, columns=RATIO_COLUMNS), pd.Series(dtype=object))


def ruling(lifts: pd.DataFrame = LIFTS, campaign: str | None = "spring") -> Ruling:
    started = STARTED if campaign else None
    return apply_rule(lifts, RULE, names=NAMES, campaign=campaign, started=started)


RANDOMISED = ("spring", True, 900, 1800, 0.5, "A")
PICKED = ("winter", False, 600, 400, float("nan"), "C")
BOTH = experiments(RANDOMISED, PICKED)
OPTIONS = {"outcome": "purchase", "min_people": 50}


def rows_of(axes: object) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def test_the_title_counts_the_campaigns_that_can_show_what_they_changed():
    page = view.sample_ratios(BOTH, min_people=50).as_raw_html()
    assert "1 of 2 campaigns can show what they changed" in page
    assert "1,800" in page


def test_an_arm_of_few_people_is_a_dash_and_an_empty_one_is_nobody():
    small = experiments(("spring", True, 49, 1800, 0.5, "C"), ("winter", False, 0, 400, None, "C"))
    page = view.sample_ratios(small, min_people=50).as_raw_html()
    assert ">49<" not in page
    assert ">0<" in page
    assert "0 of 2 campaigns" in page


def test_without_any_campaign_there_is_no_experiment_and_nothing_to_draw():
    none = experiments()
    nothing = ruling(LIFTS.head(0), None)
    notes = [view.sample_ratios(none, min_people=50)]
    notes.append(view.lift_by_campaign(nothing, none, **OPTIONS))
    assert all("There is no experiment in these data" in note.reason for note in notes)
    assert view.lift_by_segment(nothing) == Note("No segment can be compared.")
    told = view.decision_by_segment(nothing, outcome="purchase")
    assert told == Note("No campaign, so no segment to act in.")
    assert "**cannot tell**" in view.decision(nothing).reason


def test_campaigns_that_cannot_be_compared_are_said_to_be_unrandomised_or_too_small():
    nothing = ruling(LIFTS.head(0), None)
    picked = view.lift_by_campaign(nothing, experiments(PICKED), **OPTIONS)
    assert picked.reason.startswith("**These campaigns were not randomised, so nothing can be said")
    assert "1 of 1 held anybody out; what people did, they might have done anyway." in picked.reason
    tiny = experiments(("spring", True, 0, 60, float("nan"), "C"))
    small = view.lift_by_campaign(nothing, tiny, **OPTIONS)
    assert small.reason.startswith("**These campaigns have no two arms of 50 people, so nothing")


def test_large_arms_in_which_nobody_converted_are_not_said_to_be_small():
    large = experiments(("spring", True, 400, 800, 0.5, "A"))
    note = view.lift_by_campaign(ruling(LIFTS.head(0), None), large, **OPTIONS)
    flaw = "have arms in which nobody, or everybody, came to purchase, so nothing"
    assert note.reason.startswith(f"**These campaigns {flaw}")
    axes = view.lift_by_campaign(ruling(OBSERVED, "spring"), large, **OPTIONS)
    assert axes.get_title(loc="left") == "In spring nobody, or everybody, came to purchase"


def test_a_randomised_campaign_is_named_with_its_lift_and_interval():
    axes = view.lift_by_campaign(ruling(), BOTH, **OPTIONS)
    assert axes.get_title(loc="left") == "spring changed purchase by +4.0 points (+2.0 to +6.0)"
    assert rows_of(axes) == ["spring (randomised)", "winter (not a lift)"]


def test_a_campaign_that_was_not_randomised_never_reads_as_an_effect():
    observed = ruling(OBSERVED, None)
    axes = view.lift_by_campaign(observed, experiments(PICKED), **OPTIONS)
    assert axes.get_title(loc="left") == "No randomised campaign passed its checks"
    assert rows_of(axes) == ["winter (not a lift)"]
    assert axes.get_xlabel() == "assigned minus held out, share of people"
    shown = [view.lift_by_segment(observed), view.decision(observed)]
    shown.append(view.decision_by_segment(observed, outcome="purchase"))
    said = " ".join(note.reason for note in shown) + axes.alt
    assert "winter" not in said
    assert not [word for word in ("caused", "increased", "changed", "points (") if word in said]
    assert "**cannot tell**" in said


def test_a_trusted_campaign_too_small_to_compare_is_not_said_to_have_failed_its_checks():
    small = experiments(("spring", True, 20, 40, 0.5, "A"), PICKED)
    axes = view.lift_by_campaign(ruling(OBSERVED, "spring"), small, **OPTIONS)
    assert axes.get_title(loc="left") == "spring has no two arms of 50 people to compare"
    assert rows_of(axes) == ["winter (not a lift)"]


def test_a_randomised_campaign_whose_arms_do_not_fit_the_plan_shows_no_lift_either():
    lost = experiments(("spring", True, 900, 1500, 0.0001, "C"))
    unfit = ruling(LIFTS.query("campaign == 'spring'").assign(evidence="C"), lost.campaign)
    axes = view.lift_by_campaign(unfit, lost, **OPTIONS)
    assert axes.get_title(loc="left") == "No randomised campaign passed its checks"
    assert rows_of(axes) == ["spring (not a lift)"]
    assert view.lift_by_segment(unfit) == Note("No segment can be compared.")


def test_no_title_says_changed_when_the_rule_is_applied_to_a_campaign_of_grade_c():
    forced = ruling(OBSERVED, "winter")
    axes = view.lift_by_campaign(forced, experiments(PICKED), **OPTIONS)
    assert axes.get_title(loc="left") == "No randomised campaign passed its checks"


def test_beside_a_randomised_campaign_the_other_one_is_in_no_segment():
    axes = view.lift_by_segment(ruling())
    assert rows_of(axes) == ["S1 Evening", "S2 Weekend"]
    page = view.decision_by_segment(ruling(), outcome="purchase").as_raw_html()
    assert "+30.0 points" not in page


def test_segments_whose_lift_chance_may_explain_are_not_counted_as_lifted():
    title = view.lift_by_segment(ruling()).get_title(loc="left")
    assert title == "1 of 2 segments show a lift that chance does not explain"


def test_the_rule_is_told_in_points_with_whether_it_is_older_than_the_campaign():
    told = view.decision(ruling()).reason
    assert told == (
        "By the rule, a lift of at least 2.0 points at alpha 0.05, for everyone: **act**. The rule"
        " was fixed before the campaign began."
    )
    late = view.decision(ruling()._replace(pre_registered=False)).reason
    assert "**not pre-registered**" in late


def test_a_segment_too_small_to_compare_is_named_and_not_decided():
    page = view.decision_by_segment(ruling(), outcome="purchase").as_raw_html()
    assert "The same rule by segment: act in 1 of 2" in page
    assert "Too few people to compare: S3" in page
    assert "+6.0 points" in page
    everyone = LIFTS[LIFTS["segment"] == "all"]
    page = view.decision_by_segment(ruling(everyone), outcome="purchase").as_raw_html()
    assert "act in 0 of 0" in page
    assert "Too few people to compare: S1, S2, S3" in page


def test_a_segment_keeps_more_than_chance_when_its_interval_lies_above_the_tick():
    axes = view.kept_people(
        Stability(KEPT, (1.0, 1.0, 1.0), (0.5, 0.4, 0.6), 0.3), earlier_days=60, min_people=50
    )
    title = axes.get_title(loc="left")
    assert title == "2 of 3 segments keep more people than chance over 60 days"
    assert rows_of(axes) == ["S1", "S2"]  # the third has 49 people


def test_one_segment_keeps_everybody_as_chance_does():
    one = KEPT.head(1).assign(kept_share=1.0, low=0.99, high=1.0, null_share=1.0)
    axes = view.kept_people(
        Stability(one, (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 1.0), earlier_days=60, min_people=50
    )
    assert axes.get_title(loc="left").startswith("0 of 1 segments keep more people than chance")


def test_where_every_segment_is_small_none_is_drawn():
    small = Stability(KEPT, (1.0, 1.0, 1.0), (0.5, 0.4, 0.6), 0.3)
    note = view.kept_people(small, earlier_days=60, min_people=500)
    assert note == Note("Every segment is too small to be shown.")


def test_lasting_borders_are_not_people_who_stay_and_the_page_says_so():
    passing = Stability(KEPT, (1.0, 1.0, 1.0), Interval(0.5, 0.4, 0.6), 0.3)
    said = view.persistence(passing, 0.97, earlier_days=60).reason
    assert "Borders are stable and people are not" in said
    assert "50% of people" in said
    assert "kappa 0.30" in said
    assert "0.97" in said
    assert (
        "mostly stay" in view.persistence(passing._replace(kappa=0.8), 0.97, earlier_days=60).reason
    )
    assert view.persistence(passing, None, earlier_days=60).reason.startswith("One segment")
