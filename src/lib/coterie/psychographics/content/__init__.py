"""What goes with reactions to a post.

traits (what a post does, found by words), outcomes (the reactions it drew), regression (the
adjusted and the plain ratio), confounding (what would explain a ratio away), effects (the
comparison, and when it is not safe).
"""
