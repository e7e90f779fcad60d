"""Whether everything a run needs is here and sound."""

import platform
import re
from collections.abc import Iterator
from importlib import metadata

from coterie.study import SettingsError, load_study, project_root, study_names


def checks() -> Iterator[tuple[str, str]]:
    """Look at Python, packages, studies and vaults: what, and what is wrong with it if anything."""
    python, constraints = platform.python_version(), project_root() / "constraints.txt"
    yield "Python", "" if python.startswith("3.11.") else f"{python}; 3.11 is needed"
    pins = re.findall(
        r"^([\w.-]+)==(\S+)", constraints.read_text() if constraints.exists() else "", re.MULTILINE
    )
    wrong = [
        f"{name} is {found}, not {pin}" for name, pin in pins if (found := installed(name)) != pin
    ]
    yield "packages", "; ".join(wrong[:5])
    for name in study_names():
        try:
            vault = load_study(name).lake / "tables" / "vault"
            open_to_others = [
                f.name for f in (vault, *vault.glob("*")) if f.exists() and f.stat().st_mode & 0o077
            ]
            yield (
                f"study {name}",
                f"others can read {', '.join(open_to_others)} in {vault}" if open_to_others else "",
            )
        except SettingsError as error:
            yield f"study {name}", str(error)


def installed(name: str) -> str:
    """Give the version of an installed package."""
    try:
        return metadata.version(name).removesuffix("+cpu")
    except metadata.PackageNotFoundError:
        return "missing"
