"""The only memory between notebooks, and the only place that reads and writes files."""

from coterie.lake.checks import Finding, pseudonym
from coterie.lake.files import LINE, SourceFile, source_folder
from coterie.lake.models import Model
from coterie.lake.plain_reading import PlainFile
from coterie.lake.pointers import (
    CURRENT,
    SCRATCH,
    STAGING,
    edited_pointer,
    file_state,
    made_folder,
    read_pointer,
    write_pointer,
)
from coterie.lake.progress import PROGRESS, progress
from coterie.lake.tables import Lake
