"""The corridor between the rooms: runs a study's notebooks in order and publishes what they found."""

from coterie.runner.drafts import draft_study
from coterie.runner.run import run_study
