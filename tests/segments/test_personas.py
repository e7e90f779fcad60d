"""A persona is nobody's row, says for whom it fails, promises nothing, and fits on half a page."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.segments.continuity.lint import lint_text
from coterie.segments.personas import advice
from coterie.segments.personas import persona as personas
from coterie.segments.personas.card import card, reproduces
from coterie.segments.personas.context import ContextCounts
from coterie.segments.profiles.describe import profile
from coterie.study import DataError
from coterie.wording import share_in_words, trait_words

ROWS = [  # trait, mean, low, high, everyone, difference
    ("evening_share", 0.62, 0.60, 0.64, 0.40, 1.1),
    ("inferred_interest_health", 0.50, 0.45, 0.55, 0.20, 1.5),
    ("video_share", 0.70, 0.66, 0.74, 0.55, 0.6),
    ("frequency", 1.20, 1.00, 1.40, 3.00, -0.5),
    ("n_events", 1234.4, 1100, 1400, 1300, -0.05),
    ("session_depth", 4.00, 3.50, 4.50, 3.20, 0.3),
    ("spend", 90.0, 70.0, 110.0, 100.0, -0.25),
]
HOLDS = pd.Series({"evening_share": 0.71, "video_share": 0.6, "frequency": 0.5})
CHANNELS = pd.DataFrame(
    [
        ("web", 60, 0.15, 0.30),
        ("youtube", 110, 0.5, 0.25),
        ("tiktok", 80, 0.25, 0.25),
        ("x", 49, 0.4, 0.1),
    ],
    columns=["platform", "n_people", "share", "everyone"],
)
HOURS = pd.DataFrame(
    {
        "hour": range(24),
        "n_people": 60,
        "share": [0.04] + [0.02] * 21 + [0.27, 0.27],
        "everyone": 1 / 24,
    }
)
TOPICS = pd.DataFrame(
    {"topic": ["tech", "gaming", "health", "knitting"], "n_people": [40, 90, 80, 9]}
)
OUTCOMES = pd.DataFrame(
    [
        ("S1", "coupons_used", 0.31, 0.10, 0.52),
        ("S1", "calls", 0.05, -0.1, 0.2),
        ("S2", "returns", 0.9, 0.8, 1.0),
    ],
    columns=["segment", "variable", "hedges_g", "low", "high"],
)


def profiles(rows=ROWS, n_people=412):
    table = pd.DataFrame(rows, columns=["trait", "mean", "low", "high", "everyone", "difference"])
    return table.assign(
        segment="S1", n_people=n_people, index=100 * table["mean"] / table["everyone"]
    )


def made(table=None, **changes):
    given = {"name": "Evening, video", "holds": HOLDS, "outcomes": OUTCOMES, "edge_share": 0.18}
    contexts = ContextCounts(
        changes.pop("channels", CHANNELS),
        changes.pop("hours", HOURS),
        changes.pop("topics", TOPICS),
    )
    table = profiles() if table is None else table
    return personas.make_persona(table, contexts=contexts, **given | changes)


def people(n=60, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "evening_share": rng.beta(2, 3, n),
            "spend": rng.gamma(3, 10, n),
            "n_events": rng.gamma(9, 9, n),
        }
    )


AGAINST = (
    "The strongest trait does not hold for 3 in 10 members: "
    'they are not above everybody\'s median in "active in the evening".'
)
OUTSIDE = (
    "In what did not make the segment, standard deviations from everyone else: "
    "coupons used +0.31 (+0.10 to +0.52)."
)
LIMITS = (
    "1 of 6 traits are close to everybody's. Left out, since a rule on wording objects: 1. "
    "2 in 10 members stand at the edge. "
    "Described, not tested (D): where a trait made the segment, that it differs is no finding."
)
BY_DAY = "Do not judge a post by its daytime hours"


def test_a_card_reads_as_it_should():
    assert card(made()).values.tolist() == [
        ["who", "What marks them: shaped by a withheld trait, evening.", "Evening, video"],
        [
            "stands out",
            "evening: active in the evening",
            "0.62 (0.6 to 0.64), everybody 0.4, index 155",
        ],
        ["stands out", "video: share of video", "0.7 (0.66 to 0.74), everybody 0.55, index 127"],
        ["stands out", "browsers: orders", "1.2 (1 to 1.4), everybody 3, index 40"],
        ["against it", AGAINST, ""],
        ["outside", OUTSIDE, ""],
        ["where", "youtube", "index 200"],
        ["when", "22:00 to 01:00 UTC", "58% of events, index 464"],
        ["topics", "gaming", ""],
        ["do", "Try posts and offers in the evening", "active in the evening 0.62 against 0.4 (D)"],
        ["do", "Try youtube first", "youtube, index 200 (D)"],
        ["do not", BY_DAY, "active in the evening 0.62 against 0.4 (D)"],
        ["do not", "Do not take web for theirs, others are there more", "web, index 50 (D)"],
        ["limits", LIMITS, ""],
    ]


def test_what_is_unknown_is_said_and_the_card_keeps_its_columns():
    bare = made(channels=CHANNELS[:0], hours=HOURS[:0], topics=TOPICS[:0], outcomes=OUTCOMES[:0])
    table = card(bare)
    said = dict(zip(table["section"], table["text"], strict=True))
    assert (said["where"], said["when"], said["topics"]) == ("unknown", "unknown", "unknown")
    assert said["outside"] == "Nothing that did not make the segment was compared."
    assert table.columns.tolist() == ["section", "text", "figure"]


def test_a_segment_like_everybody_says_so_and_gives_no_advice_by_trait():
    flat = profiles(
        [(trait, 0.5, 0.4, 0.6, 0.5, 0.0) for trait in ("evening_share", "video_share")]
    )
    persona = made(flat, channels=CHANNELS[:0], hours=HOURS[:0], outcomes=OUTCOMES[1:2])
    assert persona.headline == "What marks them: nothing, they are like everybody."
    assert (persona.do, persona.dont) == ([], [])
    assert persona.limits[0] == "2 of 2 traits are close to everybody's."
    assert (
        persona.outside
        == "Not told apart from everyone else in the 1 compared that did not make the segment."
    )


def test_a_sure_but_tiny_difference_does_not_stand_out():
    persona = made(profiles([("evening_share", 0.41, 0.405, 0.415, 0.40, 0.05)]))
    assert not persona.traits["stands_out"].any()


def test_sensitive_traits_topics_platforms_outcomes_and_names_are_left_out_and_counted():
    odd = pd.DataFrame([("dating", 90, 0.9, 0.1)], columns=CHANNELS.columns)
    ill = pd.DataFrame([("S1", "therapy_hours", 3.0, 2.0, 4.0)], columns=OUTCOMES.columns)
    persona = made(
        name="Health, evening",
        channels=pd.concat([CHANNELS, odd]),
        outcomes=pd.concat([OUTCOMES, ill]),
    )
    text = card(persona).to_string()
    assert not any(word in text for word in ("health", "Health", "dating", "therapy"))
    assert persona.name == "S1"
    assert "Left out, since a rule on wording objects: 2." in persona.limits


def test_an_advice_that_breaks_a_rule_is_refused_by_name():
    rules = advice.RULES | {"hours": {"over": {"index": 110, "do": "They will buy at {window}"}}}
    with pytest.raises(
        DataError, match=r"personas.yml says 'They will buy at 22:00.*\"will\" promises"
    ):
        made(rules=rules)


def test_a_card_edited_by_hand_is_refused_by_its_phrase():
    with pytest.raises(DataError, match=r"card of S1 says 'Lazy housewives'.*judgement"):
        card(made()._replace(headline="Lazy housewives"))


def test_every_advice_in_the_table_is_allowed_and_advises_on_a_trait_that_has_words():
    for trait, sides in advice.RULES["traits"].items():
        assert trait_words(trait, high=True) != trait
        assert set(sides) <= {"high", "low"}
        assert all(set(side) == {"do", "dont"} for side in sides.values())
        assert not [text for side in sides.values() for text in side.values() if lint_text(text)]
        assert all(side["dont"].startswith("Do not ") for side in sides.values())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(advice.RULES["traits"])), min_size=1, unique=True),
    st.integers(0, 2**16),
)
def test_whatever_stands_out_a_card_is_at_most_fourteen_rows_that_pass(traits, seed):
    signs = np.random.default_rng(seed).choice([-1, 1], len(traits))
    table = profiles(
        [(t, 2 + s, 1.9 + s, 2.1 + s, 2.0, 0.9 * s) for t, s in zip(traits, signs, strict=True)]
    )
    persona = made(table, holds=pd.Series(0.5, index=traits))
    assert len(persona.do) >= 1
    assert {item.grade for item in persona.do + persona.dont} == {"D"}
    assert all(item.rests_on for item in persona.do + persona.dont)
    shown = card(persona)
    assert len(shown) <= 14
    assert not [text for column in shown for text in shown[column] if lint_text(text)]


def test_an_inferred_interest_advises_with_a_warning():
    gaming = profiles([("inferred_interest_gaming", 0.5, 0.4, 0.6, 0.2, 1.0)])
    persona = made(gaming, holds=HOLDS.rename({"evening_share": "inferred_interest_gaming"}))
    assert persona.do[0] == ("Try content on gaming", "interest in gaming 0.5 against 0.2", "D")
    assert (
        persona.dont[0].text
        == "Do not call them gaming people, their posts were only read by a model"
    )


def test_the_counter_example_counts_those_for_whom_the_strongest_trait_does_not_hold():
    low = made(
        profiles([("frequency", 1.0, 0.9, 1.1, 3.0, -0.8)]), holds=pd.Series({"frequency": 0.12})
    )
    assert low.counter_example == (
        "The strongest trait does not hold for 9 in 10 members: "
        'they are not below everybody\'s median in "orders".'
    )
    with pytest.raises(DataError, match="holds: evening_share is missing"):
        made(holds=HOLDS.drop("evening_share"))


def test_a_trait_holds_for_those_beyond_the_median_and_the_unknown_do_not_count():
    traits = pd.DataFrame({"spend": [0, 0, 0, 5, 9, np.nan], "n_events": [1, 2, 3, 4, 5, 6.0]})
    sides = pd.DataFrame({"trait": ["spend", "n_events"], "difference": [0.5, -0.5]})
    members = np.array([False, False, True, True, True, True])
    assert personas.share_holding(traits, members, sides).tolist() == pytest.approx([2 / 3, 1 / 4])


@given(st.floats(0, 1))
def test_a_share_in_words_is_near_and_tells_nothing_of_everybody(share):
    words = share_in_words(share)
    number, of = (int(w) for w in words.split() if w.isdigit())
    assert 0 < number < of
    assert abs(number / of - share) <= 0.0501


def test_the_best_hours_go_over_midnight_and_need_enough_people():
    hours = pd.DataFrame(
        {
            "hour": [23, 0, 1, 12],
            "n_people": [50, 10, 10, 10],
            "share": [0.2, 0.3, 0.1, 0.4],
            "everyone": [0.1, 0.1, 0.1, 0.7],
        }
    )
    assert advice.best_hours(hours)["window"].tolist() == ["23:00 to 02:00 UTC"]
    assert advice.best_hours(hours)["index"].tolist() == pytest.approx([200.0])
    assert advice.best_hours(hours.assign(n_people=49)).empty
    assert advice.best_hours(hours.assign(n_people=49), min_people=49)["window"].tolist() == [
        "23:00 to 02:00 UTC"
    ]
    with pytest.raises(DataError, match="from 0 to 23"):
        advice.best_hours(hours.assign(hour=[22, 23, 24, 1]))


def test_a_platform_of_too_few_people_is_no_channel():
    assert advice.busiest_channels(CHANNELS)["platform"].tolist() == ["youtube", "tiktok", "web"]
    assert advice.busiest_channels(CHANNELS, min_people=49)["platform"].tolist() == [
        "youtube",
        "x",
        "tiktok",
    ]


def test_a_topic_of_too_few_people_is_none():
    assert made().topics == ["gaming"]
    assert made(min_people=40).topics == ["gaming", "tech"]
    assert made(min_people=9).topics == ["gaming", "tech", "knitting"]


def test_fewer_than_fifty_people_get_no_persona():
    with pytest.raises(DataError, match="Segment S1 has fewer than 50 people"):
        made(profiles(n_people=49))
    assert made(profiles(n_people=50)).n_people == 50
    with pytest.raises(DataError, match="of one segment"):
        made(pd.concat([profiles(), profiles().assign(segment="S2")]))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(50, 200))
def test_no_real_row_is_reproduced_by_fifty_or_more_people(seed, n):
    traits = people(n, seed)
    means = profile(traits, pd.Series(["S1"] * n))
    assert reproduces(means, traits) == 0


def test_one_person_and_people_who_are_all_the_same_are_found():
    traits = people()
    alone = pd.Series(["S1"] + ["S2"] * 59)
    means = profile(traits, alone, min_people=1)
    assert reproduces(means[means["segment"] == "S1"], traits) == 1
    same = pd.concat([traits.iloc[[3]]] * 60, ignore_index=True)
    assert reproduces(profile(same, pd.Series(["S1"] * 60)), same) == 60


def test_a_row_is_reproduced_in_every_trait_or_not_at_all_and_to_the_digits_shown():
    means = pd.DataFrame({"trait": ["spend", "n_events"], "mean": [40.04, 1234.4]})
    near = pd.DataFrame({"spend": [40.0, 40.0, 40.2], "n_events": [1234.0, 1236.0, 1234.0]})
    assert reproduces(means, near) == 1
    assert reproduces(means[:0], near) == 0
    with pytest.raises(DataError, match="the columns n_events are missing"):
        reproduces(means, near[["spend"]])


def test_the_same_input_tells_the_same_story_in_any_order_of_rows():
    shuffled = made(
        profiles().sample(frac=1, random_state=1),
        channels=CHANNELS[::-1],
        hours=HOURS[::-1],
        topics=TOPICS[::-1],
    )
    assert card(shuffled).equals(card(made()))
