"""A written rule means one thing: what it compiles to, what it reads like, and what it refuses."""

import ibis
import pyarrow as pa
import pytest
from rules.event_logs import AS_OF, COLUMNS

from coterie.rules import obstacles, people_table, qualify, rule_columns, segment_shares
from coterie.rules.language.checking import read_rule, read_rules
from coterie.rules.language.english import in_english
from coterie.rules.language.expressions import compile_rule
from coterie.rules.lists.qualifying import members
from coterie.study import SettingsError

ROWS = [
    {"person_id": f"p{at}", "frequency": f, "recency_days": r, "evening_share": e, "segment": s}
    for at, (f, r, e, s) in enumerate(
        [
            (0, 0.0, 0.0, "S1"),
            (1, 7.0, 0.25, "S2"),
            (2, 14.0, 0.5, "S1"),
            (5, 30.0, 1.0, None),
            (None, 6.5, 0.3, "S2"),
            (5, None, None, "S3"),
            (None, None, None, None),
        ]
    )
]
PEOPLE = pa.Table.from_pylist(
    ROWS,
    schema=pa.schema(
        [
            ("person_id", pa.string()),
            ("frequency", pa.int64()),
            ("recency_days", pa.float64()),
            ("evening_share", pa.float64()),
            ("segment", pa.string()),
        ]
    ),
)


def english(rule: str) -> str:
    return in_english(read_rule("x", rule, COLUMNS, as_of=AS_OF).tree, COLUMNS)


@pytest.fixture(scope="module")
def people() -> ibis.Table:
    engine = ibis.duckdb.connect()
    return engine.create_table("people", PEOPLE)


def answers(rule: str, people: ibis.Table) -> list[bool | None]:
    holds = compile_rule(read_rule("x", rule, COLUMNS, as_of=AS_OF).tree, people)
    table = people.select("person_id", holds=holds).order_by("person_id").to_pyarrow()
    return table["holds"].to_pylist()


def test_missing_is_not_false(people):
    assert answers("frequency > 4", people)[4] is None
    assert answers("not (frequency > 4)", people)[4] is None
    assert answers("frequency > 4 or frequency is missing", people)[4] is True
    assert answers("frequency > 4 and recency_days > 20", people)[4] is False


def test_and_binds_closer_than_or_and_not_closest(people):
    loose = answers("frequency = 0 or frequency = 1 and segment = 'S1'", people)
    tight = answers("frequency = 0 or (frequency = 1 and segment = 'S1')", people)
    assert loose == tight
    assert answers("not frequency = 0 and segment = 'S1'", people)[0] is False
    assert answers("NOT frequency = 0 AND segment IN ('S1')", people)[2] is True


@pytest.mark.parametrize(
    ("rule", "read"),
    [
        ("frequency > 4", "orders: more than 4"),
        ("recency_days<2 weeks", "time since last seen: less than 14 days"),
        ("evening_share >= 30%", "active in the evening: at least 30 %"),
        ("purchase_probability > 0.5", "purchase probability: more than 50 %"),
        (
            "frequency > 4 and (spend > 10 or segment in ('S1', 'S2'))",
            'orders: more than 4 and (money spent: more than 10 or segment: one of "S1", "S2")',
        ),
        ("not frequency > 4", "not (orders: more than 4)"),
        ("cadence_days is missing", "time between active days: missing"),
    ],
)
def test_a_rule_is_read_back_in_english(rule, read):
    assert english(rule) == read


