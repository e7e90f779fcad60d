"""Page by page into the checkpoint: resumed where it stopped, until the last page or an outage."""

import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, partial

import httpx

from coterie.collection import limits
from coterie.collection.feeds import Feed, study_feeds
from coterie.collection.paging import Page, read_page
from coterie.collection.places import Place, Walk, walk_of
from coterie.collection.refusals import CursorExpired, Gone, Outage, TokenRefused, quota_spent
from coterie.collection.requests import PATIENCE, Clock, Ledger, Patience, Sender
from coterie.lake.ownership.claims import claimed_folder
from coterie.lake.resuming.checkpoints import Checkpoint, State
from coterie.lake.resuming.fetched import Export, export
from coterie.study import SettingsError, Study, source_of

ROUNDS = 3  # how often a cursor may come back, and expire, in one fetch
EVERY = 10  # pages between two lines of progress
LONG = 5.0  # seconds of waiting that are worth a line

Tell = Callable[[str], object]
CLOCK = Clock(time.time, time.sleep)


def fetch_study(
    study: Study, *, tell: Tell, clock: Clock = CLOCK, patience: Patience = PATIENCE
) -> list[State]:
    """Fetch all that a study's settings list under `02_sourcing.apis`, and export it as files.

    Raises
    ------
    SettingsError
        When nothing is listed, or something wrong.
    """
    feeds = study_feeds(study.blocks["02_sourcing"].get("apis", []))
    if not feeds:
        raise SettingsError(
            f"{study.file}: 02_sourcing.apis lists no API, so there is none to ask."
        )
    lake = claimed_folder(study.lake, study.name, source=source_of(study))
    with closing(Checkpoint(lake)) as checkpoint:
        for feed in feeds:
            checkpoint.begin(feed.name, feed.key, now=clock.now())
        try:
            return fetch_feeds(feeds, checkpoint, tell=tell, clock=clock, patience=patience)
        finally:
            export(checkpoint, map(as_export, feeds))


def as_export(feed: Feed) -> Export:
    """Name a feed's file and the columns that its ready map reads."""
    paths = [path for path in feed.columns.values() if not path.startswith("=")]
    return Export(feed.api, feed.name, tuple(paths), tuple(feed.resource.markup))


def fetch_feeds(
    feeds: Iterable[Feed],
    checkpoint: Checkpoint,
    *,
    tell: Tell,
    clock: Clock = CLOCK,
    patience: Patience = PATIENCE,
) -> list[State]:
    """Fetch feeds one after the other; one that fails does not keep the others from coming in."""
    states, senders, refused = [], {}, {}
    clock = clock._replace(sleep=partial(wait, clock.sleep, tell))
    ledger = Ledger(
        spend=partial(spend_units, checkpoint, clock=clock),
        hold=lambda feed, moment: checkpoint.hold(feed.name, moment),
    )
    options = {"timeout": patience.seconds, "follow_redirects": False, "verify": verified()}
    with httpx.Client(**options) as client:
        for feed in feeds:
            sender = Sender(client, clock, ledger=ledger, patience=patience)
            sender = senders.setdefault(limited_together(feed), sender)
            state = checkpoint.begin(feed.name, feed.key, now=clock.now())
            sender.ready_at = max(sender.ready_at, state.not_before)
            token = (feed.base_url, feed.auth.variable)
            try:
                if token in refused:
                    raise refused[token]
                state = fetch_feed(feed, checkpoint, sender, tell=tell)
            except Outage as outage:
                if isinstance(outage, TokenRefused):
                    refused[token] = outage
                sender.hold(feed, clock.now() + outage.wait)
                state = checkpoint.interrupt(feed.name, outage.reason)
            tell(in_words(state, checkpoint))
            states.append(state)
    return states


@cache
def verified() -> ssl.SSLContext:
    """Make what checks a server's certificate, once a process: reading the authorities is slow."""
    return httpx.create_ssl_context()


