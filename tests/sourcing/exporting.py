"""A study's way from raw files to written hashes, for the tests of consent."""

import csv
import hashlib
from datetime import date
from unittest import mock

from coterie import activation, sourcing
from coterie.activation.keys import PLATFORMS
from coterie.lake.column_map.files import locate_files, read_rows
from coterie.lake.rereading.plain_reading import read_map_plainly

AS_OF = date(2026, 7, 1)
CUSTOMERS = {
    "path": "customers.csv",
    "gives": "accounts",
    "platform": "shop",
    "columns": {"account": "id", "email": "email", "phone": "phone", "crm_id": "book"},
}
ASKED = {
    "path": "asked.csv",
    "gives": "consents",
    "platform": "shop",
    "columns": {"account": "id", "purpose": "=advertising", "granted": "ok", "at": "day"},
}
PLENTY = {platform: rule | {"min_people": 1} for platform, rule in PLATFORMS.items()}


def write(folder, name, rows):
    """Write rows as CSV; every row has the columns of the first."""
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)


class Export:
    """A study's way from raw files to hashes, and what the self-check says of it."""

    def __init__(self, folder, *entries, before=None, region="US", unread_stops=True):
        found = locate_files(str(folder), list(entries))
        read = [
            read_rows(path, entry, folder=str(folder), besides=sourcing.may_refuse)
            for path, entry in found
        ]
        again = sourcing.heard_entries(read)
        heard = locate_files(str(folder), again) if again else []
        files = read + [read_rows(path, entry, folder=str(folder)) for path, entry in heard]
        rows = sourcing.sort_all(files, as_of=AS_OF)
        self.linked = sourcing.link_accounts(sourcing.all_accounts(rows), key=b"k")
        self.consents = sourcing.read_consents(
            files, rows["consents"], self.linked, before=before, region=region
        )
        table = self.consents.table
        refused = table.loc[table["stops_exports"], "person_id"]
        yes = table.loc[table["granted"] & (table["purpose"] == "advertising"), "person_id"]
        people = self.linked[["person_id"]].drop_duplicates().assign(segment="S1")
        unasked = people.loc[~people["person_id"].isin(yes), "person_id"]
        unread = people["person_id"] if unread_stops and self.consents.n_unreadable else []
        rules = {"unread": unread, "said no": refused, "never asked": unasked}
        vault = sourcing.vault_table(self.linked)
        vault = vault[vault["kind"].isin(["email", "phone"])]
        hashed = activation.hashed_keys(vault, platforms=list(PLATFORMS), region=region)
        keys = activation.without_shared(hashed, refused=refused)
        with mock.patch("coterie.activation.audiences.PLATFORMS", PLENTY):
            decided = activation.decide_exports(
                people, rules=rules, keys=keys, platforms=list(PLATFORMS)
            )
            self.files = activation.audience_files(decided, keys=keys)
        entries = [entry for _, entry in found]
        self.raw = list(read_map_plainly(folder, entries, ear=activation.EAR))
        self.check = self.check_of(self.raw, self.files, region=region)
        self.hashes = {cell for file in self.files.values() for cell in file.to_numpy().ravel()} - {
            ""
        }

    @staticmethod
    def check_of(raw, files, region="US"):
        """Ask the self-check."""
        return activation.check_written(raw, files, region=region)

    def holds(self, email):
        """Tell whether an address was exported."""
        return hashlib.sha256(email.encode()).hexdigest() in self.hashes


def customer(number, **changes):
    row = {"id": f"C{number}", "email": f"p{number}@example.org", "phone": "", "book": ""}
    return row | changes
