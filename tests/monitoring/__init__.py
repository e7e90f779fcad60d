"""Tests of the room `monitoring`, and the worlds they are held against."""
