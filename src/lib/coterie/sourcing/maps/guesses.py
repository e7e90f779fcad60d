"""Guesses: what a file is that no vendor's map recognises, by its name, its header, its values."""

from typing import NamedTuple

from coterie.sourcing.columns import FILL_IN, REQUIRED, SYNONYMS
from coterie.sourcing.consent.words import WORDS, asked_by, name_says
from coterie.sourcing.maps.candidates import columns_of
from coterie.sourcing.maps.consents import answered, consent_entries
from coterie.sourcing.maps.headers import folded
from coterie.sourcing.maps.shapes import Sample, epoch_of
from coterie.sourcing.maps.trials import trial_entry

FEW_ORDERS = 0.05  # with several lines: they may be mistakes
ARMS = {"control", "treatment", "holdout", "test", "a", "b", "exposed", "placebo", "baseline"}
PERSONAL = {"email", "phone", "name", "birth_year", "gender", "followers", "company", "job_title"}
PERSONAL |= {"crm_id", "region", "time_zone"}
TELLING = PERSONAL - {"name", "region", "time_zone", "company"}  # things have these too


class Context(NamedTuple):
    """What stands around a file: its path in words, and the platform it is taken to be of."""

    words: list[str]  # of the file's own name, lower case, in order
    folders: list[str]  # of the folders it lies in, and of the sheet or the list it is
    platform: str


def guess_entries(context: Context, sample: Sample) -> list[dict]:
    """Guess the entries of a file: what it gives, and the yes or no it holds besides."""
    if trial := trial_entry(context.words, context.platform, sample):
        return [trial]
    gives, columns = guess_kind(context, sample)
    entry = {"gives": gives, "platform": context.platform, "columns": columns}
    if gives == "events":
        entry |= acts_of(context, sample, columns)
    if gives == "consents":
        entry["columns"] = answers_of(context, sample, columns)
    if gives == "exposures" and "campaign" not in columns:
        columns["campaign"] = "=" + "_".join(context.words or ["experiment"])
    needed = [
        ours for ours in REQUIRED[gives] if gives != "consents" or ours not in ("account", "at")
    ]
    entry["columns"] = dict.fromkeys(needed, FILL_IN) | entry["columns"]
    at = columns.get("at", "")
    if unit := epoch_of(sample.values.get(at, ())):
        entry["time_format"] = {"at": unit}
    answers = consent_entries(sample, entry) if gives not in ("consents", "labels") else []
    return [entry, *answers]


def guess_kind(context: Context, sample: Sample) -> tuple[str, dict[str, str]]:
    """Choose the kind that a file's name and columns speak for most, and its columns."""
    found = {
        kind: with_account(kind, columns_of(sample, kind), context, sample) for kind in EVIDENCE
    }
    weights = {kind: weight(kind, found[kind], context, sample) for kind in EVIDENCE}
    best = max(EVIDENCE, key=weights.__getitem__)
    return best, found[best]


def with_account(
    kind: str, columns: dict[str, str], context: Context, sample: Sample
) -> dict[str, str]:
    """Take a file's `id` or an address for the account where nothing else names it."""
    if "account" not in REQUIRED[kind] or "account" in columns:
        return columns
    told = TELLING & set(columns) or hinted(kind, context.words)
    ids = [name for name in sample.names if folded(name) == "id" and kind == "accounts" and told]
    address = columns_of(sample, "accounts")
    spare = next((address[key] for key in ("email", "phone") if key in address), None)
    account = (ids or [spare])[0]
    return columns | ({"account": account} if account else {})


def weight(kind: str, columns: dict[str, str], context: Context, sample: Sample) -> float:
    """Weigh how much speaks for a kind: words of the path, and columns that only it has."""
    hint = 3.0 * hinted(kind, context.words) + hinted(kind, context.folders)
    return hint + EVIDENCE[kind](columns, context, sample)


def hinted(kind: str, words: list[str]) -> bool:
    """Tell whether words of a path name a kind, in the singular or the plural."""
    return bool({*words, *(word.rstrip("s") for word in words)} & set(SYNONYMS["gives"][kind]))


