"""One server for all tests of fetching."""

from collections.abc import Iterator

import pytest

from collection.faults import TOKEN, Handler, Quiet, serving


@pytest.fixture(scope="session")
def faulty() -> Iterator[Quiet]:
    """A server that fails as its world plans; a test gives it the world."""
    with serving(Handler) as server:
        yield server


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token that the server knows, until it forgets it."""
    monkeypatch.setenv("COTERIE_TEST_TOKEN", TOKEN)
