"""Whose a folder is: nothing of anybody else's is taken, changed or deleted.

folders (made private, and one process at a time), ledger (what we made, so may delete), claims (a
lake's folder is one study's own).
"""
