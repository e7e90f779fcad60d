"""Reasons are faithful to the assignment model: what rules say and changes that are named hold."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.segments.profiles.ablation import ablation, resolving
from coterie.segments.profiles.explanations import typical_traits, why_in, why_not
from coterie.segments.profiles.phrases import trait_phrase
from coterie.segments.profiles.surrogate import surrogate
from coterie.study import DataError, SettingsError
from coterie.wording import amount

NAMES = ["evening_share", "frequency", "tenure_days", "reply_share"]
SCALE = np.array([0.1, 1.0, 30.0, 0.1])
# S1 and S2 differ in evenings only
CENTRES = np.array([[0.6, 1, 100, 0.5], [0.2, 1, 100, 0.5], [0.2, 8, 400, 0.1]])
SEGMENTS = ["S1", "S2", "S3"]


def world(seed=0, n=300, gaps=0.0):
    """People of three segments, `n` each, and which they come from."""
    rng = np.random.default_rng(seed)
    kind = np.repeat([0, 1, 2], n)
    values = CENTRES[kind] + SCALE * rng.standard_normal((3 * n, 4))
    traits = pd.DataFrame(values, columns=NAMES)
    return traits.mask(rng.random(traits.shape) < gaps), pd.Series(np.array(SEGMENTS)[kind])


def score(people):
    """Score by the nearest centre in standardised traits; who is unknown counts as the middle."""
    values = people[NAMES].fillna(pd.Series(CENTRES.mean(axis=0), index=NAMES)).to_numpy()
    return -((((values[:, None] - CENTRES) / SCALE) ** 2).sum(axis=2))


def corners(n=100):
    """Four segments at the corners of two traits: each rule needs both."""
    rng = np.random.default_rng(1)
    late, buys = rng.integers(0, 2, 4 * n), rng.integers(0, 2, 4 * n)
    traits = pd.DataFrame(
        {"evening_share": 0.1 + 0.6 * late + 0.2 * rng.random(4 * n), "frequency": 2 + 4 * buys}
    )
    return traits, pd.Series(2 * late + buys + 1).map("S{}".format)


def obeys(traits, rule):
    """Read a rule back and say whom it holds for."""
    holds = pd.Series(True, index=traits.index)
    for part in rule.split(" and "):
        name = next(name for name in traits if part.startswith(trait_phrase(name)))
        words = part.removeprefix(trait_phrase(name)).split()
        unknown = "unknown)" in words
        ends = {
            word: float(number) for word, number in pairwise(words) if number[0] in "-0123456789"
        }
        value, high = traits[name], min(ends.get("most", np.inf), ends.get("to", np.inf))
        holds &= ((value > ends.get("over", -np.inf)) & (value <= high)) | (value.isna() & unknown)
    return holds


def test_groups_cut_along_the_traits_are_given_back_in_full_and_in_words():
    traits, segment = corners()
    told = surrogate(traits, segment)
    assert told.fidelity.value == 1.0
    assert told.fidelity.low > 0.98
    assert told.by_segment[["recall", "precision"]].to_numpy().min() == 1.0
    assert told.rules["share_right"].tolist() == [1.0] * 4
    rule = told.rules.set_index("segment")["rule"]
    assert set(rule["S4"].split(" and ")) == {"evening share over 0.5", "orders over 4"}
    assert set(rule["S1"].split(" and ")) == {"evening share at most 0.5", "orders at most 4"}


@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_a_rule_read_back_holds_for_exactly_the_people_it_counts(gaps):
    traits, segment = world(gaps=gaps)
    told = surrogate(traits, segment)
    holds = pd.DataFrame(
        {number: obeys(traits, rule) for number, rule in enumerate(told.rules["rule"])}
    )
    assert holds.sum().tolist() == told.rules["n_people"].tolist()
    assert (holds.sum(axis=1) == 1).all()
    given_back = told.rules["segment"].to_numpy()[holds.to_numpy().argmax(axis=1)]
    assert (given_back == told.tree.predict(traits)).all()


def test_a_segment_of_people_whose_value_is_missing_is_called_unknown():
    traits, segment = world()
    traits.loc[segment == "S3", "reply_share"] = np.nan
    rules = surrogate(traits[["reply_share"]], segment.replace("S2", "S1")).rules
    assert rules["rule"].tolist() == ["reply share known", "reply share unknown"]
    assert rules["share_right"].tolist() == [1.0, 1.0]
    flag = traits[["reply_share"]].notna().astype(float).add_suffix("_known")
    rules = surrogate(flag, segment.replace("S2", "S1")).rules
    assert rules["rule"].tolist() == ["reply share known", "reply share unknown"]


def test_missing_values_that_follow_a_branch_are_said():
    traits, segment = world()
    traits.loc[np.flatnonzero(segment == "S3")[:100], "frequency"] = np.nan
    rules = surrogate(traits[["frequency"]], segment.replace("S2", "S1"), depth=1).rules.set_index(
        "segment"
    )
    assert rules.loc["S3", "rule"].endswith("(or unknown)")
    assert "unknown" not in rules.loc["S1", "rule"]
    assert rules["n_people"].tolist() == [600, 300]


def test_more_segments_than_ends_show_as_a_shortfall():
    rng = np.random.default_rng(2)
    cell = rng.integers(0, 12, 2400)
    traits = pd.DataFrame(
        {"frequency": cell % 4 + 0.1 * rng.random(2400), "n_platforms": cell // 4}
    )
    told = surrogate(traits, pd.Series(cell).map("S{:02d}".format))
    assert told.fidelity.high < 0.85
    assert (told.by_segment["recall"] < 0.2).sum() >= 4
    assert told.by_segment.loc[told.by_segment["recall"] == 0, "precision"].isna().all()
    assert len(told.rules) <= 8


def test_fidelity_on_noise_is_that_of_guessing():
    rng = np.random.default_rng(3)
    traits = pd.DataFrame(rng.standard_normal((900, 6))).add_prefix("x")
    told = surrogate(traits, pd.Series(rng.integers(0, 3, 900)).map("S{}".format))
    assert told.fidelity.low < 1 / 3 < told.fidelity.high
    assert told.rules["share_right"].max() > 0.4  # the people the rules were made from flatter them


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(60, 200), min_people=st.sampled_from([20, 50]))
def test_no_rule_speaks_of_fewer_than_min_people(seed, n, min_people):
    rng = np.random.default_rng(seed)
    traits = pd.DataFrame({"spend": np.exp(rng.standard_normal(n)), "frequency": rng.poisson(2, n)})
    rules = surrogate(
        traits, pd.Series(rng.integers(0, 2, n)).map("S{}".format), min_people=min_people
    ).rules
    assert rules["n_people"].min() >= min_people
    assert rules["n_people"].sum() == n


def test_cut_points_are_short_and_those_of_counts_are_whole():
    rng = np.random.default_rng(4)
    traits = pd.DataFrame({"evening_share": rng.random(2000), "frequency": rng.poisson(3, 2000)})
    likely = 1 / (1 + np.exp(-8 * (traits["evening_share"] - 0.4) - (traits["frequency"] - 3)))
    rules = surrogate(traits, pd.Series(np.where(rng.random(2000) < likely, "S2", "S1"))).rules
    numbers = [word for rule in rules["rule"] for word in rule.split() if word[0].isdigit()]
    assert max(len(number.strip("0.")) for number in numbers) <= 3
    orders = [
        part for rule in rules["rule"] for part in rule.split(" and ") if part.startswith("orders")
    ]
    assert orders
    assert not [part for part in orders if "." in part]


def test_everybody_in_one_segment_is_one_rule():
    traits, _ = world()
    told = surrogate(traits, pd.Series("S1", index=traits.index))
    assert told.rules[["segment", "rule", "n_people"]].to_numpy().tolist() == [
        ["S1", "everybody", 900]
    ]
    assert told.fidelity.value == 1.0


def test_too_few_people_make_no_rules():
    traits, segment = world(n=10)
    with pytest.raises(DataError, match="30 people are too few"):
        surrogate(traits, segment)


def test_units_are_said():
    assert amount("reply_latency_hours", 2.25) == "2.25 hours"
    assert amount("engagement_score", 63.2) == "63.2 of 100"
    assert trait_phrase("n_platforms") == "platforms"
    traits, segment = world()
    rules = surrogate(traits[["tenure_days"]], segment.replace("S2", "S1"), depth=1).rules
    assert rules["rule"].str.fullmatch(r"tenure (at most|over) \d+ days").all()


def person(**values):
    return pd.Series(dict(zip(NAMES, CENTRES[1], strict=True)) | values)


@pytest.fixture(scope="module")
def typical():
    return typical_traits(*world(), segments=SEGMENTS)


def test_what_is_typical_is_the_median_and_unknown_where_most_do_not_know():
    traits, segment = world()
    traits.loc[segment == "S3", "reply_share"] = [0.3] * 149 + [np.nan] * 151
    table = typical_traits(traits, segment, segments=["S3", "S1", "S2"])
    assert np.isnan(table.loc["S3", "reply_share"])
    assert table.loc["S1", "evening_share"] == traits["evening_share"][:300].median()
    assert table.index.tolist() == ["S3", "S1", "S2"]


def test_the_trait_that_parts_two_segments_speaks_for_the_one(typical):
    why = why_in(person(evening_share=0.58), "S1", typical, score)
    assert why.assigned == "S1"
    assert why.features["trait"][0] == "evening_share"
    lost = np.diff(
        score(pd.DataFrame([person(evening_share=0.58), person(evening_share=typical.iloc[1, 0])]))[
            :, :2
        ]
    )
    assert why.features["effect"][0] == pytest.approx(float(lost[1, 0] - lost[0, 0]))
    assert why.text == (
        "Placed in S1; the nearest other is S2. For S1 speaks most: "
        f"evening (evening share 0.58, in S2 {typical.iloc[1, 0]:.3g})."
    )


def test_the_nearest_other_segment_is_the_one_compared_with(typical):
    assert (
        "the nearest other is S1" in why_in(person(evening_share=0.35), "S2", typical, score).text
    )
    assert (
        "the nearest other is S3"
        in why_in(
            person(frequency=4.4, tenure_days=250, reply_share=0.3, evening_share=0.0),
            "S2",
            typical,
            score,
        ).text
    )


def test_a_segment_the_person_is_not_in_is_not_said_to_hold_them(typical):
    why = why_in(person(), "S1", typical, score)
    assert why.assigned == "S2"
    assert why.text.startswith("Placed in S2; not in S1.")


def test_an_unknown_value_is_said_to_be_unknown(typical):
    def shifted(people):
        return score(people) + np.array([0.5, 0, 0]) * people[["reply_share"]].isna().to_numpy()

    why = why_in(person(evening_share=0.41, reply_share=np.nan), "S1", typical, shifted)
    row = why.features.set_index("trait").loc["reply_share"]
    assert np.isnan(row["value"])
    assert row["effect"] == pytest.approx(0.5)
    assert "reply share unknown, in S2" in why.text


def test_one_trait_is_enough_where_two_segments_differ_in_one(typical):
    why = why_not(person(), "S1", typical, score)
    assert why.features["trait"].tolist() == ["evening_share"]
    assert why.assigned == "S1"
    assert why.text == (
        "Placed in S2, not in S1. "
        f"It would be S1 with evening share {typical.iloc[0, 0]:.3g} instead of 0.2."
    )


def test_nothing_keeps_a_person_out_of_their_own_segment(typical):
    why = why_not(person(), "S2", typical, score)
    assert why.text == "Placed in S2 already."
    assert why.features.empty


def test_two_traits_that_only_count_together_are_found_together():
    both = lambda people: np.column_stack([np.full(len(people), 0.5), people["a"] * people["b"]])  # noqa: E731
    typical = pd.DataFrame({"a": [0.0, 1.0], "b": [0.0, 1.0], "c": [0.0, 1.0]}, index=["S1", "S2"])
    why = why_not(pd.Series({"a": 0.0, "b": 0.0, "c": 0.0}), "S2", typical, both)
    assert sorted(why.features["trait"]) == ["a", "b"]
    assert why.features["effect"].tolist() == [0.0, 0.0]  # alone neither does anything
    assert why.assigned == "S2"
    speaks = why_in(
        pd.Series({"a": 1.0, "b": 1.0, "c": 1.0}), "S2", typical, both
    ).features.set_index("trait")["effect"]
    assert speaks.to_dict() == {"a": 1.0, "b": 1.0, "c": 0.0}


def test_a_segment_out_of_reach_is_said_to_be_out_of_reach():
    never = lambda people: np.column_stack([np.ones(len(people)), np.zeros(len(people))])  # noqa: E731
    typical = pd.DataFrame({"a": [0.0, 1.0], "b": [0.0, 1.0]}, index=["S1", "S2"])
    why = why_not(pd.Series({"a": 0.0, "b": 0.0}), "S2", typical, never)
    assert why.assigned == "S1"
    assert "It would be S1 even with" in why.text
    assert len(why.features) == 2


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    p=st.integers(1, 7),
    k=st.integers(2, 5),
    curved=st.booleans(),
    gaps=st.booleans(),
)
def test_the_change_that_is_named_moves_any_person_under_any_rule(seed, p, k, curved, gaps):
    rng = np.random.default_rng(seed)
    centres, width = rng.standard_normal((k, p)), np.exp(rng.standard_normal((k, p)) * curved)
    names, segments = [f"x{number}" for number in range(p)], [f"S{number}" for number in range(k)]

    def model(people):
        values = people.fillna(0.0).to_numpy()
        return -0.5 * (((values[:, None] - centres) / width) ** 2).sum(axis=2) - np.log(width).sum(
            axis=1
        )

    typical = pd.DataFrame(centres, columns=names, index=segments)
    someone = pd.Series(2 * rng.standard_normal(p), index=names)
    someone.iloc[0] = np.nan if gaps else someone.iloc[0]
    wanted = segments[int(rng.integers(k))]
    why = why_not(someone, wanted, typical, model)
    changed = someone.copy()
    changed[why.features["trait"]] = typical.loc[wanted, why.features["trait"]]
    assert segments[int(model(changed.to_frame().T)[0].argmax())] == why.assigned
    reachable = segments[int(model(typical.loc[[wanted]])[0].argmax())] == wanted
    assert (why.assigned == wanted) or not reachable
    if why.assigned == wanted and len(why.features) == 2:  # one alone would not have done
        for name in names:
            single = someone.copy()
            single[name] = typical.loc[wanted, name]
            assert segments[int(model(single.to_frame().T)[0].argmax())] != wanted


def test_a_text_names_few_traits_and_counts_the_rest():
    far = lambda people: np.column_stack([np.full(len(people), 4.5), people.sum(axis=1)])  # noqa: E731
    names = [f"x{number}" for number in range(6)]
    typical = pd.DataFrame([np.zeros(6), np.ones(6)], columns=names, index=["S1", "S2"])
    why = why_not(typical.loc["S1"], "S2", typical, far)
    assert len(why.features) == 5
    assert why.text.endswith("and 2 more changes.")


def test_a_segment_that_is_not_there_cannot_be_asked_about(typical):
    with pytest.raises(SettingsError, match="segment: S9 is none of S1, S2, S3"):
        why_not(person(), "S9", typical, score)
    with pytest.raises(DataError, match="S1 holds everybody"):
        why_in(person(), "S1", typical.loc[["S1"]], lambda people: np.zeros((len(people), 1)))


@pytest.fixture(scope="module")
def ablated():
    return ablation(*world(), score, segments=SEGMENTS)


def test_the_only_feature_that_parts_a_pair_is_found_and_without_it_one_guesses(ablated):
    pair = ablated[(ablated["one"] == "S1") & (ablated["other"] == "S2")]
    assert pair["feature"].iloc[0] == "evening_share"
    assert pair["separation"].iloc[0] > 0.99
    assert pair["without"].iloc[0] == 0.5
    assert pair["low"].iloc[0] > 0.45
    assert pair["loss"].iloc[1:].abs().max() < 0.001


def test_features_that_say_the_same_are_each_spared(ablated):
    pair = ablated[(ablated["one"] == "S2") & (ablated["other"] == "S3")]
    assert pair["separation"].iloc[0] > 0.999
    assert pair["loss"].max() < 0.001
    parts = pair.set_index("feature")["margin_share"]
    assert parts["tenure_days"] == pytest.approx(
        100 / (100 + 49 + 16), abs=0.05
    )  # squared distances in deviations
    assert parts["frequency"] == pytest.approx(49 / (100 + 49 + 16), abs=0.05)
    assert abs(parts["evening_share"]) < 0.01


def test_the_separation_is_the_area_under_the_curve():
    from sklearn.metrics import roc_auc_score

    traits, segment = world(seed=5, n=60)
    blurred = traits + 6 * SCALE * np.random.default_rng(5).standard_normal(traits.shape)
    table = ablation(blurred, segment, score, segments=SEGMENTS).set_index(
        ["one", "other", "feature"]
    )
    pair = segment.isin(["S1", "S3"])
    gap = lambda people: (score(people)[:, 0] - score(people)[:, 2])[pair]  # noqa: E731
    truth = segment[pair] == "S1"
    without = roc_auc_score(truth, gap(blurred.assign(frequency=blurred["frequency"].median())))
    row = table.loc[("S1", "S3", "frequency")]
    assert row["separation"] == pytest.approx(roc_auc_score(truth, gap(blurred)))
    assert row["without"] == pytest.approx(without)
    assert row["low"] < row["loss"] < row["high"]


def test_the_interval_of_a_loss_is_as_wide_as_resamples_say():
    traits, segment = world(seed=6, n=80)
    blurred = traits + 2 * SCALE * np.random.default_rng(6).standard_normal(traits.shape)

    def take(rows):
        table = ablation(blurred.iloc[rows], segment.iloc[rows], score, segments=SEGMENTS[:2])
        return table.set_index("feature").loc["evening_share"]

    row, rng = take(np.arange(240)), np.random.default_rng(7)
    spread = np.std([take(rng.integers(0, 240, 240))["loss"] for _ in range(60)])
    assert (row["high"] - row["low"]) / 3.92 == pytest.approx(spread, rel=0.25)


def test_one_feature_a_pair_is_kept_if_the_pair_needs_one_and_pairs_stay_in_order(ablated):
    needing = ablated.assign(low=ablated["low"].clip(lower=0.01))
    assert resolving(needing)[["one", "other"]].to_numpy().tolist() == [
        ["S1", "S2"],
        ["S1", "S3"],
        ["S2", "S3"],
    ]
    assert resolving(ablated)["feature"][0] == "evening_share"
    assert resolving(needing.assign(low=0.0)).empty


def test_unknown_values_are_neutralised_too():
    traits, segment = world()
    traits.loc[segment == "S1", "reply_share"] = np.nan

    def known(people):
        return np.column_stack([people["reply_share"].isna(), people["reply_share"].notna()]) * 1.0

    table = ablation(traits, segment, known, segments=["S1", "S2"]).set_index("feature")
    assert table.loc["reply_share", ["separation", "without"]].tolist() == [1.0, 0.5]


def test_one_segment_has_no_pairs():
    traits, segment = world()
    table = ablation(traits, segment, score, segments=["S1"])
    assert table.empty
    assert resolving(table).columns.tolist() == table.columns.tolist()
