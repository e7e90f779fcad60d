"""How a trigger is written: what has to happen, and how often and when it may be acted on."""

from typing import NamedTuple

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from coterie.parsing import caret_error, find_stop

GRAMMAR = r"""
trigger: pattern ("," option)*
?pattern: count | missed | followed | first | stopped | restarted
count: NUMBER act _WITHIN duration
missed: act _THEN _NO act _WITHIN duration
followed: act _THEN act _WITHIN duration
first: _FIRST act
stopped: _NO act _FOR duration
restarted: act _AFTER duration _WITHOUT
act: VERB [_ON VERB]
duration: NUMBER UNIT
?option: cooldown | cap | quiet
cooldown: _COOLDOWN duration
cap: _AT _MOST NUMBER _A PERIOD
quiet: _QUIET _FROM CLOCK _TO CLOCK

_WITHIN.2: /within\b/i
_THEN.2: /then\b/i
_NO.2: /no\b/i
_FOR.2: /for\b/i
_FIRST.2: /first\b/i
_AFTER.2: /after\b/i
_WITHOUT.2: /without\b/i
_ON.2: /on\b/i
_COOLDOWN.2: /cooldown\b/i
_AT.2: /at\b/i
_MOST.2: /most\b/i
_A.2: /a\b/i
_QUIET.2: /quiet\b/i
_FROM.2: /from\b/i
_TO.2: /to\b/i
PERIOD.2: /(day|week|month)\b/i
UNIT.2: /(seconds?|minutes?|hours?|days?|weeks?)\b/i
CLOCK.3: /\d\d:\d\d\b/
NUMBER.2: /\d+\b/
VERB: /[A-Za-z_]\w*/
%ignore /\s+/
"""
WORDS = {
    **{"NUMBER": "a whole number", "VERB": "an act like purchase", "UNIT": "a unit like days"},
    **{"CLOCK": "a time like 21:00", "PERIOD": "day, week or month", "COMMA": "a comma"},
    **{"_WITHIN": "within", "_THEN": "then", "_NO": "no", "_FOR": "for", "_FIRST": "first"},
    **{"_AFTER": "after", "_WITHOUT": "without", "_ON": "on", "_COOLDOWN": "cooldown"},
    **{"_AT": "at most", "_MOST": "most", "_A": "a", "_QUIET": "quiet", "_FROM": "from"},
    **{"_TO": "to", "$END": "the end"},
}
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 7 * 86_400}


class Act(NamedTuple):
    """One kind of act, on one platform or on any."""

    verb: str
    platform: str | None = None


class Count(NamedTuple):
    """So many acts within a time; met by the act that makes it so many."""

    act: Act
    n: int
    within: int  # seconds


class Missed(NamedTuple):
    """An act after which another is not done in time; met when the time is over."""

    act: Act
    other: Act  # the same act where somebody stopped doing it
    within: int


class Followed(NamedTuple):
    """An act and then another in time; met by the other."""

    act: Act
    other: Act
    within: int


class First(NamedTuple):
    """An act that somebody had never done before."""

    act: Act


class Restarted(NamedTuple):
    """An act that somebody had not done for a time, but once had."""

    act: Act
    after: int


Pattern = Count | Missed | Followed | First | Restarted


class Cap(NamedTuple):
    """At most so many in a day, a week (from Monday) or a month of the person's own calendar."""

    n: int
    period: str


class Quiet(NamedTuple):
    """Hours of the person's own clock in which nothing is sent; seconds since midnight."""

    start: int
    end: int


class Trigger(NamedTuple):
    """A trigger that was read and makes sense."""

    name: str
    expression: str  # as written
    pattern: Pattern
    cooldown: int = 0  # seconds after a decision without another
    cap: Cap | None = None
    quiet: Quiet | None = None

    @property
    def acts(self) -> tuple[Act, ...]:
        """The acts it looks at."""
        return tuple(dict.fromkeys(part for part in self.pattern if isinstance(part, Act)))

    @property
    def reach(self) -> int:
        """Seconds of the past that decide about a moment, apart from what only has to exist."""
        spans = {Count: "within", Missed: "within", Followed: "within", Restarted: "after"}
        name = spans.get(type(self.pattern))
        return getattr(self.pattern, name) if name else 0


@v_args(inline=True)
class _Tree(Transformer):
    """Turn what the grammar found into our tuples; tokens stay, for the caret."""

    def act(self, verb: Token, platform: Token | None = None) -> Act:
        """Read an act."""
        return Act(verb, platform)

    def duration(self, number: Token, unit: Token) -> int:
        """Read a time in seconds."""
        return int(number) * SECONDS[unit.lower().removesuffix("s")]

    def count(self, number: Token, act: Act, within: int) -> Count:
        """Read a count."""
        return Count(act, int(number), within)

    def missed(self, act: Act, other: Act, within: int) -> Missed:
        """Read an act that is missed."""
        return Missed(act, other, within)

    def followed(self, act: Act, other: Act, within: int) -> Followed:
        """Read two acts, one after the other."""
        return Followed(act, other, within)

    def first(self, act: Act) -> First:
        """Read a first act."""
        return First(act)

    def stopped(self, act: Act, within: int) -> Missed:
        """Read that somebody stopped: the act, and then not again."""
        return Missed(act, act, within)

    def restarted(self, act: Act, after: int) -> Restarted:
        """Read that somebody began again."""
        return Restarted(act, after)

    def cooldown(self, seconds: int) -> tuple:
        """Read a time without another."""
        return "cooldown", seconds

    def cap(self, number: Token, period: Token) -> tuple:
        """Read how many there may be."""
        return "cap", Cap(int(number), period.lower())

    def quiet(self, start: Token, end: Token) -> tuple:
        """Read hours in which nothing is sent."""
        return "quiet", (start, end)

    def trigger(self, pattern: Pattern, *options: tuple) -> tuple:
        """Read the whole."""
        return pattern, options


PARSER = Lark(GRAMMAR, start="trigger", parser="lalr", lexer="contextual", transformer=_Tree())


def parse(text: str, *, where: str) -> tuple[Pattern, tuple]:
    """Read a trigger into its pattern and its options, words still as they are written."""
    try:
        return PARSER.parse(text)
    except UnexpectedInput as error:
        stop = find_stop(text, error, WORDS)
        found = "the trigger ends" if stop.ended else "this cannot stand here"
        hint = f"{found}; expected {', '.join(stop.expected)}"
        raise caret_error(where, text, stop.column, hint) from None
