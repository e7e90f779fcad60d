"""Writes the glossary's tables and models anew from the contracts; the words above them stay.

`make glossary` runs it.
"""

from collections.abc import Iterator
from pathlib import Path

from coterie import contracts
from coterie.contracts.columns import facts_of

ORIGINS = (
    "Set by a person before any data, stated by somebody's file, observed by a file that logged "
    "the act, counted from rows, or inferred: a model's guess, with the columns that say how sure "
    "it is."
)
FILE = Path(__file__).parents[2] / "GLOSSARY.md"


def rows(heads: list[str], cells: list[list[str]]) -> str:
    """Write a Markdown table."""
    lines = [heads, ["---"] * len(heads), *cells]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines).replace("| --- ", "|---")


def tables() -> Iterator[str]:
    """Write every table of the lake: what it holds, and what its columns mean."""
    for name, table in contracts.TABLES.items():
        made = contracts.contract(name)
        heads = ["column", "meaning", "unit"][: 3 if made.units else 2]
        cells = [
            [f"`{column}`", meaning, made.units.get(column, "")][: len(heads)]
            for column, meaning in made.meanings.items()
        ]
        yield f"\n### {name}\n\n{held(table)}\n\n{rows(heads, cells)}"


def origins() -> Iterator[str]:
    """Write where every column comes from, and what says how sure a guess is."""
    heads = ["column", "label", "from", "how sure"]
    cells = [
        [f"`{table}.{column}`", facts.label, facts.origin, facts.confidence]
        for table in contracts.TABLES
        for column in contracts.contract(table).types
        for facts in [facts_of(table, column)]
    ]
    yield f"\n{ORIGINS}\n\n{rows(heads, cells)}"


def models() -> Iterator[str]:
    """Write every model of the lake: what it holds, and what its arrays mean."""
    for name, model in contracts.MODELS.items():
        arrays = contracts.model_contract(name).arrays
        cells = [[f"`{array}`", meaning] for array, meaning in arrays.items()]
        yield f"\n### model: {name}\n\n{held(model)}\n\n{rows(['array', 'meaning'], cells)}"


def held(description: dict) -> str:
    """Say what a table or model holds, without the number of its notebook."""
    return description["holds"].split(": ", 1)[-1]


def main() -> None:
    """Replace everything below the heading Tables."""
    words = FILE.read_text().split("## Tables")[0]
    FILE.write_text(
        f"{words}## Tables\n{''.join(tables())}\n## Models\n{''.join(models())}"
        f"\n## Where columns come from\n{''.join(origins())}"
    )


if __name__ == "__main__":
    main()
