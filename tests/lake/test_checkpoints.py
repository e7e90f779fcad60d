"""A page and its cursor are one; records stand once; what is exported is private and whole."""

import json
import sqlite3
import stat
from pathlib import Path

import pytest

from coterie.lake.resuming.checkpoints import FILE, Checkpoint, DeadLetter, Record
from coterie.lake.resuming.fetched import STATE, Export, export, flat, read_feeds
from coterie.study import DataError, SettingsError

ONE = Export("mastodon", "mastodon_tag", ("id", "account.acct"))
APIS = [{"api": "mastodon", "resources": [{"resource": "hashtag", "called": "tag"}]}]


def record(name: str, **values: object) -> Record:
    """Make a record."""
    return Record(name, json.dumps({"id": name} | values))


@pytest.fixture
def checkpoint(tmp_path):
    """A checkpoint in a lake of its own, its feed begun."""
    made = Checkpoint(tmp_path / "lake")
    made.begin("mastodon_tag", "tag x", now=100.0)
    yield made
    made.close()


def commit(checkpoint: Checkpoint, *records: Record, dead=(), cursor=None):
    """Keep a page at the cursor where the feed is."""
    state = checkpoint.state("mastodon_tag")
    return checkpoint.commit(state, records, dead, cursor=cursor)


def lines(checkpoint: Checkpoint) -> list[dict]:
    """Read what is exported."""
    [file] = export(checkpoint, [ONE])
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_page_that_cannot_be_kept_moves_no_cursor(checkpoint):
    commit(checkpoint, record("1"), cursor="b")
    with pytest.raises(DataError, match=FILE):
        commit(checkpoint, record("2"), Record("3", None), cursor="c")
    assert checkpoint.state("mastodon_tag").cursor == "b"
    assert checkpoint.count("records", "mastodon_tag") == 1


def test_duplicates_collapse_and_a_later_sweep_brings_up_to_date(checkpoint):
    commit(checkpoint, record("1", n=1), record("1", n=2), record("2"), cursor="b")
    commit(checkpoint, record("1", n=3))
    assert [one.get("n") for one in lines(checkpoint)] == [1, None]
    checkpoint.begin("mastodon_tag", "tag x", now=200.0)
    commit(checkpoint, record("1", n=4))
    assert [one.get("n") for one in lines(checkpoint)] == [4, None]  # 2 is kept: it was there


def test_what_is_no_record_is_set_aside_once_and_never_exported(checkpoint):
    letter = DeadLetter("nothing identifies it", '{"text": "private words"}')
    commit(checkpoint, dead=[letter, letter], cursor="b")
    commit(checkpoint, record("1"), dead=[letter])
    [found] = read_state(checkpoint)
    assert (found["records"], found["dead_letters"]) == (1, 1)
    exported = b"".join(file.read_bytes() for file in checkpoint.folder.glob("*.json*"))
    assert b"private words" not in exported


def read_state(checkpoint: Checkpoint) -> list[dict]:
    """Export, and read how far all feeds came."""
    export(checkpoint, [ONE])
    return json.loads((checkpoint.folder / STATE).read_text())


def test_a_feed_is_stale_since_the_last_sweep_that_reached_its_end_began(checkpoint):
    commit(checkpoint, record("1"), cursor="b")
    checkpoint.interrupt("mastodon_tag", "it did not answer")
    [found] = read_state(checkpoint)
    assert (found["stale_since"], found["last_success"], found["complete"]) == (100.0, None, False)
    commit(checkpoint, record("2"))
    [found] = read_state(checkpoint)
    assert (found["stale_since"], found["last_success"], found["reason"]) == (None, 100.0, "")
    checkpoint.begin("mastodon_tag", "tag x", now=500.0)
    [found] = read_state(checkpoint)
    assert (found["stale_since"], found["last_success"], found["complete"]) == (100.0, 100.0, False)


def test_a_name_that_asks_for_something_else_is_refused(checkpoint):
    with pytest.raises(SettingsError, match="called"):
        checkpoint.begin("mastodon_tag", "tag y", now=0.0)


