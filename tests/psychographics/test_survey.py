"""Inferred answers are calibrated, intervals cover, and no survey id gets out.

Too little overlap is reported.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coterie.psychographics.surveys.imputation import Imputed, group_answers, impute
from coterie.statistics import Interval, mean_interval
from coterie.study import DataError

KEEN = 0.5  # people whose first feature is above are the group that was asked more often


def world(seed, *, people=1500, asked=300, leaning=0.8, shares=False):
    """Plant an answer that depends on two features.

    Being asked depends on the first and on a third.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(people, 4))
    chance = 1 / (1 + np.exp(0.3 - x[:, 0] + 0.7 * x[:, 1]))
    answer = (
        rng.beta(4 * chance, 4 * (1 - chance))
        if shares
        else (rng.random(people) < chance).astype(float)
    )
    pull = np.exp(leaning * x[:, 0] - 0.4 * x[:, 2])
    chosen = rng.random(people) < (pull / pull.mean() * asked / people).clip(0, 0.95)
    features = pd.DataFrame(x, columns=list("abcd")).assign(
        person_id=[f"p{n:05d}" for n in range(people)]
    )
    answers = pd.DataFrame({"person_id": features["person_id"], "answer": answer})
    return features, answers, chosen


def truth(*, shares=False):
    """Compute the average answer in the whole population: everybody, and the keen."""
    features, answers, _ = world(999, people=200_000, shares=shares)
    keen = (features["a"] > KEEN).to_numpy()
    return {"all": answers["answer"].mean(), "keen": answers["answer"][keen].mean()}


def coverage(rounds, *, imputations, shares=False, calibration="sigmoid"):
    """Count how often the intervals hold the truth, beside the error of the people asked alone."""
    known, hits, alone = truth(shares=shares), {"all": [], "keen": []}, []
    for seed in range(rounds):
        features, answers, chosen = world(seed, shares=shares)
        found = impute(
            answers[chosen], features, imputations=imputations, calibration=calibration, seed=seed
        )
        alone.append(answers["answer"][chosen].mean() - known["all"])
        for name, members in (("all", features["a"] > -np.inf), ("keen", features["a"] > KEEN)):
            row = group_answers(found, features[members].assign(group=name)).iloc[0]
            hits[name].append(row["low"] <= known[name] <= row["high"])
    return {name: np.mean(hit) for name, hit in hits.items()}, np.mean(alone)


def test_intervals_cover_although_the_people_asked_alone_are_wrong():
    covered, alone = coverage(12, imputations=5)
    assert covered["all"] >= 0.75  # of 12 rounds at 95 %, 8 or fewer hold in 2 of 1000 tries
    assert covered["keen"] >= 0.75
    assert alone > 0.08


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shares", "calibration"), [(False, "sigmoid"), (False, "isotonic"), (True, "sigmoid")], ids=str
)
def test_intervals_cover_95_percent(shares, calibration):
    covered, _ = coverage(200, imputations=20, shares=shares, calibration=calibration)
    assert 0.91 <= covered["all"] <= 0.99
    assert 0.91 <= covered["keen"] <= 0.99


@pytest.fixture(scope="module")
def inferred():
    features, answers, chosen = world(1, people=4000, asked=800)
    return features, answers, chosen, impute(answers[chosen], features, imputations=3)


def test_inferred_answers_are_calibrated_for_people_who_were_not_asked(inferred):
    _, answers, chosen, found = inferred
    labelled = pd.DataFrame({"value": found.table["inferred_answer"], "answer": answers["answer"]})[
        ~chosen
    ]
    bins = labelled.groupby(pd.qcut(labelled["value"], 8)).mean()
    assert (bins["value"] - bins["answer"]).abs().max() < 0.09
    assert labelled["value"].corr(labelled["answer"]) > 0.35


def test_features_that_tell_something_save_error_and_noise_saves_none(inferred):
    assert inferred[-1].gain.low > 0.02
    features, answers, chosen = world(2, asked=400)
    rng = np.random.default_rng(0)
    noise = features[["person_id"]].assign(
        a=rng.normal(size=len(features)), b=rng.normal(size=len(features))
    )
    assert impute(answers[chosen], noise, imputations=2).gain.low <= 0


