"""The corridor between the rooms: runs a study's notebooks in order and publishes what they found.

Begin with `run`, one run from its beginning. Its families, in the order in which to read them:

planning     what a notebook rests on, and whether its last result still stands
preparation  what must hold before a run begins: a lock, whole files, planted worlds
running      the stale notebooks executed on kernels, while somebody watches
publishing   pages, index and findings; the last good ones; how long older ones live
drafting     a first study file from a folder of files, for `coterie new`
commands     what the other commands do: doctor, check, review, judge, adopt, rotate
expiry       what may not be kept is deleted, everywhere
streaming    triggers over events as they arrive, for `coterie watch`
"""

from coterie.runner.commands.adoption import adopt
from coterie.runner.commands.rotation import rotate_key
from coterie.runner.drafting.drafts import draft_study
from coterie.runner.run import run_study
