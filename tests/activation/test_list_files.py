"""A file by list holds who is exported anyway; a stale list has none."""

import pandas as pd
import pytest

from coterie import activation
from coterie.activation.audiences import decide_exports
from coterie.study import SettingsError

PEOPLE = [f"p{n:03d}" for n in range(300)]
REFUSED = PEOPLE[:100]
KEYS = pd.DataFrame(
    [(person, "meta", "email", f"hash-{person}") for person in PEOPLE],
    columns=["person_id", "platform", "kind", "key"],
)
SEGMENTS = pd.DataFrame({"person_id": PEOPLE, "segment": "S1"})
DECIDED = decide_exports(SEGMENTS, rules={"said no": REFUSED}, keys=KEYS, platforms=["meta"])
MEMBERS = pd.DataFrame(
    [(p, "loyal") for p in PEOPLE[50:250]] + [(p, "few") for p in PEOPLE[150:200]],
    columns=["person_id", "rule"],
)
STATES = pd.DataFrame(
    {"rule": ["loyal", "few", "patients"], "stale": False, "why": ""}
)  # fmt: skip


def files(*wanted: str, states: pd.DataFrame = STATES) -> activation.ListFiles:
    return activation.list_files(DECIDED, wanted=wanted, members=MEMBERS, states=states, keys=KEYS)


def test_a_list_lets_nobody_in_whom_the_decisions_leave_out():
    found = files("loyal")
    assert found.people == {"meta_list_loyal": 150}
    keys = {key for rows in found.files.values() for key in rows.to_numpy().ravel() if key}
    assert keys == {f"hash-{person}" for person in PEOPLE[100:250]}


def test_of_a_stale_list_there_is_no_file():
    stale = STATES.assign(stale=STATES["rule"] == "loyal", why="the data are old")
    found = files("loyal", states=stale)
    assert (found.files, found.left_out) == ({}, {"loyal": "stale: the data are old"})


def test_a_small_list_and_a_telling_name_have_no_file():
    assert files("few").left_out == {"few on meta": "audience too small for the platform"}
    sensitive = STATES.replace({"rule": {"patients": "health"}})
    assert files("health", states=sensitive).left_out == {
        "health": "its name says something that law protects"
    }


def test_a_list_that_there_is_not_is_an_error():
    with pytest.raises(SettingsError, match="there are few, loyal, patients"):
        files("loial")
    twins = pd.concat([STATES, STATES.assign(rule=["Loyal!", "x", "y"])])
    with pytest.raises(SettingsError, match="the same file"):
        files("loyal", "Loyal!", states=twins)
