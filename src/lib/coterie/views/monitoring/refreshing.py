"""What notebook 11 shows of lists that grow old, and of rates beside what others reach."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.monitoring import Choice, Replayed
from coterie.reporting import figures, tables
from coterie.views.forms.note import Note
from coterie.wording import counted, listed

NO_LIST = Note(
    "**No list can be replayed**: too few people were on one. Name acts that many people do under "
    "`11_monitoring`, `refresh_lists:`, like `looks: {act: view, hours: 24, unless: purchase}`."
)


def rates(found: pd.DataFrame, *, shown: str) -> tables.TitledTable | Note:
    """Show one indicator by platform over each denominator, beside what others reach."""
    rows = found[(found["kpi"] == shown) & (found["numerator"] > 0)]
    if rows.empty:
        return Note(f"**No platform has enough people** with {shown} for a rate of its own.")
    known = rows["benchmark"].notna()
    numbers = dict.fromkeys(["value", "low", "high", "benchmark"], ".2%")
    columns = ["platform", "denominator", "value", "low", "high", "benchmark", "benchmark_n"]
    sources = listed(sorted(set(rows["benchmark_source"].dropna())))
    return tables.table(
        rows[[*columns, "verdict"]],
        title=f"{shown} by platform: {int(known.sum())} of {len(rows)} rates have a benchmark",
        subtitle=f"Benchmarks: {sources}." if sources else "No benchmark is known for these.",
        formats=numbers | {"benchmark_n": ",.0f"},
        labels={"benchmark": "others", "benchmark_n": "on how many", "denominator": "over"},
    )


def staleness(found: Replayed) -> Axes | Note:
    """Draw which share of decisions each list loses, by how often it is made anew."""
    if found.table.empty:
        return NO_LIST
    rows = found.table.assign(
        percent=100 * found.table["lost_share"],
        low=100 * found.table["low"],
        high=100 * found.table["high"],
        made=found.table["list"] + ", " + found.table["refresh"],
    )
    worst = rows.sort_values("percent").iloc[-1]
    return figures.bars(
        rows,
        y="made",
        x="percent",
        low="low",
        high="high",
        by="list",
        title=f"Made anew {worst['refresh']}, {worst['list']!r} is wrong in "
        f"{worst['percent']:.0f}% of {worst['decisions']:,} decisions",
        xlabel="percent of decisions lost, with 95 % interval",
        alt="One bar a list and period: the share of decisions in which the list was wrong.",
    )


def costs(choice: Choice) -> tables.TitledTable | Note:
    """Show what each way to keep a list costs a month, and whether prices change the choice."""
    if choice.costs.empty:
        return Note("**Without a list there is nothing to price.**")
    if choice.sensitivity.empty:
        return Note(
            "**What staleness costs in money is not known**: say what one right decision brings, "
            "under `11_monitoring`, `refresh_prices:`, like `{decision: 0.02}`."
        )
    best = choice.costs[choice.costs["chosen"]]
    said = [f"{row.list!r} {row.kind}, {row.refresh}" for row in best.itertuples()]
    money = dict.fromkeys(["compute", "work", "lost_value", "total"], ",.0f")
    return tables.table(
        choice.costs[["list", "kind", "refresh", *money, "chosen"]],
        title=f"Cheapest: {listed(said)}",
        subtitle=f"{saved(choice)} {sensitivity(choice)}",
        formats=money,
        labels={"lost_value": "lost decisions", "total": "a month"},
    )


def saved(choice: Choice) -> str:
    """Say what dynamic lists save, from the worst to the best of the varied prices."""
    sums = choice.sensitivity.groupby(["price", "factor"])["saved"].sum()
    return (
        f"Dynamic lists save {choice.saved:,.0f} a month over static ones "
        f"({sums.min():,.0f} to {sums.max():,.0f} with one price halved or doubled)."
    )


def sensitivity(choice: Choice) -> str:
    """Say which halved or doubled price changes what is cheapest."""
    turned = choice.turning
    if turned.empty:
        return "None of these prices changes the choice."
    words = {0.5: "half", 2.0: "twice"}
    what = [f"{words[row.factor]} the {row.price}" for row in turned.itertuples()]
    return f"{counted(len(what), 'change')} of price would change the choice: {listed(what)}."
