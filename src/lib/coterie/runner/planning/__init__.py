"""What a notebook rests on, and whether it has to run: found by parsing, never by matching words.

notebooks (as they stand on disk), dependencies (files of the library that one imports), needs (the
notebooks before it that a cell waits for), staleness (whether its last result still stands), state
(all of it for one run, and where that writes).
"""
