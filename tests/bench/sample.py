"""Renders the small demo run that is kept under reports/sample, so that a reader sees pictures
first."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Run the demo on a smaller world in a home of its own and keep its pages."""
    home = Path(tempfile.mkdtemp())
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    file = home / "notebooks" / "studies" / "demo.yml"
    settings = yaml.safe_load(file.read_text()) | {
        "world": {"n_people": 2000, "days": 180, "seed": 7}
    }
    file.write_text(yaml.safe_dump(settings))
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
