"""`coterie watch`: triggers over events as they arrive; in the order to read it.

places (where it keeps what), beginning (the study's triggers, and what was before), state (what is
kept between batches, in one DuckDB file), intake (new rows of files), outlet (what was decided, as
lines and to a webhook), watching (the loop, and how fast it was), spark and spark_watch (the same
on Spark Structured Streaming, for logs that one machine cannot hold), forgetting (people taken out
of all of it).
"""

from coterie.runner.streaming.spark_watch import watch_on_spark
from coterie.runner.streaming.watching import Options, watch_study
