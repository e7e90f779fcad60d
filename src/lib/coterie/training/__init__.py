"""Training the readers of notebook 04: `coterie train`.

No stage of a study: it reads public sets and writes a folder.

corpora (labelled texts, from which sets), examples (a set small enough to look at), fitting
(adapter, calibration, evaluation), cards (what a head is for).
"""

from coterie.training.examples import example_sets, packaged_evaluations
from coterie.training.fitting import predict, train_and_store, train_head
