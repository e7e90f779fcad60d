"""Planted aspects are found, better and worse liked ones set apart, and nobody is quoted."""

import random
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.demo import words
from coterie.psychographics.opinions.aspects import (
    Aspects,
    aspect_words,
    find_aspects,
    make_aspects,
    net_scores,
    phrases_pattern,
    strengths,
)
from coterie.psychographics.opinions.evidence import distinguishing_words, log_odds
from coterie.psychographics.reading.encoder import load_encoder
from coterie.statistics import clustered_share, share_interval
from coterie.study import SettingsError

FIVE = ["delivery", "price", "quality", "service", "app"]
REAL = [  # as people write to brands
    ("my package says delivered but it isn't here", "delivery"),
    ("three euros more than last month?? your prices are a joke", "price"),
    ("the sole fell apart after a week", "quality"),
    ("been on hold for an hour, does anybody work there", "service"),
    ("app keeps crashing since the latest update", "app"),
    ("can't log in, it says wrong password", "account"),
    ("I was charged twice and want a refund", "billing"),
    ("wifi has been out all morning, another outage?", "network"),
    ("my flight is delayed and nobody at the gate knows why", "journey"),
    ("ok thanks, have a nice day", ""),
    ("good morning from the beach", ""),
    ("<handle> https://example.org/app @delivery_club #price", ""),
]


@pytest.fixture(scope="module")
def model():
    return load_encoder(precision="float32")


@pytest.fixture(scope="module")
def aspects(model):
    return make_aspects(aspect_words(), encode=model.encode)


@pytest.fixture(scope="module")
def planted():
    """Posts of the planted world, slang and slips included, with the aspect each one names."""
    die, rows = random.Random(5), []
    for _ in range(500):
        intent = die.choices(
            words.INTENTS, [words.GRAMMAR["intents"][name] for name in words.INTENTS]
        )[0]
        mood = die.choice(list(words.GRAMMAR["said"][intent]))
        draft = {
            "bot": False,
            "intent": intent,
            "sentiment": mood,
            "topic": die.choice(list(words.GRAMMAR["topics"])),
        }
        text, aspect = words.write_post(die, SimpleNamespace(**draft, aspect=die.choice(FIVE)))
        rows.append((words.garble(die, text), aspect))
    return pd.DataFrame(rows, columns=["text", "aspect"])


def test_planted_aspects_are_found_and_other_posts_left_alone(planted, model, aspects):
    found = find_aspects(planted["text"], model.encode(planted["text"].tolist()), aspects)
    for aspect in FIVE:
        right = ((found == aspect) & (planted["aspect"] == aspect)).sum()
        assert right / (found == aspect).sum() >= 0.85, aspect
        assert right / (planted["aspect"] == aspect).sum() >= 0.75, aspect
    assert (found[planted["aspect"] == ""] != "").mean() < 0.08


def test_our_words_were_not_copied_from_the_planted_world():
    ours = " | ".join(
        text.lower()
        for said in aspect_words().values()
        for text in said["examples"] + said["words"]
    )
    theirs = [
        text
        for moods in words.GRAMMAR["aspects"].values()
        for texts in moods.values()
        for text in texts
    ]
    assert not [text for text in theirs if text.lower() in ours]


@pytest.mark.parametrize(("text", "aspect"), REAL)
def test_sentences_people_write_to_brands_get_their_aspect(text, aspect, model, aspects):
    assert find_aspects([text], model.encode([text]), aspects).tolist() == [aspect]


def test_a_post_without_our_words_is_read_by_nearness(model, aspects):
    texts = [
        "the van dropped my order at the wrong house again",
        "still waiting for somebody to call me back",
    ]
    assert find_aspects(texts, model.encode(texts), aspects).tolist() == ["delivery", "service"]
    assert find_aspects(texts, model.encode(texts), aspects, floor=1.0).tolist() == ["", ""]


PLAIN = Aspects(
    ["price", "app"],
    [phrases_pattern(["cheap*", "fee"]), phrases_pattern(["app", "log in"])],
    [phrases_pattern(["cheap trick"]), phrases_pattern([])],
    [np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])],
)


