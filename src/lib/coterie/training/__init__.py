"""Teaching the readers of notebook 04: `coterie train`. No stage of a study; it reads public sets
and writes a folder.

corpora (what is taught, from which sets), teaching (adapter, calibration, judgement), cards (what a
head is for).
"""

from coterie.training.cards import model_card
from coterie.training.corpora import Corpus, Lessons, read_lessons
from coterie.training.examples import example_lessons, packaged_evaluations
from coterie.training.teaching import evaluate, predict, teach_head, train_head
