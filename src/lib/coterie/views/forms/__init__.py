"""What several notebooks show in one form.

note (a sentence where there is nothing to draw), piece (plain HTML), effects (an outcome in its own
unit), measures (those of several forecasts side by side).
"""
