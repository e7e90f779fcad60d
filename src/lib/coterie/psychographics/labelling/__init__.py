"""Labels: of posts, added up to people, compared with the truth.

labels (what is read in each post), traits (what a person's posts add up to), accuracy (how often
labels are right), sheet (the posts that a person labels).
"""
