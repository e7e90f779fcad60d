"""The only memory between notebooks: tables and models, checked against their contract both ways.

A table is one immutable Parquet file named after its content; `current.json` says which files are
the last good ones. A run writes to a pointer of its own and swaps it in when everything succeeded,
so a killed run leaves the last good tables as they were. By hand, in JupyterLab, a notebook reads
the last run's tables and writes to a scratch pointer, until `coterie adopt STUDY`.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

from coterie.contracts import Contract, Findings, Labels, model_contract
from coterie.lake.cache import cached_rows
from coterie.lake.checkpoints import FETCHED
from coterie.lake.checks import as_finding, check_columns, check_contract, in_short, plain
from coterie.lake.fetched import STATE, read_feeds
from coterie.lake.files import SourceFile, locate_files, read_rows, source_folder
from coterie.lake.models import Model, check_model, model_digest, read_model_file, to_bytes
from coterie.lake.outbox import (
    read_audience_files,
    secret_key,
    write_audience_file,
    write_private_file,
)
from coterie.lake.plain_reading import PlainFile, read_map_plainly
from coterie.lake.pointers import (
    CURRENT,
    SCRATCH,
    edited_pointer,
    file_state,
    made_folder,
    private_folder,
    read_by_hand,
    read_pointer,
    read_scratch,
    write_pointer,
)
from coterie.lake.sheet import read_sheet, write_sheet
from coterie.study import SettingsError, load_study, stage_of

SHEET = "posts.csv"


class Lake:
    """The tables and models of one study.

    Inside a run the runner sets COTERIE_POINTER, and writes stay private to the run until it
    succeeds. By hand they stay in the scratch, and no run sees them.
    """

    def __init__(self, study: str) -> None:
        settings = load_study(study)
        self.folder = settings.lake
        given = os.environ.get("COTERIE_POINTER")
        self.in_run = bool(given)
        self.pointer = Path(given or self.folder / SCRATCH)
        self.run = os.environ.get("COTERIE_RUN", "by hand")
        self.stage = os.environ.get("COTERIE_STAGE")
        self.engine = ibis.connect(settings.engine)
        ibis.set_backend(self.engine)  # tables made from frames run where the study's tables lie

    # tables

    def read(self, contract: Contract) -> ibis.Table:
        """Read a table as the last writer left it.

        Raises
        ------
        SettingsError
            Naming the notebook that writes it, when none has yet or the file is gone.
        """
        return self.load(contract, self.file_of(contract.table, "table", contract.stage))

    def read_previous(self, contract: Contract) -> ibis.Table | None:
        """Read a table as the run before left it, None before the second run."""
        last = read_pointer(self.folder / CURRENT)["tables" if self.in_run else "previous"]
        name = contract.table
        return self.load_past(contract, last[name]) if name in last else None

    def write(self, contract: Contract, table: ibis.Table | pd.DataFrame) -> ibis.Table:
        """Store a table, check it, and only then let readers see it; return it as stored.

        Raises
        ------
        DataError
            Naming table, column and check when the contract is broken, never a value.
        """
        relative = self.store(contract, contract.table, table)
        self.point("tables", contract.table, relative)
        return self.load(contract, relative)

    def record(self, stage: str, *, evidence: str = "D", **findings: object) -> pd.DataFrame:
        """Record a stage's findings and return them to be shown.

        A finding is a scalar, a tuple `(value, low, high)` or a `Finding`; `evidence` grades those
        that carry no grade of their own.
        """
        rows = [as_finding(value, evidence) for value in findings.values()]
        frame = pd.DataFrame(rows).assign(run=self.run, stage=stage, name=list(findings))
        frame["value"] = [json.dumps(plain(row.value)) for row in rows]
        frame[["low", "high"]] = frame[["low", "high"]].astype(float)
        name = f"findings_{stage}"
        self.point("findings", name, self.store(Findings, name, frame))
        columns = {"value": [row.value for row in rows], "low": frame["low"], "high": frame["high"]}
        shown = {name: [in_short(value) for value in values] for name, values in columns.items()}
        return frame[["name", "evidence"]].assign(**shown)[["name", *shown, "evidence"]]

    # models

    def read_model(self, name: str) -> Model:
        """Read a fitted model as the last writer left it.

        Raises
        ------
        SettingsError
            Naming the notebook that writes it, when none has yet or the file is gone.
        """
        contract = model_contract(name)
        relative = self.file_of(f"model:{name}", "model", contract.stage)
        model = read_model_file(self.folder / relative, name)
        check_model(contract, model)
        return model

    def write_model(self, name: str, model: Model) -> Model:
        """Store a fitted model under a name declared in contracts/models.yml; return it.

        Raises
        ------
        DataError
            Naming model and array when the contract is broken, never a value.
        """
        check_model(model_contract(name), model)
        content = to_bytes(model)
        private_folder(self.folder)
        file = self.folder / "models" / name / f"{model_digest(content)}.safetensors"
        write_private_file(file, content)
        self.point("tables", f"model:{name}", str(file.relative_to(self.folder)))
        return model

    # raw files, labels, audiences

    def read_files(self, source: str, files: list[dict]) -> list[SourceFile]:
        """Read a study's raw files as the column map lists them; a changed file reruns the stage.

        Raises
        ------
        SettingsError
            Naming the file and key: no such file, empty, unreadable, or a mapped column missing.
        """
        found = locate_files(source, files)
        folder = source_folder(source)
        joined = [folder / entry["join"]["path"] for _, entry in found if entry["join"]]
        for path in (*(path for path, _ in found), *joined):
            self.note("files", str(path), file_state(path))
        return [read_rows(path, entry, folder=source) for path, entry in found]

    def fetched(self, apis: list) -> pd.DataFrame:
        """List how far `coterie fetch` came with each resource; a new fetch reruns the stage."""
        file = self.folder / FETCHED / STATE
        self.note("files", str(file), file_state(file))
        return read_feeds(file, apis)

    def write_files(self, folder: str | Path, files: dict[str, bytes]) -> list[Path]:
        """Write raw personal files where only their owner can read them."""
        private_folder(Path(folder))
        return [write_private_file(Path(folder) / name, files[name]) for name in files]

    def write_sheet(self, posts: pd.DataFrame) -> Path:
        """Write posts for a person to label; see `sheet.write_sheet`."""
        return write_sheet(private_folder(self.folder / "labels") / SHEET, posts)

    def read_labels(self) -> ibis.Table:
        """Read all that is known to be true: labels of the sources, and of the sheet, which win."""
        file = self.folder / "labels" / SHEET
        self.note("files", str(file), file_state(file))
        sheet = ibis.memtable(read_sheet(file), schema=ibis.schema(Labels.types))
        return self.read(Labels).anti_join(sheet, list(Labels.key)).union(sheet)

    def write_audience(self, name: str, rows: pd.DataFrame) -> tuple[Path, str]:
        """Write one audience file to the outbox; return where it lies and its fingerprint."""
        path = self.folder / "outbox" / self.run.replace(" ", "-") / f"{name}.csv"
        return path, write_audience_file(path, rows)

    def read_audiences(self) -> dict[str, pd.DataFrame]:
        """Read this run's audience files back as they lie in the outbox, by name."""
        return read_audience_files(self.folder / "outbox" / self.run.replace(" ", "-"))

    def keep_audiences(self, passed: bool) -> None:
        """Delete this run's audience files unless a check was passed: nobody may upload them."""
        for name in () if passed else self.read_audiences():
            (self.folder / "outbox" / self.run.replace(" ", "-") / f"{name}.csv").unlink()

    def read_plainly(self, column_map: pd.DataFrame) -> list[PlainFile]:
        """Read the raw files of a column map a second time, by another way; see `plain_reading`."""
        return [
            file
            for source, rows in column_map.groupby("source")
            for file in read_map_plainly(source_folder(source), map(json.loads, rows["entry"]))
        ]

    def secret_key(self) -> bytes:
        """Return the key of the study's pseudonyms; see `outbox.secret_key`."""
        return secret_key(self.folder / "tables" / "vault" / "key")

    def cache(
        self, name: str, keys: list[str], compute: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[np.ndarray, int]:
        """Look rows of numbers up by key and compute only those of new keys; see `cached_rows`."""
        return cached_rows(self.folder / "cache", name, keys, compute)

    # the journal

    def lineage(self) -> pd.DataFrame:
        """List which stage read and wrote which table or model in the run so far."""
        journal = self.known()["journal"]
        rows = [
            (stage, direction, table, Path(file).stem)
            for stage, used in sorted(journal.items())
            for direction in ("reads", "writes")
            for table, file in sorted(used.get(direction, {}).items())
        ]
        return pd.DataFrame(rows, columns=["stage", "direction", "table", "digest"])

    def note(self, kind: str, name: str, fingerprint: str) -> None:
        """Journal what a stage of a run used; by hand there is no journal."""
        if self.stage:
            with edited_pointer(self.pointer) as pointer:
                used = pointer["journal"].setdefault(self.stage, {})
                used.setdefault(kind, {})[name] = fingerprint

    def known(self) -> dict:
        """Read the pointer as this notebook sees it."""
        return read_pointer(self.pointer) if self.in_run else read_by_hand(self.folder)

    def point(self, section: str, name: str, relative: str) -> None:
        """Let a name stand for a stored file, for this run or in the scratch."""
        pointer = read_pointer(self.pointer) if self.in_run else read_scratch(self.folder)
        pointer[section][name] = relative
        write_pointer(self.pointer, pointer)
        self.note("writes", name, relative)

    def file_of(self, name: str, what: str, stage: str) -> str:
        """Find the file that a table or model lies in, and journal that it was read."""
        relative = self.known()["tables"].get(name, "")
        if not (relative and (self.folder / relative).exists()):
            raise SettingsError(
                f"{self.folder}: no {what} {name.removeprefix('model:')} yet; "
                f"run the study, or {stage_of(stage)}, which writes it."
            )
        self.note("reads", name, relative)
        return relative

    # files of tables

    def store(self, contract: Contract, name: str, table: ibis.Table | pd.DataFrame) -> str:
        """Write one checked, sorted file named after its content; return where it lies."""
        if isinstance(table, pd.DataFrame):
            table = ibis.memtable(table)
        columns = contract.types
        private_folder(self.folder)  # pseudonyms, moods and consents are personal data too
        check_columns(contract, name, table)
        folder = self.folder / "tables" / name
        folder = private_folder(folder) if contract.restricted else made_folder(folder)
        draft = folder / f".draft-{os.getpid()}.parquet"
        ordered = table.select(*columns).cast(columns).order_by(list(contract.key or columns))
        try:
            self.engine.to_parquet(ordered, draft)
            check_contract(contract, name, self.engine.read_parquet(draft).cast(columns))
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        draft.chmod(0o600 if contract.restricted else 0o644)
        with draft.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()[:16]
        file = draft.replace(folder / f"{digest}.parquet")
        return str(file.relative_to(self.folder))

    def load_past(self, contract: Contract, file: str) -> ibis.Table:
        """Read a file that an earlier version may have written: columns added since are absent."""
        table = self.engine.read_parquet(self.folder / file)
        known = {name: kind for name, kind in contract.types.items() if name in table.columns}
        return table.cast(known)

    def load(self, contract: Contract, file: str) -> ibis.Table:
        """Read one stored file through its contract."""
        table = self.engine.read_parquet(self.folder / file).cast(contract.types)
        check_contract(contract, contract.table, table)
        return table
