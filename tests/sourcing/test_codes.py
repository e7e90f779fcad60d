"""Codes in columns about consent: documented ones are read, others stop exports, the rest stays."""

import ibis
import pytest
from exporting import customer
from test_hearing import exported

from coterie import activation

HARMLESS = {  # columns in which numbers and letters are no answers
    *("order_status", "http_status", "notification_count", "newsletter_opens", "Mailing State"),
    *("subscription_plan", "consent_version", "promo_code", "marketing_score", "state"),
    *("newsletter_id", "payment_status", "ticket_status", "emails_sent", "loyalty_type", "segment"),
}


def asked(folder, cells, column, *, columns=None):
    """Export two people and whoever stands in a column; who is in the files, and the consents."""
    people = [customer(n, **{column: cell}) for n, cell in enumerate(cells)]
    entry = {"path": "customers.csv", "gives": "consents", "platform": "shop"}
    entries = [entry | {"columns": columns}] if columns else []
    found, held = exported(folder, entries, n_people=len(cells), customers=people)
    return found, held


def test_numbers_and_letters_elsewhere_are_no_answers(tmp_path):
    cells = ["1", "2", "3", "0", "-1", "A", "CA", "404"]
    people = [customer(n, **dict.fromkeys(sorted(HARMLESS), cell)) for n, cell in enumerate(cells)]
    found, held = exported(tmp_path, [], n_people=len(cells), customers=people)
    assert held == set(range(len(cells)))
    assert found.consents.n_unreadable == 0
    assert found.check.passed


def test_a_documented_code_is_a_no_and_one_outside_the_document_may_hide_one(tmp_path):
    found, held = asked(tmp_path, ["1", "-2", "0"], "notification_types")
    assert held == {0, 2}
    assert found.consents.n_unreadable == 0
    found, held = asked(tmp_path, ["1", "-47", "0"], "notification_types")
    assert held == set()
    assert found.consents.n_unreadable == 1


def test_a_code_that_nobody_explained_names_its_file_column_and_rows(tmp_path):
    found, held = asked(tmp_path, ["1", "3", ""], "opt_status")
    assert held == set()
    files = found.consents.files
    table = activation.unreadable_files(ibis.memtable(files))
    assert table == {"customers.csv, codes in opt_status that nobody explained": 2}


MEANINGS = {"yes_values": ["1"], "no_values": ["3"], "silent_values": ["2"]}


@pytest.mark.parametrize(
    ("meanings", "kept"),
    [(MEANINGS, {0, 2, 3}), ({"silent_values": ["1", "2", "3"]}, {0, 1, 2, 3})],
)
def test_the_column_map_says_what_a_code_means(tmp_path, meanings, kept):
    columns = {"account": "id", "purpose": "=advertising"}
    columns |= {"granted": {"column": "opt_status"} | meanings}
    found, held = asked(tmp_path, ["1", "3", "2", ""], "opt_status", columns=columns)
    assert held == kept
    assert found.consents.n_unreadable == 0
    assert found.check.passed