@pytest.mark.parametrize(
    ("rule", "column", "said"),
    [
        ("frequency >", 12, "the rule ends; expected a number, a text in quotes"),
        ("frequncy > 4", 1, "did you mean frequency"),
        ("gender = 'f'", 1, "no column 'gender'"),
        ("inferred_interest_health > 1", 1, "no column"),
        ("4 < frequency", 1, "write the column first"),
        ("frequency == 4", 12, "write = for =="),
        ("frequency > 4 & spend > 3", 15, "write and for &"),
        ("frequency > 'a'", 13, "compared with a number"),
        ("segment > 'S1'", 11, "segment is text; write =, != or in"),
        ("segment = 3", 11, "a text in quotes"),
        ("spend = 3", 9, "write >= or <="),
        ("frequency > 4\nand spend = 3", 27, "write >= or <="),
        ("spend > 30 %", 12, "write the number alone"),
        ("recency_days < 2 %", 18, "write minutes, hours, days, weeks"),
        ("(frequency > 4", 15, "expected )"),
        ("", 1, "the rule ends; expected a column"),
    ],
)
def test_an_error_shows_the_place_and_what_could_stand_there(rule, column, said):
    with pytest.raises(SettingsError) as error:
        read_rule("loyal", rule, COLUMNS, as_of=AS_OF)
    message, *_, caret = str(error.value).splitlines()
    assert message.startswith("07_rules.rules.loyal: ")
    assert said in message
    assert caret.index("^") - 1 == column


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (" and ".join(["frequency > 4"] * 40), "write at most 500"),
        ("not " * 30 + "frequency > 4", "nested deeper than 20"),
        (4, "write the rule as a text"),
    ],
)
def test_a_rule_that_nobody_can_read_is_refused(rule, said):
    with pytest.raises(SettingsError, match=said):
        read_rule("loyal", rule, COLUMNS, as_of=AS_OF)


def test_who_qualifies_is_counted_and_listed_and_the_unknown_apart(people):
    rules = read_rules(
        {"buyers": "frequency >= 2", "late": "recency_days > 10"}, COLUMNS, as_of=AS_OF
    )
    found = qualify(rules, people, columns=COLUMNS)
    assert found.table[["rule", "n_people", "n_unknown"]].values.tolist() == [
        ["buyers", 3, 2],
        ["late", 2, 2],
    ]
    assert (found.n_people, found.n_any) == (7, 3)
    rows = members(rules, people).order_by("rule", "person_id").to_pandas()
    assert rows.values.tolist() == [
        *[["p2", "buyers"], ["p3", "buyers"], ["p5", "buyers"]],
        *[["p2", "late"], ["p3", "late"]],
    ]


def test_without_rules_the_tables_are_empty(people):
    found = qualify([], people, columns=COLUMNS)
    assert found.table.empty
    assert (found.n_people, found.n_any, found.n_certain) == (7, 0, 0)
    assert members([], people).count().execute() == 0
    assert segment_shares([], people).empty


def test_a_small_part_of_a_segment_takes_the_next_smallest_with_it():
    sizes = [("S1", 200, 100), ("S2", 150, 80), ("S3", 90, 10)]
    rows = [
        {"person_id": f"{name}-{at}", "frequency": int(at < buyers), "segment": name}
        for name, size, buyers in sizes
        for at in range(size)
    ]
    rules = read_rules({"buyers": "frequency > 0"}, COLUMNS, as_of=AS_OF)
    shares = segment_shares(rules, ibis.memtable(pa.Table.from_pylist(rows)), min_people=50)
    assert shares[["segment", "share"]].values.tolist() == [["S1", 0.5]]


def test_people_without_segment_or_score_have_nothing_there():
    behaviour = ibis.memtable(pa.table({"person_id": ["ana", "bo"], "frequency": [1, 2]}))
    places = {"segment": ["S1"], "segment_name": ["one"], "tier": ["core"], "membership": [0.9]}
    segments = ibis.memtable(pa.table({"person_id": ["ana"]} | places))
    scores = ibis.memtable(pa.table({"person_id": ["bo"], "score": ["p"], "value": [0.3]}))
    table = people_table(behaviour, segments, scores, names=["p"]).order_by("person_id")
    rows = table.select("person_id", "segment", "p").to_pyarrow().to_pylist()
    assert rows == [
        {"person_id": "ana", "segment": "S1", "p": None},
        {"person_id": "bo", "segment": None, "p": 0.3},
    ]


def test_a_number_is_no_name_for_a_rule():
    with pytest.raises(SettingsError, match="put a number in quotes"):
        read_rules({5: "frequency > 1"}, rule_columns(), as_of=AS_OF)


def test_what_keeps_people_out_is_the_first_clause_that_fails(people):
    rules = read_rules({"x": "frequency > 0 and recency_days > 10"}, COLUMNS, as_of=AS_OF)
    stops = obstacles(rules, people, columns=COLUMNS, min_people=1)
    assert stops[["clause", "n_people", "share"]].values.tolist() == [
        ["orders: more than 0", 3, 0.6],
        ["time since last seen: more than 10 days", 2, 0.4],
    ]
