"""Deleting what may not be kept, in every artefact: `coterie expire` and `coterie forget`.

Read command (the two deeds), due (who and what must go), stored (tables of the lake, all
versions), artefacts (text cache, sheet, audience files, run folders), fetched
(what APIs sent).
"""

from coterie.runner.expiry.command import Deleted, day, expire, forget
