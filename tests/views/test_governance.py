"""What 09 says about sizes, sensitive matters, skew and clearances, without a run."""

from html import escape

import numpy as np
import pandas as pd

from coterie import governance
from coterie.governance import Audit, StatedFeatures
from coterie.views import governance as view
from coterie.views.forms.note import Note

NAMES = ["Evening", "Weekend", "Quiet"]
SIZES = pd.DataFrame(
    {"segment": ["S1", "S2", "S3"], "segment_name": NAMES, "n_people": [400, 300, 60]}
)
SPECIAL = pd.DataFrame(
    {
        "segment": ["S1", "S1"],
        "trait": ["inferred_interest_health", "inferred_interest_religion"],
        "category": ["health", "religion"],
        "index": [204.4, 160.2],
    }
)
STATED = StatedFeatures(40, 2, ["birth_year", "region"])
NOTHING_SPECIAL = SPECIAL.head(0)


def audit_of(*, lean: float, n: int = 600, attribute: str = "gender") -> Audit:
    """Audit two segments of the same size; women are `lean` more frequent in the first."""
    shares = np.repeat([0.5 + lean, 0.5], n // 2)
    places = np.tile(np.arange(n // 2) / (n // 2), 2)
    values = np.where(places < shares, "female", "male")
    people = pd.DataFrame({"segment": np.repeat(["S1", "S2"], n // 2), attribute: values})
    return governance.audit(people, attribute=attribute)


def rows_of(axes: object) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def clearing_of(sizes: pd.DataFrame) -> governance.Clearing:
    return governance.clear_segments(sizes, floor=300, special=NOTHING_SPECIAL, blocked={})


def test_the_title_counts_the_segments_that_reach_the_floor():
    axes = view.sizes(SIZES, floor=300, min_people=50)
    assert axes.get_title(loc="left") == "2 of 3 segments reach the floor of 300 people"
    assert rows_of(axes) == ["S1 Evening", "S2 Weekend", "S3 Quiet"]


def test_a_small_segment_is_not_drawn_nor_the_one_that_would_give_it_away():
    small = SIZES.assign(n_people=[400, 300, 49])
    axes = view.sizes(small, floor=300, min_people=50)
    assert rows_of(axes) == ["S1 Evening"]
    assert axes.get_title(loc="left") == "2 of 3 segments reach the floor of 300 people"
    nobody = view.sizes(SIZES.assign(n_people=[9, 9, 9]), floor=300, min_people=50)
    assert nobody == Note("Every segment is too small to be shown.")


def test_one_segment_is_held_against_the_floor_like_several():
    axes = view.sizes(SIZES.head(1), floor=1000, min_people=50)
    assert axes.get_title(loc="left") == "0 of 1 segments reach the floor of 1,000 people"


def test_a_segment_with_two_sensitive_interests_counts_once_and_no_column_is_named():
    page = view.sensitive_interests(SPECIAL, n_segments=3, index_from=150.0).as_raw_html()
    assert "A sensitive interest marks 1 of 3 segments" in page
    assert ">204<" in page
    assert "inferred_interest" not in page


def test_where_no_sensitive_interest_stands_out_the_page_says_from_which_index():
    note = view.sensitive_interests(NOTHING_SPECIAL, n_segments=3, index_from=150.0)
    assert note.reason == (
        "**No sensitive interest reaches index 150 in any segment** with an interval above"
        " everybody's mean."
    )


def test_a_name_that_breaks_a_rule_comes_with_what_to_say_instead():
    named = pd.Series({"S1": "Diabetes patients", "S2": "Weekend shoppers"})
    found = governance.check_names(named)
    page = view.objectionable_names(found, n_segments=2).as_raw_html()
    assert "1 of 2 names break a rule" in page
    assert "Diabetes patients" in page
    assert escape(found["suggestion"].iloc[0]) in page
    assert "Weekend shoppers" not in page
    none = view.objectionable_names(governance.check_names(named.tail(1)), n_segments=1)
    assert none == Note("**No segment name breaks a rule.**")


def test_a_skew_is_told_as_a_difference_in_whole_percent_and_not_as_a_wrong():
    axes = view.skew(audit_of(lean=0.253))
    assert axes.get_title(loc="left") == "2 of 2 audited segments differ in gender"
    assert rows_of(axes) == ["S1, female", "S1, male", "S2, female", "S2, male"]
    gaps = axes.collections[-1].get_offsets()[:, 0]
    np.testing.assert_array_equal(gaps, np.round(gaps, 2))
    even = view.skew(audit_of(lean=0.0))
    assert even.get_title(loc="left") == "0 of 2 audited segments differ in gender"


def test_an_attribute_that_nobody_stated_cannot_be_audited():
    people = pd.DataFrame({"segment": ["S1", "S2"] * 100, "region": None})
    note = view.skew(governance.audit(people, attribute="region"))
    assert note.reason.startswith(
        "**Region cannot be audited here**: it was stated by 0% of people"
    )


def test_one_segment_or_small_groups_are_not_called_fair():
    people = pd.DataFrame({"segment": "S1", "gender": ["female", "male"] * 100})
    alone = view.skew(governance.audit(people))
    assert alone.reason.endswith(
        "it was stated by 100% of people, or there are no two groups to compare."
    )
    assert isinstance(view.skew(audit_of(lean=0.4, n=90)), Note)


def test_clearances_say_what_forbids_a_segment_and_what_features_rest_on():
    clearing = clearing_of(SIZES)
    page = view.clearances(clearing, n_steps=12, stated=STATED, min_people=50).as_raw_html()
    assert "2 of 3 segments are cleared" in page
    assert "12 reads and writes stand in the lineage" in page
    assert "2 of 40 features rest on what people stated: birth_year, region" in page
    assert "fewer people than the floor" in page
    assert "Quiet" in page


def test_a_small_segment_is_missing_from_the_clearances_yet_counted():
    clearing = clearing_of(SIZES.assign(n_people=[400, 300, 12]))
    nothing = StatedFeatures(40, 0, [])
    page = view.clearances(clearing, n_steps=0, stated=nothing, min_people=50).as_raw_html()
    assert "2 of 3 segments are cleared" in page
    assert ">12<" not in page
    assert "Quiet" not in page
    assert "what people stated: nothing" in page
