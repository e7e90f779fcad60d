"""The planted world must hold what it says it holds, found again from the exported files alone."""

import io
import json
from fnmatch import fnmatch
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from coterie.demo import Knobs, make_world

STUDY = Path(__file__).parents[2] / "notebooks" / "studies" / "demo.yml"
START = pd.Timestamp("2026-07-01") - pd.Timedelta(days=180)
NO_FLAWS = {"duplicate_share": 0, "malformed_share": 0, "late_share": 0, "unlinked_share": 0}


READ = {}  # (id of a world, kind) -> the world, kept so that its id stays its own, and the rows


@cache
def column_map() -> list[dict]:
    return yaml.safe_load(STUDY.read_text(encoding="utf-8"))["02_sourcing"]["files"]


def read_file(path: str, content: bytes, encoding: str) -> pd.DataFrame:
    if path.endswith("csv"):
        return pd.read_csv(io.BytesIO(content), encoding=encoding, dtype=str, keep_default_na=False)
    text = content.decode(encoding)
    return pd.DataFrame(
        [json.loads(line) for line in text.splitlines()]
        if path.endswith("jsonl")
        else json.loads(text)
    )


def read_all(world, gives: str) -> pd.DataFrame:
    """Read the exports of one kind by the study's column map, as an outsider would."""
    if (id(world), gives) not in READ:
        READ[id(world), gives] = world, read_exports(world, gives)
    return READ[id(world), gives][1].copy()


def read_exports(world, gives: str) -> pd.DataFrame:
    frames = []
    for entry in (entry for entry in column_map() if entry["gives"] == gives):
        paths = [path for path in world.files if fnmatch(path, entry["path"])]
        raw = pd.concat(
            [read_file(path, world.files[path], entry.get("encoding", "utf-8")) for path in paths]
        )
        rows = pd.DataFrame(
            {
                ours: raw.get(s, pd.Series(dtype=str)) if s[0] != "=" else s[1:]
                for ours, s in entry["columns"].items()
            }
        )
        rows["verb"] = rows["verb"].map(entry["verbs"]) if "verbs" in entry else rows.get("verb")
        frames.append(
            rows.assign(
                platform=entry["platform"],
                account=rows.get("account", pd.Series("", rows.index)).fillna(""),
            )
        )
    rows = pd.concat(frames, ignore_index=True)
    at = (
        pd.to_datetime(rows["at"], utc=True, format="mixed", errors="coerce")
        if "at" in rows
        else pd.NaT
    )
    return rows.assign(at=at).assign(
        day=lambda r: (r["at"] - START.tz_localize("UTC")).dt.days if "at" in rows else 0
    )


@pytest.fixture(scope="module")
def world():
    return make_world(Knobs(600, seed=3))


@pytest.fixture(scope="module")
def big():
    return make_world(Knobs(2500, seed=11, posts_per_person=0.2, **NO_FLAWS))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    one, again, other = (
        make_world(Knobs(120, 60)),
        make_world(Knobs(120, 60)),
        make_world(Knobs(120, 60, seed=8)),
    )
    assert one.files == again.files
    assert one.files.keys() == other.files.keys()
    assert one.files["shop/orders.csv"] != other.files["shop/orders.csv"]


def test_the_study_maps_every_file_and_every_row_finds_its_account(world):
    mapped = [
        path for path in world.files if any(fnmatch(path, entry["path"]) for entry in column_map())
    ]
    assert sorted(mapped) == sorted(world.files)
    known = set(
        zip(world.truth["accounts"]["platform"], world.truth["accounts"]["account"], strict=True)
    )
    events = read_all(world, "events").query("account != ''")
    assert set(zip(events["platform"], events["account"], strict=True)) <= known
    assert events["verb"].notna().all()


def test_a_knob_at_zero_plants_nothing():
    knobs = {
        "bot_share": 0,
        "opt_out_share": 0,
        "overlap": 0,
        "reply_share": 0,
        "posts_per_person": 0,
        "lift": 0,
    }
    empty = make_world(Knobs(120, 60, **knobs, **NO_FLAWS))
    people = empty.truth["people"]
    assert len(empty.truth["flaws"]) == 0
    assert "web/pageviews_late.csv" not in empty.files
    assert not people["bot"].any()
    assert (people["segment"] == people["second"]).all()
    assert (empty.truth["campaigns"]["lift"] == 0).all()
    assert empty.files["labels/campaigns.csv"].endswith(b"spring-offer,0.000000\n")
    assert len(read_all(empty, "posts")) == 0


