"""One random plan of faults after another: a feed is fetched until it is whole, come what may."""

import json
import os
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from collection.faults import TOKEN, FakeClock, Quiet, World, address
from coterie.collection.fetching import as_export, fetch_feeds
from coterie.collection.requests import Patience
from coterie.lake.resuming.checkpoints import Checkpoint, State
from coterie.lake.resuming.fetched import export

PATIENCE = Patience(attempts=4, seconds=0.2)


class Crash(BaseException):
    """The process ends here."""


class Crashing(Checkpoint):
    """A checkpoint whose process may end before, inside and after any transaction."""

    chance = random.Random(0)
    crashes_left = 0

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Do as the real one, or die on the way."""
        moment = self.chance.choice(("before", "inside", "after", *["never"] * 9))
        if moment != "never":
            self.crashes_left -= 1
        moment = "never" if self.crashes_left < 0 else moment
        if moment == "before":
            raise Crash
        with super().transaction() as base:
            yield base
            if moment == "inside":
                raise Crash
        if moment == "after":
            raise Crash

    def hold(self, feed: str, not_before: float) -> None:
        """Do as the real one: who dies before this can know of no wait, nor who comes after."""
        left, self.crashes_left = self.crashes_left, 0
        super().hold(feed, not_before)
        self.crashes_left = left


class Outcome(NamedTuple):
    """How a schedule ended."""

    lost: int
    doubled: int
    changed: int  # records that do not equal what the server holds
    dead_wrong: int  # entries that were no record and are not in the dead letters, or twice
    runs: int
    requests: int
    faults: int
    crashes: int
    outages: int
    too_soon: int  # requests sent before the server allowed them
    leaks: int  # places that hold the token


def run_schedule(seed: int, server: Quiet, lake: Path) -> Outcome:
    """Fetch one world until it is whole, and compare."""
    chance = random.Random(seed)
    clock = FakeClock()
    world = server.world = World(seed, clock)
    world.faults_left = chance.randint(0, 40)
    crashes = crashes_left = chance.randint(0, 4)
    feed, said = world.feed(address(server)), []
    runs = outages = 0
    state: State | None = None
    while not (state and state.finished):
        runs += 1
        assert runs < 100, f"schedule {seed} never ends"
        os.environ["COTERIE_TEST_TOKEN"] = world.token  # somebody renews it between two runs
        with closing(Crashing(lake)) as checkpoint:
            checkpoint.chance, checkpoint.crashes_left = chance, crashes_left
            try:
                [state] = fetch_feeds(
                    [feed], checkpoint, tell=said.append, clock=clock.clock(), patience=PATIENCE
                )
                outages += not state.finished
            except Crash:
                state = None
            crashes_left = max(0, checkpoint.crashes_left)
        if state and not state.finished:
            before = world.n_requests
            assert state.not_before < clock.time + 900 or not asked_again(feed, lake, clock, world)
            assert state.not_before < clock.time + 900 or world.n_requests == before
            clock.time = max(clock.time, state.not_before)
    return compared(world, feed, lake, said)._replace(
        runs=runs, crashes=crashes - crashes_left, outages=outages
    )


def asked_again(feed, lake: Path, clock: FakeClock, world: World) -> bool:
    """Say whether a fetch before the time that the server named sends anything."""
    before = world.n_requests
    with closing(Checkpoint(lake)) as checkpoint:
        fetch_feeds([feed], checkpoint, tell=str, clock=clock.clock(), patience=PATIENCE)
    return world.n_requests != before


def compared(world: World, feed, lake: Path, said: list[str]) -> Outcome:
    """Compare what was kept and exported with what the server holds."""
    with closing(Checkpoint(lake)) as checkpoint:
        export(checkpoint, [as_export(feed)])
        letters = checkpoint.base.execute("select body from dead_letters").fetchall()
        kept = [json.loads(body) for body in checkpoint.bodies(feed.name)]
    lines = (lake / "fetched" / f"{feed.name}.jsonl").read_text().splitlines()
    names = [json.loads(line)["id"] for line in lines]
    there = {entry["id"]: entry for entry in world.entries if is_record(entry)}
    files = [file.read_bytes() for file in (lake / "fetched").iterdir()]
    dead = sorted(body for (body,) in letters)
    return Outcome(
        lost=len(set(world.originals) - set(names)),
        doubled=len(names) - len(set(names)),
        changed=sum(there.get(record["id"]) != record for record in kept),
        dead_wrong=dead != sorted(json.dumps(entry, sort_keys=True) for entry in world.poison),
        runs=0,
        requests=world.n_requests,
        faults=sum(n for fault, n in world.seen.items() if fault != "well"),
        crashes=0,
        outages=0,
        too_soon=len(world.too_soon),
        leaks=sum(TOKEN.encode() in text for text in (*files, "".join(said).encode())),
    )


def is_record(entry: object) -> bool:
    """Say whether an entry is a record of the world, and no poison."""
    return isinstance(entry, dict) and "account" in entry
