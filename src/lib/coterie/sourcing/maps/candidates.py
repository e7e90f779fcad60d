"""Candidates: which of a file's columns may be one of ours, by its name and by its values."""

from coterie.sourcing.columns import OPTIONAL, REQUIRED, SYNONYMS
from coterie.sourcing.consent.words import asked_by
from coterie.sourcing.maps.headers import folded
from coterie.sourcing.maps.shapes import Sample, epoch_of, shape_of_one

MANY = 50  # rows from which a column of few different values names no person
FEW = 12  # arms, answers and genders are words that come again and again
SHAPES = {  # ours: the shapes its values may have; a column without values may be anything
    ours: shapes
    for columns, shapes in (
        ("value followers following birth_year", ("number", "truth")),
        ("randomised is_person", ("truth",)),
        ("name company region job_title gender", ("text", "number")),
        ("verb content_type currency text time_zone", ("text",)),
        ("arm granted purpose label campaign", ("text", "truth", "number")),
        ("account crm_id about_brand", ("text", "number", "email", "link")),
        ("post_id in_reply_to object_id", ("text", "number", "link")),
        ("email", ("email", "text")),
        ("phone", ("number", "text")),
    )
    for ours in columns.split()
}
FEWEST = {"arm": FEW, "granted": FEW, "gender": FEW, "purpose": FEW}  # different words, at most
UNITS = {"utc", "gmt", "local", "iso", "eur", "usd", "gbp", "chf", "cad", "aud", "formatted"}
APART = {  # words before a known name that make it another thing
    *("to", "last", "next", "previous", "lifetime", "average", "avg", "predicted", "count"),
    *("tip", "tax", "discount", "fee", "shipping", "duties", "outstanding", "budget", "goal"),
    *("staff", "agent", "owner", "employee", "advertiser", "assignee"),
}
ENDED = {"email", "phone", "value", "text", "currency", "company", "region"}  # by one plain word
ORDER = (  # who chooses first among the columns of a file
    *("at", "email", "account", "post_id", "text", "verb", "object_id", "value", "currency"),
    *("arm", "campaign", "randomised", "purpose", "granted", "phone", "crm_id", "name"),
    *("birth_year", "gender", "followers", "following", "time_zone", "region", "company"),
    *("job_title", "content_type", "in_reply_to", "about_brand", "is_person", "label"),
)


def columns_of(sample: Sample, gives: str) -> dict[str, str]:
    """Choose the file's column for each of ours that a kind has, no column twice.

    >>> sample = Sample(["Kunde", "Datum"], {"Kunde": ["K1"], "Datum": ["01.05.2026"]})
    >>> columns_of(sample, "events")
    {'at': 'Datum', 'account': 'Kunde'}
    """
    found: dict[str, str] = {}
    refusing = () if gives == "consents" else ("says_no", "no_since")
    asked = [name for name in sample.names if asked_by(name) not in refusing]
    for ours in ORDER:
        if ours not in (*REQUIRED[gives], *OPTIONAL[gives]):
            continue
        free = [name for name in asked if name not in found.values()]
        names = named_like("property" if (gives, ours) == ("labels", "name") else ours, free)
        name = next((n for n in names if gives == "labels" or fits(ours, n, sample)), None)
        name = name or by_values(ours, free, sample)
        found |= {ours: name} if name else {}
    titled = folded(found.get("job_title", "")) == "title" and "company" not in found
    return {ours: name for ours, name in found.items() if not (titled and ours == "job_title")}


def named_like(ours: str, names: list[str]) -> list[str]:
    """List the columns whose name is a known one, then those whose name ends with one.

    >>> named_like("email", ["Billing E-mail", "Email", "blob"])
    ['Email', 'Billing E-mail']
    >>> named_like("at", ["Last order date", "Created at (UTC)"])
    ['Created at (UTC)']
    """
    words = [folded(word) for word in SYNONYMS["columns"][ours]]
    by_name = {folded(name): name for name in reversed(names)}
    exact = [by_name[word] for word in words if word in by_name]
    plain = {without_unit(spelt): name for spelt, name in by_name.items()}
    telling = [word for word in words if len(word) > 4 and ("_" in word or ours in ENDED)]
    near = [
        name
        for word in telling
        for spelt, name in plain.items()
        if (spelt == word or spelt.endswith(f"_{word}")) and not set(spelt.split("_")) & APART
    ]
    return list(dict.fromkeys([*exact, *near]))


def without_unit(spelt: str) -> str:
    """Cut the unit or the time zone that a folded name ends with.

    >>> without_unit("created_at_utc"), without_unit("amount_eur"), without_unit("id")
    ('created_at', 'amount', 'id')
    """
    *words, last = spelt.split("_")
    return "_".join(words) if words and last in UNITS else spelt


def fits(ours: str, name: str, sample: Sample) -> bool:
    """Tell whether a column's values may be what its name says; without values they may."""
    values = [value.strip() for value in sample.values.get(name, ()) if value.strip()]
    if not values or ours == "at":
        moments = sum(shape_of_one(value) == "moment" for value in values)
        return moments >= len(values) / 2 or bool(epoch_of(values))
    distinct = len(set(values))
    special = {
        "account": distinct > FEW or len(values) < MANY,
        "currency": all(len(value) == 3 and value.isalpha() for value in values),
        "verb": distinct <= max(FEW, len(values) / 4),
        "email": "mail" in name.lower() or sample.shape(name) == "email",
        "post_id": distinct >= 0.9 * len(values),
        "phone": digits_in(values) >= 6,
    }
    few = distinct <= FEWEST.get(ours, distinct)
    return few and special.get(ours, True) and mostly(values, SHAPES[ours])


def mostly(values: list[str], shapes: tuple[str, ...]) -> bool:
    """Tell whether more than half of the values have one of these shapes; 0 is a number too."""
    fit = [
        shape_of_one(value) in shapes or (value in "01" and "number" in shapes) for value in values
    ]
    return sum(fit) > len(values) / 2


def digits_in(values: list[str]) -> float:
    """Count the digits of a usual value: the median.

    >>> digits_in(["+1 650 253 0000", "none", "650 253 0000"])
    10
    """
    return sorted(sum(map(str.isdigit, value)) for value in values)[len(values) // 2]


def by_values(ours: str, names: list[str], sample: Sample) -> str | None:
    """Find the addresses or the moments of a file whose names say nothing we know."""
    wanted = {"email": "email", "at": "moment"}.get(ours)
    return next((name for name in names if wanted and sample.shape(name) == wanted), None)


def with_currency(entry: dict, sample: Sample) -> dict:
    """Name the column of currencies where money is read and a file holds several of them.

    In one currency the column is not needed; several must never be added up as if they were one.

    >>> sample = Sample(["sum", "Currency"], {"Currency": ["EUR", "USD"], "sum": ["1", "2"]})
    >>> with_currency({"gives": "events", "columns": {"value": "sum"}}, sample)["columns"][
    ...     "currency"
    ... ]
    'Currency'
    """
    columns = {ours: name for ours, name in entry["columns"].items() if ours != "currency"}
    names = [
        name for name in named_like("currency", sample.names) if fits("currency", name, sample)
    ]
    codes = {value.strip().upper() for name in names[:1] for value in sample.values.get(name, ())}
    if entry["gives"] == "events" and "value" in columns and len(codes - {""}) > 1:
        columns["currency"] = names[0]
    return entry | {"columns": columns}