def of_accounts(columns: dict, context: Context, sample: Sample) -> float:
    """Personal attributes speak for accounts; long texts, acts and money against."""
    other = columns_of(sample, "events")
    acts = ("verb" in other) + ("value" in other and "at" in other) + ("object_id" in other)
    return (
        min(3, len(PERSONAL & set(columns)))
        - 4 * ("account" not in columns)
        - acts
        - of_texts(sample)
    )


def of_texts(sample: Sample) -> float:
    """Say whether a file has a column of words as people write them."""
    name = columns_of(sample, "posts").get("text")
    values = [value for value in sample.values.get(name or "", ()) if value.strip()]
    return 2.0 * (bool(values) and sum(" " in value.strip() for value in values) > len(values) / 3)


def of_posts(columns: dict, context: Context, sample: Sample) -> float:
    """Texts speak for posts."""
    missing = {"account", "at", "text"} - set(columns)
    return 2 * of_texts(sample) - 1.5 * len(missing) - 3 * ("text" not in columns)


def of_events(columns: dict, context: Context, sample: Sample) -> float:
    """Words for acts, or money at a moment, speak for events."""
    act = "verb" in columns or bool(literal_act(context, sample))
    return (
        2.0 * act
        + ("value" in columns)
        + ("object_id" in columns)
        - 3 * ("at" not in columns)
        - 2 * (not act and "value" not in columns)
        - 2 * ("account" not in columns)
    )


def of_exposures(columns: dict, context: Context, sample: Sample) -> float:
    """Arms speak for exposures, most where they are called treatment and control."""
    arms = {value.strip().lower() for value in sample.values.get(columns.get("arm", ""), ())}
    told = {"control", "treatment"} & arms or len(arms & ARMS) > 1
    named = folded(columns.get("arm", "")) not in ("segment", "group", "cell", "condition", "")
    return (
        5.0 * bool(told) + 2 * named - 5 * ("arm" not in columns) - 2 * ("account" not in columns)
    )


def of_consents(columns: dict, context: Context, sample: Sample) -> float:
    """A purpose, an answer, or a name that says that every row is a no speak for consents."""
    if refuses_all(context):
        return 8.0
    people = set(columns_of(sample, "accounts"))
    if "granted" not in columns or not {"account", "email", "phone", "crm_id"} & people:
        return -9.0
    return 4.0 * ("purpose" in columns) - 2 * (len(PERSONAL & people) > 2)


def of_labels(columns: dict, context: Context, sample: Sample) -> float:
    """Only a file that calls itself so holds labels."""
    told = {word.rstrip("s") for word in (*context.words, *context.folders)} & set(
        SYNONYMS["gives"]["labels"]
    )
    return 5.0 * bool(told) - len({"name", "label"} - set(columns)) - 4 * (not told)


EVIDENCE = {
    "accounts": of_accounts,
    "events": of_events,
    "posts": of_posts,
    "exposures": of_exposures,
    "consents": of_consents,
    "labels": of_labels,
}


def refuses_all(context: Context) -> bool:
    """Tell whether a file's name says that every row is a no.

    >>> refuses_all(Context(["do", "not", "contact"], [], "crm"))
    True
    >>> refuses_all(Context(["opt", "ins"], [], ""))
    False
    """
    told = [" ".join(words) for words in (context.words, context.folders)]
    bounced = bool(set(context.words) & set(WORDS["bounces"]))
    refusing = [name for name in told if name_says(name, "opt_out_names")]
    return bounced or any(not name_says(name, "double_names") for name in refusing)


def literal_act(context: Context, sample: Sample) -> str:
    """Name the one act that every row is, by the file's name or its columns' names.

    >>> literal_act(Context(["refunds"], [], "shop"), Sample([], {}))
    'refund'
    """
    paid = columns_of(sample, "events")
    ordered = {"value", "object_id", "at"} <= set(paid)
    columns = {word for name in sample.names for word in folded(name).split("_") if ordered}
    for words in (set(context.words), columns):
        for act, known in SYNONYMS["acts"].items():
            if words & set(known):
                return act
    return ""


