"""04: what do people care about? Posts embedded by a small local model, read by nearness to prototypes."""

from coterie.psychographics.encoder import Encoder, load_encoder
from coterie.psychographics.labels import (
    VALENCE,
    Prototypes,
    classify,
    label_posts,
    majority_share,
    make_prototypes,
    mood_by,
    person_traits,
    prototype_sentences,
    score_labels,
)
