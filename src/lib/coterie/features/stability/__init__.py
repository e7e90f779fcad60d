"""What may not be so tomorrow: leaks, drift, fads and seasons."""

from coterie.features.stability.drift import compare_windows, permutations_needed
from coterie.features.stability.leaks import check_forecast, leak_check
from coterie.features.stability.persistence import check_drift, persistence, three_windows
from coterie.features.stability.seasons import seasonal_indices
