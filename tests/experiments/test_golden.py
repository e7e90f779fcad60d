"""What R says, as published with its output, wherever the conventions are the same.

Of the tests that R has and an experiment here has not: `prop.test` corrects for continuity (Yates)
unless told not to, and no method here does; `mantelhaen.test` has no counterpart, since segments
are compared by their effects (Cochran's Q) and not by a common odds ratio.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coterie.experiments.checking.checks import of_overlap
from coterie.experiments.checking.size_checks import size_tests
from coterie.experiments.deciding.aggregates import LEFT_OUT
from coterie.statistics import fdr, holm, share_differences
from experiments.worlds import PLAN


@pytest.mark.parametrize(
    ("counts", "weights", "statistic", "pvalue"),
    [
        # chisq.test(c(37, 32, 19, 12), p = c(.4, .3, .2, .1)) and chisq.test(c(25, 32, 18, 20))
        ((37, 32, 19, 12), (4, 3, 2, 1), 0.80833, 0.8475),
        ((25, 32, 18, 20), (1, 1, 1, 1), 4.9158, 0.1781),
    ],
)
def test_arm_sizes_are_tested_as_chisq_test_does(counts, weights, statistic, pvalue):
    plan = PLAN._replace(arms={f"a{place}": float(w) for place, w in enumerate(weights)})
    found = size_tests(np.array(counts, dtype=float), plan)
    assert found[0] == pytest.approx(statistic, abs=1e-4)
    assert found[1] == pytest.approx(pvalue, abs=1e-4)


def test_shares_of_several_arms_are_tested_as_prop_test_does():
    # prop.test(c(83, 90, 129, 70), c(86, 93, 136, 82)), Fleiss (1981), page 139
    hits, n = np.array([83, 90, 129, 70]), np.array([86.0, 93.0, 136.0, 82.0])
    arms = ["control", "b", "c", "d"]
    plan = PLAN._replace(arms=dict.fromkeys(arms, 1.0))
    left = pd.DataFrame({"arm": arms, "segment": "all", "n_assigned": n - hits})
    sums = left.assign(metric=PLAN.primary.name, analysis=LEFT_OUT["multi_exposed"])
    [(_, _, _, pvalue, passed, _, _)] = of_overlap(sums, n, plan)
    assert (pvalue, passed) == (pytest.approx(0.005585, abs=1e-6), True)


def test_two_shares_are_tested_as_prop_test_does_but_for_the_score_s_factor():
    # prop.test(c(94, 39), c(214, 128), correct = FALSE): X-squared = 6.1026. Miettinen and Nurminen
    # take the variance times N / (N - 1); R's interval is Wald's, ours the score's
    found = share_differences(*(np.array([part]) for part in (94, 214, 39, 128)))
    assert stats.norm.isf(found.pvalue[0] / 2) ** 2 * 342 / 341 == pytest.approx(6.1026, abs=1e-4)


def test_p_values_are_adjusted_as_p_adjust_does():
    pvalues = [0.319, 0.201, 0.4, 0.374, 0.113]
    assert holm(pvalues) == pytest.approx([0.957, 0.804, 0.957, 0.957, 0.565])
    assert fdr(pvalues) == pytest.approx([0.4] * 5)
    assert fdr([0.008, 0.03, 0.123, 0.6, 0.2]) == pytest.approx([0.04, 0.075, 0.205, 0.6, 0.25])
