"""A column map to begin with, for what was fetched and no entry of the map reads yet."""

from pathlib import PurePath

import yaml

from coterie.collection.feeds import Feed, study_feeds
from coterie.lake.resuming.checkpoints import FETCHED
from coterie.study import Study


def maps_to_begin_with(study: Study) -> str:
    """Write entries of `02_sourcing.files` for the fetched files that none of them names.

    Their paths are relative to the study's lake, so `source` must be its folder.
    """
    block = study.blocks["02_sourcing"]
    known = [str(entry.get("path", "")) for entry in block.get("files", ())]
    entries = [
        entry_of(feed)
        for feed in study_feeds(block.get("apis", []))
        if feed.resource.gives and not any(PurePath(file_of(feed)).match(path) for path in known)
    ]
    written = yaml.safe_dump(entries, sort_keys=False, default_flow_style=None, width=1000)
    return written if entries else ""


def file_of(feed: Feed) -> str:
    """Locate a feed's file in the study's lake."""
    return f"{FETCHED}/{feed.name}.jsonl"


def entry_of(feed: Feed) -> dict:
    """Write one entry of a column map."""
    columns = {
        ours: path.format_map(feed.values) if path.startswith("=") else path
        for ours, path in feed.columns.items()
    }
    entry = {"path": file_of(feed), "gives": feed.resource.gives, "platform": feed.api}
    verbs = {"verbs": feed.resource.verbs} if feed.resource.verbs else {}
    return entry | {"columns": columns} | verbs
