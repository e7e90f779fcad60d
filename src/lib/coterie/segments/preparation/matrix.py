"""People as rows of features: which columns count, who shapes groups, who is sampled."""

from collections.abc import Sequence
from fnmatch import fnmatch
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.study import DataError

# What must not shape groups: mostly one trait again, or what they are compared in afterwards.
LEAVE_OUT = [
    *("tenure_days", "recency_days", "cadence_days", "n_posts", "response_latency_hours"),
    *("active_days", "n_sessions", "session_depth", "spend", "engagement_score"),
    *("relative_engagement", "busiest_quarter_share"),
    *("inferred_intent_*", "inferred_emotion_*", "inferred_value_*"),
]
COMPARE_ON = ["tenure_days", "response_latency_hours", "inferred_intent_*", "inferred_emotion_*"]
KNOWN_FROM = 0.05  # a column that fewer people have shapes nothing


class Matrix(NamedTuple):
    """People as rows, in an order that depends on what they did and never on their names."""

    person_id: np.ndarray  # (n,)
    # (n, p) in natural units, missing where unknown; and whether it is known, `_known`, 1 or 0
    traits: pd.DataFrame
    columns: list[str]  # the traits that shape groups, in order
    missing: pd.Series  # share of people without each of them
    fitted: np.ndarray  # (n,) whether the person has a say in where the groups are

    @property
    def values(self) -> np.ndarray:
        """What is known of those who shape the groups, (m, p), missing where unknown."""
        return self.traits.loc[self.fitted, self.columns].to_numpy(float)

    @property
    def fitted_traits(self) -> pd.DataFrame:
        """All traits of those who shape the groups, one row a person."""
        return self.traits[self.fitted].reset_index(drop=True)

    @property
    def spend(self) -> np.ndarray | None:
        """What each of those who shape the groups spent; None in a study without money."""
        return self.traits["spend"].to_numpy()[self.fitted] if "spend" in self.traits else None


def person_features(
    behaviour: ir.Table, traits: ir.Table, bots: ir.Table, *, unseen_under: float = 0.4
) -> ir.Table:
    """Join behaviour and inferred traits, one row a person, and mark who may shape the groups.

    Bots, and people of whom almost nothing is known, would make groups of their own; they are
    marked here (`fitted` is false) and assigned later, when the groups are there.

    Parameters
    ----------
    behaviour
        `person_id` and one column a feature.
    traits
        Long: `person_id`, `trait`, `value`.
    bots
        `person_id`, `tagged`.
    unseen_under
        Share of the median number of events under which a person counts as almost unseen.

    >>> behaviour = ibis.memtable({"person_id": ["ana", "bo"], "n_events": [200, 300]})
    >>> traits = ibis.memtable(
    ...     {"person_id": ["ana"], "trait": ["inferred_sentiment"], "value": [0.5]}
    ... )
    >>> bots = ibis.memtable({"person_id": ["ana", "bo"], "tagged": [False, True]})
    >>> person_features(behaviour, traits, bots).order_by("person_id").to_pandas()
      person_id  n_events  inferred_sentiment  fitted
    0       ana       200                 0.5    True
    1        bo       300                 NaN   False
    """
    names = sorted(traits.select("trait").distinct().to_pandas()["trait"])
    values = traits.group_by("person_id").agg(
        **{n: traits["value"].max(where=traits["trait"] == n) for n in names}
    )
    tagged = bots.select("person_id", "tagged").filter(lambda t: t["tagged"])
    table = behaviour.left_join(values, "person_id").drop("person_id_right")
    table = table.left_join(tagged, "person_id").drop("person_id_right")
    usual = float(behaviour["n_events"].median().to_pyarrow().as_py() or 0)
    seen = table["n_events"] >= unseen_under * usual
    return table.mutate(fitted=seen & table["tagged"].isnull()).drop("tagged")


