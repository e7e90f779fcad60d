"""By which figures is a number of clusters judged?

Read `fit` (what an algorithm is asked), `separation` (silhouette, variance within, elbow), `gap`,
`valley` (is it empty between two groups?), `bridge` (does a way lead around the valley?),
and `recovery` (bootstrap, prediction strength). Every figure that has to cluster anew takes a
`Fit`, so that all algorithms are judged alike, on people and on structureless points. Labels are
0..k-1; a negative label is noise, a person in no cluster.
"""

from coterie.segments.selection.criteria.gap import gap, gap_choice
from coterie.segments.selection.criteria.recovery import clusterboot, prediction_strength
from coterie.segments.selection.criteria.separation import (
    distances,
    elbow,
    silhouette,
    silhouette_widths,
    within,
)