def test_more_words_win_and_nearness_breaks_ties():
    texts = [
        "cheap app without a fee",
        "cheap app",
        "cheap app",
        "apps and coffee",
        "a Cheap  Trick",
    ]
    vectors = np.array([[0, 1], [0, 1], [1, 0], [0.1, 0.1], [0, 0]])
    assert find_aspects(texts, vectors, PLAIN).tolist() == ["price", "app", "price", "", ""]
    assert find_aspects([], np.zeros((0, 2)), PLAIN).tolist() == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=5), st.integers(0, 99))
def test_every_text_gets_an_aspect_or_none_whatever_its_order(texts, seed):
    vectors = np.random.default_rng(seed).normal(size=(len(texts), 2))
    found = find_aspects(texts, vectors, PLAIN)
    assert {*found} <= {"price", "app", ""}
    assert find_aspects(texts[::-1], vectors[::-1], PLAIN).tolist() == found.tolist()[::-1]


@pytest.mark.parametrize(
    "wrong", [None, [], {"word": ["a"]}, {"words": "a, b"}, {"unless": ["a"]}, {"words": [1]}]
)
def test_aspects_with_nothing_to_look_for_are_named(wrong):
    with pytest.raises(
        SettingsError, match=r"04_psychographics\.aspects: fries must each have words or examples"
    ):
        aspect_words({"delivery": {}, "fries": wrong})


def test_own_aspects_replace_ours_and_an_empty_one_takes_ours():
    own = aspect_words({"delivery": {}, "fries": {"words": ["fries"]}})
    assert own == {"delivery": aspect_words()["delivery"], "fries": {"words": ["fries"]}}


def written(rng, *, people=400, each=3, moods=None, alike=0.0):
    """People write `each` posts on aspects drawn anew; `alike` makes a person's moods alike."""
    moods = moods or dict.fromkeys(FIVE, 0.0)
    who = np.arange(people).repeat(each)
    aspect = rng.choice(list(moods), len(who))
    feeling = (
        alike * rng.normal(size=people)[who]
        + rng.normal(size=len(who))
        + [moods[name] for name in aspect]
    )
    read = np.select([feeling < -0.5, feeling > 0.5], ["negative", "positive"], "neutral")
    rows = {
        "post_id": np.arange(len(who)),
        "person_id": who,
        "inferred_aspect": aspect,
        "inferred_sentiment": read,
    }
    return pd.DataFrame(rows)


def with_texts(labels, rng):
    """Write posts: each says what the app does, with a name, a number and a word of its own."""
    secret = [f"zq{a}{b}xx" for a in "abcdefghij" for b in "abcdefghijklmnopqrst"]
    fillers = rng.choice(["monday", "morning", "coffee", "garden", "window"], (len(labels), 2))
    texts = []
    for row, (one, other) in zip(labels.itertuples(), fillers, strict=True):
        bad = row.inferred_aspect == "app" and row.inferred_sentiment == "negative"
        complaint = "it crashes, I labelled Zelda 4711 via @helpdesk https://e.org/x #fail"
        said = f"{complaint}, {secret[row.Index % 200]}"
        texts.append(f"{one} {said if bad else 'nothing to report'} {other}")
    return pd.DataFrame({"post_id": labels["post_id"], "text": texts})


@pytest.fixture(scope="module")
def labelled():
    rng = np.random.default_rng(0)
    labels = written(
        rng,
        moods={"app": -0.8, "price": 0.7, "delivery": 0.0, "service": 0.0, "quality": 0.0},
        alike=0.5,
    )
    posts = with_texts(labels, rng)
    return labels, posts, strengths(labels, posts)


def test_a_planted_weakness_and_strength_are_found(labelled):
    scores = labelled[2].scores.set_index("aspect")
    assert scores["verdict"].to_dict() == dict.fromkeys(FIVE, "") | {
        "app": "weakness",
        "price": "strength",
    }
    assert scores.index[0] == "app"
    assert scores.loc["app", "gap_high"] < 0 < scores.loc["price", "gap_low"]
    assert (scores["posts"] * scores["net"]).sum() / scores["posts"].sum() == pytest.approx(
        scores["average"].iloc[0]
    )
    assert {*scores["evidence"]} == {"D"}


def test_the_paraphrase_holds_the_words_that_many_used_and_nothing_else(labelled):
    _, posts, found = labelled
    app = found.scores.set_index("aspect").loc["app"]
    assert {*app["words"].split(", ")} == {"crashes", "labelled"}
    shown = " ".join(found.scores["paraphrase"]).lower()
    for hidden in ("zelda", "4711", "helpdesk", "e.org", "fail", "zq"):
        assert hidden not in shown
    assert not [text for text in posts["text"] if text.lower() in shown]


