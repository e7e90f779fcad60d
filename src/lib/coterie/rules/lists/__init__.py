"""Lists of people: who is on which, since when and why, in the order to read it.

rfm (recency, frequency, value in fifths), standard (lists that come with the package), people
(everything rules speak of), by_hand (changes that a person made), qualifying (who qualifies),
refresh (what changed and why, what stands), dynamic (one refresh of all lists).
"""
