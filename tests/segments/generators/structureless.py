"""Twenty kinds of people without groups: continua of every shape, bent, skewed, counted, cut."""

import numpy as np
from numpy.random import Generator
from sklearn.datasets import load_breast_cancer

P = 8  # columns


def noise(rng: Generator, n: int, p: int = P) -> np.ndarray:
    return rng.standard_normal((n, p))


def loadings(rng: Generator, p: int = P) -> np.ndarray:
    return rng.uniform(0.5, 1.0, p)


def gaussian(rng: Generator, n: int) -> np.ndarray:
    return noise(rng, n) @ (np.eye(P) + 0.5 * noise(rng, P))


def uniform(rng: Generator, n: int) -> np.ndarray:
    return rng.random((n, P))


def heavy_and_light_users(rng: Generator, n: int) -> np.ndarray:
    """One skewed factor behind log-normal columns."""
    factor = rng.gamma(1.0, 1.0, (n, 1))
    return np.exp(factor * loadings(rng) + 0.4 * noise(rng, n))


def zero_inflated_counts(rng: Generator, n: int) -> np.ndarray:
    """Orders, visits and the like: one exposure, and in every column many who never did."""
    exposure = rng.lognormal(0, 0.7, (n, 1))
    counts = rng.poisson(exposure * rng.uniform(1.0, 8.0, P))
    return np.where(rng.random((n, P)) < rng.uniform(0.1, 0.5, P), 0, counts).astype(float)


def horseshoe(rng: Generator, n: int) -> np.ndarray:
    angle = rng.uniform(0, 1.1 * np.pi, n)
    plane = np.column_stack([np.cos(angle), np.sin(angle)]) * 3
    return np.column_stack([plane + 0.3 * noise(rng, n, 2), noise(rng, n, P - 2)])


def fan(rng: Generator, n: int) -> np.ndarray:
    """Spread that grows along one factor."""
    factor = rng.random((n, 1))
    return 3 * factor * loadings(rng) + 1.5 * factor * noise(rng, n) + 0.1 * noise(rng, n)


def yes_or_no(rng: Generator, n: int) -> np.ndarray:
    """Answers that hang on one continuous attitude."""
    attitude = rng.standard_normal((n, 1))
    return (attitude + 0.8 * noise(rng, n) > rng.uniform(-0.5, 0.5, P)).astype(float)


def shares_of_a_whole(rng: Generator, n: int) -> np.ndarray:
    return rng.dirichlet(rng.uniform(0.8, 3.0, P), n)


def skewed_rfm(rng: Generator, n: int) -> np.ndarray:
    mixed = noise(rng, n) @ (np.eye(P) + 0.5 * noise(rng, P))
    return np.exp(0.7 * mixed[:, :3] + 2)


def shell(rng: Generator, n: int) -> np.ndarray:
    """The surface of a ball in three columns, and columns that say nothing."""
    outward = noise(rng, n, 3)
    surface = 3 * outward / np.linalg.norm(outward, axis=1, keepdims=True)
    return np.column_stack([surface + 0.2 * noise(rng, n, 3), noise(rng, n, 3)])


def ordinal_answers(rng: Generator, n: int) -> np.ndarray:
    """Five-point answers that hang on two attitudes."""
    latent = rng.standard_normal((n, 2)) @ noise(rng, 2, P) + 0.8 * noise(rng, n)
    return np.digitize(latent, [-1.5, -0.5, 0.5, 1.5]).astype(float)


def missing_blocks(rng: Generator, n: int) -> np.ndarray:
    """One factor, and for a third of the people half of the columns unknown."""
    values = rng.standard_normal((n, 1)) * loadings(rng) + 0.6 * noise(rng, n)
    values[np.ix_(rng.random(n) < 0.35, rng.permutation(P)[: P // 2])] = np.nan
    return values


def hours_on_a_circle(rng: Generator, n: int) -> np.ndarray:
    """An hour that anybody may keep, as sine and cosine, beside columns that say nothing."""
    hour = rng.uniform(0, 2 * np.pi, n)
    pair = np.column_stack([np.cos(hour), np.sin(hour)])
    return np.column_stack([pair * rng.beta(6, 2, (n, 1)), 0.7 * noise(rng, n, 4)])


def heavy_tails(rng: Generator, n: int) -> np.ndarray:
    return rng.standard_t(3, (n, 1)) * loadings(rng) + 0.8 * rng.standard_t(3, (n, P))


def spiral(rng: Generator, n: int) -> np.ndarray:
    turn = np.sqrt(rng.uniform(0.3, 1.0, n)) * 3 * np.pi
    plane = np.column_stack([turn * np.cos(turn), turn * np.sin(turn)]) / 3
    return np.column_stack([plane + 0.2 * noise(rng, n, 2), noise(rng, n, 3)])


def shared_frailty(rng: Generator, n: int) -> np.ndarray:
    """Waiting times with one gamma frailty: negatively skewed on the log scale."""
    frailty = rng.gamma(1.5, 1.0, (n, 1))
    return rng.exponential(1.0, (n, P)) / (frailty * loadings(rng))


def star(rng: Generator, n: int) -> np.ndarray:
    """Arms that leave one middle in which most people stand: specialists of different degrees."""
    arm = rng.integers(0, 4, n)
    length = rng.exponential(1.5, n)
    return np.eye(P)[arm] * length[:, None] + 0.5 * noise(rng, n)


def bent_sheet(rng: Generator, n: int) -> np.ndarray:
    across = rng.uniform(-1.5, 1.5, (n, 2))
    bent = np.column_stack([across, across[:, 0] ** 2, across.prod(axis=1)])
    return np.column_stack([bent + 0.2 * noise(rng, n, 4), 0.8 * noise(rng, n, 3)])


def capped_amounts(rng: Generator, n: int) -> np.ndarray:
    """Amounts that nobody may exceed, where many stand at the cap."""
    wanted = np.exp(0.6 * (rng.standard_normal((n, 1)) + noise(rng, n)) + 1)
    return np.minimum(wanted, np.exp(1.4))


def shuffled_real_columns(rng: Generator, n: int) -> np.ndarray:
    table = load_breast_cancer().data
    columns = rng.choice(table.shape[1], P, replace=False)
    drawn = table[rng.choice(len(table), n, replace=n > len(table))][:, columns]
    return rng.permuted(drawn, axis=0)


DEVELOPMENT = {
    "Gaussian": gaussian,
    "uniform": uniform,
    "heavy and light users": heavy_and_light_users,
    "zero-inflated counts": zero_inflated_counts,
    "horseshoe": horseshoe,
    "fan": fan,
    "yes or no": yes_or_no,
    "shares of a whole": shares_of_a_whole,
    "skewed RFM": skewed_rfm,
    "shell": shell,
}
CONFIRMATION = {
    "ordinal answers": ordinal_answers,
    "missing blocks": missing_blocks,
    "hours on a circle": hours_on_a_circle,
    "heavy tails": heavy_tails,
    "spiral": spiral,
    "shared frailty": shared_frailty,
    "star": star,
    "bent sheet": bent_sheet,
    "capped amounts": capped_amounts,
    "shuffled real columns": shuffled_real_columns,
}
