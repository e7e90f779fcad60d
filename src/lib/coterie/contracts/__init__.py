"""What every table and model of the lake holds: tables.yml, checked by pandera, and models.yml.

`lake.read` and `lake.write` check a table against its contract, so a column means the same to
whoever writes it and whoever reads it. Time is UTC, money is in the study's currency.
`lake.read_model` and `lake.write_model` do the same for fitted models, by their names. Where a
column comes from, and how sure a guess is, stands in columns.yml.
"""

from pathlib import Path
from typing import NamedTuple

import pandera.ibis as pa
import yaml
from ibis import dtype

from coterie.contracts.columns import schema_difference
from coterie.study import SettingsError

FOLDER = Path(__file__).parent
# by the parser in C: every notebook's kernel reads this, and the one in Python takes ten times
# as long
TABLES = yaml.load((FOLDER / "tables.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
MODELS = yaml.load((FOLDER / "models.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
TYPES = {"text": "string", "whole": "int64", "number": "float64", "share": "float64"}
TYPES |= {"time": "timestamp", "yes_no": "boolean"}
CHECKS = {"isin": pa.Check.isin, "ge": pa.Check.ge, "gt": pa.Check.gt, "lt": pa.Check.lt}


class Contract(NamedTuple):
    """One table: its name, its columns' meanings and types, and what must hold."""

    table: str
    key: tuple[str, ...]  # columns whose combination no two rows share; empty when rows may repeat
    stage: str  # two digits of the notebook that writes it
    restricted: bool  # readable by its owner only
    meanings: dict[str, str]
    types: dict[str, str]  # Ibis types
    units: dict[str, str]  # where a column has one
    schema: pa.DataFrameSchema


class ModelContract(NamedTuple):
    """One fitted model: its name, its kinds, and what its arrays mean."""

    model: str
    stage: str  # two digits of the notebook that writes it
    kinds: tuple[str, ...]  # what `Model.kind` may be
    arrays: dict[str, str]  # name -> meaning
    optional: tuple[str, ...]  # arrays that some kinds do without


def model_contract(model: str) -> ModelContract:
    """Read one model's contract.

    >>> model_contract("assignment").stage
    '05'

    Raises
    ------
    SettingsError
        When no such model is declared.
    """
    if model not in MODELS:
        declared = ", ".join(MODELS)
        raise SettingsError(f"contracts/models.yml declares no model {model!r}; it has {declared}.")
    entry = MODELS[model]
    kinds = entry["kind"] if isinstance(entry["kind"], list) else [entry["kind"]]
    described = {
        name: array if isinstance(array, dict) else {"is": array}
        for name, array in (entry.get("arrays") or {}).items()
    }
    return ModelContract(
        model,
        stage=entry["holds"][:2],
        kinds=tuple(kinds),
        arrays={name: array["is"] for name, array in described.items()},
        optional=tuple(name for name, array in described.items() if array.get("optional")),
    )


def contract(table: str) -> Contract:
    """Read one table's contract.

    >>> contract("consents").meanings["granted"]
    'true allows, false forbids'
    """
    entry = TABLES[table]
    columns = {
        name: column if isinstance(column, dict) else {"is": column}
        for name, column in entry["columns"].items()
    }
    types = {name: TYPES[column.get("type", "text")] for name, column in columns.items()}
    return Contract(
        table,
        tuple(entry.get("key", ())),
        entry["holds"][:2],
        entry.get("restricted", False),
        {name: column["is"] for name, column in columns.items()},
        types,
        {name: column["unit"] for name, column in columns.items() if "unit" in column},
        pa.DataFrameSchema(
            {
                n: pa.Column(dtype(types[n]), checks_of(c), nullable=c.get("empty", False))
                for n, c in columns.items()
            }
        ),
    )


def checks_of(column: dict) -> list[pa.Check]:
    """List the pandera checks of one column; a share lies between 0 and 1."""
    ends = [0, 1] if column.get("type") == "share" else column.get("in_range")
    return [CHECKS[name](column[name]) for name in CHECKS if name in column] + (
        [pa.Check.in_range(*ends)] if ends else []
    )


Kpis = contract("kpis")
Goals = contract("goals")
Benchmarks = contract("benchmarks")
Floors = contract("floors")
DecisionRule = contract("decision_rule")
Plans = contract("plans")
People = contract("people")
Vault = contract("vault")
Links = contract("links")
EmailDomains = contract("email_domains")
ReviewPairs = contract("review_pairs")
Events = contract("events")
Posts = contract("posts")
Exposures = contract("exposures")
Outcomes = contract("outcomes")
TestSums = contract("test_sums")
Consents = contract("consents")
Suppressions = contract("suppressions")
ConsentFiles = contract("consent_files")
ColumnMap = contract("column_map")
Quarantine = contract("quarantine")
Sources = contract("sources")
RowNotes = contract("row_notes")
Feeds = contract("feeds")
SourceScores = contract("source_scores")
Coverage = contract("coverage")
Hygiene = contract("hygiene")
Labels = contract("labels")
Behaviour = contract("behaviour")
Bots = contract("bots")
Weights = contract("weights")
Dictionary = contract("dictionary")
PostLabels = contract("post_labels")
Traits = contract("traits")
Contacts = contract("contacts")
Segments = contract("segments")
Memberships = contract("memberships")
SegmentEvents = contract("segment_events")
Profiles = contract("profiles")
ModelSelection = contract("model_selection")
Scores = contract("scores")
ScoreReasons = contract("score_reasons")
ScoreCards = contract("score_cards")
Rules = contract("rules")
RuleMembers = contract("rule_members")
Lists = contract("lists")
ListChanges = contract("list_changes")
Triggers = contract("triggers")
TriggerEvents = contract("trigger_events")
TriggerCurves = contract("trigger_curves")
IntentGrid = contract("intent_grid")
Companies = contract("companies")
CompanyStaff = contract("company_staff")
CompanyLists = contract("company_lists")
Assignments = contract("assignments")
Deliveries = contract("deliveries")
Aggregates = contract("aggregates")
Checks = contract("checks")
Effects = contract("effects")
Decisions = contract("decisions")
Looks = contract("looks")
Learnings = contract("learnings")
Stability = contract("stability")
Clearances = contract("clearances")
Lineage = contract("lineage")
Audiences = contract("audiences")
Exports = contract("exports")
KpiFacts = contract("kpi_facts")
KpiRates = contract("kpi_rates")
ObjectiveMap = contract("objective_map")
Stakeholders = contract("stakeholders")
Refreshes = contract("refreshes")
RefreshCosts = contract("refresh_costs")
Variants = contract("variants")
TestShares = contract("test_shares")
Alerts = contract("alerts")
Findings = contract("findings")
