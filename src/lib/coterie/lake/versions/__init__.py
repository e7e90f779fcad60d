"""Tables and models as they are kept: named after their content, with pointers to the good ones.

checks (a table against its contract), models (fitted models as files), storage (one table, one
file), integrity (does it still hold what was written), pointers (which files count: of the last
run, of one under way, by hand), journal (what a notebook read and wrote).
"""
