"""Twelve kinds of people in groups: round, long, nested, small, unequal, in one column, in words.

Each returns values (n, p) and the group of each person; who knows how they were drawn places 95 %
of the people rightly, or more.
"""

import numpy as np
from numpy.random import Generator

P = 8  # columns
Groups = tuple[np.ndarray, np.ndarray]


def noise(rng: Generator, n: int, p: int = P) -> np.ndarray:
    return rng.standard_normal((n, p))


def turned(rng: Generator, values: np.ndarray) -> np.ndarray:
    """Rotate the columns at random: the same people, seen along other axes."""
    return values @ np.linalg.qr(noise(rng, values.shape[1], values.shape[1]))[0]


def centres_apart(rng: Generator, k: int, gap: float) -> np.ndarray:
    """Draw k centres, the nearest two `gap` deviations apart."""
    drawn = rng.uniform(-1, 1, (k, P))
    away = np.linalg.norm(drawn[:, None] - drawn, axis=2)[np.triu_indices(k, 1)]
    return drawn * gap / away.min()


def one_column(rng: Generator, n: int) -> Groups:
    """Two groups six deviations apart in one column of four."""
    group = rng.integers(0, 2, n)
    values = noise(rng, n, 4)
    values[:, 0] += 6 * group
    return values, group


def one_column_turned(rng: Generator, n: int) -> Groups:
    """The same people, rotated."""
    values, group = one_column(rng, n)
    return turned(rng, values), group


def small_group(rng: Generator, n: int) -> Groups:
    """Three large groups and one of 3 %."""
    group = rng.choice(4, n, p=[0.33, 0.32, 0.32, 0.03])
    return centres_apart(rng, 4, 8.0)[group] + noise(rng, n), group


def nested(rng: Generator, n: int) -> Groups:
    """Two far groups of three near ones each."""
    group = rng.integers(0, 6, n)
    far = np.where(group < 3, 0.0, 14.0)
    near = 6.0 * np.eye(3)[group % 3]
    values = noise(rng, n)
    values[:, 0] += far
    values[:, 1:4] += near
    return values, group


def long_bands(rng: Generator, n: int) -> Groups:
    """Three parallel bands, ten times as long as wide."""
    group = rng.integers(0, 3, n)
    values = noise(rng, n, 5)
    values[:, 0] += 7.0 * group
    values[:, 1] *= 10.0
    return turned(rng, values), group


def round_groups(rng: Generator, n: int) -> Groups:
    k = int(rng.integers(2, 6))
    group = rng.integers(0, k, n)
    return centres_apart(rng, k, 6.0)[group] + noise(rng, n), group


def unequal_spreads(rng: Generator, n: int) -> Groups:
    """Four groups, each wide in other directions."""
    group = rng.integers(0, 4, n)
    spread = rng.choice([0.5, 1.0, 3.0], (4, P))
    return centres_apart(rng, 4, 12.0)[group] + noise(rng, n) * spread[group], group


def crossed_bands(rng: Generator, n: int) -> Groups:
    """Two long groups that cross, one a little above the other."""
    group = rng.integers(0, 2, n)
    values = noise(rng, n, 5)
    values[:, 0] *= np.where(group == 0, 8.0, 1.0)
    values[:, 1] *= np.where(group == 0, 1.0, 8.0)
    values[:, 2] += 4.5 * group
    return values, group


def counted_groups(rng: Generator, n: int) -> Groups:
    """Three kinds of people of whom acts are counted: the more of them, the wider apart."""
    group = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    often = np.array([[1, 1, 15, 3, 1, 8], [15, 2, 1, 3, 10, 1], [1, 15, 1, 20, 1, 1.0]])
    return rng.poisson(often[group]).astype(float), group


def latent_classes(rng: Generator, n: int) -> Groups:
    """Three kinds of people who answer twelve questions with yes or no."""
    group = rng.integers(0, 3, n)
    chance = np.where(np.arange(12) // 4 == np.arange(3)[:, None], 0.92, 0.08)
    return (rng.random((n, 12)) < chance[group]).astype(float), group


def groups_with_gaps(rng: Generator, n: int) -> Groups:
    """Round groups of whom a tenth of the values is unknown."""
    values, group = round_groups(rng, n)
    values[rng.random(values.shape) < 0.1] = np.nan
    return values, group


def skewed_groups(rng: Generator, n: int) -> Groups:
    """Three kinds of buyers, log-normal in every column."""
    group = rng.integers(0, 3, n)
    level = np.array([[0, 0, 2, 2, 0, 0], [2, 2, 0, 0, 0, 0], [0, 2, 0, 2, 2, 0.0]])
    return np.exp(level[group] + 0.45 * noise(rng, n, 6) + 1), group


def unequal_sizes(rng: Generator, n: int) -> Groups:
    """Five groups, from half of the people to a twelfth."""
    group = rng.choice(5, n, p=[0.5, 0.18, 0.12, 0.12, 0.08])
    return centres_apart(rng, 5, 6.0)[group] + noise(rng, n), group


DEVELOPMENT = {
    "one column": one_column,
    "one column, turned": one_column_turned,
    "small group": small_group,
    "nested": nested,
    "long bands": long_bands,
    "round": round_groups,
    "counts": counted_groups,
}
CONFIRMATION = {
    "unequal spreads": unequal_spreads,
    "crossed bands": crossed_bands,
    "latent classes": latent_classes,
    "groups with gaps": groups_with_gaps,
    "skewed groups": skewed_groups,
    "unequal sizes": unequal_sizes,
}