def test_words_of_fewer_than_k_people_are_never_shown(labelled):
    labels, posts, _ = labelled
    people = labels[
        (labels["inferred_aspect"] == "app") & (labels["inferred_sentiment"] == "negative")
    ]["person_id"].nunique()
    assert strengths(labels, posts, min_people=people + 1).scores["words"].eq("").all()
    assert (
        "crashes"
        in strengths(labels, posts, min_people=people)
        .scores.set_index("aspect")
        .loc["app", "words"]
    )
    assert (
        strengths(labels, posts, leave_out=["Crashes"])
        .scores.set_index("aspect")
        .loc["app", "words"]
        == "labelled"
    )


def test_a_hundred_posts_of_one_person_are_one_use_of_a_word():
    posts = pd.DataFrame(
        {"person_id": [0] * 100 + list(range(1, 101)), "text": ["loud"] * 100 + ["calm"] * 100}
    )
    assert distinguishing_words(posts, posts["text"] == "loud", min_people=2) == []
    assert distinguishing_words(posts, posts["text"] == "calm", min_people=2) == ["calm"]


def test_aspects_of_few_people_are_left_out_of_tables_and_average():
    labels = written(np.random.default_rng(1))
    few = labels[labels["person_id"] < 40].assign(
        inferred_aspect="rare", inferred_sentiment="negative"
    )
    both = pd.concat([labels, few.assign(post_id=few["post_id"] + 10**6)])
    posts = both[["post_id"]].assign(text="nothing")
    for one, other in zip(strengths(both, posts), strengths(labels, posts), strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert strengths(few, posts).scores.empty
    assert [*strengths(few, posts).scores] == [*strengths(labels, posts).scores]


def test_abstentions_and_posts_of_brands_do_not_count():
    labels = written(np.random.default_rng(2))
    void = pd.DataFrame(
        [("x", "ana", "", "positive"), ("y", "ana", "app", ""), ("z", None, "app", "positive")]
    )
    void.columns = labels.columns
    posts = pd.DataFrame({"post_id": [*labels["post_id"], *"xyz"], "text": "nothing"})
    more = strengths(pd.concat([labels, void]), posts)
    pd.testing.assert_frame_equal(more.shares, strengths(labels, posts).shares)


def test_shares_add_up_to_one_and_lie_in_their_intervals(labelled):
    shares = labelled[2].shares
    assert shares.groupby("aspect")["share"].sum().to_numpy() == pytest.approx(np.ones(5))
    assert ((shares["low"] <= shares["share"]) & (shares["share"] <= shares["high"])).all()


def test_intervals_cover_when_a_persons_posts_are_alike_and_verdicts_are_rare_without_cause():
    rng, covered, verdicts = np.random.default_rng(3), [], []
    for _ in range(120):
        labels = written(rng, people=120, each=6, alike=1.5)
        labels = labels[labels["inferred_aspect"].isin(FIVE)]
        scores = net_scores(labels)
        covered += ((scores["low"] <= 0) & (scores["high"] >= 0)).tolist()
        verdicts.append((scores["verdict"] != "").any())
    assert 0.92 <= np.mean(covered) <= 0.98
    assert np.mean(verdicts) <= 0.12


def test_a_clustered_share_is_wilsons_when_everyone_counts_once_and_wider_when_posts_are_alike():
    hits = np.array([1] * 30 + [0] * 70)
    once = clustered_share(hits, np.ones(100))
    assert once.low == pytest.approx(share_interval(30, 100).low, abs=0.002)
    assert clustered_share(5 * hits, np.full(100, 5))[1:] == pytest.approx(once[1:])
    assert clustered_share(np.zeros(100), np.full(100, 5)).high == pytest.approx(
        share_interval(0, 100).high
    )
    assert np.isnan(clustered_share(np.array([3]), np.array([4])).low)
    assert np.isnan(clustered_share(np.array([]), np.array([])).value)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=8))
def test_log_odds_turn_round_with_the_sides(counts):
    one, other = (pd.Series(side) + 1 for side in zip(*counts, strict=True))
    np.testing.assert_allclose(log_odds(one, other), -log_odds(other, one), atol=1e-9)
