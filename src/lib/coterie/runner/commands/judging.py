"""A study's pre-aggregated tests judged at once: from its file and theirs, without people."""

from datetime import date
from typing import NamedTuple

import pandas as pd

from coterie import experiments, sourcing
from coterie.lake.column_map.files import locate_files, read_rows
from coterie.study import SettingsError, Study, notebook_parameters

AIM = ("goal", "owner", "kpis", "primary", "base_rate", "minimum_lift", "horizon_days")
KIND = "sums"


class Judged(NamedTuple):
    """What the plans of a study say of the tests that were added up."""

    report: experiments.Report
    not_read: pd.DataFrame  # rows set aside: file, row, reason


def judge_sums(study: Study) -> Judged:
    """Hold each test of which a file gives sums against its plan; nothing is written.

    Only files that name nobody are read, so nobody's rights stand in the way; when the plans were
    written down is not looked up.

    Raises
    ------
    SettingsError
        When no file of the study gives sums.
    """
    aims, sources = (with_defaults(study, stage) for stage in ("01_objectives", "02_sourcing"))
    entries = [entry for entry in sources["files"] if entry.get("gives") == KIND]
    if not entries:
        raise SettingsError("02_sourcing.files: no entry gives sums; `coterie run` judges others.")
    found = locate_files(sources["source"], entries)
    raw = [read_rows(path, entry, folder=sources["source"]) for path, entry in found]
    day = date.fromisoformat(sources["as_of"])
    rows = sourcing.sort_all(raw, as_of=day)[KIND]
    tests = experiments.from_warehouse(sourcing.sums_table(rows.kept), plans_of(aims))
    campaigns = {name: test.campaign for name, test in tests.items()}
    sums = {name: test.sums for name, test in tests.items()}
    report = experiments.from_sums(campaigns, sums, min_people=aims["min_people"], as_of=day)
    return Judged(report, rows.quarantined.to_pandas())


def with_defaults(study: Study, stage: str) -> dict:
    """Give a notebook's settings, those that the study leaves alone included."""
    usual = {name: known.default for name, known in notebook_parameters(stage).items()}
    return usual | study.blocks[stage]


def plans_of(aims: dict) -> dict[str, experiments.Plan]:
    """List the plans that 01 would write down, by campaign."""
    usual = experiments.default_plan(**{name: aims[name] for name in AIM})
    plan = experiments.with_arms(usual, aims["arms"], act_when=aims["act_when"])
    every = [*experiments.own_plans(aims["plans"], plan), plan]
    return {own.id: own for own in every}
