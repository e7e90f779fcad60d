"""An experiment's own table: each row is a person, an arm and an outcome, or it is counted."""

import pandas as pd
import pytest
from raw_files import read_folder

from coterie import contracts, sourcing
from coterie.lake.column_map.files import locate_files
from coterie.study import SettingsError

ENTRY = {
    "path": "test.csv",
    "gives": "experiments",
    "platform": "shop",
    "columns": {"campaign": "=email", "arm": "group", "randomised": "=true"},
    "measures": ["visit", "spend"],
    "strata": ["channel"],
}
ROWS = "group,visit,spend,channel\nNo,0,0,Web\nMens,1,12.5,Phone\nMens,1,NaN,Web\n,1,3,Web\n"


def tables(folder, text: str, **changes) -> tuple:
    """Read one table, and give what the lake would hold of it."""
    (folder / "test.csv").write_text(text)
    read = read_folder(folder, [ENTRY | changes])
    links = sourcing.links_of(read.linked)
    parts = (sourcing.exposures_table, "exposures"), (sourcing.outcomes_table, "outcomes")
    return read, *(make(read.rows[kind].kept, links).to_pandas() for make, kind in parts)


def test_each_row_is_a_person_in_an_arm_with_what_was_measured(tmp_path):
    _, exposures, outcomes = tables(tmp_path, ROWS)
    assert set(exposures) == set(contracts.Exposures.types)
    assert set(outcomes) == set(contracts.Outcomes.types)
    assert sorted(exposures["arm"]) == ["Mens", "Mens", "No"]
    assert (exposures["randomised"].all(), exposures["at"].isna().all()) == (True, True)
    wide = outcomes.pivot_table("value", "person_id", "measure", dropna=False)
    found = exposures.set_index("person_id")["arm"].to_frame().join(wide[["spend", "visit"]])
    assert sorted(found.fillna(-1).values.tolist()) == [
        ["Mens", -1, 1],
        ["Mens", 12.5, 1],
        ["No", 0, 0],
    ]
    labels = outcomes[outcomes["measure"] == "channel"]["label"]
    assert sorted(labels) == ["Phone", "Web", "Web", "Web"]


def test_a_row_without_an_arm_is_set_aside_by_name_and_every_row_is_accounted_for(tmp_path):
    read, _, _ = tables(tmp_path, ROWS)
    assert read.found.quarantine["reason"].tolist() == ["no arm"]
    assert read.found.n_lost == 0


def test_a_column_of_people_joins_their_rows_and_dates_are_read(tmp_path):
    text = "who,at,group,visit,spend,channel\n" + "".join(
        f"{who},2026-05-0{day},{arm},{day},0,Web\n"
        for who, day, arm in [("ana", 1, "No"), ("ana", 2, "Mens"), ("bo", 1, "No")]
    )
    columns = ENTRY["columns"] | {"account": "who", "at": "at"}
    read, exposures, outcomes = tables(tmp_path, text, columns=columns)
    first = exposures[exposures["mixed"]]
    assert first[["arm", "at"]].values.tolist() == [["No", pd.Timestamp("2026-05-01")]]
    assert len(exposures) == 2
    visits = outcomes[outcomes["measure"] == "visit"]
    assert sorted(visits["value"]) == [1, 1]
    assert "an outcome stated again" in set(read.found.notes["note"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"measures": []}, "name the columns with an outcome of each person"),
        ({"gives": "exposures"}, "only a file that gives experiments has measures or strata"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path, change, told):
    (tmp_path / "test.csv").write_text(ROWS)
    with pytest.raises(SettingsError, match=told):
        locate_files(str(tmp_path), [ENTRY | change])


SUMS = (
    "variant,users,visits,spend,spend_sq\n"
    "control,100,10,55.5,900\nblue,100,30,80,1200\ngreen,x,30,80,1200\ncontrol,90,9,50,800\n"
)
SUMMED = {"campaign": "=page", "metric": "=visits", "arm": "variant", "units": "users"}
WHOLE = {"path": "sums.csv", "gives": "sums", "platform": "warehouse"}


def test_a_warehouse_s_sums_enter_without_people_and_every_row_is_accounted_for(tmp_path):
    (tmp_path / "sums.csv").write_text(SUMS)
    (tmp_path / "test.csv").write_text(ROWS)
    entry = WHOLE | {"columns": SUMMED | {"total": "visits", "randomised": "=true"}}
    money = SUMMED | {"metric": "=spend", "total": "spend", "squares": "spend_sq"}
    read = read_folder(tmp_path, [ENTRY, entry, WHOLE | {"columns": money}])
    table = sourcing.sums_table(read.rows["sums"].kept).order_by("metric", "arm").to_pandas()
    assert set(table) == set(contracts.TestSums.types)
    found = table.set_index(["metric", "arm"])[["units", "sum_y", "sum_yy", "randomised"]]
    assert found.loc[("spend", "control")].tolist() == [100, 55.5, 900, False]
    assert found.loc[("visits", "blue"), ["units", "sum_y", "randomised"]].tolist() == [
        100,
        30,
        True,
    ]
    assert ("visits", "green") not in found.index  # whose number of people is none
    assert set(read.found.quarantine["reason"]) == {"no arm", "units is no number"}
    complete = read.found
    sourcing.check_accounting(complete, sums=sourcing.sums_table(read.rows["sums"].kept))
    again = complete.notes[complete.notes["note"] == "sums of an arm stated again"]
    assert again["rows"].sum() == 2
    assert len(read.linked) == 4  # the people of the other file alone
