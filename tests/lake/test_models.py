"""A model is read as it was fitted, checked both ways, and stored as nothing that runs code."""

import json
import stat

import numpy as np
import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import Model, read_pointer
from coterie.lake.versions.models import to_bytes
from coterie.study import DataError, SettingsError

ENTRY = {
    "holds": "05: tried in tests",
    "kind": ["nearest_mean", "none"],
    "arrays": {"means": {"is": "one row a segment", "optional": True}},
}
MEANS = np.array([[0.5, -1.0], [2.0, 3.0]])
NEAREST = Model(
    "nearest_mean", {"features": ["recency", "tenure"], "ids": ["S1", "S2"]}, {"means": MEANS}
)


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """Declare a model of the tests' own."""
    monkeypatch.setitem(contracts.MODELS, "tried", ENTRY)


def test_a_model_is_read_as_it_was_written(lake):
    lake.write_model("tried", NEAREST)
    found = lake.read_model("tried")
    assert (found.kind, found.settings) == (NEAREST.kind, NEAREST.settings)
    np.testing.assert_array_equal(found.arrays["means"], MEANS)


def test_equal_models_are_one_private_file_whatever_the_order_of_their_settings(lake, folder):
    lake.write_model("tried", NEAREST)
    turned = dict(reversed(NEAREST.settings.items()))
    lake.write_model("tried", NEAREST._replace(settings=turned))
    [file] = (folder / "models" / "tried").iterdir()
    assert file.suffix == ".safetensors"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_file_is_plain_numbers_under_a_json_header(lake, folder):
    lake.write_model("tried", NEAREST)
    content = next((folder / "models" / "tried").iterdir()).read_bytes()
    n_header = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + n_header])
    assert json.loads(header["__metadata__"]["model"])["kind"] == "nearest_mean"
    assert content[8 + n_header :] == MEANS.tobytes()


def test_a_model_that_nobody_fitted_names_the_notebook_that_does(lake, folder):
    with pytest.raises(SettingsError, match=r"no model tried yet.*05_segments"):
        lake.read_model("tried")
    lake.write_model("tried", NEAREST)
    next((folder / "models" / "tried").iterdir()).unlink()
    with pytest.raises(SettingsError, match=r"no model tried yet.*05_segments"):
        lake.read_model("tried")


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (
            NEAREST._replace(kind="pickle"),
            "kind pickle is unknown; the contract has nearest_mean, none",
        ),
        (NEAREST._replace(arrays={"mean": MEANS}), "array mean does not stand in the contract"),
        (
            NEAREST._replace(arrays={"means": MEANS.astype(object)}),
            "array means holds no plain numbers",
        ),
    ],
)
def test_a_broken_contract_names_model_and_array(lake, folder, broken, says):
    with pytest.raises(DataError, match=f"model tried: {says}"):
        lake.write_model("tried", broken)
    assert not (folder / "models").exists()


def test_an_array_that_the_contract_asks_for_must_be_there(lake, monkeypatch):
    entry = {"holds": "05: means", "kind": "nearest_mean", "arrays": {"means": "one row a segment"}}
    monkeypatch.setitem(contracts.MODELS, "strict", entry)
    with pytest.raises(DataError, match="model strict: array means is missing"):
        lake.write_model("strict", NEAREST._replace(arrays={}))


def test_a_model_that_no_contract_declares_is_refused(lake):
    with pytest.raises(SettingsError, match=r"models\.yml declares no model 'guess'"):
        lake.write_model("guess", NEAREST)


@pytest.mark.parametrize(
    "content", [b"no model", to_bytes(NEAREST)[:-3]], ids=["foreign", "cut off"]
)
def test_a_damaged_file_is_one_sentence(lake, folder, content):
    lake.write_model("tried", NEAREST)
    next((folder / "models" / "tried").iterdir()).write_bytes(content)
    with pytest.raises(
        DataError, match="model tried, written by hand: its file was changed or cut short"
    ):
        lake.read_model("tried")


def test_a_single_flipped_bit_anywhere_is_refused(lake, folder):
    lake.write_model("tried", NEAREST)
    file = next((folder / "models" / "tried").iterdir())
    content = file.read_bytes()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1
        file.write_bytes(bytes(flipped))
        with pytest.raises(
            DataError, match="model tried, written by hand: its file was changed or cut short"
        ):
            lake.read_model("tried")


def test_a_run_journals_models_beside_tables(folder, staged):
    run = staged(stage="05_segments")
    run.write_model("tried", NEAREST)
    later = staged(stage="08_experiments")
    later.read_model("tried")
    lineage = later.lineage()
    assert lineage[["stage", "direction", "table"]].values.tolist() == [
        ["05_segments", "writes", "model:tried"],
        ["08_experiments", "reads", "model:tried"],
    ]
    assert "model:tried" not in read_pointer(folder / "current.json")["tables"]


def test_a_table_and_a_model_of_one_name_do_not_meet(lake):
    floors = pd.DataFrame({"rule": ["power"], "people": [400], "reason": ["seen"]})
    lake.write(contracts.Floors, floors)
    lake.write_model("tried", NEAREST)
    assert set(read_pointer(lake.pointer)["tables"]) == {"floors", "model:tried"}
