"""Fourteen continua by somebody who had not seen the code, to try the verdict on.

Each returns values (n, p) in natural units. Most draw their loadings, centres or curves as well, so
that every draw is another population. The number of clusters beside missing valleys was bounded
with `helix` and `random_curve` in view; the others were only ever drawn to report.
"""

import numpy as np
from numpy.random import Generator
from scipy import stats

from generators.structured import turned


def some_missing(
    rng: Generator, values: np.ndarray, missing: np.ndarray, at_least: int = 3
) -> np.ndarray:
    """Leave values out, but nobody with fewer known ones than so many."""
    missing = missing.copy()
    for row in np.flatnonzero((~missing).sum(axis=1) < at_least):
        missing[row, rng.permutation(values.shape[1])[:at_least]] = False
    return np.where(missing, np.nan, values)


def one_factor(rng: Generator, p: int, low: float, high: float) -> np.ndarray:
    """Draw the correlations of columns that share one factor: (p, p)."""
    loads = rng.uniform(low, high, p)
    correlations = np.outer(loads, loads)
    np.fill_diagonal(correlations, 1.0)
    return correlations


def bgnbd_history(rng: Generator, n: int) -> np.ndarray:
    """Buyers of a BG/NBD model: orders, days since the last, mean basket, tenure, minutes."""
    T = rng.uniform(90, 720, n)
    lam = rng.gamma(2.0, 0.02 / 2.0, n)
    p = rng.beta(1.0, 7.0, n)
    last = np.zeros(n)
    orders = np.ones(n)
    t = np.zeros(n)
    alive = np.ones(n, bool)
    for _ in range(400):
        t = t + rng.exponential(1 / lam)
        buy = alive & (t <= T)
        if not buy.any():
            break
        last[buy] = t[buy]
        orders[buy] += 1
        alive = buy & (rng.random(n) >= p)
    taste = rng.normal(0, 0.5, n)
    shape = 4.0 * orders
    basket = 35 * np.exp(taste) * rng.gamma(shape, 1 / shape)
    minutes = np.exp(1.8 + 0.4 * taste + rng.normal(0, 0.5, n))
    return np.column_stack(
        [orders, np.round(T - last, 1), np.round(basket, 2), np.round(T), minutes]
    )


def zipf_activity(rng: Generator, n: int) -> np.ndarray:
    """Counts of seven acts, each rank rarer, all driven by one level of activity."""
    act = rng.exponential(0.9, n) + rng.normal(0, 0.4, n)
    out = []
    for j in range(7):
        mu = np.log(90.0 / (j + 1)) + rng.uniform(0.7, 1.1) * (act - 0.9) + rng.normal(0, 0.45, n)
        out.append(rng.poisson(np.exp(np.minimum(mu, 12))))
    return np.column_stack(out).astype(float)


def t_copula_mixed(rng: Generator, n: int) -> np.ndarray:
    """Counts, amounts, a share, an answer and a yes-or-no, joined by a t copula with 5 df."""
    p = 8
    R = one_factor(rng, p, 0.35, 0.8)
    Z = rng.multivariate_normal(np.zeros(p), R, n) / np.sqrt(rng.chisquare(5, n) / 5)[:, None]
    U = np.clip(stats.t.cdf(Z, 5), 1e-9, 1 - 1e-9)
    cols = [
        stats.nbinom.ppf(U[:, 0], 2.0, 2.0 / (2.0 + 12)),
        stats.poisson.ppf(U[:, 1], 6),
        stats.nbinom.ppf(U[:, 2], 1.5, 1.5 / (1.5 + 25)),
        np.exp(3.5 + 0.8 * stats.norm.ppf(U[:, 3])),
        stats.beta.ppf(U[:, 4], 2, 4),
        38 + 11 * stats.norm.ppf(U[:, 5]),
        1.0 + np.digitize(U[:, 6], [0.1, 0.3, 0.65, 0.88]),
        (U[:, 7] > 0.68).astype(float),
    ]
    return np.column_stack(cols)


def banana(rng: Generator, n: int) -> np.ndarray:
    """A normal coordinate bent by its square, and two milder copies."""
    u = rng.normal(0, 1, n)
    v = 0.9 * u**2 + rng.normal(0, 0.6, n)
    w = 0.5 * (u + 0.3) ** 2 + 0.4 * u + rng.normal(0, 0.7, n)
    return np.column_stack(
        [
            40 + 9 * u + rng.normal(0, 2, n),
            200 + 35 * v,
            15 + 4 * w,
            3.4 + 0.5 * rng.normal(0, 1, n),
            60 - 8 * u + 6 * rng.normal(0, 1, n),
        ]
    )


