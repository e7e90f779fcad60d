"""Lists that make themselves anew against lists made by hand: compute, hours and lost decisions."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from coterie.entries import read_entry

MONTH = 30 * 86_400  # seconds
BY_HAND = ("daily", "weekly")  # how often somebody could make a list by hand
FORM = "{decision: 0.02, compute: 0.05, hour: 60, hours_by_hand: 1, hours_of_upkeep: 2}"


class Prices(BaseModel):
    """What things cost, in the study's currency; a right decision's value is yours to say."""

    model_config = ConfigDict(extra="forbid")
    decision: float = Field(default=0.0, ge=0)  # what one right decision brings; 0 is not known
    compute: float = Field(default=0.05, ge=0)  # one refresh by machine
    hour: float = Field(default=60.0, ge=0)  # one hour of work
    hours_by_hand: float = Field(default=1.0, ge=0)  # to make one list by hand
    hours_of_upkeep: float = Field(default=2.0, ge=0)  # a month, to look after a dynamic list


class Choice(NamedTuple):
    """The cheapest way to keep each list, and whether half or twice a price would change it."""

    costs: pd.DataFrame  # see the contract `refresh_costs`
    sensitivity: pd.DataFrame  # price, factor, list, and what is cheapest then; none without prices

    @property
    def saved(self) -> float:
        """What dynamic lists save a month over static ones, all lists together."""
        return float(savings(self.costs)["saved"].sum())

    @property
    def turning(self) -> pd.DataFrame:
        """The changes of price under which another way is cheapest: price and factor."""
        now = savings(self.costs)[["list", "kind", "refresh"]]
        both = self.sensitivity.merge(now, on="list", suffixes=("", "_now"))
        other = (both["kind"] != both["kind_now"]) | (both["refresh"] != both["refresh_now"])
        return both.loc[other, ["price", "factor"]].drop_duplicates()


def read_prices(prices: Mapping[str, object]) -> Prices:
    """Read the prices of a study file.

    Raises
    ------
    SettingsError
        Naming the price that is none.
    """
    return read_entry(Prices, prices, where="11_monitoring.refresh_prices", form=FORM)


def costs_of(replayed: pd.DataFrame, prices: Prices, *, days: int) -> pd.DataFrame:
    """Add up what a list costs a month, by how often and by whom it is made anew.

    A dynamic list costs compute for every refresh and some upkeep; a static one is made by hand. To
    both is added what the decisions bring that staleness loses. The least total is chosen; where
    nobody says what a decision brings, totals are unknown and nothing is.

    >>> curve = {"list": ["x"], "refresh": ["weekly"], "seconds": [604_800], "decisions": [3000]}
    >>> curve = pd.DataFrame(curve | {"lost_share": [0.1]})
    >>> prices = Prices(decision=1, compute=7, hour=10, hours_by_hand=7, hours_of_upkeep=1)
    >>> costs_of(curve, prices, days=30)[["kind", "total"]].round().values.tolist()
    [['dynamic', 340.0], ['static', 600.0]]
    """
    refreshes = MONTH / replayed["seconds"]
    lost = replayed["lost_share"] * replayed["decisions"] * 30 / days
    lost = lost * (prices.decision or float("nan"))
    both = replayed[["list", "refresh"]].assign(refreshes_a_month=refreshes, lost_value=lost)
    upkeep = prices.hours_of_upkeep * prices.hour
    dynamic = both.assign(kind="dynamic", compute=refreshes * prices.compute, work=upkeep)
    work = refreshes * prices.hours_by_hand * prices.hour
    static = both.assign(kind="static", compute=0.0, work=work)
    table = pd.concat([dynamic, static[static["refresh"].isin(BY_HAND)]], ignore_index=True)
    total = table["compute"] + table["work"] + table["lost_value"]
    table = table.assign(total=total)
    cheapest = table[total == table.groupby("list")["total"].transform("min")]
    first = cheapest.drop_duplicates("list").index
    return table.assign(chosen=table.index.isin(first))


def choose_refresh(replayed: pd.DataFrame, prices: Prices, *, days: int) -> Choice:
    """Choose the cheapest way, and look whether half or twice any one price would change it."""
    costs = costs_of(replayed, prices, days=days)
    rows = []
    for price in Prices.model_fields if prices.decision else ():
        for factor in (0.5, 2.0):
            varied = prices.model_copy(update={price: factor * getattr(prices, price)})
            then = costs_of(replayed, varied, days=days)
            rows += [(price, factor, *row) for row in savings(then).itertuples(index=False)]
    names = ["price", "factor", "list", "kind", "refresh", "saved"]
    return Choice(costs, pd.DataFrame(rows, columns=names))


def savings(costs: pd.DataFrame) -> pd.DataFrame:
    """Say of each list the cheapest way, and what the best dynamic saves over the best static."""
    least = costs.groupby(["list", "kind"])["total"].min()
    best = costs.loc[costs["chosen"], ["list", "kind", "refresh"]]
    saved = [least[name, "static"] - least[name, "dynamic"] for name in best["list"]]
    return best.assign(saved=saved)
