"""The review queue: pairs of accounts of which a person should say whether they are one."""

import pandas as pd

UNSURE, REFUSED = "the probability is neither high nor low", "joining them would break a limit"


def review_queue(
    pairs: pd.DataFrame, linked: pd.DataFrame, *, threshold: float = 0.85
) -> pd.DataFrame:
    """List the pairs in the grey band and those the guard refused, the surest first.

    Pairs that are one person anyway, by a key or through others, need no review. The table has
    pseudonyms and probabilities, no value of a row: the vault says whose they are.

    >>> pairs = pd.DataFrame({"left": [0], "right": [1], "match_probability": [0.6]})
    >>> pairs = pairs.assign(account_a="p_1", account_b="p_2")
    >>> linked = pd.DataFrame({"platform": "x", "account": ["a", "b"], "person_id": ["A", "B"]})
    >>> review_queue(pairs, linked)["reason"].tolist()
    ['the probability is neither high nor low']
    """
    node = linked.groupby(["platform", "account"], sort=False).ngroup()
    person = linked["person_id"].groupby(node).first()
    people = {
        "person_a": person.reindex(pairs["left"]).to_numpy(),
        "person_b": person.reindex(pairs["right"]).to_numpy(),
    }
    queue = pairs[["account_a", "account_b", "match_probability"]].assign(**people)
    queue = queue[queue["person_a"] != queue["person_b"]]
    sure = queue["match_probability"] >= threshold
    reason = pd.Series(UNSURE, index=queue.index, dtype=object).mask(sure, REFUSED)
    return queue.assign(reason=reason).sort_values("match_probability", ascending=False)