def torus(rng: Generator, n: int) -> np.ndarray:
    """The surface of a torus with noise, turned, beside two columns that say nothing."""
    R, r = 2.0, 0.9
    a = rng.uniform(0, 2 * np.pi, n)
    b = np.empty(0)
    while len(b) < n:  # area-uniform by rejection
        c = rng.uniform(0, 2 * np.pi, 3 * n)
        b = np.concatenate([b, c[rng.random(3 * n) < (R + r * np.cos(c)) / (R + r)]])
    b = b[:n]
    S = np.column_stack(
        [(R + r * np.cos(b)) * np.cos(a), (R + r * np.cos(b)) * np.sin(a), r * np.sin(b)]
    )
    S = turned(rng, S + rng.normal(0, 0.15, (n, 3)))
    dull = rng.normal(0, 1, (n, 2))
    return np.column_stack(
        [
            100 + 20 * S[:, 0],
            5 + 0.8 * S[:, 1],
            300 + 55 * S[:, 2],
            45 + 12 * dull[:, 0],
            2.5 + 0.4 * dull[:, 1],
        ]
    )


def helix(rng: Generator, n: int) -> np.ndarray:
    """Two turns of a helix; one column follows the height."""
    t = rng.uniform(0, 1, n)
    ph = rng.uniform(0, 2 * np.pi)
    x = np.cos(4 * np.pi * t + ph) + rng.normal(0, 0.22, n)
    y = np.sin(4 * np.pi * t + ph) + rng.normal(0, 0.22, n)
    z = 4 * t + rng.normal(0, 0.25, n)
    return np.column_stack(
        [50 + 14 * x, 12 + 3 * y, 80 + 20 * z, 6 + 1.5 * (z - 2) + rng.normal(0, 1.2, n)]
    )


def ridge_dip(curve: np.ndarray, shares: np.ndarray, noise: float) -> float:
    """Give the deepest valley of the log density between two higher places of a curve."""
    squared = ((curve[:, None, :] - curve[None, :, :]) ** 2).sum(axis=2)
    height = np.log((np.exp(-0.5 * squared / noise**2) * shares).sum(axis=1))
    left = np.maximum.accumulate(height)
    right = np.maximum.accumulate(height[::-1])[::-1]
    return float((np.minimum(left, right) - height).max())


def random_curve(rng: Generator, n: int) -> np.ndarray:
    """A smooth curve through five columns, drawn again where its density has a valley."""
    g = np.linspace(0, 1, 1001)
    while True:
        C = np.zeros((len(g), 5))
        for k in range(1, 4):
            C += (
                np.cos(np.pi * k * g + rng.uniform(0, 2 * np.pi, 5)[:, None]).T
                * rng.normal(0, 1, 5)
                / k
            )
        C += (g[:, None] - 0.5) * rng.normal(0, 2, 5)
        C = (C - C.mean(0)) / C.std(0)
        arc = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(C, axis=0), axis=1))])
        arc /= arc[-1]
        q = np.linspace(0.003, 0.997, 160)
        Q = np.column_stack([np.interp(q, arc, C[:, j]) for j in range(5)])
        if ridge_dip(Q, stats.beta.pdf(q, 1.3, 1.3), 0.3) < 0.2:
            break
    s = rng.beta(1.3, 1.3, n)
    X = np.column_stack([np.interp(s, arc, C[:, j]) for j in range(5)]) + rng.normal(0, 0.3, (n, 5))
    return np.array([500, 40, 7, 22, 3.5]) + X * np.array([120, 9, 1.6, 5, 0.7])


def crescent_wedge(rng: Generator, n: int) -> np.ndarray:
    """A bent wedge that spreads as its level rises."""
    s = rng.triangular(0, 0.25, 1, n)
    sp = 0.06 + 0.45 * s
    e = rng.normal(0, 1, (n, 6))
    return np.column_stack(
        [
            20 + 100 * (s + 0.03 * e[:, 0]),
            300 + 400 * (np.sin(2.4 * s) + 0.8 * sp * e[:, 1]),
            50 + 30 * (s + sp * e[:, 2]),
            12 + 6 * (-0.7 * s + sp * e[:, 3]),
            4 + 2 * sp * (e[:, 4] + 0.5 * e[:, 2]),
            35 + 10 * e[:, 5],
        ]
    )


def triangular_sums(rng: Generator, n: int) -> np.ndarray:
    """Sums of triangular variables, log-concave, skewed both ways."""
    mode = [0.05, 0.5, 0.95, 0.3, 0.7, 0.0]
    own = np.column_stack([rng.triangular(0, m, 1, n) for m in mode])
    f = rng.triangular(0, rng.choice([0.1, 0.9]), 1, n)
    load = rng.uniform(0.3, 1.3, 6) * rng.choice([1, 1, -1], 6)
    load[5] = 0.0  # a pure triangle
    X = own + f[:, None] * load
    return np.array([25, 40, 20, 3, 8, 200.0]) + X * np.array([30, 50, 20, 5, 12, 700.0])


