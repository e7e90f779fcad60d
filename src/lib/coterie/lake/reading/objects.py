"""Objects of JSON, in an array, a line each, or wrapped; their values by dotted paths, as text."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from coterie.lake.reading.containers import open_binary
from coterie.lake.reading.encoding import scan_bytes, text_lines
from coterie.lake.reading.raw import Collected, RawRows
from coterie.study import SettingsError

WRAPPER = re.compile(r"\s*window\.YTD\.[\w.]+\s*=\s*")
NAMED = {"name", "key", "type", "purpose", "category", "channel", "topic", "slug", "list"}
NAMED |= {"question", "label", "field"}
ANSWERED = {
    "enabled",
    "granted",
    "subscribed",
    "consent",
    "consented",
    "optin",
    "opt_in",
    "allowed",
}
ANSWERED |= {"opted_in", "accepted", "checked", "selected", "active", "status", "state", "given"}
ANSWERED |= {"answer", "response"}
SHOWN = 40  # names of columns a message lists
NO_OBJECT = "not an object"


def read_json(path: Path, options: dict, *, wanted: set[str] | None = None) -> RawRows:
    """Read an array of objects, or one object, counted as if a header stood above them."""
    encoding = options["encoding"] or scan_bytes(path).encoding
    text = unwrapped("".join(text_lines(open_binary(path), encoding)), options["strip_prefix"])
    root = json.loads(text or "[]")
    return as_text(found_at(root, options["records"]), first=2, wanted=wanted, read_as=encoding)


def read_lines(path: Path, options: dict, *, wanted: set[str] | None = None) -> RawRows:
    """Read one object a line; only a line feed ends a line."""
    encoding = options["encoding"] or scan_bytes(path).encoding
    with open_binary(path) as file:
        text = file.read().decode(encoding).removeprefix("\ufeff").rstrip()
    items = (parsed(line) for line in text.split("\n")) if text else ()
    if options["records"]:
        items = (part for item in items for part in found_at(item, options["records"]))
    return as_text(items, first=1, wanted=wanted, read_as=encoding)


def unwrapped(text: str, prefix: str) -> str:
    """Cut what stands before the data, and a semicolon after it.

    >>> unwrapped("window.YTD.tweets.part0 = [1];", ""), unwrapped("data=[1]", "data=")
    ('[1]', '[1]')
    """
    if prefix:
        bare = text.lstrip().removeprefix(prefix)
    else:
        bare = WRAPPER.sub("", text, count=1) if WRAPPER.match(text) else text
    return bare.strip().removesuffix(";")


def parsed(line: str) -> object:
    """Read a line of JSON; nothing when it is none.

    >>> parsed('{"a": 1}'), parsed('{"a":')
    ({'a': 1}, None)
    """
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def found_at(root: object, path: str) -> Iterator[object]:
    """Give the records that lie at a path, each with the plain values of the objects around it.

    A list on the way stands for each of its items.

    >>> root = [{"who": "ana", "list": [{"n": 1}, {"n": 2}]}]
    >>> list(found_at(root, "[].list[]"))
    [{'who': 'ana', 'n': 1}, {'who': 'ana', 'n': 2}]
    """
    steps = [step.removesuffix("[]") for step in path.split(".")]
    return walked(root, [step for step in steps if step], {})


def walked(node: object, steps: list[str], around: dict) -> Iterator[object]:
    """Follow steps down from a node."""
    if isinstance(node, list):
        for item in node:
            yield from walked(item, steps, around)
    elif not steps:
        yield around | node if isinstance(node, dict) else node
    elif isinstance(node, dict) and steps[0] in node:
        plain = {key: v for key, v in node.items() if not isinstance(v, dict | list)}
        yield from walked(node[steps[0]], steps[1:], around | plain)
    else:
        yield None


def as_text(
    items: Iterator[object], *, first: int, wanted: set[str] | None, read_as: str
) -> RawRows:
    """Turn objects into text columns, null staying empty, and number what is no object."""
    items = list(items)
    objects = [item for item in items if isinstance(item, dict)]
    names = dict.fromkeys(name for item in objects for name in item)
    inner = [name for name in wanted or () if name not in names and "." in name]
    there = [n for n in inner if any(value_at(item, n) is not None for item in objects)]
    deep = (
        dotted_names(objects, len(objects)) if wanted else []
    )  # a rule may want more than was named
    deep = [name for name in deep if "." in name and name not in names and name in wanted]
    there = list(dict.fromkeys([*there, *deep]))
    all_names = [*names, *there]
    chosen = [name for name in all_names if wanted is None or name in wanted]
    absent = sorted({*(wanted or ())} - {*chosen}) if chosen else []
    found = Collected([*chosen, *absent])
    for line, item in enumerate(items, first):
        if isinstance(item, dict):
            found.add(line, [text_of(value_at(item, n)) for n in chosen] + [None] * len(absent))
        else:
            found.broken[line] = NO_OBJECT
    notes = {f"no {name!r} in any object": len(objects) for name in absent}
    named = [*all_names, *absent] if chosen else dotted_names(objects)[:SHOWN]
    return found.result(named, read_as=read_as, notes=notes)


def value_at(item: object, path: str) -> object:
    """Find a value by its dotted path: keys, places in lists, or the `key` of a key-value list.

    >>> item = {"a.b": 1, "c": [{"d": 2}], "p": [{"key": "k", "value": {"int_value": 3}}]}
    >>> value_at(item, "a.b"), value_at(item, "c.0.d"), value_at(item, "p.k")
    (1, 2, 3)
    """
    if isinstance(item, dict) and path in item:
        return item[path]
    for step in path.split("."):
        item = inside(item, step)
    return item


def inside(node: object, step: str) -> object:
    """Take one step down; nothing where there is no such thing."""
    if isinstance(node, dict):
        return node.get(step)
    if not isinstance(node, list):
        return None
    if step.isdigit():
        return node[int(step)] if int(step) < len(node) else None
    if chosen := next((item for item in node if step in choices_in(item)), None):
        return chosen
    pairs = (pair for pair in node if isinstance(pair, dict) and pair.get("key") == step)
    value = next(pairs, {}).get("value")
    if isinstance(value, dict):  # one typed value of several, as BigQuery exports them
        return next((typed for typed in value.values() if typed is not None), None)
    return value


def choices_in(item: object) -> list[str]:
    """Name what an item of a list says yes or no to; nothing where it is no such choice.

    >>> choices_in({"name": "marketing", "enabled": False}), choices_in({"name": "a cup", "n": 2})
    (['marketing'], [])
    """
    if not isinstance(item, dict) or not ANSWERED & {str(key).lower() for key in item}:
        return []
    names = [str(value) for key, value in item.items() if str(key).lower() in NAMED]
    return [name for name in names if re.fullmatch(r"[A-Za-z][\w ?'’,-]{0,120}", name)]


def text_of(value: object) -> str | None:
    """Write a JSON value as text.

    >>> text_of(True), text_of(3), text_of(None)
    ('true', '3', None)
    """
    return value if value is None or isinstance(value, str) else json.dumps(value, default=str)


def dotted_names(objects: list[dict], n_first: int = 20) -> list[str]:
    """List the paths to plain values of the first objects."""
    names = {}
    for item in objects[:n_first]:
        names |= dict.fromkeys(paths_in(item, ""))
    return list(names)


def paths_in(node: object, above: str) -> Iterator[str]:
    """List the paths below a node; of a list, those of its first item and of named choices."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from paths_in(value, f"{above}.{key}" if above else key)
    elif isinstance(node, list) and node:
        yield from paths_in(node[0], f"{above}.0")
        for item in node:
            for name in choices_in(item):
                yield from paths_in(item, f"{above}.{name}")
    else:
        yield above


def check_readable(path: Path, raw: RawRows, options: dict) -> None:
    """Refuse a path to records that no object has."""
    if options["records"] and raw.broken and not raw.n_rows:
        raise SettingsError(f"{path}: nothing lies at records: {options['records']}.")
