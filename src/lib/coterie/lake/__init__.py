"""The only memory between notebooks, and the only place that reads and writes files.

Begin with `tables`, the lake itself. Its families, in the order in which to read them:

versions      tables and models as they are kept, and pointers to the good ones
ownership     whose a folder is: nothing of anybody else's is taken, changed or deleted
column_map    the column map's entries: which raw file gives what
reading       raw files as companies export them, whatever wrote them
rereading     the same files read by another way, for checks only
spreadsheets  tables that a person opens, and what they answer in them
privacy       what touches personal data: pseudonyms, who looked, what left, who is gone
resuming      long work that is not done twice: checkpoints, cache, progress
"""

from coterie.lake.column_map.files import LINE, PEOPLE, SourceFile, source_folder
from coterie.lake.column_map.listing import closed_folders, matching_files, shown, why_unreadable
from coterie.lake.ownership.claims import claimed_folder
from coterie.lake.ownership.folders import LOCK, made_folder, owned
from coterie.lake.ownership.ledger import discard, made_in, note_made
from coterie.lake.privacy.access import log_access
from coterie.lake.privacy.keys import CHECK, KEY, RENAMED, fingerprint, read_renamed
from coterie.lake.privacy.outbox import write_private_file
from coterie.lake.privacy.tombstones import (
    Gone,
    bury,
    gone_from,
    ledger_key,
    mark_of,
    read_tombstones,
)
from coterie.lake.rereading.plain_picking import Ear, picked
from coterie.lake.rereading.plain_reading import PlainFile
from coterie.lake.resuming.progress import progress, progress_file
from coterie.lake.spreadsheets.pairs import PAIRS, in_any_order, write_pairs
from coterie.lake.tables import Lake
from coterie.lake.versions.checks import Finding, pseudonym
from coterie.lake.versions.integrity import Origin, file_digest, is_intact, verify
from coterie.lake.versions.journal import file_state
from coterie.lake.versions.models import Model
from coterie.lake.versions.pointers import (
    COPY,
    CURRENT,
    SCRATCH,
    STAGING,
    edited_pointer,
    locked_pointer,
    read_pointer,
    write_pointer,
)
from coterie.lake.versions.storage import discard_drafts, files_in_use, store_table
