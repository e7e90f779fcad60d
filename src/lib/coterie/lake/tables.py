"""The only memory between notebooks: tables and models, checked against their contract both ways.

A table is one immutable Parquet file named after its content; `current.json` says which files are
the last good ones. A run writes to a pointer of its own and swaps it in when everything succeeded,
so a killed run leaves the last good tables as they were. By hand, in JupyterLab, a notebook reads
the last run's tables and writes to a scratch pointer, until `coterie adopt STUDY`.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

from coterie.contracts import Contract, Findings, Labels, model_contract
from coterie.lake.column_map.files import SourceFile, locate_files, read_rows, source_folder
from coterie.lake.column_map.register import read_register
from coterie.lake.ownership.folders import private_folder
from coterie.lake.ownership.ledger import made_in, note_made
from coterie.lake.privacy.access import log_access
from coterie.lake.privacy.keys import KEY, RENAMED, read_renamed, secret_key
from coterie.lake.privacy.outbox import read_audience_file, write_audience_file, write_private_file
from coterie.lake.rereading.plain_picking import Ear
from coterie.lake.rereading.plain_reading import PlainFile, read_map_plainly
from coterie.lake.resuming.cache import cached_rows
from coterie.lake.resuming.checkpoints import FETCHED
from coterie.lake.resuming.fetched import STATE, read_feeds
from coterie.lake.spreadsheets.labelling import read_sheet, write_sheet
from coterie.lake.spreadsheets.pairs import PAIRS, read_pairs
from coterie.lake.versions.checks import (
    as_contracted,
    as_finding,
    check_columns,
    check_contract,
    in_short,
    plain,
)
from coterie.lake.versions.integrity import verify
from coterie.lake.versions.journal import Journal, file_state
from coterie.lake.versions.models import Model, check_model, model_digest, read_model_file, to_bytes
from coterie.lake.versions.pointers import CURRENT, read_pointer
from coterie.lake.versions.storage import store_table
from coterie.study import project_root

SHEET = "posts.csv"


class Lake(Journal):
    """The tables and models of one study.

    Inside a run the runner sets COTERIE_POINTER, and writes stay private to the run until it
    succeeds. By hand they stay in the scratch, and no run sees them.
    """

    # tables

    def read(self, contract: Contract) -> ibis.Table:
        """Read a table as the last writer left it.

        Raises
        ------
        SettingsError
            Naming the notebook that writes it, when none has yet or the file is gone.
        """
        table = self.load(contract, self.file_of(contract.table, "table", contract.stage))
        return self.seen(contract, table)

    def read_previous(self, contract: Contract) -> ibis.Table | None:
        """Read a table as the run before left it, None before the second run.

        Only the tables that a notebook reads so are kept, and only the people of the last run.
        """
        current = read_pointer(self.folder / CURRENT)
        last = current["tables" if self.in_run else "previous"]
        name = contract.table
        if name not in last or (self.in_run and name in self.known()["lost"]):
            return None
        return self.seen(contract, self.load_past(contract, last[name]))

    def seen(self, contract: Contract, table: ibis.Table) -> ibis.Table:
        """Write down who read a restricted table; every other may be read unseen."""
        if contract.restricted:
            reader = {"run": self.run, "stage": self.stage or "by hand", "table": contract.table}
            log_access(self.folder, reader | {"rows": int(table.count().execute())})
        return table

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
        that carry no grade of their own. A stage records once: a second call takes the place of the
        first.
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
        file = verify(self.folder / relative, f"model {name}", self.origin(relative))
        model = read_model_file(file, name)
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
        place = f"models/{name}/{model_digest(content)}.safetensors"
        note_made(self.claimed(), place)
        write_private_file(self.folder / place, content)
        self.point("tables", f"model:{name}", place)
        return model

    # raw files, labels, audiences

    def read_files(
        self, source: str, files: list[dict], *, besides: Callable[[str], bool] | None = None
    ) -> list[SourceFile]:
        """Read a study's raw files as the column map lists them; a changed file reruns the stage.

        Columns that nobody mapped are read too where `besides` says so of their name.

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
        return [read_rows(path, entry, folder=source, besides=besides) for path, entry in found]

    def read_register(self, file: str, columns: Mapping[str, str], *, known: tuple) -> pd.DataFrame:
        """Read a register of companies as text, see `register`; a changed one reruns the stage."""
        if not file:
            return pd.DataFrame(columns=list(known), dtype="str")
        path = project_root() / file
        self.note("files", str(path), file_state(path))
        return read_register(path, columns, known)

    def read_again(self, source: str, entries: list[dict]) -> list[SourceFile]:
        """Read some rows of files that `read_files` read whole; others are not counted again."""
        found = locate_files(source, entries) if entries else []
        read = [read_rows(path, entry, folder=source) for path, entry in found]
        return [file._replace(left_out=0) for file in read]

    def fetched(self, apis: list) -> pd.DataFrame:
        """List how far `coterie fetch` came with each resource; a new fetch reruns the stage."""
        file = self.folder / FETCHED / STATE
        self.note("files", str(file), file_state(file))
        return read_feeds(file, apis)

    def write_files(self, folder: str | Path, files: dict[str, bytes]) -> list[Path]:
        """Write raw personal files where only their owner can read them."""
        if Path(folder).is_relative_to(self.folder):
            self.claimed()
        private_folder(Path(folder))
        return [write_private_file(Path(folder) / name, files[name]) for name in files]

    def write_sheet(self, posts: pd.DataFrame) -> Path:
        """Write posts for a person to label; see `sheet.write_sheet`."""
        return write_sheet(private_folder(self.claimed() / "labels") / SHEET, posts)

    def read_labels(self) -> ibis.Table:
        """Read all that is known to be true: labels of the sources, and of the sheet, which win."""
        file = self.folder / "labels" / SHEET
        self.note("files", str(file), file_state(file))
        sheet = ibis.memtable(read_sheet(file), schema=ibis.schema(Labels.types))
        return self.read(Labels).anti_join(sheet, list(Labels.key)).union(sheet)

    def read_reviewed(self) -> pd.DataFrame:
        """Read what a person said of pairs of accounts; see `pairs.read_pairs`."""
        file = self.folder / PAIRS
        self.note("files", str(file), file_state(file))
        return read_pairs(file, renamed=self.renamed())

    def write_audience(self, name: str, rows: pd.DataFrame) -> tuple[Path, str]:
        """Write one audience file to the outbox; return where it lies and its fingerprint."""
        path = self.outbox / f"{name}.csv"
        note_made(self.claimed(), str(path.relative_to(self.folder)))
        return path, write_audience_file(path, rows)

    def read_audiences(self) -> dict[str, pd.DataFrame]:
        """Read this run's audience files back as they lie in the outbox, by name."""
        begins = str(self.outbox.relative_to(self.folder))
        made = sorted(name for name in made_in(self.folder) if name.startswith(f"{begins}/"))
        files = [self.folder / name for name in made if (self.folder / name).is_file()]
        return {file.stem: read_audience_file(file) for file in files}

    @property
    def outbox(self) -> Path:
        """Where this run's audience files lie."""
        return self.folder / "outbox" / self.run.replace(" ", "-")

    def keep_audiences(self, names: Iterable[str], *, passed: bool) -> None:
        """Delete this run's audience files unless a check was passed: nobody may upload them."""
        for name in () if passed else names:
            (self.outbox / f"{name}.csv").unlink(missing_ok=True)

    def read_plainly(self, column_map: pd.DataFrame, *, ear: Ear | None = None) -> list[PlainFile]:
        """Read the raw files of a column map a second time, by another way; see `plain_reading`."""
        return [
            file
            for source, rows in column_map.groupby("source")
            for file in read_map_plainly(
                source_folder(source), map(json.loads, rows["entry"]), ear=ear
            )
        ]

    def secret_key(self) -> bytes:
        """Return the key of the study's pseudonyms; see `keys.secret_key`."""
        file = self.claimed() / "tables" / "vault" / KEY
        key = secret_key(file)
        self.note("files", str(file), file_state(file))  # a new key runs again what it named
        return key

    def renamed(self) -> dict[str, str]:
        """Tell what pseudonyms of earlier keys are called now; see `coterie rotate`."""
        return read_renamed(self.folder / "tables" / "vault" / RENAMED)

    def cache(
        self, name: str, keys: list[str], compute: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[np.ndarray, int]:
        """Look rows of numbers up by key and compute only those of new keys; see `cached_rows`."""
        return cached_rows(self.claimed() / "cache", name, keys, compute)

    # files of tables

    def store(self, contract: Contract, name: str, table: ibis.Table | pd.DataFrame) -> str:
        """Write one checked, sorted file named after its content; return where it lies."""
        if isinstance(table, pd.DataFrame):
            table = ibis.memtable(table)
        columns = contract.types
        check_columns(contract, name, table)
        ordered = table.select(*columns).cast(columns).order_by(list(contract.key or columns))

        def write(draft: Path) -> None:
            self.engine.to_parquet(ordered, draft)
            check_contract(contract, name, self.engine.read_parquet(draft).cast(columns))

        # pseudonyms, moods and consents are personal data too: the whole lake is private
        return store_table(self.claimed(), name, write, restricted=contract.restricted)

    def load_past(self, contract: Contract, file: str) -> ibis.Table:
        """Read a file that an earlier version may have written: columns added since are absent."""
        table = self.open(file)
        known = {name: kind for name, kind in contract.types.items() if name in table.columns}
        return table.cast(known)

    def load(self, contract: Contract, file: str) -> ibis.Table:
        """Read one stored file through its contract."""
        table = as_contracted(contract, self.open(file))
        check_contract(contract, contract.table, table)
        return table

    def open(self, file: str) -> ibis.Table:
        """Open one stored file, once its content fits its name."""
        what = f"table {Path(file).parent.name}"
        return self.engine.read_parquet(verify(self.folder / file, what, self.origin(file)))
