"""Columns that hold a yes or a no to being advertised to, and which of the two `true` means."""

from coterie.sourcing.columns import SYNONYMS
from coterie.sourcing.maps.headers import folded
from coterie.sourcing.maps.shapes import Sample

IDENTIFIERS = ("account", "email", "phone", "crm_id")
ANSWERS = {kind: [folded(word) for word in words] for kind, words in SYNONYMS["answers"].items()}
OTHER_CHANNELS = {"sms", "phone", "push", "whatsapp", "post", "call"}  # a yes there is none here
WHEN = (
    "consent_timestamp",
    "consent_updated_at",
    "last_modified_date",
    "last_changed",
    "updated_at",
)


def consent_entries(sample: Sample, entry: dict) -> list[dict]:
    """Write an entry of the column map for each column of a file that says no, and one for a yes.

    A column in which true means no is written with its polarity; one of reasons or moments is known
    by its name: whatever it holds is a no. `entry` is the file's own, whose identifiers the answers
    are about.

    >>> sample = Sample(["id", "Email opt-out"], {"id": ["7"], "Email opt-out": ["true"]})
    >>> found = consent_entries(sample, {"platform": "crm", "columns": {"account": "id"}})
    >>> (
    ...     found[0]["columns"]["granted"]["column"],
    ...     "true" in found[0]["columns"]["granted"]["no_values"],
    ... )
    ('Email opt-out', True)
    """
    found = []
    free = [name for name in sample.names if name not in set(map(str, entry["columns"].values()))]
    for name in free:
        kind = answer_of(name)
        if kind == "says_yes" and set(folded(name).split("_")) & OTHER_CHANNELS:
            continue
        answers = kind in ("says_no", "no_since") or answered(sample, name)
        found += [written(entry, sample, name, kind)] if kind and answers else []
    return found


def answer_of(name: str) -> str:
    """Tell whether a column says yes, says no, or when somebody said no; empty when none of it.

    >>> [
    ...     answer_of(name)
    ...     for name in ("Accepts Marketing", "Do not contact", "unsubscribed_at", "age")
    ... ]
    ['says_yes', 'says_no', 'no_since', '']
    """
    spelt = folded(name).removeprefix("property_").removeprefix("is_")
    exact = [kind for kind, words in ANSWERS.items() if spelt in words or f"is_{spelt}" in words]
    if exact:
        return exact[0]
    return "says_no" if refuses(spelt) else ""


def answered(sample: Sample, name: str) -> bool:
    """Tell whether a column's values are answers: yes and no, or words around them.

    >>> answered(Sample(["newsletter"], {"newsletter": ["May issue"]}), "newsletter")
    False
    """
    values = {folded(value) for value in sample.values.get(name, ()) if value.strip()}
    known = {folded(word) for key in ("yes_words", "no_words") for word in SYNONYMS[key]}
    known |= {"no", "false", "n", "0", "never_subscribed", "not_subscribed", "pending", "nein"}
    return values <= known or (len(values & known) > 0 and len(values) <= len(known) // 2)


def refuses(spelt: str) -> bool:
    """Tell whether a folded name speaks of refusing, in words around a known one.

    >>> [refuses(name) for name in ("opted_out_of_email_marketing_information", "opt_in", "outlet")]
    [True, False, False]
    """
    stems = ("opt_out", "opted_out", "optout", "unsubscrib", "do_not_", "donot", "suppress")
    clear = any(spelt.startswith(stem) or f"_{stem}" in spelt for stem in stems)
    other = ("reason", "campaign", "count", "date", "time", "source", "link", "url", "_at", "_on")
    return clear and not any(spelt.endswith(word) for word in other)


def written(entry: dict, sample: Sample, name: str, kind: str) -> dict:
    """Write the entry of one answering column, about the identifiers of the file's own entry."""
    who = {ours: entry["columns"][ours] for ours in IDENTIFIERS if ours in entry["columns"]}
    when = next((n for n in sample.names if folded(n).endswith(WHEN)), entry["columns"].get("at"))
    granted: str | dict = name
    if kind == "says_no" and answered(sample, name):
        granted = {"column": name, "no_values": SYNONYMS["no_words"]}
    rest = {key: value for key, value in entry.items() if key in READING}
    if kind == "no_since" or sample.shape(name) == "moment":
        when = name  # by its name, any moment in it is a no
    columns = who | {"purpose": "=advertising", "granted": granted} | ({"at": when} if when else {})
    return {"gives": "consents", "platform": entry["platform"], "columns": columns} | rest


READING = ("format", "separator", "decimal", "skip_lines", "strip_prefix", "records", "sheet")
