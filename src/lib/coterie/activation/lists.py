"""Files by list: whoever is exported anyway and stands on a fresh list of 07."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from coterie.activation.audiences import TOO_SMALL, Decisions, layout
from coterie.activation.keys import PLATFORMS
from coterie.study import SettingsError
from coterie.wording import file_word, match_sensitive

STALE = "stale"
SENSITIVE = "its name says something that law protects"


class ListFiles(NamedTuple):
    """The files by list, and the lists of which there is none."""

    files: dict[str, pd.DataFrame]  # name -> rows, as `audience_files` lays them out
    people: dict[str, int]  # name -> people behind the rows
    left_out: dict[str, str]  # list, or list and platform -> why there is no file


def list_files(
    decisions: Decisions,
    *,
    wanted: Sequence[str],
    members: pd.DataFrame,
    states: pd.DataFrame,
    keys: pd.DataFrame,
) -> ListFiles:
    """Lay out one file a list and platform; a stale list has none, and neither has a small one.

    A list lets nobody in whom the decisions leave out: it only chooses among the exported.

    Parameters
    ----------
    wanted
        Names of lists.
    members
        `person_id`, `rule`: who is on which list.
    states
        `rule`, `stale`, `why`: whether a list may be used.

    Raises
    ------
    SettingsError
        When there is no list of a name, or two would have the same file.
    """
    known = states.set_index("rule")
    require_lists(wanted, set(known.index))
    left_out = not_usable(wanted, known)
    files, people = {}, {}
    for name in [name for name in wanted if name not in left_out]:
        on_it = set(members.loc[members["rule"] == name, "person_id"])
        exported = decisions.exported[decisions.exported["person_id"].isin(on_it)]
        for platform, rows in exported.groupby("platform"):
            if rows["person_id"].nunique() < PLATFORMS[platform]["min_people"]:
                left_out[f"{name} on {platform}"] = TOO_SMALL
                continue
            file = f"{platform}_list_{file_word(name)}"
            hashed = rows.merge(keys, on=["person_id", "platform"]).sort_values("key")
            files[file] = layout(hashed, columns=PLATFORMS[platform]["columns"])
            people[file] = rows["person_id"].nunique()
    return ListFiles(files, people, left_out)


def not_usable(wanted: Sequence[str], known: pd.DataFrame) -> dict[str, str]:
    """Say of which lists there can be no file, and why: stale ones, and those of a telling name.

    `known` has `stale` and `why`, on the lists' names.
    """
    stale = {
        name: f"{STALE}: {known.loc[name, 'why']}" for name in wanted if known.loc[name, "stale"]
    }
    return stale | {name: SENSITIVE for name in wanted if match_sensitive(name)}


def require_lists(wanted: Sequence[str], known: set[str], *, setting: str = "lists") -> None:
    """Refuse a list that there is not, and two that would share a file."""
    where = f"10_activation.{setting}"
    for name in wanted:
        if name not in known:
            there_are = ", ".join(sorted(known)) or "none"
            raise SettingsError(f"{where}: no list {name!r}; there are {there_are}.")
    if len({file_word(name) for name in wanted}) < len(wanted):
        raise SettingsError(f"{where}: two lists would have the same file; rename one.")
