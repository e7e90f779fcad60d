"""A server on this machine that fails in every way an API does, by a seeded plan, and keeps watch.

It notes whether anybody asks sooner than it allowed, and what it would have had to be told.
"""

import json
import math
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from coterie.collection.declarations import Auth, Declaration
from coterie.collection.feeds import Feed
from coterie.collection.requests import Clock

STYLES = ("token", "link", "url", "page", "offset")
TOKEN = "tok-3n-that-must-not-leak"
POISON = (None, "a word", 17, [], {"text": "nobody"}, {"id": None}, {"id": True}, {"id": {"a": 1}})
POISON += ({"id": ""}, {"id": 1.5}, {"id": "two\nlines"})
REFUSALS = ("429 seconds", "429 date", "500", "503 seconds", "slow", "cut off", "half JSON")
REFUSALS += ("hang up", "HTML", "no list", "no budget left")
ODDITIES = ("shuffled", "doubled", "overlap", "page again", "grown", "empty page")
DECLARATION = {
    "title": "A server that fails",
    "docs": "this file",
    "auth": {"variable": "COTERIE_TEST_TOKEN"},
    "limits": {"remaining": "RateLimit-Remaining", "reset": "RateLimit-Reset"},
    "refusals": {"cursor": [400, 410], "cursor_says": "stale cursor"},
}
PAGING = {
    "token": {"style": "token", "at": "meta.next", "send": "cursor", "size": "limit"},
    "link": {"style": "link", "size": "limit"},
    "url": {"style": "url", "at": "meta.next", "size": "limit"},
    "page": {"style": "page", "send": "page", "first": 1, "size": "limit"},
    "offset": {"style": "offset", "send": "offset", "size": "limit"},
}


