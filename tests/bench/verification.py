"""Says what verifying every stored file costs a run of the demo: its share of that run's seconds.

Both are measured in the same run, so that a busy machine slows both. Prints one line; bar: 3 %.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[2]
CLOCK = """
import hashlib, os, sys, time
original = hashlib.file_digest
def timed(*given):
    began = time.perf_counter()
    try:
        return original(*given)
    finally:
        if sys._getframe(2).f_code.co_name == "digest_of_state":  # verifying, not naming
            with open(os.environ["VERIFICATION_LOG"], "a") as log:
                log.write(f"{time.perf_counter() - began}\\n")
hashlib.file_digest = timed
"""


def main(*words: str) -> None:
    """Run the demo with a clock around every verification."""
    home = Path(tempfile.mkdtemp())
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    (home / "clock").mkdir()
    (home / "clock" / "sitecustomize.py").write_text(CLOCK)
    log = home / "seconds.txt"
    paths = [str(home / "clock"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {
        "COTERIE_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(paths),
        "VERIFICATION_LOG": str(log),
    }
    command = [sys.executable, "-m", "coterie", "run", "demo", *words]
    began = perf_counter()
    subprocess.run(command, env=environment, cwd=home, check=True)
    total = perf_counter() - began
    spent = [float(line) for line in log.read_text().splitlines()]
    share = sum(spent) / (total - sum(spent))
    print(
        json.dumps(
            {
                "home": str(home),
                "seconds with": round(total, 1),
                "seconds without": round(total - sum(spent), 1),
                "files verified": len(spent),
                "cost": f"{share:.2%}",
                "bar": "3 %",
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
