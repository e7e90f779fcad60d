"""The assignment model gives the same in arrays and in the engine, and what the algorithm gave."""

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie.segments.assignment.calibration import (
    check_membership,
    compare_with_truth,
    fit_temperature,
)
from coterie.segments.assignment.expression import soft_assign
from coterie.segments.assignment.final import fit_final
from coterie.segments.assignment.membership import CORE, assign, hard_assign, memberships
from coterie.segments.assignment.model import fit_assignment, log_odds, membership_shares
from coterie.segments.assignment.storage import from_model, to_model
from coterie.segments.preparation.matrix import Matrix, person_features
from coterie.segments.preparation.space import Projection, fit_space, points
from coterie.segments.selection.algorithms import FAMILIES, gaussians
from coterie.segments.selection.verdict import Verdict

ENGINES = ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"]


def lumps(seed=0, n=300, gap=6.0, p=4):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    values = rng.standard_normal((n, p)) + gap * np.eye(3, p)[kind]
    return np.column_stack([values, np.exp(2 + rng.standard_normal(n))]), kind


def everybody(values):
    """Let everybody shape the groups."""
    n = len(values)
    return Matrix(
        np.arange(n),
        pd.DataFrame(values, columns=list("abcde")),
        list("abcde"),
        None,
        np.full(n, True),
    )


def fitted_model(method, values, k=3):
    space = fit_space(values)
    at = points(space, values)
    labels = FAMILIES[method](Projection(at, at), [k], 0)[k]
    return fit_assignment(
        space, values, labels, features=[f"x{j}" for j in range(values.shape[1])], method=method
    ), labels


@pytest.mark.parametrize("method", [name for name in FAMILIES if name != "HDBSCAN"])
def test_the_rule_puts_people_where_the_algorithm_had_them(method):
    model, labels = fitted_model(method, lumps()[0])
    assigned = log_odds(model, lumps()[0]).argmax(axis=1)
    truth = pd.crosstab(labels, assigned).to_numpy()
    assert truth.max(axis=1).sum() / len(labels) > 0.97


def test_a_mixture_assigns_by_its_own_probabilities():
    values, _ = lumps(gap=2.0)
    space = fit_space(values)
    at = points(space, values)
    for kind in ("full", "diag", "tied"):
        name = {"full": "mixture, full", "diag": "mixture, diagonal", "tied": "mixture, tied"}[kind]
        model = fit_assignment(
            space, values, np.arange(len(values)) % 3, features=list("abcde"), method=name
        )
        groups = np.arange(len(values)) % 3
        mixture = gaussians(at, 3, kind=kind, seed=0, starts=[groups])
        expected = membership_shares(model, values)
        np.testing.assert_allclose(expected, mixture.predict_proba(at), atol=1e-6)


@pytest.mark.parametrize("method", ["k-means", "mixture, full", "Ward"])
def test_the_engine_says_what_the_arrays_say(method):
    values, _ = lumps(seed=2, gap=3.0)
    values[:5, 0], values[5:9, 4] = np.nan, 1e9
    model, _ = fitted_model(method, np.nan_to_num(values))
    model = model._replace(temperature=2.0)
    frame = pd.DataFrame(values, columns=model.features)
    frame = frame.assign(
        person_id=[f"p{n:03d}" for n in range(len(frame))],
        fitted=True,
        n_events=np.arange(len(frame)),
    )
    shares = soft_assign(ibis.memtable(frame), model=model).order_by("person_id").to_pandas()
    ours = membership_shares(model, values)
    np.testing.assert_allclose(shares[model.segments].to_numpy(), ours, atol=1e-9)


@pytest.mark.parametrize("dialect", ENGINES)
def test_every_engine_can_place_people(dialect):
    if dialect == "pyspark":
        pytest.importorskip("pyspark", reason="needs pyspark")
        assert ibis.pyspark  # its options are known only once it is loaded
    model, _ = fitted_model("mixture, full", lumps()[0])
    kinds = {"person_id": "string", "fitted": "boolean", "n_events": "int64"} | dict.fromkeys(
        model.features, "float64"
    )
    shares = soft_assign(ibis.table(kinds, name="features"), model=model)
    sql = ibis.to_sql(memberships(shares, segments=model.segments), dialect=dialect)
    assert "EXP" in sql.upper()
    assert (
        "CASE"
        in ibis.to_sql(
            hard_assign(shares, names={s: s for s in model.segments}), dialect=dialect
        ).upper()
    )


def test_each_person_is_assigned_once_by_the_largest_share_and_the_second_is_kept():
    rng = np.random.default_rng(3)
    share = rng.dirichlet(np.ones(4), 200)
    frame = pd.DataFrame(share, columns=["S1", "S2", "S3", "S4"]).assign(
        person_id=[f"p{n}" for n in range(200)], fitted=True
    )
    names = {segment: segment.lower() for segment in ("S1", "S2", "S3", "S4")}
    found = (
        hard_assign(ibis.memtable(frame), names=names)
        .to_pandas()
        .set_index("person_id")
        .loc[frame["person_id"]]
    )
    order = np.argsort(-share, axis=1)
    assert found["segment"].tolist() == [f"S{first + 1}" for first in order[:, 0]]
    assert found["second_segment"].tolist() == [f"S{second + 1}" for second in order[:, 1]]
    np.testing.assert_allclose(found["second_membership"], np.sort(share, axis=1)[:, -2])
    assert ((found["tier"] == "core") == (found["membership"] >= CORE)).all()
    long = memberships(ibis.memtable(frame), segments=list(names)).to_pandas()
    assert long["share"].min() >= 0.05
    assert long.groupby("person_id")["share"].sum().min() > 0.85


