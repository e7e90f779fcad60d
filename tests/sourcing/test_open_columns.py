"""A column of people that nobody explained stops exports until somebody says what it is."""

import pytest
from exporting import customer
from test_hearing import exported

from coterie.runner.drafting.looking import look_at

ANSWERS = ["ja", "ruht", "ja", "ruht", "ja"]


def people(**columns):
    """Five customers with columns of one word each."""
    return [customer(n, **{name: cells[n] for name, cells in columns.items()}) for n in range(5)]


def test_a_column_nobody_explained_stops_exports_and_is_named(tmp_path):
    found, held = exported(tmp_path, [], n_people=5, customers=people(grp_7=ANSWERS))
    assert held == set()
    reading = found.consents.files.set_index("file").loc["customers.csv", "reading"]
    assert reading == "codes in grp_7 that nobody explained"


@pytest.mark.parametrize("name", ["city", "Plan", "shippingCountry", "gender", "orders_count"])
def test_a_column_whose_name_says_what_it_holds_stops_nothing(tmp_path, name):
    found, held = exported(tmp_path, [], n_people=5, customers=people(**{name: ANSWERS}))
    assert held == set(range(5))
    assert found.check.passed


def test_whoever_looked_lists_the_column_as_unrelated(tmp_path):
    customers = people(grp_7=ANSWERS)
    entry = {"unrelated": ["grp_7"]}
    found, held = exported(tmp_path, [], n_people=5, customers=customers, about=entry)
    assert held == set(range(5))
    assert found.check.passed


def test_a_plain_no_is_heard_in_a_column_listed_as_unrelated(tmp_path):
    customers = people(grp_7=["ja", "pls do not contact", "ja", "", "ja"])
    entry = {"unrelated": ["grp_7"]}
    found, held = exported(tmp_path, [], n_people=5, customers=customers, about=entry)
    assert held == {0, 2, 3, 4}
    assert found.check.passed


def test_a_plain_no_behind_a_name_binds(tmp_path):
    customers = people(contact_person=["Ana", "Bo (do not call)", "Cy", "Di", "Eve"])
    _, held = exported(tmp_path, [], n_people=5, customers=customers)
    assert held == {0, 2, 3, 4}


def test_a_date_that_only_some_have_may_be_that_of_a_no(tmp_path):
    customers = people(xdat=["", "2026-01-01", "", "", "2026-02-01"])
    _, held = exported(tmp_path, [], n_people=5, customers=customers)
    assert held == set()


def test_a_name_that_turns_its_answer_round_stops_exports(tmp_path):
    customers = people(**{"Skip the promo mails?": ["no", "yes", "no", "no", "no"]})
    found, held = exported(tmp_path, [], n_people=5, customers=customers)
    assert held == set()
    assert found.consents.n_unreadable == 5


def test_the_draft_lists_such_columns(tmp_path):
    rows = [f"{n},p{n}@example.org,{word},Rom" for n, word in enumerate(ANSWERS)]
    file = tmp_path / "people.csv"
    file.write_text("\n".join(["customer_id,email,grp_7,city", *rows]))
    assert look_at(file, tmp_path)[0].doubtful == ("grp_7",)


def test_a_column_that_names_what_another_answers_stops_exports(tmp_path):
    names = ["PROMO_CONTACT", "SHOE_SIZE", "PROMO_CONTACT", "SHOE_SIZE", "SHOE_SIZE"]
    customers = people(attr_code=names, attr_value=["GRANTED", "41", "WITHDRAWN", "39", "40"])
    _, held = exported(tmp_path, [], n_people=5, customers=customers)
    assert held == set()


def test_what_the_map_names_is_explained(tmp_path):
    customers = people(purpose_code=["advertising"] * 5, answer_value=["yes"] * 5)
    answers = {"account": "id", "purpose": "purpose_code", "granted": "answer_value"}
    entry = {"path": "customers.csv", "gives": "consents", "platform": "shop", "columns": answers}
    found, held = exported(tmp_path, [entry], n_people=5, customers=customers)
    assert held == set(range(5))
    assert found.consents.n_unreadable == 0


def test_the_dates_of_those_who_refused_are_read_as_the_whole_column_is(tmp_path):
    customers = people(joined=["25/01/2025", "05/06/2025", "", "", ""], dnc=["", "yes", "", "", ""])
    entry = {"columns": {"account": "id", "email": "email", "at": "joined"}}
    _, held = exported(tmp_path, [], n_people=5, customers=customers, about=entry)
    assert held == {0, 2, 3, 4}


def test_an_unknown_word_beside_a_plain_no_stops_exports(tmp_path):
    customers = people(newsletter=["ja", "nein", "ja", "ruht", "ja"])
    found, held = exported(tmp_path, [], n_people=5, customers=customers)
    assert held == set()
    assert found.consents.n_unreadable == 1
