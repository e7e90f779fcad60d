"""The column map's entries: which raw file gives what, and how its rows are joined and filtered.

files (the entries, found and read), listing (which files a path stands for), joins (a second file
that says more), experiment_files (an entry that means two kinds of rows), register (the one file of
companies beside the map).
"""
