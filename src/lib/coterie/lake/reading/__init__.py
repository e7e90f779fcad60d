"""Raw files as companies export them, whatever wrote them: read whole, or refused by a sentence.

containers (gz and zip), encoding (which letters the bytes are, and letters garbled before),
layout (separator and the lines before the header), delimited (rows of text, each kept or numbered
with what is wrong), bulk (large plain ones, left to DuckDB), objects (JSON, lines of JSON, wrapped
JSON, paths into it), sheets (workbooks), formats (which of them reads a file).
"""

from coterie.lake.reading.formats import ENDINGS, PACKED, SNIFFED, format_of, open_raw
from coterie.lake.reading.raw import RawRows
