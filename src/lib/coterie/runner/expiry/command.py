"""`coterie expire` applies the rules of retention, `coterie forget` erases who asks."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from coterie import contracts
from coterie.lake import CURRENT, Lake, bury, ledger_key, mark_of, read_pointer, read_tombstones
from coterie.runner.expiry.artefacts import (
    clear_cache,
    clear_outbox,
    clear_renamed,
    clear_runs,
    clear_sheet,
    clear_stream,
    months_of,
)
from coterie.runner.expiry.due import Leaving, asked_by, due_on
from coterie.runner.expiry.fetched import clear_fetched
from coterie.runner.expiry.stored import rewrite_tables
from coterie.runner.preparation.lock import locked
from coterie.sourcing.retention import Rule, rules_of
from coterie.study import SettingsError, Study, project_root

MIN_PEOPLE = 50  # where 01 has set no floor yet


class Deleted(NamedTuple):
    """What left, and what is to be done now."""

    n_people: int
    rows: dict[str, int]  # by table of the last run
    beside: dict[str, int]  # cached texts, rows of audience files, run folders …
    models: list[str]  # fitted on data of people who left: the next run fits them again

    @property
    def nothing(self) -> bool:
        """Say whether nothing had to go."""
        return not (self.n_people or self.rows or any(self.beside.values()))

    @property
    def told(self) -> str:
        """Say what left, and what is to be done now."""
        if self.nothing:
            return "Nothing is kept longer than its rule allows."
        rows = [(f"rows of {table}", n) for table, n in self.rows.items()]
        beside = [(what, n) for what, n in self.beside.items() if n]
        lines = [f"{n:>9,}  {what}" for what, n in (("people", self.n_people), *rows, *beside)]
        if self.models:
            fitted = ", ".join(self.models)
            lines.append(f"Fitted on some of it: {fitted}. `coterie run` fits them anew.")
        return "\n".join(["Deleted:", *lines])


def day(text: str) -> date:
    """Read a day of the command line; nothing is today.

    >>> day("2026-07-01")
    datetime.date(2026, 7, 1)
    """
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise SettingsError(f"--as-of {text}: a day is written like 2026-07-01.") from None


def expire(study: Study, *, today: date) -> Deleted:
    """Delete what the rules forbid to keep on a day, everywhere, and write that into the ledger.

    Raises
    ------
    SettingsError
        When the study has no finished run, or a day lies before the last one it was expired for.
    """
    with locked(study, f"expiry as of {today}"):
        lake = opened(study)
        last = [entry["clock"] for entry in read_tombstones(lake.folder) if entry.get("clock")]
        if last and date.fromisoformat(max(last)) > today:
            raise SettingsError(f"--as-of {today}: expired up to {max(last)} already.")
        rules = rules_of(study.blocks["02_sourcing"].get("retention") or {})
        leaving = due_on(lake, rules, today=today)
        entries = [tombstone(lake, rule, leaving) for rule in rules if rule.then == "aggregate"]
        return delete(study, lake, leaving, entries, why="expired")


def forget(study: Study, identifiers: list[str]) -> Deleted:
    """Erase the people who carry one of these identifiers, everywhere and for good.

    Raises
    ------
    SettingsError
        When the study has no finished run, or nobody carries one.
    """
    with locked(study, "erasure on request"):
        lake = opened(study)
        return delete(study, lake, asked_by(lake, identifiers), [], why="erased")


def opened(study: Study) -> Lake:
    """Open the lake of a study that has run."""
    if not read_pointer(study.lake / CURRENT)["tables"]:
        raise SettingsError(f"{study.name}: nothing is stored yet; `coterie run {study.name}`.")
    return Lake(study.name)


def delete(study: Study, lake: Lake, leaving: Leaving, entries: list[dict], *, why: str) -> Deleted:
    """Write the ledger, then delete: what is interrupted is found in it, and done when repeated."""
    marks = marks_of(lake, leaving, why=why)
    head = {"deed": why, "clock": leaving.today and leaving.today.isoformat(), why: marks}
    bury(lake.folder, [head | {"people": len(leaving.people)}, *entries])
    rules = leaving.rules
    reports = project_root() / "reports" / study.name
    rows = rewrite_tables(lake, leaving)
    clear_renamed(lake, leaving)
    beside = {
        "texts of posts": len(leaving.words),
        "cached texts": clear_cache(lake),
        "fetched records": clear_fetched(lake, leaving),
        "rows on the sheets": clear_sheet(lake, leaving),
        "rows of a watch": clear_stream(lake, leaving),
        "audience files and rows": clear_outbox(lake, leaving, rules),
        "run folders": clear_runs(reports, leaving, rules),
    }
    models = models_of(study.lake) if rows else []
    bury(lake.folder, [{"deed": "done", "rows": rows, "beside": beside, "refit": models}])
    return Deleted(len(leaving.people), rows, beside, models)


def marks_of(lake: Lake, leaving: Leaving, *, why: str) -> list[str]:
    """Fingerprint who leaves: the accounts, and every identifier where somebody asked to go."""
    key = ledger_key(lake.folder)
    pairs = [tuple(pair) for pair in leaving.accounts.itertuples(index=False)]
    if why == "erased":
        found = leaving.identifiers[leaving.identifiers["kind"].isin(["email", "phone", "crm_id"])]
        pairs += list(zip(found["kind"], found["identifier"], strict=True))
    return sorted({mark_of(key, *pair) for pair in pairs})


def tombstone(lake: Lake, rule: Rule, leaving: Leaving) -> dict:
    """Keep of the rows that leave what names nobody: counts by month, by a rule that says so."""
    floors = lake.read(contracts.Floors).to_pandas().set_index("rule")["people"]
    min_people = int(floors.get("privacy", MIN_PEOPLE))
    totals = months_of(lake, rule, leaving.today, min_people=min_people)
    return {"rule": rule.rule, "because": list(rule.because), "totals": totals}


def models_of(folder: Path) -> list[str]:
    """Name the models that the last run fitted."""
    tables = read_pointer(folder / CURRENT)["tables"]
    return sorted(name.removeprefix("model:") for name in tables if name.startswith("model:"))
