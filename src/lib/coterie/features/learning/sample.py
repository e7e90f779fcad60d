"""Some of the people, and people in groups.

They serve where looking at everybody would take long or tell nothing more.
"""

import ibis
import ibis.expr.types as ir


def some_people(events: ir.Table, *, at_most: int) -> ir.Table:
    """List at most so many of the people who did anything.

    They are the first by pseudonym, which is a keyed hash, so a random choice.
    """
    return events.select("person_id").distinct().order_by("person_id").limit(at_most)


def in_groups(people: ir.Table, n_groups: int) -> ir.Table:
    """Deal people out to groups, numbered from 0 in `group`, of sizes that differ by one at most.

    >>> people = ibis.memtable({"person_id": ["ana", "bo", "cy"]})
    >>> in_groups(people, 2).order_by("person_id").to_pandas()["group"].tolist()
    [0, 1, 0]
    """
    number = ibis.row_number().over(ibis.window(order_by="person_id"))
    return people.mutate(group=(number % n_groups).cast("int64"))
