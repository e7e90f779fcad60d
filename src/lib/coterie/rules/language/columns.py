"""What a rule may speak of: behaviours, acts, the segment and scores; no guessed trait."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from coterie import contracts
from coterie.wording import trait_label

TEXT, WHOLE, NUMBER = "text", "whole", "number"
KINDS = {"string": TEXT, "int64": WHOLE, "float64": NUMBER}
PLACES = ("segment", "segment_name", "tier", "membership")
COMPANY = ("company", "industry", "employees", "revenue", "country", "company_people")
COMPANY += ("role_coverage", "buying_stage")
SHARE = "share"
NOTHING = MappingProxyType({})
SINCE = ("recency_days", "tenure_days")  # times since one moment, so that a day can be asked for
MONEY = ("purchase", "refund")  # acts that move money
RFM = {
    "recency_score": "fifth of buyers by how lately they bought, 5 the latest",
    "frequency_score": "fifth of buyers by orders in a year, 5 the most",
    "monetary_score": "fifth of buyers by mean order in a year, 5 the largest",
}
MEASURES = {  # how -> its name, its label, its meaning, its kind and its unit
    "count": ("{}s", "number of {}s", "acts of the kind {}", WHOLE, "count"),
    "value": ("{}_value", "money of {}s", "money that {}s moved", NUMBER, "money"),
    "last": ("last_{}", "time since the last {}", "time since the last {}", NUMBER, "days"),
    "first": ("first_{}", "time since the first {}", "time since the first {}", NUMBER, "days"),
}


class Measure(NamedTuple):
    """What an act-based column counts; its value follows from the event log alone."""

    how: str  # count, value, last or first
    verb: str


class Column(NamedTuple):
    """A column that rules may name."""

    name: str
    kind: str  # text, whole or number
    unit: str  # days, hours, money, share, count, ...; empty for text
    meaning: str  # from the contract
    label: str  # as the English says it; no two columns share one
    since_moment: bool = False  # time since a moment, so that `before` and `since` make sense
    measure: Measure | None = None  # for columns that are counted from acts
    values: tuple[str, ...] = ()  # the only values there are; empty for any


def rule_columns(
    scores: Mapping[str, str] = NOTHING,
    *,
    verbs: Sequence[str] = (),
    segments: Sequence[str] = (),
    companies: bool = False,
) -> dict[str, Column]:
    """List the columns a rule may name.

    `scores` are the names and units of scores, `verbs` the acts of the event log, `segments` the
    ids there are (any, where none is given), `companies` whether people state any. Inferred traits
    and protected attributes are left out on purpose: who qualifies should be explained by what
    people did. A segment may rest on inferred interests in part.

    >>> columns = rule_columns({"purchase_probability": "share"}, verbs=["purchase"])
    >>> columns["purchase_probability"].unit, columns["last_purchase"].label
    ('share', 'time since the last purchase')
    """
    columns = _described(contracts.Behaviour, set(contracts.Behaviour.types) - {"person_id"})
    columns += _described(contracts.Segments, set(PLACES))
    columns += _described(contracts.Companies, set(COMPANY)) if companies else []
    value = contracts.Scores.meanings["value"]
    columns += [
        Column(name, NUMBER, unit, value, trait_label(name)) for name, unit in scores.items()
    ]
    columns += [
        Column(name, WHOLE, "1 to 5", meaning, trait_label(name)) for name, meaning in RFM.items()
    ]
    measured = [column for verb in verbs for column in _measured(verb)]
    found = {column.name: column for column in (*measured, *columns)}
    found["segment"] = found["segment"]._replace(values=tuple(segments))
    return found


def over_days(name: str, days: float) -> str:
    """Name a column over the last days; the people table calls it so too.

    >>> over_days("purchases", 30.0)
    'purchases in 30 days'
    """
    return f"{name} in {days:.10g} days"


def column_of(key: str, columns: Mapping[str, Column]) -> Column:
    """Find the column that a key of a tree speaks of."""
    return columns[key.partition(" in ")[0]]


def days_of(key: str) -> float | None:
    """Say over how many days a key of a tree counts; none where it counts everything.

    >>> days_of("purchases in 30 days"), days_of("purchases")
    (30.0, None)
    """
    days = key.partition(" in ")[2].removesuffix(" days")
    return float(days) if days else None


def _measured(verb: str) -> list[Column]:
    """Describe what can be asked about one kind of act."""
    if not re.fullmatch(r"[A-Za-z_]\w*", verb):
        return []
    known = {how: entry for how, entry in MEASURES.items() if how != "value" or verb in MONEY}
    return [
        Column(
            name.format(verb),
            kind,
            unit,
            meaning.format(verb),
            label.format(verb.replace("_", " ")),
            since_moment=how in ("last", "first"),
            measure=Measure(how, verb),
        )
        for how, (name, label, meaning, kind, unit) in known.items()
    ]


def _described(contract: contracts.Contract, names: set[str]) -> list[Column]:
    """Describe some columns of a table; every share has the unit share."""
    written = contracts.TABLES[contract.table]["columns"]
    rows = []
    for name in contract.types:
        if name in names:
            entry = written[name] if isinstance(written[name], dict) else {}
            unit = SHARE if entry.get("type") == "share" else contract.units.get(name, "")
            kind = KINDS[contract.types[name]]
            meaning, label = contract.meanings[name], trait_label(name)
            moment, values = name in SINCE, tuple(entry.get("isin", ()))
            rows.append(Column(name, kind, unit, meaning, label, moment, values=values))
    return rows
