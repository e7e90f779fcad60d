"""`coterie watch`: triggers over events as they arrive, on one machine; in the order to read it.

state (what is kept between batches, in one DuckDB file), intake (new rows of files), outlet (what
was decided, as lines and to a webhook), watching (the loop, and how fast it was), spark (the same
on Spark Structured Streaming, for logs that one machine cannot hold).
"""

from coterie.runner.streaming.watching import Options, watch_study
