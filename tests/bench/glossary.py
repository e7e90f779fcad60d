"""Writes the glossary's tables anew from the contracts; the words above them stay. `make glossary` runs it."""

from pathlib import Path

from coterie import contracts

FILE = Path(__file__).parents[2] / "GLOSSARY.md"


def main() -> None:
    """Replace everything below the heading Tables."""
    parts = [FILE.read_text().split("## Tables")[0] + "## Tables\n"]
    for name, table in contracts.TABLES.items():
        made = contracts.contract(name)
        unit = bool(made.units)
        parts.append(f"\n### {name}\n\n{table['holds'].split(': ', 1)[-1]}\n\n| column | meaning |{' unit |' * unit}\n")
        parts.append("|---|---|" + "---|" * unit + "\n")
        for column, meaning in made.meanings.items():
            parts.append(f"| `{column}` | {meaning} |" + f" {made.units.get(column, '')} |" * unit + "\n")
    FILE.write_text("".join(parts))


if __name__ == "__main__":
    main()
