"""Looks before the end: intervals that hold however often, and whenever, somebody looks."""

import numpy as np

EARLY_SHARE = 0.2  # of alpha, spent on looks before the end; the rest is left for the end


def early_alpha(alpha: float, looks: int) -> float:
    """Say how much of the error may be spent before the end; nothing where nobody may look.

    >>> round(early_alpha(0.05, 28), 3), early_alpha(0.05, 1)
    (0.01, 0.0)
    """
    return alpha * EARLY_SHARE if looks > 1 else 0.0


def sequence_factor(share: np.ndarray | float, *, alpha: float) -> np.ndarray | float:
    """Say how many standard errors wide an interval must be on each side to hold at every look.

    `share` is how much of the planned people has been seen; the intervals are narrowest,
    relative to one look, when all have.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), "Time-uniform central limit theory and
    asymptotic confidence sequences", Annals of Statistics 52: theorem 2.2.

    >>> round(float(sequence_factor(1.0, alpha=0.05)), 2)
    3.04
    """
    aimed = -2 * np.log(alpha)
    narrowest = aimed + np.log(aimed + 1)
    seen = np.maximum(share, 1e-9) * narrowest
    return np.sqrt(2 * (seen + 1) / seen * np.log(np.sqrt(seen + 1) / alpha))