def sample_people(
    features: ir.Table, *, at_most: int, by: str = "n_events", strata: int = 10
) -> ir.Table:
    """Take a sample that stands for everyone: the same share of the quiet and of the busy.

    People are cut into `strata` equal parts by `by`; in each, those are taken whose hashed id comes
    first, so that a person sampled yesterday is sampled today. Everyone is taken where there
    are no more than `at_most`.

    >>> people = ibis.memtable({"person_id": [f"p{n}" for n in range(100)], "n_events": range(100)})
    >>> sample = sample_people(people, at_most=20).to_pandas()
    >>> len(sample), int((sample["n_events"] < 50).sum())
    (20, 10)
    """
    total = features.count().to_pyarrow().as_py()
    if total <= at_most:
        return features
    order = by if by in features.columns else "person_id"
    cut = features.mutate(stratum=ibis.ntile(strata).over(order_by=[order, "person_id"]))
    by_hash = [cut["person_id"].hash(), "person_id"]
    numbered = cut.mutate(number=ibis.row_number().over(group_by="stratum", order_by=by_hash))
    return numbered.filter(numbered["number"] < at_most // strata).drop("stratum", "number")


def feature_matrix(
    features: pd.DataFrame, *, leave_out: Sequence[str] = (), min_people: int = 50
) -> Matrix:
    """Take the columns that can tell people apart, and order people by what they did.

    Columns are left out when they are constant, or known for under 5 % of people. A column of words
    becomes one yes-or-no column a word. Whether a behaviour is known is kept beside it, so that a
    group of people who never asked is described as such, and not by the median that stood in.
    Columns in `leave_out` describe people too, and do not shape the groups.

    Parameters
    ----------
    features
        `person_id`, `fitted` and one column a feature, one row a person.

    Raises
    ------
    DataError
        With fewer than `min_people` people to fit, or no column that varies.
    """
    features = features.sort_values([*features.columns.drop("person_id"), "person_id"])
    table = (
        spread_words(features.drop(columns=["person_id", "fitted"]))
        .astype(float)
        .reset_index(drop=True)
    )
    fitted = features["fitted"].to_numpy(bool)
    if fitted.sum() < min_people:
        raise DataError(
            f"table behaviour: {fitted.sum()} people are too few to look for groups; "
            f"it takes {min_people}. Machines "
            "and people of whom almost nothing was seen do not count."
        )
    seen = table[fitted].replace([np.inf, -np.inf], np.nan)
    known = seen.notna().mean()
    varies = seen.nunique() > 1
    table = table.loc[:, (known >= KNOWN_FROM) & varies]
    columns = [name for name in table if name not in columns_like(table, leave_out)]
    if not columns:
        raise DataError(
            "table behaviour: no column differs between people, so there are no groups to look for."
        )
    partly_known = [
        name
        for name in table
        if not name.startswith("inferred_") and KNOWN_FROM <= known[name] <= 1 - KNOWN_FROM
    ]
    # they describe people and assign nobody
    flags = table[partly_known].notna().astype(float).add_suffix("_known")
    return Matrix(
        features["person_id"].to_numpy(), table.join(flags), columns, 1 - known[columns], fitted
    )


def spread_words(table: pd.DataFrame) -> pd.DataFrame:
    """Turn a column of words into one column a word, 1 or 0.

    >>> spread_words(pd.DataFrame({"plan": ["free", "paid", "free"]})).to_dict("list")
    {'plan_free': [1, 0, 1], 'plan_paid': [0, 1, 0]}
    """
    words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name].dtype)]
    return pd.get_dummies(table, columns=words, dtype=int) if words else table


def columns_like(table: pd.DataFrame, patterns: Sequence[str]) -> list[str]:
    """List the columns that a name or a pattern with stars means.

    >>> columns_like(
    ...     pd.DataFrame(columns=["spend", "inferred_intent_praise"]), ["inferred_intent_*", "gone"]
    ... )
    ['inferred_intent_praise']
    """
    return [name for name in table if any(fnmatch(str(name), pattern) for pattern in patterns)]
