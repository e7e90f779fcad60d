"""Who was in which arm, and what they did; in the order to read it.

assignment (arms drawn by a key), campaigns (what a study's files say was done), outcomes (what
people did, in the engine), contamination (who was in other campaigns, whom the message reached),
warehouse (tests of which only sums are known).
"""
