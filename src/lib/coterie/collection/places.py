"""Where a fetch stands: at which page, and, of a list for each record of another, at whose."""

import json
from bisect import bisect_right
from typing import NamedTuple

from coterie.collection.feeds import Feed
from coterie.collection.paging import Page
from coterie.collection.refusals import Outage
from coterie.lake.resuming.checkpoints import Checkpoint, DeadLetter, Record


class Place(NamedTuple):
    """The page to fetch next."""

    of: str  # which record of the other feed the list belongs to; empty where there is one list
    cursor: str  # empty for the first page


class Walk(NamedTuple):
    """A feed's way through its lists: one, or one for each record of another feed."""

    feed: Feed
    records: list[str]  # names in the other feed, in their order; one that is empty for one list

    def place(self, cursor: str) -> Place:
        """Say where a cursor of the checkpoint stands."""
        if self.feed.each and cursor:
            return Place(*json.loads(cursor))
        return Place(self.records[0], cursor)

    def cursor(self, place: Place) -> str:
        """Write a place as a cursor of the checkpoint."""
        return json.dumps(place) if self.feed.each else place.cursor

    def following(self, place: Place, cursor: str | None) -> str | None:
        """Say where to go on: on the next page, in the next record's list, or nowhere."""
        if cursor is not None:
            return self.cursor(place._replace(cursor=cursor))
        after = bisect_right(self.records, place.of)
        return self.cursor(Place(self.records[after], "")) if after < len(self.records) else None

    def asked(self, place: Place) -> Feed:
        """Fill the blank in that stands for each record of another feed."""
        if not self.feed.each:
            return self.feed
        return self.feed._replace(values=self.feed.values | {self.feed.each.blank: place.of})

    def kept(self, page: Page, place: Place) -> Page:
        """Name the records of a list by what it belongs to, and write that into them.

        >>> from coterie.collection.feeds import study_feeds
        >>> wanted = [{"resource": "posts", "user_id": 1}]
        >>> wanted += [{"resource": "likers", "post_id": {"each": "posts"}}]
        >>> _, likers = study_feeds([{"api": "x", "resources": wanted}])
        >>> page = Page([Record("ana", '{"id": "ana"}')], [], None)
        >>> Walk(likers, ["p7"]).kept(page, Place("p7", "")).records
        [Record(name='p7 ana', body='{"post_id": "p7", "id": "ana"}')]
        """
        if not self.feed.each:
            return page
        own = {self.feed.each.blank: place.of}
        records = [
            Record(
                f"{place.of} {record.name}",
                json.dumps(own | json.loads(record.body), ensure_ascii=False),
            )
            for record in page.records
        ]
        return page._replace(records=records)

    def without(self, place: Place, reason: str) -> Page:
        """Set a record aside whose list is not there: the others' lists are."""
        return Page([], [DeadLetter(reason, json.dumps({self.feed.each.blank: place.of}))], None)

    def progress(self, place: Place) -> str:
        """Say how far it is, where that is known."""
        if not self.feed.each:
            return ""
        n = bisect_right(self.records, place.of)
        return f", {n:,} of {len(self.records):,} of {self.feed.each.feed}"


def walk_of(feed: Feed, checkpoint: Checkpoint) -> Walk:
    """Prepare a feed's way.

    Raises
    ------
    Outage
        When the feed whose records it goes through has not reached its own end: what it brings
        would look complete and not be.
    """
    if not feed.each:
        return Walk(feed, [""])
    if not checkpoint.state(feed.each.feed).finished:
        raise Outage(f"{feed.each.feed}, whose records it goes through, is not complete")
    return Walk(feed, checkpoint.names(feed.each.feed))