def test_two_processes_at_one_feed_lose_nothing(checkpoint):
    state = checkpoint.state("mastodon_tag")
    checkpoint.commit(state, [record("1")], [], cursor="b")
    with pytest.raises(DataError, match="by another process"):
        checkpoint.commit(state, [record("9")], [], cursor="z")
    assert [one["id"] for one in lines(checkpoint)] == ["1"]


def test_everything_that_was_fetched_is_readable_by_its_owner_only(checkpoint):
    commit(checkpoint, record("1"), cursor="b")
    export(checkpoint, [ONE])
    files = list(checkpoint.folder.iterdir())
    assert {file.name for file in files} >= {FILE, f"{FILE}-wal", STATE, "mastodon_tag.jsonl"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(checkpoint.folder.stat().st_mode) == 0o700


def test_exports_do_not_depend_on_the_order_of_pages_and_keep_their_time(checkpoint, tmp_path):
    commit(checkpoint, record("2"), record("1"), cursor="b")
    commit(checkpoint, record("3"))
    [file] = export(checkpoint, [ONE])
    before, content = file.stat().st_mtime_ns, file.read_bytes()
    assert export(checkpoint, [ONE])[0].stat().st_mtime_ns == before
    other = Checkpoint(tmp_path / "other")
    other.begin("mastodon_tag", "tag x", now=100.0)
    commit(other, record("3"), record("1"), cursor="b")
    commit(other, record("2"), record("1"))
    assert export(other, [ONE])[0].read_bytes() == content
    other.close()


def test_nested_records_are_flat_and_have_the_columns_of_the_map(checkpoint):
    commit(checkpoint, record("1", account={"acct": "ana", "fields": [{"a": 1}], "none": {}}))
    [found] = lines(checkpoint)
    assert found == {"id": "1", "account.acct": "ana", "account.fields": [{"a": 1}]} | {
        "account.none": {}
    }
    assert flat({"a": {"b": {"c": None}}}) == {"a.b.c": None}
    [again] = export(checkpoint, [ONE._replace(columns=("in_reply_to.id",))])
    assert json.loads(again.read_text())["in_reply_to.id"] is None


def test_markup_is_exported_as_the_words_a_reader_sees(checkpoint):
    commit(checkpoint, record("1", content="<p>one &amp; <b>two</p>"), record("2", content=None))
    [file] = export(checkpoint, [ONE._replace(markup=("content",))])
    found = [json.loads(line).get("content") for line in file.read_text().splitlines()]
    assert found == ["one & two", None]


def test_units_are_counted_before_they_are_spent(checkpoint):
    spent = [checkpoint.spend("youtube", "2026-07-01", 4, at_most=10) for _ in range(3)]
    assert spent == [True, True, False]
    assert checkpoint.spend("youtube", "2026-07-02", 10, at_most=10)


def test_a_broken_checkpoint_is_one_sentence(tmp_path):
    folder = tmp_path / "fetched"
    folder.mkdir()
    (folder / FILE).write_bytes(b"this is no database, whatever it is called" * 100)
    with pytest.raises(DataError, match="the checkpoint cannot be used"):
        Checkpoint(tmp_path)


def test_a_feed_that_was_never_fetched_is_listed_as_such(tmp_path):
    [row] = read_feeds(tmp_path / STATE, APIS).to_dict("records")
    assert (row["api"], row["resource"], row["records"]) == ("mastodon", "tag", 0)
    assert (row["complete"], row["reason"]) == (False, "never fetched")


def test_only_feeds_that_the_study_still_wants_are_listed(checkpoint):
    commit(checkpoint, record("1"))
    export(checkpoint, [ONE])
    assert len(read_feeds(checkpoint.folder / STATE, APIS)) == 1
    assert read_feeds(checkpoint.folder / STATE, []).empty


def test_the_checkpoint_is_a_plain_sqlite_file(checkpoint, tmp_path: Path):
    commit(checkpoint, record("1"))
    with sqlite3.connect(checkpoint.folder / FILE) as other:
        assert other.execute("select count(*) from records").fetchone() == (1,)
        assert other.execute("pragma journal_mode").fetchone() == ("wal",)
    other.close()
