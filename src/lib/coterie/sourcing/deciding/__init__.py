"""Which sources to build on, where the tables live, and what nobody can see in them.

Read scorecard (sources ranked by what their data say), warehouse (place and rhythm), coverage
(whom no source sees, with bounds).
"""

from coterie.sourcing.deciding.coverage import (
    count_bounds,
    coverage_table,
    platform_coverage,
    rate_bounds,
    without_each,
)
from coterie.sourcing.deciding.scorecard import measure_sources, people_allowed, score_sources
from coterie.sourcing.deciding.warehouse import choose_place, choose_refresh, table_volumes
