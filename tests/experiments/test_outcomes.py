"""What counts as an outcome, for whom, and what is merely not known yet."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie.experiments.deciding.aggregates import aggregate
from coterie.experiments.design.plan import Metric
from coterie.experiments.trials.outcomes import from_events, from_measures
from experiments.worlds import CONVERSION, DAY, PLAN, exposures_of, report_of, sums_of, units_of

VALUE = Metric("value", "mean", "purchase")
RATE = Metric("rate", "ratio", "click", "view")
BOTH = exposures_of({"ana": "treatment", "bo": "control"})
GROUPED = ibis.memtable(BOTH.drop(columns=["campaign", "randomised"])).mutate(
    multi_exposed=False, segment=ibis.null("string"), cluster=ibis.null("string")
)


def counted(acts: list[tuple], *metrics: Metric, as_of=date(2026, 7, 1)) -> pd.DataFrame:
    events = pd.DataFrame(acts, columns=["person_id", "at", "verb", "value"])
    events = events.assign(at=pd.to_datetime(events["at"], format="ISO8601"))
    plan = PLAN._replace(primary=metrics[0], secondaries=metrics[1:])
    found = from_events(GROUPED, ibis.memtable(events), plan, as_of=as_of)
    return found.to_pandas().set_index("person_id")


def test_a_purchase_at_the_very_start_counts_and_one_at_the_very_end_does_not():
    acts = [("ana", "2026-05-01 00:00", "purchase", 5.0), ("bo", "2026-05-29", "purchase", 7.0)]
    found = counted(acts, CONVERSION, VALUE)
    assert found["y0"].to_dict() == {"ana": 1.0, "bo": 0.0}
    assert found["y1"].to_dict() == {"ana": 5.0, "bo": 0.0}


def test_everyone_assigned_counts_once_even_without_any_act():
    acts = [("ana", "2026-05-02", "purchase", 1.0), ("ana", "2026-05-03", "purchase", 2.0)]
    found = counted(acts, VALUE)
    assert found["y0"].to_dict() == {"ana": 3.0, "bo": 0.0}


def test_who_was_assigned_too_recently_has_no_outcome_rather_than_none():
    acts = [("ana", "2026-05-02", "purchase", 1.0)]
    assert counted(acts, CONVERSION, as_of=date(2026, 5, 28))["y0"].isna().all()
    assert counted(acts, CONVERSION, as_of=date(2026, 5, 29))["y0"].to_dict() == {"ana": 1, "bo": 0}


def test_what_happened_before_the_assignment_is_a_covariate_and_no_outcome():
    acts = [("ana", "2026-04-30 23:59", "purchase", 5.0), ("ana", "2026-03-01", "purchase", 2.0)]
    long, short = CONVERSION._replace(covariate_days=90), VALUE._replace(covariate_days=28)
    found = counted(acts, long, short).loc["ana"]
    assert found[["y0", "x0", "y1", "x1"]].tolist() == [0, 2, 0, 5.0]


def test_a_ratio_counts_its_acts_over_the_acts_it_is_taken_over():
    acts = [("ana", "2026-05-02", verb, np.nan) for verb in ("view", "view", "click", "like")]
    found = counted(acts, RATE)
    assert found[["y0", "d0"]].loc["ana"].tolist() == [1, 2]
    assert found[["y0", "d0"]].loc["bo"].tolist() == [0, 0]


def test_the_largest_values_are_cut_at_the_quantile_of_all_arms():
    acts = [("ana", "2026-05-02", "purchase", 100.0), ("bo", "2026-05-02", "purchase", 1.0)]
    assert counted(acts, VALUE._replace(winsorise=0.5))["y0"].tolist() == [50.5, 1.0]


def test_a_file_of_the_experiment_may_state_the_outcomes_and_one_missing_is_one_missing():
    measured = pd.DataFrame(
        [
            ("ana", "visit", 1.0),
            ("ana", "spend", np.nan),
            ("bo", "visit", 0.0),
            ("bo", "spend", 3.0),
        ],
        columns=["person_id", "measure", "value"],
    )
    plan = PLAN._replace(primary=Metric("visit"), secondaries=(Metric("spend", "mean"),))
    units = from_measures(GROUPED, ibis.memtable(measured), plan)
    sums = aggregate(units, plan).set_index(["metric", "arm"])
    assert sums.loc[("visit", "treatment"), ["n_assigned", "n", "sum_y"]].tolist() == [1, 1, 1]
    assert sums.loc[("spend", "treatment"), ["n_assigned", "n", "sum_y"]].tolist() == [1, 0, 0]
    assert sums.loc[("spend", "control"), "sum_yy"] == 9


def test_the_engine_adds_up_what_numpy_adds_up():
    plan = PLAN._replace(primary=CONVERSION._replace(covariate_days=90), secondaries=(VALUE, RATE))
    frame = units_of(np.random.default_rng(0), plan, n=500)
    sums = aggregate(ibis.memtable(frame), plan)
    for row in sums[sums["segment"] != "all"].itertuples():
        place = [metric.name for metric in plan.metrics].index(row.metric)
        ours = frame[(frame["arm"] == row.arm) & (frame["segment"] == row.segment)]
        y, d, x = (ours[f"{name}{place}"].fillna(0) for name in "ydx")
        want = [len(ours), y.sum(), y @ y, d.sum(), y @ d, x @ y]
        got = [row.n, row.sum_y, row.sum_yy, row.sum_d, row.sum_yd, row.sum_xy]
        assert got == pytest.approx(want)
    everyone = sums[sums["segment"] == "all"].groupby("metric")["n"].sum()
    assert (everyone == 500).all()


@pytest.mark.parametrize("cluster", ["", "company"])
def test_the_simulations_add_up_as_the_engine_does(cluster):
    plan = PLAN._replace(secondaries=(VALUE, RATE), cluster=cluster)
    frame = units_of(np.random.default_rng(0), plan, n=600)
    frame["cluster"] = np.arange(600) // 4
    ours, engine = (
        table.sort_values(["metric", "segment", "arm"], ignore_index=True)
        for table in (
            sums_of(frame, plan),
            aggregate(ibis.memtable(frame.astype({"cluster": str})), plan),
        )
    )
    pd.testing.assert_frame_equal(ours, engine, check_dtype=False)


def test_with_clusters_a_row_of_the_sums_is_a_cluster():
    plan = PLAN._replace(cluster="company")
    frame = units_of(np.random.default_rng(0), plan, n=400).assign(arm="control")
    frame["cluster"] = [f"c{i // 4}" for i in range(400)]
    [row] = aggregate(ibis.memtable(frame), plan, groupings=()).itertuples()
    sums = frame.groupby("cluster")["y0"].sum()
    assert (row.n, row.n_people, row.sum_d) == (100, 400, 400)
    assert (row.sum_y, row.sum_yy) == pytest.approx((sums.sum(), sums @ sums))


def test_people_in_two_arms_are_left_out_of_a_second_line_only():
    people = {f"p{i}": "control" if i % 2 else "treatment" for i in range(40)}
    exposures = exposures_of(people).assign(mixed=lambda frame: frame.index < 4)
    report = report_of(exposures, [("p0", "2026-05-02", "purchase", 1.0)])
    sizes = report.effects.set_index("analysis")[["n_control", "n_arm"]]
    assert sizes.loc["as assigned"].tolist() == [20, 20]
    assert sizes.loc["without mixed"].tolist() == [18, 18]
    mixed = report.checks.set_index("check").loc["mixed"]
    assert mixed["reason"] == "4 people are in two arms (10.0%); their first counts"
    assert (mixed["passed"], report.grades["spring"]) == (False, "B")


def test_a_campaign_that_began_twice_dates_from_its_first_assignment():
    later = exposures_of({"cy": "control"}, at=DAY + pd.Timedelta("9D"))
    report = report_of(pd.concat([BOTH, later]), [("ana", "2026-05-02", "purchase", 1.0)])
    assert report.campaigns["spring"].started == DAY
