"""Real export shapes, every value in them invented, end as their case.md says is right."""

import json

import pandas as pd
import pytest
import yaml
from raw_files import read_folder


@pytest.fixture
def case(real_data):
    """Read a case by its number, through its corrected map with changes."""

    def read(number, *, files=None, **changes):
        [folder] = real_data("cases").glob(f"{number}-*")
        block = {"brands": [], "files": files}
        if not files:
            block = yaml.safe_load((folder / "corrected_map.yml").read_text())["02_sourcing"]
            files = [entry | changes for entry in block["files"]]
        found = read_folder(folder / "input", files, brands=block["brands"])
        assert found.found.n_lost == 0
        return found

    return read


def note(read, fate, word):
    """Add up the rows of the notes that hold a word."""
    notes = read.found.notes
    return notes.loc[(notes["fate"] == fate) & notes["note"].str.contains(word), "rows"].sum()


def test_02_times_with_an_offset_after_a_blank_and_a_file_of_the_brand_alone(case):
    read = case("02")
    kept = read.rows["posts"].kept.order_by("row").to_pandas()
    assert len(kept) == 40 == read.found.n_read
    assert kept["at"].iloc[0] == pd.Timestamp("2026-06-01 07:03")
    assert "40 of 40 rows are the brand's own, it has no people" in read.stopped


def test_03_wrapped_objects_with_nested_values(case):
    names = {"post_id": "tweet.id_str", "at": "tweet.created_at", "text": "tweet.full_text"}
    entry = {"path": "tweets.js", "gives": "posts", "platform": "x"}
    read = case("03", files=[entry | {"columns": names | {"account": "=me"}}])
    kept = read.rows["posts"].kept.to_pandas()
    assert len(kept) == 12
    assert kept["at"].min() == pd.Timestamp("2026-06-01 07:03")
    assert note(read, "look", "all of one account") == 12


def test_04_notes_before_the_header_and_month_words(case):
    read = case("04")
    people = read.linked
    assert len(people) == 60
    assert people["company"].notna().all()
    assert people["job_title"].notna().all()
    assert people["at"].dt.year.min() == 2023
    assert people["at"].dt.year.max() == 2025
    assert read.found.sources["read_as"].tolist() == ["utf-8, commas, header after 3 lines"]


def test_05_lists_in_objects_and_seconds_since_1970(case):
    folder = "connections/followers_and_following"
    columns = {"account": "value", "at": "timestamp", "verb": "=follow"}
    entry = {"gives": "events", "platform": "instagram", "columns": columns}
    followers = entry | {"path": f"{folder}/followers_1.json", "records": "[].string_list_data[]"}
    following = entry | {"path": f"{folder}/following.json", "records": "relationships_following"}
    following |= {"columns": {"account": "title"}, "gives": "accounts"}
    read = case("05", files=[followers, following])
    events = read.rows["events"].kept.to_pandas()
    assert len(events) == 50
    assert events["at"].min() >= pd.Timestamp("2026-01-01")
    assert read.rows["accounts"].kept.count().execute() > 0
    dotted = followers | {"records": "", "columns": {"account": "string_list_data.0.value"}}
    dotted |= {"gives": "accounts"}
    assert case("05", files=[dotted]).rows["accounts"].kept.count().execute() == 50


def test_07_posts_of_the_brand_dated_month_first(case, real_data):
    read = case("07")
    [file] = real_data("cases").glob("07-*/input/*.csv")
    stated = pd.to_datetime(pd.read_csv(file)["Publish time"], format="%m/%d/%Y %H:%M")
    kept = read.rows["posts"].kept.order_by("row").to_pandas()
    assert kept["at"].tolist() == stated.tolist()
    assert len(kept) == 30
    assert "it has no people" in read.stopped


def test_10_positive_refunds_are_money_back(case, real_data):
    read = case("10")
    truth = json.loads((real_data("cases") / "10-refund-amount-positive/truth.json").read_text())
    value = read.events.groupby("verb")["value"].sum()
    assert value["purchase"] == truth["gross"]
    assert read.events["value"].sum() == truth["net"]
    assert note(read, "put right", "positive refund") == 91


def test_15_who_saw_both_arms_is_counted(case):
    assert note(case("15"), "merged", "other arm") == 150


@pytest.mark.parametrize("encoding", ["utf-16", ""])
def test_17_utf_16_with_tabs_in_a_file_called_csv(case, encoding):
    read = case("17", encoding=encoding)
    assert len(read.linked) == 40
    assert read.found.n_quarantined == 0


def test_18_semicolons_points_between_day_and_month_and_a_decimal_comma(case, real_data):
    read = case("18")
    [file] = real_data("cases").glob("18-*/input/*.csv")
    stated = pd.read_csv(file, sep=";", decimal=",", thousands=".", encoding="cp1252")
    assert len(read.events) == 80
    assert read.events["value"].sum() == pytest.approx(stated["Betrag"].sum())
    assert set(read.events["at"].dt.month) == {5}


def test_21_accounts_of_nobody_are_set_aside(case):
    read = case("21")
    assert read.linked["person_id"].nunique() == 35
    reasons = read.found.quarantine["reason"].value_counts().to_dict()
    assert reasons == {"no account (placeholder)": 80}


@pytest.mark.parametrize("number", ["14", "19", "20", "22"])
def test_the_other_cases_are_read_whole(case, number):
    read = case(number)
    assert read.linked is not None
    assert read.found.n_read > 0
