"""How often segments are found, how long it takes, and how memberships are calibrated.

Some simulated data have groups, some have none; `seeds` and `calibrate` read a study's columns.

    python tests/bench/segments.py simulate --draws 50 --sizes 300 [--held-out]
        verdicts on structureless and on planted data, or on those of a stranger
    python tests/bench/segments.py time
        3,000 and 50,000 people, and a million assigned in the engine
    python tests/bench/segments.py calibrate STUDY ...
        temperatures of planted worlds that were run
    python tests/bench/segments.py seeds STUDY
        ids and names over seeds, row orders, units, duplicates
"""

import argparse
import resource
import sys
import time
from os import cpu_count
from pathlib import Path

import duckdb
import ibis
import nbformat
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from planted import draw_people
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture

from coterie import contracts, segments
from coterie.lake import Lake
from coterie.segments.assignment.calibration import check_membership, fit_temperature
from coterie.segments.assignment.final import fit_final
from coterie.segments.assignment.model import AssignmentModel, log_odds, membership_shares
from coterie.segments.continuity import CarriedSegments
from coterie.segments.selection.verdict import Verdict

sys.path.insert(0, str(Path(__file__).parents[1] / "segments"))
from generators import HELD_OUT, STRUCTURED, STRUCTURELESS, draw

WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "05_segments.ipynb"
FIRST_SEED = 100  # the data sets before it were looked at while the verdict was designed
QUICK = segments.Effort(resamples=20, null_replicates=39, workers=1)


def plain(values: np.ndarray, ks: range) -> np.ndarray:
    """Do what accelerators do: k-means on standardised columns, k by the largest silhouette."""
    points = standardised(values)
    fits = [KMeans(k, n_init=10, random_state=0).fit(points).labels_ for k in ks]
    return max(fits, key=lambda labels: silhouette_score(points, labels))


def by_bic(values: np.ndarray, ks: range) -> np.ndarray:
    """Fit Gaussian mixtures with full covariances, as many as BIC says."""
    points = standardised(values)
    models = [GaussianMixture(k, n_init=3, random_state=0).fit(points) for k in [1, *ks]]
    return min(models, key=lambda model: model.bic(points)).predict(points)


