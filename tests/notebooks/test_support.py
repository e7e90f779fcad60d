"""The real study: customer support on Twitter, with what it can and cannot show."""

import re

import pytest


def test_every_tweet_is_read_and_every_customer_counted(support_read):
    sources = support_read.table("sources")
    assert sources["rows_read"].sum() == sources["rows_kept"].sum() == 53_130
    assert len(support_read.table("people")) == 10_139
    assert len(support_read.table("quarantine")) == 0


@pytest.mark.slow
def test_the_report_says_that_there_is_no_experiment(support):
    assert support.findings["08 lift"] is None
    assert "no experiment" in (support.reports / "08_experiments.html").read_text().lower()


@pytest.mark.slow
def test_nobody_is_exported_without_having_been_asked(support):
    assert support.findings["10 n_exported"] == 0


@pytest.mark.slow
def test_accuracy_is_unknown_without_labels_and_said_to_be(support):
    assert support.findings["04 sentiment_accuracy"] is None
    assert "accuracy here is unknown" in (support.reports / "04_psychographics.html").read_text()


@pytest.mark.slow
def test_no_customer_number_of_the_data_stands_in_a_report(support):
    for page in support.reports.glob("*.html"):
        assert not re.search(r"@\d{4,}", page.read_text()), page.name
