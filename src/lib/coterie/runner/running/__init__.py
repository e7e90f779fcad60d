"""A run under way: its stale notebooks executed, two at once where their tables allow it.

kernels (started ahead of need), schedule (which cell waits for whom), execution (all of it, to the
end), watch (how it goes, for whoever waits).
"""
