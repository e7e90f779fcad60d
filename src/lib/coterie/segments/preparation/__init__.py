"""Who counts, by which columns, on which scale. Read `matrix`, then `space`."""

from coterie.segments.preparation.matrix import (
    COMPARE_ON,
    LEAVE_OUT,
    Matrix,
    columns_like,
    feature_matrix,
    person_features,
    sample_people,
)
