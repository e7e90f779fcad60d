"""One request: sent with patience and in its turn, and answered in full.

What passes (a limit, a server that stumbles, an answer cut short) is tried again; what does not (a
token that is refused, a page that is not there) is said at once.
"""

from collections.abc import Callable
from typing import NamedTuple

import httpx
import tenacity

from coterie.collection import limits
from coterie.collection.addressing import parts_of
from coterie.collection.answers import Answer, at_path, parsed
from coterie.collection.feeds import Feed
from coterie.collection.refusals import Outage, Passing, refused

LARGEST = 32 * 2**20  # bytes of one answer, unpacked
ATTEMPTS = 6


class Clock(NamedTuple):
    """The time, and how to wait; tests bring their own."""

    now: Callable[[], float]  # seconds since 1970
    sleep: Callable[[float], None]
    max_wait: float = 900.0  # seconds; a longer wait ends the fetch instead, and is not shortened


class Patience(NamedTuple):
    """How long one request may take."""

    attempts: int = ATTEMPTS
    seconds: float = 30.0  # to connect, and between two pieces of an answer
    in_all: float = 300.0  # seconds for one answer
    first_pause: float = 1.0  # doubled at every attempt, with a random share


PATIENCE = Patience()


class Ledger(NamedTuple):
    """What must outlive this process."""

    spend: Callable[[Feed], None]  # counts a request against the daily quota, or refuses it
    hold: Callable[[Feed, float], None]  # keeps the moment before which nothing may be sent


class Sender:
    """Sends requests to one API, never sooner than it allows."""

    def __init__(
        self, client: httpx.Client, clock: Clock, *, ledger: Ledger, patience: Patience = PATIENCE
    ) -> None:
        self.client, self.clock, self.ledger, self.patience = client, clock, ledger, patience
        self.ready_at = 0.0

    def fetch(self, feed: Feed, cursor: str, read: Callable[[Answer], object]) -> object:
        """Return what `read` makes of the answer, trying again while what is wrong may pass."""
        pause = tenacity.wait_exponential_jitter(self.patience.first_pause, max=60, jitter=1)
        attempts = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.patience.attempts),
            wait=pause,
            retry=tenacity.retry_if_exception_type(Passing),
            sleep=self.clock.sleep,
            reraise=True,
        )
        try:
            return attempts(lambda: read(self.once(feed, cursor)))
        except Passing as last:
            raise Outage(f"{last}, {self.patience.attempts} times in a row") from None

    def once(self, feed: Feed, cursor: str) -> Answer:
        """Send one request when it may be sent, and read its answer."""
        self.wait_for_turn()
        request = self.client.build_request(**parts_of(feed, cursor))
        self.ledger.spend(feed)
        try:
            return self.answered(feed, request, cursor)
        except httpx.TimeoutException:
            raise Passing("it did not answer in time") from None
        except httpx.HTTPError as error:  # the message may hold the address
            raise Passing(f"the connection failed ({type(error).__name__})") from None

    def wait_for_turn(self) -> None:
        """Wait until the API may be asked again; a wait that is too long is an outage."""
        seconds = self.ready_at - self.clock.now()
        if seconds > self.clock.max_wait:
            raise Outage(
                f"it asks to wait {seconds:,.0f} seconds, more than {self.clock.max_wait:,.0f}"
            )
        if seconds > 0:
            self.clock.sleep(seconds)

    def answered(self, feed: Feed, request: httpx.Request, cursor: str) -> Answer:
        """Read an answer, note when the next request may be sent, and judge its status."""
        response = self.client.send(request, stream=True)
        try:
            text = self.whole_text(response)
        finally:
            response.close()
        now = self.clock.now()
        wait = limits.used_up(response.headers, feed.declaration.limits, now=now)
        if not response.is_success:
            wait = max(wait, limits.retry_after(response.headers, now=now))
        self.hold(feed, now + wait)
        known = feed.declaration.refusals
        if not response.is_success:
            raise refused(feed, response.status_code, text, cursor=cursor, now=now)
        content = parsed(text)
        if known.fine_at and str(at_path(content, known.fine_at)) != known.fine:
            raise refused(feed, response.status_code, text, cursor=cursor, now=now)
        return Answer(str(request.url), content, response.links.get("next", {}).get("url", ""))

    def hold(self, feed: Feed, not_before: float) -> None:
        """Send nothing before a moment, not even from another process."""
        if not_before > max(self.ready_at, self.clock.now()):
            self.ready_at = not_before
            self.ledger.hold(feed, not_before)

    def whole_text(self, response: httpx.Response) -> str:
        """Read an answer to its end, unless it is too long or takes too long."""
        began, pieces, size = self.clock.now(), [], 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST:
                raise Outage(
                    f"an answer is larger than {LARGEST // 2**20} MiB; ask for less a page"
                )
            if self.clock.now() - began > self.patience.in_all:
                raise Passing("its answer never ended")
        return b"".join(pieces).decode("utf-8", "replace")
