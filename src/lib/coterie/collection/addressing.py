"""What a request consists of: address, parameters, and the token in its header."""

import os
from urllib.parse import quote

from coterie.collection.declarations import Auth
from coterie.collection.feeds import Feed
from coterie.collection.refusals import TokenRefused


def parts_of(feed: Feed, cursor: str) -> dict:
    """Build what a request consists of: for the first page, or for the one a cursor names."""
    resource = feed.resource
    paging = resource.paging or feed.declaration.paging
    headers = feed.declaration.headers | token_header(feed.auth)
    if cursor and paging.style in ("link", "url"):
        return {"method": "GET", "url": cursor, "headers": headers}
    values = {name: quote(value, safe="") for name, value in feed.values.items()}
    page = {paging.size: str(resource.page_size)} if paging.size and resource.page_size else {}
    if paging.send and (cursor or paging.style in ("page", "offset")):
        page[paging.send] = cursor or str(paging.first)
    query = {name: text.format_map(feed.values) for name, text in resource.query.items()}
    url = feed.base_url + resource.path.format_map(values)
    if resource.method == "GET":
        return {"method": "GET", "url": url, "params": query | page, "headers": headers}
    body = {name: text.format_map(feed.values) for name, text in resource.body.items()} | page
    sent = {name: typed(text, name in resource.whole) for name, text in body.items()}
    return {"method": "POST", "url": url, "params": query, "json": sent, "headers": headers}


def typed(text: str, whole: bool) -> str | int:
    """Return a value as the body of a request wants it.

    >>> typed("20", True), typed("20", False)
    (20, '20')
    """
    return int(text) if whole and text.isdecimal() else text


def token_header(auth: Auth) -> dict[str, str]:
    """Read the token from its environment variable, and put it into the header it belongs in."""
    token = os.environ.get(auth.variable, "").strip()
    if not token and auth.optional:
        return {}
    if not token:
        raise TokenRefused(f"the environment variable {auth.variable} with its token is not set")
    if not (token.isascii() and token.isprintable()):
        raise TokenRefused(f"what the environment variable {auth.variable} holds is no token")
    return {auth.header: auth.prefix + token}
