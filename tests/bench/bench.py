"""Times the demo study and says what of it is neither notebook computation nor model inference.

Figures depend on the machine: read the shares and ratios, not the seconds. `make bench` prints
them.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[2]


def timed(home: Path, *words: str) -> tuple[float, str]:
    """Run the command in a home; its seconds and what it printed."""
    clock = perf_counter()
    command = [sys.executable, "-m", "coterie", "run", "demo", *words]
    environment = os.environ | {"COTERIE_HOME": str(home)}
    done = subprocess.run(
        command, env=environment, cwd=home, capture_output=True, text=True, check=True
    )
    return perf_counter() - clock, done.stdout


def row(what: str, figure: str, bar: str) -> None:
    """Print one line of the table."""
    print(f"{what:<58}{figure:>14}   {bar}")


def main() -> None:
    """Run the demo three times: everything, nothing changed, and from the segments on."""
    home = Path(tempfile.mkdtemp())
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    row("what", "figure", "bar")
    full, _ = timed(home)
    manifest = json.loads((home / "reports" / "demo" / "latest" / "manifest.json").read_text())
    stages = manifest["stages"].values()
    row("demo, everything", f"{full:.1f} s", "under 180 s on 2 cores")
    row("peak memory of the largest process", f"{peak_gib():.2f} GiB", "under 3 GiB")
    row(
        "neither notebook computation nor inference",
        f"{manifest['overhead_share']:.0%}",
        "at most 30 %",
    )
    row(
        "  of which around the cells",
        f"{sum(s['seconds'] - s['cells'] for s in stages):.1f} s",
        "kernels, cleaning, scanning",
    )
    again, printed = timed(home)
    assert "Nothing changed" in printed
    row("demo, nothing changed", f"{again:.1f} s", "under 10 s")
    some, printed = timed(home, "--set", "05_segments.n_segments=4")
    kept = sum(f"{stage}: kept" in printed for stage in manifest["stages"])
    row(
        "demo, --set 05_segments.n_segments=4",
        f"{some:.1f} s",
        f"{kept} kept, {11 - kept} run; 05–11 run",
    )
    shutil.rmtree(home)


def peak_gib() -> float:
    """Read the peak memory of the largest finished descendant; kernels are waited for by their
    runner."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
