"""People somebody put on a list, or took off it, by hand: who did so, and until when."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from coterie.entries import read_entry
from coterie.study import SettingsError

FORM = "{list: loyal, person: p_0123, put: on, owner: Ana, until: 2026-12-31}"


class Entry(BaseModel):
    """One change by hand, as it stands in the study file."""

    model_config = ConfigDict(extra="forbid", strict=False)
    list: str
    person: str
    put: bool  # YAML reads `on` as true and `off` as false
    owner: str
    until: date


class ByHand(NamedTuple):
    """The changes by hand that count on a day."""

    entries: tuple[Entry, ...]
    n_expired: int  # changes whose day has come, which count no more

    def of(self, rule: str, *, put: bool) -> list[str]:
        """List the people who were put on one list, or taken off it."""
        return [e.person for e in self.entries if (e.list, e.put) == (rule, put)]


def read_by_hand(entries: Sequence[object], *, rules: Iterable[str], as_of: date) -> ByHand:
    """Read the changes by hand of a study file; every one has an owner and a day on which it ends.

    Who is put on and taken off the same list is off it.

    Raises
    ------
    SettingsError
        Naming the entry that is incomplete or speaks of a list that there is not.

    >>> entry = dict(list="loyal", person="p_1", put=True, owner="Ana", until="2026-07-01")
    >>> read_by_hand([entry], rules=["loyal"], as_of=date(2026, 6, 30)).of("loyal", put=True)
    ['p_1']
    >>> read_by_hand([entry], rules=["loyal"], as_of=date(2026, 7, 1)).n_expired
    1
    """
    known = set(rules)
    read = [_entry(at, entry, known) for at, entry in enumerate(entries, start=1)]
    current = tuple(entry for entry in read if entry.until > as_of)
    return ByHand(current, len(read) - len(current))


def _entry(at: int, entry: object, rules: set[str]) -> Entry:
    """Read one change."""
    where = f"07_rules.by_hand, entry {at}"
    read = read_entry(Entry, entry, where=where, form=FORM)
    if read.list not in rules:
        raise SettingsError(f"{where}: there is no rule {read.list!r}.")
    if not read.owner.strip():
        raise SettingsError(f"{where}: say whose change it is, under owner.")
    return read
