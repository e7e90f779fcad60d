"""What people complain about, brand by brand."""

import pandas as pd

from coterie.statistics import clustered_share

COMPLAINING = ("complaint", "leaving")


def complaints_by_brand(
    labels: pd.DataFrame, brands: pd.Series, *, min_people: int = 50, at_most: int = 12
) -> pd.DataFrame:
    """Say for each brand which share of the posts that address it complains, and what about.

    A post complains when its intent was read as complaint or leaving. People are the observations:
    one who writes ten times is no ten people. Brands with fewer than `min_people` people are left
    out, and a matter is named only if `min_people` people complained about it. The rate is among
    people who wrote to the brand, not among its customers.

    `labels` is `post_labels` as a frame, `brands` says whom each of its posts addresses. Returns
    one row a brand, most posts first, at most so many: brand, posts, people, share with low and
    high, matter (the interest or aspect most complained about) and matter_share (of the
    complaints).

    >>> labels = pd.DataFrame(
    ...     {
    ...         "person_id": ["ana", "bo"],
    ...         "inferred_intent": ["complaint", "praise"],
    ...         "inferred_interest": ["food", "food"],
    ...     }
    ... )
    >>> table = complaints_by_brand(labels, pd.Series(["shop"] * 2), min_people=1)
    >>> table[["share", "matter"]].values.tolist()
    [[0.5, 'food']]
    """
    labelled = labels.assign(brand=brands.to_numpy()).dropna(
        subset=["brand", "inferred_intent", "person_id"]
    )
    labelled = labelled.assign(complains=labelled["inferred_intent"].isin(COMPLAINING))
    rows = []
    for brand, own in labelled.groupby("brand"):
        people = own.groupby("person_id")["complains"].agg(["sum", "size"])
        if len(people) >= min_people:
            matter, share = leading_matter(own[own["complains"]], min_people=min_people)
            rows.append(
                (
                    brand,
                    len(own),
                    len(people),
                    *clustered_share(people["sum"], people["size"]),
                    matter,
                    share,
                )
            )
    columns = ["brand", "posts", "people", "share", "low", "high", "matter", "matter_share"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["posts", "brand"], ascending=[False, True], ignore_index=True).head(
        at_most
    )


def leading_matter(complaints: pd.DataFrame, *, min_people: int) -> tuple[str, float]:
    """Name the interest that most complaints are about, if enough people complain about it.

    `other` is left out.
    """
    known = complaints[
        complaints["inferred_interest"].notna() & (complaints["inferred_interest"] != "other")
    ]
    people = known.groupby("inferred_interest")["person_id"].nunique()
    counts = (
        known["inferred_interest"]
        .value_counts()
        .loc[lambda n: people.reindex(n.index) >= min_people]
    )
    if counts.empty:
        return "", float("nan")
    leading = sorted(counts.index, key=lambda name: (-counts[name], name))[0]
    return str(leading), float(counts[leading] / len(complaints))
