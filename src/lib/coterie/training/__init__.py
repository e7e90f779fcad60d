"""Training the readers of notebook 04: `coterie train`.

No stage of a study: it reads public sets and writes a folder.

readers (who labelled our own posts, and how well they agree), corpora and intents (labelled texts),
sets (which of them a head is trained on), examples (a set small enough to look at), losses (what
training lowers), steps (how far it goes at a time), fitting (one head's adapter), evaluation
(calibration, and scores on texts never seen), lessons, distillation and sharing (one adapter that
learns what several heads know), cards (what a head is for).
"""

from coterie.training.examples import example_sets, packaged_evaluations
from coterie.training.fitting import predict, train_and_store, train_head
from coterie.training.sharing import train_shared_and_store
