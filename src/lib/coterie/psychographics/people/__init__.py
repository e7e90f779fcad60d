"""People who matter.

influence (who is listened to), advocates (who speaks for the brand, who against, whom to answer).
"""
