"""What may not be kept is found in no file that a study left, and does not come back."""

import hashlib
import os
import re
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from coterie.activation.keys import PLATFORMS, hashed_keys
from coterie.lake import mark_of, read_tombstones
from coterie.psychographics.reading.texts import plain
from coterie.runner import expiry
from coterie.sourcing.retention import rules_of
from coterie.study import DataError, SettingsError, load_study

# Days to keep, so that half of a study of 60 days is due when the clock is moved on by a year.
KEEP = {"events": 395, "posts": 395, "words": 380, "exposures": 395, "people": 380}
KEEP |= {"contact data": 372, "profile": 372, "audience files": 90}
TODAY = date(2027, 7, 1)
STORED = {"events": "at", "posts": "at", "exposures": "at"}


def cut_off(rule: str) -> pd.Timestamp:
    """Say from which moment a rule lets things be kept."""
    return pd.Timestamp(TODAY - timedelta(days=KEEP[rule]))


class Before:
    """What a finished study holds that must go, worked out from its tables by hand."""

    def __init__(self, study) -> None:
        tables = {name: study.table(name) for name in (*STORED, "consents", "people", "vault")}
        acts = pd.concat([tables[n][["person_id", "at"]] for n in (*STORED, "consents")])
        last = tables["people"].set_index("person_id")["joined_at"].copy()
        seen = acts.groupby("person_id")["at"].max()
        last.update(seen)
        vault, posts = tables["vault"], tables["posts"]
        self.people = set(last.index[last < cut_off("people")])
        self.silent = set(last.index[last < cut_off("contact data")])
        self.identifiers = vault[vault["person_id"].isin(self.people)]
        contact = vault["kind"].isin(["email", "phone"]) & vault["person_id"].isin(self.silent)
        self.contact = vault[contact]
        gone = (posts["at"] < cut_off("posts")) | posts["person_id"].isin(self.people)
        self.posts = set(posts.loc[gone, "post_id"])
        worn = posts["at"] < cut_off("words")
        self.words = set(posts.loc[gone | worn, "text"]) - set(posts.loc[~gone & ~worn, "text"])


def with_days(study, folder: Path, keep: dict):
    """Copy a study, with its own days to keep."""
    copied = study.copy(folder)
    file = copied.home / "notebooks" / "studies" / f"{study.study}.yml"
    file.write_text(file.read_text().replace("02_sourcing:", f"02_sourcing:\n  retention: {keep}"))
    return copied


@contextmanager
def at_home(study):
    """Work in a study's home."""
    with mock.patch.dict(os.environ, {"COTERIE_HOME": str(study.home)}):
        yield load_study(study.study)


@pytest.fixture(scope="module")
def before(tiny) -> Before:
    return Before(tiny)


@pytest.fixture(scope="module")
def expired(tiny, tmp_path_factory):
    """The tiny study with its clock moved on by a year."""
    study = with_days(tiny, tmp_path_factory.mktemp("expired") / "home", KEEP)
    with at_home(study) as settings:
        deleted = expiry.expire(settings, today=TODAY)
    assert deleted.n_people
    return study


def files_of(study) -> list[Path]:
    """List every file that a study left, but the company's own exports."""
    folders = (study.home / "reports" / study.study, study.lake)
    found = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return [file for file in found if "inbox" not in file.parts]


@cache
def text_of(file: Path) -> str:
    """Read all that a file says; of a table each text once."""
    if file.suffix == ".parquet":
        table = pd.read_parquet(file)
        texts = table.select_dtypes(["object", "str"])
        return " ".join(str(value) for name in texts for value in texts[name].unique()).lower()
    if file.suffix == ".npz":
        with np.load(file) as stored:
            return " ".join(stored["keys"].tolist())
    return file.read_bytes().decode("utf-8", errors="replace").lower()


