"""From an answer to its records, to what is none, and to the next page."""

import json
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from coterie.collection.answers import Answer, at_path
from coterie.collection.declarations import Paging
from coterie.collection.feeds import Feed
from coterie.collection.refusals import Outage, Passing
from coterie.lake.resuming.checkpoints import DeadLetter, Record

SECRET = {"access_token", "token", "key", "api_key", "apikey", "client_secret", "appsecret_proof"}


class Page(NamedTuple):
    """What one answer brought."""

    records: list[Record]
    dead: list[DeadLetter]  # entries that are no record
    cursor: str | None  # of the next page; nothing after the last


def read_page(feed: Feed, answer: Answer, *, cursor: str) -> Page:
    """Take an answer apart.

    Raises
    ------
    Passing
        When the list of records is not where it should be: an answer cut short, or of another kind.
    Outage
        When the next page lies on another server.
    """
    entries = entries_of(feed, answer.content)
    records, dead = [], []
    for entry in entries:
        body = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        body = body.encode("utf-8", "replace").decode()  # half an emoji is no character
        name, reason = identified(entry, feed.resource.id)
        if reason:
            dead.append(DeadLetter(reason, body))
        else:
            records.append(Record(name, body))
    paging = feed.resource.paging or feed.declaration.paging
    return Page(records, dead, next_cursor(feed, paging, answer, cursor=cursor, n=len(entries)))


def entries_of(feed: Feed, content: object) -> list:
    """Find the list of records in an answer; an answer that is one record is a list of one."""
    where = feed.resource.records
    found = at_path(content, where)
    if isinstance(found, list):
        return found
    if found is None and feed.resource.may_lack_records and isinstance(content, dict):
        return []
    raise Passing(f"its answer has no list of records{f' at {where}' if where else ''}")


def identified(entry: object, path: str) -> tuple[str, str]:
    """Name a record by what identifies it, or say why it cannot be named.

    >>> identified({"id": 7}, "id"), identified({"id": None}, "id")
    (('7', ''), ('', 'nothing identifies it'))
    """
    if not isinstance(entry, dict):
        return "", "not an object"
    parts = [at_path(entry, one) for one in path.split("+")]
    if any(part is None or part == "" for part in parts):
        return "", "nothing identifies it"
    if any(isinstance(part, bool | float | list | dict) for part in parts):
        return "", "what should identify it is neither text nor a whole number"
    name = "+".join(map(str, parts))
    return (name, "") if name.isprintable() else ("", "what identifies it is not printable text")


def next_cursor(feed: Feed, paging: Paging, answer: Answer, *, cursor: str, n: int) -> str | None:
    """Say where the next page begins; nothing after the last.

    A page of numbers or offsets is the last when it is empty: a short one may be followed by more,
    because vendors filter what they count.
    """
    if paging.style in ("page", "offset"):
        step = feed.resource.page_size if paging.style == "offset" else 1
        return str(int(cursor or paging.first) + step) if n else None
    if paging.more and not at_path(answer.content, paging.more):
        return None
    found = answer.link if paging.style == "link" else at_path(answer.content, paging.at)
    if found is None or found == "" or isinstance(found, bool | list | dict):
        return None
    if paging.style == "token":
        return str(found)
    try:
        return safe_address(feed, urljoin(answer.url, str(found)))
    except ValueError:
        raise Outage("the address of its next page is none") from None


def safe_address(feed: Feed, address: str) -> str:
    """Return the address of a next page without secrets, when it is on the declared server.

    Raises
    ------
    Outage
        When it is not: the token must not go elsewhere.
    """
    there, ours = urlsplit(address), urlsplit(feed.base_url)
    if (there.scheme, there.netloc.lower()) != (ours.scheme, ours.netloc.lower()):
        raise Outage(
            f"its next page lies on another server than {ours.netloc}, where nothing is sent to"
        )
    pairs = parse_qsl(there.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name.lower() not in SECRET]
    return urlunsplit((there.scheme, there.netloc, there.path, urlencode(kept), ""))
