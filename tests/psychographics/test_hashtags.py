"""Hashtags come apart where a reader would cut them, and nothing of a tag is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.psychographics.reading.encoder import load_encoder
from coterie.psychographics.topics.hashtags import spell_out, split_hashtag, word_ranks

WORDS = ["the", "of", "home", "life", "cook", "gym", "cooking", "now", "here", "nowhere"]
RANKS = {word: rank for rank, word in enumerate(WORDS)}


@pytest.fixture(scope="module")
def ranks():
    return word_ranks(load_encoder("").tokenizer.get_vocab())


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#GymLifeMotivation", "gym life motivation"),
        ("#homecooking", "home cooking"),
        ("#photooftheday", "photo of the day"),
        ("#customerservice", "customer service"),
        ("#BLACKFRIDAY", "black friday"),
        ("#worldcup2026", "world cup 2026"),
        ("#COVID19", "covid 19"),
        ("#NBAFinals", "nba finals"),
        ("#iphone", "iphone"),
        ("#MAGA", "maga"),
        ("#travel_tips", "travel tips"),
        ("#sourdough", "sour dough"),  # wrong, and typical: the list lacks the word
    ],
)
def test_a_tag_is_cut_where_a_reader_would_cut_it(ranks, tag, words):
    assert split_hashtag(tag, ranks=ranks) == words


def test_a_common_word_beats_its_rarer_parts_and_the_other_way_round():
    assert split_hashtag("#nowhere", ranks=RANKS) == "nowhere"
    rare = {
        word: rank
        for rank, word in enumerate(["now", "here", *map(str, range(100_000)), "nowhere"])
    }
    assert split_hashtag("#nowhere", ranks=rare) == "now here"


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_camel_case_is_always_read_back(words):
    assert split_hashtag("#" + "".join(map(str.title, words)), ranks={}) == " ".join(words)


@given(
    st.text(st.characters(exclude_characters="Σ"), max_size=25)
)  # whose small letter depends on its place
def test_no_letter_is_lost_or_added_whatever_the_tag(tag):
    tag = tag.lstrip("#")
    kept = "".join(split_hashtag(tag, ranks=RANKS).split())
    assert kept == "".join(tag.lower().replace("_", " ").split())


def test_only_the_tags_of_a_post_are_spelt_out():
    assert (
        spell_out("Leg day #GymLife, 5kg #homecooking #", ranks=RANKS)
        == "Leg day gym life, 5kg home cooking #"
    )
    assert spell_out("no tag at all", ranks=RANKS) == "no tag at all"


def test_ranks_follow_the_vocabulary_and_hold_whole_words_only(ranks):
    assert 20_000 < len(ranks) < 30_000
    assert sorted(ranks.values()) == list(range(len(ranks)))
    assert ranks["the"] < ranks["food"] < ranks["cooking"]
    assert not {"b", "st", "[PAD]"} & set(ranks)
