"""Applying a linkage model: every pair that it compares, with its match probability."""

import pandas as pd

from coterie.sourcing.identity.comparisons import comparison
from coterie.sourcing.identity.model import Linkage, check_levels
from coterie.sourcing.identity.training import quiet_engine, splink_linker, stated_levels

NO_PAIRS = pd.DataFrame(
    {
        "left": pd.Series(dtype="int64"),
        "right": pd.Series(dtype="int64"),
        "match_probability": pd.Series(dtype="float64"),
    }
)


def score(records: pd.DataFrame, linkage: Linkage) -> pd.DataFrame:
    """Score the pairs that the model's blocking rules make, from where a person should look.

    Returns
    -------
    `left` and `right`, places in `records`; `match_probability`; for every field `gamma_*`, the
    level reached (-1 where something is missing), and `mw_*` and `mw_tf_adj_*`, what it weighs in
    bits and what the rarity of the value adds.
    """
    if not linkage.rules or len(records) < 2:
        return NO_PAIRS
    check_levels(linkage, level_labels(linkage.fields))
    with quiet_engine() as engine:
        linker = splink_linker(
            engine, records, fields=linkage.fields, rules=list(linkage.rules), linkage=linkage
        )
        pairs = linker.inference.predict(
            threshold_match_probability=linkage.review_from, warning_mode="never"
        )
        return linker.misc.query_sql(
            f"""SELECT unique_id_l AS "left", unique_id_r AS "right", match_probability,
              COLUMNS('^(gamma|mw)_.*') FROM {pairs.physical_name} ORDER BY "left", "right" """,
            output_type="pandas",
        )


def level_labels(fields: list[str]) -> dict[str, list[str]]:
    """List the labels of the levels that each field is compared by, missing left out."""
    made = {field: comparison(field).create_comparison_dict("duckdb") for field in fields}
    return {
        field: [one["label_for_charts"] for one in stated_levels({"comparisons": [one_field]})]
        for field, one_field in made.items()
    }
