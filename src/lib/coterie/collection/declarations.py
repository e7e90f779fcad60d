"""What an API is, declared as data: one file a vendor in `apis/`.

A declaration says where the API is, which environment variable holds its token, how it pages, where
in an answer the records lie and what identifies one, how it says "slow down", and which refusals
pass. No vendor has code of its own.
"""

import re
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from coterie.study import SettingsError

FOLDER = Path(__file__).parent / "apis"
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Strict(BaseModel):
    """A block of settings in which a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Auth(Strict):
    """How a request says who asks: always in a header, so that no address holds the token."""

    variable: str = Field(pattern=VARIABLE.pattern)
    header: str = "Authorization"
    prefix: str = "Bearer "
    optional: bool = False  # public records come without a token too


class Paging(Strict):
    """How an answer leads to the next: by a token, a link, an address, a number or an offset."""

    style: Literal["token", "link", "url", "page", "offset"]
    at: str = ""  # where the token or address lies in the answer
    more: str = ""  # what must be there, and true, for another page to exist
    send: str = ""  # parameter that takes the token, number or offset
    first: int = 0  # number or offset of the first page
    size: str = ""  # parameter that takes the page size


class Limits(Strict):
    """Which headers say how much may still be asked, and when it may be asked again."""

    remaining: str = ""
    reset: str = ""
    reset_is: Literal["epoch", "seconds", "time"] = "epoch"
    usage: list[str] = []  # headers of percentages used, as JSON
    pause_at: float = 95.0  # percent used at which to pause
    pause_seconds: float = 300.0
    one_a_resource: bool = False  # each resource has a limit of its own


class Quota(Strict):
    """Units that may be spent a day, and where that day ends."""

    units: int = Field(gt=0)
    time_zone: str = "UTC"


class Refusals(Strict):
    """Which status means what; a pattern looks for the vendor's own code in the answer."""

    passing: list[int] = [408, 425, 429, 500, 502, 503, 504]
    token: list[int] = [401]
    token_says: str = ""
    throttled_says: str = ""
    quota_says: str = ""
    cursor: list[int] = [410]
    cursor_says: str = ""
    gone: list[int] = [404, 410]  # what is asked for is no longer there, or shows nothing
    gone_says: str = ""
    fine_at: str = ""  # where an answer says that all is well, for APIs that fail with status 200
    fine: str = ""


class Resource(Strict):
    """One list of records."""

    path: str = Field(pattern="^/")
    method: Literal["GET", "POST"] = "GET"
    query: dict[str, str] = {}
    body: dict[str, str] = {}
    whole: list[str] = []  # what of the body is sent as a whole number
    paging: Paging | None = None  # the vendor's, unless stated
    page_size: int = 0
    records: str = ""  # where the list lies in the answer; empty is the answer itself
    may_lack_records: bool = False  # the list is left out of an answer without records
    id: str  # what identifies a record, or several paths joined by +
    units: int = 1  # of the daily quota
    gives: str = ""  # the table of the column map that the records feed
    columns: dict[str, str] = {}  # a map to begin with: ours: the path in a record
    verbs: dict[str, str] = {}
    markup: list[str] = []  # paths that hold HTML, exported as words

    def blanks(self) -> list[str]:
        """Name what the study must fill in."""
        texts = [self.path, *self.query.values(), *self.body.values()]
        return sorted({name for text in texts for name in PLACEHOLDER.findall(text)})


class Declaration(Strict):
    """One vendor's API."""

    title: str
    docs: str  # where the vendor describes it
    base_url: str = ""  # empty where every study has a server of its own
    auth: Auth
    headers: dict[str, str] = {}
    paging: Paging
    limits: Limits = Limits()
    quota: Quota | None = None
    refusals: Refusals = Refusals()
    resources: dict[str, Resource]


def declared_apis() -> list[str]:
    """List the vendors that are declared."""
    return sorted(file.stem for file in FOLDER.glob("*.yml"))


@cache
def declaration(api: str) -> Declaration:
    """Read one vendor's declaration.

    >>> declaration("mastodon").paging.style
    'link'

    Raises
    ------
    SettingsError
        When no such vendor is declared.
    """
    if api not in declared_apis():
        known = ", ".join(declared_apis())
        raise SettingsError(f"02_sourcing.apis: no API {api!r} is declared; there are {known}.")
    written = yaml.safe_load((FOLDER / f"{api}.yml").read_text(encoding="utf-8"))
    return Declaration.model_validate(written)
