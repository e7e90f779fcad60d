"""Training the readers of notebook 04: `coterie train`.

No stage of a study: it reads public sets and writes a folder.

corpora (labelled texts, from which sets), examples (a set small enough to look at), teaching
(adapter, calibration, evaluation), cards (what a head is for).
"""

from coterie.training.examples import example_lessons, packaged_evaluations
from coterie.training.teaching import predict, teach_head, train_head
