"""The interval of a share of voice holds the truth though queries and the model err."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.psychographics.listening.counts import FEELINGS, voice_counts
from coterie.psychographics.listening.voice import SENTIMENTS, share_of_voice
from coterie.statistics import share_interval
from coterie.study import DataError, SettingsError

BRANDS = ["deli", "kiosk", "shop"]
NOTHING = pd.DataFrame()
TRUE_SHARE = np.array([0.2, 0.3, 0.5])
# found wrongly per post on a brand at all
RECALL, FALSE = (np.array([0.6, 0.9, 0.75]), np.array([0.02, 0.15, 0.05]))
# brands × negative, neutral, positive
FELT = np.array([[0.2, 0.3, 0.5], [0.5, 0.3, 0.2], [0.3, 0.4, 0.3]])
READ = np.array([[0.75, 0.2, 0.05], [0.15, 0.7, 0.15], [0.05, 0.15, 0.8]])  # felt × read
TRUTH = np.column_stack(
    [TRUE_SHARE, (mentioned := TRUE_SHARE[:, None] * FELT) / mentioned.sum(axis=0)]
).ravel()


def counts_of(rows: list[tuple]) -> pd.DataFrame:
    """Write counts as (group, brand, stratum, sentiment, n), a hundred people behind each."""
    frame = pd.DataFrame(rows, columns=["group", "brand", "stratum", "inferred_sentiment", "n"])
    return frame.assign(people=100, feeling_people=100)


def accuracy_of(**brands: tuple) -> pd.DataFrame:
    names = ["found", "labelled_found", "about_found", "rest", "labelled_rest", "about_rest"]
    return pd.DataFrame(brands, index=names).T.rename_axis("brand").reset_index()


def sheet_of(matrix: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(matrix, index=pd.Index(FEELINGS, name="sentiment"), columns=FEELINGS)
    return frame.melt(
        ignore_index=False, var_name="inferred_sentiment", value_name="n"
    ).reset_index()


def estimate(counts, accuracy=NOTHING, confusion=NOTHING, **options) -> pd.DataFrame:
    table = share_of_voice(counts, accuracy=accuracy, confusion=confusion, **options)
    return table.set_index(["brand", "sentiment"]).sort_index()


def make_mentions(
    rng: np.random.Generator, *, n_people: int = 400
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Let people with a favourite brand and moods of their own write; a few write most of it."""
    activity = rng.lognormal(1.2, 0.8, n_people)[:, None]
    liking = 0.3 * TRUE_SHARE + 0.7 * np.eye(3)[rng.choice(3, n_people, p=TRUE_SHARE)]
    moods = np.stack([rng.dirichlet(4 * felt, n_people) for felt in FELT], axis=1)
    about = rng.poisson((activity * liking)[..., None] * moods)  # people × brands × felt
    found = rng.binomial(about, RECALL[:, None])
    wrong = rng.poisson((activity * FALSE)[..., None] * moods)
    other = rng.poisson(2 * activity).sum()
    return found, wrong, about.sum(axis=(0, 2)), int(about.sum() + wrong.sum() + other)


