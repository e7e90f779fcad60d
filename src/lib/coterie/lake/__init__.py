"""The only memory between notebooks, and the only place that reads and writes files."""

from coterie.lake.checks import Finding, pseudonym
from coterie.lake.files import LINE, SourceFile, source_folder
from coterie.lake.models import Model
from coterie.lake.outbox import write_private_file
from coterie.lake.pointers import (
    CURRENT,
    SCRATCH,
    STAGING,
    edited_pointer,
    made_folder,
    read_pointer,
    write_pointer,
)
from coterie.lake.progress import PROGRESS, progress
from coterie.lake.tables import Lake, file_state
from coterie.lake.tombstones import TOMBSTONES, Gone, bury, gone_from, mark_of, read_tombstones
