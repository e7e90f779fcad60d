"""05: which groups of people are there? Clusters beside their null, names that last, people explained."""

from coterie.segments.external import effect_sizes, eta_squared, external_check
from coterie.segments.hierarchy import Tree, nest
from coterie.segments.history import events, lineage
from coterie.segments.identity import Identity, identify
from coterie.segments.lint import lint_name, lint_text
from coterie.segments.matrix import Matrix, columns_like, draw_people, feature_matrix, person_features
from coterie.segments.membership import (
    Calibration,
    Truth,
    ambiguity,
    belong,
    check_membership,
    compare_with_truth,
    fit_temperature,
    memberships,
)
from coterie.segments.naming import carry_ids, name_segments, trait_words
from coterie.segments.personas import Persona, card, make_persona, share_holding
from coterie.segments.pictures import Picture, draw_plane
from coterie.segments.placing import Placing, log_odds, place_matrix, place_people, scorer, shares
from coterie.segments.profiles import profile
from coterie.segments.rules import Surrogate, surrogate
from coterie.segments.settling import Settled, settle
from coterie.segments.surroundings import Surroundings, cards, look_around
from coterie.segments.taxonomy import audience_node, audience_nodes
from coterie.segments.tournament import Tournament, compete
from coterie.segments.verdict import SENTENCES, Verdict, judge, rank
from coterie.segments.why import Why, ablation, resolving, typical_traits, why_in, why_not
