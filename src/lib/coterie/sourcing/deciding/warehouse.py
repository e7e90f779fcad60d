"""Where should the tables live, and how often should they be made anew? Two decision tables."""

from collections.abc import Sequence
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
import yaml

from coterie.contracts import Contract

FILE = yaml.safe_load((Path(__file__).parent / "warehouse.yml").read_text(encoding="utf-8"))
PRICES = {name: entry["value"] for name, entry in FILE["prices"].items()}
SPECIAL = {"gender", "birth_year"}  # protected attributes; health may hide in any text
DAYS_A_MONTH = 30


def table_volumes(tables: Sequence[tuple[Contract, ir.Table]]) -> pd.DataFrame:
    """Count rows a table and say how sensitive it is, by its contract.

    Returns
    -------
    `table`, `rows`, `sensitivity` (identifiers, special, pseudonyms or none).
    """
    rows = [(c.table, int(table.count().execute()), sensitivity(c)) for c, table in tables]
    return pd.DataFrame(rows, columns=["table", "rows", "sensitivity"])


def sensitivity(contract: Contract) -> str:
    """Class a table by the most sensitive thing that its contract lets it hold.

    >>> from coterie import contracts
    >>> sensitivity(contracts.Vault), sensitivity(contracts.People), sensitivity(contracts.Sources)
    ('identifiers', 'special', 'none')
    """
    if contract.restricted:
        return "identifiers"
    if SPECIAL & set(contract.types):
        return "special"
    return "pseudonyms" if "person_id" in contract.types else "none"


def choose_place(
    volumes: pd.DataFrame, *, rows_per_day: float, refresh_hours: float, may_leave: str
) -> pd.DataFrame:
    """Decide where the tables live, from sensitivity, volume, latency and cost.

    `may_leave` is what may lie at a processor: nothing, pseudonyms or identifiers. Volume is what
    two years of `rows_per_day` add. Among the places that pass, the cheapest is chosen.

    Returns
    -------
    One row a place: `place`, `says`, `sensitivity`, `volume`, `latency` (whether it passes),
    `dollars_a_month`, `chosen`.

    >>> volumes = pd.DataFrame({"table": ["events"], "rows": [1000], "sensitivity": ["pseudonyms"]})
    >>> asked = {"rows_per_day": 10, "refresh_hours": 24, "may_leave": "nothing"}
    >>> choose_place(volumes, **asked).query("chosen")["place"].tolist()
    ['own machine']
    """
    order = ["nothing", "pseudonyms", "identifiers"]
    later = volumes["rows"].sum() + 730 * rows_per_day
    rows = []
    for place, option in FILE["options"].items():
        rows.append(
            {
                "place": place,
                "says": option["says"],
                "sensitivity": order.index(option["leaves_house"]) <= order.index(may_leave),
                "volume": bool(later <= option["most_rows"]),
                "latency": refresh_hours >= option["fewest_hours"],
                "dollars_a_month": monthly_cost(place, later, refresh_hours=refresh_hours),
            }
        )
    found = pd.DataFrame(rows)
    passes = found["sensitivity"] & found["volume"] & found["latency"]
    cheapest = found["dollars_a_month"].where(passes)
    return found.assign(chosen=passes & (cheapest == cheapest.min()))


def monthly_cost(place: str, rows: float, *, refresh_hours: float) -> float:
    """Estimate dollars a month from the dated prices: machine, storage and scans.

    >>> monthly_cost("own machine", 1000, refresh_hours=24)
    80.0
    """
    size = rows * PRICES["bytes_per_row"]
    refreshes = DAYS_A_MONTH * 24 / refresh_hours
    scanned = size * PRICES["scans_per_refresh"] * refreshes / 1e12
    charged = max(0.0, scanned - PRICES["free_scan_tb_month"])
    rented = size / 1e9 * PRICES["storage_per_gb_month"] + charged * PRICES["scan_per_tb"]
    own = float(PRICES["own_machine_month"])
    return {"own machine": own, "warehouse": rented, "both": own + rented}[place]


def choose_refresh(*, n_rows: int, rows_per_day: float, refresh_hours: float) -> pd.DataFrame:
    """Decide between batch, micro-batch and stream: the fewest rows touched that is soon enough.

    A batch reads everything again, a micro-batch what came since the last; both give the same
    state, see `coterie.sourcing.changes`.

    Returns
    -------
    `refresh`, `delay_hours`, `rows_a_month`, `runs_a_month`, `soon_enough`, `chosen`.

    >>> found = choose_refresh(n_rows=10**6, rows_per_day=5000, refresh_hours=24)
    >>> found.query("chosen")["refresh"].tolist()
    ['nightly batch']
    """
    rows = []
    for name, kind in FILE["refreshes"].items():
        runs = DAYS_A_MONTH * 24 / kind["hours"]
        again = DAYS_A_MONTH * rows_per_day if kind["incremental"] else runs * n_rows
        rows.append((name, kind["hours"], again, runs, kind["hours"] <= refresh_hours))
    columns = ["refresh", "delay_hours", "rows_a_month", "runs_a_month", "soon_enough"]
    found = pd.DataFrame(rows, columns=columns)
    fewest = found["runs_a_month"].where(found["soon_enough"])  # each run must be watched
    return found.assign(chosen=fewest == fewest.min())
