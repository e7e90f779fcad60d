"""Renders the demo run that is kept under reports/sample, so that a reader sees pictures first."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Run the demo in a home of its own and keep its pages."""
    home = Path(tempfile.mkdtemp())
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    command = [sys.executable, "-m", "coterie", "run", "demo"]
    subprocess.run(command, env=os.environ | {"COTERIE_HOME": str(home)}, cwd=home, check=True)
    sample = ROOT / "reports" / "sample"
    shutil.rmtree(sample, ignore_errors=True)
    sample.mkdir(parents=True)
    for page in (home / "reports" / "demo" / "latest").resolve().glob("*.html"):
        shutil.copy(page, sample)
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
