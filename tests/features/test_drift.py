"""Drift is found where it was planted, and called in one of a hundred features without any."""

import io
import json
import tracemalloc
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from coterie.demo import Knobs, make_world
from coterie.features.stability import drift
from coterie.features.stability.drift import compare_windows, deciles, permutations_needed, psi
from coterie.features.stability.persistence import agreement, check_drift, persistence
from coterie.study import DataError, SettingsError

STUDY = Path(__file__).parents[2] / "notebooks" / "studies" / "demo.yml"
FIRST_DAY = pd.Timestamp("2026-07-01", tz="UTC") - pd.Timedelta(days=180)


def table(values: np.ndarray, people: np.ndarray) -> pd.DataFrame:
    """Give an array of people by features the columns of a window."""
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(values.shape[1])]).assign(
        person_id=people
    )


def one(before, now, **options) -> pd.Series:
    """Compare one feature of the same people in two windows."""
    frames = [pd.DataFrame({"person_id": range(len(x)), "f": x}) for x in (before, now)]
    return compare_windows(*frames, **options).iloc[0]


# Worlds without drift: (rng, people, features) -> two windows.


def normal(rng, n: int, k: int):
    return table(rng.normal(size=(n, k)), np.arange(n)), table(
        rng.normal(size=(n, k)), n + np.arange(n)
    )


def counts_mostly_zero(rng, n: int, k: int):
    draws = rng.poisson(2.0, (2 * n, k)) * (rng.random((2 * n, k)) < 0.4)
    return table(draws[:n], np.arange(n)), table(draws[n:], n + np.arange(n))


def heavy_tails(rng, n: int, k: int):
    draws = rng.standard_cauchy((2 * n, k))
    return table(draws[:n], np.arange(n)), table(draws[n:], n + np.arange(n))


def shares_often_unknown(rng, n: int, k: int):
    acts = rng.poisson(3, (2 * n, k))
    draws = np.where(acts > 0, rng.binomial(acts, 0.4) / np.maximum(acts, 1), np.nan)
    return table(draws[:n], np.arange(n)), table(draws[n:], n + np.arange(n))


def same_people_with_habits(rng, n: int, k: int):
    lasting = 3 * rng.standard_t(3, size=(n, k))
    return [table(lasting + rng.normal(size=(n, k)), np.arange(n)) for _ in "ab"]


def same_people_counting(rng, n: int, k: int):
    rate = rng.lognormal(0, 1.5, (n, k)) * (rng.random((n, k)) < 0.6)
    return [table(rng.poisson(rate), np.arange(n)) for _ in "ab"]


