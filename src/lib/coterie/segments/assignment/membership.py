"""How firmly people are members: shares, tiers, and people between two segments."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.segments.assignment.expression import soft_assign
from coterie.segments.assignment.model import AssignmentModel
from coterie.statistics import Interval, share_interval

CORE = 0.8  # share from which a person is a core member
LIKELY = 0.5  # and a likely one
SHOWN_FROM = 0.05  # a smaller share is not carried on


def assign(features: ir.Table, *, model: AssignmentModel) -> ir.Table:
    """Assign people to the segments of a stored model, as of whatever day their features are from.

    Nothing is fitted: scaling, medians and borders are the model's. So people of an earlier window
    are assigned as today's would be, and a trait that nobody had then counts as the model's median.

    Parameters
    ----------
    features
        `person_id`, `fitted` and features, as `person_features` makes of the tables `behaviour`,
        `traits` and `bots`; a feature of the model that is missing takes its median.

    Returns
    -------
    Table
        Columns of the table `segments`, as `hard_assign` gives.
    """
    return hard_assign(soft_assign(features, model=model), names=model.names)


def hard_assign(shares: ir.Table, *, names: dict[str, str]) -> ir.Table:
    """Assign everybody to the segment with the largest share, and keep the second.

    `core` from a share of 0.8, `likely` from 0.5, `edge` below: such a person is nobody's typical
    member. Who had no say in where the segments are (`fitted` is false) is assigned like the
    others.

    Parameters
    ----------
    shares
        `person_id`, `fitted` and one column a segment, as `soft_assign` gives.
    names
        Name of every segment.

    >>> shares = ibis.memtable({"person_id": ["ana"], "fitted": [True], "S1": [0.6], "S2": [0.4]})
    >>> found = hard_assign(shares, names={"S1": "Evening", "S2": "Weekend"})
    >>> found.select("person_id", "segment", "second_segment", "tier").to_pandas()
      person_id segment second_segment    tier
    0       ana      S1             S2  likely
    """
    segments = list(names)
    first = shares.mutate(membership=largest([shares[s] for s in segments]))
    found = first.mutate(segment=pick(first, segments, "membership"))
    others = [ibis.ifelse(found["segment"] == s, -1.0, found[s]) for s in segments]
    rest = found.mutate(second_membership=ibis.greatest(0.0, *others))
    second = rest.mutate(
        second_segment=ibis.cases(
            *(
                (
                    (
                        (rest[s] == rest["second_membership"])
                        & (rest["segment"] != s)
                        & (rest[s] > 0)
                    ),
                    s,
                )
                for s in segments
            ),
            else_="",
        )
    )
    share = second["membership"]
    return second.select(
        "person_id",
        "segment",
        segment_name=second["segment"].cases(*names.items()),
        membership=share,
        second_segment=second["second_segment"],
        second_membership=second["second_membership"],
        tier=ibis.cases((share >= CORE, "core"), (share >= LIKELY, "likely"), else_="edge"),
        fitted=second["fitted"],
    )


def largest(shares: Sequence[ir.FloatingValue]) -> ir.FloatingValue:
    """Take the largest of a person's shares; SQL's `greatest` wants two or more."""
    return ibis.greatest(*shares) if len(shares) > 1 else shares[0]


def pick(table: ir.Table, segments: Sequence[str], best: str) -> ir.StringValue:
    """Name the segment whose share is the best one; the first of several."""
    return (
        ibis.cases(*((table[s] == table[best], s) for s in segments[:-1]), else_=segments[-1])
        if segments[1:]
        else ibis.literal(segments[0])
    )


def memberships(shares: ir.Table, *, segments: Sequence[str]) -> ir.Table:
    """List every share that counts, one row a person and segment.

    Somebody may be 0.6 of one and 0.4 of another.

    >>> shares = ibis.memtable(
    ...     {"person_id": ["ana"], "fitted": [True], "S1": [0.58], "S2": [0.39], "S3": [0.03]}
    ... )
    >>> memberships(shares, segments=["S1", "S2", "S3"]).order_by(
    ...     "segment"
    ... ).to_pandas().values.tolist()
    [['ana', 'S1', 0.58], ['ana', 'S2', 0.39]]
    """
    long = shares.drop("fitted").pivot_longer(list(segments), names_to="segment", values_to="share")
    return long.filter(long["share"] >= SHOWN_FROM)


def ambiguity(long: pd.DataFrame) -> pd.DataFrame:
    """Average what members of each segment share with each other: where borders are blurred.

    Parameters
    ----------
    long
        `person_id`, `segment`, `share`, as `memberships` lists them.

    Returns
    -------
    DataFrame
        `segment`, `other`, `share`: mean share that members of `segment` have in `other`; n_people.

    >>> long = pd.DataFrame(
    ...     {"person_id": ["a", "a", "b"], "segment": ["S1", "S2", "S1"], "share": [0.6, 0.4, 1.0]}
    ... )
    >>> ambiguity(long).values.tolist()
    [['S1', 'S1', 0.8, 2], ['S1', 'S2', 0.2, 2]]
    """
    home = long.loc[long.groupby("person_id")["share"].idxmax()].set_index("person_id")["segment"]
    members = home.value_counts()
    sums = (
        long.assign(home=long["person_id"].map(home))
        .groupby(["home", "segment"])["share"]
        .sum()
        .reset_index()
    )
    sums.columns = ["segment", "other", "share"]
    n_people = sums["segment"].map(members)
    return sums.assign(share=sums["share"] / n_people, n_people=n_people)


def segment_sizes(assigned: ir.Table) -> pd.DataFrame:
    """Count the people of each segment and the share who are core members, by id.

    >>> row = {"segment": ["S1"], "segment_name": ["Everyone"], "tier": ["core"]}
    >>> segment_sizes(ibis.memtable(row)).values.tolist()
    [['S1', 'Everyone', 1, 1.0]]
    """
    counts = assigned.group_by("segment", "segment_name").agg(
        people=assigned.count(), core=(assigned["tier"] == "core").mean()
    )
    return counts.order_by("segment").to_pandas()


def smallest_segment(sizes: pd.DataFrame, *, min_people: int) -> int | str:
    """Give the people of the smallest segment, or that there are fewer than may be told.

    >>> smallest_segment(pd.DataFrame({"people": [120, 49]}), min_people=50)
    'under 50'
    """
    people = int(sizes["people"].min())
    return people if people >= min_people else f"under {min_people}"


def core_share(people: pd.DataFrame) -> Interval:
    """Give the share of people who are core members, with its interval."""
    return share_interval(int((people["tier"] == "core").sum()), len(people))
