"""Titles and sentences of views: a package, since its files are named like the rooms' tests."""