def test_the_result_carries_no_respondent_and_no_survey_id(inferred):
    features, answers, chosen, found = inferred
    survey = answers[chosen].assign(
        respondent_id=[f"r{n}" for n in range(chosen.sum())], survey_id="wave-7", panel="acme"
    )
    again = impute(survey, features, imputations=3)
    pd.testing.assert_frame_equal(again.table, found.table)
    assert list(again.table) == ["person_id", "inferred_answer"]
    everything = (
        again.table.to_csv()
        + repr(again._replace(table=None))
        + group_answers(again, features.assign(group="all")).to_csv(index=False)
    )
    assert not any(word in everything for word in ("wave-7", "respondent", "acme", "r17"))


def test_from_the_table_nobody_can_tell_who_was_asked_or_what_they_said(inferred):
    features, answers, chosen, found = inferred
    value = found.table["inferred_answer"]
    assert set(found.table["person_id"]) == set(features["person_id"])
    assert value[chosen].between(0.001, 0.999).all()  # no bare 0 or 1 of an answer
    one = answers.index[chosen][5]
    changed = answers.assign(
        answer=answers["answer"].where(answers.index != one, 1 - answers["answer"])
    )
    other = impute(changed[chosen], features, imputations=2).table["inferred_answer"]
    assert other[one] == value[one]  # a person's own answer does not move what is inferred of them


def test_a_rerun_gives_the_same_and_the_order_of_answers_does_not_matter(inferred):
    features, answers, chosen, found = inferred
    again = impute(answers[chosen].sample(frac=1, random_state=0), features, imputations=3)
    np.testing.assert_array_equal(again.completed, found.completed)
    pd.testing.assert_frame_equal(again.table, found.table)


def test_respondents_unlike_the_rest_are_warned_about_and_like_ones_are_not(inferred):
    assert inferred[-1].warning == ""
    assert inferred[-1].outside < 0.1
    features, answers, _ = world(3)
    fans = (features["a"] > 1.0).to_numpy()  # only fans answered
    found = impute(answers[fans], features, imputations=2)
    assert found.outside > 0.3
    assert "unlike everybody asked" in found.warning


def test_rubins_rules_are_what_the_book_says():
    draws = np.array([[1.0] * 50 + [0.0] * 50, [1.0] * 60 + [0.0] * 40, [1.0] * 70 + [0.0] * 30])
    people = pd.DataFrame({"person_id": [f"p{n}" for n in range(100)], "inferred_answer": 0.5})
    found = Imputed(people, draws, np.zeros(100, bool), Interval(0, 0, 0), 0.0, 0.0, "")
    row = group_answers(found, people.assign(group="all")).iloc[0]
    within = np.mean([0.25, 0.24, 0.21]) / 99
    between = 4 / 3 * 0.01
    assert row["value"] == pytest.approx(0.6)
    assert row["missing_information"] == pytest.approx(between / (between + within))
    observed = 100 / 102 * 99 * within / (between + within)
    freedom = 1 / ((between / (between + within)) ** 2 / 2 + 1 / observed)
    assert freedom == pytest.approx(2.3, abs=0.1)  # so few imputations know little
    assert row["low"] == pytest.approx(
        0.6 - stats.t.ppf(0.975, freedom) * np.sqrt(between + within)
    )
    assert group_answers(found, people.assign(group="all"), min_people=101).empty


def test_when_everybody_was_asked_the_average_is_plain_and_nothing_is_missing():
    features, answers, _ = world(5, people=200)
    row = group_answers(
        impute(answers, features, imputations=3), features.assign(group="all")
    ).iloc[0]
    assert row["value"] == pytest.approx(answers["answer"].mean())
    assert row["missing_information"] == 0
    assert (row["low"], row["high"]) == pytest.approx(
        mean_interval(answers["answer"])[1:], abs=0.002
    )


def test_small_groups_are_left_out(inferred):
    features, *_, found = inferred
    group = np.where(np.arange(len(features)) < 49, "few", "many")
    assert group_answers(found, features.assign(group=group))["group"].tolist() == ["many"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.head(20), "at least 30 are needed"),
        (lambda a: a.assign(answer=1.0), "10 on each side"),
        (lambda a: a.assign(answer=5.0), "must be 0 and 1"),
        (lambda a: pd.concat([a, a]), "stands twice"),
    ],
)
def test_answers_that_cannot_be_learned_from_are_named(change, message):
    features, answers, chosen = world(4)
    with pytest.raises(DataError, match=message):
        impute(change(answers[chosen]), features)
