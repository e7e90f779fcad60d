"""Every table and column has a meaning, one notebook that writes it, and a type that is checked."""

import json
import re
from pathlib import Path

import pytest

from coterie import contracts
from coterie.contracts import TABLES, TYPES, Contract

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
KNOWN = {name: value for name, value in vars(contracts).items() if isinstance(value, Contract)}
OUTPUTS = {
    "quarantine",
    "post_labels",
    "sources",
    "kpis",
    "model_selection",
    "rules",
    "rule_members",
    "lifts",
    "stability",
    "lineage",
    "audiences",
    "kpi_facts",
    "alerts",
}


def code_cells(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def uses(verb):
    """List which stage reads or writes which contract; a cell may write several in one loop."""
    pattern = {"read": r"\.read\(contracts\.(\w+)", "write": r"(?<!read\()(?<!read_previous\()contracts\.(\w+)"}[verb]
    cells = [(path.stem[:2], cell) for path in NOTEBOOKS for cell in code_cells(path) if f".{verb}(" in cell]
    return [(stage, name) for stage, cell in cells for name in re.findall(pattern, cell)]


def test_every_table_described_is_a_contract_and_the_other_way_round():
    assert sorted(contract.table for contract in KNOWN.values()) == sorted(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described_and_typed(table):
    contract = contracts.contract(table)
    assert list(contract.types) == list(contract.meanings) == list(contract.schema.columns)
    assert all(len(meaning) > 5 for meaning in contract.meanings.values())
    assert set(contract.types.values()) <= set(TYPES.values())
    assert set(contract.key) <= set(contract.types)
    for column in TABLES[table]["columns"].values():
        known = {"is", "unit", "type", "empty", "isin", "ge", "gt", "lt", "in_range"}
        assert isinstance(column, str) or set(column) <= known


@pytest.mark.parametrize("table", [table for table in TABLES if table != "findings"])
def test_a_column_named_alike_means_alike_in_type(table):
    for name, kind in contracts.contract(table).types.items():
        others = {contracts.contract(other).types.get(name, kind) for other in TABLES if table != "findings" != other}
        assert others == {kind} or name in ("value", "denominator")


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "Findings"])
def test_every_table_is_written_by_exactly_one_notebook_the_one_its_description_names(name):
    assert [stage for stage, written in uses("write") if written == name] == [KNOWN[name].stage]


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "Findings"])
def test_every_table_that_is_no_final_output_is_read_by_a_later_notebook(name):
    readers = {stage for stage, read in uses("read") if read == name}
    assert all(stage > KNOWN[name].stage for stage in readers)
    assert readers or KNOWN[name].table in OUTPUTS


def test_only_02_writes_the_vault_and_only_08_reads_it():
    assert [stage for stage, name in uses("write") if name == "Vault"] == ["02"]
    assert {stage for stage, name in uses("read") if name == "Vault"} == {"10"}
    assert [name for name, contract in KNOWN.items() if contract.restricted] == ["Vault"]


def test_raw_identifiers_have_a_column_in_the_vault_alone():
    raw = {"email", "phone", "account", "handle", "username", "name_raw", "identifier", "crm_id"}
    assert [table for table in TABLES if raw & set(contracts.contract(table).types)] == ["vault"]
