"""What notebook 02 shows of its sources: how good they are, what is due, what none of them sees."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.disclosure import suppress_small
from coterie.reporting import figures, tables
from coterie.views.forms.note import Note


def source_scores(scores: pd.DataFrame) -> tables.TitledTable:
    """Show how good each platform's files are to build on, the best on top."""
    shares = ["key_coverage", "fresh_share", "filled_share", "kept_share", "basis_share"]
    shares += ["within_terms_share", "mean_share"]
    spans = [span_of(*pair) for pair in scores[["rank_low", "rank_high"]].itertuples(index=False)]
    shown = scores.drop(columns=["rank_low", "rank_high"]).assign(under_other_weights=spans)
    first, last = scores["platform"].iloc[0], scores["platform"].iloc[-1]
    sure = (
        "whatever one values"
        if scores["rank_low"].iloc[-1] == len(scores)
        else "as they are weighed here"
    )
    title = f"Of {len(scores)} sources, {first} ranks first and {last} last, {sure}"
    if len(scores) == 1:
        title = f"There is one source, {first}: nothing to rank"
    return tables.table(
        shown[["rank", "under_other_weights", "platform", "n_rows", *shares[:1], "lag_p95_days"]]
        .join(shown[shares[1:]])
        .copy(),
        title=title,
        subtitle="Six shares with equal weight. Beside the rank: where it would lie were they "
        "weighed otherwise, in 95 of 100 ways.",
        labels={
            "under_other_weights": "rank under other weights",
            "n_rows": "rows",
            "key_coverage": "accounts known elsewhere too",
            "lag_p95_days": "age of the newest row, worst of 20 days",
            "fresh_share": "days with a row of that week",
            "filled_share": "cells filled",
            "kept_share": "rows not set aside",
            "basis_share": "accounts of people who allowed something",
            "within_terms_share": "rows that may still be kept",
        },
        formats=dict.fromkeys(shares, ".0%") | {"lag_p95_days": ".1f", "n_rows": ","},
    )


def span_of(low: int, high: int) -> str:
    """Write a range of ranks.

    >>> span_of(1, 3), span_of(11, 11)
    ('1–3', '11')
    """
    return str(low) if low == high else f"{low}–{high}"


def due(rows: pd.DataFrame, *, command: str) -> tables.TitledTable:
    """Show which rows may not be kept any longer, rule by rule."""
    n_due = int(rows["due"].sum())
    title = "No dated row is past what its rule allows"
    if n_due:
        title = f"{n_due:,} rows are kept longer than their rule allows"
    return tables.table(
        rows[["rule", "table", "field", "platform", "keep_days", "then", "rows", "due"]],
        title=title,
        subtitle=f"`{command}` deletes what is due, in every artefact.",
        labels={"keep_days": "days kept", "then": "what becomes of it", "due": "rows due"},
        formats={"rows": ",", "due": ",", "keep_days": ","},
    )


def place(places: pd.DataFrame, *, refresh: pd.DataFrame) -> tables.TitledTable:
    """Show where the tables could live, which place is chosen, and how often they are made anew."""
    often = refresh[refresh["chosen"]]
    anew = "No way to make them anew is soon enough."
    if len(often):
        anew = f"Made anew by {often['refresh'].iloc[0]}: {often['rows_a_month'].iloc[0]:,.0f} rows"
        anew += " read a month."
    chosen = ", ".join(places.loc[places["chosen"], "place"]) or "none of the places"
    return tables.table(
        places,
        title=f"Sensitivity, volume, latency and cost speak for: {chosen}",
        subtitle=f"A place must pass the first three; the cheapest that does is chosen. {anew}",
        labels={"dollars_a_month": "dollars a month"},
        formats={"dollars_a_month": ",.2f"},
    )


def gaps(coverage: pd.DataFrame, *, bounds: pd.DataFrame, doing: str, min_people: int) -> Axes:
    """Draw between which bounds the main share would lie were one platform missing."""
    large = coverage[coverage["n_people"] >= min_people]
    every = bounds.iloc[:1].assign(platform="nothing")
    shown = pd.concat([every, large])[["platform", "low", "high"]]
    shown = shown.assign(middle=(shown["low"] + shown["high"]) / 2)
    percent = shown.set_index("platform").mul(100).reset_index()
    low, high = every.iloc[0][["low", "high"]]
    return figures.dots(
        percent,
        y="platform",
        x="middle",
        low="low",
        high="high",
        title=f"Between {low:.0%} and {high:.0%} of people {doing}, whatever the unseen did",
        xlabel=f"people who {doing}, percent, were this platform missing",
        alt="Bounds on the share of people who did the main thing, with no platform missing and "
        "with each one missing; a dot marks the middle, not an estimate.",
    )


def seen_by(
    coverage: pd.DataFrame, *, people: tuple[int, int], min_people: int
) -> tables.TitledTable:
    """Show whom each platform sees."""
    shares = ["share", "active_share", "only_share"]
    shown = coverage[coverage["n_people"] >= min_people].sort_values("n_people", ascending=False)
    return tables.table(
        shown[["platform", "n_people", *shares]],
        title=f"Behind the accounts are between {people[0]:,} and {people[1]:,} people",
        subtitle="The fewest if whoever shares no key is seen elsewhere, the most if nobody is.",
        labels={
            "n_people": "people",
            "share": "of all people",
            "active_share": "of these did something there",
            "only_share": "of these are known nowhere else",
        },
        formats=dict.fromkeys(shares, ".0%") | {"n_people": ","},
    )


def clean_up(listed: pd.DataFrame, *, n_records: int, min_people: int) -> tables.TitledTable | Note:
    """Show how much contact data should be confirmed, and why; never whose."""
    if listed.empty:
        return Note("**No contact data is in doubt**, as far as the files tell.")
    reasons = listed.groupby("reason", as_index=False).agg(
        people=("person_id", "nunique"), confidence=("confidence", "mean")
    )
    return tables.table(
        suppress_small(reasons, "people", min_people=min_people),
        title=f"{len(listed):,} of {n_records:,} addresses and numbers should be confirmed",
        subtitle="The list is in the lake, the least certain first. A reason that few people share "
        "is not shown.",
        labels={"confidence": "how likely they still hold (mean)"},
        formats={"people": ",", "confidence": ".0%"},
    )
