"""09: may we use it? Checks between a segment and an audience; each of them can only forbid."""

from typing import NamedTuple

import pandas as pd
from scipy import stats

from coterie.statistics import fdr, share_interval
from coterie.wording import match_sensitive

ALPHA = 0.05  # of an adjusted p-value from which a skew is written down
NAME_COLUMNS = ["segment", "name", "category", "lawful", "since", "suggestion"]
SKEW_COLUMNS = ["segment", "value", "n_people", "share", "low", "high", "others", "pvalue"]
TOO_SMALL = "fewer people than the floor"
SENSITIVE_INTEREST = "a sensitive interest marks it"
BAD_NAME = "its name breaks a rule"


class Audit(NamedTuple):
    """Whether segments differ from everybody else in a protected attribute."""

    skew: pd.DataFrame  # one row a segment and value, as `check_skew` gives
    attribute: str  # the protected attribute
    unstated_share: float  # share of people who did not state it

    @property
    def skewed(self) -> set[str]:
        """The segments that differ."""
        return set(self.skew.loc[self.skew["pvalue_adjusted"] < ALPHA, "segment"])

    @property
    def n_audited(self) -> int:
        """Count the segments that could be audited."""
        return self.skew["segment"].nunique()


class Clearing(NamedTuple):
    """Which segments may be used."""

    clearances: pd.DataFrame  # one row a segment, as `clear_segments` gives

    @property
    def cleared(self) -> pd.DataFrame:
        """The segments that may be used."""
        return self.clearances[self.clearances["cleared"]]

    @property
    def n_segments(self) -> int:
        """Count all segments."""
        return len(self.clearances)

    @property
    def n_cleared(self) -> int:
        """Count the segments that may be used."""
        return len(self.cleared)

    @property
    def n_people_cleared(self) -> int:
        """Count the people in segments that may be used."""
        return int(self.cleared["n_people"].sum())

    @property
    def n_special(self) -> int:
        """Count the segments that a sensitive interest marks."""
        return int((self.clearances["sensitivity"] == "special").sum())


class StatedFeatures(NamedTuple):
    """Which features rest on what people stated of themselves."""

    n_features: int  # all features of the dictionary
    n_stated: int  # those that read a column of `people`
    columns: list[str]  # the columns of `people` that are read


def find_special(profiles: pd.DataFrame, *, index_from: float = 150.0) -> pd.DataFrame:
    """Find segments marked by a sensitive interest that was guessed: far above everybody, and not
    by chance.

    >>> profiles = pd.DataFrame(
    ...     {
    ...         "segment": ["S1", "S2"],
    ...         "trait": "inferred_interest_health",
    ...         "index": [300.0, 90.0],
    ...         "low": [0.2, 0.01],
    ...         "everyone": [0.1, 0.1],
    ...     }
    ... )
    >>> find_special(profiles)[["segment", "category"]].to_dict("records")
    [{'segment': 'S1', 'category': 'health'}]
    """
    marked = profiles[(profiles["index"] >= index_from) & (profiles["low"] > profiles["everyone"])]
    marked = marked[marked["trait"].str.startswith("inferred_interest_")]
    rows = [
        (row.segment, row.trait, rule.category)
        for row in marked.itertuples()
        for rule in match_sensitive(row.trait)
    ]
    found = pd.DataFrame(rows, columns=["segment", "trait", "category"])
    return found.merge(marked, on=["segment", "trait"])


def check_names(names: pd.Series) -> pd.DataFrame:
    """Read segment names as a platform or the people themselves would, and suggest neutral words.

    >>> check_names(pd.Series({"S1": "Diabetes patients", "S2": "Weekend shoppers"}))[
    ...     "category"
    ... ].tolist()
    ['health']
    """
    hits = [
        {"segment": segment, "name": name} | rule._asdict()
        for segment, name in names.items()
        for rule in match_sensitive(name)
    ]
    return pd.DataFrame(hits, columns=NAME_COLUMNS)


