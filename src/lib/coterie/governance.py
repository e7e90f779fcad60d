"""May we use it? Checks between a segment and an audience; each of them can only forbid."""

import pandas as pd
from scipy import stats

from coterie.statistics import fdr, share_interval
from coterie.wording import match_sensitive


def find_special(profiles: pd.DataFrame, *, index_from: float = 150.0) -> pd.DataFrame:
    """Find segments marked by a sensitive interest that was guessed: far above everybody, and not by chance.

    >>> profiles = pd.DataFrame({"segment": ["S1", "S2"], "trait": "inferred_interest_health", "index": [300.0, 90.0],
    ...                          "low": [0.2, 0.01], "everyone": [0.1, 0.1]})
    >>> find_special(profiles)[["segment", "category"]].to_dict("records")
    [{'segment': 'S1', 'category': 'health'}]
    """
    marked = profiles[(profiles["index"] >= index_from) & (profiles["low"] > profiles["everyone"])]
    marked = marked[marked["trait"].str.startswith("inferred_interest_")]
    rows = [(r.segment, r.trait, rule.category) for r in marked.itertuples() for rule in match_sensitive(r.trait)]
    return pd.DataFrame(rows, columns=["segment", "trait", "category"]).merge(marked, on=["segment", "trait"])


def check_names(names: pd.Series) -> pd.DataFrame:
    """Read segment names as a platform or the people themselves would, and suggest neutral words.

    >>> check_names(pd.Series({"S1": "Diabetes patients", "S2": "Weekend shoppers"}))[["segment", "category"]].values
    array([['S1', 'health']], dtype=object)
    """
    hits = [{"segment": segment, "name": name} | rule._asdict() for segment, name in names.items() for rule in match_sensitive(name)]
    return pd.DataFrame(hits, columns=["segment", "name", "category", "lawful", "since", "suggestion"])


def check_skew(people: pd.DataFrame, *, attribute: str = "gender", smallest: int = 50) -> pd.DataFrame:
    """Compare each segment's stated make-up on a protected attribute with everybody else's, by Fisher's test.

    A segment or value with fewer than `smallest` people cannot be audited, which does not make it fair.
    """
    stated = people.dropna(subset=[attribute])
    common = stated[attribute].value_counts().loc[lambda n: n >= smallest].index
    rows = []
    for segment, members in stated.groupby("segment"):
        rest = stated[stated["segment"] != segment]
        for value in sorted(common) if min(len(members), len(rest)) >= smallest else ():
            inside, outside = (members[attribute] == value).sum(), (rest[attribute] == value).sum()
            table = [[inside, len(members) - inside], [outside, len(rest) - outside]]
            share = share_interval(inside, len(members))
            rows.append((segment, value, len(members), *share, outside / len(rest), stats.fisher_exact(table).pvalue))
    skew = pd.DataFrame(rows, columns=["segment", "value", "n_people", "share", "low", "high", "others", "pvalue"])
    return skew.assign(pvalue_adjusted=fdr(skew["pvalue"]))


def clear_segments(sizes: pd.DataFrame, *, floor: int, special: pd.DataFrame, blocked: dict[str, set]) -> pd.DataFrame:
    """Clear a segment only when every check passed, and say in words what did not.

    `sizes` has segment, segment_name, n_people; `blocked` maps further reasons to the segments they hold for.

    >>> sizes = pd.DataFrame({"segment": ["S1"], "segment_name": ["Weekend"], "n_people": [40]})
    >>> clear_segments(sizes, floor=50, special=pd.DataFrame({"segment": []}), blocked={})["reasons"].item()
    'fewer people than the floor'
    """
    marked = set(special["segment"])
    small = set(sizes.loc[sizes["n_people"] < floor, "segment"])
    checks = {"fewer people than the floor": small, "a sensitive interest marks it": marked, **blocked}
    reasons = ["; ".join(reason for reason, hit in checks.items() if s in hit) for s in sizes["segment"]]
    sensitivity = ["special" if segment in marked else "ordinary" for segment in sizes["segment"]]
    return sizes.assign(floor=floor, sensitivity=sensitivity, cleared=[not r for r in reasons], reasons=reasons)