def showing(study, tokens: set[str]) -> set[str]:
    """Name the files that show any of some tokens: whole words, and sixty of those with blanks."""
    lower = {token.lower() for token in tokens}
    spaced = sorted(token for token in lower if " " in token)[:: max(1, len(lower) // 60)]
    found = set()
    for file in files_of(study):
        text = text_of(file)
        words = set(re.findall(r"[\w.@+-]{6,}", text))
        if not words.isdisjoint(lower) or any(token in text for token in spaced):
            found.add(file.name)
    return found


def test_something_was_due_and_something_was_not(tiny, before):
    n_people = len(tiny.table("people"))
    assert 20 < len(before.people) < n_people / 2
    assert 20 < len(before.posts) < len(tiny.table("posts"))
    assert len(before.people) < len(before.silent) < n_people


def test_no_stored_table_of_any_version_holds_an_expired_row(tiny, expired):
    for table, column in STORED.items():
        assert (tiny.table(table)[column] < cut_off(table)).any()
        for file in (expired.lake / "tables" / table).glob("*.parquet"):
            assert (pd.read_parquet(file)[column] >= cut_off(table)).all(), file
        assert len(expired.table(table)) > 0


def test_no_file_shows_an_expired_person_or_their_identifiers(tiny, expired, before):
    tokens = before.people | set(before.identifiers["identifier"])
    tokens = {token for token in tokens if len(token) >= 6}
    shared = set(before.identifiers["identifier"]) & set(expired.table("vault")["identifier"])
    assert showing(tiny, tokens - shared)
    assert not showing(expired, tokens - shared)


def test_no_audience_file_holds_the_hash_of_somebody_who_left(tiny, expired, before):
    keys = hashed_keys(pd.concat([before.identifiers, before.contact]), platforms=list(PLATFORMS))
    hashes = set(keys["key"]) - set(
        hashed_keys(expired.table("vault"), platforms=list(PLATFORMS))["key"]
    )
    assert hashes
    assert not showing(expired, hashes)


def test_contact_data_of_the_long_silent_left_the_vault_and_their_accounts_stayed(expired, before):
    vault = expired.table("vault")
    theirs = vault[vault["person_id"].isin(before.silent - before.people)]
    assert set(theirs["kind"]) == {"handle", "name", "crm_id"}
    others = vault[~vault["person_id"].isin(before.silent)]
    assert {"email", "phone"} <= set(others["kind"])


def test_the_words_of_old_posts_stand_nowhere_and_their_readings_left_the_cache(expired, before):
    there = " ".join(expired.table("posts")["text"]).lower()
    long = {text for text in before.words if len(text) >= 25 and text.lower() not in there}
    assert len(long) > 20
    assert not showing(expired, long)
    kept = {plain(text) for text in expired.table("posts")["text"]}
    keys = {
        hashlib.sha256(plain(t).encode()).hexdigest()[:32] for t in long if plain(t) not in kept
    }
    assert not showing(expired, keys)
    assert "" in set(expired.table("posts")["text"])


def test_nothing_refers_to_a_post_that_left(expired, before):
    assert not showing(expired, before.posts)


def test_the_ledger_proves_it_and_names_nobody(expired, before):
    entries = read_tombstones(expired.lake)
    first, done = entries[0], entries[-1]
    assert first["clock"] == str(TODAY)
    assert first["people"] == len(before.people)
    assert done["deed"] == "done"
    assert done["rows"]["people"] == len(before.people)
    assert {"linkage", "assignment", "forecast"} <= set(done["refit"])
    key = (expired.lake / "tables" / "vault" / "ledger.key").read_bytes()
    handles = before.identifiers[before.identifiers["kind"] == "handle"]
    pairs = handles[["platform", "identifier"]].itertuples(index=False)
    assert {mark_of(key, *pair) for pair in pairs} == set(first["expired"])
    totals = next(entry["totals"] for entry in entries if entry.get("rule") == "events")
    assert totals
    assert min(totals.values()) >= 50
    assert (expired.lake / "tombstones.jsonl").stat().st_mode & 0o077 == 0


def test_a_ledger_that_was_changed_is_not_believed(expired, tmp_path):
    lines = (expired.lake / "tombstones.jsonl").read_text().splitlines()
    for changed in (lines[1:], [lines[0].replace("expired", "Expired"), *lines[1:]]):
        (tmp_path / "tombstones.jsonl").write_text("\n".join(changed))
        with pytest.raises(DataError, match="line 1: changed"):
            read_tombstones(tmp_path)


def test_expiring_again_deletes_nothing_and_going_back_in_time_is_refused(expired):
    with at_home(expired) as settings:
        assert expiry.expire(settings, today=TODAY).nothing
        with pytest.raises(SettingsError, match="already"):
            expiry.expire(settings, today=TODAY - timedelta(days=1))


def test_who_asks_is_erased_everywhere_whatever_the_case(tiny, tmp_path):
    study = tiny.copy(tmp_path / "home")
    people, tokens, asked = some_people(study)
    with at_home(study) as settings:
        assert expiry.forget(settings, [text.upper() for text in asked]).n_people == len(people)
        with pytest.raises(SettingsError, match="Nobody"):
            expiry.forget(settings, ["nobody@example.org"])
    vault = tiny.table("vault")
    tokens |= set(hashed_keys(vault[vault["person_id"].isin(people)], platforms=["meta"])["key"])
    assert any(file.endswith(".csv") for file in showing(tiny, tokens))
    assert not showing(study, tokens)


def some_people(study) -> tuple[set[str], set[str], list[str]]:
    """Choose two people in audience files: pseudonyms, what only they are known by, addresses."""
    vault, audiences = study.table("vault"), study.table("audiences")
    exported = audiences.loc[audiences["decision"] == "export", "person_id"]
    stated = vault[(vault["kind"] == "email") & vault["person_id"].isin(exported)]
    chosen = stated.drop_duplicates("person_id").iloc[[0, 7]]
    theirs = vault["person_id"].isin(chosen["person_id"])
    own = set(vault.loc[theirs, "identifier"]) - set(vault.loc[~theirs, "identifier"])
    people = set(chosen["person_id"])
    return people, people | {text for text in own if len(text) >= 6}, list(chosen["identifier"])


@pytest.mark.slow
def test_what_was_deleted_does_not_come_back_from_the_exports(expired, before, tmp_path):
    study = expired.copy(tmp_path / "home")
    people, _, asked = some_people(study)
    done = study.coterie("forget", study.study, entered="\n".join(asked))
    assert done.returncode == 0, done.stderr
    assert not any(text.lower() in done.stdout.lower() for text in asked)
    study.run("--only", "01")
    study.run("--only", "02")
    for table, column in STORED.items():
        assert (study.table(table)[column] >= cut_off(table)).all()
    assert not (before.people | people) & set(study.table("people")["person_id"])
    sources = study.table("sources")
    counts = sources[["rows_kept", "rows_quarantined"]].sum(axis=1)
    assert (counts == sources["rows_read"]).all()
    reasons = set(study.table("quarantine")["reason"])
    assert {"past its retention", "erased on request"} <= reasons
    nobody = study.coterie("expire", study.study, "--as-of", "soon")
    assert nobody.returncode == 2
    assert "a day is written like" in nobody.stderr


def test_the_days_of_a_study_are_its_own_and_a_rule_that_is_unknown_is_named():
    days = {rule.rule: rule.keep_days for rule in rules_of(KEEP)}
    assert days["events"] == 395
    assert "youtube-api" not in days
    assert "youtube-api" in {rule.rule for rule in rules_of({"youtube-api": 30})}
