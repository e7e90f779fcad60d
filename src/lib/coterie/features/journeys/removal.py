"""Which share of outcomes would be missing if every journey through a channel broke off."""

import numpy as np
import pandas as pd

from coterie.features.journeys.steps import CONVERSION, END, START, STATES
from coterie.statistics import jackknife_half_width


def removal_effects(counts: pd.DataFrame) -> pd.DataFrame:
    """Estimate which share of conversions goes missing if all paths through a channel break off.

    Journeys are read as a Markov chain: what comes next depends on the present state only. `effect`
    is 1 - P(conversion without the channel) / P(conversion), where a step to the removed channel
    ends the journey; with every channel in place the chain gives back the observed share of
    converting journeys exactly. This describes paths (evidence D, C at best) and is not what a
    channel adds: in reality people take another way, and a channel that meets people who would buy
    anyway looks good. Only an experiment shows the difference.

    Takes `step_counts` as a frame. Returns one row a channel, largest effect first: channel, people
    (who reached it), effect with low and high, share (effects scaled to add up to 1) with share_low
    and share_high. The 95 % intervals leave out one group of people at a time: one group alone has
    none, an effect of 0 or 1 in all of them has one without width. Without any conversion every
    effect and share is 0, without interval.

    References
    ----------
    Anderl, Becker, von Wangenheim and Schumann (2016), "Mapping the customer journey",
    International Journal of Research in Marketing 33. Kott (2001), "The Delete-a-Group Jackknife",
    Journal of Official Statistics 17.

    >>> steps = [
    ...     ("start", "ad", 2),
    ...     ("start", "mail", 1),
    ...     ("ad", "mail", 1),
    ...     ("ad", "end", 1),
    ...     ("mail", "site", 2),
    ...     ("site", "conversion", 1),
    ...     ("site", "end", 1),
    ... ]
    >>> counts = pd.DataFrame(steps, columns=["source", "target", "n"]).assign(group=0, reached=1)
    >>> removal_effects(counts)[["channel", "effect", "share"]]
      channel  effect  share
    0    mail     1.0    0.4
    1    site     1.0    0.4
    2      ad     0.5    0.2
    """
    channels = sorted({*counts["source"], *counts["target"]} - {*STATES})
    whole = (groups := chains(counts, channels)).sum(axis=0)
    found, parts = (
        effects_and_shares(whole),
        np.array([effects_and_shares(whole - group) for group in groups]),
    )
    half = jackknife_half_width(parts) if conversion_share(whole) else np.nan
    low, high = np.clip(found - half, 0, 1), np.clip(found + half, 0, 1)
    people = (
        counts.groupby("target")["reached"].sum().reindex(channels).fillna(0).astype(int).to_numpy()
    )
    table = pd.DataFrame(
        {"channel": channels, "people": people, "effect": found[0], "low": low[0], "high": high[0]}
    )
    table = table.assign(share=found[1], share_low=low[1], share_high=high[1])
    return table.sort_values(["effect", "channel"], ascending=[False, True], ignore_index=True)


def chains(counts: pd.DataFrame, channels: list[str]) -> np.ndarray:
    """Lay the counts out, one matrix a group.

    They go from start and channels to start, channels, conversion and end.
    """
    sources, targets = pd.Index([START, *channels]), pd.Index([START, *channels, CONVERSION, END])
    number, names = pd.factorize(counts["group"])
    matrices = np.zeros((len(names), len(sources), len(targets)))
    places = number, sources.get_indexer(counts["source"]), targets.get_indexer(counts["target"])
    np.add.at(matrices, places, counts["n"].to_numpy(dtype=float))
    return matrices


def effects_and_shares(chain: np.ndarray) -> np.ndarray:
    """Compute every channel's removal effect.

    A second row holds the effects scaled to add up to 1.
    """
    whole = conversion_share(chain)
    without = np.array([conversion_share(chain, without=n) for n in range(1, len(chain))])
    effects = np.clip(1 - without / whole, 0, 1) if whole else np.zeros(len(without))
    return np.array([effects, effects / effects.sum() if effects.any() else effects])


def conversion_share(chain: np.ndarray, *, without: int | None = None) -> float:
    """Compute the probability to convert from the start.

    A step to the state `without` ends the journey.

    Rows of `chain` are counts of steps from the start (first) and the channels; columns the same,
    then conversion and end. States from which no path leads to a conversion, closed loops among
    them, are worth 0 and leave the equations, which would be singular with them.

    >>> conversion_share(
    ...     np.array([[0, 4, 0, 0], [0, 2, 1, 1]])
    ... )  # half of the events repeat, a quarter convert
    0.5
    """
    totals = chain.sum(axis=1, keepdims=True)
    steps = np.divide(chain, totals, out=np.zeros(chain.shape), where=totals > 0)
    onward, converts = steps[:, :-2], steps[:, -2]
    if without is not None:
        onward[:, without] = 0
    hopeful = converts > 0
    for _ in chain:
        hopeful = hopeful | (onward[:, hopeful] > 0).any(axis=1)
    if not hopeful[0]:
        return 0.0
    among = np.eye(hopeful.sum()) - onward[np.ix_(hopeful, hopeful)]
    return float(np.linalg.solve(among, converts[hopeful])[0])
