"""How notebook 05 shows what was compared, and why the verdict is what it is."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.reporting.tables import TitledTable
from coterie.segments import SENTENCES, Verdict
from coterie.segments.selection import Comparison
from coterie.segments.selection.verdict import ALPHA, FOUND, FROM_MISSING
from coterie.wording import counted

RANKING = {
    "method": "algorithm",
    "k": "groups",
    "beats_null": "found",
    "n_apart": "with valleys between",
    "valley_pvalue": "valleys (p)",
    "dip_pvalue": "dip test (p)",
    "bridge_density": "density between",
    "halves_agree": "halves agree",
    "stability_low": "worst recovery",
    "null_stability_low": "same, structureless",
    "silhouette": "silhouette",
    "smallest_cluster": "people in the smallest",
    "targeting_gain": "targeting gain",
    "front": "Pareto front",
}


def silhouettes(comparison: Comparison, verdict: Verdict) -> Axes:
    """Draw the silhouette over the number of groups, for people and for structureless data."""
    scores = comparison.scores
    method = verdict.method or scores["method"].iloc[0]
    shown = scores[scores["method"] == method]
    if shown["null_silhouette"].isna().all():
        method = scores["method"].iloc[0]
        shown = scores[scores["method"] == method]
    names = {"silhouette": "these people", "null_silhouette": "structureless data"}
    curves = shown.melt("k", list(names), "data", "width").replace({"data": names})
    return figures.lines(
        curves.dropna(subset="width"),
        x="k",
        y="width",
        by="data",
        title=f"Verdict: {verdict.word}; {counted(verdict.k, 'segment')}",
        xlabel=f"groups tried ({method})",
        ylabel="mean silhouette width",
        alt="Two lines over the number of groups: these people and structureless data.",
    )


def ranking(
    ranked: pd.DataFrame, verdict: Verdict, comparison: Comparison, *, min_people: int
) -> TitledTable:
    """List the eight best entries; the first row was taken unless nothing was found."""
    best = ranked[list(RANKING)].head(8)
    large = best["smallest_cluster"] >= min_people
    best = best.assign(smallest_cluster=best["smallest_cluster"].where(large))
    shares = ["halves_agree", "stability_low", "null_stability_low", "silhouette"]
    return tables.table(
        best,
        title=SENTENCES[verdict.word],
        subtitle=" ".join(
            [
                *chance_sentences(comparison),
                *valley_sentence(ranked, verdict, comparison),
                *gap_sentence(ranked),
            ]
        ),
        formats={"smallest_cluster": ",.0f", "targeting_gain": ".0%"}
        | dict.fromkeys(shares, ".2f")
        | {"valley_pvalue": ".3f", "dip_pvalue": ".3f", "bridge_density": ".2f"},
        labels=RANKING,
    )


def chance_sentences(comparison: Comparison) -> list[str]:
    """Say how likely structureless data are as separate, how finely that is known, and where.

    >>> from coterie.segments.selection import PValue
    >>> pvalues = {"one-humped": PValue(0.01, 99), "copula": PValue(0.5, 10)}
    >>> for sentence in chance_sentences(Comparison(pd.DataFrame(), pvalues, 3)):
    ...     print(sentence)
    Structureless data are as separate with p = 0.01 (99 draws: no less than 0.01 could show).
    With each column's own shape they are as separate with p = 0.5, so the split lies in columns.
    """
    own = comparison.pvalue
    said = [
        f"Structureless data are as separate with p = {own.value:.2g} "
        f"({own.draws} draws: no less than {own.resolution:.2g} could show)."
    ]
    copula = comparison.pvalues.get("copula")
    if copula and own.value <= ALPHA < copula.value:
        said.append(
            f"With each column's own shape they are as separate with p = {copula.value:.2g}, "
            "so the split lies in columns."
        )
    return said


def valley_sentence(ranked: pd.DataFrame, verdict: Verdict, comparison: Comparison) -> list[str]:
    """Say so where groups count although structureless data are as separate: by their valleys."""
    if verdict.word not in FOUND or comparison.pvalue.value <= ALPHA:
        return []
    deep = ranked["valley_pvalue"].iloc[0]
    return [
        "The groups count all the same: among people who had no part in finding them, "
        f"every two have a valley between them (p = {deep:.1g} at most)."
    ]


def gap_sentence(ranked: pd.DataFrame) -> list[str]:
    """Say so where groupings were passed over that only follow who has what unknown."""
    follows = int((ranked["missing_share"] >= FROM_MISSING).sum())
    if not follows:
        return []
    named = counted(follows, "grouping is", "groupings are")
    return [f"{named} no finding: they follow which values are missing."]
