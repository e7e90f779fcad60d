"""An experiment's own table in the column map: its entry says of two kinds of rows at once."""

from coterie.study import SettingsError


def parts_of(entry: dict, key: str) -> list[dict]:
    """Split the entry of an experiment's own table: who was in which arm, and what was measured.

    Each measure and each stratum becomes rows of `outcomes`. Where no column names a person, each
    row is one: `=row`.

    >>> columns = {"arm": "group", "campaign": "=test"}
    >>> entry = {"gives": "experiments", "columns": columns, "measures": ["visit"], "strata": []}
    >>> [(part["gives"], part["columns"].get("value")) for part in parts_of(entry, "files[0]")]
    [('exposures', None), ('outcomes', 'visit')]

    Raises
    ------
    SettingsError
        When nothing is measured, or measures are named of another kind of file.
    """
    if entry["gives"] != "experiments":
        if entry["measures"] or entry["strata"]:
            raise SettingsError(
                f"{key}: only a file that gives experiments has measures or strata."
            )
        return [entry]
    if not entry["measures"]:
        raise SettingsError(f"{key}.measures: name the columns with an outcome of each person.")
    bare = entry | {"measures": [], "strata": []}
    who = {"account": "=row"} | entry["columns"]
    named = {name: who[name] for name in ("account", "campaign") if name in who}
    stated = [("value", name) for name in entry["measures"]]
    stated += [("label", name) for name in entry["strata"]]
    outcomes = [
        bare | {"gives": "outcomes", "columns": named | {"measure": f"={name}", ours: name}}
        for ours, name in stated
    ]
    return [bare | {"gives": "exposures", "columns": who}, *outcomes]
