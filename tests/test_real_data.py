"""A newcomer has no real data: tests that read them are skipped, and say what is missing."""

import pytest


def test_real_data_that_are_not_there_skip_a_test(real_data):
    with pytest.raises(pytest.skip.Exception, match="real data no/such/folder are not there"):
        real_data("no/such/folder")


def test_a_test_that_asks_for_real_data_is_marked_real(request, real_data):
    assert request.node.get_closest_marker("real")
