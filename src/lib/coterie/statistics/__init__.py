"""Statistics that more than one room needs, each once.

intervals     an estimate and its 95 % interval: means, shares, the area under the ROC curve
clustered     the same where one person contributes many rows (cluster-robust, linearised errors)
resampling    errors by leaving groups of people out (jackknife); how much two groupings overlap
shrinkage     the little that is known of one person pulled to everybody's mean
calibration   probabilities that mean what they say: temperature, calibration error, abstention
multiplicity  p-values adjusted for looking many times
shares        the difference of two shares, with an interval that agrees with its test
sums          rounded so that they are the same on every machine
sentinels     what must never happen: a column that knows too much, a find where there is nothing
"""

from coterie.statistics.calibration import calibration_error, fit_temperature, probabilities
from coterie.statistics.clustered import clustered_difference, clustered_error, clustered_share
from coterie.statistics.intervals import (
    UNKNOWN,
    Interval,
    auc_interval,
    mean_interval,
    share_interval,
    share_intervals,
)
from coterie.statistics.multiplicity import fdr, holm
from coterie.statistics.resampling import jackknife_error, jackknife_half_width, overlap_matrix
from coterie.statistics.sentinels import mean_of_shuffles, shuffle_band, single_feature_alarm
from coterie.statistics.shares import share_differences
from coterie.statistics.shrinkage import shrink_to_mean, shrunken_half_width
from coterie.statistics.sums import ten_digits
