"""YAML of settings files: keys are words, no key twice, and no alias that repeats itself.

What the keys of a whole study take is said here too; what a notebook takes, its own cell says.
"""

import os
import re
from collections.abc import Iterator
from datetime import date

import yaml

LIKE = {"lake": "data/demo", "engine": "duckdb://", "keep_runs": "10", "keep_days": "365"}
LIMIT = 100_000  # values that aliases may repeat in all


class Settings(yaml.SafeLoader):
    """YAML whose keys are words: in YAML 1.1 a bare `on:` would be the key True."""

    def get_single_node(self) -> yaml.Node | None:
        """Read the document, and refuse what would be read otherwise than it looks."""
        node = super().get_single_node()
        if node is not None:
            refuse_traps(node)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Read a mapping, its keys as written."""
        for key, _ in node.value:
            key.tag = "tag:yaml.org,2002:str" if key.tag == "tag:yaml.org,2002:bool" else key.tag
        return super().construct_mapping(node, deep)


def refuse_traps(root: yaml.Node) -> None:
    """Raise a `MarkedYAMLError` that names the key of a repetition, or of a runaway alias."""
    sizes: dict[int, int] = {}
    under_way: set[int] = set()

    def size(node: yaml.Node, key: str) -> int:
        if id(node) in under_way:
            raise refusal(f"{key} is an alias of what it stands in", node)
        if id(node) not in sizes:
            under_way.add(id(node))
            refuse_repeated(node, key)
            parts = [size(part, within(key, name)) for name, part in parts_of(node)]
            sizes[id(node)] = 1 + sum(parts)
            under_way.remove(id(node))
            if sizes[id(node)] > LIMIT + 10 * len(sizes):
                raise refusal(f"the aliases in {key} repeat too much", node)
        return sizes[id(node)]

    size(root, "")


def refuse_repeated(node: yaml.Node, key: str) -> None:
    """Refuse a mapping in which a key stands twice: YAML would silently take the last."""
    if not isinstance(node, yaml.MappingNode):
        return
    seen = set()
    for name, _ in node.value:
        if str(name.value) in seen and name.value != "<<":
            raise refusal(f"the key {within(key, name.value)} stands there twice", name)
        seen.add(str(name.value))


def parts_of(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Give what a mapping or list holds, each part with its name or place."""
    if isinstance(node, yaml.MappingNode):
        yield from ((str(name.value), part) for name, part in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((f"[{place}]", part) for place, part in enumerate(node.value))


def within(key: str, name: object) -> str:
    """Name a part by the keys that lead to it.

    >>> within("shared", "goal"), within("02_sourcing.files", "[3]"), within("", "title")
    ('shared.goal', '02_sourcing.files[3]', 'title')
    """
    return f"{key}{name}" if not key or str(name).startswith("[") else f"{key}.{name}"


def refusal(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    """Make the error that says what is wrong and where."""
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def yaml_problem(error: Exception) -> str:
    """Say what is wrong with a YAML file, and where."""
    mark = getattr(error, "problem_mark", None)
    line = f" near line {mark.line + 1}" if mark else ""
    if type(error) is yaml.MarkedYAMLError:  # ours; PyYAML raises subclasses
        return f"{error.problem}{line}"
    if isinstance(error, RecursionError):
        return "its values are nested too deeply"
    return f"not readable as YAML{line}; check indentation, colons and quotes"


def wrong_value(key: str, value: object, *, blocks: tuple[str, ...]) -> str:
    """Say what is wrong with a key of a whole study; empty when all is well.

    >>> wrong_value("keep_runs", 0, blocks=())
    'must be a whole number from 1, like 10'
    >>> wrong_value("everyday_words", ["cup", "jug"], blocks=())
    ''
    """
    is_text = isinstance(value, str) and value.strip()
    if key in blocks and not isinstance(value or {}, dict):
        return "must be a block of `name: value` lines"
    if key in ("lake", "engine") and not is_text:
        return f"must be text, like {LIKE[key]}"
    if key == "lake" and "://" in value:
        return f"must be a folder of this machine, like {LIKE[key]}; mount a bucket as one first"
    if key in ("keep_runs", "keep_days") and (type(value) is not int or value < 1):
        return f"must be a whole number from 1, like {LIKE[key]}"
    if key == "everyday_words" and not are_words(value or []):
        return "must be a list of words, like [cup, jug]"
    return ""


def are_words(value: object) -> bool:
    """Say whether a value is a list of words."""
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def expand(text: str) -> str:
    """Fill `${NAME:-default}` from the environment.

    >>> expand("${COTERIE_NOT_SET:-../shared}/tweets")
    '../shared/tweets'
    """
    return re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda m: os.environ.get(m[1], m[2] or ""), text)


def expanded(value: object) -> object:
    """Fill environment variables in every string of a setting, however deep; days become words.

    A notebook's parameters are stored as JSON, which knows no days.

    >>> expanded([{"until": date(2026, 12, 31)}])
    [{'until': '2026-12-31'}]
    """
    if isinstance(value, str):
        return expand(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [expanded(item) for item in value]
    if isinstance(value, dict):
        return {name: expanded(item) for name, item in value.items()}
    return value
