"""Persona cards of notebook 05: half a page each, as plain HTML."""

from html import escape

from coterie.reporting import figures
from coterie.segments import Persona
from coterie.segments.personas import nowhere, recommended
from coterie.wording import figure, listed, trait_label

MIDDLE_LINE = "background:linear-gradient(#888,#888) 50% 0/1px 100% no-repeat #eee"


def card(persona: Persona) -> str:
    """Write one card: name, sentence, three traits, where and when, what to try, its limits."""
    colour = figures.colours_of([persona.segment])[persona.segment]
    rows = persona.traits[persona.traits["stands_out"]].head(3)
    bars = "".join(trait_bar(row, colour) for row in rows.itertuples())
    channels = listed(list(recommended(persona.channels)["platform"]))
    hours = listed(list(recommended(persona.hours)["window"]))
    channels = channels or nowhere(persona.channels, "platform")
    hours = hours or nowhere(persona.hours, "hour")
    facts = [("Where", channels), ("When", hours), ("Topics", listed(persona.topics) or "unknown")]
    facts += [("Try", advice_text(advice)) for advice in persona.do[:2]]
    facts += [("Do not", advice_text(advice)) for advice in persona.dont[:2]]
    facts += [("Against it", persona.counter_example), ("Outside", persona.outside)]
    facts.append(("What it is not", " ".join(persona.limits)))
    said = "".join(
        f'<dt style="font-weight:600">{escape(name)}</dt><dd style="margin:0">{escape(text)}</dd>'
        for name, text in facts
    )
    return (
        f'<section style="border:1px solid #ccc;border-left:6px solid {colour};padding:1em;'
        'margin:0 0 1em;max-width:44em;break-inside:avoid">'
        f"<h4 style='margin:0'>{escape(persona.segment)} · {escape(persona.name)}</h4>"
        f"<p>{escape(persona.headline)}</p>{bars}"
        f'<dl style="display:grid;grid-template-columns:7em 1fr;gap:.3em 1em">{said}</dl></section>'
    )


def trait_bar(row: tuple, colour: str) -> str:
    """Draw a trait's difference from everybody as a bar from the middle, two deviations at most."""
    width = min(abs(row.difference), 2.0) * 25
    left = 50.0 if row.difference > 0 else 50.0 - width
    figures_said = f"{figure(row.mean)} ({figure(row.low)} to {figure(row.high)})"
    text = f"{trait_label(row.trait)}: {figures_said}, everybody {figure(row.everyone)}"
    return (
        f'<div style="margin:.4em 0"><div style="font-size:.9em">{escape(text)}</div>'
        f'<div style="{MIDDLE_LINE};height:.7em">'
        f'<div style="margin-left:{left:.1f}%;width:{width:.1f}%;background:{colour};height:.7em">'
        "</div></div></div>"
    )


def advice_text(advice: tuple) -> str:
    """Write what to try and the figure it rests on."""
    return f"{advice.text} ({advice.rests_on}; grade {advice.grade})"
