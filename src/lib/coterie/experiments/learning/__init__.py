"""What a test teaches beyond its decision.

shrinkage (what segments teach together, and which could be one), uplift (whether some people are
moved more), stability (whether people stay in their segments), truth (what a simulated world
planted).
"""
