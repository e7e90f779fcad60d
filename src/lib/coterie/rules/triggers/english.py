"""What was understood: a trigger read back in English."""

from coterie.rules.triggers.syntax import (
    SECONDS,
    Act,
    Count,
    First,
    Followed,
    Missed,
    Pattern,
    Quiet,
    Trigger,
)


def in_english(trigger: Trigger) -> str:
    """Read a trigger back, with its options.

    >>> from coterie.rules.triggers.checking import read_triggers
    >>> text = "add then no purchase within 30 minutes, quiet from 21:00 to 08:00"
    >>> known = {"verbs": {"add", "purchase"}, "platforms": set()}
    >>> print(in_english(*read_triggers({"abandoned": text}, **known)))
    30 minutes after the last “add”, where no “purchase” came in between; from 21:00 to 08:00 of the
    person's own clock it waits
    """
    parts = [_pattern(trigger.pattern)]
    if trigger.cooldown:
        parts.append(f"then not again for {time_words(trigger.cooldown)}")
    if trigger.cap:
        parts.append(f"at most {trigger.cap.n} a {trigger.cap.period} of the person's calendar")
    if trigger.quiet:
        parts.append(_quiet(trigger.quiet))
    return "; ".join(parts)


def time_words(seconds: int) -> str:
    """Write a time in the largest unit that fits.

    >>> time_words(1800), time_words(86_400), time_words(90)
    ('30 minutes', '1 day', '90 seconds')
    """
    unit = next(name for name in ("week", "day", "hour", "minute", "second")
                if seconds % SECONDS[name] == 0)  # fmt: skip
    n = seconds // SECONDS[unit]
    return f"{n} {unit}" if n == 1 else f"{n} {unit}s"


def _pattern(pattern: Pattern) -> str:
    """Read back what has to happen."""
    act = _act(pattern.act)
    match pattern:
        case Count(_, n, within):
            return f"at the {act} that makes {n} in less than {time_words(within)}"
        case Missed(first, other, within) if first == other:
            return f"{time_words(within)} after the last {act}"
        case Missed(_, other, within):
            between = f"where no {_act(other)} came in between"
            return f"{time_words(within)} after the last {act}, {between}"
        case Followed(_, other, within):
            return f"at a {_act(other)} less than {time_words(within)} after a {act}"
        case First():
            return f"at the first {act}"
    return f"at a {act} after {time_words(pattern.after)} or more without one"


def _act(act: Act) -> str:
    """Name an act."""
    return f"“{act.verb}”" if act.platform is None else f"“{act.verb}” on {act.platform}"


def _quiet(quiet: Quiet) -> str:
    """Read back the quiet hours."""
    start, end = (f"{second // 3600:02d}:{second % 3600 // 60:02d}" for second in quiet)
    return f"from {start} to {end} of the person's own clock it waits"