def test_duplicates_and_malformed_rows_are_as_many_as_the_truth_says(world):
    flaws = world.truth["flaws"]["kind"].value_counts()
    orders = read_all(world, "events")
    assert (
        flaws.drop("impossible birth year").sum()
        >= (orders["at"].isna() | (orders["account"] == "")).sum()
        > 0
    )
    assert (read_all(world, "accounts")["birth_year"] == "1626").sum() == flaws[
        "impossible birth year"
    ]
    assert (orders["value"] == "twelve").sum() == flaws["amount in words"]
    assert (orders["value"] == "-12.50").sum() == flaws["negative amount"]
    assert (orders["at"] > "2090").sum() == sum(
        world.truth["flaws"]["kind"] == "date far in the future"
    ) - contacts(world)
    good = orders[orders["at"].notna() & (orders["at"] < "2090") & (orders["account"] != "")]
    repeats = good.duplicated().sum()  # a spoilt amount is no repeat; nothing else in the files is
    assert repeats == flaws["exact duplicate"]


def contacts(world) -> int:
    return (
        world.truth["flaws"].query("file == 'crm/contacts.csv'")["kind"] == "date far in the future"
    ).sum()


def test_the_flaws_stand_on_the_lines_the_truth_names(world):
    lines = world.files["shop/orders.csv"].decode().splitlines()
    for flaw in (
        world.truth["flaws"]
        .query("file == 'shop/orders.csv' and kind == 'amount in words'")
        .itertuples()
    ):
        assert lines[flaw.row - 1].endswith(",twelve")


def test_interest_halves_in_the_planted_days(big):
    events = (
        read_all(big, "events")
        .merge(big.truth["accounts"])
        .merge(big.truth["people"][["person", "bot"]])
    )
    events = events[~events["bot"]]
    number = events["person"].astype("category")
    grid = np.zeros((2, len(number.cat.categories), 180))
    kind = np.where(events["platform"] == "email", 0, 1)
    shown = (events["verb"] != "purchase").to_numpy()
    np.add.at(
        grid,
        (
            kind[shown],
            number.cat.codes.to_numpy()[shown],
            events["day"].to_numpy()[shown].astype(int),
        ),
        1,
    )
    day = np.arange(180)
    last = np.maximum.accumulate(np.where(grid[0] > 0, day, -1), axis=1)
    age = np.where(last >= 0, day - last, -1)
    means = [grid[1][age == a].mean() for a in range(45)]
    slope = np.polyfit(np.arange(45), np.log(means), 1)[0]
    assert -np.log(2) / slope == pytest.approx(30, rel=0.15)


def test_the_offer_moves_two_segments_and_nobody_else(big):
    exposures = (
        read_all(big, "exposures").query("campaign == 'spring-offer'").merge(big.truth["accounts"])
    )
    orders = read_all(big, "events").query("verb == 'purchase'").merge(big.truth["accounts"])
    orders = orders.merge(exposures[["person", "at"]], on="person", suffixes=("", "_arm"))
    inside = orders[
        (orders["at"] >= orders["at_arm"])
        & (orders["at"] < orders["at_arm"] + pd.Timedelta(days=28))
    ]
    exposures["converted"] = exposures["person"].isin(inside["person"])
    rates = (
        exposures.merge(big.truth["people"])
        .groupby(["segment", "arm"])["converted"]
        .mean()
        .unstack()
    )
    lift = rates["treatment"] - rates["control"]
    assert lift[["fitness", "food"]].between(0.06, 0.26).all()
    assert (lift.drop(["fitness", "food"]).abs() < 0.09).all()
    overall = exposures.groupby("arm")["converted"].mean()
    assert overall["treatment"] - overall["control"] == pytest.approx(
        big.truth["people"]["lift"].mean(), abs=0.035
    )
    assert 0.09 < overall["control"] < 0.15
    assert (exposures["arm"] == "treatment").mean() == pytest.approx(2 / 3, abs=0.03)


def test_the_winter_campaign_went_to_people_who_buy_anyway(world):
    winter = (
        read_all(world, "exposures")
        .query("campaign == 'winter-retarget'")
        .merge(world.truth["accounts"])
    )
    usual = winter.merge(world.truth["people"]).groupby("arm")["usual_orders"].mean()
    assert set(winter["randomised"]) == {"false"}
    assert usual["treatment"] > 2 * usual["control"]


