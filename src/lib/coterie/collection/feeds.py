"""What a study asks of which API: `02_sourcing.apis`, checked before anything is sent.

One entry an API, one line a resource; each line fills the blanks of the declaration:

    apis:
      - api: mastodon
        base_url: https://mastodon.example
        resources:
          - {resource: hashtag, hashtag: brightside}
          - {resource: statuses, account_id: "109302436954721982", called: ours}

A blank may stand for each record of a resource above it, so that comments under every post come in:

      - api: meta
        resources:
          - {resource: page_feed, page_id: "1234"}
          - {resource: comments, post_id: {each: page_feed}}
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from coterie.collection.declarations import (
    VARIABLE,
    Auth,
    Declaration,
    Resource,
    Strict,
    declaration,
)
from coterie.study import SettingsError

NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Each(NamedTuple):
    """A blank that every record of another feed fills in turn."""

    blank: str
    feed: str  # the other feed's name


class Feed(NamedTuple):
    """One resource as one study asks for it."""

    api: str
    name: str  # unique in the study: what its records and file are called
    base_url: str
    auth: Auth
    declaration: Declaration
    resource: Resource
    values: dict[str, str]  # of the blanks in path, query and body
    key: str  # what it asks for, in words; another key under the same name is a mistake
    each: Each | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Give the ready map: ours to the path in a record, or to `=` and a fixed word.

        What fills a blank for each record of another feed is written into the records it brought.
        """
        made = {}
        for ours, path in self.resource.columns.items():
            own = self.each and path == f"={{{self.each.blank}}}"
            made[ours] = self.each.blank if own else path
        return made


class Wanted(Strict):
    """What a study's settings ask of one API."""

    api: str
    base_url: str = ""
    token_from: str = ""  # another environment variable than the declared one
    resources: list[dict[str, object]] = Field(min_length=1)


def study_feeds(apis: list) -> list[Feed]:
    """List what a study wants fetched, each resource checked against its declaration.

    >>> [feed] = study_feeds(
    ...     [{"api": "bluesky", "resources": [{"resource": "posts", "repo": "a.b"}]}]
    ... )
    >>> feed.name, feed.values
    ('bluesky_posts', {'repo': 'a.b'})

    Raises
    ------
    SettingsError
        Naming the key: an unknown API or resource, a blank not filled, a name used twice.
    """
    feeds = [feed for number, given in enumerate(apis) for feed in feeds_of(number, given)]
    names = [feed.name for feed in feeds]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(
            f"02_sourcing.apis: {', '.join(twice)} stands there twice; "
            "give each a name of its own with `called:`."
        )
    return feeds


def feeds_of(number: int, given: object) -> list[Feed]:
    """Read one entry of `apis`."""
    where = f"02_sourcing.apis[{number}]"
    try:
        wanted = Wanted.model_validate(given)
    except ValidationError as errors:
        wrong = errors.errors()[0]
        key = ".".join(map(str, (where, *wrong["loc"])))
        known = ", ".join(Wanted.model_fields)
        raise SettingsError(f"{key}: {wrong['msg'].lower()}; it takes {known}.") from None
    made = declaration(wanted.api)
    base_url = checked_address(wanted.base_url or made.base_url, where)
    auth = made.auth
    if wanted.token_from:
        if not VARIABLE.fullmatch(wanted.token_from):
            raise SettingsError(
                f"{where}.token_from: must name an environment variable, like {auth.variable}; "
                "the token itself never stands in a file."
            )
        auth = auth.model_copy(update={"variable": wanted.token_from})
    feeds = []
    for n, asked in enumerate(wanted.resources):
        place = f"{where}.resources[{n}]"
        filled, each = without_each(wanted.api, asked, above=feeds, where=place)
        feed = one_feed(wanted.api, made, filled, base_url=base_url, auth=auth, where=place)
        feeds.append(feed._replace(each=each))
    return feeds


def without_each(
    api: str, asked: dict, *, above: list[Feed], where: str
) -> tuple[dict, Each | None]:
    """Take out what stands for each record of a resource above, and leave its sign in its place.

    >>> without_each("meta", {"resource": "comments", "post_id": "7"}, above=[], where="apis[0]")
    ({'resource': 'comments', 'post_id': '7'}, None)
    """
    found = [blank for blank, value in asked.items() if isinstance(value, dict)]
    if not found:
        return asked, None
    [blank, *more] = found
    names = {feed.name.removeprefix(f"{api}_"): feed.name for feed in above if not feed.each}
    name = str(asked[blank].get("each"))
    if more or len(asked[blank]) > 1 or name not in names:
        raise SettingsError(
            f"{where}.{blank}: one blank may be {{each: NAME}}, where NAME is a resource above it "
            f"({', '.join(names) or 'there is none'})."
        )
    return asked | {blank: f"each {name}"}, Each(blank, names[name])


def one_feed(
    api: str, made: Declaration, asked: dict, *, base_url: str, auth: Auth, where: str
) -> Feed:
    """Fill one resource's blanks with the study's values."""
    name = asked.get("resource")
    if name not in made.resources:
        raise SettingsError(f"{where}.resource: {api} has {', '.join(made.resources)}.")
    resource = made.resources[name]
    blanks = resource.blanks()
    called = str(asked.get("called", name))
    if set(asked) - {"resource", "called"} != set(blanks) or not NAME.fullmatch(called):
        raise SettingsError(
            f"{where}: {api} {name} takes {', '.join((*blanks, 'called'))}, "
            "and `called` is lower-case letters, digits and _."
        )
    values = {blank: str(asked[blank]).strip() for blank in blanks}
    if unclear := [blank for blank in blanks if not is_word(asked[blank])]:
        raise SettingsError(f"{where}.{unclear[0]}: must be a text or a whole number.")
    words = [base_url, name, *(f"{blank}={values[blank]}" for blank in blanks)]
    return Feed(api, f"{api}_{called}", base_url, auth, made, resource, values, " ".join(words))


def is_word(value: object) -> bool:
    """Say whether a blank can be filled with a value.

    >>> is_word("brightside"), is_word(17), is_word(""), is_word(None)
    (True, True, False, False)
    """
    return isinstance(value, str | int) and not isinstance(value, bool) and bool(str(value).strip())


def checked_address(base_url: str, where: str) -> str:
    """Return an API's address when a token may travel there: encrypted, or on this machine.

    >>> checked_address("https://mastodon.example/", "apis")
    'https://mastodon.example'
    """
    parts = urlsplit(base_url)
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not (encrypted and parts.hostname) or parts.username or parts.query or parts.fragment:
        raise SettingsError(
            f"{where}.base_url: must be the address of the server, like https://mastodon.example."
        )
    return base_url.rstrip("/")
