"""What a segment cares about, in the words of the IAB Audience Taxonomy."""

import re
from pathlib import Path

import pandas as pd
import yaml

NODES = yaml.safe_load(Path(__file__).with_name("iab_audience.yml").read_text(encoding="utf-8"))
INTEREST = "inferred_interest_"
SHORTEST = 4  # letters from which the beginning of a word counts as the word: tech, Technology
FILLERS = {"and", "or", "of", "the", "in"}


def audience_node(interest: str) -> tuple[str, str]:
    """Find the taxonomy's node for an interest: its id and path, or two empty texts.

    A node fits when every word of the interest begins a word of its name; broad nodes come first.
    An interest that fits a node about health, politics, family or money troubles gets none.

    References
    ----------
    IAB Tech Lab, Audience Taxonomy 1.1, CC BY 3.0.

    >>> audience_node("tech"), audience_node("health")
    (('687', 'Interest | Technology & Computing'), ('', ''))
    >>> audience_node("fitness")
    ('408', 'Interest | Healthy Living | Fitness and Exercise')
    """
    wanted = words(interest)
    broad = [(node["id"], f"Interest | {name}", name) for name, node in NODES.items()]
    narrow = [
        (child_id, f"Interest | {name} | {child}", child)
        for name, node in NODES.items()
        for child, child_id in node.get("children", {}).items()
    ]
    fits = [
        (id_, path)
        for id_, path, name in [*broad, *narrow]
        if wanted and all(begins(w, words(name)) for w in wanted)
    ]
    withheld = {node["id"] for node in NODES.values() if node.get("withheld")}
    return fits[0] if fits and not withheld & {id_ for id_, _ in fits} else ("", "")


def words(name: str) -> list[str]:
    """Take the words of a name.

    >>> words("Food & Drink"), words("playback_and_sound")
    (['food', 'drink'], ['playback', 'sound'])
    """
    return [word for word in re.findall(r"[a-z]+", name.lower()) if word not in FILLERS]


def begins(word: str, names: list[str]) -> bool:
    """Say whether a word is one of the names, or the beginning of one."""
    return any(name == word or (len(word) >= SHORTEST and name.startswith(word)) for name in names)


def audience_nodes(profiles: pd.DataFrame, *, index_from: float = 120.0) -> pd.DataFrame:
    """List the nodes in which each segment stands out: their interval lies above the average.

    Returns
    -------
    DataFrame
        `segment`, `id`, `node`, `interest`, `index` (100 is like everybody), by segment and falling
        index.

    >>> row = {
    ...     "segment": "S1",
    ...     "trait": "inferred_interest_travel",
    ...     "low": 0.3,
    ...     "everyone": 0.2,
    ...     "index": 160.0,
    ... }
    >>> audience_nodes(pd.DataFrame([row])).values.tolist()
    [['S1', '719', 'Interest | Travel', 'travel', 160.0]]
    """
    marked = profiles[
        profiles["trait"].str.startswith(INTEREST)
        & (profiles["index"] >= index_from)
        & (profiles["low"] > profiles["everyone"])
    ]
    interest = marked["trait"].str.removeprefix(INTEREST)
    found = pd.DataFrame(
        [audience_node(name) for name in interest], columns=["id", "node"], index=marked.index
    )
    table = marked.assign(interest=interest.str.replace("_", " "), **found)
    table = table[table["id"] != ""].sort_values(["segment", "index"], ascending=[True, False])
    return table[["segment", "id", "node", "interest", "index"]].reset_index(drop=True)
