"""Goals that can be missed: each has a number, a day and one owner, or it is said what it lacks."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import pandas as pd
from pydantic import BaseModel, ConfigDict

from coterie.entries import read_entry
from coterie.study import SettingsError

FORM = (
    "{goal: Win back those who stopped buying, kpi: conversion, reach: 0.05, by: 2026-12-31, "
    "owner: head of shop}"
)
NOBODY = {"", "tbd", "tba", "n/a", "none", "nobody", "everybody", "everyone", "all", "somebody"}
NOBODY |= {"someone", "team", "the team", "us", "we", "unknown", "?"}
OWN_KEYS = {"kpi": "primary", "rise": "minimum_lift", "by": "goal_by"}  # of the study's own goal
COLUMNS = ["goal", "criterion", "missing", "key"]


class Goal(BaseModel):
    """One goal, as it stands in the study file; what is left out is what the lint finds."""

    model_config = ConfigDict(extra="forbid")
    goal: str
    kpi: str = ""
    reach: float | None = None  # the level that the indicator should have
    rise: float | None = None  # the difference that it should make
    by: date | None = None
    owner: str = ""
    content: str = ""  # kind of content that should serve it; empty takes what people react to


class Smart(NamedTuple):
    """The goals of a study, and what keeps each from being one that can be missed."""

    goals: pd.DataFrame  # one row a goal, see the contract `goals`
    faults: pd.DataFrame  # goal, criterion, missing, key: what to add, and where

    @property
    def n_smart(self) -> int:
        """Count the goals that lack nothing."""
        return int(self.goals["smart"].sum())


def check_goals(further: Sequence[object], *, kpis: Iterable[str], own: dict[str, object]) -> Smart:
    """Check that every goal is specific, measurable, time-bound and owned (SMART without the A).

    Whether a goal is achievable, or matters, no lint can say. A goal that lacks something is no
    error: what is missing is listed with the key to add.

    Parameters
    ----------
    further
        Goals of the study file besides its own, under `01_objectives.goals`.
    own
        The study's own goal in the same words; its rise is the minimum lift.

    Raises
    ------
    SettingsError
        When an entry is no mapping, or holds a key or a kind of value that goals do not have.

    References
    ----------
    Doran (1981), "There's a S.M.A.R.T. way to write management's goals and objectives",
    Management Review 70.

    >>> own = {"goal": "Win back lost buyers", "kpi": "conversion", "rise": 0.1, "owner": "Ana"}
    >>> found = check_goals([], kpis=["conversion"], own=own)
    >>> found.faults[["criterion", "key"]].values.tolist()
    [['time-bound', '01_objectives.goal_by']]
    """
    known = list(kpis)
    written = [("goal_by", own)] + [(f"goals[{at}]", entry) for at, entry in enumerate(further)]
    goals = [
        read_entry(Goal, entry, where=f"01_objectives.{key}", form=FORM, what="goals")
        for key, entry in written
    ]
    twice = {goal.goal for goal in goals if sum(other.goal == goal.goal for other in goals) > 1}
    if twice:
        raise SettingsError(f"01_objectives.goals: {twice.pop()!r} stands there twice.")
    wheres = [""] + [f"goals[{at}]." for at in range(len(further))]
    rows = [
        (goal.goal, criterion, missing, f"01_objectives.{key_of(where, key)}")
        for goal, where in zip(goals, wheres, strict=True)
        for criterion, missing, key in faults_of(goal, known)
    ]
    faults = pd.DataFrame(rows, columns=COLUMNS)
    table = pd.DataFrame([row_of(goal) for goal in goals]).astype({"due": "datetime64[us]"})
    said = faults.groupby("goal")["missing"].agg("; ".join)
    missing = [said.get(goal, "") for goal in table["goal"]]
    return Smart(table.assign(smart=[not words for words in missing], missing=missing), faults)


def key_of(where: str, key: str) -> str:
    """Name the setting in which something is missing."""
    return f"{where}{key}" if where else OWN_KEYS.get(key, key)


def faults_of(goal: Goal, kpis: list[str]) -> list[tuple[str, str, str]]:
    """List what a goal lacks: the criterion, what to say, and the key to say it under."""
    found = []
    if len(goal.goal.split()) < 3:
        found.append(("specific", "who should do what, in a sentence", "goal"))
    if goal.kpi not in kpis:
        found.append(("measurable", f"an indicator: {' or '.join(kpis)}", "kpi"))
    numbers = [number for number in (goal.reach, goal.rise) if number is not None]
    if not numbers:
        found.append(("measurable", "a number to reach, or by how much to rise", "reach"))
    elif len(numbers) == 2:
        found.append(("measurable", "one number: a level to reach or a rise, not both", "rise"))
    elif not 0 < numbers[0] <= 1:
        found.append(("measurable", "a share between 0 and 1, like 0.05", key_of_number(goal)))
    if goal.by is None:
        found.append(("time-bound", "the day it should be reached, like 2026-12-31", "by"))
    if goal.owner.strip().lower() in NOBODY:
        found.append(("owned", "one person or post who answers for it", "owner"))
    return found


def key_of_number(goal: Goal) -> str:
    """Name the key under which a goal's one number stands."""
    return "rise" if goal.reach is None else "reach"


def row_of(goal: Goal) -> dict[str, object]:
    """Write a goal as a row of the table of goals."""
    number = goal.rise if goal.reach is None else goal.reach
    return {
        "goal": goal.goal,
        "kpi": goal.kpi,
        "measure": "" if number is None else key_of_number(goal),
        "target": float("nan") if number is None else number,
        "due": pd.Timestamp(goal.by) if goal.by else pd.NaT,
        "owner": goal.owner,
        "content": goal.content,
    }
