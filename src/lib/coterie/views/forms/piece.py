"""What a page shows that is neither figure nor table."""

from typing import NamedTuple


class Piece(NamedTuple):
    """One piece of a page: plain HTML, which runs and loads nothing.

    >>> Piece("<p>Hello.</p>", "a greeting")
    a greeting
    """

    html: str
    title: str

    def _repr_html_(self) -> str:
        """Show it on the page."""
        return self.html

    def __repr__(self) -> str:
        return self.title
