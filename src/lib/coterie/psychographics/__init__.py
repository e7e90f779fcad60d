"""04: what do people care about? Posts read by a small local model, then added up.

Five families, in the order in which a stranger should read them:

reading    one network with several heads: what a post sounds like and wants; labels, traits
topics     what posts are about: interests, hashtags, what recurs among the rest, few-shot topics
listening  what is said of brands: queries, share of voice, aspects, complaints, bursts, novelty,
           reputation, threads, content
people     who is heard, who speaks for the brand and who against it
surveys    answers weighted to the population, and imputed for those who were not asked
"""

from coterie.psychographics.listening.aspects import (
    aspect_words,
    find_aspects,
    make_aspects,
    strengths,
)
from coterie.psychographics.listening.bursts import find_bursts, topic_counts
from coterie.psychographics.listening.complaints import complaints_by_brand
from coterie.psychographics.listening.novelty import new_topics, novel_posts
from coterie.psychographics.listening.queries import brand_query, check_query, match, mentions
from coterie.psychographics.listening.reputation import follow_reputation, sentiment_counts
from coterie.psychographics.listening.threads import recovery, thread_moods, thread_pairs
from coterie.psychographics.listening.voice import share_of_voice, voice_counts
from coterie.psychographics.people.advocates import count_roles, mention_counts, rank_contacts
from coterie.psychographics.people.influence import (
    influence_of,
    rank_influence,
    reach_by,
    reaction_pairs,
)
from coterie.psychographics.reading.encoder import load_encoder
from coterie.psychographics.reading.heads import decide
from coterie.psychographics.reading.labelling import choose_posts
from coterie.psychographics.reading.labels import (
    VALENCE,
    all_traits,
    coverage,
    label_posts,
    mood_by,
    person_traits,
    score_labels,
    value_traits,
)
from coterie.psychographics.reading.reader import card_scores, load_reader, read_texts
from coterie.psychographics.reading.texts import language, plain
from coterie.psychographics.surveys.imputation import group_answers, impute
from coterie.psychographics.surveys.raking import rake
from coterie.psychographics.topics.discovery import topic_queue
from coterie.psychographics.topics.few_shot import fit_topics
from coterie.psychographics.topics.hashtags import split_hashtag, word_ranks
from coterie.psychographics.topics.interests import (
    find_interests,
    interest_shares,
    packaged_taxonomy,
)
