"""Settings that protect people: limits no study may pass, and what is said when one is lowered."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

RULES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


class Lowered(NamedTuple):
    """A safeguard that a study sets below its default."""

    setting: str  # like 10_activation.require_consent
    value: object
    default: object
    sentence: str  # what that means for people


def broken_limit(setting: str, value: object) -> str:
    """Say which limit a setting passes; nothing when it keeps to it, or has none.

    >>> broken_limit("01_objectives.min_people", 1)
    'must be at least 10: this setting protects people'
    >>> broken_limit("09_governance.special_index", float("nan"))
    'must be at most 250: this setting protects people'
    >>> broken_limit("01_objectives.min_people", 30)
    ''
    """
    rule = RULES.get(setting, {})
    why = "this setting protects people"
    if "least" in rule and not value >= rule["least"]:
        return f"must be at least {rule['least']}: {why}"
    if "most" in rule and not value <= rule["most"]:  # not-a-number is neither
        return f"must be at most {rule['most']}: {why}"
    return ""


def lowered(blocks: Mapping[str, Mapping], default: Callable[[str, str], object]) -> list[Lowered]:
    """List the safeguards that a study's settings lower, in the order of the notebooks.

    `default(stage, name)` gives a notebook's own value, None where it has no such parameter.

    >>> found = lowered({"10_activation": {"follow_rule": False}}, lambda stage, name: True)
    >>> found[0].sentence
    'segments are addressed in which the experiment says not to act'
    """
    found = []
    for setting, rule in RULES.items():
        stage, name = setting.split(".")
        usual = default(stage, name)
        value = blocks.get(stage, {}).get(name, usual)
        if usual is not None and protects_less(rule, value, usual):
            sentence = rule["lowered"].format(value=f"{value:g}", default=f"{usual:g}")
            found.append(Lowered(setting, value, usual, sentence))
    return found


def protects_less(rule: Mapping, value: object, usual: object) -> bool:
    """Say whether a value protects people less than the usual one."""
    if "most" in rule:
        return value > usual
    return value < usual  # of switches too: off is less than on
