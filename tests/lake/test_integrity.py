"""What is read is what was written: a changed byte anywhere is one sentence with its cure."""

import json

import numpy as np
import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import CURRENT, SCRATCH, Lake, Model, edited_pointer, read_pointer
from coterie.lake.ownership.folders import MARKER
from coterie.study import DataError, SettingsError

CONSENTS = pd.DataFrame(
    {
        "person_id": [f"p_{number}" for number in range(60)],
        "purpose": "activation",
        "granted": [number % 2 == 0 for number in range(60)],
        "at": pd.Timestamp("2026-01-01"),
    }
)
ALWAYS = ("consents", "events", "people", "segments", "vault")  # the others are slow together


def rows_for(contract: contracts.Contract) -> pd.DataFrame:
    """Make one row that may stand in a table, of the first value each column allows."""
    plain = {"string": "a", "int64": 1, "float64": 1.0, "boolean": True}
    values = {
        name: plain.get(kind, pd.Timestamp("2026-01-01")) for name, kind in contract.types.items()
    }
    allowed = contracts.TABLES[contract.table]["columns"]
    for name, column in allowed.items():
        if isinstance(column, dict) and "isin" in column:
            values[name] = column["isin"][0]
        elif isinstance(column, dict) and {"in_range", "lt"} & set(column):
            values[name] = column.get("in_range", [0.5])[0]
    return pd.DataFrame([values])


def flipped(content: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return bytes(changed)


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(name, marks=() if name in ALWAYS else pytest.mark.slow)
        for name in sorted(contracts.TABLES)
    ],
)
def test_flipped_bits_in_every_table_are_refused_by_name_run_and_cure(folder, staged, table):
    contract = contracts.contract(table)
    run = staged(stage="02_sourcing", run="20260101-000000-00")
    run.write(contract, rows_for(contract))
    file = folder / read_pointer(run.pointer)["tables"][table]
    content, random = file.read_bytes(), np.random.default_rng(0)
    for place in random.integers(0, len(content), 12):
        file.write_bytes(flipped(content, int(place), int(random.integers(8))))
        with pytest.raises(DataError) as error:
            run.read(contract)
        assert f"table {table}, written by run 20260101-000000-00: its file was changed" in str(
            error.value
        )
        assert "`coterie run tiny --from 02` writes it anew" in str(error.value)
    file.write_bytes(content)
    assert run.read(contract).count().execute() == 1


@pytest.mark.parametrize("model", sorted(contracts.MODELS))
def test_flipped_bits_in_every_model_are_refused(lake, folder, model):
    contract = contracts.model_contract(model)
    lake.write_model(
        model, Model(contract.kinds[0], {}, dict.fromkeys(contract.arrays, np.ones(3)))
    )
    file = next((folder / "models" / model).glob("*.safetensors"))
    content = file.read_bytes()
    for place in range(0, len(content), 7):
        file.write_bytes(flipped(content, place, place % 8))
        with pytest.raises(
            DataError, match=f"model {model}, written by hand: its file was changed"
        ):
            lake.read_model(model)


def test_a_table_rewritten_by_hand_with_everybody_granted_is_refused(lake, folder):
    lake.write(contracts.Consents, rows_for(contracts.Consents).assign(granted=False))
    file = next((folder / "tables" / "consents").glob("*.parquet"))
    pd.read_parquet(file).assign(granted=True).to_parquet(file)
    with pytest.raises(DataError, match="table consents, written by hand: its file was changed"):
        lake.read(contracts.Consents)


@pytest.mark.parametrize("left", [0, 1, 200])
def test_a_table_cut_short_is_refused(lake, folder, left):
    lake.write(contracts.Consents, rows_for(contracts.Consents))
    file = next((folder / "tables" / "consents").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(DataError, match="changed or cut short"):
        lake.read(contracts.Consents)


def test_what_a_notebook_compares_with_is_verified_too(lake, folder, finish, staged):
    finish("r1", segments=(contracts.Segments, rows_for(contracts.Segments)))
    file = folder / read_pointer(folder / CURRENT)["tables"]["segments"]
    file.write_bytes(flipped(file.read_bytes(), 100, 3))
    with pytest.raises(DataError, match="table segments"):
        staged().read_previous(contracts.Segments)
    with edited_pointer(staged().pointer) as pointer:
        pointer["lost"] = ["segments"]  # as the runner finds when it begins
    assert staged().read_previous(contracts.Segments) is None


@pytest.mark.parametrize("name", [CURRENT, SCRATCH])
def test_a_pointer_with_any_bit_flipped_cut_short_or_rewritten_says_how_to_mend_it(
    lake, folder, finish, name
):
    finish("r1", segments=(contracts.Segments, rows_for(contracts.Segments)))
    lake.write(contracts.Consents, rows_for(contracts.Consents))
    file = folder / name
    content = file.read_bytes()
    rewritten = json.loads(content) | {"tables": {"consents": "tables/consents/0.parquet"}}
    without = {key: value for key, value in rewritten.items() if key != "checksum"}
    damaged = [flipped(content, place, 0) for place in range(0, len(content), 5)]
    damaged += [
        b"",
        content[:-9],
        b"[]",
        json.dumps(rewritten).encode(),
        json.dumps(without).encode(),
    ]
    silent = []
    for bad in damaged:
        file.write_bytes(bad)
        try:
            read = read_pointer(file)
        except SettingsError as error:
            assert f"{file} was changed or cut short since it was written" in str(error)  # noqa: PT017
        else:
            silent += [bad] if read != known(content) else []
    assert not silent


def known(content: bytes) -> dict:
    """What a pointer says, its checksum left out."""
    return {name: value for name, value in json.loads(content).items() if name != "checksum"}


def test_a_pointer_of_a_version_without_checksums_is_read_where_no_marker_is(tmp_path):
    (tmp_path / CURRENT).write_text('{"run": "r1", "tables": {}}')
    assert read_pointer(tmp_path / CURRENT)["run"] == "r1"
    (tmp_path / MARKER).write_text('{"study": "tiny"}')
    with pytest.raises(SettingsError, match="Put its copy back"):
        read_pointer(tmp_path / CURRENT)


def test_another_key_of_the_pseudonyms_never_goes_unnoticed(lake, folder):
    key = lake.secret_key()
    file = folder / "tables" / "vault" / "key"
    for bad in (b"", b"another", flipped(key, 3, 1)):
        file.write_bytes(bad)
        with pytest.raises(SettingsError, match="gone, or another one than before"):
            lake.secret_key()
    file.unlink()
    with pytest.raises(SettingsError, match="gone, or another one than before"):
        lake.secret_key()
    file.write_bytes(key)
    assert Lake("tiny").secret_key() == key
