"""A rule is one thing in four forms: in the engine, by hand, in English, and explained."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.event_logs import AS_OF, COLUMNS, PEOPLE, ROW, RULES, SINGLE, acts_of, tables

from coterie.rules import with_acts
from coterie.rules.language.checking import Rule, read_rule, read_rules
from coterie.rules.language.columns import WHOLE, column_of
from coterie.rules.language.english import in_english, read_english
from coterie.rules.language.explanations import why_in, why_out
from coterie.rules.language.expressions import compile_rule
from coterie.rules.language.replay import holds, replayed
from coterie.rules.language.syntax import Compare, Member, Not
from coterie.study import DataError, SettingsError

KNOWN = {"columns": COLUMNS, "as_of": AS_OF}


def read(rule: str, **named: str) -> Rule:
    return read_rule("x", rule, COLUMNS, as_of=AS_OF, named=named)


def by_engine(rules: list[Rule], people: list[tuple]) -> list[list[bool | None]]:
    """Ask the engine: one list a rule, one answer a person."""
    table, events = tables(people)
    asked = with_acts(table, events, rules, **KNOWN)
    answers = {f"r{at}": compile_rule(rule.tree, asked) for at, rule in enumerate(rules)}
    found = asked.select("person_id", **answers).order_by("person_id").to_pyarrow()
    return [found[name].to_pylist() for name in answers]


def by_hand(rule: Rule, people: list[tuple]) -> list[bool | None]:
    """Ask the oracle."""
    rows = [replayed(rule.tree, acts_of(drawn), row, **KNOWN) for row, drawn in people]
    return [holds(rule.tree, row) for row in rows]


def check_forms(texts: list[str], people: list[tuple]) -> None:
    """Hold the forms of some rules against each other."""
    rules = [read(text) for text in texts]
    for rule, answers in zip(rules, by_engine(rules, people), strict=True):
        assert answers == by_hand(rule, people), rule.expression
        english = in_english(rule.tree, COLUMNS)
        assert read_english(english, **KNOWN, named={}).tree == rule.tree, english


@settings(max_examples=12, deadline=None)
@given(texts=st.lists(RULES, min_size=12, max_size=12), people=PEOPLE)
def test_engine_oracle_and_english_are_one(texts, people):
    check_forms(texts, people)


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None)
@given(texts=st.lists(RULES, min_size=10, max_size=10), people=PEOPLE)
def test_engine_oracle_and_english_are_one_ten_thousand_times(texts, people):
    check_forms(texts, people)


def test_the_edge_of_a_window_belongs_to_it_and_the_day_itself_does_not():
    row = {"frequency": 1, "recency_days": 1.0, "evening_share": 0.5, "segment": None}
    on_the_edge = [(row, [(7 * 86_400, "purchase", 5.0)])]
    just_outside = [(row, [(7 * 86_400 + 1, "purchase", 5.0)])]
    of_the_day = [(row, [(0, "purchase", 5.0)])]
    rule = read("purchases in 7 days = 1")
    for people, answer in [(on_the_edge, True), (just_outside, False), (of_the_day, False)]:
        assert by_engine([rule], people) == [[answer]]
        assert by_hand(rule, people) == [answer]


def test_who_never_bought_has_no_last_purchase_and_zero_purchases():
    row = {"frequency": 0, "recency_days": 1.0, "evening_share": 0.5, "segment": None}
    rules = [read(text) for text in ("last_purchase < 30 days", "not last_purchase < 30 days")]
    rules += [read("purchases = 0"), read("purchase_value <= 0")]
    assert by_engine(rules, [(row, [])]) == [[None], [None], [True], [True]]


def test_a_named_rule_is_the_rule_it_names():
    rules = read_rules(
        {"loyal": "purchases > 1", "both": 'member of "loyal" and segment = S1'}, **KNOWN
    )
    inner, outer = rules
    assert outer.tree.parts[0] == Member("loyal", inner.tree)
    english = in_english(outer.tree, COLUMNS)
    assert english == 'member of "loyal" and segment: "S1"'
    named = {rule.name: rule.expression for rule in rules}
    assert read_english(english, **KNOWN, named=named).tree == outer.tree
    people = [({"segment": "S1"}, [(86_400, "purchase", 1.0)] * n) for n in (1, 2)]
    assert by_engine([outer], people) == [[False, True]]
    assert by_hand(outer, people) == [False, True]


def test_rules_in_rules_are_five_deep_and_never_go_round():
    chain = {f"r{n}": f"member of r{n + 1}" for n in range(5)} | {"r5": "purchases > 1"}
    assert read_rules(chain, **KNOWN)[0].name == "r0"
    longer = chain | {"top": "member of r0"}
    with pytest.raises(SettingsError, match="deeper than 5 levels"):
        read_rules(longer, **KNOWN)
    with pytest.raises(SettingsError, match="in a circle: a → b → a"):
        read_rules({"a": "member of b", "b": "not member of a"}, **KNOWN)
    with pytest.raises(SettingsError, match="did you mean loyal"):
        read_rules({"loyal": "purchases > 1", "b": "member of loial"}, **KNOWN)


@pytest.mark.parametrize(
    ("rule", "column", "said"),
    [
        ("segment = S9", 11, "there are S1, S2, S3"),
        ("tier = cor", 8, "did you mean core"),
        ("purchases in 30 > 2", 17, "expected a unit like days"),
        ("frequency in 30 days > 2", 14, "is not counted over days"),
        ("purchases in 0 days > 2", 14, "more than 0 days"),
        ("purchases in 999999999999 days > 2", 14, "at most a hundred years"),
        ("frequency > 10000000000000000", 13, "at most 1,000,000,000,000,000"),
        (f"recency_days < {'9' * 400} days", 16, "at most 1,000,000,000,000,000"),
        ("last_purchase since 2026-02-30", 21, "there is no day 2026-02-30"),
        ("frequency since 2026-02-01", 1, "is no moment"),
        ("last_purchase since yesterday", 21, "expected a date like 2026-07-01"),
        ("last_purchase < 3 months", 19, "expected a unit like days, and, or, the end"),
        ("purchase_values > 3", 1, "did you mean purchase_value"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(rule, column, said):
    with pytest.raises(SettingsError) as error:
        read(rule)
    message, *_, caret = str(error.value).splitlines()
    assert said in message
    assert caret.index("^") - 1 == column


def test_what_keeps_somebody_out_is_the_first_clause_that_fails():
    rule = read("frequency > 4 and (segment = S1 or recency_days < 2 weeks)")
    row = {"frequency": 7, "segment": "S2", "recency_days": 20.0}
    assert why_out(rule, row, COLUMNS).text == (
        'segment: "S1" does not hold: it is "S2"; it would with "S1".'
    )
    poor = why_out(rule, row | {"frequency": 3}, COLUMNS)
    assert (poor.clause, poor.value, poor.change) == ("orders: more than 4", "3", "5 or more")
    missing = why_out(rule, row | {"frequency": None}, COLUMNS)
    assert missing.text == "orders: more than 4 cannot be told: orders is missing."
    with pytest.raises(DataError, match="ask why_in"):
        why_out(rule, row | {"segment": "S1"}, COLUMNS)


def test_what_lets_somebody_in_is_every_clause_that_decides():
    rule = read("frequency > 4 and not (segment = S1 or recency_days > 2 weeks)")
    row = {"frequency": 7, "segment": "S2", "recency_days": 3.0}
    assert [reason.text for reason in why_in(rule, row, COLUMNS)] == [
        "orders: more than 4 holds: it is 7; it would not with 4 or less.",
        'not (segment: "S1") holds: it is "S2"; it would not with "S1".',
        "not (time since last seen: more than 14 days) holds: it is 3 days; "
        "it would not with more than 14 days.",
    ]
    with pytest.raises(DataError, match="ask why_out"):
        why_in(rule, row | {"frequency": 1}, COLUMNS)


@settings(max_examples=60, deadline=None)
@given(text=RULES, row=ROW, drawn=PEOPLE)
def test_the_reasons_given_decide(text, row, drawn):
    rule = read(text)
    full = replayed(rule.tree, acts_of(drawn[0][1]), row, **KNOWN)
    if holds(rule.tree, full) is True:
        found = why_in(rule, full, COLUMNS)
        clauses = [read_english(r.clause, **KNOWN, named={}).tree for r in found]
        assert all(holds(clause, full) is True for clause in clauses)
    else:
        reason = why_out(rule, full, COLUMNS)
        clause = read_english(reason.clause, **KNOWN, named={}).tree
        assert holds(clause, full) is not True


@given(text=SINGLE, count=st.integers(0, 9))
def test_the_change_that_is_offered_turns_a_count_round(text, count):
    tree = read(text).tree
    leaf = tree.part if isinstance(tree, Not) else tree
    countable = isinstance(leaf, Compare) and column_of(leaf.column, COLUMNS).kind == WHOLE
    if countable and leaf.operator in "<=>=" and holds(tree, {leaf.column: count}) is False:
        offered = float(
            why_out(Rule("x", text, tree), {leaf.column: count}, COLUMNS).change.split()[0]
        )
        assert holds(tree, {leaf.column: offered}) is True
