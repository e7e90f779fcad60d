"""The lists that come with the package, in the language of rules: standard.yml."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from coterie.rules.language.columns import Column

STANDARD = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def with_standard(
    written: Mapping[str, str], columns: Mapping[str, Column], *, wanted: bool = True
) -> dict[str, str]:
    """Put the standard lists before those of the study; a study's own rule of a name replaces one.

    Where nobody ever bought anything, lists of buyers would be empty for ever; they are left out.

    >>> from coterie.rules.language.columns import rule_columns
    >>> list(with_standard({"mine": "frequency > 1"}, rule_columns(verbs=["view"])))
    ['mine']
    >>> len(with_standard({"loyal": "frequency > 1"}, rule_columns(verbs=["purchase"])))
    6
    """
    buying = "purchases" in columns
    return {**(STANDARD if wanted and buying else {}), **written}
