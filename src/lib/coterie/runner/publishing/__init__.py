"""What a finished run leaves: pages, index and findings, and nothing that should be gone.

publish (the notebooks as pages), run_facts (what the index says besides findings), own_words (words
on pages that name nobody), promotion (its tables and pages become the last good ones), lifetimes
(how long older ones live).
"""