class FakeClock:
    """A clock that moves only when somebody waits."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.time += seconds

    def clock(self, max_wait: float = 900.0) -> Clock:
        """Give what the library takes."""
        return Clock(lambda: self.time, self.sleep, max_wait)


class World:
    """What the server holds, and its plan of faults."""

    def __init__(self, seed: int, clock: FakeClock, *, style: str = "", n: int = 0) -> None:
        self.random = random.Random(seed)
        self.clock = clock
        self.style = style or self.random.choice(STYLES)
        self.page_size = self.random.randint(3, 9)
        n = n or self.random.choice((0, 1, *range(10, 90, 2)))
        self.entries: list[object] = [self.record(number) for number in range(n)]
        self.originals = [entry["id"] for entry in self.entries]
        self.poison = self.random.sample(POISON, self.random.randint(0, 4))
        for entry in self.poison:
            self.entries.insert(self.random.randint(0, len(self.entries)), entry)
        self.faults_left = 0
        self.slow_left = 2
        self.generation = 0
        self.token = TOKEN
        self.not_before = 0.0
        self.too_soon: list[float] = []
        self.seen: Counter[str] = Counter()
        self.n_requests = 0
        self.before: Callable[[int], object] = lambda _: None  # a test's own mischief
        self.after: Callable[[int], object] = lambda _: None

    def record(self, number: int | str) -> dict:
        """Make one record, with text that is easily broken on the way."""
        text = self.random.choice(["plain", "naïve 🙂", 'quo"te\n', "\u0000", "زهرة"])
        return {"id": f"r{number}", "text": text, "account": {"acct": f"a{number}", "bot": False}}

    def feed(self, base_url: str, name: str = "faulty_records") -> Feed:
        """Declare this world as an API."""
        resource = {"path": "/records", "page_size": self.page_size, "records": "data", "id": "id"}
        made = Declaration.model_validate(
            DECLARATION | {"paging": PAGING[self.style], "resources": {"records": resource}}
        )
        auth = Auth(variable="COTERIE_TEST_TOKEN")
        return Feed("faulty", name, base_url, auth, made, made.resources["records"], {}, "records")

    def position(self, query: dict[str, str]) -> int | None:
        """Find where the page that is asked for begins; nothing when its cursor is stale."""
        if self.style == "page":
            return (int(query.get("page", 1)) - 1) * self.page_size
        if self.style == "offset":
            return int(query.get("offset", 0))
        cursor = query.get("cursor", f"{self.generation}-0")
        generation, position = map(int, cursor.split("-"))
        return position if generation == self.generation else None

    def page(self, position: int, oddity: str) -> tuple[list, int | None]:
        """Cut a page, and say where the next begins."""
        if oddity == "grown":
            self.entries.insert(0, self.record(f"new{self.n_requests}"))
        if oddity == "empty page" and self.style in ("token", "link", "url"):
            return [], position
        start = position
        if oddity == "overlap":
            start = max(0, position - 2)
        entries = self.entries[start : position + self.page_size]
        if oddity == "page again":
            entries = self.entries[max(0, position - self.page_size) : position] + entries
        if oddity == "doubled":
            entries = entries + entries
        if oddity == "shuffled":
            entries = self.random.sample(entries, len(entries))
        after = position + self.page_size
        return entries, after if after < len(self.entries) else None


class Handler(BaseHTTPRequestHandler):
    """Answers for the world that the server holds at the moment."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *words: object) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Go by the world's clock."""
        return formatdate(self.server.world.clock.time, usegmt=True)

    def do_GET(self) -> None:
        """Answer one request, or fail to."""
        world: World = self.server.world
        with self.server.lock:
            world.n_requests += 1
            number = world.n_requests
            if world.clock.time < world.not_before - 1e-6:
                world.too_soon.append(world.not_before - world.clock.time)
            fault = self.planned(world)
            world.seen[fault] += 1
        world.before(number)
        self.answer(world, fault)
        self.wfile.flush()
        world.after(number)

    def planned(self, world: World) -> str:
        """Choose what goes wrong with this request."""
        if world.faults_left <= 0 or world.random.random() > 0.45:
            return "well"
        world.faults_left -= 1
        fault = world.random.choice((*REFUSALS, *ODDITIES, "stale cursor", "token", "long wait"))
        if fault == "slow":
            world.slow_left -= 1
        return "500" if fault == "slow" and world.slow_left < 0 else fault

    def answer(self, world: World, fault: str) -> None:
        """Answer well, oddly or badly."""
        if fault == "token":
            world.token = f"{TOKEN}-{world.n_requests}"
        if fault == "stale cursor":
            world.generation += 1
        if self.headers.get("Authorization") != f"Bearer {world.token}":
            self.send(401, b'{"error": "expired token"}')
            return
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        position = world.position(query)
        if position is None:
            self.send(400, b'{"error": "stale cursor"}')
        elif fault in REFUSALS or fault == "long wait":
            self.fail(world, fault, position)
        else:
            entries, after = world.page(position, fault)
            self.send_page(world, entries, after)

    def fail(self, world: World, fault: str, position: int) -> None:
        """Fail in one of the ways there are."""
        seconds = world.random.randint(1, 90)
        if fault == "long wait":
            seconds = 5000
        entries, after = world.page(position, "")
        whole = self.body(world, entries, after)
        if fault in ("429 seconds", "503 seconds", "long wait"):
            world.not_before = world.clock.time + seconds
            self.send(
                int(fault[:3]) if fault[:3].isdigit() else 429,
                b"{}",
                **{"Retry-After": f"{seconds}"},
            )
        elif fault == "429 date":
            until = math.ceil(world.clock.time) + seconds
            world.not_before = until - 1.0  # dates are in whole seconds, on both sides
            self.send(429, b"slow down", **{"Retry-After": formatdate(until, usegmt=True)})
        elif fault == "no budget left":
            world.not_before = math.ceil(world.clock.time) + seconds - 1.0
            reset = str(math.ceil(world.clock.time) + seconds)
            budget = {"RateLimit-Remaining": "0", "RateLimit-Reset": reset}
            self.send_page(world, entries, after, **budget)
        elif fault == "500":
            self.send(500, b"<h1>oops</h1>")
        elif fault == "slow":
            time.sleep(0.35)
            self.close_connection = True
        elif fault == "hang up":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "cut off":
            self.close_connection = True
            self.send(200, whole[: len(whole) // 2], **{"Content-Length": str(len(whole))})
        elif fault == "half JSON":
            self.send(200, whole[: len(whole) // 2])
        elif fault == "HTML":
            self.send(200, b"<html>maintenance</html>")
        elif fault == "no list":
            self.send(200, b'{"meta": {}}')

    def body(self, world: World, entries: list, after: int | None) -> bytes:
        """Write a page."""
        content = {"data": entries, "meta": {}}
        if after is not None and world.style == "token":
            content["meta"]["next"] = f"{world.generation}-{after}"
        if after is not None and world.style == "url":
            content["meta"]["next"] = self.next_address(world, after)
        return json.dumps(content).encode()

    def next_address(self, world: World, after: int) -> str:
        """Write the address of the next page, with a token in it as some vendors do."""
        host, port = self.server.server_address
        cursor = f"cursor={world.generation}-{after}&access_token={TOKEN}"
        return f"http://{host}:{port}/records?limit={world.page_size}&{cursor}"

    def send_page(self, world: World, entries: list, after: int | None, **headers: str) -> None:
        """Send a page that is as it should be."""
        if after is not None and world.style == "link":
            headers["Link"] = f'<{self.next_address(world, after)}>; rel="next", <x>; rel="prev"'
        self.send(200, self.body(world, entries, after), **headers)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Quiet(ThreadingHTTPServer):
    """A server whose clients may vanish."""

    daemon_threads = True
    world: World

    def handle_error(self, *request: object) -> None:
        """Say nothing: clients that are killed hang up."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[Quiet]:
    """Run a server on this machine's own address."""
    server = Quiet(("127.0.0.1", 0), handler)
    server.lock = threading.Lock()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address(server: Quiet) -> str:
    """Write a server's address."""
    return f"http://127.0.0.1:{server.server_address[1]}"
