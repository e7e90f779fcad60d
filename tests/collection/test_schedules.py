"""Whatever an API does wrong, nothing is lost, nothing doubled, nothing asked too soon."""

import time

import pytest

from collection.schedules import Outcome, run_schedule


def total(server, folder, seeds: range) -> Outcome:
    """Add up the outcomes of many schedules."""
    outcomes = [run_schedule(seed, server, folder / str(seed)) for seed in seeds]
    return Outcome(*map(sum, zip(*outcomes, strict=True)))


def sound(found: Outcome) -> bool:
    """Say whether nothing went wrong."""
    wrong = (found.lost, found.doubled, found.changed, found.dead_wrong)
    return not any((*wrong, found.too_soon, found.leaks))


def test_random_faults_lose_and_double_nothing(faulty, tmp_path):
    found = total(faulty, tmp_path, range(40))
    assert sound(found), found
    assert found.faults > 200
    assert found.crashes > 20


@pytest.mark.slow
def test_three_hundred_schedules_of_random_faults_lose_and_double_nothing(faulty, tmp_path):
    began = time.process_time()
    found = total(faulty, tmp_path, range(1000, 1300))
    print(f"\n{found}\n{time.process_time() - began:.0f} s of processor time")
    assert sound(found), found
    assert found.faults > 1500
    assert found.crashes > 200
