"""What 07 says of companies, without a run."""

import ibis
import pandas as pd

from coterie.rules import Companies
from coterie.views.forms.note import Note
from coterie.views.rules import companies as view

STAFF = {"person_id": "string", "company_key": "string", "known_by": "string"}
HOMES = ibis.memtable([], schema=STAFF)
TABLE = pd.DataFrame(
    {
        "company_key": ["a", "b", "c", "d"],
        "company_people": [40, 30, 60, 3],
        "buying_stage": ["customer", "customer", "aware", "quiet"],
        "missing_roles": ["buyer", "buyer, user", "", None],
        "role_coverage": [0.5, 0.0, 1.0, None],
    }
)
FOUND = Companies(TABLE, HOMES, ("buyer", "user"), 0, 0)


def test_a_stage_of_few_people_is_left_out_and_what_would_give_it_away_with_it():
    drawn = view.buying_stages(FOUND, min_people=50)
    assert drawn.get_title(loc="left") == "2 of 4 companies: customer"
    assert [label.get_text() for label in drawn.get_yticklabels()] == ["customer"]


def test_a_gap_is_told_of_companies_whose_titles_are_known():
    drawn = view.role_gaps(FOUND, min_people=50)
    assert drawn.get_title(loc="left") == "No buyer is known at 67% of companies"
    assert FOUND.n_with_gaps == 2


def test_a_study_without_companies_says_so():
    none = FOUND._replace(table=TABLE.head(0))
    notes = [view.buying_stages(none), view.role_gaps(none), view.role_gaps(FOUND, min_people=500)]
    assert all(isinstance(note, Note) for note in notes)
    assert "map a column `company`" in notes[0].reason


def test_it_is_said_how_it_is_known_who_works_where():
    rows = [(f"p{n}", "a", "email domain" if n % 2 else "stated") for n in range(120)]
    found = FOUND._replace(homes=ibis.memtable(rows, schema=STAFF), n_unread=2)
    said = view.known(found, min_people=50).reason
    assert "60 people by the domain they write from and 60 people by what they state." in said
    assert "2 rows or cells of the register could not be read" in said
    assert "of few people" in view.known(found, min_people=61).reason
    assert view.known(FOUND._replace(table=TABLE.head(0))) == view.NO_COMPANY
