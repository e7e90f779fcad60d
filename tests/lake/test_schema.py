"""A changed schema stops whoever reads or writes, with the difference in words."""

import hashlib

import pandas as pd
import pytest

from coterie import contracts
from coterie.study import DataError


def test_a_stored_table_of_other_columns_is_refused_with_the_difference(lake):
    old = pd.DataFrame({"rule": ["k"], "people": ["fifty"], "note": ["x"]})
    folder = lake.folder / "tables" / "floors"
    folder.mkdir(parents=True)
    old.to_parquet(folder / "draft.parquet")
    name = hashlib.sha256((folder / "draft.parquet").read_bytes()).hexdigest()[:16]
    (folder / "draft.parquet").rename(folder / f"{name}.parquet")
    lake.point("tables", "floors", f"tables/floors/{name}.parquet")
    with pytest.raises(DataError) as raised:
        lake.read(contracts.Floors)
    told = str(raised.value)
    assert "- reason (string) is missing" in told
    assert "+ note (string) is new" in told
    assert "~ people is string, not int64" in told
    assert "01_objectives" in told


def test_a_renamed_column_is_named_beside_the_one_that_is_missing(lake):
    frame = pd.DataFrame({"rule": ["k"], "people": [50], "because": ["why"]})
    with pytest.raises(DataError, match=r"column reason is missing.*Not in the contract: because"):
        lake.write(contracts.Floors, frame)
