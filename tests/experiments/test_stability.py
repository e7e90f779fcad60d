"""People are said to stay only beyond what chance keeps."""

import numpy as np
import pandas as pd
import pytest

from coterie.experiments.learning.stability import compare_placements


@pytest.mark.slow
def test_shuffled_people_keep_what_chance_keeps():
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(100):
        now, then = (
            pd.Series(rng.choice(["S1", "S2", "S3"], 300, p=[0.6, 0.3, 0.1])) for _ in range(2)
        )
        kept = compare_placements(now, then)
        inside += ((kept["low"] <= kept["null_share"]) & (kept["null_share"] <= kept["high"])).sum()
    assert inside >= 280  # of 300


def test_one_segment_keeps_everybody_and_so_does_chance():
    one = pd.Series("S1", index=["ana", "bo"])
    assert compare_placements(one, one)[["kept_share", "null_share"]].to_numpy().tolist() == [
        [1.0, 1.0]
    ]
