"""What posts are about.

interests (the nearest node of a taxonomy), hashtags (in plain words), discovery (what recurs among
posts that fit no interest), few_shot (topics learned from a few labelled posts).
"""
