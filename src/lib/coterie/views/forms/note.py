"""What a page says where there is nothing to draw."""

from typing import NamedTuple


class Note(NamedTuple):
    """A sentence in place of a figure or table: why there is none.

    >>> Note("One segment has no borders.")
    Note(reason='One segment has no borders.')
    """

    reason: str  # a whole sentence; Markdown is allowed

    def _repr_markdown_(self) -> str:
        """Show the sentence on the page."""
        return self.reason
