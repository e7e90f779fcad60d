"""Who takes part in buying: what a stated job title says of it."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from coterie.rules.companies.names import plain_words
from coterie.study import SettingsError

ROLES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def roles_of(job_title: str) -> list[str]:
    """List the buying roles that a job title speaks of; a title nobody foresaw has none.

    References
    ----------
    Webster and Wind (1972), "A General Model for Understanding Organizational Buying Behavior",
    Journal of Marketing 36: the buying centre.

    >>> roles_of("Chief Financial Officer"), roles_of("Einkäuferin"), roles_of("Poet")
    (['decision maker', 'budget holder', 'user'], ['buyer'], [])
    """
    title = f" {' '.join(plain_words(job_title))} "
    return [
        role
        for role, words in ROLES.items()
        if any(fnmatchcase(title, f"* {word} *") for word in words)
    ]


def wanted_roles(unwanted: Sequence[str]) -> list[str]:
    """List the roles that a company should be known to fill: all but the unwanted.

    Raises
    ------
    SettingsError
        When there is no role of a name, or none is left.

    >>> wanted_roles(["technology", "user"])
    ['decision maker', 'budget holder', 'buyer']
    """
    wanted = [role for role in ROLES if role not in unwanted]
    if not wanted or not set(unwanted) <= set(ROLES):
        there_are = ", ".join(ROLES)
        raise SettingsError(f"07_rules.unwanted_roles: name some, not all, of {there_are}.")
    return wanted
