"""Raw files read a second time, by another way than `reading`'s: for checks, never for results.

plain_reading (the whole map, by Python's own modules), plain_picking (some rows of files that may
be too large to hold).
"""