def make_world(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make what an analyst has: counts as read, labelled posts, a sheet of sentiments."""
    rng = np.random.default_rng(seed)
    found, wrong, about, posts = make_mentions(rng)
    read = sum(rng.multinomial((found + wrong)[..., felt], READ[felt]) for felt in range(3))
    here = rng.binomial(read, rng.uniform(0.2, 0.8, (len(read), 1, 1)))
    cube = np.stack([part.reshape(8, 50, 3, 3).sum(axis=0) for part in (here, read - here)], axis=1)
    places = [range(50), ["x", "y"], BRANDS, FEELINGS]
    index = pd.MultiIndex.from_product(
        places, names=["group", "stratum", "brand", "inferred_sentiment"]
    )
    counts = (
        pd.Series(cube.ravel(), index, name="n")
        .reset_index()
        .assign(people=100, feeling_people=100)
    )
    rightly, all_found = found.sum(axis=(0, 2)), (found + wrong).sum(axis=(0, 2))
    rows = {}
    for brand, right, total, true in zip(BRANDS, rightly, all_found, about, strict=True):
        rest, missed = posts - total, true - right
        sampled = (
            rng.hypergeometric(right, total - right, 150),
            rng.hypergeometric(missed, rest - missed, 400),
        )
        rows[brand] = (total, 150, sampled[0], rest, 400, sampled[1])
    return (
        counts,
        accuracy_of(**rows),
        sheet_of(np.stack([rng.multinomial(150, row) for row in READ])),
    )


def naive_table(counts: pd.DataFrame) -> np.ndarray:
    """Give what is usual: shares of what was found and read, every post for itself."""
    read = counts.groupby(["brand", "inferred_sentiment"])["n"].sum().unstack()
    whole = read.assign(any=read.sum(axis=1))[[*SENTIMENTS]]
    return np.array(
        [
            share_interval(n, whole[name].sum())[1:]
            for _, row in whole.iterrows()
            for name, n in row.items()
        ]
    )


def coverage(worlds: int, *, replicates: int) -> tuple[np.ndarray, np.ndarray]:
    """Say how often each brand × sentiment has the truth in its interval, and in the naive one."""
    honest, naive = [], []
    for seed in range(worlds):
        counts, accuracy, sheet = make_world(seed)
        table = share_of_voice(
            counts, accuracy=accuracy, confusion=sheet, replicates=replicates, seed=seed
        )
        table = table.sort_values("brand", kind="stable")
        honest.append((table["low"] <= TRUTH) & (table["high"] >= TRUTH))
        low, high = naive_table(counts).T
        naive.append((low <= TRUTH) & (high >= TRUTH))
    return np.mean(honest, axis=0).reshape(3, 4), np.mean(naive, axis=0).reshape(3, 4)


def test_the_interval_holds_the_true_share_where_the_naive_one_does_not():
    honest, naive = coverage(30, replicates=300)
    assert honest.mean() > 0.91
    assert naive.mean() < 0.4


@pytest.mark.slow
def test_the_interval_holds_the_true_share_in_95_of_100_worlds():
    honest, naive = coverage(400, replicates=1000)
    assert 0.93 <= honest.mean() <= 0.97
    assert (
        (honest.mean(axis=0) >= 0.93) & (honest.mean(axis=0) <= 0.97)
    ).all()  # any, and each sentiment
    assert (
        (honest >= 0.91) & (honest <= 0.985)
    ).all()  # each number alone: 400 worlds leave ± 0.02
    assert naive.mean() < 0.4


def test_found_posts_count_with_precision_and_missed_ones_are_added():
    counts = counts_of(
        [(g, brand, "x", "neutral", 50) for g in (0, 1) for brand in ("deli", "shop")]
    )
    accuracy = accuracy_of(deli=(100, 50, 25, 900, 100, 0), shop=(100, 50, 50, 900, 90, 10))
    table = estimate(counts, accuracy)  # 100 × 1/2 against 100 + 900 / 9
    assert table.loc[("deli", "any"), "share"] == pytest.approx(50 / 250)
    assert table["errors_known"].groupby("sentiment").all().to_dict() == {
        "any": True,
        "neutral": False,
    }


def test_sentiments_are_solved_from_the_confusion_matrix():
    read = np.array([0.2, 0.3, 0.5]) @ READ * 1000
    counts = counts_of(
        [
            (g, "shop", "x", feeling, n)
            for g in (0, 1)
            for feeling, n in zip(FEELINGS, read, strict=True)
        ]
    )
    accuracy = accuracy_of(shop=(2000, 50, 50, 0, 0, 0))
    parts = estimate(counts, accuracy, sheet_of(READ * 100))["part"].loc["shop"]
    assert parts[FEELINGS].tolist() == pytest.approx([0.2, 0.3, 0.5])
    assert parts["any"] == 1
    raw = estimate(counts, accuracy)
    assert raw.loc[("shop", "negative"), "part"] == pytest.approx(read[0] / 1000)
    assert not raw.loc[("shop", "negative"), "errors_known"]


def test_without_labels_for_every_brand_nothing_is_corrected_and_it_says_so():
    counts = counts_of(
        [
            (g, brand, "x", "neutral", n)
            for g in range(20)
            for brand, n in (("deli", 10), ("shop", 30))
        ]
    )
    partly = accuracy_of(shop=(600, 50, 25, 900, 100, 0))
    for accuracy in (NOTHING, partly):
        table = estimate(counts, accuracy, sheet_of(READ * 100))
        assert not table["errors_known"].any()
        assert table.loc[("shop", "any"), "share"] == 0.75


def test_a_loud_person_widens_the_interval():
    even = [
        (g, brand, "x", "neutral", n)
        for g in range(50)
        for brand, n in (("deli", 10), ("shop", 10))
    ]
    loud = [(g, "deli", "x", "neutral", 10) for g in range(50)] + [(0, "shop", "x", "neutral", 451)]
    loud += [(g, "shop", "x", "neutral", 1) for g in range(1, 50)]
    widths = [
        np.ptp(estimate(counts_of(rows)).loc[("shop", "any"), ["low", "high"]])
        for rows in (even, loud)
    ]
    assert widths[0] < 0.001  # every group of people says the same
    assert widths[1] > 0.3


def test_a_platform_collected_more_does_not_dominate_when_strata_weigh_equally():
    rows = [(g, "shop", "x", "neutral", 900) for g in (0, 1)] + [
        (g, "deli", "x", "neutral", 100) for g in (0, 1)
    ]
    rows += [(g, "shop", "y", "neutral", 1) for g in (0, 1)] + [
        (g, "deli", "y", "neutral", 9) for g in (0, 1)
    ]
    counts = counts_of(rows)
    shares = [
        estimate(counts, weights=weights).loc[("shop", "any"), "share"]
        for weights in ("collected", "equal", {"x": 1, "y": 3})
    ]
    assert shares == pytest.approx([901 / 1010, 0.5, 0.25 * 0.9 + 0.75 * 0.1])


def test_few_people_are_not_shown_but_stay_in_the_whole():
    counts = counts_of(
        [
            (g, brand, "x", "neutral", 10)
            for g in (0, 1)
            for brand in ("deli", "kiosk", "shop", "tiny")
        ]
    )
    counts.loc[counts["brand"] == "tiny", ["people", "feeling_people"]] = 3
    table = estimate(counts)
    assert "tiny" not in table.index
    assert table.loc[table.index.get_level_values("sentiment") == "any", "share"].tolist() == [
        0.25,
        0.25,
    ]  # two go


def test_one_group_of_people_has_no_interval():
    table = estimate(counts_of([(0, "shop", "x", "neutral", 5), (0, "deli", "x", "neutral", 5)]))
    assert table.loc[("shop", "any"), "share"] == 0.5
    assert table.loc[("shop", "any"), ["low", "high"]].isna().all()


def test_user_mistakes_are_named():
    counts = counts_of([(0, "shop", "x", "neutral", 5), (1, "shop", "y", "neutral", 5)])
    with pytest.raises(SettingsError, match="weight for y"):
        estimate(counts, weights={"x": 1})
    with pytest.raises(DataError, match="no mention"):
        estimate(counts.iloc[:0])
    with pytest.raises(DataError, match="about_found"):
        estimate(counts, accuracy_of(shop=(10, 5, 6, 10, 5, 0)))
    with pytest.raises(DataError, match="inferred_sentiment"):
        estimate(counts.assign(inferred_sentiment="angry"))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(1, 50), min_size=12, max_size=12), st.integers(0, 40), st.integers(0, 40)
)
def test_shares_add_up_and_lie_within_their_intervals(numbers, right, missed):
    cells = [
        (g, brand, feeling) for g in (0, 1) for brand in ("deli", "shop") for feeling in FEELINGS
    ]
    counts = counts_of(
        [(g, brand, "x", feeling, n) for (g, brand, feeling), n in zip(cells, numbers, strict=True)]
    )
    accuracy = accuracy_of(deli=(300, 40, right, 900, 40, missed), shop=(300, 40, 20, 900, 40, 2))
    table = estimate(counts, accuracy, sheet_of(READ * 100), replicates=50)
    wholes = table["share"].groupby("sentiment").sum()
    assert wholes["any"] == pytest.approx(1)
    assert (
        ((table["low"] <= table["share"]) & (table["share"] <= table["high"]))
        .loc[pd.IndexSlice[:, "any"]]
        .all()
    )
    assert table["high"].dropna().between(0, 1 + 1e-9).all()
    again = estimate(
        counts.sample(frac=1, random_state=1), accuracy, sheet_of(READ * 100), replicates=50
    )
    pd.testing.assert_frame_equal(table, again)


def mentions_table() -> ibis.Table:
    rows = [("ana", "shop", "x", "positive")] * 3 + [
        ("ana", "shop", "y", "negative"),
        ("bo", "shop", "x", None),
    ]
    rows += [("cy", "deli", "x", "neutral"), ("ana", "deli", "x", "positive")]
    names = ["person_id", "about_brand", "platform", "inferred_sentiment"]
    return ibis.memtable(pd.DataFrame(rows, columns=names), schema=dict.fromkeys(names, "string"))


def test_counting_in_the_engine_counts_everybody_once_a_brand():
    counts = voice_counts(mentions_table(), n_groups=2).to_pandas()
    assert counts["n"].sum() == 7
    assert counts.groupby("brand")["people"].sum().to_dict() == {"deli": 2, "shop": 2}
    shop = counts[counts["brand"] == "shop"].groupby("inferred_sentiment")["feeling_people"].sum()
    assert shop.to_dict() == {"": 1, "negative": 1, "positive": 1}
    assert (
        voice_counts(mentions_table(), strata=("platform", "about_brand")).stratum.max().execute()
        == "y / shop"
    )


@pytest.mark.parametrize("dialect", ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"])
def test_every_dialect_can_count_voices(dialect):
    table = ibis.table(
        dict.fromkeys(["person_id", "about_brand", "platform", "inferred_sentiment"], "string"),
        name="m",
    )
    assert "GROUP BY" in ibis.to_sql(voice_counts(table), dialect=dialect)
