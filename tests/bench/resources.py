"""How near staleness, variants and tests come to what is known of planted worlds.

`python tests/bench/resources.py` prints the largest difference of any. Nothing is tuned on it.
"""

import sys
from pathlib import Path

import ibis
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from monitoring.staleness import DAY, lost_in_theory, poisson_log
from objectives.brute_force import best_by_hand, drawn_strata, least_variance, world

from coterie import monitoring
from coterie.monitoring.refresh import PERIODS, Watched
from coterie.objectives.budget import allocate, sampling_variance
from coterie.objectives.granularity import Resources, cover


def staleness(worlds: int = 60) -> None:
    """Print how far lost shares lie from theory, and how often their interval holds it."""
    rng = np.random.default_rng(11)
    apart, inside = [], []
    for _ in range(worlds):
        rate, hours = rng.uniform(0.2, 3.0), float(rng.choice([6, 24, 72]))
        log = poisson_log(rng, people=300, rates={"view": rate, "visit": 0.8})
        lists = {"looks": Watched(act="view", hours=hours)}
        found = monitoring.replay(ibis.memtable(log), lists, as_of=DAY).table
        days = found["seconds"] / 86_400
        true = np.array([lost_in_theory(rate, hours / 24, period) for period in days])
        apart.append(np.abs(found["lost_share"] - true))
        inside.append((found["low"] <= true) & (true <= found["high"]))
    far, held = 100 * np.max(apart, axis=0), np.mean(inside, axis=0)
    for period, points, share in zip(PERIODS, far, held, strict=True):
        print(f"{period}: at most {points:.2f} points from theory; interval holds it {share:.3f}")


def variants(worlds: int = 200) -> None:
    """Print how little a merge reaches of what the best of all would."""
    rng = np.random.default_rng(12)
    ratios = []
    for _ in range(worlds):
        n = int(rng.integers(2, 13))
        most = int(rng.integers(1, n + 1))
        benefits, people = world(rng, n)
        served = cover(benefits, people, Resources(max_variants=most))
        reached = benefits[range(n), served].sum()
        ratios.append(reached / best_by_hand(benefits, most=most))
    print(f"variants: {worlds} worlds of 2 to 12 leaves, {min(ratios):.6f} of the best at least")


def allocations(worlds: int = 300) -> None:
    """Print how much more uncertain an allocation is than the best of all."""
    rng = np.random.default_rng(13)
    regrets = []
    for _ in range(worlds):
        strata = drawn_strata(rng)
        total = int(rng.integers(30, min(140, strata["n_people"].sum())))
        found = allocate(strata, total=total, floor_share=0.2)
        best = least_variance(strata, found["floor"].to_numpy(), total=total)
        regrets.append(sampling_variance(strata, found["people"]) / best - 1)
    print(f"tests: {worlds} worlds, regret {max(regrets):.4f} at most, {np.mean(regrets):.5f} mean")


if __name__ == "__main__":
    staleness()
    variants()
    allocations()
