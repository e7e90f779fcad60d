"""One refresh of all lists: who is on them, who came and went and why, and whether they stand."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

from coterie.rules.language.columns import Column
from coterie.rules.lists import refresh
from coterie.rules.lists.by_hand import ByHand
from coterie.rules.lists.qualifying import members

CHANGES = ["person_id", "rule", "change", "cause", "event_id"]


class Past(NamedTuple):
    """What the run before left; None where there was none."""

    members: ir.Table | None
    lists: ir.Table | None

    @property
    def states(self) -> pd.DataFrame:
        """The lists of the run before, an empty frame without one."""
        if self.lists is None:
            return pd.DataFrame(columns=[*refresh.LIST_COLUMNS])
        return self.lists.to_pandas()

    @property
    def last_good(self) -> dict[str, str]:
        """The expression of every list of the run before."""
        return dict(self.states[["rule", "expression"]].itertuples(index=False))


class Refreshed(NamedTuple):
    """The lists after a refresh."""

    members: ir.Table  # `person_id`, `rule`
    changes: pd.DataFrame  # `person_id`, `rule`, `change`, `cause`, `event_id`
    states: pd.DataFrame  # one row a list, see the contract `lists`
    earlier: date  # the day of the refresh before

    @property
    def n_stale(self) -> int:
        """Count the lists that nobody may be addressed by."""
        return int(self.states["stale"].sum())

    def by_act_share(self, *, min_people: int = 50) -> float | str:
        """Give the share of changes that came by an act, of those whose cause can be told."""
        told = self.changes[self.changes["cause"] != "other"]
        n_by_act = int((told["cause"] == "act").sum())
        few = {n_by_act, len(told) - n_by_act} & set(range(1, min_people))
        return "too few people to say" if few or not len(told) else n_by_act / len(told)


def refresh_lists(
    read: refresh.Readable,
    people: ir.Table,
    events: ir.Table,
    *,
    past: Past,
    columns: Mapping[str, Column],
    as_of: date,
    by_hand: ByHand,
    refresh_days: int = 7,
    max_age_days: int = 7,
) -> Refreshed:
    """Refresh every list: who is on it now, who was at the refresh before, and what changed that.

    Rules on the event log alone are asked about the earlier day too, so they have changes from the
    first run on. Other rules have changes once a run wrote their list under the same words.
    """
    rules, then = read.rules, past.states
    earlier = refresh.last_refresh(then, as_of=as_of, refresh_days=refresh_days)
    now = members(rules, people, by_hand=by_hand)
    if read.held and past.members is not None:
        now = now.union(past.members.filter(past.members["rule"].isin(list(read.held))))
    replayable = [rule.name for rule in rules if refresh.from_acts_alone(rule, columns)]
    alike = {rule.name for rule in rules if past.last_good.get(rule.name) == rule.expression}
    before = refresh.earlier_members(
        rules, people, events, past.members, columns=columns, earlier=earlier
    )
    plain = members(rules, people)  # by hand nobody comes by an act
    known = [*replayable, *sorted(alike - set(replayable))]
    changes = refresh.list_changes(before, plain, known=known).to_pandas()
    span = {"columns": columns, "earlier": earlier, "as_of": as_of}
    told = refresh.with_causes(changes, events, rules, **span)
    until = events.filter(events["at"] < pd.Timestamp(as_of))["at"].max().execute()
    states = refresh.list_states(
        read, now.to_pandas(), told, then, as_of=as_of, data_until=until, max_age_days=max_age_days
    )
    return Refreshed(now, told[CHANGES], states, earlier)
