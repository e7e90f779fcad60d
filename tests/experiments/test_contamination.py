"""Other campaigns at the same time, and messages that miss their arm, are seen and never hidden."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie import contracts
from coterie.experiments import deliveries, overlap
from coterie.experiments.deciding.report import Report
from coterie.experiments.design.plan import Metric
from experiments.worlds import ACTS, AS_OF, DAY, NOT_MEASURED, PLAN, exposures_of, report_of

N = 1200
PLACE = np.arange(N) // 3
TREATED = np.arange(N) % 3 > 0
HIT = PLACE % 4 == 0  # whom winter treats as well; a quarter of each arm of spring
DELIVERY = Metric("arrived", "share", "receive")
SEGMENTS = pd.DataFrame(
    {"person_id": [f"p{i}" for i in range(N)], "segment": np.where(PLACE % 8 < 4, "S1", "S2")}
)


def spring(**options) -> pd.DataFrame:
    return exposures_of({f"p{i}": "treatment" if TREATED[i] else "control" for i in range(N)})


def winter(*, days: int = 5, kept: np.ndarray = PLACE % 2 == 0) -> pd.DataFrame:
    """Half of all people; of those, whom it treats."""
    arms = {f"p{i}": "treatment" if HIT[i] else "control" for i in np.flatnonzero(kept)}
    return exposures_of(arms, at=DAY + pd.Timedelta(days=days), campaign="winter")


def bought() -> list[tuple]:
    """One in ten buys, three in ten of the treated; whom winter treats, three in ten anyway."""
    rate = np.where(HIT | TREATED, 3, 1)
    return [
        (f"p{i}", "2026-05-03", "purchase", 5.0) for i in range(N) if (PLACE[i] // 4) % 10 < rate[i]
    ]


def read(*campaigns: pd.DataFrame, plan=PLAN, acts=()) -> Report:
    both = pd.concat(campaigns, ignore_index=True)
    return report_of(both, [*bought(), *acts], plan, segments=SEGMENTS, min_people=50)


@pytest.fixture(scope="module")
def disturbed() -> Report:
    return read(spring(), winter())


def test_each_arm_and_segment_is_counted_against_each_arm_of_another_campaign(disturbed):
    found = overlap(disturbed.campaigns, campaign="spring")
    shares = found.table.assign(share=found.table["n_people"] / found.table["n_group"])
    shares = shares.set_index(["of", "group", "other"])["share"]
    assert set(shares) == {0.25}  # a quarter treated, a quarter held out by winter, in every group
    assert set(shares.index.get_level_values("other")) == {
        *("winter, control", "winter, treatment", "any other campaign")
    }
    assert found.multi_exposed == (300, 1200)


def test_the_effect_stays_that_of_everyone_and_is_shown_without_the_multi_exposed(disturbed):
    rows = disturbed.sensitivity.set_index("analysis")
    assert set(rows.index) == {"as assigned", "without multi-exposed"}
    assert rows.loc["as assigned", "effect"] == pytest.approx(0.15)
    assert rows.loc["without multi-exposed", "effect"] == pytest.approx(0.2)
    decided = disturbed.decided  # on everyone, whatever else is shown
    assert decided["effect"].tolist() == pytest.approx([0.15])


def test_a_campaign_long_before_or_after_or_that_held_out_is_no_exposure():
    for other in (winter(days=28), winter(days=-28), winter(kept=PLACE % 4 == 2)):
        report = read(spring(), other)
        assert set(report.sensitivity["analysis"]) == {"as assigned"}
        assert overlap(report.campaigns, campaign="spring").multi_exposed == (0, 1200)
    undated = winter(days=28).assign(at=pd.NaT)
    assert overlap(read(spring(), undated).campaigns, campaign="spring").multi_exposed[0] == 300


def test_exposure_elsewhere_that_differs_between_arms_is_a_reservation(disturbed):
    asked = disturbed.checks[disturbed.checks["experiment"] == "spring"].set_index("check")
    assert asked.loc["overlap", "passed"]
    assert "treated 25.0% of people at the same time" in asked.loc["overlap", "reason"]
    assert disturbed.grades["spring"] == "A"
    unequal = read(spring(), winter(kept=TREATED & (PLACE % 2 == 0)))
    assert unequal.grades["spring"] == "B"
    failed = unequal.checks[(unequal.checks["experiment"] == "spring") & ~unequal.checks["passed"]]
    assert failed["reason"].iloc[0].endswith("0.0% of control, 25.0% of treatment")


def arrived(share_of_control: float) -> list[tuple]:
    """Nine in ten of the treated get the message, and some of control do."""
    reached = np.where(TREATED, 0.9, share_of_control)
    hit = np.flatnonzero(100 * reached > PLACE % 100)
    return [(f"p{i}", "2026-05-02", "receive", 0.0) for i in hit]


@pytest.mark.parametrize(("share", "grade"), [(0.0, "A"), (0.2, "B")])
def test_whom_a_message_reached_is_counted_by_arm_and_changes_no_effect(share, grade):
    plan = PLAN._replace(delivery=DELIVERY)
    report = read(spring(), plan=plan, acts=arrived(share))
    shares = report.delivered.set_index("arm")["share"]
    assert shares.to_dict() == pytest.approx({"control": share, "treatment": 0.9})
    assert report.grades["spring"] == grade
    assert report.lift[0] == read(spring()).lift[0]
    assert "arrived" not in set(report.decisions["metric"])


def test_deliveries_are_listed_by_person_and_unknown_before_their_time():
    plan = PLAN._replace(delivery=DELIVERY)
    report = read(spring(), plan=plan, acts=arrived(0.0))
    acts = pd.DataFrame(arrived(0.0), columns=ACTS).astype({"at": "datetime64[us]"})
    tables = (ibis.memtable(acts), ibis.memtable(NOT_MEASURED))
    rows = deliveries(report.campaigns, *tables, as_of=AS_OF).to_pandas()
    assert set(rows) == set(contracts.Deliveries.types)
    assert rows.groupby("arm")["delivered"].mean().to_dict() == {"control": 0.0, "treatment": 0.9}
    early = deliveries(report.campaigns, *tables, as_of=date(2026, 5, 9)).to_pandas()
    assert early["delivered"].isna().all()
    plain = read(spring())
    assert deliveries(plain.campaigns, *tables, as_of=AS_OF).count().execute() == 0


def test_one_campaign_alone_overlaps_with_nothing():
    assert overlap(read(spring()).campaigns, campaign="spring").multi_exposed == (0, 0)
    assert overlap({}, campaign=None).table.empty
