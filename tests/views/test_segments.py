"""Titles and sentences of notebook 05, on frames."""

import pandas as pd
import pytest

from coterie.segments import Verdict
from coterie.segments.selection import Comparison, PValue
from coterie.segments.selection.verdict import NONE
from coterie.views import segments as view
from coterie.views.forms.note import Note
from coterie.views.segments import verdicts

BLURRED = pd.DataFrame(
    {"segment": ["S1", "S1", "S10", "S2"], "other": ["S10", "S1", "S10", "S2"], "share": 0.5}
)


def test_rows_and_columns_of_the_borders_stand_in_one_order():
    axes = view.borders(BLURRED)
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == [label.get_text() for label in axes.get_xticklabels()] == ["S1", "S2", "S10"]


def test_one_segment_has_no_borders():
    assert view.borders(BLURRED[:1]) == Note("One segment has no borders.")


def test_a_trait_is_shown_by_its_label_and_never_by_its_column():
    profiles = pd.DataFrame(
        {"segment": ["S1", "S2"], "trait": "evening_share", "difference": [0.8, -0.8]}
    ).assign(clustered=True, n_people=100)
    axes = view.traits(profiles, min_people=50)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["active in the evening"]
    assert "evening_share" not in axes.alt
    assert isinstance(view.traits(profiles, min_people=101), Note)


def test_the_tree_tells_its_parts_in_words_too():
    nodes = pd.DataFrame(
        {
            "node": ["everyone", "S1", "S2"],
            "parent": ["", "everyone", "everyone"],
            "level": ["everyone", "core", "core"],
            "n_people": [120.0, 80.0, None],
        }
    )
    axes = view.tree(nodes, {"S1": "Evening", "S2": "Morning"}, NONE)
    assert "S1 in everyone, S2 in everyone" in axes.alt
    assert [text.get_text() for text in axes.texts][1:] == [
        "S1 · Evening · 80 people",
        "S2 · Morning · few people",
    ]


@pytest.mark.parametrize(("pvalue", "said"), [(0.075, 1), (0.01, 0)])
def test_groups_that_only_their_valleys_show_are_said_to_be(pvalue, said):
    comparison = Comparison(pd.DataFrame(), {"one-humped": PValue(pvalue, 39)}, 2)
    ranked = pd.DataFrame({"valley_pvalue": [1e-9]})
    natural = Verdict("natural", "k-means", 2)
    sentences = verdicts.valley_sentence(ranked, natural, comparison)
    assert len(sentences) == said
    assert not verdicts.valley_sentence(ranked, Verdict("none", "", 1), comparison)
