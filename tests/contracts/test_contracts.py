"""Every table, column and model has a meaning, one notebook that writes it, and checked types."""

import ast
import json
from collections import Counter
from pathlib import Path

import pytest

from coterie import contracts
from coterie.contracts import TABLES, TYPES, Contract
from coterie.contracts.columns import FILE, ORIGINS, facts_of

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
KNOWN = {name: value for name, value in vars(contracts).items() if isinstance(value, Contract)}
# What nobody inside reads: people and other programs do.
OUTPUTS = {"quarantine", "post_labels", "sources", "feeds", "kpis", "stability", "lineage"}
OUTPUTS |= {"effects", "aggregates", "checks", "learnings", "deliveries"}
OUTPUTS |= {"score_reasons", "model_selection", "rules", "list_changes", "review_pairs"}
OUTPUTS |= {"triggers", "trigger_events", "trigger_curves"}
OUTPUTS |= {"companies", "intent_grid", "exports"}
OUTPUTS |= {"suppressions", "links", "looks"}  # which their own notebook reads in the next run
OUTPUTS |= {"audiences", "kpi_facts", "alerts", "kpi_rates", "refreshes", "refresh_costs"}
OUTPUTS |= {"objective_map", "stakeholders", "variants", "test_shares"}
OUTPUTS |= {"source_scores", "coverage", "row_notes", "hygiene"}
LAST_MODELS = {"forecast", "churn", "lifetime_value", "linkage"}


def trees(notebook: Path) -> list[ast.Module]:
    """Parse the code cells of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [ast.parse("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]


def calls(notebook: Path, method: str) -> list[ast.Call]:
    """List the calls of a method in a notebook's code."""
    nodes = [node for tree in trees(notebook) for node in ast.walk(tree)]
    made = [node for node in nodes if isinstance(node, ast.Call)]
    return [call for call in made if getattr(call.func, "attr", "") == method]


def contracts_in(node: ast.AST) -> list[str]:
    """Name the contracts that a piece of code speaks of, as `contracts.Name`."""
    named = [part for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    ours = [part for part in named if isinstance(part.value, ast.Name)]
    return [part.attr for part in ours if part.value.id == "contracts"]


def in_call(method: str) -> list[tuple[str, str]]:
    """List the stage and contract of every call of a method of the lake."""
    found = [(file.stem[:2], call.args[0]) for file in NOTEBOOKS for call in calls(file, method)]
    return [(stage, name) for stage, argument in found for name in contracts_in(argument)]


def reading() -> list[tuple[str, str]]:
    """List every mention of a contract that is neither written to nor read of the last run."""
    mentioned = Counter(
        (file.stem[:2], name)
        for file in NOTEBOOKS
        for tree in trees(file)
        for name in contracts_in(tree)
    )
    return list(mentioned - Counter(in_call("write")) - Counter(in_call("read_previous")))


def models_in_call(method: str) -> list[tuple[str, str]]:
    """List the stage and name of every model that a method of the lake is called with."""
    found = [(file.stem[:2], call.args[0]) for file in NOTEBOOKS for call in calls(file, method)]
    return [(stage, ast.literal_eval(name)) for stage, name in found]


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
        others = {
            contracts.contract(other).types.get(name, kind)
            for other in TABLES
            if table != "findings" != other
        }
        assert others == {kind} or name in ("value", "denominator")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_every_write_names_its_contract_on_the_spot(notebook):
    plain = [ast.unparse(call.args[0]) for call in calls(notebook, "write")]
    assert not [name for name in plain if name.removeprefix("contracts.") not in KNOWN]


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "Findings"])
def test_every_table_is_written_by_exactly_one_notebook_the_one_its_description_names(name):
    assert [stage for stage, written in in_call("write") if written == name] == [KNOWN[name].stage]


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "Findings"])
def test_every_table_that_is_no_final_output_is_read_by_a_later_notebook(name):
    readers = {stage for stage, read in reading() if read == name} - {KNOWN[name].stage}
    assert all(stage > KNOWN[name].stage for stage in readers)
    assert readers or KNOWN[name].table in OUTPUTS


@pytest.mark.parametrize("model", contracts.MODELS)
def test_every_model_is_written_by_the_notebook_its_description_names_and_applied_later(model):
    stage = contracts.model_contract(model).stage
    assert [wrote for wrote, name in models_in_call("write_model") if name == model] == [stage]
    readers = {read for read, name in models_in_call("read_model") if name == model}
    assert all(reader > stage for reader in readers)
    assert readers or model in LAST_MODELS


def test_only_02_writes_the_vault_and_only_10_reads_it():
    assert [stage for stage, name in in_call("write") if name == "Vault"] == ["02"]
    assert {stage for stage, name in reading() if name == "Vault"} == {"10"}
    restricted = [name for name, contract in KNOWN.items() if contract.restricted]
    assert restricted == ["Vault", "Links", "EmailDomains", "ReviewPairs", "Suppressions"]


def test_raw_identifiers_have_a_column_in_the_vault_alone():
    raw = {"email", "phone", "account", "handle", "username", "name_raw", "identifier", "crm_id"}
    assert [table for table in TABLES if raw & set(contracts.contract(table).types)] == ["vault"]


EVERY_COLUMN = [(table, column) for table in TABLES for column in contracts.contract(table).types]


@pytest.mark.parametrize(("table", "column"), EVERY_COLUMN)
def test_every_column_has_a_label_an_origin_and_a_guess_says_how_sure_it_is(table, column):
    facts = facts_of(table, column)
    assert facts.label
    assert "_" not in facts.label
    assert facts.origin in ORIGINS
    assert facts.inferred == bool(facts.confidence)
    named = set(facts.confidence.split(", ")) - {"", "none stated"}
    assert named <= set(contracts.contract(table).types)
    assert facts.inferred or not column.startswith("inferred_")


def test_no_column_is_described_that_is_not_there():
    for table, entry in FILE["tables"].items():
        there = set(contracts.contract(table).types)
        assert {*entry.get("except", {}), *entry.get("confidence", {})} <= there
