"""What must hold before a run begins.

lock (one run of a study at a time), leftovers (of killed runs, removed), worlds (the files of a
simulated study, planted), soundness (what a run builds on is as it was written).
"""
