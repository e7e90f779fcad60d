"""The only memory between notebooks, and the only place that reads and writes files."""

from coterie.lake.access import log_access
from coterie.lake.checks import Finding, pseudonym
from coterie.lake.claims import claimed_folder
from coterie.lake.files import LINE, SourceFile, source_folder
from coterie.lake.folders import LOCK, made_folder, owned
from coterie.lake.integrity import Origin, file_digest, is_intact, verify
from coterie.lake.journal import file_state
from coterie.lake.keys import CHECK, KEY, RENAMED, fingerprint, read_renamed
from coterie.lake.ledger import discard, made_in, note_made
from coterie.lake.listing import closed_folders, matching_files, shown, why_unreadable
from coterie.lake.models import Model
from coterie.lake.outbox import write_private_file
from coterie.lake.pairs import PAIRS, in_any_order, write_pairs
from coterie.lake.plain_picking import Ear, picked
from coterie.lake.plain_reading import PlainFile
from coterie.lake.pointers import (
    COPY,
    CURRENT,
    SCRATCH,
    STAGING,
    edited_pointer,
    locked_pointer,
    read_pointer,
    write_pointer,
)
from coterie.lake.progress import progress, progress_file
from coterie.lake.storage import discard_drafts, files_in_use, store_table
from coterie.lake.tables import Lake
from coterie.lake.tombstones import Gone, bury, gone_from, ledger_key, mark_of, read_tombstones
