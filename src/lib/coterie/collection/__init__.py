"""Fetching from APIs: the only part of the package that sends anything, by `coterie fetch STUDY`.

declarations (what an API is), feeds (what a study asks of it), limits (when it may be asked again),
refusals (what a no means), addressing and requests (one request), answers and paging (its records
and the next page), places (a list for each record of another), fetching (page by page into the
checkpoint, resumed where it stopped), maps (a column map to begin with).
"""

from coterie.collection.fetching import CLOCK, fetch_study
from coterie.collection.maps import maps_to_begin_with
