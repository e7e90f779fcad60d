"""Tests that a warehouse added up are judged without anybody named in them."""

from datetime import date

import ibis
import pandas as pd
import pytest

from coterie import contracts
from coterie.experiments import analyse, from_warehouse, overlap, shrink, uplift
from coterie.experiments.design.plan import ANY, Metric
from coterie.study import SettingsError
from coterie.views import experiments as view
from coterie.views.experiments import other_campaigns as others
from experiments.worlds import ACTS, NOT_MEASURED, PLAN

SPEND = Metric("spend", "mean")
EMAIL = PLAN._replace(
    id="email",
    arms={"none": 1.0, "mens": 1.0, "womens": 1.0},
    control="none",
    primary=Metric("visit"),
    secondaries=(SPEND,),
    minimum_lift=0.01,
)
PLANS = {ANY: PLAN, "email": EMAIL}
# Hillstrom: people, visits, dollars and their squares, added up from the file by arm
ROWS = [
    ("mens", 21_307, 3_894, 30_311.68, 4_164_000.0),
    ("womens", 21_387, 3_238, 23_038.12, 3_126_000.0),
    ("none", 21_306, 2_262, 13_908.33, 1_887_000.0),
]


def stated(rows=ROWS, *, segment: str | None = None, drawn: bool = True) -> pd.DataFrame:
    """Write rows as 02 does: a row an arm and metric."""
    frame = pd.DataFrame(rows, columns=["arm", "units", "visit", "spend", "squares"])
    visits = frame.assign(metric="visit", sum_y=frame["visit"], sum_yy=float("nan"))
    money = frame.assign(metric="spend", sum_y=frame["spend"], sum_yy=frame["squares"])
    both = pd.concat([visits, money]).assign(campaign="email", segment=segment, randomised=drawn)
    return both[list(contracts.TestSums.types)].astype({"segment": object, "units": float})


def report_of(frame: pd.DataFrame, plans=PLANS):
    table = ibis.memtable(frame.astype({"segment": "string"}))
    nothing = pd.DataFrame(columns=ACTS).astype({"person_id": str, "verb": str, "value": float})
    events = nothing.assign(at=pd.to_datetime(nothing["at"]))
    return analyse(
        {},
        ibis.memtable(events),
        ibis.memtable(NOT_MEASURED),
        as_of=date(2026, 7, 1),
        stated=from_warehouse(table, plans),
    )


def test_a_published_test_is_judged_from_its_sums_alone():
    report = report_of(stated())
    assert (report.main, report.grades) == ("email", {"email": "A"})
    rows = report.decided.set_index("arm")
    assert rows["decision"].to_dict() == {"mens": "act", "womens": "act"}
    assert rows.loc["mens", "effect"] == pytest.approx(0.0766, abs=1e-4)
    assert report.secondary["effect"].tolist() == pytest.approx([0.770, 0.424], abs=1e-3)
    assert set(report.sums) == set(contracts.Aggregates.types)


def test_whatever_takes_people_says_that_there_are_none():
    report = report_of(stated())
    assert overlap({}, campaign=report.main).table.empty
    tables = (ibis.memtable(NOT_MEASURED), ibis.memtable(NOT_MEASURED))
    found = uplift(report, {}, *tables, shrunken=shrink(report), as_of=date(2026, 7, 1))
    assert found.reason == "of email only sums are known, and nobody in it"


def test_groups_without_a_row_for_everyone_are_added_up():
    halves = [(arm, *(number / 2 for number in rest)) for arm, *rest in ROWS]
    parts = pd.concat([stated(halves, segment=name) for name in ("north", "south")])
    report = report_of(parts)
    assert report.lift[0] == pytest.approx(report_of(stated()).lift[0])
    assert set(report.by_segment["segment"]) == {"north", "south"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"units": -21_000.0}, "counts below 0"),
        ({"sum_y": 50_000.0}, "shares of people outside 0 and 1"),
        ({"sum_y": float("nan")}, "sums that are no number"),
        ({"arm": "kids"}, "the plan has no arm kids: 21,307 people; nobody is in mens"),
        ({"randomised": False}, "no file says that chance alone chose the arms"),
        ({"units": 15_000.0}, "arms do not have the planned sizes"),
    ],
)
def test_sums_that_cannot_be_are_named_and_nothing_is_said(change, reason):
    frame = stated().reset_index(drop=True)
    first = (frame["arm"] == "mens") & (frame["metric"] == "visit")
    for name, value in change.items():
        frame.loc[first, name] = value
    report = report_of(frame)
    assert report.grades["email"] == "C"
    failed = report.checks[~report.checks["passed"]]
    assert reason in " ".join(failed["reason"])
    assert set(report.decisions["decision"]) == {"cannot tell"}


def test_a_mean_without_squares_has_no_variance_and_an_unknown_metric_is_named():
    bare = stated().assign(sum_yy=float("nan"))
    assert "no number in 3 rows" in " ".join(report_of(bare).checks["reason"])
    other = stated().replace({"metric": {"spend": "margin"}})
    assert "no metric margin: not compared" in " ".join(report_of(other).checks["reason"])


def test_a_campaign_of_people_and_of_sums_is_one_too_many():
    twice = from_warehouse(ibis.memtable(stated().astype({"segment": "string"})), PLANS)
    with pytest.raises(SettingsError, match="of email one file has people and another sums"):
        analyse({"email": twice["email"].campaign}, None, None, as_of=date.today(), stated=twice)


def test_hundreds_of_tests_are_one_page():
    frames = [stated().assign(campaign=f"t{i}") for i in range(30)]
    plans = PLANS | {f"t{i}": EMAIL._replace(id=f"t{i}") for i in range(30)}
    report = report_of(pd.concat(frames), plans)
    page = others.decided(report)
    assert repr(page).endswith("29 other campaigns, by arm: act 58")
    assert "33 more stand in the table decisions" in page.as_raw_html()
    axes = view.lift_by_campaign(report, min_people=50)
    assert len(axes.get_yticklabels()) == 25
    assert axes.get_xlabel().endswith("(35 arms of smaller campaigns are not drawn)")
    assert others.decided(report_of(stated())).reason == "There is no other campaign."
