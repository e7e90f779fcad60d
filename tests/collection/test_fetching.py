"""The command, an answer too large, pages in a circle, and the way to notebook 02."""

import gzip
import json
import os
import stat
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from collection.faults import TOKEN, FakeClock, World, address
from collection.schedules import PATIENCE
from coterie import contracts
from coterie.collection import maps_to_begin_with, requests
from coterie.collection.fetching import fetch_feeds
from coterie.lake import Lake
from coterie.lake.resuming.checkpoints import Checkpoint
from coterie.study import load_study

PARAMETERS = "study: str = 'tiny'  # which\nsource: str = ''  # where\nfiles: list = []  # map\n"
PARAMETERS += "apis: list = []  # APIs"


def fetch(world: World, server, lake: Path, **options) -> tuple:
    """Fetch a world once: the state, and what was said."""
    server.world, said = world, []
    with closing(Checkpoint(lake)) as checkpoint:
        options = {"clock": world.clock.clock(), "patience": PATIENCE} | options
        [state] = fetch_feeds(
            [world.feed(address(server))], checkpoint, tell=said.append, **options
        )
    return state, said


def test_a_day_without_faults_takes_one_request_a_page(faulty, tmp_path):
    world = World(5, FakeClock(), style="link", n=60)
    world.page_size = 5
    state, said = fetch(world, faulty, tmp_path)
    n_pages = -(-len(world.entries) // 5)
    assert (world.n_requests, state.pages) == (n_pages, n_pages)
    assert said[0].startswith("faulty_records: 10 pages, ")
    assert said[-1].startswith(f"faulty_records: complete, {n_pages} pages, 60 records")


def test_pages_that_lead_in_a_circle_end(faulty, tmp_path):
    world = World(1, FakeClock(), style="token", n=30)
    world.page = lambda position, oddity: (world.entries[:3], 3)
    state, said = fetch(world, faulty, tmp_path)
    assert state.reason == "its pages lead in a circle"
    assert "stale since 2027-01-15 08:00 UTC" in said[-1]
    assert world.n_requests < 10


@pytest.mark.parametrize("style", ["link", "url"])
def test_a_token_in_the_address_of_the_next_page_is_not_kept(faulty, tmp_path, style):
    world = World(1, FakeClock(), style=style, n=30)
    world.before = lambda number: setattr(world, "token", TOKEN if number < 2 else "new")
    state, said = fetch(world, faulty, tmp_path)
    assert (
        state.cursor
        == f"{address(faulty)}/records?limit={world.page_size}&cursor=0-{world.page_size}"
    )
    files = [file.read_bytes() for file in (tmp_path / "fetched").iterdir()]
    assert not any(TOKEN.encode() in content for content in files)
    assert TOKEN not in "".join(said)


def test_an_answer_that_is_too_large_ends_the_feed(faulty, tmp_path, monkeypatch):
    monkeypatch.setattr(requests, "LARGEST", 2000)
    world = World(1, FakeClock(), style="token", n=30)
    world.entries = [{"id": str(n), "text": "x" * 900} for n in range(30)]
    state, _ = fetch(world, faulty, tmp_path)
    assert "is larger than" in state.reason
    assert world.n_requests == 1


def test_a_packed_answer_is_measured_unpacked(faulty, tmp_path, monkeypatch):
    monkeypatch.setattr(requests, "LARGEST", 2**20)
    handler = faulty.RequestHandlerClass
    bomb = gzip.compress(b" " * 2**24)
    packed = {"Content-Encoding": "gzip"}
    monkeypatch.setattr(handler, "answer", lambda self, *_: self.send(200, bomb, **packed))
    state, _ = fetch(World(1, FakeClock(), style="token", n=3), faulty, tmp_path)
    assert len(bomb) < 2**15
    assert "is larger than 1 MiB" in state.reason


def test_one_feed_that_fails_does_not_keep_another_from_coming_in(faulty, tmp_path):
    world = faulty.world = World(3, FakeClock(), style="token", n=20)
    good = world.feed(address(faulty), "faulty_good")
    resource = good.resource.model_copy(update={"records": "nowhere"})
    bad = good._replace(name="faulty_bad", resource=resource)
    with closing(Checkpoint(tmp_path)) as checkpoint:
        states = fetch_feeds(
            [bad, good], checkpoint, tell=str, clock=world.clock.clock(), patience=PATIENCE
        )
    assert [state.finished for state in states] == [False, True]
    assert "no list of records at nowhere, 4 times in a row" in states[0].reason


def test_a_refused_token_is_sent_once_and_not_for_every_feed(faulty, tmp_path, monkeypatch):
    monkeypatch.setenv("COTERIE_TEST_TOKEN", "an-old-one")
    world = faulty.world = World(3, FakeClock(), style="token", n=20)
    feeds = [world.feed(address(faulty), f"faulty_{n}") for n in range(4)]
    with closing(Checkpoint(tmp_path)) as checkpoint:
        states = fetch_feeds(feeds, checkpoint, tell=str, clock=world.clock.clock())
    assert world.n_requests == 1
    assert all("COTERIE_TEST_TOKEN" in state.reason for state in states)
    assert not any("an-old-one" in state.reason for state in states)


@pytest.fixture
def study(bare_home, faulty, monkeypatch):
    """A house whose study asks the failing server as if it were a Mastodon."""
    home = bare_home
    monkeypatch.setenv("COTERIE_HOME", str(home.folder))
    monkeypatch.setenv("MASTODON_TOKEN", TOKEN)
    home.notebook("02_sourcing", PARAMETERS, "1 + 1")
    asked = [{"resource": "hashtag", "hashtag": "brightside"}, {"resource": "notifications"}]
    apis = [{"api": "mastodon", "base_url": address(faulty), "resources": asked}]
    settings = {"title": "Tiny", "02_sourcing": {"source": "data/tiny", "apis": apis}}
    home.settings.write_text(yaml.safe_dump(settings))
    return home


def plain_list(handler, world, entries, after):
    """Answer as Mastodon does: a list and nothing around it."""
    return json.dumps([entry for entry in entries if isinstance(entry, dict)]).encode()


def test_the_command_fetches_exports_and_offers_a_map_that_reads_it(study, faulty, monkeypatch):
    monkeypatch.setattr(faulty.RequestHandlerClass, "body", plain_list)
    world = faulty.world = World(3, FakeClock(), style="link", n=20)
    stamp = {"created_at": "2026-01-01T00:00:00Z", "content": "hi", "type": "mention"}
    for entry in world.entries:
        if isinstance(entry, dict):
            entry.update(stamp)
    code, printed = study.coterie("fetch", "tiny")
    assert code == 0, printed
    assert "mastodon_hashtag: complete" in printed
    assert TOKEN not in printed
    fetched = study.lake / "fetched"
    assert stat.S_IMODE((fetched / "mastodon_hashtag.jsonl").stat().st_mode) == 0o600
    entries = yaml.safe_load(maps_to_begin_with(load_study("tiny")))
    assert entries[0]["path"] == "fetched/mastodon_hashtag.jsonl"
    lake = Lake("tiny")
    [posts, events] = lake.read_files(str(study.lake), entries)
    assert posts.rows.count().execute() == 20
    assert set(posts.rows.columns) >= {"account.acct", "id"}
    assert events.rows.count().execute() == 20
    block = load_study("tiny").blocks["02_sourcing"]
    feeds = lake.write(contracts.Feeds, lake.fetched(block["apis"])).to_pandas()
    assert feeds["records"].tolist() == [20, 20]
    assert feeds["complete"].all()


def test_a_partial_outage_is_an_exit_code_and_a_sentence(study, faulty, monkeypatch):
    monkeypatch.setattr(faulty.RequestHandlerClass, "body", plain_list)
    world = faulty.world = World(3, FakeClock(), style="link", n=20)
    world.before = lambda number: setattr(world, "token", TOKEN if number < 3 else "new")
    code, printed = study.coterie("fetch", "tiny")
    assert code == 1
    assert "mastodon_hashtag: stale since" in printed
    assert "MASTODON_TOKEN" in printed
    assert "Traceback" not in printed
    block = load_study("tiny").blocks["02_sourcing"]
    feeds = Lake("tiny").fetched(block["apis"])
    assert feeds["complete"].tolist() == [False, False]
    assert feeds["records"].iloc[0] > 0
    assert os.environ["MASTODON_TOKEN"] not in (study.lake / "fetched" / "feeds.json").read_text()


def test_a_study_without_apis_has_nobody_to_ask(bare_home):
    bare_home.notebook("02_sourcing", PARAMETERS, "1 + 1")
    code, printed = bare_home.coterie("fetch", "tiny")
    assert code == 2
    assert "02_sourcing.apis lists no API" in printed