def rounded_laplace(rng: Generator, n: int) -> np.ndarray:
    """Percentages of one Laplace factor, answered in steps of five."""
    f = rng.laplace(0, 1 / np.sqrt(2), n)
    load = rng.uniform(0.4, 0.9, 7) * rng.choice([1, 1, -1], 7)
    z = f[:, None] * load + rng.normal(0, 1, (n, 7)) * np.sqrt(1 - load**2)
    pct = np.array([50, 42, 58, 47, 55, 50, 45]) + z * np.array([14, 16, 13, 15, 12, 17, 14])
    return np.clip(5 * np.round(pct / 5), 0, 100)


def followers_engagement(rng: Generator, n: int) -> np.ndarray:
    """Heavy-tailed followers, and engagement that falls with them."""
    lf = 6.2 + rng.normal(0, 0.9, n) + rng.exponential(0.9, n)
    le = np.log(0.05) - 0.28 * (lf - 7) + 0.45 * rng.standard_t(5, n)
    fol = np.exp(lf)
    eng = np.minimum(np.exp(le), 0.9)
    likes = rng.poisson(np.minimum(fol * eng, 1e9))
    comm = rng.poisson(np.exp(np.log(likes + 1.0) - 2.0 + rng.normal(0, 0.6, n)))
    ppw = np.exp(1.0 + 0.2 * (lf - 7) + rng.normal(0, 0.6, n))
    following = np.round(np.exp(5.6 + 0.25 * (lf - 7) + rng.normal(0, 0.8, n)))
    return np.column_stack([np.round(fol), 100 * eng, likes, comm, np.round(ppw, 1), following])


def tenure_saturating(rng: Generator, n: int) -> np.ndarray:
    """Sign-ups at any date, and counts that rise with tenure and level off."""
    m = rng.uniform(1, 48, n)
    drive = rng.normal(0, 0.35, n)

    def sat(top, tau):
        return rng.poisson(top * (1 - np.exp(-m / tau)) * np.exp(drive + rng.normal(0, 0.25, n)))

    tried = rng.binomial(20, 0.85 * (1 - np.exp(-(m + 4) / (14 * np.exp(-drive)))))
    return np.column_stack(
        [
            np.round(m, 1),
            sat(40, 12),
            sat(25, 20),
            sat(120, 8),
            tried,
            np.exp(3 + 0.8 * drive + rng.normal(0, 0.5, n)),
        ]
    )


def hour_of_week(rng: Generator, n: int) -> np.ndarray:
    """Mean cosine and sine of the hours of acts, blurrier for quiet people."""
    th = rng.vonmises(rng.uniform(-np.pi, np.pi), 0.8, n)
    ev = 3 + rng.poisson(np.exp(rng.normal(2.8, 0.8, n)))
    kap = np.exp(rng.normal(0.5, 0.5, n))
    M = int(ev.max())
    A = rng.vonmises(th[:, None], kap[:, None], (n, M))
    W = np.arange(M)[None, :] < ev[:, None]
    c = (np.cos(A) * W).sum(1) / ev
    s = (np.sin(A) * W).sum(1) / ev
    wk = rng.beta(2 + 1.0 * (1 + np.cos(th)), 5)
    return np.column_stack(
        [c, s, ev, np.exp(2 + 0.15 * np.log(ev) + rng.normal(0, 0.5, n)), 100 * wk]
    )


def mnar_factor(rng: Generator, n: int) -> np.ndarray:
    """One normal factor; high values of three columns are missing more often."""
    f = rng.normal(0, 1, n)
    load = rng.uniform(0.45, 0.85, 8)
    z = f[:, None] * load + rng.normal(0, 1, (n, 8)) * np.sqrt(1 - load**2)
    X = np.column_stack(
        [
            30 + 8 * z[:, 0],
            np.exp(4 + 0.7 * z[:, 1]),
            5 + 1.2 * z[:, 2],
            np.exp(10 + 0.5 * z[:, 3]),
            50 + 15 * z[:, 4],
            np.exp(2 + 0.4 * z[:, 5]),
            100 + 15 * z[:, 6],
            7 + z[:, 7],
        ]
    )
    miss = np.zeros((n, 8), bool)
    for j, c in ((1, 1.8), (3, 1.5), (6, 2.0)):
        miss[:, j] = rng.random(n) < 1 / (1 + np.exp(c - 0.5 * f - 0.5 * z[:, j]))
    miss[:, 4] = rng.random(n) < 0.04
    return some_missing(rng, X, miss)


CONTINUA = {
    "BG/NBD history": bgnbd_history,
    "Zipf activity": zipf_activity,
    "t copula, mixed": t_copula_mixed,
    "banana": banana,
    "torus": torus,
    "helix": helix,
    "random curve": random_curve,
    "crescent wedge": crescent_wedge,
    "triangular sums": triangular_sums,
    "rounded Laplace": rounded_laplace,
    "followers and engagement": followers_engagement,
    "saturating tenure": tenure_saturating,
    "hour of the week": hour_of_week,
    "missing not at random": mnar_factor,
}
