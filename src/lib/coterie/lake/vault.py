"""What of a lake its owner alone may see: the key of the pseudonyms, and who read what."""

from pathlib import Path

import ibis

from coterie.contracts import Contract
from coterie.lake.outbox import KEY, RENAMED, log_access, read_renamed, secret_key
from coterie.lake.pointers import file_state


class Restricted:
    """The part of a lake that guards the vault."""

    folder: Path
    run: str
    stage: str | None

    def note(self, kind: str, name: str, fingerprint: str) -> None:
        """Journal what a stage of a run used."""
        raise NotImplementedError

    def seen(self, contract: Contract, table: ibis.Table) -> ibis.Table:
        """Write down who read a restricted table; every other may be read unseen."""
        if contract.restricted:
            reader = {"run": self.run, "stage": self.stage or "by hand", "table": contract.table}
            log_access(self.folder, reader | {"rows": int(table.count().execute())})
        return table

    def secret_key(self) -> bytes:
        """Return the key of the study's pseudonyms; see `outbox.secret_key`."""
        file = self.folder / "tables" / "vault" / KEY
        key = secret_key(file)
        self.note("files", str(file), file_state(file))  # a new key runs again what it named
        return key

    def renamed(self) -> dict[str, str]:
        """Tell what pseudonyms of earlier keys are called now; see `coterie rotate`."""
        return read_renamed(self.folder / "tables" / "vault" / RENAMED)
