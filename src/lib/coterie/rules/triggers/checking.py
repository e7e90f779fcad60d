"""Whether a trigger makes sense: its acts exist, its times are times, it could be met at all."""

from collections.abc import Mapping

from lark import Token

from coterie.parsing import caret_error
from coterie.rules.language.checking import NAME_LENGTH, spelt_alike
from coterie.rules.language.syntax import LONGEST
from coterie.rules.triggers.syntax import Act, Count, First, Followed, Missed, Quiet, Trigger, parse
from coterie.study import SettingsError

MOST = 1_000_000  # acts or decisions that a trigger may count to
YEAR = 366 * 86_400  # the longest that anybody has to be remembered for
LONGEST_COOLDOWN = 10 * YEAR


def read_triggers(
    written: Mapping[str, str], *, verbs: set[str], platforms: set[str]
) -> list[Trigger]:
    """Read all triggers of a study file; the first that makes no sense is an error.

    A trigger is what has to happen, in one of six forms, and behind commas how often and when it
    may be acted on:

    - `3 view within 24 hours`
    - `add then no purchase within 30 minutes`
    - `view then purchase within 1 hour`
    - `first purchase`
    - `no purchase for 60 days`
    - `purchase after 60 days without`
    - `..., cooldown 7 days, at most 2 a month, quiet from 21:00 to 08:00`

    An act is a verb, `add on shop` one on a platform. Within a time means sooner than its end:
    what is done on the second at which half an hour is over comes too late for `within 30 minutes`.

    Raises
    ------
    SettingsError
        Showing the trigger with a caret under the place it makes no sense at, and what would.

    >>> known = {"verbs": {"add", "purchase"}, "platforms": {"shop"}}
    >>> text = "add on shop then no purchase within 30 minutes, cooldown 1 day"
    >>> [trigger] = read_triggers({"abandoned": text}, **known)
    >>> trigger.pattern.act, trigger.pattern.within, trigger.cooldown
    (Act(verb='add', platform='shop'), 1800, 86400)
    """
    return [_read(name, text, verbs, platforms) for name, text in written.items()]


def _read(name: str, text: str, verbs: set[str], platforms: set[str]) -> Trigger:
    """Read one trigger, and see that it makes sense."""
    if not isinstance(name, str) or not 0 < len(name) <= NAME_LENGTH:
        raise SettingsError(
            f"07_rules.triggers: a trigger's name is a text of 1 to {NAME_LENGTH} characters."
        )
    where = f"07_rules.triggers.{name}"
    if not isinstance(text, str) or len(text) > LONGEST:
        raise SettingsError(f"{where}: write it as a text of at most {LONGEST} characters.")
    pattern, options = parse(text, where=where)
    acts = [part for part in pattern if isinstance(part, Act)]
    named = {act: _known(act, text, where, verbs, platforms) for act in acts}
    parts = [named.get(part, part) if isinstance(part, Act) else part for part in pattern]
    chosen = dict(options)
    if len(chosen) < len(options):
        raise SettingsError(f"{where}: says the same thing twice behind its commas.")
    if "quiet" in chosen:
        chosen["quiet"] = _quiet(*chosen["quiet"], text=text, where=where)
    trigger = Trigger(name, " ".join(text.split()), type(pattern)(*parts), **chosen)
    _require_sense(trigger, where)
    return trigger


def _known(act: Act, text: str, where: str, verbs: set[str], platforms: set[str]) -> Act:
    """Find an act among those of the event log; a plural is meant as its singular."""
    verb = next((v for v in (act.verb, act.verb.removesuffix("s")) if v in verbs), None)
    if verb is None:
        advice = spelt_alike(act.verb, tuple(verbs), f"there are {', '.join(sorted(verbs))}")
        raise caret_error(where, text, act.verb.start_pos + 1, f"nobody did {act.verb}; {advice}")
    if act.platform is not None and act.platform not in platforms:
        there = f"there are {', '.join(sorted(platforms))}"
        advice = spelt_alike(act.platform, tuple(platforms), there)
        at = act.platform.start_pos + 1
        raise caret_error(where, text, at, f"no platform {act.platform}; {advice}")
    return Act(str(verb), None if act.platform is None else str(act.platform))


def _quiet(start: Token, end: Token, *, text: str, where: str) -> Quiet:
    """Read two times of the day."""
    seconds = []
    for clock in (start, end):
        hour, minute = map(int, clock.split(":"))
        if hour > 23 or minute > 59:
            raise caret_error(where, text, clock.start_pos + 1, f"there is no {clock} o'clock")
        seconds.append(hour * 3600 + minute * 60)
    if seconds[0] == seconds[1]:
        raise caret_error(where, text, start.start_pos + 1, "quiet all day; then leave it out")
    return Quiet(*seconds)


def _require_sense(trigger: Trigger, where: str) -> None:
    """Refuse what could never be met, or would be met by everything."""
    pattern = trigger.pattern
    if isinstance(pattern, Count) and not 1 <= pattern.n <= MOST:
        raise SettingsError(f"{where}: write at least 1 act, and at most {MOST:,}.")
    if trigger.cap and not 1 <= trigger.cap.n <= MOST:
        raise SettingsError(f"{where}: at most 1 to {MOST:,} in a time; of none, leave it out.")
    if trigger.cooldown > LONGEST_COOLDOWN:
        raise SettingsError(f"{where}: write a cooldown of at most ten years.")
    if not isinstance(pattern, First) and not 0 < trigger.reach <= YEAR:
        raise SettingsError(f"{where}: write a time of more than nothing and at most a year.")
    if isinstance(pattern, Missed | Followed):
        alike = pattern.act.verb == pattern.other.verb
        apart = None not in (pattern.act.platform, pattern.other.platform)
        overlap = alike and not (apart and pattern.act.platform != pattern.other.platform)
        stopped = isinstance(pattern, Missed) and pattern.act == pattern.other
        if overlap and not stopped:
            raise SettingsError(f"{where}: one act would be both; name two different ones.")
