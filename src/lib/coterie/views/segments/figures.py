"""What notebook 05 shows: titles, figures and tables of the segments."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.reporting.tables import TitledTable
from coterie.segments import Matrix, Persona, Verdict
from coterie.segments.profiles import Embedding, Surrogate
from coterie.views.forms.note import Note
from coterie.views.forms.piece import Piece
from coterie.views.segments.cards import card
from coterie.wording import counted, trait_label


def unknown_shares(matrix: Matrix) -> Axes | Note:
    """Show for how many people the median stands in, trait by trait."""
    missing = matrix.missing[matrix.missing > 0].sort_values(ascending=False)
    shaping = f"{matrix.fitted.sum():,} of {len(matrix.fitted):,} people shape the groups"
    title = f"{shaping}, by {len(matrix.columns)} traits"
    if missing.empty:
        return Note(f"{title}; every trait is known for everybody.")
    frame = pd.DataFrame({"trait": missing.index.map(trait_label), "percent": 100 * missing.values})
    return figures.bars(
        frame,
        y="trait",
        x="percent",
        title=title,
        xlabel="people for whom the median stands in, percent",
        alt="One bar a trait that is unknown for somebody.",
    )


def sizes(shown: pd.DataFrame, happened: pd.DataFrame) -> TitledTable:
    """List the segments with their people, and what became of those of the last run."""
    events = "; ".join(f"{row.segment} {row.event}" for row in happened.itertuples())
    return tables.table(
        shown,
        title=f"Everybody is in one of {counted(len(shown), 'segment')}",
        subtitle=events or "First run: there is nothing to follow on from.",
        formats={"people": ",.0f", "core": ".0%"},
        labels={"core": "core members"},
    )


def member_flows(flows: pd.DataFrame) -> Axes | Note:
    """Draw from which earlier segment today's members come."""
    if flows.empty:
        return Note("There is no earlier run to draw a line from.")
    return segment_matrix(
        flows,
        y="before",
        x="now",
        value="share_of_now",
        title="Where today's members stood in the last run",
        label="share of a segment's members",
        alt="Matrix: earlier segments down, today's across.",
    )


def borders(blurred: pd.DataFrame) -> Axes | Note:
    """Draw which share members of a segment have in every other, in one order both ways."""
    if blurred["segment"].nunique() < 2:
        return Note("One segment has no borders.")
    return segment_matrix(
        blurred,
        y="segment",
        x="other",
        value="share",
        title="Where the borders are blurred",
        label="mean membership share",
        alt="Matrix: the share that members of each segment have in every segment.",
    )


def segment_matrix(
    frame: pd.DataFrame, *, y: str, x: str, value: str, title: str, label: str, alt: str
) -> Axes:
    """Draw a matrix of segments, rows and columns in the order of ids, S2 ahead of S10."""
    ordered = frame.sort_values([y, x], key=lambda ids: ids.str.pad(12))
    cells = ordered.assign(**{value: ordered[value].round(2)})
    return figures.heat(cells, y=y, x=x, value=value, title=title, label=label, alt=alt)


def traits(profiles: pd.DataFrame, *, min_people: int, n_traits: int = 10) -> Axes | Note:
    """Draw how segments differ from everybody in the traits that shaped them most."""
    shown = profiles[profiles["clustered"] & (profiles["n_people"] >= min_people)]
    if shown["segment"].nunique() < 2:
        return Note("One segment is like everybody in every trait.")
    largest = shown.groupby("trait")["difference"].apply(lambda column: column.abs().max())
    strongest = list(largest.nlargest(n_traits).index)
    rows = shown[shown["trait"].isin(strongest)]
    rows = rows.assign(trait=rows["trait"].map(trait_label), difference=rows["difference"].round(2))
    rows = rows.drop_duplicates(["trait", "segment"])  # several may be withheld
    label = trait_label(strongest[0])
    return figures.heat(
        rows,
        y="trait",
        x="segment",
        value="difference",
        centre=0.0,
        title=f"{label[0].upper()}{label[1:]} sets the segments apart most",
        label="difference from everybody, standard deviations",
        alt="Matrix of the most distinctive traits by segment.",
    )


def rules(written: Surrogate) -> TitledTable | Note:
    """List the rules that give back the segments, with how often they are right."""
    if written.of_several is None:
        return Note("One segment needs no rules.")
    enough = written.fidelity.low >= 0.85
    short = "Short of 85 %: a sketch of the segments, not their definition."
    within = f"{written.fidelity.low:.0%} to {written.fidelity.high:.0%}"
    return tables.table(
        written.rules[["segment", "rule", "n_people", "share_right"]],
        title=f"Three questions give back {written.fidelity.value:.0%} of assignments ({within})",
        subtitle="Enough to explain the segments." if enough else short,
        formats={"n_people": ",.0f", "share_right": ".0%"},
        labels={"n_people": "people", "share_right": "share in that segment"},
    )


