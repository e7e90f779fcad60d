"""Files of companies: whoever is on a company list of 07, as a platform's own template asks.

A row carries a company and no person. So nobody's consent is asked for, but a company is left out
where its row would speak of a person after all, or where everybody known there said no.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from coterie.activation.audiences import TOO_SMALL
from coterie.activation.keys import PLATFORMS
from coterie.activation.lists import not_usable, require_lists
from coterie.activation.suppression import UNREAD
from coterie.disclosure import find_leaks, identifier_tokens
from coterie.wording import file_word

PLATFORM = "linkedin"  # the one platform here that takes companies
EMPTY = "no company is on it; a rule that asks of people lists none"
TOO_MANY = "more companies than the platform takes"
NOT_ASKED = f"{PLATFORM} is none of the platforms"
PERSONAL = ["name", "email", "phone"]  # kinds of the vault that a company's row must not say


class CompanyFiles(NamedTuple):
    """The files by company list, and the lists of which there is none."""

    files: dict[str, pd.DataFrame]  # name -> rows, in the columns of the platform's template
    listed: dict[str, int]  # name -> companies on the list, of which the file may hold fewer
    left_out: dict[str, str]  # list -> why there is no file


def company_files(
    listed: pd.DataFrame,
    *,
    wanted: Sequence[str],
    states: pd.DataFrame,
    staff: pd.DataFrame,
    refused: Collection[str],
    vault: pd.DataFrame,
    stopped: Mapping[str, str],
) -> CompanyFiles:
    """Lay out one file a company list; a stale list has none, and neither has a small one.

    Parameters
    ----------
    listed
        One row a list and company: `rule`, `company_key`, and what the template asks.
    wanted
        Names of lists.
    states
        `rule`, `stale`, `why`: whether a list may be used.
    staff
        `person_id`, `company_key`: who works where.
    refused
        People who said no.
    vault
        `kind`, `identifier`: what identifies people, so that no row says it.
    stopped
        Why no file of companies may be written at all; see `reasons_to_stop`.

    Raises
    ------
    SettingsError
        When there is no list of a name, or two would have the same file.
    """
    known = states.set_index("rule")
    require_lists(wanted, set(known.index), setting="company_lists")
    left_out = not_usable(wanted, known)
    left_out |= dict.fromkeys(wanted, next(iter(stopped.values()))) if stopped else {}
    may_go = without_persons(listed, staff=staff, refused=refused, vault=vault)
    files, counts = {}, {}
    for name in [name for name in wanted if name not in left_out]:
        on_it = may_go[may_go["rule"] == name]
        if why := reason_against(on_it):
            left_out[name] = why
            continue
        file = f"{PLATFORM}_companies_{file_word(name)}"
        files[file] = as_template(on_it)
        counts[file] = int((listed["rule"] == name).sum())
    return CompanyFiles(files, counts, left_out)


def reasons_to_stop(platforms: Sequence[str], unread: Mapping[str, int]) -> dict[str, str]:
    """Say why no company may be exported whatever list it is on, by what stands in the way.

    >>> reasons_to_stop(["meta"], {})
    {'platforms': 'linkedin is none of the platforms'}
    """
    against = {"platforms": NOT_ASKED} if PLATFORM not in platforms else {}
    return ({"consents": UNREAD} if unread else {}) | against


def without_persons(
    listed: pd.DataFrame, *, staff: pd.DataFrame, refused: Collection[str], vault: pd.DataFrame
) -> pd.DataFrame:
    """Leave out companies that are, or may be, one person, or where everybody known said no.

    A company is more than one person where its size says so, or where two people name it.
    """
    several = listed["employees"].fillna(listed["company_people"]) > 1
    says_no = staff["person_id"].isin(set(refused))
    only_no = says_no.groupby(staff["company_key"]).all()
    closed = listed["company_key"].isin(only_no.index[only_no])
    identifiers = identifier_tokens(vault[vault["kind"].isin(PERSONAL)])
    texts = listed[["company", "domain"]].fillna("").astype(str)
    texts = texts["company"] + " " + texts["domain"]
    named = [bool(find_leaks(text, identifiers)) for text in texts]
    return listed[several & ~closed & ~pd.Series(named, index=listed.index, dtype=bool)]


def reason_against(on_it: pd.DataFrame) -> str:
    """Say why the companies on a list make no file; empty where they do.

    The platform wants so many *members*, not companies: people known to work there are counted,
    and where nobody states how many a company has, those of ours who name it.
    """
    rule = PLATFORMS[PLATFORM]
    if on_it.empty:
        return EMPTY
    if on_it["employees"].fillna(on_it["company_people"]).sum() < rule["min_people"]:
        return TOO_SMALL
    return TOO_MANY if len(on_it) > rule["max_companies"] else ""


def as_template(on_it: pd.DataFrame) -> pd.DataFrame:
    """Put companies into the columns of the platform's template, sorted by name.

    Every column of the template is there, in its order: the platform refuses other headers.
    """
    ordered = on_it.drop_duplicates("company_key").sort_values("company", ignore_index=True)
    columns = PLATFORMS[PLATFORM]["company_columns"]
    cells = {
        title: ordered[ours].fillna("").astype(str) if ours else ""
        for title, ours in columns.items()
    }
    return pd.DataFrame(cells, index=ordered.index)
