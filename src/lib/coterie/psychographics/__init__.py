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
from coterie.psychographics.listening.bursts import (
    clear_bursts,
    find_bursts,
    first_burst,
    topic_counts,
)
from coterie.psychographics.listening.complaints import complaints_by_brand
from coterie.psychographics.listening.content import content_effects, post_outcomes
from coterie.psychographics.listening.novelty import find_new_topics
from coterie.psychographics.listening.queries import brand_queries
from coterie.psychographics.listening.reputation import (
    Reputation,
    follow_reputation,
    sentiment_counts,
)
from coterie.psychographics.listening.threads import recovery, thread_moods, thread_pairs
from coterie.psychographics.listening.voice import voice_of_brands
from coterie.psychographics.people.advocates import count_roles, mention_counts, rank_contacts
from coterie.psychographics.people.influence import influence_of, reach_by_interest
from coterie.psychographics.reading.heads import decide
from coterie.psychographics.reading.labelling import choose_posts
from coterie.psychographics.reading.labels import (
    accuracy_by_kind,
    all_traits,
    coverage,
    label_posts,
    leading_brand,
    reading_facts,
    score_labels,
    value_traits,
)
from coterie.psychographics.reading.past_traits import traits_as_of
from coterie.psychographics.reading.reader import card_scores, load_reader, read_texts
from coterie.psychographics.reading.selection import posts_to_read
from coterie.psychographics.topics.discovery import queue_topics
from coterie.psychographics.topics.interests import (
    find_interests,
    interest_shares,
    leading_interest,
)
