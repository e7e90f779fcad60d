"""Lines of an order are one event of their sum; other money enters at its rate or not at all."""

from dataclasses import dataclass

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sourcing.test_sourcing import AS_OF, act, source

from coterie import contracts, sourcing
from coterie.sourcing.quarantine import check_rows, sort_rows
from coterie.study import SettingsError

COLUMNS = {"account": "account", "at": "at", "verb": "verb", "object_id": "order", "value": "value"}


def line(order="o1", value="1", **changes):
    return act(**{"verb": "purchase", "order": order, "value": value} | changes)


def orders(rows, *, name="f.csv", **columns):
    """Make a file of basket lines, the order's number in the column `order`."""
    made = source(rows, "events", name=name, columns=COLUMNS | columns)
    return made._replace(entry=made.entry | {"sum_by": "order"})


@dataclass
class Door:
    """Files let in together: their rows, and the events they become."""

    sources: list
    money: dict

    def rows(self):
        return sort_rows(check_rows(self.sources, "events", as_of=AS_OF, **self.money))

    def events(self):
        kept = self.rows().kept
        links = kept.select("platform", "account").distinct().mutate(person_id=ibis._.account)
        posts = sort_rows(check_rows([], "posts", as_of=AS_OF)).kept
        return (
            sourcing.events_table(kept, posts, links, key=b"k")
            .order_by("person_id", "at", "value")
            .to_pandas()
        )

    def reasons(self):
        return sorted(
            self.rows()
            .quarantined.to_pandas()[["file", "row", "reason"]]
            .itertuples(index=False, name=None)
        )


def door(*sources, **money):
    return Door(list(sources), money)


def test_the_lines_of_an_order_are_one_act_worth_their_sum():
    found = door(orders([line(value="0.1"), line(value="0.2"), line("o2", "5")])).events()
    assert found["value"].tolist() == [
        0.3,
        5.0,
    ]  # exactly: 0.1 + 0.2 of floats would be 0.30000000000000004
    assert set(found) == set(contracts.Events.types)


def test_account_and_time_keep_orders_apart_that_share_a_number():
    rows = [line(), line(account="bo"), line(at="2026-06-02"), line(verb="refund")]
    assert len(door(orders(rows)).events()) == 4


def test_money_back_is_an_act_of_its_own_and_a_negative_purchase_none():
    found = door(orders([line(value="9"), line(verb="refund", value="-4"), line(value="-1")]))
    assert found.events()[["verb", "value"]].values.tolist() == [
        ["refund", -4.0],
        ["purchase", 9.0],
    ]
    assert found.reasons() == [("f.csv", 4, "negative value on a purchase")]


def test_a_line_without_an_order_is_an_act_of_its_own():
    found = door(
        orders([line(None, "1"), line(None, "2"), line("o1", "3"), line("o1", "4")])
    ).events()
    assert found["value"].tolist() == [1.0, 2.0, 7.0]


def test_an_article_bought_twice_counts_twice_and_a_late_copy_of_the_file_not_at_all():
    twice = [line(value="2"), line(value="2"), line(value="3")]
    late = orders([*twice, line(value="2")], name="late.csv")
    found = door(orders(twice), late)
    assert found.events()["value"].tolist() == [9.0]  # the third 2 is new
    assert [place[:2] for place in found.reasons()] == [
        ("late.csv", 2),
        ("late.csv", 3),
        ("late.csv", 4),
    ]


def test_lines_that_differ_otherwise_are_still_one_order():
    rows = [line(value="1") | {"kind": "b"}, line(value="2") | {"kind": "a"}]
    found = door(orders(rows, content_type="kind")).events()
    assert found[["value", "content_type"]].values.tolist() == [[3.0, "a"]]


def test_files_with_and_without_lines_stand_side_by_side():
    single = source([act(verb="purchase", value="7")], "events", name="single.csv")
    assert door(orders([line(), line()]), single).events()["value"].tolist() == [2.0, 7.0]


def test_a_number_that_cannot_be_added_up_is_set_aside():
    assert door(orders([line(value="2e11")])).reasons() == [
        ("f.csv", 2, "value too large to add up")
    ]
    assert door(orders([line(value="1e300")])).reasons() == [
        ("f.csv", 2, "value too large to add up")
    ]
    assert door(source([act(value="1e300")], "events")).reasons() == [
        ("f.csv", 2, "value too large to add up")
    ]


