"""Words that a study's pages hold whoever is in its data: they name nobody."""

import json
import re
from functools import cache
from importlib import resources
from pathlib import Path

from coterie.runner.planning.notebooks import notebook_cells
from coterie.study import STAGES, Study

TELLING = ("views", "reporting", "wording.py")  # parts of the package whose words stand on pages
APART = {"demo", "training"}  # parts whose lists hold names of invented people, or others' texts
WORD = re.compile(r"[^\W\d_]+")


def own_words(study: Study) -> frozenset[str]:
    """List words of this project and of a study's settings, its files' names left aside.

    Somebody may be called instagram, fitness or travel; such a word on a page names nobody, and is
    looked for behind an @ only. A file may be called after a person, so its name is no such word.
    """
    settings = {stage: dict(block) for stage, block in study.blocks.items()}
    sourcing = settings["02_sourcing"]
    entries = [entry for entry in sourcing.pop("files", []) if isinstance(entry, dict)]
    platforms = [entry.get("platform", "") for entry in entries]
    for private in ("source", "apis"):
        sourcing.pop(private, None)
    stated = json.dumps([study.title, settings, platforms], default=str, ensure_ascii=False)
    return project_words() | words_in(stated) | frozenset(map(str.casefold, study.everyday_words))


@cache
def project_words() -> frozenset[str]:
    """List the words of the notebooks, of the lists of words, and of what draws the pages."""
    package = Path(str(resources.files("coterie")))
    lists = (file for file in package.rglob("*.yml") if not APART & {*file.parts})
    drawing = (file for name in TELLING for file in files_of(package / name))
    texts = [file.read_text(encoding="utf-8") for file in (*lists, *drawing)]
    prose = [source for stage in STAGES for _, source, _ in notebook_cells(stage)]
    return words_in(" ".join([*texts, *prose]))


def files_of(part: Path) -> list[Path]:
    """List the files of a part of the package, which may be one itself."""
    return [part] if part.is_file() else [*part.rglob("*.py"), *part.rglob("*.j2")]


def words_in(text: str) -> frozenset[str]:
    """List the words of a text, without case.

    >>> sorted(words_in("Fitness_and travel, 24/7"))
    ['and', 'fitness', 'travel']
    """
    return frozenset(word.casefold() for word in WORD.findall(text))
