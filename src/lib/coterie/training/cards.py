"""Model cards of heads: training data, evaluation, intended use, limitations."""

from pathlib import Path

import yaml

from coterie.psychographics.reading.cards import SCORES, SHARED, Card, read_card
from coterie.training.readers import agreement, read_labels

NOTES = yaml.safe_load(Path(__file__).with_name("cards.yml").read_text(encoding="utf-8"))
TAUGHT = (
    "It learned to give the scores of a head with an adapter of its own, on texts with and without "
    "labels, together with other packaged heads and with the encoder's vectors: a post is read "
    "once for all of them."
)
OWN = {
    "title": "A head of your own",
    "data": ["your own labelled texts"],
    "validation": "your own validation texts",
    "references": "None.",
    "elsewhere": "Your own texts of another source.",
    "use": "To be written by whoever trained it.",
    "fails": ["not known"],
}


def model_card(name: str, card: Card) -> str:
    """Write a head's model card in Markdown.

    References
    ----------
    Mitchell et al. (2019), "Model Cards for Model Reporting", FAT*.
    """
    notes = filled_in(NOTES.get(name, OWN), counts() if name == "intent" else {})
    parts = [
        f"# {notes['title']}",
        ("Low-rank adapter shared with other heads " if card.adapter else "Low-rank adapter ")
        + f"(rank {card.rank}) on {layers_of(card)}, with output layers; 16-bit weights. "
        f"Labels: {', '.join(card.labels)}. A text carries "
        f"{'any number of them' if card.several else 'one of them'}.",
        f"## Training data\n\n{data(card, notes)}",
        f"## Evaluation\n\n{notes['validation']}; none of it was used for training or calibration.",
        scores_of(card),
        f"{notes['references']}",
        *elsewhere(card, notes),
        f"Temperature {card.temperature:.2f}; labels are chosen "
        + ("by the highest probability." if not any(card.tilt) else "with rare ones favoured."),
        f"## Intended use\n\n{notes['use']}",
        f"## Limitations\n\n{listed(notes['fails'])}",
        f"Made by `coterie train {card.adapter or name}`; `head.json` holds the settings.",
    ]
    return "\n\n".join(parts) + "\n"


def layers_of(card: Card) -> str:
    """Say which layers of the encoder an adapter changes.

    >>> layers_of(Card(["a"], False, "MiniLM", 2, 4, 1.0, [0.0], 0.0))
    'the layers of MiniLM above the 2 lowest'
    >>> layers_of(Card(["a"], False, "MiniLM", 0, 4, 1.0, [0.0], 0.0))
    'all layers of MiniLM'
    """
    if not card.shared:
        return f"all layers of {card.encoder}"
    return f"the layers of {card.encoder} above the {card.shared} lowest"


def write_model_card(name: str, folder: Path) -> None:
    """Write the model card of a head that lies in a folder, from what its `head.json` says."""
    words = model_card(name, read_card(name, folder))
    (folder / "README.md").write_text(words, encoding="utf-8")


def data(card: Card, notes: dict) -> str:
    """List what a head learned from; of one that shares an adapter, what its teacher did too."""
    own = listed(notes["data"])
    if not card.adapter:
        return own
    shared = listed(NOTES[SHARED]["data"])
    return f"Its teacher, a head with an adapter of its own:\n\n{own}\n\nThis one:\n\n{shared}"


def listed(lines: list[str]) -> str:
    """Write lines as a list.

    >>> listed(["a", "b"])
    '- a\\n- b'
    """
    return "\n".join(f"- {line}" for line in lines)


def scores_of(card: Card) -> str:
    """Write a head's scores as a table, beside those of the head that taught it."""
    names = ["score", "value", *(["its teacher's"] if card.teacher else [])]
    rows = [names, ["---"] * len(names)]
    for key, value in card.evaluation.items():
        both = [value, *([card.teacher[key]] if card.teacher else [])]
        rows.append([SCORES[key], *(f"{one:.3f}" for one in both)])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{TAUGHT}\n\n{table}" if card.teacher else table


def counts() -> dict:
    """Count our own labels for their card: all, by part, and how well two readers agree."""
    labels = read_labels()
    parts = labels["part"].value_counts().to_dict()
    there = {"kappa_elsewhere": agreement(part="elsewhere").kappa}
    return {"labelled": len(labels)} | parts | there | agreement()._asdict()


def filled_in(notes: dict, known: dict) -> dict:
    """Put what was counted where a note names it.

    >>> filled_in({"data": ["{labelled} posts"], "use": "Counting."}, {"labelled": 12})
    {'data': ['12 posts'], 'use': 'Counting.'}
    """
    return {
        name: [line.format(**known) for line in note]
        if isinstance(note, list)
        else note.format(**known)
        for name, note in notes.items()
    }


def elsewhere(card: Card, notes: dict) -> list[str]:
    """Say how the head does on a source it never learned from: what to expect on yours."""
    if not card.elsewhere:
        return []
    rows = "\n".join(
        f"| {SCORES[key]} | {value:.3f} | {value - card.evaluation[key]:+.3f} |"
        for key, value in card.elsewhere.items()
    )
    return [
        f"### On another source\n\n{notes.get('elsewhere', OWN['elsewhere'])} "
        "The difference is what new data may cost.",
        f"| score | value | against validation |\n|---|---|---|\n{rows}",
    ]
