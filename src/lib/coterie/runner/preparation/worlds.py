"""The planted files of a simulated study, written before its first notebook."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from coterie.lake import Lake
from coterie.runner.planning.dependencies import library_files
from coterie.runner.planning.staleness import fingerprint
from coterie.study import SettingsError, Study, project_root


def plant_world(study: Study) -> None:
    """Write a simulated study's files, unless its knobs and the code that makes them are unchanged.

    The marker `.world` in the folder holds that state and the names of the planted files; it says
    "unfinished" while they are written.
    """
    source = study.blocks["02_sourcing"].get("source")
    if not (study.world and source):
        return
    folder = project_root() / source
    state = fingerprint(sorted(study.world.items()), library_files((), also=["coterie.demo"]))
    before, planted = read_marker(folder / ".world")
    if before == state:
        return
    if not before and folder.exists() and any(folder.iterdir()):
        raise SettingsError(
            f"{folder}: holds files of its own, so {study.file} must not have `world:`."
        )
    files = world_files(study)
    lake = Lake(study.name)
    write_marker(lake, folder, "unfinished", [*planted, *files])
    for name in set(planted) - set(files):
        (folder / name).unlink(missing_ok=True)
    for name, content in files.items():
        unchanged = (folder / name).exists() and (folder / name).read_bytes() == content
        if not unchanged:  # an equal file keeps its date
            lake.write_files(folder, {name: content})
    write_marker(lake, folder, state, list(files))
    keep_pseudonyms(lake, study)


def read_marker(marker: Path) -> tuple[str, list[str]]:
    """Read the state of a planted folder and the names of its files."""
    if not marker.exists():
        return "", []
    state, *names = marker.read_text().splitlines()
    return state, names


def write_marker(lake: Lake, folder: Path, state: str, names: list[str]) -> None:
    """Write the state of a planted folder and the names of its files."""
    lake.write_files(folder, {".world": "\n".join([state, *names]).encode()})


def world_files(study: Study) -> dict[str, bytes]:
    """Make the world that a study's knobs describe.

    Raises
    ------
    SettingsError
        Naming the knob that is wrong, and those there are.
    """
    from coterie.demo import Knobs, make_world  # noqa: PLC0415 - real studies never need it

    try:
        return make_world(TypeAdapter(Knobs).validate_python(study.world)).files
    except ValidationError as error:
        wrong = error.errors()[0]
        knobs = ", ".join(Knobs._fields)
        raise SettingsError(
            f"{study.file}: world.{wrong['loc'][0]}: {wrong['msg']}; knobs are {knobs}."
        ) from None


def keep_pseudonyms(lake: Lake, study: Study) -> None:
    """Give a world a key from its seed: nobody real is behind it, and runs must be repeatable."""
    vault = study.lake / "tables" / "vault"
    if not (vault / "key").exists():
        lake.write_files(vault, {"key": fingerprint("key", study.world.get("seed")).encode()})