def telling_traits(pairs: pd.DataFrame) -> TitledTable | Note:
    """List the trait that tells two segments apart, for the pairs it counts most in."""
    if pairs.empty:
        return Note("No one trait tells two segments apart.")
    best = pairs.nlargest(8, "margin_share")[["one", "other", "feature", "margin_share"]]
    return tables.table(
        best.assign(feature=best["feature"].map(trait_label)),
        title="The trait that tells two segments apart",
        subtitle="Share of the assignment model's margin that goes with it.",
        formats={"margin_share": ".0%"},
        labels={"feature": "trait", "margin_share": "share of the margin"},
    )


def outside(checked: pd.DataFrame, *, n_segments: int) -> Axes | Note:
    """Draw in which things that made no segment the segments differ all the same."""
    if checked.empty or n_segments < 2:
        return Note("There is nothing to hold segments against, or no two segments.")
    differ = int((checked["pvalue_adjusted"] < 0.05).sum())
    return figures.dots(
        checked.assign(variable=checked["variable"].map(trait_label)),
        y="variable",
        x="eta_squared",
        low="low",
        high="high",
        reference=0,
        title=f"{differ} of {len(checked)} things that made no segment differ between segments",
        xlabel="share of variance between segments (eta squared)",
        alt="One dot a variable with its 95 % interval.",
    )


def audience_nodes(nodes: pd.DataFrame) -> TitledTable | Note:
    """List the taxonomy's nodes in which segments stand out."""
    if nodes.empty:
        return Note("No segment stands out in an interest of the IAB Audience Taxonomy.")
    return tables.table(
        nodes,
        title="Where they stand out, in the IAB Audience Taxonomy",
        labels={"id": "IAB id", "index": "index (100 is like everybody)"},
    )


def tree(nodes: pd.DataFrame, names: dict[str, str], verdict: Verdict) -> Axes | Note:
    """Draw the hierarchy from everyone down to tactical halves, a line from a group to each part.

    Parameters
    ----------
    nodes
        `node`, `parent`, `level`, `n_people`, each followed by its parts; a small count is missing.
    """
    if len(nodes) < 3:
        return Note("Everyone is one group; there is no tree to draw.")
    height = {node: len(nodes) - row for row, node in enumerate(nodes["node"])}
    depth = branch_depths(nodes)
    said = ", ".join(f"{row.node} in {row.parent}" for row in nodes.itertuples() if row.parent)
    ax = figures.new_axes(
        title=f"Groups within groups; verdict on the core groups: {verdict.word}",
        alt=f"A tree: {said}.",
        height=1.0 + 0.3 * len(nodes),
    )
    colours = figures.colours_of(nodes["node"])
    for row in nodes.itertuples():
        x = depth[row.node]
        y = height[row.node]
        if row.parent:
            corner = depth[row.parent] + 0.15
            ax.plot([corner, corner, x], [height[row.parent], y, y], color=figures.QUIET, lw=1)
        core = row.level in ("core", "tactical")
        ax.plot(x, y, "o", color=colours[row.node] if core else figures.INK, markersize=7)
        ax.text(x + 0.12, y, node_text(row, names), va="center", fontsize=8, color=figures.INK)
    ax.set_xlim(-0.1, max(depth.values()) + 2.2)
    ax.set_ylim(0.3, len(nodes) + 0.7)
    ax.set_axis_off()
    return ax


def branch_depths(nodes: pd.DataFrame) -> dict[str, int]:
    """Count how many groups lie above each node.

    >>> nodes = pd.DataFrame({"node": ["everyone", "S1"], "parent": ["", "everyone"]})
    >>> branch_depths(nodes)
    {'everyone': 0, 'S1': 1}
    """
    depths: dict[str, int] = {}
    for row in nodes.itertuples():  # a node follows the one it is part of
        depths[row.node] = depths[row.parent] + 1 if row.parent else 0
    return depths


def node_text(row: tuple, names: dict[str, str]) -> str:
    """Write a node's name, level and people."""
    people = "few people" if pd.isna(row.n_people) else f"{row.n_people:,.0f} people"
    word = {"core": names.get(row.node, ""), "branch": "branch", "tactical": "tactical half"}
    return " · ".join(filter(None, [row.node, word.get(row.level, ""), people]))


def plane(embedding: Embedding) -> Axes | Note:
    """Draw an outline a segment on the plane of the embedding."""
    if embedding.outlines.empty:
        return Note("No segment has enough people for an outline.")
    return figures.outlines(
        embedding.outlines,
        x="x",
        y="y",
        by="segment",
        title="A picture to look at, not to measure",
        xlabel=f"t-SNE, trustworthiness {embedding.trustworthiness:.2f}",
        ylabel="no unit",
        alt="One ellipse a segment on a plane.",
    )


def persona_cards(written: Sequence[Persona]) -> Piece | Note:
    """Set out half a page a persona."""
    if not written:
        return Note("No segment has enough people for a card.")
    return Piece(
        "".join(card(persona) for persona in written), counted(len(written), "persona card")
    )