def acts_of(context: Context, sample: Sample, columns: dict[str, str]) -> dict:
    """Say what happened in each row: a column with its words, or one act for all."""
    seen = {value.strip() for value in sample.values.get(columns.get("verb", ""), ())} - {""}
    known = {folded(word): ours for ours, words in SYNONYMS["verbs"].items() for word in words}
    verbs = {word: known[folded(word)] for word in sorted(seen) if folded(word) in known}
    act = literal_act(context, sample)
    if act and not verbs:
        columns["verb"] = f"={act}"
    changed = {word: ours for word, ours in verbs.items() if word != ours}
    entry: dict = {"columns": columns} | ({"verbs": changed} if changed else {})
    if act == "refund" or "refund" in verbs.values():
        entry["sign"] = {"negative_for": ["refund"]}
    if columns.get("verb") == "=purchase":
        entry |= without_unpaid(sample)
    if columns.get("verb") == "=purchase" and lines_of_orders(sample, columns):
        entry["sum_by"] = columns["object_id"]
    return entry


def without_unpaid(sample: Sample) -> dict:
    """Leave out orders that were never paid, where a column says what became of each.

    >>> seen = Sample(["Status"], {"Status": ["Paid", "Voided"]})
    >>> without_unpaid(seen)
    {'where': [{'column': 'Status', 'is_not': ['Voided']}]}
    """
    for name in sample.names:
        if folded(name) in SYNONYMS["states"]:
            seen = {value.strip() for value in sample.values.get(name, ())}
            unpaid = sorted(word for word in seen if folded(word) in SYNONYMS["unpaid"])
            if unpaid:
                return {"where": [{"column": name, "is_not": unpaid}]}
    return {}


def lines_of_orders(sample: Sample, columns: dict[str, str]) -> bool:
    """Tell whether rows are lines of orders: an order's number comes again, with other money."""
    orders = sample.values.get(columns.get("object_id", ""), ())
    money = sample.values.get(columns.get("value", ""), ())
    pairs = {pair for pair in zip(orders, money, strict=False) if pair[0].strip()}
    n_orders = len({order for order, _ in pairs})
    return len(pairs) > (1 + FEW_ORDERS) * n_orders


def answers_of(context: Context, sample: Sample, columns: dict[str, str]) -> dict:
    """Write the answers of a file of consents; of a list of refusals every row is a no."""
    address = columns_of(sample, "accounts")
    who = {key: address[key] for key in ("email", "phone", "crm_id") if key in address}
    kept = {ours: name for ours, name in columns.items() if ours in ("account", "purpose", "at")}
    hashed = [name for name in sample.names if sample.is_hashed(name)]
    who |= {"hash": hashed[0]} if hashed and not who else {}
    if kept.get("account") in who.values():
        kept.pop("account")
    if refuses_all(context):
        told = [name for name in sample.names if asked_by(name) == "says_no"]
        flags = [name for name in told if answered(sample, name)]
        said = {"column": flags[0], "no_values": WORDS["opted_out_words"]} if flags else "=no"
        return kept | who | {"purpose": "=advertising", "granted": said}
    granted = {"granted": columns["granted"]} if "granted" in columns else {}
    return {"purpose": "=advertising"} | kept | who | granted


def holds_sums(context: Context, sample: Sample) -> bool:
    """Tell whether a file holds sums, or describes advertisements, and nobody in particular.

    >>> day = Sample(["Day", "Impressions", "Cost"], {"Day": ["2026-05-01"]})
    >>> holds_sums(Context(["report"], [], ""), day)
    True
    """
    spelt = {folded(name) for name in sample.names}
    metrics = {n for n in spelt for w in SYNONYMS["sums"] if n == w or n.startswith(f"{w}_")}
    things = spelt & set(SYNONYMS["advertisements"]) or {"ad", "ads"} & set(context.words)
    people = columns_of(sample, "accounts")
    told = {"email", "phone", "account"} & set(people)
    return bool(len(metrics) > 1 or things) and not told and not of_texts(sample)
