"""Who does what with each segment, one list a role; where there is nothing to do, that is said."""

from collections.abc import Mapping
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
import yaml

from coterie.objectives.mapping import OVERLOOKED
from coterie.study import SettingsError
from coterie.wording import NOT_ACTIONABLE, file_word

RULES = yaml.safe_load(Path(__file__).with_name("roles.yml").read_text(encoding="utf-8"))
COLUMNS = ["role", "segment", "segment_name", "action", "why"]
FORM = "roles: {marketing: {S1: Invite to the spring shop}, press: {all: Quote no numbers}}"


def stakeholder_map(facts: pd.DataFrame, roles: Mapping[str, object]) -> pd.DataFrame:
    """Say for every role and segment what the role does with it, or that it is not actionable.

    What the study file says comes first; a segment it does not name follows roles.yml. A role that
    roles.yml does not know does what the study file says, and nothing else. A segment that 09 did
    not clear is addressed by nobody, whatever the study file says.

    Parameters
    ----------
    facts
        One row a segment, see `segment_conditions`.
    roles
        By role, by segment id, segment name or `all`, what to do.

    Raises
    ------
    SettingsError
        When a role's actions are no mapping, or name a segment that there is not.

    >>> facts = pd.DataFrame({"segment": ["S1"], "segment_name": ["Buyers"], "cleared": [True]})
    >>> said = {"press": {"all": "Quote no numbers"}}
    >>> stakeholder_map(facts, said).query("role == 'press'")["action"].tolist()
    ['Quote no numbers']
    """
    names = {*facts["segment"], *facts["segment_name"], "all"}
    known = list({**RULES, **roles})
    if len({file_word(role) for role in known}) < len(known) or not all(map(file_word, known)):
        raise SettingsError(f"11_monitoring.roles: names must differ in letters: {known}.")
    for role, actions in roles.items():
        check_actions(role, actions, names)
    rows = [
        (role, row["segment"], row["segment_name"], *action_of(role, row, roles.get(role) or {}))
        for role in known
        for row in facts.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def check_actions(role: str, actions: object, names: set[str]) -> None:
    """Refuse actions that are no mapping of segments that there are to words."""
    where = f"11_monitoring.roles.{role}"
    if not isinstance(actions, Mapping) or not all(isinstance(a, str) for a in actions.values()):
        raise SettingsError(f"{where}: write it like {FORM}.")
    if unknown := [str(name) for name in actions if name not in names]:
        there_are = ", ".join(sorted(names - {"all"}))
        raise SettingsError(f"{where}: there is no segment {unknown[0]!r}; there are {there_are}.")


def action_of(role: str, row: Mapping[str, object], said: Mapping[str, str]) -> tuple[str, str]:
    """Say what a role does with a segment, and why."""
    for key in (row["segment"], row["segment_name"], "all"):
        if key in said:
            if role != "service" and not row["cleared"]:
                return (NOT_ACTIONABLE, "not cleared by notebook 09")
            return (said[key], "as the study file says")
    for rule in RULES.get(role, ()):
        if all(holds(condition, row) for condition in rule["when"]):
            action = filled_in(rule["action"], row)
            if action is not None:
                return (action or NOT_ACTIONABLE, rule["why"])
    return (NOT_ACTIONABLE, "nothing known of the segment asks for it")


def holds(condition: str, row: Mapping[str, object]) -> bool:
    """Say whether a condition holds of a segment; what is not known does not."""
    name = condition.removeprefix("not ")
    known = bool(row.get(name)) and row.get(name) == row.get(name)
    return known != condition.startswith("not ")


def filled_in(sentence: str, row: Mapping[str, object]) -> str | None:
    """Fill in what a sentence asks for; None where it is not known."""
    wanted = [name for name in ("content", "platform") if "{" + name + "}" in sentence]
    if any(not row.get(name) or row.get(name) != row.get(name) for name in wanted):
        return None
    return sentence.format(**{name: row[name] for name in wanted})


def segment_conditions(
    mapped: pd.DataFrame,
    clearances: pd.DataFrame,
    decisions: pd.DataFrame,
    voices: pd.DataFrame,
    platforms: pd.DataFrame,
) -> pd.DataFrame:
    """Collect what is known of each segment that a role's rules may ask for; one row a segment.

    Parameters
    ----------
    mapped
        The matrix of goals and segments, `objective_map`.
    voices
        `segment`, `n_waiting`, `n_advocates`, `n_detractors`, as far as they are enough people.
    platforms
        `segment`, `platform`: where each segment does most.
    """
    facts = clearances[["segment", "segment_name", "cleared"]]
    cells = mapped.drop_duplicates("segment")[["segment", "content", "gap", "value_low"]]
    facts = facts.merge(cells, how="left").merge(platforms, how="left").merge(voices, how="left")
    own = decisions[decisions["segment"].isin(facts["segment"])]
    words = own.groupby("segment")["decision"].agg(set).reindex(facts["segment"])
    said = [found if isinstance(found, set) else set() for found in words]
    return facts.assign(
        acts=["act" in found for found in said],
        refuses=[found == {"do not act"} for found in said],
        overlooked=(facts["gap"] == OVERLOOKED).to_numpy(),
        valuable=(facts["value_low"] > 100).to_numpy(),
        waiting=(facts["n_waiting"] > 0).to_numpy(),
        detracting=(facts["n_detractors"] > facts["n_advocates"]).to_numpy(),
    )


def segment_voices(contacts: ir.Table, segments: ir.Table, *, min_people: int) -> pd.DataFrame:
    """Count by segment who waits, praises and complains; fewer than `min_people` count as none."""
    people = contacts.join(segments.select("person_id", "segment"), "person_id")
    role = people["inferred_role"]
    counted = people.group_by("segment").agg(
        n_waiting=(people["escalation"].fill_null("") != "").sum(),
        n_advocates=(role == "advocate").sum(),
        n_detractors=(role == "detractor").sum(),
    )
    sums = counted.to_pandas().set_index("segment").astype("int64")
    return sums.where(sums >= min_people, 0).reset_index()
