"""Who is in which arm: drawn by a keyed hash, the same on any machine and in any engine."""

import hashlib
from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.experiments.design.plan import ADDRESSED, HELD, HOLDOUT, Plan, plan_hash
from coterie.windows import moment

BUCKETS = 10_000
DIGITS = "0123456789abcdef"
GIVEN = ["person_id", "arm", "at", "mixed", "multi_exposed"]
COLUMNS = [*GIVEN, "segment", "cluster"]


def bucket(person: str, *, key: bytes, salt: str) -> int:
    """Draw the bucket of one person, 0 to 9,999.

    The key is hashed in twice, the second time around the first digest, as HMAC does, but over hex
    digits: so an engine, which hashes text, finds the same bucket.

    References
    ----------
    Bellare, Canetti and Krawczyk (1996), "Keying Hash Functions for Message Authentication",
    CRYPTO: the nested construction.

    >>> bucket("ana", key=b"k", salt="spring"), bucket("ana", key=b"k", salt="fall")
    (8495, 6307)
    """
    inner = hashlib.sha256(f"{key.hex()}:{salt}:{person}".encode()).hexdigest()
    outer = hashlib.sha256(f"{key.hex()}:{inner}".encode()).hexdigest()
    return int(outer[:8], 16) % BUCKETS


def bucket_column(person: ir.StringValue, *, key: bytes, salt: str) -> ir.IntegerValue:
    """Draw the same buckets in the engine.

    >>> people = ibis.memtable({"person": ["ana", "bo"]})
    >>> bucket_column(people["person"], key=b"k", salt="spring").execute().tolist()
    [8495, 9535]
    """
    inner = (ibis.literal(f"{key.hex()}:{salt}:") + person).hexdigest("sha256")
    outer = (ibis.literal(f"{key.hex()}:") + inner).hexdigest("sha256")
    places = [ibis.literal(DIGITS).find(outer.substr(place, 1)) for place in range(8)]
    weighed = [place.cast("int64") * 16 ** (7 - power) for power, place in enumerate(places)]
    total = weighed[0]
    for part in weighed[1:]:
        total = total + part
    return total % BUCKETS


def draw_arms(people: ir.Table, plan: Plan, *, key: bytes) -> ir.Table:
    """Give everyone an arm by the plan's weights; adding people moves nobody.

    Returns
    -------
    Table
        `person_id` and `arm`.
    """
    drawn = bucket_column(people["person_id"], key=key, salt=plan.salt_id or plan.id)
    ends = pd.Series(plan.shares).cumsum().mul(BUCKETS).round().astype(int)
    branches = [(drawn < int(end), arm) for arm, end in ends.items()]
    return people.select("person_id", arm=ibis.cases(*branches, else_=str(ends.index[-1])))


def holdout_plan(plan: Plan, *, share: float, name: str) -> Plan:
    """Plan the standing holdout: a few people whom no campaign addresses, to measure the whole.

    >>> from coterie.experiments.design.plan import Metric
    >>> plan = Plan("spring", "g", "o", {"control": 1, "b": 1}, Metric("visit"), 0.1)
    >>> holdout_plan(plan, share=0.05, name="one").shares
    {'held out': 0.05, 'addressed': 0.95}
    """
    return plan._replace(
        id=HOLDOUT,
        arms={HELD: share, ADDRESSED: 1 - share},
        control=HELD,
        exclusions=(),
        secondaries=(),
        negative_control=None,
        delivery=None,
        content_for=None,
        segments=(),
        salt_id=f"holdout:{name}",
    )


def hold_out(people: ir.Table, plan: Plan, *, key: bytes, since: date) -> ir.Table:
    """Draw the standing holdout among everybody, to be measured from `since` on."""
    drawn = draw_arms(people.select("person_id").distinct(), plan, key=key)
    return drawn.mutate(at=moment(since), mixed=False, multi_exposed=False)


def with_groups(
    assigned: ir.Table, *, segments: ir.Table | None = None, clusters: ir.Table | None = None
) -> ir.Table:
    """Add each person's segment before the assignment, and their cluster; missing where unknown.

    `segments` and `clusters` have `person_id` and one column of that name. Without clusters each
    person stands alone.
    """
    for name, groups in (("segment", segments), ("cluster", clusters)):
        column = ibis.null("string")
        if groups is not None:
            assigned = assigned.left_join(groups.select("person_id", name), "person_id")
            assigned = assigned.drop("person_id_right")
            column = assigned[name]
        assigned = assigned.mutate(**{name: column})
    return assigned.select(COLUMNS)


def assignment_table(assigned: Mapping[str, ir.Table], plans: Mapping[str, Plan]) -> ir.Table:
    """List who was assigned to what, with the chance that each had of their arm."""
    parts = []
    for experiment, table in assigned.items():
        plan = plans[experiment]
        chance = [(table["arm"] == arm, share) for arm, share in plan.shares.items()]
        parts.append(
            table.select(
                *COLUMNS,
                experiment=ibis.literal(experiment),
                propensity=ibis.cases(*chance, else_=0.0),
                plan_hash=ibis.literal(plan_hash(plan)),
            )
        )
    return ibis.union(*parts) if len(parts) > 1 else parts[0]
