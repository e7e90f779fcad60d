"""What a notebook reads and writes in the lake: which file a name stands for, and who wrote it."""

import os
from pathlib import Path

import ibis
import pandas as pd

from coterie.contracts import contract, model_contract
from coterie.lake.ownership.claims import claimed_folder, refuse_foreign
from coterie.lake.reading.containers import on_disk
from coterie.lake.versions.integrity import Origin
from coterie.lake.versions.pointers import (
    CURRENT,
    SCRATCH,
    edited_pointer,
    edited_scratch,
    read_by_hand,
    read_pointer,
)
from coterie.study import SettingsError, load_study, source_of, stage_of


class Journal:
    """The pointers of one study's lake, as one notebook sees them.

    Inside a run the runner sets COTERIE_POINTER, and writes stay private to the run until it
    succeeds. By hand they stay in the scratch, and no run sees them.
    """

    def __init__(self, study: str) -> None:
        settings = load_study(study)
        self.study = study
        self.folder = settings.lake
        self.source = source_of(settings)
        refuse_foreign(self.folder, study, source=self.source)
        given = os.environ.get("COTERIE_POINTER")
        self.in_run = bool(given)
        self.pointer = Path(given or self.folder / SCRATCH)
        self.run = os.environ.get("COTERIE_RUN", "by hand")
        self.stage = os.environ.get("COTERIE_STAGE")
        self.engine = opened_engine(settings.engine)
        ibis.set_backend(self.engine)  # tables made from frames run where the study's tables lie

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
        with (
            edited_pointer(self.pointer) if self.in_run else edited_scratch(self.folder) as pointer
        ):
            if pointer["attempt"] not in (None, self.run):
                raise SettingsError(
                    f"run {self.run} was stopped; run {pointer['attempt']} goes on."
                )
            pointer[section][name] = relative
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

    def claimed(self) -> Path:
        """Make the lake's folder private and this study's; see `folders.claimed_folder`."""
        return claimed_folder(self.folder, self.study, source=self.source)

    def origin(self, file: str) -> Origin:
        """Say which notebook of which run wrote a stored file."""
        if self.in_run:
            pointers = (self.known(), read_pointer(self.folder / CURRENT))
        else:
            pointers = (read_pointer(self.folder / CURRENT),)
        for pointer in pointers:
            for stage, used in pointer["journal"].items():
                if file in used.get("writes", {}).values():
                    run = pointer["stages"].get(stage, {}).get("run", self.run)
                    return Origin(self.study, stage, run)
        return Origin(self.study, writer_of(file), run="")


def opened_engine(url: str) -> ibis.BaseBackend:
    """Connect to the engine of a study.

    Raises
    ------
    SettingsError
        Naming the setting and the reason, the address left out: it may hold a password.
    """
    try:
        return ibis.connect(url)
    except Exception as error:  # each engine has errors of its own
        kind, _, place = url.partition("://")
        why = str(error).split("\n")[0].replace(url, "it").replace(place or url, "...")
        raise SettingsError(
            f"engine: {kind}:// could not be opened ({type(error).__name__}: {why}); the embedded "
            "engine is duckdb://."
        ) from None


def writer_of(file: str) -> str:
    """Name the notebook that writes a stored file, by the two digits of its stage.

    >>> writer_of("tables/people/a.parquet"), writer_of("models/assignment/b.safetensors")
    ('02', '05')
    """
    kind, name = Path(file).parts[:2]
    if name.startswith("findings_"):
        return name.removeprefix("findings_")
    return (model_contract if kind == "models" else contract)(name).stage


def file_state(file: Path) -> str:
    """Fingerprint a file by size and time; the content may be too large to read each time."""
    place = on_disk(file)
    if not place.exists():
        return "absent"
    state = place.stat()
    return f"{state.st_size}:{state.st_mtime_ns}"