def wait(sleep: Callable[[float], None], tell: Tell, seconds: float) -> None:
    """Wait, and say so where somebody might wonder."""
    if seconds >= LONG:
        tell(f"waiting {seconds:,.0f} seconds before the API is asked again.")
    sleep(seconds)


def limited_together(feed: Feed) -> tuple[str, ...]:
    """Say which feeds share a limit: all of one API, unless each resource has its own."""
    own = feed.name if feed.declaration.limits.one_a_resource else ""
    return feed.base_url, feed.auth.variable, own


def fetch_feed(feed: Feed, checkpoint: Checkpoint, sender: Sender, *, tell: Tell) -> State:
    """Fetch a feed from where it stopped to its last page.

    An expired cursor sends it back to the first page of its list, the one place that is always
    safe: what is kept already stays and is not doubled.

    Raises
    ------
    Outage
        Naming why it ended before.
    """
    state = checkpoint.state(feed.name)
    walk = walk_of(feed, checkpoint)
    if not walk.records:
        return checkpoint.commit(state, [], [], cursor=None, pages=0)  # nothing to ask for
    seen: Counter[str] = Counter()
    n_expired = 0
    while not state.finished:
        place = walk.place(state.cursor)
        try:
            page = read_place(walk, place, sender)
        except CursorExpired as expired:
            state = checkpoint.restart(state, cursor=walk.cursor(place._replace(cursor="")))
            seen.clear()
            n_expired += 1
            if n_expired > ROUNDS:
                raise
            tell(f"{feed.name}: {expired.reason}; it begins again at the first page.")
            continue
        cursor = walk.following(place, page.cursor)
        seen[cursor or ""] += 1
        if seen[cursor or ""] > ROUNDS:
            checkpoint.restart(state)
            raise Outage("its pages lead in a circle")
        state = checkpoint.commit(state, page.records, page.dead, cursor=cursor)
        if state.pages % EVERY == 0 and not state.finished:
            tell(f"{feed.name}: {counted(state, checkpoint)}{walk.progress(place)} so far.")
    return state


def read_place(walk: Walk, place: Place, sender: Sender) -> Page:
    """Fetch one page; of a list among many that is not there, say so in its place."""
    feed = walk.asked(place)
    try:
        page = sender.fetch(feed, place.cursor, partial(read_page, feed, cursor=place.cursor))
    except Gone as gone:
        if not feed.each:
            raise
        return walk.without(place, gone.reason)
    return walk.kept(page, place)


def spend_units(checkpoint: Checkpoint, feed: Feed, *, clock: Clock) -> None:
    """Count a request against the daily quota before it is sent."""
    quota, now = feed.declaration.quota, clock.now()
    if quota and not checkpoint.spend(
        f"{feed.api} {feed.auth.variable}",
        limits.day_of(now, quota.time_zone),
        feed.resource.units,
        at_most=quota.units,
    ):
        raise quota_spent(feed, now)


def in_words(state: State, checkpoint: Checkpoint) -> str:
    """Say how a feed ended."""
    if state.finished:
        return f"{state.feed}: complete, {counted(state, checkpoint)}."
    return (
        f"{state.feed}: stale since {moment(state.stale_since)}, because {state.reason}; "
        f"{counted(state, checkpoint)} stay, and the next fetch goes on there."
    )


def counted(state: State, checkpoint: Checkpoint) -> str:
    """Count pages, records and what was no record."""
    n_records = checkpoint.count("records", state.feed)
    n_dead = checkpoint.count("dead_letters", state.feed)
    dead = f", {n_dead:,} entries set aside" if n_dead else ""
    return f"{state.pages:,} pages, {n_records:,} records{dead}"


def moment(seconds: float | None) -> str:
    """Write a time for a sentence.

    >>> moment(0)
    '1970-01-01 00:00 UTC'
    """
    return f"{datetime.fromtimestamp(seconds or 0, UTC):%Y-%m-%d %H:%M} UTC"