def test_canaries_stand_in_the_exports_and_in_other_peoples_posts(world):
    everything = b"\n".join(content.lower() for content in world.files.values())
    assert len(world.canaries) == len(set(world.canaries)) == 8 * 5
    assert all(
        len(token) >= 10 and token.lower().encode() in everything for token in world.canaries
    )
    posts, people = read_all(world, "posts"), world.truth["people"].query("canary")
    for person in people.itertuples():
        told = posts[posts["text"].str.contains(person.handle) & posts["text"].str.contains("@")]
        assert len(told) > 0
    assert world.truth["accounts"].groupby("person").size()[people["person"]].eq(10).all()


def test_exact_keys_join_what_is_linked_and_miss_what_is_mistyped(world):
    accounts = (
        read_all(world, "accounts")
        .drop_duplicates(["platform", "account"])
        .merge(world.truth["accounts"])
    )
    email = accounts["email"].str.strip().str.lower()
    true = accounts["person"].map(world.truth["people"].set_index("person")["email"])
    assert (
        email[accounts["linked"] & (email != "")] == true[accounts["linked"] & (email != "")]
    ).all()
    assert (email[~accounts["linked"]] != true[~accounts["linked"]]).all()
    assert 0.005 < (~accounts["linked"]).mean() < 0.03
    phones = accounts[accounts["phone"].fillna("") != ""].assign(
        phone=lambda r: r["phone"].str.replace(" ", "")
    )
    assert (phones.groupby("phone")["person"].nunique() == 1).all()


def test_opt_outs_come_after_consent_and_the_last_word_counts(world):
    consents = read_all(world, "consents").merge(world.truth["accounts"]).sort_values("at")
    last = consents.groupby("person")["granted"].last()
    people = world.truth["people"].set_index("person")["consent"]
    assert (people.reindex(last.index) == last).all()
    assert consents.groupby("person").size().max() == 2
    assert (people == "never asked").any()


def test_posts_are_many_different_texts_and_labels_repeat_the_truth(world):
    posts = read_all(world, "posts")
    people = posts[posts["account"] != "brightside"].merge(
        world.truth["posts"], on=["platform", "post_id"]
    )
    human = people[~people["bot"]]
    assert human["text"].nunique() > 0.9 * len(human)
    assert people[people["bot"]]["text"].nunique() < 0.5 * people["bot"].sum()
    labels = (
        read_all(world, "labels")
        .dropna(subset="post_id")
        .merge(world.truth["posts"], on=["platform", "post_id"])
    )
    assert (labels["label"] == [row[row["name"]] or "none" for _, row in labels.iterrows()]).all()
    week = (
        human.assign(week=human["at_y"].dt.isocalendar().week)
        .groupby("week")["topic"]
        .agg(lambda t: (t == "travel").mean())
    )
    assert week.max() > 3 * week.median()


def test_attention_follows_influence_and_not_followers(world):
    posts = world.truth["posts"]
    seen = read_all(world, "events").merge(
        posts[["post_id", "person"]], left_on="object_id", right_on="post_id"
    )
    got = seen.groupby("person").size().rename("attention")
    people = world.truth["people"].query("not bot").set_index("person").join(got, how="inner")
    ranks = people[["attention", "influence", "followers"]].corr("spearman")["attention"]
    assert ranks["influence"] > 0.5
    assert abs(ranks["followers"]) < 0.2


def test_region_gives_the_gender_away_and_bots_are_awake_at_night(world):
    people = world.truth["people"]
    women = (
        people[people["gender"] == "female"].groupby("region").size()
        / people.groupby("region").size()
    )
    assert women["North"] > women["West"] + 0.3
    events = (
        read_all(world, "events").merge(world.truth["accounts"]).merge(people[["person", "bot"]])
    )
    night = events["at"].dt.hour.between(0, 4).groupby(events["bot"]).mean()
    assert night[True] > 0.15
    assert night[False] < 0.01


def test_the_drifting_segment_changes_its_platforms_half_way(world):
    events = read_all(world, "events").merge(world.truth["accounts"]).merge(world.truth["people"])
    gaming = events[(events["segment"] == "gaming") & events["day"].between(0, 179)]
    on_x = (gaming["platform"] == "x").groupby(gaming["day"] >= 90).mean()
    assert on_x[True] > 2 * on_x[False]


def test_the_study_file_and_the_exports_agree():
    exports = yaml.safe_load(
        resources.files("coterie.demo").joinpath("exports.yml").read_text(encoding="utf-8")
    )["files"]
    ours = ("path", "gives", "platform", "encoding", "columns", "verbs")
    assert column_map() == [{key: entry[key] for key in ours if key in entry} for entry in exports]
