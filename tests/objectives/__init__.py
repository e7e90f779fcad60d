"""Tests of the room `objectives`, and the worlds they are held against."""
