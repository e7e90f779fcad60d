"""A folder of files through the whole of 02's reading, without a notebook."""

from datetime import date
from typing import NamedTuple

import pandas as pd

from coterie import sourcing
from coterie.lake.column_map.files import locate_files, read_rows
from coterie.study import DataError

KEY = b"k"


class Read(NamedTuple):
    """What came of a folder of files."""

    rows: dict
    found: sourcing.Reconciliation  # complete where there are people, else as at the door
    linked: pd.DataFrame | None
    events: pd.DataFrame | None
    posts: pd.DataFrame | None
    stopped: str  # why there are no people


def read_folder(folder, files, *, brands=(), as_of=date(2027, 1, 1), currency=""):
    """Read, sort, link and account for every row, as notebook 02 does."""
    raw = [
        read_rows(path, entry, folder=str(folder))
        for path, entry in locate_files(str(folder), files)
    ]
    rows = sourcing.sort_all(raw, as_of=as_of, currency=currency)
    found = sourcing.reconcile(raw, rows)
    brand_side = sourcing.brand_accounts(rows["posts"].kept, list(brands)).to_pandas()
    accounts = sourcing.without_brands(sourcing.all_accounts(rows), brand_side)
    try:
        sourcing.require_people(accounts, found, brand_side)
    except DataError as error:
        return Read(rows, found, None, None, None, str(error))
    linked = sourcing.link_accounts(accounts, key=KEY)
    links = sourcing.links_of(linked)
    posts = sourcing.posts_table(rows["posts"].kept, links, brands=list(brands), key=KEY)
    events = sourcing.events_table(rows["events"].kept, rows["posts"].kept, links, key=KEY)
    exposures = sourcing.exposures_table(rows["exposures"].kept, links)
    complete = sourcing.account_for(found, rows, links)
    tables = {"posts": posts, "events": events, "exposures": exposures}
    checked = sourcing.check_accounting(complete, **{n: t.cache() for n, t in tables.items()})
    return Read(rows, checked, linked, events.to_pandas(), posts.to_pandas(), "")
