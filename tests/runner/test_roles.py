"""Every role's page goes the way of the others: searched for leaks, linked, and never half out."""

import pytest

PARAMETERS = "study: str = 'tiny'  # which study\naction: str = 'Call'  # what sales does"
CELLS = (
    "import pandas as pd\nfrom coterie import contracts\nfrom coterie.lake import Lake",
    "rows = {'role': ['sales', 'sales'], 'segment': ['S1', 'S2'], 'why': ['value', 'unclear']}",
    "rows |= {'segment_name': ['Big <spenders>', 'Others'], 'action': [action, 'not actionable']}",
    "_ = Lake(study).write(contracts.Stakeholders, pd.DataFrame(rows))",
)


@pytest.fixture
def with_roles(home):
    home.notebook("11_monitoring", PARAMETERS, *CELLS)
    return home


def test_a_role_has_a_page_of_its_own_that_the_index_leads_to(with_roles):
    code, printed = with_roles.coterie("run", "tiny")
    assert code == 0, printed
    page = (with_roles.latest() / "role_sales.html").read_text()
    assert "Big &lt;spenders&gt;</strong>: Call. Because: value." in page
    assert "S2 · Others: unclear." in page
    index = (with_roles.latest() / "index.html").read_text()
    assert '<a href="role_sales.html">Sales</a> (1 segment)' in index


def test_an_address_in_an_action_keeps_everything_from_being_published(with_roles):
    before = with_roles.latest()
    words = ("run", "tiny", "--set", "11_monitoring.action=Write to ana@example.org")
    code, printed = with_roles.coterie(*words)
    assert code != 0
    assert "would show" in printed or "email" in printed
    assert with_roles.latest() == before
    assert not list(with_roles.reports.glob("*/role_sales.html"))


def test_a_study_without_stakeholders_has_no_role_pages(home):
    assert not list(home.latest().glob("role_*.html"))
    assert "Who does what" not in (home.latest() / "index.html").read_text()