def audit(people: pd.DataFrame, *, attribute: str = "gender", min_people: int = 50) -> Audit:
    """Audit every segment's make-up on a protected attribute, and say how many did not state it."""
    skew = check_skew(people, attribute=attribute, min_people=min_people)
    return Audit(skew, attribute, float(people[attribute].isna().mean()))


def check_skew(
    people: pd.DataFrame, *, attribute: str = "gender", min_people: int = 50
) -> pd.DataFrame:
    """Compare each segment's stated make-up on a protected attribute with everybody else's, by
    Fisher's test.

    A segment or value of fewer than `min_people` cannot be audited, which does not make it fair.
    """
    stated = people.dropna(subset=[attribute])
    common = stated[attribute].value_counts().loc[lambda n: n >= min_people].index
    rows = []
    for segment, members in stated.groupby("segment"):
        rest = stated[stated["segment"] != segment]
        if min(len(members), len(rest)) < min_people:
            continue
        for value in sorted(common):
            found = compare_shares(members[attribute] == value, rest[attribute] == value)
            rows.append((segment, value, *found))
    skew = pd.DataFrame(rows, columns=SKEW_COLUMNS)
    return skew.assign(pvalue_adjusted=fdr(skew["pvalue"]))


def compare_shares(members: pd.Series, rest: pd.Series) -> tuple:
    """Compare who has a property among members and the rest: size, share, interval, rest's share,
    p.

    >>> compare_shares(pd.Series([True, False]), pd.Series([True, False]))[-2:]
    (0.5, 1.0)
    """
    inside, outside = int(members.sum()), int(rest.sum())
    table = [[inside, len(members) - inside], [outside, len(rest) - outside]]
    pvalue = float(stats.fisher_exact(table).pvalue)
    return (len(members), *share_interval(inside, len(members)), outside / len(rest), pvalue)


def clear_segments(
    sizes: pd.DataFrame, *, floor: int, special: pd.DataFrame, blocked: dict[str, set]
) -> Clearing:
    """Clear a segment only when every check passed, and say in words what did not.

    `sizes` has segment, segment_name, n_people; `blocked` maps further reasons to the segments they
    hold for.

    >>> sizes = pd.DataFrame({"segment": ["S1"], "segment_name": ["Weekend"], "n_people": [40]})
    >>> special = pd.DataFrame({"segment": []})
    >>> found = clear_segments(sizes, floor=50, special=special, blocked={})
    >>> found.clearances["reasons"].item()
    'fewer people than the floor'
    """
    marked = set(special["segment"])
    small = set(sizes.loc[sizes["n_people"] < floor, "segment"])
    checks = {TOO_SMALL: small, SENSITIVE_INTEREST: marked, **blocked}
    reasons = [
        "; ".join(reason for reason, hit in checks.items() if segment in hit)
        for segment in sizes["segment"]
    ]
    kinds = sizes["segment"].isin(marked).map({True: "special", False: "ordinary"})
    cleared = [reason == "" for reason in reasons]
    return Clearing(sizes.assign(floor=floor, sensitivity=kinds, cleared=cleared, reasons=reasons))


def further_reasons(
    names: pd.DataFrame, found: Audit, *, names_block: bool, skew_blocks: bool
) -> dict[str, set]:
    """Gather the checks that forbid only where the settings say so, with the segments they hit."""
    reasons = {}
    if names_block:
        reasons[BAD_NAME] = set(names["segment"])
    if skew_blocks:
        reasons[f"it differs in {found.attribute}"] = found.skewed
    return reasons


def stated_features(reads: pd.Series) -> StatedFeatures:
    """Say which features rest on what people stated; `reads` lists the columns each is computed
    from.

    >>> stated_features(pd.Series(["events.at", "events.at, people.birth_year"]))
    StatedFeatures(n_features=2, n_stated=1, columns=['birth_year'])
    """
    columns = {column for line in reads for column in line.split(", ")}
    stated = sorted(c.removeprefix("people.") for c in columns if c.startswith("people."))
    n_stated = int(reads.str.contains("people.", regex=False).sum())
    return StatedFeatures(len(reads), n_stated, stated)
