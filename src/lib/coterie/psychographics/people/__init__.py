"""People who matter.

reactions (who reacts to whom), relevance (who writes about the topic), influence (who is listened
to), reach (the same by group), mentions (how each speaks of the brand), advocates (who speaks for
it, who against, whom to answer).
"""
