"""What a draft should say, and how much of it does: the right kind of table, the right columns."""

from pathlib import Path
from typing import NamedTuple

CASES = {  # where a case's own map could not say it, or states another way to the same rows
    "03-x-archive-tweets-js": [
        {
            "path": "tweets.js",
            "gives": "posts",
            "columns": {
                "post_id": "tweet.id_str",
                "at": "tweet.created_at",
                "text": "tweet.full_text",
                "is_person": "=no",
            },
        }
    ],
    "05-instagram-download-json": [
        {
            "path": "connections/followers_and_following/followers_1.json",
            "gives": "events",
            "columns": {
                "account": "string_list_data.0.value",
                "at": "string_list_data.0.timestamp",
                "verb": "=follow",
            },
        },
        {
            "path": "connections/followers_and_following/following.json",
            "gives": "accounts",
            "columns": {"account": "title"},
        },
    ],
    "14-opt-out-column-true-means-no": [
        {
            "path": "hubspot-contacts.csv",
            "gives": "consents",
            "columns": {
                "account": "Record ID - Contact",
                "purpose": "=advertising",
                "granted": {
                    "column": "Unsubscribed from all email",
                    "no_values": ["true", "yes", "1"],
                },
                "at": "Last Modified Date",
            },
        }
    ],
}


class Share(NamedTuple):
    """How much of what was expected a draft says."""

    kinds: int
    of_kinds: int
    columns: int
    of_columns: int
    wrong: list[str]


def share_right(drafted: list[dict], expected: list[dict]) -> Share:
    """Count the expected entries whose kind is drafted, and their columns that are the same."""
    kinds, columns, of_columns, wrong = 0, 0, 0, []
    for entry in expected:
        same = [d for d in drafted if (d["path"], d["gives"]) == (entry["path"], entry["gives"])]
        right = [
            {ours for ours, name in entry["columns"].items() if d["columns"].get(ours) == name}
            for d in same
        ]
        best = max(right, key=len, default=set())
        kinds += bool(same)
        columns += len(best)
        of_columns += len(entry["columns"])
        missed = sorted(set(entry["columns"]) - best)
        wrong += [f"{entry['path']} {entry['gives']}: {', '.join(missed)}"] if missed else []
    return Share(kinds, len(expected), columns, of_columns, wrong)


def unglobbed(entries: list[dict], folder: Path) -> list[dict]:
    """Write an entry for each file that its path matches, as a draft does."""
    return [
        entry | {"path": str(path.relative_to(folder))}
        for entry in entries
        for path in sorted(folder.glob(entry["path"]))
    ]
