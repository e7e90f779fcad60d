"""What changes over time.

periods (complete days and weeks), habit (what a topic's counts usually are), bursts (sudden
topics), novelty (posts like none before), steps (change points in a noisy series), reputation
(lasting changes of mood).
"""
