"""One page a role: what it does with which segment, and which segments are not actionable."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pandas as pd

from coterie.reporting.pages import TEMPLATES
from coterie.wording import NOT_ACTIONABLE, file_word


class RolePage(NamedTuple):
    """A role's page, as the index links to it."""

    title: str
    href: str
    n_actions: int


def role_card(role: str, rows: pd.DataFrame) -> RolePage:
    """Name a role's page.

    >>> role_card("Key accounts (DE)", pd.DataFrame({"action": ["Call", "not actionable"]}))
    RolePage(title='Key accounts (DE)', href='role_key-accounts-de.html', n_actions=1)
    """
    title = role[:1].upper() + role[1:]
    n_actions = int((rows["action"] != NOT_ACTIONABLE).sum())
    return RolePage(title, f"role_{file_word(role)}.html", n_actions)


def render_role(
    card: RolePage,
    rows: pd.DataFrame,
    *,
    study_title: str,
    goal: str,
    run: str,
    generated_at: datetime,
    lowered: Sequence[str] = (),
    stale: Sequence[str] = (),
) -> str:
    """Turn what one role does into a page that needs no other file."""
    idle = rows["action"] == NOT_ACTIONABLE
    return TEMPLATES.get_template("role.html.j2").render(
        title=card.title,
        study_title=study_title,
        goal=goal,
        todo=rows[~idle].to_dict("records"),
        idle=rows[idle].to_dict("records"),
        run=run,
        generated_at=generated_at,
        lowered=lowered,
        stale=stale,
    )
