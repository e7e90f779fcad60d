"""Baskets left standing: people of the planted world who fill one in the shop and do not buy.

They stand in the shop's export only where a study asks for them, and draw numbers of their own, so
that the rest of the world is the same with and without them.
"""

import numpy as np
import pandas as pd

from coterie.demo.files import EXPORTS, as_text

FILE, SHOP = "shop/browsing.csv", "shop"
STEPS, APART = 3, 300  # articles a basket, seconds from one to the next
QUIET = 7200  # seconds around a basket in which the customer does nothing else in the shop
TRIES = 50


def plant_baskets(
    rng: np.random.Generator,
    files: dict[str, bytes],
    events: pd.DataFrame,
    *,
    n: int,
    first: np.datetime64,
    until: np.datetime64,
) -> pd.DataFrame:
    """Add baskets to the shop's export; returns `account` and `left_at`, when the last was filled.

    `events` are those of the world, with their accounts: nobody leaves a basket within two hours
    of something else that they do in the shop.
    """
    own = events[(events["platform"] == SHOP) & events["account"].notna()]
    customers = np.sort(own["account"].unique())
    chosen = rng.choice(customers, min(n, len(customers)), replace=False)
    rows = [
        (account, moment)
        for account in chosen
        for moment in _free(rng, own.loc[own["account"] == account, "at"], first, until)
    ]
    left = pd.DataFrame(rows, columns=["account", "left_at"])
    files[FILE] += "".join(_lines(left)).encode()
    return left


def _free(rng, busy: pd.Series, first: np.datetime64, until: np.datetime64) -> list[np.datetime64]:
    """Find one moment about which a customer has long done nothing else, if there is one."""
    span = int((until - first) / np.timedelta64(1, "s"))
    for _ in range(TRIES):
        moment = first + np.timedelta64(int(rng.integers(QUIET, span - QUIET)), "s")
        if (abs(busy - pd.Timestamp(moment)) > pd.Timedelta(QUIET, "s")).all():
            return [moment]
    return []


def _lines(left: pd.DataFrame) -> list[str]:
    """Write the steps of the baskets as the shop exports them."""
    entry = next(entry for entry in EXPORTS["files"] if entry["path"] == FILE)
    word = next(word for word, ours in entry["verbs"].items() if ours == "add")
    found = []
    for step in range(STEPS):
        wait = pd.Timedelta((STEPS - 1 - step) * APART, "s")
        times = as_text(left["left_at"] - wait, style=entry["times"])
        found += [
            f"{account},{time},{word},basket{step}\n"
            for account, time in zip(left["account"], times, strict=True)
        ]
    return found
