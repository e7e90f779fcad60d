"""How two accounts are compared, field by field, from the same to different.

Each comparison is a list of levels for Splink: the first that holds counts. What is missing on one
side speaks neither for nor against. A rare value that is shared speaks louder than a common one
(term frequency adjustment).

References
----------
Fellegi and Sunter (1969), A theory for record linkage; Winkler (1990) on names; the Splink manual.
"""

import pandas as pd
from splink import ColumnExpression
from splink import comparison_level_library as levels
from splink.comparison_library import CustomComparison

UNNAMED = "(full_name_l IS NULL OR full_name_r IS NULL)"  # else the names have been compared


def near(one: str, other: str, similarity: float) -> str:
    """Write that two texts are similar by Jaro and Winkler."""
    return f"jaro_winkler_similarity({one}, {other}) >= {similarity}"


def level(condition: str, label: str) -> levels.CustomLevel:
    """Name a condition."""
    return levels.CustomLevel(condition, label_for_charts=label)


def name_levels() -> list:
    """Compare given and family name together: they come swapped, shortened and misspelt."""
    nothing = " OR ".join(f"(given_name_{s} IS NULL AND surname_{s} IS NULL)" for s in "lr")
    given = f"({near('given_name_l', 'given_name_r', 0.85)} OR given_root_l = given_root_r)"
    surname = near("surname_l", "surname_r", 0.85)
    swapped = (
        near("given_name_l", "surname_r", 0.85) + " AND " + near("surname_l", "given_name_r", 0.85)
    )
    return [
        level(nothing, "no name").configure(is_null_level=True),
        levels.ExactMatchLevel("full_name", term_frequency_adjustments=True),
        level("given_name_l = surname_r AND given_name_r = surname_l", "same name, swapped"),
        level(f"{given} AND {surname}", "both names similar"),
        level(swapped, "both names similar, swapped"),
        levels.ExactMatchLevel("surname", term_frequency_adjustments=True),
        levels.ExactMatchLevel("given_name", term_frequency_adjustments=True),
        level(near("surname_l", "surname_r", 0.88), "family name similar"),
        level(near("given_name_l", "given_name_r", 0.88), "given name similar"),
        level("surname_l = given_name_r OR surname_r = given_name_l", "one name, swapped"),
        levels.ElseLevel(),
    ]


def code_levels(field: str, *, year: bool = False) -> list:
    """Compare a number or date by the digits that must be changed or exchanged."""
    edits = f"damerau_levenshtein({field}_l, {field}_r)"
    exact = levels.ExactMatchLevel(field, term_frequency_adjustments=not year)
    same_year = level(f"substr({field}_l, 1, 4) = substr({field}_r, 1, 4)", "same year")
    return [
        levels.NullLevel(field),
        exact,
        level(f"{edits} <= 1", "one digit differs"),
        level(f"{edits} <= 2", "two digits differ"),
        *([same_year] if year else []),
        levels.ElseLevel(),
    ]


def text_levels(field: str) -> list:
    """Compare a place or street by likeness."""
    return [
        levels.NullLevel(field),
        levels.ExactMatchLevel(field, term_frequency_adjustments=True),
        level(near(f"{field}_l", f"{field}_r", 0.92), "very similar"),
        level(near(f"{field}_l", f"{field}_r", 0.8), "similar"),
        levels.ElseLevel(),
    ]


def exact_levels(field: str) -> list:
    """Compare what is either the same or not."""
    return [
        levels.NullLevel(field),
        levels.ExactMatchLevel(field, term_frequency_adjustments=True),
        levels.ElseLevel(),
    ]


def email_levels() -> list:
    """Compare addresses; one that differs in its digits is rather another person's."""
    user = levels.ExactMatchLevel(ColumnExpression("email").regex_extract("^[^@]+"))
    digits = " = ".join(f"regexp_replace(email_{side}, '[^0-9]', '', 'g')" for side in "lr")
    only = "regexp_replace(split_part(email_{}, '@', 1), '[^a-z]', '', 'g')"
    letters = f"{only.format('l')} = {only.format('r')}"
    alike = near("email_l", "email_r", 0.88)
    users = near(*(f"split_part(email_{side}, '@', 1)" for side in "lr"), 0.88)
    return [
        levels.NullLevel("email"),
        levels.ExactMatchLevel("email", term_frequency_adjustments=True),
        user.configure(label_for_charts="same user elsewhere"),
        level(f"{alike} AND {digits}", "very similar, same digits"),
        level(f"{users} AND {digits}", "similar user elsewhere, same digits"),
        level(f"{alike} AND NOT {letters}", "similar"),  # ana82 and ana84 are two people
        levels.ElseLevel(),
    ]


def handle_levels() -> list:
    """Compare handles, and a handle with a name; where both state names, only equal handles count.

    Handles are made of names: where the names have been compared, a similar handle says nothing
    new.
    """
    inside = [
        f"(length(alias_{a}) >= 5 AND contains(alias_{b}, alias_{a}))" for a, b in ("lr", "rl")
    ]
    named = f"NOT {UNNAMED} AND handle_l IS DISTINCT FROM handle_r"
    ends = [f"(length(alias_{a}) >= 4 AND suffix(alias_{b}, alias_{a}))" for a, b in ("lr", "rl")]
    alike = [
        (0.95, "handles very similar"),
        (0.9, "handles similar"),
        (0.85, "handles a little so"),
    ]
    likeness = [
        level(f"{UNNAMED} AND {near('alias_l', 'alias_r', least)}", label) for least, label in alike
    ]
    return [
        level(f"alias_l IS NULL OR alias_r IS NULL OR ({named})", "nothing new").configure(
            is_null_level=True
        ),
        levels.ExactMatchLevel("handle"),  # a handle is as common as its owner has accounts
        level(f"{UNNAMED} AND alias_l = alias_r", "same handle but for titles"),
        likeness[0],
        level(f"{UNNAMED} AND ({' OR '.join(ends)})", "one handle ends the other"),
        level(f"{UNNAMED} AND ({' OR '.join(inside)})", "one handle inside the other"),
        *likeness[1:],
        levels.ElseLevel(),
    ]


LEVELS = {
    "name": name_levels(),
    "birth_date": code_levels("birth_date", year=True),
    "number": code_levels("number"),
    "phone": code_levels("phone"),
    "email": email_levels(),
    "street": text_levels("street"),
    "city": text_levels("city"),
    "postcode": code_levels("postcode"),
    "region": exact_levels("region"),
    "handle": handle_levels(),
}
COLUMNS = {"name": "surname", "handle": "alias"}  # the column that says whether a field is stated


def comparison(field: str) -> CustomComparison:
    """Compare one field."""
    return CustomComparison(output_column_name=field, comparison_levels=LEVELS[field])


def comparable_fields(records: pd.DataFrame, *, share: float = 0.02) -> list[str]:
    """Choose the fields that can be compared: stated by enough accounts, on two platforms if any.

    >>> records = pd.DataFrame({"platform": ["a", "b"], "email": ["x", "y"], "alias": ["z", None]})
    >>> comparable_fields(records.reindex(columns=["platform", "surname", "alias", *LEVELS]))
    ['email']
    """
    least = min(2, records["platform"].nunique())
    stated = {field: records[COLUMNS.get(field, field)].notna() for field in LEVELS}
    stated["handle"] &= records["handle"].notna().any()
    return [
        field
        for field, known in stated.items()
        if known.mean() >= share and records.loc[known, "platform"].nunique() >= least
    ]
