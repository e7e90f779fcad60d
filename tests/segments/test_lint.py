"""A name says what people do; what they are or cost, and who they are, is caught."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.segments.continuity import lint
from coterie.segments.continuity.lint import lint_name, lint_text, plain_words
from coterie.wording import SENSITIVE, TRAITS, match_sensitive, trait_words

BAD = {  # the name, and what its only message says of which word
    "": '"" says nothing about the segment',
    "  ": '"" says nothing about the segment',
    "3": '"3" says nothing',
    "#12": '"#12" says nothing',
    "S4": '"S4" says nothing',
    "Segment 3": '"Segment 3" says nothing',
    "Segment S3": '"Segment S3" says nothing',
    "Cluster 2": '"Cluster 2" says nothing',
    "cluster_7": '"cluster_7" says nothing',
    "Group B": '"Group B" says nothing',
    "Evening readers of everything about games": "41 characters; shorten it to 40",
    "Here at the end of the week": '"Here at the end of …" goes on for 7 words',
    "Diabetes patient readers": '"diabetes" speaks of health',
    "Health food": '"health" speaks of health; name the content they read or the product',
    "Overweight": '"overweight" speaks of health',
    "Catholic readers": '"catholic" speaks of religion',
    "Ramadan shoppers": '"ramadan" speaks of religion; '
    'name the event or product, like "holiday shoppers"',
    "Refugees, evening": '"refugees" speaks of ethnicity or origin',
    "Gay travellers": '"gay" speaks of sexuality',
    "Conservative voices": '"conservative" speaks of politics or a union',
    "Female gamers": '"female" speaks of gender',
    "Ladies' night": '"ladies" speaks of gender',
    "Young buyers": '"young" speaks of age; name what they do, like "newcomers"',
    "Over-60s": '"over-60s" speaks of age',
    "Readers, 25–34": '"25–34" speaks of age',
    "18 year olds": '"18 year olds" speaks of age',
    "Teenagers": '"teenagers" speaks of age',
    "Divorced, weekend": '"divorced" speaks of family status',
    "Mums": '"mums" speaks of family status; name what they buy or read, like "family shoppers"',
    "Families": '"families" speaks of family status',
    "Low-income shoppers": '"low income" speaks of wealth or hardship',
    "Rich buyers": '"rich" speaks of wealth or hardship',
    "Low-value": '"low value" is a judgement; name what they do, like "rare visitors"',
    "LOW VALUE": '"low value" is a judgement',
    "Lazy readers": '"lazy" is a judgement',
    "Whales": '"whales" is a judgement',
    "Losers": '"losers" is a judgement',
    "Housewives": '"housewives" is a stereotype; name what these people do',
    "Bargain hunters": '"bargain hunters" is a stereotype',
    "Millennials": '"millennials" is a stereotype',
    "Baby boomers": '"baby boomers" is a stereotype',
    "Gen‑Z gamers": '"gen z" is a stereotype',  # with a hyphen that does not break
    "@ana_b and friends": "identifier (account name)",
    "Like www.shop": "identifier (link)",
    "+49 151 2345678": "identifier (",
    "Friends of ana@example.org": "identifier (",
    "Will buy": '"will" promises or explains what was only described; say what was seen',
    "Ready to buy": '"ready to buy" promises',
    "Always online": '"always" speaks as if all members were alike; say what share',
    "evening_share": '"evening_share" is the language of columns; write plain words',
    "frequency > 5": '">" is the language of columns',
}

GOOD = [
    name
    for line in (
        "Everyone | Evening, videos | Weekday readers | Frequent buyers | Gaming | Food | Not food",
        "Fitness | Quiet, long-standing | Small baskets | Big spenders | Silent readers",
        "Rare visitors | Newcomers | Black Friday buyers | White goods | Healthy growth",
        "Holiday shoppers | Family shoppers | News readers | Buyers of offers",
        "Asks for help often | Single platform | Evenings, 18 to 21 h | YouTube, gaming",
        "X, news | Answering, in bursts | Travel and tech | Home & Garden | 3 visits a week",
        "24-hour readers | Style, images | Complaining | Praising | Device owners",
        "Managers, weekday | Menu readers | Manual readers | Agenda setters",
        "Grace notes | Window shoppers",
    )
    for name in line.split(" | ")
]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_name_is_told_what_is_wrong_and_what_to_do(name):
    problems = lint_name(name)
    assert any(BAD[name] in problem for problem in problems), problems
    assert all(re.search(r"[;…] ?.*\w.*\.$", problem) for problem in problems)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_name_passes_here_and_in_governance(name):
    assert lint_name(name) == []
    assert match_sensitive(name) == []


def test_there_are_enough_of_both():
    assert len(BAD) >= 30
    assert len(GOOD) >= 30


def test_every_pair_of_words_for_traits_makes_a_name_that_passes():
    words = [(trait, trait_words(trait, high=high)) for trait in TRAITS for high in (True, False)]
    names = {
        f"{a}, {b}".capitalize()
        for (one, a), (two, b) in itertools.combinations(words, 2)
        if one != two
    }
    assert len(names) > 2000
    assert {name: problems for name in names if (problems := lint_name(name))} == {}


@pytest.mark.parametrize(
    ("interest", "passes"), [("gaming", True), ("health", False), ("politics", False)]
)
def test_a_name_made_from_a_sensitive_interest_is_caught(interest, passes):
    assert (lint_name(f"{interest}, evening".capitalize()) == []) == passes
    words = [trait_words(f"inferred_interest_{interest}", high=high) for high in (True, False)]
    assert [interest in word for word in words] == [passes, passes]  # nor does a label say it


def test_what_governance_objects_to_is_caught_here_and_what_it_suggests_passes():
    words = [word for rule in SENSITIVE for word in rule.words]
    assert [word for word in words if not lint_name(f"readers, {word}")] == []
    wordings = [w for rule in SENSITIVE for w in re.findall("'(.+?)'", rule.suggestion)]
    assert len(wordings) > 5
    assert [wording for wording in wordings if lint_name(wording)] == []


def test_the_name_of_another_segment_in_another_order_or_case_is_refused():
    told = lint_name("Videos, evening", others=["Evening, videos", "Weekday"])
    assert told == [
        '"Videos, evening" is the name of another segment but for case or order; '
        "add what tells them apart."
    ]
    assert lint_name("evening Videos", others=["Evening, videos"])
    assert lint_name("Evening, pictures", others=["Evening, videos"]) == []


def test_several_problems_are_all_told():
    problems = lint_name("Young women, always lazy")
    assert [problem.split('"')[1] for problem in problems] == ["women", "young", "lazy", "always"]


def test_an_identifier_is_not_repeated():
    for name in ("@ana_b99 fans", "ana_b99@example.org", "call 0151 23456789"):
        assert not any(
            word in problem
            for problem in lint_name(name)
            for word in ("ana", "example", "0151", "23456")
        )


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("She loves shopping.", "she"),
        ("The offer increased their orders.", "increased"),
        ("They will come back.", "will"),
        ("Typical boomers without a computer.", "boomers"),
        ("Mostly parents of small children.", "parents"),
        ("Write to @ana.", "account name"),
    ],
)
def test_a_sentence_of_a_persona_is_read_as_well(sentence, word):
    assert any(word in problem for problem in lint_text(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "What marks them: gaming, evening.",
        "interest in gaming 0.38 (0.36 to 0.41), everybody 0.24, index 163",
        "18:00 to 21:00 UTC",
        "Over 50 people stand at the edge.",
        "2026-07-01 to 2026-07-31",
        "On Mondays from 18 to 24 h, over 30 posts",
        "A segment of 18,400 people.",
    ],
)
def test_plain_sentences_and_figures_pass(sentence):
    assert lint_text(sentence) == []


def test_no_word_stands_under_two_rules_and_every_word_is_found_as_it_is_written():
    words = [
        word
        for part in ("everywhere", "names")
        for rule in lint.WORDS[part]
        for word in lint.rule_words(rule)
    ]
    assert len(words) == len(set(words))
    assert all(plain_words(word) == word for word in words)
    assert [word for word in words if f'"{word}"' not in " ".join(lint_name(f"x, {word}"))] == []


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([w for rule in lint.WORDS["everywhere"] for w in lint.rule_words(rule)]),
    st.sampled_from("-/.!_ "),
)
def test_case_and_punctuation_hide_no_word(word, mark):
    assert lint_text(f"the {word.upper().replace(' ', mark)}{mark} of all")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gets_an_answer_and_a_name_is_judged_no_milder_than_a_sentence(text):
    assert lint_name(text) or not lint_text(text)
