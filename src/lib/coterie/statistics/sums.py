"""Sums that do not depend on the order in which they were added up."""

import numpy as np


def ten_digits(sums: np.ndarray) -> np.ndarray:
    """Round sums to ten digits; whole numbers stay as they are.

    Cores add up in any order, which moves the last of a sum's sixteen digits, and what is found
    must not depend on the machine.

    >>> ten_digits(np.array([3711.7799999999997, 12345678901.0])).tolist()
    [3711.78, 12345678901.0]
    """
    sums = sums.astype(float)
    digits = 9 - np.floor(np.log10(np.maximum(np.abs(sums), 1.0)))
    rounded = np.round(sums * 10**digits) / 10**digits
    return np.where(sums == np.round(sums), sums, rounded)
