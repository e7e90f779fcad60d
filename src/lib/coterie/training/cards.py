"""Model cards of heads: training data, evaluation, intended use, limitations."""

from pathlib import Path

import yaml

from coterie.psychographics.reading.cards import SCORES, Card
from coterie.training.readers import agreement, read_labels

NOTES = yaml.safe_load(Path(__file__).with_name("cards.yml").read_text(encoding="utf-8"))
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
    scores = "\n".join(f"| {SCORES[key]} | {value:.3f} |" for key, value in card.evaluation.items())
    parts = [
        f"# {notes['title']}",
        ("Low-rank adapter shared with other heads " if card.adapter else "Low-rank adapter ")
        + f"(rank {card.rank}) on the layers of {card.encoder} "
        f"above the {card.shared} lowest, with output layers; 16-bit weights. "
        f"Labels: {', '.join(card.labels)}. A text carries "
        f"{'any number of them' if card.several else 'one of them'}.",
        "## Training data\n\n" + "\n".join(f"- {line}" for line in notes["data"]),
        f"## Evaluation\n\n{notes['validation']}; none of it was used for training or calibration.",
        f"| score | value |\n|---|---|\n{scores}",
        f"{notes['references']}",
        *elsewhere(card, notes),
        f"Temperature {card.temperature:.2f}; labels are chosen "
        + ("by the highest probability." if not any(card.tilt) else "with rare ones favoured."),
        f"## Intended use\n\n{notes['use']}",
        "## Limitations\n\n" + "\n".join(f"- {line}" for line in notes["fails"]),
        f"Made by `coterie train {card.adapter or name}`; `head.json` holds the settings.",
    ]
    return "\n\n".join(parts) + "\n"


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
