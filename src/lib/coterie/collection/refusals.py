"""What a refusal means: that it passes, that the token is done for, that the cursor is, or the end.

No sentence holds a token, an address with parameters or a value of a record.
"""

import re

from coterie.collection import limits
from coterie.collection.declarations import Refusals
from coterie.collection.feeds import Feed


class Outage(Exception):
    """Why a feed ends before its last page; the message is part of a sentence."""

    def __init__(self, reason: str, *, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait  # seconds until it may be asked again


class TokenRefused(Outage):
    """The token is missing, wrong or expired: nothing of this API can be fetched."""


class Gone(Outage):
    """What is asked for is not there, or shows nothing of itself."""


class CursorExpired(Outage):
    """The server no longer knows the page that was to come next."""


class Passing(Exception):
    """What may be different the next time."""


def refused(feed: Feed, status: int, text: str, *, cursor: str, now: float) -> Exception:
    """Say what a refusal means."""
    known: Refusals = feed.declaration.refusals
    variable = feed.auth.variable
    if status in known.token or says(known.token_says, text):
        return TokenRefused(
            f"it refuses the token; put a new one into the environment variable {variable}"
        )
    if says(known.quota_says, text):
        return quota_spent(feed, now)
    if (
        cursor
        and status in known.cursor
        and (not known.cursor_says or says(known.cursor_says, text))
    ):
        return CursorExpired(f"the cursor expired (status {status})")
    if status in known.gone or says(known.gone_says, text):
        return Gone(f"what it asks for is not there, or not for this token (status {status})")
    if status in known.passing or says(known.throttled_says, text):
        return Passing(f"it answered with status {status}")
    if 300 <= status < 400:
        reason = f"it points to another address (status {status}), which is not followed"
    else:
        reason = f"it refuses this request (status {status}); the same request cannot succeed"
    return Outage(reason)


def quota_spent(feed: Feed, now: float) -> Outage:
    """Say that nothing more may be asked today."""
    zone = feed.declaration.quota.time_zone if feed.declaration.quota else "UTC"
    wait = limits.next_day(now, zone) - now
    return Outage(f"the quota is spent until the day ends in {zone}", wait=wait)


def says(pattern: str, text: str) -> bool:
    """Look for the vendor's own code in a refusal."""
    return bool(pattern) and re.search(pattern, text) is not None
