"""The only memory between notebooks: tables in Parquet, checked against their contract both ways.

A table is one immutable file named after its content; `current.json` says which files are the
last good ones. A run writes to a pointer of its own and swaps it in when everything succeeded,
so a killed run leaves the last good tables as they were.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

from coterie.contracts import Contract, Findings, Labels, model_contract
from coterie.lake.cache import cached_rows
from coterie.lake.checks import as_finding, check_columns, check_contract, in_short, plain
from coterie.lake.files import SourceFile, locate_files, read_rows, source_folder
from coterie.lake.models import Model, check_model, read_model, to_bytes
from coterie.lake.pointers import edited_pointer, made_folder, private_folder, read_pointer
from coterie.lake.sheet import read_sheet, write_sheet
from coterie.study import SettingsError, load_study, stage_of

SHEET = "posts.csv"


class Lake:
    """The tables of one study.

    Inside a run the runner sets COTERIE_POINTER, and writes stay private to the run until it
    succeeds; in JupyterLab each write takes effect at once.
    """

    def __init__(self, study: str) -> None:
        settings = load_study(study)
        self.folder = settings.lake
        self.pointer = Path(os.environ.get("COTERIE_POINTER") or self.folder / "current.json")
        self.run = os.environ.get("COTERIE_RUN", "by hand")
        self.stage = os.environ.get("COTERIE_STAGE")
        self.engine = ibis.connect(settings.engine)
        ibis.set_backend(self.engine)  # tables made from frames run where the study's tables lie

    def read(self, contract: Contract) -> ibis.Table:
        """Read a table as the last writer left it.

        Raises
        ------
        SettingsError
            Naming the notebook that writes it, when none has yet or the file is gone.
        """
        name = contract.table
        tables = read_pointer(self.pointer)["tables"]
        if not (name in tables and (self.folder / tables[name]).exists()):
            raise SettingsError(
                f"{self.folder}: no table {name} yet; run the study, or {stage_of(contract.stage)}, which writes it."
            )
        self.note("reads", name, tables[name])
        return self.load(contract, tables[name])

    def read_previous(self, contract: Contract) -> ibis.Table | None:
        """Read a table as the last successful run left it, None before the second run."""
        last = read_pointer(self.folder / "current.json")["tables" if self.stage else "previous"]
        name = contract.table
        return self.load_past(contract, last[name]) if name in last else None

    def write(self, contract: Contract, table: ibis.Table | pd.DataFrame) -> ibis.Table:
        """Store a table, check it, and only then let readers see it; return it as stored.

        Raises
        ------
        DataError
            Naming table, column and check when the contract is broken, never a value.
        """
        return self.load(contract, self.store(contract, contract.table, table))

    def record(self, stage: str, *, evidence: str = "D", **findings: object) -> pd.DataFrame:
        """Record a stage's findings and return them to be shown.

        A finding is a scalar, a tuple `(value, low, high)` or a `Finding`; `evidence` grades those
        that carry no grade of their own.
        """
        rows = [as_finding(value, evidence) for value in findings.values()]
        frame = pd.DataFrame(rows).assign(run=self.run, stage=stage, name=list(findings))
        frame["value"] = [json.dumps(plain(row.value)) for row in rows]
        frame[["low", "high"]] = frame[["low", "high"]].astype(float)
        self.store(Findings, f"findings_{stage}", frame)
        columns = {"value": [row.value for row in rows], "low": frame["low"], "high": frame["high"]}
        shown = {name: [in_short(value) for value in values] for name, values in columns.items()}
        return frame[["name", "evidence"]].assign(**shown)[["name", *shown, "evidence"]]

    def read_files(self, source: str, files: list[dict]) -> list[SourceFile]:
        """Read a study's raw files as the column map lists them; a changed file reruns the stage.

        Raises
        ------
        SettingsError
            Naming the file and key: no such file, empty, unreadable, or a mapped column missing.
        """
        found = locate_files(source, files)
        joined = [source_folder(source) / entry["join"]["path"] for _, entry in found if entry["join"]]
        for path in (*(path for path, _ in found), *joined):
            state = path.stat()
            self.note("files", str(path), f"{state.st_size}:{state.st_mtime_ns}")
        return [read_rows(path, entry, folder=source) for path, entry in found]

    def write_files(self, folder: str | Path, files: dict[str, bytes]) -> list[Path]:
        """Write raw personal files where only their owner can read them."""
        paths = []
        for name, content in files.items():
            path = private_folder(Path(folder)) / name
            private_folder(path.parent)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
                opened.write(content)
            paths.append(path)
        return paths

    def write_model(self, name: str, model: Model) -> Model:
        """Store a fitted model under a name declared in contracts/models.yml; return it.

        Raises
        ------
        DataError
            Naming model and array when the contract is broken, never a value.
        """
        check_model(model_contract(name), model)
        content = to_bytes(model)
        digest = hashlib.sha256(content).hexdigest()[:16]
        private_folder(self.folder)
        [file] = self.write_files(
            self.folder / "models" / name, {f"{digest}.safetensors": content}
        )
        relative = str(file.relative_to(self.folder))
        with edited_pointer(self.pointer) as pointer:
            pointer["tables"][f"model:{name}"] = relative
        self.note("writes", f"model:{name}", relative)
        return model

    def read_model(self, name: str) -> Model:
        """Read a fitted model as the last writer left it.

        Raises
        ------
        SettingsError
            Naming the notebook that writes it, when none has yet or the file is gone.
        """
        contract = model_contract(name)
        relative = read_pointer(self.pointer)["tables"].get(f"model:{name}", "")
        file = self.folder / relative
        if not (relative and file.exists()):
            raise SettingsError(
                f"{self.folder}: no model {name} yet; "
                f"run the study, or {stage_of(contract.stage)}, which writes it."
            )
        self.note("reads", f"model:{name}", relative)
        model = read_model(file, name)
        check_model(contract, model)
        return model

    def cache(
        self, name: str, keys: list[str], compute: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[np.ndarray, int]:
        """Look rows of numbers up by key and compute only those of new keys; see `cached_rows`."""
        return cached_rows(self.folder / "cache", name, keys, compute)

    remember = cache  # the old name, until the lead has merged; delete it then

    def write_sheet(self, posts: pd.DataFrame) -> Path:
        """Write posts for a person to label; see `sheet.write_sheet`."""
        return write_sheet(private_folder(self.folder / "labels") / SHEET, posts)

    def read_labels(self) -> ibis.Table:
        """Read all that is known to be true: the labels of the sources, and those filled in on the sheet, which win."""
        file = self.folder / "labels" / SHEET
        self.note("files", str(file), f"{file.stat().st_size}:{file.stat().st_mtime_ns}" if file.exists() else "absent")
        sheet, key = ibis.memtable(read_sheet(file), schema=ibis.schema(Labels.types)), list(Labels.key)
        return self.read(Labels).anti_join(sheet, key).union(sheet)

    def write_audience(self, name: str, rows: pd.DataFrame) -> tuple[Path, str]:
        """Write one audience file to the study's outbox; return where it lies and its fingerprint."""
        content = rows.to_csv(index=False).encode()
        path = self.write_files(self.folder / "outbox" / self.run.replace(" ", "-"), {f"{name}.csv": content})[0]
        return path, hashlib.sha256(content).hexdigest()

    def secret_key(self) -> bytes:
        """Return the key of the study's pseudonyms: COTERIE_KEY, or one made once and kept in the vault."""
        if given := os.environ.get("COTERIE_KEY"):
            return given.encode()
        file = private_folder(self.folder / "tables" / "vault") / "key"
        if not file.exists():
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                opened.write(secrets.token_hex(32))
        return file.read_bytes()

    def lineage(self) -> pd.DataFrame:
        """List which stage read and wrote which table in the run so far."""
        journal = read_pointer(self.pointer)["journal"]
        rows = [
            (stage, direction, table, Path(file).stem)
            for stage, used in sorted(journal.items())
            for direction in ("reads", "writes")
            for table, file in sorted(used.get(direction, {}).items())
        ]
        return pd.DataFrame(rows, columns=["stage", "direction", "table", "digest"])

    def store(self, contract: Contract, name: str, table: ibis.Table | pd.DataFrame) -> str:
        """Write one checked, sorted, content-named file and point to it."""
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
            file = folder / f"{hashlib.file_digest(opened, 'sha256').hexdigest()[:16]}.parquet"
        draft.replace(file)
        relative = str(file.relative_to(self.folder))
        section = "findings" if contract.table == Findings.table else "tables"
        with edited_pointer(self.pointer) as pointer:
            pointer[section][name] = relative
        self.note("writes", name, relative)
        return relative

    def load_past(self, contract: Contract, file: str) -> ibis.Table:
        """Read a file that an earlier version may have written: columns added since are absent."""
        table = self.engine.read_parquet(self.folder / file)
        return table.cast({name: kind for name, kind in contract.types.items() if name in table.columns})

    def load(self, contract: Contract, file: str) -> ibis.Table:
        """Read one stored file through its contract."""
        table = self.engine.read_parquet(self.folder / file).cast(contract.types)
        check_contract(contract, contract.table, table)
        return table

    def note(self, kind: str, name: str, fingerprint: str) -> None:
        """Journal what a stage of a run used; by hand there is no journal."""
        if self.stage:
            with edited_pointer(self.pointer) as pointer:
                pointer["journal"].setdefault(self.stage, {}).setdefault(kind, {})[name] = fingerprint
