"""What lies beside the tables loses whoever must go: fetched records, sheets, lists of names."""

import json
import sqlite3
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from coterie.lake import RENAMED, write_private_file
from coterie.lake.resuming.checkpoints import FETCHED, FILE, SCHEMA
from coterie.runner.expiry.artefacts import clear_renamed, clear_sheet, clear_stream
from coterie.runner.expiry.command import day
from coterie.runner.expiry.due import Leaving
from coterie.runner.expiry.fetched import clear_fetched
from coterie.runner.expiry.stored import without_people
from coterie.runner.streaming.places import FOLDER, INBOX, SPARK
from coterie.runner.streaming.spark_watch import alone
from coterie.study import DataError, SettingsError


@pytest.fixture
def lake(tmp_path):
    """A folder, as the lake of a study."""
    return SimpleNamespace(folder=tmp_path)


@pytest.fixture
def leaving():
    """Ana, her post, and words of an old one of somebody else."""
    vault = {"person_id": ["p_ana"] * 2, "platform": ["x"] * 2, "kind": ["handle", "name"]}
    return Leaving(
        people=pd.DataFrame({"person_id": ["p_ana"]}),
        posts=pd.DataFrame({"post_id": ["post-1"]}),
        accounts=pd.DataFrame({"platform": ["x"], "account": ["ana_costa"]}),
        account_ids=pd.Series(["a_1"]),
        identifiers=pd.DataFrame(vault | {"identifier": ["ana_costa", "Ana"]}),
        words=pd.DataFrame({"post_id": ["post-2"], "text": ["an old text of thirty characters"]}),
        quiet=pd.DataFrame({"person_id": [], "table": [], "field": []}),
        rules=[],
        today=None,
    )


def test_fetched_records_of_who_leaves_are_gone_from_every_byte_of_the_checkpoint(lake, leaving):
    folder = lake.folder / FETCHED
    bodies = {"1": "Ana_Costa", "2": "bo", "3": "An old text of thirty characters"}
    lines = [json.dumps({"user": body}) + "\n" for body in bodies.values()]
    write_private_file(folder / "x_posts.jsonl", "".join(lines).encode())
    with sqlite3.connect(folder / FILE) as made:
        made.executescript(SCHEMA)
        for name, body in bodies.items():
            made.execute("insert into records values ('x', ?, 1, ?)", (name, body))
    made.close()
    assert clear_fetched(lake, leaving) == 2
    assert (folder / "x_posts.jsonl").read_text() == lines[1]
    content = (folder / FILE).read_bytes().lower()
    assert b"ana_costa" not in content
    assert b"an old text" not in content
    with sqlite3.connect(folder / FILE) as left:
        assert left.execute("select body from records").fetchall() == [("bo",)]
    left.close()
    assert clear_fetched(lake, leaving) == 0


def test_posts_that_leave_go_off_the_sheet_and_what_was_filled_in_stays(lake, leaving):
    head = "post_id,text,sentiment\n"
    text = f'{head}post-1,hers,positive\npost-3,"kept, whole",negative\npost-2,old,\n'
    sheet = lake.folder / "labels" / "posts.csv"
    write_private_file(sheet, text.encode("utf-8-sig"))
    assert clear_sheet(lake, leaving) == 2
    assert sheet.read_text("utf-8-sig") == f'{head}post-3,"kept, whole",negative\n'


def test_former_pseudonyms_of_who_leaves_lead_nowhere(lake, leaving):
    file = lake.folder / "tables" / "vault" / RENAMED
    write_private_file(file, json.dumps({"p_old": "p_ana", "p_older": "p_bo"}).encode())
    clear_renamed(lake, leaving)
    assert json.loads(file.read_text()) == {"p_older": "p_bo"}


def test_a_day_that_is_none_is_named():
    with pytest.raises(SettingsError, match="soon"):
        day("soon")


def test_the_domain_goes_with_the_address_although_its_person_stays(leaving):
    gone = pd.DataFrame({"person_id": ["p_bo"], "platform": ["crm"], "kind": ["email"]})
    gone = gone.assign(identifier="bo@acme.example")
    silent = leaving._replace(identifiers=pd.concat([leaving.identifiers, gone]))
    rows = {"person_id": ["p_ana", "p_bo", "p_cy"], "email_domain": ["a.example"] * 3}
    kept = without_people(ibis.memtable(rows), silent)
    assert kept.execute()["person_id"].tolist() == ["p_cy"]


def test_who_must_go_goes_from_every_watch_and_from_what_came_in(lake, leaving):
    lake.study = "demo"
    inbox = lake.folder / FOLDER / INBOX
    inbox.mkdir(parents=True)
    (inbox / "a.ndjson").write_text('{"person_id": "p_ana"}\n{"person_id": "p_bo"}\n')
    batch = lake.folder / FOLDER / SPARK / "000000001" / "decisions"
    batch.mkdir(parents=True)
    people = pd.DataFrame({"person_id": ["p_ana", "p_bo"]})
    people.to_parquet(batch / "part-0.parquet")
    assert clear_stream(lake, leaving) == 2
    assert pd.read_parquet(batch / "part-0.parquet")["person_id"].tolist() == ["p_bo"]
    assert "p_ana" not in (inbox / "a.ndjson").read_text()
    with alone(lake.folder / FOLDER / SPARK, "demo"), pytest.raises(DataError, match="running"):
        clear_stream(lake, leaving)
