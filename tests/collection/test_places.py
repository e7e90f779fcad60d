"""A list for each record of another: comments under every post, posts of every account."""

import json
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from collection.faults import FakeClock, address, serving
from collection.schedules import PATIENCE
from coterie.collection.feeds import study_feeds
from coterie.collection.fetching import as_export, fetch_feeds
from coterie.collection.maps import entry_of
from coterie.lake.resuming.checkpoints import Checkpoint
from coterie.lake.resuming.fetched import export
from coterie.study import SettingsError

POSTS = {f"9_{n}": n for n in range(7)}  # how many comments each has
WANTED = [
    {"resource": "page_feed", "page_id": "9"},
    {"resource": "comments", "post_id": {"each": "page_feed"}},
]


class Graph(BaseHTTPRequestHandler):
    """Answers like Meta's: three records a page; `fails` says which request is answered how.

    Comments under one post are called like those under another, as X calls whoever liked both.
    """

    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with posts, or with the comments under one."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = unquote(parts.path).split("/")[2]
        self.server.world["asked"].append((asked, query.get("after", "")))
        status, content = self.server.world["fails"](asked, query) or (200, None)
        if content is None:
            posts = self.server.world["posts"]
            entries = (
                [{"id": name, "message": "ours"} for name in posts]
                if asked == "9"
                else [{"id": f"{n}", "message": "hm"} for n in range(posts[asked])]
            )
            start = int(query.get("after", 0))
            content = {"data": entries[start : start + 3], "paging": {"cursors": {}}}
            if start + 3 < len(entries):
                content["paging"] = {"cursors": {"after": str(start + 3)}, "next": "there"}
        sent = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)


@pytest.fixture
def graph(tmp_path, monkeypatch):
    """Fetch posts and the comments under each of them from a server on this machine."""
    monkeypatch.setenv("META_TOKEN", "a-token")
    with serving(Graph) as server:

        def play(posts: dict[str, int] = POSTS, fails=lambda asked, query: None):
            server.world = {"asked": [], "posts": posts, "fails": fails}
            wanted = [{"api": "meta", "base_url": address(server), "resources": WANTED}]
            feeds, said = study_feeds(wanted), []
            with closing(Checkpoint(tmp_path)) as checkpoint:
                options = {"tell": said.append, "clock": FakeClock().clock(), "patience": PATIENCE}
                _, state = fetch_feeds(feeds, checkpoint, **options)
                export(checkpoint, map(as_export, feeds))
            lines = (tmp_path / "fetched/meta_comments.jsonl").read_text().splitlines()
            return state, [json.loads(line) for line in lines], server.world["asked"], said

        yield play


def test_comments_under_every_post_come_in_whole_and_say_whose_they_are(graph):
    state, comments, asked, said = graph()
    assert state.finished, state.reason
    found = {(row["post_id"], row["id"]) for row in comments}
    assert found == {(post, f"{n}") for post, many in POSTS.items() for n in range(many)}
    assert len(comments) == sum(POSTS.values())
    assert (
        len(asked) == len(set(asked)) == 3 + sum(max(1, -(-many // 3)) for many in POSTS.values())
    )
    assert "meta_comments: complete, 10 pages, 21 records." in said


def test_an_outage_is_resumed_in_the_middle_of_a_posts_comments(graph):
    state, comments, _, said = graph(
        fails=lambda asked, query: (
            (400, {"error": {"code": 10}}) if (asked, query.get("after")) == ("9_5", "3") else None
        )
    )
    assert not state.finished
    assert len(comments) == 0 + 1 + 2 + 3 + 4 + 3
    assert "stale since" in said[-1]
    state, comments, asked, _ = graph()
    assert state.finished
    assert len(comments) == sum(POSTS.values())
    assert [one for one in asked if one[0] != "9"] == [("9_5", "3"), ("9_6", ""), ("9_6", "3")]


def test_a_post_that_is_gone_is_set_aside_and_the_others_comments_come_in(graph):
    gone = {"error": {"code": 100, "error_subcode": 33}}
    state, comments, _, said = graph(
        fails=lambda asked, query: (400, gone) if asked == "9_4" else None
    )
    assert state.finished
    assert {row["post_id"] for row in comments} == {"9_1", "9_2", "9_3", "9_5", "9_6"}
    assert said[-1].endswith("17 records, 1 entries set aside.")


def test_an_expired_cursor_sends_it_back_to_the_first_page_of_that_post_only(graph):
    expired = []

    def once(asked: str, query: dict) -> tuple | None:
        if asked == "9_6" and query.get("after") == "3" and not expired:
            expired.append(asked)
            return 400, {"error": {"message": "The cursor is invalid"}}
        return None

    state, comments, asked, _ = graph(fails=once)
    assert state.finished
    assert len(comments) == sum(POSTS.values())
    assert [one for one in asked if one[0] == "9_5"] == [("9_5", ""), ("9_5", "3")]
    assert asked.count(("9_6", "")) == 2


def test_comments_wait_until_all_posts_are_known(graph):
    state, comments, asked, said = graph(
        fails=lambda asked, query: (403, {}) if query.get("after") == "3" else None
    )
    assert (comments, {one for one, _ in asked}) == ([], {"9"})
    assert "meta_page_feed, whose records it goes through, is not complete" in said[-1]
    assert not state.finished


def test_progress_says_how_many_posts_are_done(graph):
    *_, said = graph(posts={f"9_{n:02}": 1 for n in range(15)})
    assert "meta_comments: 10 pages, 10 records, 10 of 15 of meta_page_feed so far." in said


def test_without_posts_there_is_nothing_to_ask(graph):
    state, comments, asked, _ = graph(posts={})
    assert (state.finished, state.pages, comments, len(asked)) == (True, 0, [], 1)


@pytest.mark.parametrize(
    "post_id", [{"each": "media"}, {"every": "page_feed"}, {"each": "comments"}, {"each": ["x"]}]
)
def test_what_no_resource_above_gives_is_named(post_id):
    asked = [WANTED[0], {"resource": "comments", "post_id": post_id}]
    with pytest.raises(SettingsError, match=r"resources\[1\].post_id: .*\(page_feed\)"):
        study_feeds([{"api": "meta", "resources": asked}])


def test_an_account_that_fills_a_blank_is_a_column_of_the_map():
    resources = [{"resource": "accounts"}, {"resource": "posts", "repo": {"each": "accounts"}}]
    *_, feed = study_feeds([{"api": "bluesky", "resources": resources}])
    assert entry_of(feed)["columns"]["account"] == "repo"
    assert "repo" in as_export(feed).columns
