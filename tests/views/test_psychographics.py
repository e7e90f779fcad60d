"""Titles of notebook 04's pictures say what the frames hold, and empty frames become a sentence."""

import pandas as pd

from coterie.views import psychographics as view
from coterie.views.forms.note import Note

SHARES = pd.DataFrame(
    {"interest": ["other", "food"], "share": [0.6, 0.4], "low": [0.5, 0.3], "high": [0.7, 0.5]}
)
EMPTY = pd.DataFrame()


def test_the_leading_interest_and_the_rest_stand_in_the_title():
    drawn = view.interests(SHARES, leading="food", n_posts=10)
    assert drawn.alt.startswith("Food leads; 60% of posts fit no interest")


def test_interests_whose_intervals_overlap_lead_together():
    names = ["other", "tech", "food", "pets", "cars"]
    rows = {"interest": names, "share": [0.4, 0.2, 0.19, 0.18, 0.03]}
    shares = pd.DataFrame(rows | {"low": 0.1, "high": [0.5, 0.3, 0.2, 0.12, 0.05]})
    drawn = view.interests(shares, leading="tech", n_posts=10)
    assert drawn.alt.startswith("Tech, food and pets lead together; 40% of posts")
    level = view.interests(shares.assign(high=0.3), leading="tech", n_posts=10)
    assert level.alt.startswith("No interest leads clearly")


def test_without_posts_every_picture_is_a_sentence_that_says_so():
    notes = [
        view.interests(EMPTY, leading="nothing", n_posts=0),
        view.topic_queue(EMPTY, n_posts=0),
        view.aspects(EMPTY, n_posts=0),
        view.complaints(EMPTY, n_posts=0),
        view.recovery(EMPTY, n_posts=0),
    ]
    assert all(isinstance(note, Note) and "Nobody wrote" in note.reason for note in notes)


def test_few_posts_are_not_called_none():
    assert "Too little" in view.aspects(EMPTY, n_posts=3).reason


def test_unchecked_queries_are_said_to_be_so():
    rows = {"brand": ["deli", "shop"], "sentiment": "any", "share": [0.7, 0.3], "low": [0.6, 0.2]}
    shares = pd.DataFrame(rows | {"high": [0.8, 0.4], "errors_known": False})
    assert "deli has 70% of the talk; the queries are unchecked" in view.voice(shares).alt
    assert isinstance(view.voice(shares.head(1)), Note)


def test_no_new_matter_is_a_sentence():
    assert isinstance(view.novelty(pd.DataFrame(columns=["topic", "people", "posts"])), Note)
