"""What the other commands do with a study, one file a command.

checkup (`doctor`: is everything here that a run needs), readback (`check`: what 02 read of each
file), reviewing (`review`: pairs of accounts that wait for a word), judging (`judge`: tests that
came as sums), adoption (`adopt`: work by hand becomes the result), rotation (`rotate`: a new key).
"""
