"""A test that a warehouse added up: arms, how many people each has, and sums of what they did."""

from coterie.sourcing.columns import FILL_IN, SYNONYMS
from coterie.sourcing.maps.candidates import columns_of
from coterie.sourcing.maps.headers import folded
from coterie.sourcing.maps.shapes import Sample
from coterie.sourcing.maps.trials import arms_of, control_of

ADDED = {"sum", "total", "of", "n"}  # words of a name that say that it was added up
SQUARED = {"sq", "squared", "squares", "ss", "sumsq", "yy"}


def sums_entries(words: list[str], platform: str, sample: Sample) -> list[dict]:
    """Guess the entries of a test's sums, one a metric; none where a file is something else.

    It has a column of few arms, one of them called like a control, how many people each has, sums,
    and no column that names a person. With a column of metrics, one entry reads all of them.

    >>> values = {"variant": ["control", "b"], "users": ["90", "95"], "visits": ["9", "12"]}
    >>> [entry] = sums_entries(["test"], "", Sample([*values], values))
    >>> [entry["columns"][name] for name in ("campaign", "metric", "arm", "units", "total")]
    ['=test', '=visits', 'variant', 'users', 'visits']
    """
    known = columns_of(sample, "sums")
    units = named_by("units", sample)
    people = {"account", "email", "phone"} & set(columns_of(sample, "accounts"))
    if not units or people or not control_of(arms_of(known.get("arm", ""), sample)):
        return []
    shared = {"campaign": "=" + "_".join(words or ["experiment"]), "randomised": "=true"} | known
    shared |= {"units": units} | {"segment": named_by("groups", sample)}
    metric = named_by("metrics", sample)
    free = [name for name in sample.names if name not in (units, metric, *known.values())]
    entries = [
        {
            "gives": "sums",
            "platform": platform or "warehouse",
            "columns": {ours: name for ours, name in (shared | found).items() if name},
        }
        for found in ([one_for_all(metric, free)] if metric else one_a_metric(free, sample))
    ]
    return [entry for entry in entries if "total" in entry["columns"]]


def named_by(kind: str, sample: Sample) -> str:
    """Name the first column that is called like one of a kind; empty without one."""
    return next((name for name in sample.names if folded(name) in SYNONYMS[kind]), "")


def one_for_all(metric: str, free: list[str]) -> dict:
    """Name the columns of sums and of squares beside a column of metrics."""
    added = [name for name in free if set(folded(name).split("_")) & (ADDED | SQUARED)]
    squares = [name for name in added if set(folded(name).split("_")) & SQUARED]
    totals = [name for name in added if name not in squares]
    return {"metric": metric, "total": first(totals), "squares": first(squares)}


def one_a_metric(free: list[str], sample: Sample) -> list[dict]:
    """Name the columns of each outcome: its sum, and that of its squares where there is one."""
    numbers = [name for name in free if sample.shape(name) in ("number", "truth")]
    totals = [name for name in numbers if base(name) in SYNONYMS["outcomes"] and not square(name)]
    return [
        {
            "metric": f"={base(total)}",
            "total": total,
            "squares": first([n for n in numbers if square(n) and base(n) == base(total)]),
        }
        for total in totals
    ]


def base(name: str) -> str:
    """Take off a name what says that it was added up.

    >>> base("spend_sum_sq"), base("Total revenue")
    ('spend', 'revenue')
    """
    return "_".join(word for word in folded(name).split("_") if word not in ADDED | SQUARED)


def square(name: str) -> bool:
    """Tell whether a name says that it is of squares."""
    return bool(set(folded(name).split("_")) & SQUARED)


def first(names: list[str]) -> str:
    """Take the first name; empty without one."""
    return next(iter(names), "")


def sums_plan(entries: list[dict]) -> dict:
    """Draft the plan of a test's sums: what has squares is a mean, what has none a share.

    Arms and their weights are left to fill in, and metrics that are values of rows.
    """
    metrics = [
        {"name": FILL_IN if not stated.startswith("=") else stated[1:]}
        | ({"kind": "mean"} if "squares" in entry["columns"] else {})
        for entry in entries
        for stated in [entry["columns"]["metric"]]
    ]
    primary, *others = sorted(metrics, key=lambda metric: metric.get("kind", ""))
    return {
        "id": entries[0]["columns"]["campaign"].removeprefix("="),
        "arms": {FILL_IN: 1},
        "control": FILL_IN,
        "primary": primary,
        "secondaries": others,
        "minimum_lift": 0.01,
        "segments": [],
    }