@settings(max_examples=6, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 999)), min_size=1, max_size=15),
    st.randoms(),
)
def test_no_order_of_rows_changes_a_sum_and_no_money_is_lost(lines, random):
    rows = [line(order, f"{cents / 100:.2f}") for order, cents in lines]
    expected = pd.DataFrame(lines).groupby(0)[1].sum().div(100).sort_values().tolist()
    random.shuffle(rows)
    found = door(orders(rows))
    assert found.events()["value"].tolist() == expected
    assert found.rows().kept.count().execute() == len(rows)


def test_only_events_add_up():
    made = source([{"user": "ana"}], "accounts", columns={"account": "user"})
    wrong = made._replace(entry=made.entry | {"sum_by": "user"})
    with pytest.raises(SettingsError, match=r"path: f.csv\)\.sum_by: only the rows of events"):
        check_rows([wrong], "accounts", as_of=AS_OF)


def paid(*pairs):
    """Make a file of purchases that state a currency."""
    rows = [
        act(verb="purchase", value=value, at=f"2026-06-{day:02}")
        for day, (value, _) in enumerate(pairs, 1)
    ]
    rows = [row | {"money": code} for row, (_, code) in zip(rows, pairs, strict=True)]
    columns = {c: c for c in ("account", "at", "verb", "value")} | {"currency": "money"}
    return source(rows, "events", columns=columns)


def test_money_enters_at_its_rate_and_stays_as_it_is_without_a_currency():
    found = door(
        paid(("8", "USD"), ("3", "eur"), ("5.55", None)), currency="EUR", rates={"USD": 0.5}
    ).events()
    assert found["value"].tolist() == [4.0, 3.0, 5.55]


def test_a_currency_without_a_rate_is_set_aside_by_its_name():
    found = door(
        paid(("8", "gbp"), (None, "GBP"), ("1", "ana@x.org")), currency="EUR", rates={"USD": 0.5}
    )
    assert found.reasons() == [
        ("f.csv", 2, "currency GBP has no rate in 02_sourcing.rates"),
        ("f.csv", 4, "currency that is no three-letter code has no rate in 02_sourcing.rates"),
    ]
    assert len(found.events()) == 1


def test_a_whole_file_may_be_in_another_currency():
    columns = {c: c for c in ("account", "at", "verb", "value")} | {"currency": "=USD"}
    made = source([act(verb="purchase", value="8")], "events", columns=columns)
    assert door(made, currency="EUR", rates={"USD": 0.5}).events()["value"].tolist() == [4.0]


def test_lines_of_an_order_are_converted_before_they_add_up():
    rows = [line(value="8") | {"money": "USD"}, line(value="1") | {"money": "EUR"}]
    found = door(orders(rows, currency="money"), currency="EUR", rates={"USD": 0.5})
    assert found.events()["value"].tolist() == [5.0]


@pytest.mark.parametrize("rate", [0, -1, "1", True, float("nan"), float("inf"), None])
def test_a_rate_that_is_no_worth_is_named(rate):
    with pytest.raises(SettingsError, match=r"02_sourcing\.rates\.USD: must be a number above 0"):
        door(paid(("8", "USD")), currency="EUR", rates={"USD": rate}).rows()


def test_a_mapped_currency_asks_for_the_studys_own():
    with pytest.raises(
        SettingsError, match=r"02_sourcing\.currency: .*path: f\.csv.* like  currency: EUR"
    ):
        door(paid(("8", "USD")), rates={"USD": 0.5}).rows()


@pytest.mark.parametrize("engine", ["duckdb", "bigquery", "snowflake", "postgres"])
def test_adding_up_compiles_for_every_engine(engine):
    from coterie.sourcing.money import ACT, add_up

    names = [*ACT, "platform_verb", "object_id", "content_type"]
    schema = dict.fromkeys(names, "string") | {"at": "timestamp", "value": "float64"}
    assert (
        "GROUP BY"
        in str(ibis.to_sql(add_up(ibis.table(schema, name="acts")), dialect=engine)).upper()
    )
