"""Bluesky's own server: what people did through its API is read back, all of it, once.

COTERIE_PDS names a folder whose node_modules hold @atproto/dev-env; without it the test is skipped.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from coterie.collection.feeds import study_feeds
from coterie.collection.fetching import fetch_feeds
from coterie.lake.resuming.checkpoints import Checkpoint

pytestmark = pytest.mark.slow
PEOPLE = ("ana", "bob", "cem", "dee", "eli")
SOME_CID = (
    "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"  # nobody looks what it is of
)
N_POSTS, N_LIKES = 230, 120  # by the first of them: three pages, two pages


@pytest.fixture(scope="module")
def pds() -> Iterator[str]:
    """The address of a server of its own, on this machine only."""
    folder = os.environ.get("COTERIE_PDS", "")
    if not (folder and shutil.which("node") and (Path(folder) / "node_modules").is_dir()):
        pytest.skip("no node, or COTERIE_PDS names no folder with @atproto/dev-env")
    command = ["node", str(Path(__file__).with_name("pds.mjs")), folder]
    environment = os.environ | {"LOG_ENABLED": "false", "NODE_NO_WARNINGS": "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        lines = iter(process.stdout.readline, "")
        port = next(json.loads(line)["port"] for line in lines if line.startswith('{"port"'))
        yield f"http://127.0.0.1:{port}"
        process.stdin.close()
        process.wait(30)


class Person:
    """Somebody with an account, who writes records."""

    def __init__(self, server: str, name: str) -> None:
        self.client = httpx.Client(base_url=f"{server}/xrpc", timeout=60)
        account = {"handle": f"{name}.test", "email": f"{name}@example.org", "password": name * 4}
        made = self.client.post("/com.atproto.server.createAccount", json=account)
        made.raise_for_status()
        self.did = made.json()["did"]
        self.client.headers["Authorization"] = f"Bearer {made.json()['accessJwt']}"

    def write(self, collection: str, values: list[dict]) -> list[str]:
        """Write many records of one kind; return their addresses."""
        found = []
        for start in range(0, len(values), 100):
            writes = [
                {
                    "$type": "com.atproto.repo.applyWrites#create",
                    "collection": collection,
                    "value": {"$type": collection, "createdAt": "2026-06-01T12:00:00.000Z"} | value,
                }
                for value in values[start : start + 100]
            ]
            answer = self.client.post(
                "/com.atproto.repo.applyWrites", json={"repo": self.did, "writes": writes}
            )
            answer.raise_for_status()
            found += [one["uri"] for one in answer.json()["results"]]
        return found


@pytest.fixture(scope="module")
def truth(pds) -> dict[str, set[str]]:
    """What everybody did, by the feed it must come back in."""
    people = [Person(pds, name) for name in PEOPLE]
    posts, done = {}, {"bluesky_accounts": {person.did for person in people}}
    for number, person in enumerate(people):
        n = N_POSTS if number == 0 else 7 * number
        words = [{"text": f"post {one} of {PEOPLE[number]} 🙂 naïve"} for one in range(n)]
        posts[person.did] = person.write("app.bsky.feed.post", words)
        done[f"bluesky_posts_{PEOPLE[number]}"] = set(posts[person.did])
    for number, person in enumerate(people):
        others = [one.did for one in people if one is not person][: number + 1]
        follows = person.write("app.bsky.graph.follow", [{"subject": did} for did in others])
        done[f"bluesky_follows_{PEOPLE[number]}"] = set(follows)
        n = N_LIKES if number == 1 else number
        liked = [uri for did in others for uri in posts[did]][:n]
        subjects = [{"subject": {"uri": uri, "cid": SOME_CID}} for uri in liked]
        likes = person.write("app.bsky.feed.like", subjects) if subjects else []
        done[f"bluesky_likes_{PEOPLE[number]}"] = set(likes)
    return done


def feeds_of(pds: str) -> list:
    """Ask for everything that everybody did."""
    resources = [{"resource": "accounts"}]
    for resource in ("posts", "likes", "follows"):
        resources += [
            {"resource": resource, "repo": f"{name}.test", "called": f"{resource}_{name}"}
            for name in PEOPLE
        ]
    return study_feeds([{"api": "bluesky", "base_url": pds, "resources": resources}])


def kept(checkpoint: Checkpoint, feed) -> list[str]:
    """Name the records that were kept."""
    return [json.loads(body)[feed.resource.id] for body in checkpoint.bodies(feed.name)]


def test_accounts_posts_follows_and_likes_come_back_complete(pds, truth, tmp_path, monkeypatch):
    monkeypatch.delenv("BLUESKY_TOKEN", raising=False)
    feeds = feeds_of(pds)
    with closing(Checkpoint(tmp_path)) as checkpoint:
        states = fetch_feeds(feeds, checkpoint, tell=str)
        found = {feed.name: kept(checkpoint, feed) for feed in feeds}
    assert all(state.finished for state in states)
    assert {name: len(ids) for name, ids in found.items()} == {
        name: len(ids) for name, ids in truth.items()
    }
    assert {name: set(ids) for name, ids in found.items()} == truth
    pages = {state.feed: state.pages for state in states}
    assert (pages["bluesky_posts_ana"], pages["bluesky_likes_bob"]) == (4, 3)  # the last is empty
    kinds = ("accounts", "posts", "follows", "likes")
    counts = {kind: sum(len(found[n]) for n in found if f"_{kind}" in n) for kind in kinds}
    print(f"\n{counts}, {sum(pages.values())} pages, {len(feeds)} feeds")


def test_a_cursor_that_the_server_does_not_know_begins_again_and_doubles_nothing(
    pds, truth, tmp_path, monkeypatch
):
    monkeypatch.delenv("BLUESKY_TOKEN", raising=False)
    [feed] = [feed for feed in feeds_of(pds) if feed.name == "bluesky_posts_ana"]
    with closing(Checkpoint(tmp_path)) as checkpoint:
        state = checkpoint.begin(feed.name, feed.key, now=0.0)
        checkpoint.commit(state, [], [], cursor="nobody-knows-this")
        [state] = fetch_feeds([feed], checkpoint, tell=str)
        found = kept(checkpoint, feed)
    assert state.finished
    assert (len(found), set(found)) == (N_POSTS, truth[feed.name])
