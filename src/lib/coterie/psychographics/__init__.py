"""04: what do people care about? Posts read by a small local model with a few heads, then added up.

Reading: texts (what the model sees, and the language), encoder and heads (one network, many readings), reader (nothing
is read twice), classifiers (heads of another make), calibration, labels (posts and people), labelling (a study's own
sheet). About: interests, hashtags, topics, few_shot. Listening: syntax and queries (boolean mention queries), voice
(share of it), aspects and evidence, complaints, bursts, novelty, reputation, threads, content. People: influence,
advocates. Surveys: raking, survey.
"""

from coterie.psychographics.advocates import count_roles, mention_counts, rank_contacts
from coterie.psychographics.aspects import aspect_words, find_aspects, make_aspects, strengths
from coterie.psychographics.bursts import find_bursts, topic_counts
from coterie.psychographics.calibration import abstention_curve, calibration_error
from coterie.psychographics.complaints import complaints_by_brand
from coterie.psychographics.encoder import load_encoder
from coterie.psychographics.few_shot import fit_topics
from coterie.psychographics.hashtags import split_hashtag, word_ranks
from coterie.psychographics.heads import decide
from coterie.psychographics.influence import influence_of, rank_influence, reach_by, reaction_pairs
from coterie.psychographics.interests import find_interests, interest_shares, packaged_taxonomy
from coterie.psychographics.labelling import choose_posts
from coterie.psychographics.labels import (
    VALENCE,
    all_traits,
    coverage,
    label_posts,
    mood_by,
    person_traits,
    score_labels,
    value_traits,
)
from coterie.psychographics.novelty import new_topics, novel_posts
from coterie.psychographics.queries import brand_query, check_query, match, mentions
from coterie.psychographics.raking import rake
from coterie.psychographics.reader import card_scores, load_reader, read_texts
from coterie.psychographics.reputation import follow_reputation, sentiment_counts
from coterie.psychographics.survey import group_answers, impute
from coterie.psychographics.texts import language, plain
from coterie.psychographics.threads import recovery, thread_moods, thread_pairs
from coterie.psychographics.topics import topic_queue
from coterie.psychographics.voice import share_of_voice, voice_counts
