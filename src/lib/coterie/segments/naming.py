"""Names are identities: ids follow the members from run to run, and words follow the strongest traits."""

from pathlib import Path

import pandas as pd
import yaml
from scipy.optimize import linear_sum_assignment

from coterie.statistics import overlap_matrix

WORDS = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))
EVERYONE = "Everyone"


def trait_words(trait: str, *, high: bool) -> str:
    """Say a trait in plain words.

    >>> trait_words("evening_share", high=True), trait_words("inferred_interest_food", high=False)
    ('evening', 'not food')
    """
    if trait in WORDS:
        return WORDS[trait][0 if high else 1]
    topic = trait.removeprefix("inferred_interest_").replace("_", " ")
    return topic if high else f"not {topic}"


def carry_ids(current: pd.Series, previous: pd.Series | None, *, same_from: float = 0.3) -> dict[int, str]:
    """Give each cluster the id of the earlier segment whose members it holds, or a new id.

    A cluster inherits when the two share at least `same_from` (Jaccard) of the people known to both
    runs; integers of a fit mean nothing, members do. New ids are numbered on by size.

    Parameters
    ----------
    current, previous
        Cluster integer, or earlier segment id, by person_id.

    >>> previous = pd.Series({"ana": "S2", "bo": "S2", "cy": "S1"})
    >>> carry_ids(pd.Series({"ana": 0, "bo": 0, "cy": 1, "di": 2}), previous)
    {0: 'S2', 1: 'S1', 2: 'S3'}
    """
    inherited = {}
    if previous is not None and len(shared := current.index.intersection(previous.index)):
        now, before = current[shared], previous[shared]
        overlap = overlap_matrix(now, before)
        clusters, segments = sorted(now.unique()), sorted(before.unique())
        pairs = zip(*linear_sum_assignment(-overlap), strict=True)
        inherited = {clusters[c]: segments[s] for c, s in pairs if overlap[c, s] >= same_from}
    taken = [int(segment[1:]) for segment in (previous.unique() if previous is not None else [])]
    fresh = iter(range(max(taken, default=0) + 1, 10_000))
    by_size = current.value_counts(sort=True).index
    ids = {cluster: inherited.get(cluster) or f"S{next(fresh)}" for cluster in by_size}
    return dict(sorted(ids.items()))


def name_segments(profiles: pd.DataFrame, *, kept: dict[str, str] | None = None, n_words: int = 2) -> dict[str, str]:
    """Name each segment after the traits it differs in most; a name given earlier (`kept`) stays.

    >>> profiles = pd.DataFrame({"segment": "S1", "trait": ["evening_share", "frequency", "n_events"],
    ...                          "difference": [1.2, -0.9, 0.1]})
    >>> name_segments(profiles)
    {'S1': 'Evening, browsers'}
    """
    kept = kept or {}
    if profiles["segment"].nunique() == 1 and not profiles["difference"].abs().gt(0.05).any():
        return {profiles["segment"].iloc[0]: EVERYONE}
    names = {}
    for segment, rows in profiles.groupby("segment"):
        order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
        words = list(dict.fromkeys(trait_words(rows["trait"][i], high=rows["difference"][i] > 0) for i in order))
        taken = {*names.values(), *(name for other, name in kept.items() if other != segment)}
        options = (", ".join(words[:length]).capitalize() for length in range(n_words, len(words) + 1))
        names[segment] = kept.get(segment) or next((o for o in options if o not in taken), f"Segment {segment}")
    return names