def some_people_stay(rng, n: int, k: int):
    rate = rng.lognormal(0, 1, (2 * n, k))
    return [
        table(rng.poisson(rate[who]), who)
        for who in (np.arange(n), np.arange(n // 3, n // 3 + 6 * n // 5))
    ]


NOTHING_CHANGED = [
    *(normal, counts_mostly_zero, heavy_tails, shares_often_unknown),
    *(same_people_with_habits, same_people_counting, some_people_stay),
]


def trials(make, *, n: int = 100, features: int, calls: int) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.concat([compare_windows(*make(rng, n, features), seed=call) for call in range(calls)])


def test_the_index_is_the_sum_over_bins_worked_out_by_hand():
    # 10 and 30 of 40 become 10.5 and 30.5 of 41; 20 and 20 become a half each
    by_hand = (10.5 / 41 - 0.5) * np.log(10.5 / 20.5) + (30.5 / 41 - 0.5) * np.log(30.5 / 20.5)
    assert psi([10, 30], [20, 20]) == pytest.approx(by_hand, abs=1e-12)
    assert psi([20, 20], [10, 30]) == psi([10, 30], [20, 20])
    assert psi([10, 30, 0], [20, 20, 0]) == psi(
        [10, 30], [20, 20]
    )  # a bin nobody is in counts for nothing
    assert psi([7, 7], [7, 7]) == 0
    assert psi([[10, 30], [7, 7]], [[20, 20], [7, 7]]).shape == (2,)


def test_tenths_hold_a_tenth_each_and_a_common_value_has_a_bin_of_its_own():
    values = pd.DataFrame(
        {
            "even": np.arange(200.0),
            "mostly one": [0.0] * 10 + [1.0] * 190,
            "mostly zero": [0.0] * 150 + list(np.arange(1.0, 51.0)),
            "constant": 4.0,
            "unknown": np.nan,
        }
    )
    bins = deciles(values)
    assert bins["even"].value_counts().tolist() == [20] * 10
    assert bins["mostly one"].value_counts().to_dict() == {5: 190, 0: 10}
    assert bins["mostly zero"].value_counts().to_dict() == {3: 150, 8: 20, 9: 20, 7: 10}
    assert (bins["constant"].nunique(), bins["unknown"].unique().tolist()) == (1, [10])


def test_shuffling_at_once_gives_what_shuffling_by_hand_gives(monkeypatch):
    monkeypatch.setattr(drift, "AT_ONCE", 7)
    rng = np.random.default_rng(0)
    before = pd.DataFrame({"f": rng.poisson(2, 30).astype(float)}, index=np.arange(30))
    now = pd.DataFrame(
        {"f": np.where(rng.random(25) < 0.2, np.nan, rng.poisson(3, 25))}, index=np.arange(12, 37)
    )
    people, found = np.arange(37), drift.permuted_psi(before, now, n_permutations=20, seed=4)[:, 0]
    moved = drift.permutations(people < 30, people >= 12, n_permutations=20, seed=4)
    bins = deciles(pd.concat([before, now]))["f"].to_numpy()
    rows = np.concatenate([before.index, now.index])
    is_now = np.repeat([False, True], [30, 25])
    for draw in range(21):
        side = is_now ^ moved[draw, rows]
        assert (side.sum(), np.bincount(rows[side]).max()) == (
            25,
            1,
        )  # windows keep their sizes, nobody is in one twice
        by_hand = psi(*(np.bincount(bins[side == later], minlength=11) for later in (False, True)))
        assert found[draw] == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize("make", NOTHING_CHANGED)
def test_about_one_unchanged_feature_in_a_hundred_is_called_drifted(make):
    found = trials(make, features=150, calls=4)
    assert len(found) == 600
    assert 0.002 <= found["drifted"].mean() <= 0.025


@pytest.mark.slow
@pytest.mark.parametrize("make", NOTHING_CHANGED)
def test_false_alarms_are_one_per_cent_give_or_take_a_half(make):
    found = trials(make, features=100, calls=80)
    assert len(found) == 8000
    assert found["drifted"].mean() == pytest.approx(0.01, abs=0.005)


def test_a_feature_with_few_values_errs_no_more_often():
    rng = np.random.default_rng(6)
    flags = [(rng.random((200, 600)) < 0.1).astype(float) for _ in range(2)]
    found = compare_windows(table(flags[0], np.arange(200)), table(flags[1], 200 + np.arange(200)))
    assert found["drifted"].mean() <= 0.015


def test_the_flat_limit_fires_on_four_in_five_unchanged_features_at_a_hundred_people():
    found = trials(normal, features=150, calls=4)
    assert found["flat"].mean() == pytest.approx(0.81, abs=0.04)  # with half a person in every bin
    asymptotic = stats.chi2.ppf(0.99, 9) * (1 / 100 + 1 / 100)  # Yurdakul and Naranjo (2020)
    assert found["limit"].median() == pytest.approx(asymptotic, rel=0.05)
    assert found["drifted"].mean() < 0.025


def test_half_a_person_in_every_bin_calms_the_textbook_index_which_passes_a_tenth_in_84_of_100():
    rng, counts = np.random.default_rng(7), []
    for _ in range(2000):
        before, now = rng.normal(size=(2, 100))
        edges = np.quantile(before, np.arange(0.1, 1, 0.1))
        counts.append([np.bincount(np.searchsorted(edges, x), minlength=10) for x in (before, now)])
    before, now = np.array(counts).swapaxes(0, 1)
    p, q = before.clip(0.01) / 100, now.clip(0.01) / 100
    textbook = ((p - q) * np.log(p / q)).sum(axis=1)
    ours = psi(before, now)
    assert (textbook > 0.1).mean() == pytest.approx(0.84, abs=0.025)
    assert (ours > drift.FLAT_LIMIT).mean() == pytest.approx(0.81, abs=0.025)
    assert (ours < textbook).all()


def test_the_flat_limit_sleeps_through_what_six_hundred_people_show():
    rng = np.random.default_rng(8)
    rate = rng.lognormal(0, 1, (600, 60))
    # two acts in five more
    windows = [table(rng.poisson(rate * factor), np.arange(600)) for factor in (1, 1.4)]
    found = compare_windows(*windows)
    assert found["drifted"].mean() >= 0.8
    assert found["flat"].mean() <= 0.5


def test_a_shift_of_three_tenths_of_a_standard_deviation_is_found_at_600_people():
    rng = np.random.default_rng(9)
    before, now = rng.normal(size=(2, 600, 100))
    others = compare_windows(table(before, np.arange(600)), table(now + 0.3, 600 + np.arange(600)))
    habit = np.sqrt(0.7) * rng.normal(size=(600, 100))
    before, now = (habit + np.sqrt(0.3) * noise for noise in rng.normal(size=(2, 600, 100)))
    same = compare_windows(table(before, np.arange(600)), table(now + 0.3, np.arange(600)))
    assert others["drifted"].mean() >= 0.8
    assert same["drifted"].mean() >= 0.95  # who is seen twice is compared with himself


def test_the_limit_and_the_pvalue_say_the_same():
    rng = np.random.default_rng(10)
    before, now = rng.normal(size=(2, 80, 100))
    found = compare_windows(
        table(before, np.arange(80)),
        table(now + 0.4, np.arange(40, 120)),
        alpha=0.05,
        n_permutations=199,
    )
    assert 10 < found["drifted"].sum() < 100
    assert (found["drifted"] == (found["pvalue"] <= 0.05)).all()
    assert (found["flat"] == (found["psi"] > 0.1)).all()
    assert (found["pvalue_adjusted"] >= found["pvalue"]).all()


def test_one_drifting_feature_among_many_needs_more_shuffles_to_pass_the_adjusted_alarm():
    rng = np.random.default_rng(11)
    before, now = (table(rng.normal(size=(100, 12)), np.arange(100)) for _ in range(2))
    now["f3"] += 3
    few, many = (
        compare_windows(before, now),
        compare_windows(before, now, n_permutations=permutations_needed(12)),
    )
    assert few.set_index("feature")["pvalue_adjusted"]["f3"] == pytest.approx(12 / 400)
    assert many.loc[many["pvalue_adjusted"] <= 0.01, "feature"].tolist() == ["f3"]


def test_the_order_of_rows_and_columns_changes_nothing_and_the_seed_little():
    before, now = some_people_stay(np.random.default_rng(12), 200, 5)
    mixed = (
        before.sample(frac=1, random_state=1),
        now.sample(frac=1, random_state=2)[now.columns[::-1]],
    )
    pd.testing.assert_frame_equal(compare_windows(before, now), compare_windows(*mixed))
    other = compare_windows(before, now, seed=1)
    assert (other["pvalue"] - compare_windows(before, now)["pvalue"]).abs().max() < 0.1


def test_people_who_differ_lastingly_are_no_drift_but_other_people_are():
    people = np.random.default_rng(13).normal(size=(200, 1))
    stay = compare_windows(table(people, np.arange(200)), table(people, np.arange(200)))
    low, high = (
        table(people[people[:, 0] < 0], np.arange(200)[people[:, 0] < 0]),
        table(people, 200 + np.arange(200)),
    )
    assert stay[["psi", "pvalue"]].to_numpy().tolist() == [[0.0, 1.0]]
    assert compare_windows(low, high)["drifted"].all()


def test_a_feature_that_is_no_longer_recorded_has_drifted():
    values = np.random.default_rng(14).normal(size=100)
    found = one(values, np.where(np.arange(100) < 30, np.nan, values))
    assert found["drifted"]
    assert (found["n_before"], found["n_now"]) == (100, 70)


def test_constants_unknown_columns_and_single_people_are_never_drift():
    for before, now in (
        ([3.0] * 50, [3.0] * 50),
        ([np.nan] * 50, [np.nan] * 50),
        ([1.0], [9.0]),
        ([True], [False]),
    ):
        found = one(before, now)
        assert (found["pvalue"], found["drifted"]) == (1.0, False)
    for unknown in (None, pd.NA, pd.NaT):
        assert np.isnan(one([unknown] * 3, [unknown] * 3)["mean_now"])
    apart = compare_windows(
        *(pd.DataFrame({"person_id": [who], "f": [x]}) for who, x in (("ana", 1), ("bo", 9)))
    )
    assert apart["pvalue"].tolist() == [1.0]


def test_numbers_that_know_the_unknown_are_compared_like_others():
    whole = pd.array([1, 2, None, 4] * 10, dtype="Int64")
    assert one(whole, whole)[["n_before", "n_now", "psi"]].tolist() == [30, 30, 0.0]


def test_a_window_without_features_gives_no_rows():
    people = pd.DataFrame({"person_id": ["ana", "bo"]})
    assert len(compare_windows(people, people)) == 0


def test_what_cannot_be_compared_is_refused_in_words():
    good = pd.DataFrame({"person_id": ["ana", "bo"], "likes": [1, 2]})
    faulty = {
        "later window is empty|later window.* is empty": good.iloc[:0],
        "has no such column": good.drop(columns="person_id"),
        "people without one": good.assign(person_id=["ana", None]),
        "names somebody twice": good.assign(person_id="ana"),
        "region, at in the later window hold something else": good.assign(
            region="North", at=pd.Timestamp("2026-01-01")
        ),
        "only one of them has shares": good.assign(shares=1),
    }
    for words, frame in faulty.items():
        with pytest.raises(DataError, match=words):
            compare_windows(good, frame)
    with pytest.raises(DataError, match="there are 2 here"):
        persistence([good, good])
    with pytest.raises(SettingsError, match="at least 999"):
        compare_windows(good, good, alpha=0.001)


def test_ten_thousand_people_and_forty_features_need_less_than_a_gigabyte():
    rng = np.random.default_rng(15)
    windows = [
        table(rng.normal(size=(10_000, 40)), start + np.arange(10_000)) for start in (0, 2_000)
    ]
    tracemalloc.start()
    compare_windows(*windows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5e9


def three_windows(
    shifts: tuple[float, float, float], *, seed: int, features: int = 40
) -> list[pd.DataFrame]:
    """Plant shifts, in standard deviations, in the windows of 600 people with lasting habits."""
    rng = np.random.default_rng(seed)
    habit = rng.normal(size=(600, features))
    noise = rng.normal(size=(3, 600, features))
    return [
        table((habit + n) / np.sqrt(2) + s, np.arange(600))
        for n, s in zip(noise, shifts, strict=True)
    ]


COURSES = [
    *(("steady", (0, 0, 0)), ("trend", (0, 0.4, 0.4)), ("trend", (0, -0.4, -0.8))),
    *(("fad", (0, 0.4, 0)), ("new", (0, 0, 0.4)), ("new", (0, 0.4, -0.4))),
]


@pytest.mark.parametrize(("course", "shifts"), COURSES)
def test_planted_courses_are_found(course, shifts):
    found = persistence(three_windows(shifts, seed=16))
    assert (found["course"] == course).mean() >= 0.9


def test_too_few_people_are_called_unclear_and_not_a_fad():
    windows = [frame.head(150) for frame in three_windows((0, 0.35, 0.35), seed=17, features=100)]
    found = persistence(windows)["course"].value_counts(normalize=True)
    assert found.get("unclear", 0) > 0.1
    assert found.get("fad", 0) <= 0.02


def test_a_spread_that_widens_and_a_column_that_vanishes_have_a_direction_too():
    rng = np.random.default_rng(18)
    windows = [table(rng.normal(size=(600, 20)) * width, np.arange(600)) for width in (1, 2, 2)]
    for frame, known in zip(windows, (1.0, 0.7, 0.7), strict=True):
        frame["half recorded"] = np.where(rng.random(600) < known, rng.normal(size=600), np.nan)
    found = persistence(windows)
    assert (found["course"] == "trend").all()
    assert (agreement(windows) > 0).all()


def test_courses_are_told_by_feature_in_whichever_order_the_columns_come():
    windows = three_windows((0, 0, 0), seed=19, features=3)
    windows[1]["f1"] += 1
    windows[2]["f2"] += 1
    courses = persistence([windows[0], windows[1][windows[1].columns[::-1]], windows[2]]).set_index(
        "feature"
    )["course"]
    assert courses.to_dict() == {"f0": "steady", "f1": "fad", "f2": "new"}


# The planted world: members of one segment change platforms and content half way.


def read_acts(world) -> pd.DataFrame:
    """Read what people did from the exports, by the study's column map, with the true person."""
    parts = []
    for entry in yaml.safe_load(STUDY.read_text(encoding="utf-8"))["02_sourcing"]["files"]:
        for path in (
            path
            for path in world.files
            if entry["gives"] == "events" and fnmatch(path, entry["path"])
        ):
            raw = read_export(path, world.files[path], entry.get("encoding", "utf-8"))
            columns = {c: entry["columns"].get(c, "=") for c in ("account", "at", "content_type")}
            rows = {
                c: source[1:] if source[0] == "=" else raw[source] for c, source in columns.items()
            }
            parts.append(pd.DataFrame(rows, index=raw.index).assign(platform=entry["platform"]))
    acts = pd.concat(parts, ignore_index=True).merge(
        world.truth["accounts"], on=["platform", "account"]
    )
    acts["at"] = pd.to_datetime(acts["at"], utc=True, format="mixed", errors="coerce")
    return acts.assign(day=(acts["at"] - FIRST_DAY).dt.days, person_id=acts["person"])


def read_export(path: str, content: bytes, encoding: str) -> pd.DataFrame:
    if path.endswith("csv"):
        return pd.read_csv(io.BytesIO(content), encoding=encoding, dtype=str, keep_default_na=False)
    text = content.decode(encoding)
    return pd.DataFrame(
        [json.loads(line) for line in text.splitlines()] if path.endswith("l") else json.loads(text)
    )


def describe(acts: pd.DataFrame) -> pd.DataFrame:
    """Compute a few features of every person who acted."""
    content = acts["content_type"].where(acts["content_type"].isin(["video", "image", "text"]))
    marks = {
        f"{kind}_share": (content == kind).where(content.notna()).astype(float)
        for kind in ("text", "video")
    }
    marks |= {
        f"{place}_share": (acts["platform"] == place).astype(float)
        for place in ("x", "linkedin", "facebook")
    }
    marks["weekend_share"] = (acts["at"].dt.day_of_week >= 5).astype(float)
    people = acts.assign(**marks).groupby("person_id")
    return people[list(marks)].mean().join(people.size().rename("n_events")).reset_index()


CHANGED, UNCHANGED = (
    ["text_share", "x_share"],
    ["linkedin_share", "facebook_share", "weekend_share", "n_events"],
)


@pytest.mark.slow
def test_the_planted_drift_is_found_in_20_worlds_and_only_where_it_was_planted():
    found = []
    for seed in range(20):
        world = make_world(Knobs(n_people=600, days=180, seed=seed))
        acts, people = read_acts(world), world.truth["people"].set_index("person")
        gaming = acts["person_id"].map(
            (people["segment"] == "gaming") | (people["second"] == "gaming")
        )
        for who, rows in (
            ("everybody", acts),
            ("members", acts[gaming]),
            ("others", acts[~gaming]),
        ):
            halves = [describe(rows[rows["day"].between(*days)]) for days in ((0, 89), (90, 179))]
            found.append(compare_windows(*halves, seed=seed).assign(who=who, seed=seed))
    drifted = pd.concat(found).pivot_table(
        index=["who", "seed"], columns="feature", values="drifted"
    )
    for who in ("everybody", "members"):
        assert drifted.loc[who, CHANGED].max(axis=1).mean() >= 0.8
    assert drifted.loc["everybody", UNCHANGED].to_numpy().mean() <= 0.05
    assert drifted.loc["others", CHANGED + UNCHANGED].to_numpy().mean() <= 0.05


def test_a_report_says_what_moved_and_whether_it_lasts_and_says_nothing_of_too_few_people():
    rng = np.random.default_rng(8)
    ids = [f"p{i}" for i in range(400)]
    calm, risen = rng.normal(size=(3, 2, 400)).swapaxes(0, 1)
    risen[2] += 1
    windows = [
        pd.DataFrame({"person_id": ids, "calm": calm[n], "risen": risen[n]}) for n in range(3)
    ]
    found = check_drift(windows).set_index("feature")
    assert found["drifted"].tolist() == [False, True]
    assert found.loc["risen", "course"] == "new"
    few = check_drift([frame.head(20) for frame in windows])
    assert few.empty
    assert {"feature", "psi", "limit", "drifted", "course"} <= set(few.columns)
