"""Each rule of a notebook's shape catches what it is there for, and lets the house's way pass."""

import pytest
from notebooks import shape

GOOD = """\
from coterie import segments
ruling = segments.apply(groups, rule, campaign=campaign)
shares = [row.share for row in ruling.rows]
view.lift_by_segment(ruling)"""
LINE = "weeks: int = 9  # how far back to look"


def test_a_cell_in_the_house_s_way_passes_every_rule():
    rules = (shape.sideways, shape.private_names, shape.crowded, shape.long_lines)
    assert [fault for rule in rules for fault in rule(GOOD)] == []
    assert shape.rebound([GOOD, "share = 1", "for row in shares:\n    pass"]) == []


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("def f():\n    pass", "defines f"),
        ("class F:\n    pass", "defines F"),
        ("wide = rows.filter(lambda t: t.ok)", "lambda"),
        ("shown = table if len(table) else none", "conditional expression: len(table)"),
        ("a, b = len(x), len(y)", "several assignments in one: a, b = (len(x), len(y))"),
        ("display(table)", "display("),
    ],
)
def test_code_that_does_two_things_at_once_is_found(bad, fault):
    assert shape.sideways(bad) == [fault]


def test_unpacking_one_result_is_no_fault():
    assert shape.sideways("low, high = interval(x)") == []


@pytest.mark.parametrize("bad", ["segments._inner(x)", "_hidden = 1", "from coterie.x import _y"])
def test_private_names_are_found(bad):
    assert len(shape.private_names(bad)) == 1


def test_an_underscore_alone_is_no_name():
    assert shape.private_names("_ = lake.write(contracts.Kpis, kpis)\nibis._.at") == []


@pytest.mark.parametrize(
    "cells", [["a = 1", "a = 2"], ["a = 1\na += 1"], ["import a", "for a in b: pass"], ["a, a = c"]]
)
def test_a_name_bound_twice_is_found(cells):
    assert shape.rebound(cells) == ["a"]


def test_a_name_inside_a_comprehension_is_its_own():
    assert shape.rebound(["a = [a for a in b]", "{a: 1 for a in b}"]) == []


def test_a_seventh_statement_is_found_and_imports_do_not_count():
    assert shape.crowded("\n".join(f"x{n} = {n}" for n in range(7))) == ["7 statements"]
    assert shape.crowded("\n".join(f"import x{n}" for n in range(7))) == []


def test_a_second_shown_object_is_found():
    assert shape.crowded("view.one(x)\nview.two(x)") == ["never shown: view.one(x)"]
    assert shape.crowded("table\nx = 1") == ["never shown: table"]
    assert shape.crowded("lake.write(contracts.Kpis, x)\nview.two(x)") == []


def test_a_line_over_a_hundred_columns_is_found():
    assert shape.long_lines("x" * 100) == []
    assert shape.long_lines("x" * 101) == ["x" * 101]


def test_a_number_that_is_a_setting_elsewhere_is_found():
    assert shape.settings_typed("big = rows[rows['n'] >= 50]", {50, 1, 0.05}) == [50]
    assert shape.settings_typed("small = 0.05", {50, 1, 0.05}) == [0.05]
    assert shape.settings_typed("first = rows[1], 'of 50', True", {50, 1, 0.05}) == []


@pytest.mark.parametrize(
    "bad",
    [
        "weeks = 9  # how far back to look",
        "weeks: int = 9",
        "weeks: int = 9  # short",
        "weeks: list = [  # how far back to look",
        "import math  # how far back to look",
    ],
)
def test_a_parameter_without_type_or_help_or_over_two_lines_is_found(bad):
    assert shape.loose_parameters(f"{LINE}\n{bad}") == [bad]
    assert shape.loose_parameters(LINE) == []


@pytest.mark.parametrize(
    "bad",
    [
        "for contract, table in pairs:\n    lake.write(contract, table)",
        "for table in tables:\n    lake.write(contracts.Kpis, table)",
        "lake.write(contract, table)",
        "view.kpis(lake.write(contracts.Kpis, table))",
        "save = lake.write",
        "save = lake.write_model",
        "[lake.write(contracts.Kpis, t) for t in tables]",
        "lake.write(contracts.Kpis, a), lake.write(contracts.Floors, b)",
    ],
)
def test_a_hidden_write_is_found(bad):
    assert shape.hidden_writes(bad)


def test_a_write_on_a_line_of_its_own_says_what_it_writes():
    code = "kept = lake.write(contracts.Kpis, a)\n_ = lake.write_model('assignment', b)"
    assert shape.written(code) == ["Kpis", "assignment"]
    assert shape.hidden_writes(code) == []


def test_findings_without_name_or_of_another_notebook_are_found():
    assert shape.nameless_findings("lake.record('05', n=1)", "05") == []
    for bad in ("lake.record('04', n=1)", "lake.record('05', **found)", "lake.record('05')"):
        assert shape.nameless_findings(bad, "05") == [bad]
