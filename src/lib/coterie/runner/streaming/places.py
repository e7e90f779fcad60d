"""Where a watch keeps what, below the study's lake."""

FOLDER, INBOX, STATE, DECISIONS = "stream", "inbox", "state.duckdb", "decisions.ndjson"
SPARK, LOCK = "spark", "lock"  # below FOLDER: the state of the stream on Spark
