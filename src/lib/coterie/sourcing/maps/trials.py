"""An experiment's own table: who was in which arm, and what was measured of each person, a row."""

from coterie.sourcing.columns import FILL_IN, SYNONYMS
from coterie.sourcing.maps.candidates import FEW, MANY, columns_of
from coterie.sourcing.maps.headers import folded
from coterie.sourcing.maps.shapes import Sample

NAMED = ("account", "campaign", "at", "randomised")


def trial_entry(words: list[str], platform: str, sample: Sample) -> dict | None:
    """Guess the entry of an experiment's own table; None where a file is something else.

    It has a column of few arms, one of them called like a control, and at least one outcome.

    >>> values = {"arm": ["Mens E-Mail", "No E-Mail"], "visit": ["0", "1"], "who": ["u1", "u2"]}
    >>> trial_entry(["test"], "shop", Sample(["arm", "visit", "who"], values))["measures"]
    ['visit']
    """
    found = columns_of(sample, "exposures")
    arm = found.get("arm", "")
    measures = [name for name in sample.names if is_outcome(name, sample) and name != arm]
    if not control_of(arms_of(arm, sample)) or not measures:
        return None
    named = {ours: found[ours] for ours in NAMED if ours in found and found[ours] not in measures}
    columns = {"campaign": "=" + "_".join(words or ["experiment"]), "randomised": "=true"} | named
    used = {arm, *measures, *named.values()}
    strata = [name for name in sample.names if name not in used and is_stratum(name, sample)]
    entry = {"gives": "experiments", "platform": platform, "columns": columns | {"arm": arm}}
    return entry | {"measures": measures} | ({"strata": strata} if strata else {})


def arms_of(arm: str, sample: Sample) -> list[str]:
    """List the arms that a column names, in alphabetical order."""
    return sorted({value.strip() for value in sample.values.get(arm, ())} - {""})


def control_of(arms: list[str]) -> str:
    """Find the arm to which nothing was done, by its words; empty where none says so.

    >>> control_of(["Mens E-Mail", "No E-Mail"]), control_of(["blue", "green"])
    ('No E-Mail', '')
    """
    words = {arm: set(folded(arm).split("_")) for arm in arms}
    return next((arm for arm in arms if words[arm] & set(SYNONYMS["controls"])), "")


def is_outcome(name: str, sample: Sample) -> bool:
    """Tell whether a column measures what people did: by its name, and as a number."""
    return folded(name) in SYNONYMS["outcomes"] and sample.shape(name) in ("number", "truth")


def is_stratum(name: str, sample: Sample) -> bool:
    """Tell whether a column puts people into a few groups."""
    values = [value for value in sample.values.get(name, ()) if value.strip()]
    return len(values) >= MANY and 2 <= len(set(values)) <= FEW


def trial_plan(entry: dict, sample: Sample) -> dict:
    """Draft the plan of an experiment's own table: its outcomes, the one of shares first.

    The arms and their weights are left to fill in: their names are values of rows.
    """
    kinds = {
        name: {"name": name}
        if set(map(str.strip, sample.values[name])) <= {"0", "1", "true", "false", ""}
        else {"name": name, "kind": "mean"}
        for name in entry["measures"]
    }
    primary, *others = sorted(kinds.values(), key=lambda metric: metric.get("kind", ""))
    return {
        "id": entry["columns"]["campaign"].removeprefix("="),
        "arms": {FILL_IN: 1},
        "control": FILL_IN,
        "primary": primary,
        "secondaries": others,
        "minimum_lift": 0.01,
        "segments": entry.get("strata", []),
    }
