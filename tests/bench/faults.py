"""Run the fault suite and say, fault by fault, how many cases were tried and how many held.

    python tests/bench/faults.py            # what every change must pass
    python tests/bench/faults.py --slow     # 30 kills, full disks, SIGTERM in each stage too

A case holds when its test passes: what is kept, what is said and the exit code are asserted there.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = {
    "tests/runner/test_faults.py": "around a run",
    "tests/runner/test_odd_places.py": "where something else lies",
    "tests/lake/test_integrity.py": "in stored files",
    "tests/lake/test_listing.py": "in the inbox",
    "tests/lake/test_hostile_files.py": "in raw files",
    "tests/lake/test_folders.py": "in folders",
    "tests/study/test_settings_traps.py": "in settings and notebooks",
}


class Tally:
    """Counts the cases of each test, and those that held."""

    def __init__(self) -> None:
        self.tried: Counter = Counter()
        self.held: Counter = Counter()
        self.skipped: Counter = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take down one case."""
        test = report.nodeid.partition("[")[0]
        if report.skipped:
            self.skipped[test] += 1
        elif report.when == "call" or report.failed:
            self.tried[test] += 1
            self.held[test] += report.passed


def main() -> int:
    """Run the suite and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--slow", action="store_true", help="run the long cases too")
    chosen = ["-m", "slow or not slow"] if parser.parse_args().slow else []
    tally = Tally()
    files = [str(ROOT / place) for place in PLACES]
    code = pytest.main(["-q", "--no-header", "--tb=short", *chosen, *files], plugins=[tally])
    for place, where in PLACES.items():
        print(f"\nFaults {where} ({place})")
        for test in [name for name in tally.tried if name.startswith(place)]:
            sentence = test.partition("::")[2].removeprefix("test_").replace("_", " ")
            print(f"  {tally.held[test]:3} of {tally.tried[test]:3} held: {sentence}")
    skipped = f", {sum(tally.skipped.values())} skipped" if tally.skipped else ""
    print(f"\n{sum(tally.held.values())} of {sum(tally.tried.values())} cases held{skipped}.")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