def test_one_segment_holds_everybody_and_nobody_has_a_second():
    values, _ = lumps()
    matrix = everybody(values)
    final = fit_final(matrix, Verdict("none", "", 1))
    assert final.stability is None
    frame = matrix.traits.assign(
        person_id=[str(n) for n in range(len(values))], fitted=True, n_events=20
    )
    shares = soft_assign(ibis.memtable(frame), model=final.model._replace(segments=["S1"]))
    found = hard_assign(shares, names={"S1": "Everyone"}).to_pandas()
    assert (found["membership"] == 1).all()
    assert (found["second_segment"] == "").all()
    assert (found["tier"] == "core").all()


def test_a_temperature_makes_shares_that_hold():
    rng = np.random.default_rng(4)
    odds = rng.standard_normal((4000, 3)) * 1.5
    truth = np.array([rng.choice(3, p=np.exp(row) / np.exp(row).sum()) for row in odds])
    assert fit_temperature(4 * odds, truth) == pytest.approx(4, rel=0.1)
    share = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    right = share.argmax(axis=1) == truth
    assert check_membership(share.max(axis=1), right).error < 0.03
    sharp = np.exp(4 * odds) / np.exp(4 * odds).sum(axis=1, keepdims=True)
    assert check_membership(sharp.max(axis=1), right).error > 0.15


def test_without_known_groups_there_is_no_agreement_to_tell():
    people = pd.DataFrame({"segment": ["S1"], "membership": [1.0]}, index=["ana"])
    assert compare_with_truth(people, pd.Series(dtype=object)) == (None, None, None)


@pytest.mark.parametrize("method", ["k-means", "Ward", "mixture, tied"])
def test_the_grouping_that_won_is_found_again_on_everybody(method):
    values, kind = lumps(seed=5, n=600)
    matrix = everybody(values)
    final = fit_final(matrix, Verdict("natural", method, 3), resamples=5)
    assert pd.crosstab(kind, final.labels).max(axis=1).sum() == 600
    assert final.agreement == 1.0
    assert final.stability.value > 0.95


def test_where_more_people_show_other_groups_than_were_judged_nothing_was_found():
    values, _ = lumps(seed=5, n=600)
    matrix = everybody(values)
    final = fit_final(matrix, Verdict("natural", "HDBSCAN", 7), resamples=2)
    assert final.verdict == Verdict("none", "", 1)
    assert set(final.labels) == {0}
    assert final.stability is None


def test_groups_that_do_not_come_back_among_more_people_were_not_found_but_may_be_asked_for():
    values = np.random.default_rng(1).standard_normal((400, 5))
    matrix = everybody(values)
    assert (
        fit_final(matrix, Verdict("reproducible", "k-means", 5), resamples=10).verdict.word
        == "none"
    )
    asked = fit_final(matrix, Verdict("constructive", "k-means", 5), resamples=10)
    assert (asked.verdict.k, len(set(asked.labels))) == (5, 5)
    assert asked.stability.value < 0.75


def test_a_stored_model_assigns_people_who_lack_a_trait_by_its_median():
    model, _ = fitted_model("k-means", np.nan_to_num(lumps()[0]))
    model = model._replace(names={segment: segment for segment in model.segments})
    frame = pd.DataFrame(lumps(seed=8)[0], columns=model.features)
    frame = frame.assign(person_id=frame.index.astype(str), fitted=True)
    lacking = frame.drop(columns="x3")
    filled = lacking.assign(x3=model.space.filler[3])
    again = from_model(to_model(model))
    found = assign(ibis.memtable(lacking), model=again).order_by("person_id").to_pandas()
    expected = assign(ibis.memtable(filled), model=model).order_by("person_id").to_pandas()
    pd.testing.assert_frame_equal(found, expected)


def test_with_no_trait_at_all_a_stored_model_assigns_everybody_by_behaviour_and_its_medians():
    model, _ = fitted_model("k-means", np.nan_to_num(lumps()[0]))
    features = [*model.features[:4], "inferred_sentiment"]
    model = model._replace(
        features=features, names={segment: segment for segment in model.segments}
    )
    behaviour = pd.DataFrame(lumps(seed=8)[0], columns=features).drop(columns="inferred_sentiment")
    behaviour = behaviour.assign(person_id=behaviour.index.astype(str), n_events=20)
    traits = pd.DataFrame({"person_id": ["0"], "trait": "inferred_sentiment", "value": 9.0})
    bots = ibis.memtable(behaviour[["person_id"]].assign(tagged=False))
    known = person_features(ibis.memtable(behaviour), ibis.memtable(traits).limit(0), bots)
    filled = behaviour.assign(inferred_sentiment=model.space.filler[4], fitted=True)
    found = assign(known, model=model).order_by("person_id").to_pandas()
    expected = assign(ibis.memtable(filled), model=model).order_by("person_id").to_pandas()
    assert len(found) == len(behaviour)
    pd.testing.assert_frame_equal(found, expected)
