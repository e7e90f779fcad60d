"""05: which groups of people are there? Clusters beside their null, names that last, people explained."""

from coterie.segments.choice import SENTENCES, Choice, choose, consider, judge
from coterie.segments.clusters import Clustering, cluster, null_draw, recovery
from coterie.segments.matrix import Matrix, feature_matrix
from coterie.segments.naming import carry_ids, name_segments, trait_words
from coterie.segments.profiles import persona, profile
