"""What a list loses that is not made anew in time: the log replayed, list by list.

Whoever comes by is addressed or not by the list as it was made last. Made just now it is always
right; made a day ago it misses who began to qualify since, and keeps who ceased to. The share of
such moments is what staleness costs.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from coterie.entries import read_entry
from coterie.statistics import clustered_share
from coterie.study import SettingsError
from coterie.windows import as_of_window, epoch_seconds

PERIODS = {"every 15 minutes": 900, "hourly": 3600, "daily": 86_400, "weekly": 604_800}
NEVER = -(2**40)  # a second that lies before everything
FORM = "looks: {act: view, hours: 24, unless: purchase}"
COLUMNS = ["list", "refresh", "seconds", "n_people", "decisions", "lost_share", "low", "high"]


class Watched(BaseModel):
    """A list of those who did `act` within some hours and not `unless` since then."""

    model_config = ConfigDict(extra="forbid")
    act: str
    hours: float = Field(gt=0)
    unless: str = ""


class Replayed(NamedTuple):
    """What each list loses, by how often it is made anew."""

    table: pd.DataFrame  # see the contract `refreshes`
    days: int  # of decisions that were replayed

    def lost(self, refresh: str) -> tuple[float, float, float] | None:
        """Give the share of decisions that the worst list loses, with its 95 % interval."""
        rows = self.table[self.table["refresh"] == refresh].sort_values("lost_share")
        return tuple(rows[["lost_share", "low", "high"]].iloc[-1]) if len(rows) else None


def read_watched(
    lists: Mapping[str, object], *, primary: str, verbs: list[str]
) -> dict[str, Watched]:
    """Read the lists to replay; a study that names none has one: who looked, and did not buy yet.

    Parameters
    ----------
    primary
        The verb of the primary indicator, which ends the usual list.
    verbs
        Acts that the log knows.

    Raises
    ------
    SettingsError
        Naming the list that is not written as one, or names an act that nobody did.

    >>> read_watched({}, primary="purchase", verbs=["view", "purchase"])
    {'looked, not yet purchase': Watched(act='view', hours=24.0, unless='purchase')}
    """
    usual = {f"looked, not yet {primary}": {"act": "view", "hours": 24, "unless": primary}}
    if not lists and "view" not in verbs:
        return {}
    where = "11_monitoring.refresh_lists."
    read = {
        name: read_entry(Watched, entry, where=f"{where}{name}", form=FORM)
        for name, entry in (lists or usual).items()
    }
    for name, watched in read.items():
        for key in ("act", "unless") if lists else ():
            verb = getattr(watched, key)
            if verb and verb not in verbs:
                raise SettingsError(
                    f"11_monitoring.refresh_lists.{name}.{key}: nobody did {verb!r}; there are "
                    f"{', '.join(verbs)}."
                )
    return read


def replay(
    events: ir.Table,
    lists: Mapping[str, Watched],
    *,
    as_of: date,
    days: int = 28,
    min_people: int = 50,
) -> Replayed:
    """Replay the log: how often would a list, made anew so seldom, have decided wrongly?

    Every second in which a person did anything is one decision, in the `days` before `as_of`. It is
    lost when the list as it was made last says otherwise than one made just now. Lists are made at
    whole multiples of their period, UTC. The engine looks at the events; what leaves it is one row
    a person. Lists about fewer than `min_people` people are left out.
    """
    rows = []
    for name, watched in lists.items():
        people = decisions(events, watched, as_of=as_of, days=days).to_pandas()
        people = people[people["decisions"] > 0]
        if int((people["due"] > 0).sum()) >= min_people:
            rows += [row_of(name, refresh, people) for refresh in PERIODS]
    return Replayed(pd.DataFrame(rows, columns=[*COLUMNS, "missed_share"]), days)


def row_of(name: str, refresh: str, people: pd.DataFrame) -> tuple:
    """Estimate what one list loses at one period; a person's decisions belong together."""
    seconds = PERIODS[refresh]
    lost = people[f"missed_{seconds}"] + people[f"kept_{seconds}"]
    share = clustered_share(lost.to_numpy(), people["decisions"].to_numpy())
    missed = people[f"missed_{seconds}"].sum() / max(people["due"].sum(), 1)
    total = int(people["decisions"].sum())
    return (name, refresh, seconds, len(people), total, *share, float(missed))


def decisions(events: ir.Table, watched: Watched, *, as_of: date, days: int = 28) -> ir.Table:
    """Count each person's decisions, how many were due, and which each period would have lost.

    `due` are those in which the person is rightly on the list; of period s, `missed_s` are lost
    because the person is not on it yet, `kept_s` because the person still is.

    >>> at = pd.to_datetime(["2026-06-30 10:00", "2026-06-30 10:05", "2026-06-30 10:20"])
    >>> events = ibis.memtable({"person_id": ["ana"] * 3, "at": at, "verb": ["view"] * 3})
    >>> watched = Watched(act="view", hours=1)
    >>> found = decisions(events, watched, as_of=date(2026, 7, 1)).to_pandas().iloc[0]
    >>> [int(found[name]) for name in ("decisions", "due", "missed_900", "missed_3600")]
    [3, 2, 1, 2]
    """
    first = as_of - timedelta(days=days)
    back = days + int(watched.hours // 24) + 1 + PERIODS["weekly"] // PERIODS["daily"]
    seen = as_of_window(events, as_of=as_of, days=back)
    second = seen["at"].epoch_seconds().cast("int64")
    moments = seen.group_by(person_id=seen["person_id"], second=second).agg(
        acted=(seen["verb"] == watched.act).any(), ended=(seen["verb"] == watched.unless).any()
    )
    before = ibis.window(group_by="person_id", order_by="second", preceding=(None, 1))
    known = moments.mutate(
        act=moments["acted"].ifelse(moments["second"], NEVER).max().over(before).fill_null(NEVER),
        end=moments["ended"].ifelse(moments["second"], NEVER).max().over(before).fill_null(NEVER),
    )
    now = known.mutate(fresh=on_list(known, watched, known["second"]))
    stale = now.mutate(**{f"on_{s}": on_last_list(now, watched, s) for s in PERIODS.values()})
    mine = stale.filter(stale["second"] >= epoch_seconds(first))
    counts = {"decisions": mine.count(), "due": mine["fresh"].sum()}
    for s in PERIODS.values():
        counts[f"missed_{s}"] = (mine["fresh"] & ~mine[f"on_{s}"]).sum()
        counts[f"kept_{s}"] = (~mine["fresh"] & mine[f"on_{s}"]).sum()
    return mine.group_by("person_id").agg(**counts)


def on_list(known: ir.Table, watched: Watched, second: ir.IntegerValue) -> ir.BooleanValue:
    """Say whether somebody is on a list made at this second, by their last acts before it."""
    recent = known["act"] >= second - int(watched.hours * PERIODS["hourly"])
    return recent & (known["end"] < known["act"])


def on_last_list(now: ir.Table, watched: Watched, seconds: int) -> ir.BooleanValue:
    """Say whether somebody is on the list as it was made last, some seconds apart."""
    made = now["second"] // seconds
    since = ibis.window(group_by=[now["person_id"], made])
    # the last acts only ever grow, so the least in a period are those from before it began
    act, end = now["act"].min().over(since), now["end"].min().over(since)
    recent = act >= made * seconds - int(watched.hours * PERIODS["hourly"])
    return recent & (end < act)
