"""Exchanges recorded with a real Mastodon server, replayed: what was there is what is kept."""

import json
import re
from collections import defaultdict
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from collection.faults import FakeClock, address, serving
from coterie.collection.feeds import study_feeds
from coterie.collection.fetching import fetch_feeds
from coterie.lake.resuming.checkpoints import Checkpoint

RECORDED = "http://localhost:3000"
PLACES = {
    "statuses": re.compile(r"/api/v1/accounts/(\d+)/statuses"),
    "followers": re.compile(r"/api/v1/accounts/(\d+)/followers"),
    "following": re.compile(r"/api/v1/accounts/(\d+)/following"),
    "hashtag": re.compile(r"/api/v1/timelines/tag/(\w+)"),
    "notifications": re.compile(r"/api/v1/notifications"),
}
BLANKS = {"hashtag": "hashtag", "notifications": ""}


class Replay(BaseHTTPRequestHandler):
    """Answers with what was recorded, and with 500 where nothing was."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer one request as the real server did."""
        found = self.server.world.get(place_of(self.path))
        status, headers, body = (500, {}, "{}") if found is None else found
        body = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value.replace(RECORDED, address(self.server)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def place_of(uri: str) -> tuple[str, str]:
    """Say which page is asked for, whatever its size."""
    parts = urlsplit(uri)
    return parts.path, parse_qs(parts.query).get("max_id", [""])[0]


def recorded_pages(file: Path) -> dict[tuple[str, str], tuple[int, dict, str]]:
    """Read the lists that one recording holds, the first answer of each page."""
    pages: dict[tuple[str, str], tuple[int, dict, str]] = {}
    for one in json.loads(file.read_text()):
        query = urlsplit(one["uri"]).query
        kind = any(place.fullmatch(urlsplit(one["uri"]).path) for place in PLACES.values())
        if one["method"] == "GET" and kind and not re.search("min_id|since_id", query):
            headers = {name: values[0] for name, values in one["headers"].items()}
            answer = (one["status"], headers, json.dumps(one["json"]))
            pages.setdefault(place_of(one["uri"]), answer)
    return pages


def truth(pages: dict, path: str) -> tuple[set[str], int, bool]:
    """Follow a list by hand: its ids, its recorded pages, and whether the last one was recorded."""
    ids, n, place = set(), 0, (path, "")
    while place in pages:
        _, headers, body = pages[place]
        ids |= {one["id"] for one in json.loads(body)}
        n += 1
        following = re.search(r'<([^>]+)>; rel="next"', headers.get("link", ""))
        if not following:
            return ids, n, True
        place = place_of(following[1])
    return ids, n, False


def wanted(path: str) -> dict[str, str]:
    """Write what a study's settings would say to ask for a recorded list."""
    for resource, place in PLACES.items():
        if found := place.fullmatch(path):
            blank = BLANKS.get(resource, "account_id")
            return {"resource": resource} | ({blank: found[1]} if blank else {})
    raise AssertionError(path)


def replayed(pages: dict, lake: Path, server) -> list[tuple[str, str, set[str], int, bool]]:
    """Fetch every recorded list: its path, feed, ids, pages and whether it is complete."""
    server.world = pages
    paths = [path for path, max_id in pages if not max_id]
    asked = [wanted(path) | {"called": f"list_{n}"} for n, path in enumerate(paths)]
    feeds = study_feeds([{"api": "mastodon", "base_url": address(server), "resources": asked}])
    with closing(Checkpoint(lake)) as checkpoint:
        clock = FakeClock().clock()
        states = fetch_feeds(feeds, checkpoint, tell=str, clock=clock)
        ids = [
            {json.loads(body)["id"] for body in checkpoint.bodies(state.feed)} for state in states
        ]
    return [
        (path, state.feed, found, state.pages, state.finished)
        for path, state, found in zip(paths, states, ids, strict=True)
    ]


def test_every_recorded_list_is_read_to_its_recorded_end(real_data, tmp_path):
    counts: dict[str, int] = defaultdict(int)
    with serving(Replay) as server:
        for file in sorted(real_data("api/mastodon").glob("*.json")):
            pages = recorded_pages(file)
            if not any(not max_id for _, max_id in pages):
                continue
            for path, _, ids, n_pages, finished in replayed(pages, tmp_path / file.stem, server):
                assert (ids, n_pages, finished) == truth(pages, path), (file.name, path)
                counts["lists"] += 1
                counts["pages"] += n_pages
                counts["records"] += len(ids)
                counts["complete"] += finished
    print(f"\n{dict(counts)}")
    assert dict(counts) == {"lists": 10, "pages": 19, "records": 97, "complete": 4}


def test_a_list_of_several_pages_is_whole(real_data, tmp_path):
    pages = recorded_pages(real_data("api/mastodon/test_pagination_iterator.json"))
    with serving(Replay) as server:
        [(_, _, ids, n_pages, finished)] = replayed(pages, tmp_path, server)
    assert (len(ids), n_pages, finished) == (30, 4, True)
