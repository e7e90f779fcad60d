"""The review queue: pairs of accounts of which a person should say whether they are one."""

import numpy as np
import pandas as pd

from coterie.lake import in_any_order
from coterie.sourcing.identity.linking import NOT_REVIEWED, account_labels, account_pseudonyms

UNSURE, REFUSED = "the probability is neither high nor low", "joining them would break a limit"


SAID_ONE, SAID_TWO = "a person said that they are one", "a person said that they are two"
BY_KEY = "a person said that they are two, and an exact key joins them all the same"


def review_queue(
    pairs: pd.DataFrame,
    linked: pd.DataFrame,
    *,
    threshold: float = 0.85,
    reviewed: pd.DataFrame = NOT_REVIEWED,
    key: bytes = b"",
) -> pd.DataFrame:
    """List the pairs in the grey band and those the guard refused, the surest first.

    Pairs that are one person anyway, by a key or through others, need no review. Those that were
    reviewed stand behind them, with the answer and what came of it; of `reviewed` accounts that are
    here no more nothing is said. The table has pseudonyms and probabilities, no value of a row: the
    vault says whose they are.

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
    waiting = queue.assign(reason=reason, answer=None)
    told = answered(reviewed, linked, key)
    waiting = waiting[~in_any_order(waiting).isin(in_any_order(told))]
    waiting = waiting.sort_values("match_probability", ascending=False)
    return pd.concat([waiting, told], ignore_index=True) if len(told) else waiting


def answered(reviewed: pd.DataFrame, linked: pd.DataFrame, key: bytes) -> pd.DataFrame:
    """List what a person said of pairs of accounts, and what came of it."""
    if reviewed.empty:
        return pd.DataFrame(columns=["account_a", "account_b"])
    names = account_pseudonyms(account_labels(linked), key)
    owner = linked["person_id"].groupby(names.to_numpy()).first()
    sides = {"person_a": "account_a", "person_b": "account_b"}
    told = reviewed.assign(**{who: reviewed[side].map(owner) for who, side in sides.items()})
    told = told.dropna(subset=list(sides))
    one, same = told["person_a"] == told["person_b"], told["same_person"]
    reason = pd.Series(SAID_TWO, index=told.index, dtype=object).mask(same, SAID_ONE)
    return told.drop(columns="same_person").assign(
        match_probability=np.nan,
        reason=reason.mask(one & ~same, BY_KEY),
        answer=same.map({True: "yes", False: "no"}),
    )
