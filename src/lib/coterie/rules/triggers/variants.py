"""A trigger with other thresholds: more acts or fewer, a longer wait or a shorter one."""

from coterie.rules.triggers.syntax import (
    Count,
    First,
    Followed,
    Missed,
    Pattern,
    Restarted,
    Trigger,
)

LONGEST = 366 * 86_400  # seconds, as in every trigger
STEPS = (0.25, 0.5, 1, 2, 4)  # of the time that is written


def variants(trigger: Trigger) -> list[Trigger]:
    """List a trigger with the thresholds to try, the written one first; a first act has no other.

    Quiet hours move nothing but the hour of sending, so they are left out.

    >>> from coterie.rules.triggers.syntax import Act
    >>> [v.pattern.n for v in variants(Trigger("t", "", Count(Act("view"), 3, 3600)))]
    [3, 2, 4, 5, 6]
    """
    written = trigger.pattern
    others = [pattern for pattern in _patterns(written) if pattern != written]
    return [trigger._replace(pattern=own, quiet=None) for own in [written, *others]]


def threshold_of(pattern: Pattern) -> int:
    """Give the number that is tried: acts, or seconds."""
    match pattern:
        case Count(_, n, _):
            return n
        case Restarted(_, after):
            return after
        case First():
            return 0
    return pattern.within


def is_silence(pattern: Pattern) -> bool:
    """Say whether a pattern is that somebody stopped, which no conversion speaks for."""
    return isinstance(pattern, Missed) and pattern.act == pattern.other


def _patterns(pattern: Pattern) -> list[Pattern]:
    """List a pattern with other thresholds."""
    match pattern:
        case Count(_, n, _):
            tried = sorted({max(n - 1, 1), n + 1, n + 2, 2 * n})
            return [pattern._replace(n=least) for least in tried]
        case Missed(_, _, within) | Followed(_, _, within):
            return [pattern._replace(within=own) for own in _times(within)]
        case Restarted(_, after):
            return [pattern._replace(after=own) for own in _times(after)]
    return []


def _times(seconds: int) -> list[int]:
    """List times around one, in whole seconds and at most a year."""
    return [round(step * seconds) for step in STEPS if 1 <= step * seconds <= LONGEST]
