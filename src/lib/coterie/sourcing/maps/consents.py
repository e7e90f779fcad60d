"""Columns that hold a yes or a no to being advertised to, and which of the two `true` means."""

from coterie.sourcing.consent.codes import known_codes, plain_code
from coterie.sourcing.consent.words import WORDS, asked_by, name_says, of_other_channel, plain_word
from coterie.sourcing.maps.headers import folded
from coterie.sourcing.maps.shapes import Sample

IDENTIFIERS = ("account", "email", "phone", "crm_id")
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
        kind = asked_by(name)
        if kind == "says_yes" and of_other_channel(name):  # a yes there is none here
            continue
        answers = kind in ("says_no", "no_since") or answered(sample, name)
        found += [written(entry, sample, name, kind)] if kind and answers else []
    return found


def answered(sample: Sample, name: str) -> bool:
    """Tell whether a column's values are answers: yes and no, or words around them.

    >>> answered(Sample(["newsletter"], {"newsletter": ["May issue"]}), "newsletter")
    False
    """
    if meanings_of(sample, name):
        return True
    values = {plain_word(value) for value in sample.values.get(name, ()) if value.strip()}
    lists = ("opted_in_words", "opted_out_words", "yes_words", "no_words")
    known = {plain_word(word) for key in lists for word in WORDS[key]}
    known |= {"never subscribed", "pending"}
    return values <= known or (len(values & known) > 0 and len(values) <= len(known) // 2)


def written(entry: dict, sample: Sample, name: str, kind: str) -> dict:
    """Write the entry of one answering column, about the identifiers of the file's own entry."""
    who = {ours: entry["columns"][ours] for ours in IDENTIFIERS if ours in entry["columns"]}
    when = next((n for n in sample.names if folded(n).endswith(WHEN)), entry["columns"].get("at"))
    granted: str | dict = name
    if kind == "says_no" and answered(sample, name) and not name_says(name, "double_names"):
        granted = {"column": name, "no_values": WORDS["opted_out_words"]}
    if meanings := meanings_of(sample, name):
        granted = {"column": name} | meanings
    rest = {key: value for key, value in entry.items() if key in READING}
    if kind == "no_since" or sample.shape(name) == "moment":
        when = name  # by its name, any moment in it is a no
    columns = who | {"purpose": "=advertising", "granted": granted} | ({"at": when} if when else {})
    return {"gives": "consents", "platform": entry["platform"], "columns": columns} | rest


def meanings_of(sample: Sample, name: str) -> dict[str, list[str]]:
    """Say what the codes of a column mean, where it holds only what a product documents.

    >>> sample = Sample([], {"subscriber_status": ["1", "3"]})
    >>> meanings_of(sample, "subscriber_status")
    {'yes_values': ['1'], 'no_values': ['3'], 'silent_values': ['2', '4']}
    """
    known = known_codes(name)
    values = {plain_code(value) for value in sample.values.get(name, ()) if value.strip()}
    if not known.get("yeses") or not values or not values <= {*known["noes"], *known["quiet"]}:
        return {}
    silent = [code for code in known["quiet"] if code not in known["yeses"]]
    meanings = {"yes": known["yeses"], "no": known["noes"], "silent": silent}
    return {f"{key}_values": codes for key, codes in meanings.items() if codes}


READING = ("format", "separator", "decimal", "skip_lines", "strip_prefix", "records", "sheet")
