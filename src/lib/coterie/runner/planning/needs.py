"""Which earlier notebooks a cell waits for: those that write the tables and models it names.

Found by parsing, like the imports in `dependencies`. Where code cannot be parsed, or asks for the
journal of the run so far, it waits for every notebook before its own.
"""

import ast
from functools import lru_cache

from coterie import contracts
from coterie.source_code import parse_code
from coterie.study import STAGES, stage_of

READERS = {"read_labels": contracts.Labels.stage}  # methods of the lake that read a named table
OF_ALL = {"lineage"}  # methods that read what every earlier notebook left


@lru_cache(maxsize=1000)
def stages_needed(code: str, stage: str) -> frozenset[str]:
    """List the notebooks before `stage` that must have ended before this code runs.

    >>> sorted(stages_needed("lake.read(contracts.Bots)", "04_psychographics"))
    ['03_features']
    >>> sorted(stages_needed("lake.write(contracts.Traits, found)", "04_psychographics"))
    []
    """
    before = STAGES[: STAGES.index(stage)]
    try:
        nodes = list(ast.walk(parse_code(code)))
    except SyntaxError:  # a magic may do anything
        return frozenset(before)
    words = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    if words & OF_ALL:
        return frozenset(before)
    digits = {digit for word in words if (digit := stage_of_word(word))}
    digits |= {
        contracts.MODELS[name]["holds"][:2] for name in strings(nodes) & set(contracts.MODELS)
    }
    return frozenset(map(stage_of, digits)) & frozenset(before)


def stage_of_word(word: str) -> str:
    """Give the two digits of the notebook that writes what an attribute of this name reads."""
    found = getattr(contracts, word, None)
    return found.stage if isinstance(found, contracts.Contract) else READERS.get(word, "")


def strings(nodes: list[ast.AST]) -> set[str]:
    """List the texts that stand in code."""
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}