def dense(values: np.ndarray) -> np.ndarray:
    """Find dense regions by HDBSCAN, with a twentieth of the people as the smallest."""
    return HDBSCAN(min_cluster_size=max(5, len(values) // 20), copy=True).fit_predict(
        standardised(values)
    )


def standardised(values: np.ndarray) -> np.ndarray:
    """Fill gaps by the median, and bring columns to one scale."""
    filled = np.where(np.isnan(values), np.nanmedian(values, axis=0), values)
    return (filled - filled.mean(axis=0)) / filled.std(axis=0)


def one(kind: str, seed: int, n: int) -> tuple:
    """Select on one simulated data set: kind, verdict, method, k, true k, and agreements."""
    drawn = draw(kind, seed, n=n)
    compared = segments.compare_algorithms(drawn.values, seed=seed, effort=QUICK)
    verdict = segments.select_model(compared.scores, compared.pvalue.value)
    if drawn.k == 1:
        return kind, *verdict, 1, *[np.nan] * 4
    ours = fit_final(whole(drawn.values), verdict, resamples=20)
    ks = range(2, 10)
    rivals = plain(drawn.values, ks), by_bic(drawn.values, ks), dense(drawn.values)
    agreements = (adjusted_rand_score(drawn.truth, labels) for labels in (ours.labels, *rivals))
    return kind, *ours.verdict, drawn.k, *agreements


def simulate(kinds: list[str], draws: int, workers: int, n: int = 300) -> pd.DataFrame:
    """Count verdicts over many simulated data sets of every kind, and set ARIs side by side."""
    jobs = [
        delayed(one)(kind, seed, n)
        for kind in kinds
        for seed in range(FIRST_SEED, FIRST_SEED + draws)
    ]
    names = ["kind", "verdict", "method", "k", "true_k", "ours", "plain", "by_bic", "dense"]
    found = pd.DataFrame(Parallel(n_jobs=workers)(jobs), columns=names)
    near = (found["k"] - found["true_k"]).abs() <= 1
    table = found.assign(near=near & (found["verdict"] != "none"))
    words = table.groupby("kind")["verdict"].value_counts(normalize=True).unstack(fill_value=0)
    return words.join(
        table.groupby("kind")[["near", "ours", "plain", "by_bic", "dense"]].mean()
    ).round(3)


def assign_time(model: AssignmentModel, n: int) -> None:
    """Time the assignment of a million people in the engine, beside bare SQL for the same."""
    rng = np.random.default_rng(0)
    engine = duckdb.connect()
    frame = pd.DataFrame(rng.lognormal(1, 1, (n, len(model.features))), columns=model.features)
    frame = frame.assign(person_id=np.arange(n).astype(str), fitted=True, n_events=20)
    engine.register("frame", frame)
    engine.execute("CREATE TABLE features AS SELECT * FROM frame")
    kinds = {"person_id": "string", "fitted": "boolean", "n_events": "int64"} | dict.fromkeys(
        model.features, "float64"
    )
    shares = segments.soft_assign(ibis.table(kinds, name="features"), model=model)
    ours = ibis.to_sql(
        segments.hard_assign(shares, names={s: s for s in model.segments}), dialect="duckdb"
    )
    seconds = {"ours": [], "bare": []}
    for _ in range(5):
        for name, sql in (("ours", str(ours)), ("bare", bare_sql(model))):
            begun = time.perf_counter()
            engine.execute(f"CREATE OR REPLACE TABLE assigned AS {sql}")
            seconds[name].append(time.perf_counter() - begun)
    best = {name: min(times) for name, times in seconds.items()}
    ratio = best["ours"] / best["bare"]
    times = f"ours {best['ours']:.2f} s, bare SQL {best['bare']:.2f} s, ratio {ratio:.2f}"
    print(f"{n:,} people assigned: {times}")


def bare_sql(model: AssignmentModel) -> str:
    """Write the assignment by hand, for one use: scale, rotate, score, share, pick."""
    space, ks = model.space, range(len(model.segments))
    raw = [
        f"coalesce(nullif({name}, 'nan'), {space.filler[j]})"
        for j, name in enumerate(model.features)
    ]
    tamed = [
        f"ln(1 + greatest({x}, 0) / {u})" if u > 0 else x
        for x, u in zip(raw, space.typical, strict=True)
    ]
    scaled = [
        f"greatest(-4, least(4, ({x} - {m}) / {s})) AS x{j}"
        for j, (x, m, s) in enumerate(zip(tamed, space.mean, space.spread, strict=True))
    ]
    axes = [
        " + ".join(f"{w} * x{j}" for j, w in enumerate(weights)) + f" AS z{a}"
        for a, weights in enumerate(space.rotation.T)
    ]
    q = space.rotation.shape[1]
    scores = [
        f"{model.constants[c]} - 0.5 * ("
        + " + ".join(
            f"(({model.whitening[c][a, a]}) * (z{a} - ({model.centres[c][a]}))) ** 2"
            for a in range(q)
        )
        + f") AS s{c}"
        for c in ks
    ]
    odds = [
        f"exp((s{c} - greatest({', '.join(f's{d}' for d in ks)})) / {model.temperature}) AS o{c}"
        for c in ks
    ]
    total = " + ".join(f"o{c}" for c in ks)
    shares = [f"o{c} / ({total}) AS p{c}" for c in ks]
    ranked = f"list_reverse_sort([{', '.join(f'p{c}' for c in ks)}])"
    name = (
        "CASE "
        + " ".join(
            f"WHEN p{c} = {{which}} THEN '{s}'" for c, s in zip(ks, model.segments, strict=True)
        )
        + " END"
    )
    first, second = name.format(which="best[1]"), name.format(which="best[2]")
    return f"""
        WITH a AS (SELECT person_id, fitted, {", ".join(scaled)} FROM features),
        b AS (SELECT person_id, fitted, {", ".join(axes)} FROM a),
        c AS (SELECT person_id, fitted, {", ".join(scores)} FROM b),
        d AS (SELECT person_id, fitted, {", ".join(odds)} FROM c),
        e AS (SELECT person_id, fitted, {", ".join(shares)} FROM d),
        f AS (SELECT *, {ranked} AS best FROM e)
        SELECT person_id, fitted, best[1] AS membership, {first} AS segment,
            best[2] AS second_membership, {second} AS second_segment,
            CASE WHEN best[1] >= 0.8 THEN 'core'
                WHEN best[1] >= 0.5 THEN 'likely' ELSE 'edge' END AS tier
        FROM f"""


def clock(sizes: list[int]) -> None:
    """Time the whole comparison with its null replicates, then the assignment of a million."""
    for n in sizes:
        values, _, _ = draw_people("overlapping", 1, n=n, p=28)
        begun = time.perf_counter()
        comparison = segments.compare_algorithms(values)
        verdict = segments.select_model(comparison.scores, comparison.pvalue.value)
        verdict = fit_final(whole(values), verdict).verdict
        took = time.perf_counter() - begun
        own, helper = (resource.getrusage(who).ru_maxrss / 2**20 for who in WHOSE)
        print(
            f"{n:,} people: {took:.0f} s, {verdict}, at most {own + cpu_count() * helper:.2f} GiB",
            flush=True,
        )
    final = fit_final(whole(values), Verdict("constructive", "k-means", 6), resamples=2)
    assign_time(final.model, 1_000_000)


def whole(values: np.ndarray) -> segments.Matrix:
    """Let everybody shape the groups."""
    names = [f"x{j}" for j in range(values.shape[1])]
    return segments.Matrix(
        np.arange(len(values)),
        pd.DataFrame(values, columns=names),
        names,
        None,
        np.full(len(values), True),
    )


def study_matrix(study: str) -> tuple[segments.Matrix, pd.Series]:
    """Read a study's people, and the groups they were planted in."""
    lake = Lake(study)
    features = segments.person_features(
        *(lake.read(t) for t in (contracts.Behaviour, contracts.Traits, contracts.Bots))
    )
    cell = next(
        c for c in nbformat.read(NOTEBOOK, 4).cells if "parameters" in c.metadata.get("tags", [])
    )
    parameters: dict = {}
    exec(cell.source, parameters)  # our own notebook's defaults
    labels = (
        lake.read(contracts.Labels)
        .filter(lambda t: (t["subject"] == "person") & (t["name"] == "segment"))
        .to_pandas()
    )
    matrix = segments.feature_matrix(
        features.to_pandas(), leave_out=parameters["leave_out"] or segments.LEAVE_OUT
    )
    return matrix, labels.set_index("subject_id")["label"]


def calibrate(studies: list[str]) -> None:
    """Learn temperatures on planted worlds, and say how well shares hold at the packaged ones."""
    for study in studies:
        matrix, truth = study_matrix(study)
        values = matrix.traits[matrix.columns].to_numpy(float)
        known = truth.reindex(matrix.person_id).to_numpy()
        inside = pd.notna(known)
        for method in ("k-means", "Ward", "mixture, tied"):
            model = fit_final(matrix, Verdict("constructive", method, 6), resamples=2).model
            odds = log_odds(model, values)
            home = pd.crosstab(odds.argmax(axis=1)[inside], known[inside]).idxmax(axis=1)
            position = pd.Series(known).map({label: cluster for cluster, label in home.items()})
            fits = position.notna().to_numpy()
            learned = fit_temperature(odds[fits], position[fits].to_numpy(int))
            share = membership_shares(model, values).max(axis=1)
            found = check_membership(share[inside], (odds.argmax(axis=1) == position)[inside])
            learnt = f"temperature {learned:.2f} (packaged {model.temperature})"
            errors = f"error {found.error:.3f}, core {found.core_precision:.3f}"
            print(f"{study}, {method}: {learnt}, {errors}")


def seeds(study: str, draws: int) -> None:
    """Fit a study again and again, and count who keeps id and name.

    Agreement with the truth stands beside that of k-means on RFM.
    """
    matrix, truth = study_matrix(study)
    first = fitted_again(matrix, 0, None)
    changes = {
        "row order": reorder(matrix),
        "EUR to cents": cents(matrix),
        "2 % twice": twice(matrix),
    }
    runs = {f"seed {seed}": fitted_again(matrix, seed, first) for seed in range(1, draws)}
    runs |= {name: fitted_again(changed, 0, first) for name, changed in changes.items()}
    for name, again in runs.items():
        now = again.segment[~again.segment.index.duplicated()].dropna()
        both = first.segment.index.intersection(now.index)
        kept = (first.segment[both] == now[both]).mean()
        named = "kept" if again.names == first.names else "CHANGED"
        print(f"{name}: ids {kept:.1%} kept, names {named}, agreement {agreement(truth, now):.3f}")
    rfm = matrix.traits[["recency_days", "frequency", "monetary_value"]].to_numpy(float)
    simple = pd.Series(plain(np.log1p(rfm), range(2, 10)), index=matrix.person_id)
    print(f"plain k-means on RFM: agreement {agreement(truth, simple):.3f}")


def agreement(truth: pd.Series, assigned: pd.Series) -> float:
    """Compare assignments with the planted groups of those who have one (adjusted Rand index)."""
    return float(
        adjusted_rand_score(*pd.concat([truth, assigned], axis=1, join="inner").to_numpy().T)
    )


def fitted_again(
    matrix: segments.Matrix, seed: int, first: CarriedSegments | None
) -> CarriedSegments:
    """Do what notebook 05 does, from the comparison to the names."""
    comparison = segments.compare_algorithms(
        matrix.values, seed=seed, population=segments.Population(min_people=300, smallest=50)
    )
    verdict = segments.select_model(comparison.scores, comparison.pvalue.value, min_people=50)
    final = fit_final(matrix, verdict, seed=seed)
    print(f"  {final.verdict}", flush=True)
    past = None if first is None else past_table(first)
    return segments.carry_over(matrix, final, past=past)


def past_table(carried: CarriedSegments) -> ibis.Table:
    """Write the segments of a run as the next one reads them."""
    segment = carried.segment.dropna().rename("segment").rename_axis("person_id")
    named = segment.reset_index().assign(segment_name=segment.map(carried.names).to_numpy())
    return ibis.memtable(named)


def reorder(matrix: segments.Matrix) -> segments.Matrix:
    """Shuffle the rows and sort them again by what people did, as the notebook does."""
    order = np.random.default_rng(1).permutation(len(matrix.fitted))
    frame = matrix.traits.iloc[order].assign(
        person_id=matrix.person_id[order], fitted=matrix.fitted[order]
    )
    return feature_table(frame, matrix)


def cents(matrix: segments.Matrix) -> segments.Matrix:
    """Count money in cents."""
    money = {
        name: 100 * matrix.traits[name]
        for name in ("monetary_value", "spend")
        if name in matrix.traits
    }
    return feature_table(
        matrix.traits.assign(**money, person_id=matrix.person_id, fitted=matrix.fitted), matrix
    )


def twice(matrix: segments.Matrix) -> segments.Matrix:
    """Let two in a hundred people stand there twice, the second time under another id."""
    frame = matrix.traits.assign(person_id=matrix.person_id, fitted=matrix.fitted)
    again = frame.sample(frac=0.02, random_state=1)
    return feature_table(
        pd.concat([frame, again.assign(person_id=again["person_id"] + "_again")]), matrix
    )


def feature_table(frame: pd.DataFrame, matrix: segments.Matrix) -> segments.Matrix:
    """Make the matrix again from a table of people."""
    plain_columns = [name for name in matrix.traits if not name.endswith("_known")]
    left_out = [name for name in plain_columns if name not in matrix.columns]
    return segments.feature_matrix(
        frame[["person_id", "fitted", *plain_columns]], leave_out=left_out
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["simulate", "time", "calibrate", "seeds"])
    parser.add_argument("studies", nargs="*", default=["demo"])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--sizes", type=int, nargs="+", default=[3_000, 50_000])
    parser.add_argument("--held-out", action="store_true")
    asked = parser.parse_args()
    if asked.what == "simulate":
        kinds = list(HELD_OUT) if asked.held_out else [*STRUCTURELESS, *STRUCTURED]
        print(simulate(kinds, asked.draws, -1, asked.sizes[0]).to_string())
    elif asked.what == "time":
        clock(asked.sizes)
    elif asked.what == "calibrate":
        calibrate(asked.studies)
    else:
        seeds(asked.studies[0], asked.draws)
