"""Training the readers of notebook 04: `coterie train`.

No stage of a study: it reads public sets and writes a folder.

corpora (labelled texts, from which sets), examples (a set small enough to look at), fitting (one
head's adapter), multitask (one adapter for several heads), evaluation (calibration, and scores on
texts never seen), cards (what a head is for).
"""

from coterie.training.examples import example_sets, packaged_evaluations
from coterie.training.fitting import predict, train_and_store, train_head
from coterie.training.multitask import train_shared_and_store
