"""The planted world as lake tables, read by the study's column map as an outsider would."""

import io
import json
from collections.abc import Callable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
import yaml

from coterie.demo import Knobs, make_world

STUDY = Path(__file__).parents[2] / "notebooks" / "studies" / "demo.yml"
ACTS = ["person_id", "at", "platform", "verb", "object_id", "content_type", "value"]
POSTS = ["post_id", "person_id", "brand", "at", "platform", "text", "in_reply_to", "about_brand"]


class Tables(NamedTuple):
    """What notebook 02 would write, with the planted person as pseudonym."""

    events: pd.DataFrame
    posts: pd.DataFrame
    people: pd.DataFrame
    truth: pd.DataFrame


@cache
def world_tables(n_people: int, days: int, seed: int, **knobs: float) -> Tables:
    """Invent a world and read its exports."""
    world = make_world(Knobs(n_people, days, seed, **knobs))
    owner = world.truth["accounts"].set_index(["platform", "account"])["person"].to_dict()
    events, posts, accounts = (
        read(world.files, kind, owner) for kind in ("events", "posts", "accounts")
    )
    events = events[events["person_id"].notna()].drop_duplicates()
    written = posts[posts["person_id"].notna()].assign(
        verb="create", content_type="text", object_id=posts["post_id"]
    )
    events = pd.concat(
        [events.reindex(columns=ACTS), written.reindex(columns=ACTS)], ignore_index=True
    )
    events["value"] = pd.to_numeric(events["value"], errors="coerce").astype(float)
    posts = posts.assign(brand=posts["account"].where(posts["person_id"].isna()))
    posts[["in_reply_to", "about_brand"]] = posts[["in_reply_to", "about_brand"]].replace("", None)
    numbers = accounts[["followers", "following"]].apply(pd.to_numeric, errors="coerce")
    by_person = accounts.assign(**numbers).groupby("person_id")
    most = {"followers": ("followers", "max"), "following": ("following", "max")}
    people = by_person.agg(**most, joined_at=("at", "min"), time_zone=("time_zone", "first"))
    return Tables(events, posts.reindex(columns=POSTS), people.reset_index(), world.truth["people"])


def read(files: dict[str, bytes], gives: str, owner: dict) -> pd.DataFrame:
    """Read the exports of one kind whose moment is readable and before 1 July 2026."""
    parts = []
    for entry in yaml.safe_load(STUDY.read_text(encoding="utf-8"))["02_sourcing"]["files"]:
        for path in (
            path for path in files if entry["gives"] == gives and fnmatch(path, entry["path"])
        ):
            raw = read_file(path, files[path], entry.get("encoding", "utf-8"))
            named = {
                ours: raw[s] if s[0] != "=" else s[1:]
                for ours, s in entry["columns"].items()
                if s[0] == "=" or s in raw
            }
            rows = pd.DataFrame(named, index=raw.index).assign(platform=entry["platform"])
            parts.append(rows.replace({"verb": entry["verbs"]}) if "verbs" in entry else rows)
    rows = pd.concat(parts, ignore_index=True)
    rows["at"] = pd.to_datetime(
        rows["at"], utc=True, format="mixed", errors="coerce"
    ).dt.tz_localize(None)
    rows = rows[rows["at"] < "2026-07-01"]
    return rows.assign(
        person_id=[owner.get(key) for key in zip(rows["platform"], rows["account"], strict=True)]
    )


def read_file(path: str, content: bytes, encoding: str) -> pd.DataFrame:
    """Read one export as text."""
    if path.endswith("csv"):
        return pd.read_csv(io.BytesIO(content), encoding=encoding, dtype=str, keep_default_na=False)
    text = content.decode(encoding)
    return pd.DataFrame(
        [json.loads(x) for x in text.splitlines()] if path.endswith("jsonl") else json.loads(text)
    )


@pytest.fixture(scope="session")
def worlds() -> Callable[..., Tables]:
    """Makes worlds, each once."""
    return world_tables


@pytest.fixture(scope="session")
def planted() -> Tables:
    """One world that several tests look at."""
    return world_tables(600, 180, 3)
