"""The corridor between the rooms: runs a study's notebooks in order and publishes what they found.

notebooks     the notebooks as they stand on disk
dependencies  which files of the library a notebook imports
staleness     whether a notebook's last result still stands
state         one run under way
run           what a run begins from; `execution` runs it on `kernels`
publish       pages, index and its `run_facts`, findings; `promotion` makes them the last good ones
own_words     words on pages that name nobody, though somebody may be called so
readback      what 02 read of each file, for `coterie check`
soundness     whether what a run builds on is as it was written
lifetimes     how long old versions live, and what goes after a run; `leftovers` of killed runs
adoption      work by hand becomes the study's result
expiry        what may not be kept is deleted, everywhere
worlds, lock, checkup    planted files, one run at a time, `doctor`
judging       pre-aggregated tests at once, for `coterie judge`
drafts        a first study file: `peeking` into files, their `contexts`, the `newest` moment
reviewing     pairs of accounts that wait for a person's word
"""

from coterie.runner.adoption import adopt
from coterie.runner.drafts import draft_study
from coterie.runner.rotation import rotate_key
from coterie.runner.run import run_study
