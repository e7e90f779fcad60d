"""04: what do people care about? Posts read by a small local model, then added up.

Nine families, in the order in which a stranger should read them:

reading    one network with several heads: what a post sounds like and wants
labelling  labels of posts, what they add up to for a person, how often they are right
topics     what posts are about: interests, hashtags, what recurs among the rest, few-shot topics
trends     what changes: sudden topics, new ones, the mood
listening  which posts mention a brand, and its share of voice
opinions   what people like and dislike, complain about, and whether an answer helps
content    what goes with reactions to a post
people     who is heard, who speaks for the brand and who against it
surveys    answers weighted to the population, and imputed for those who were not asked
"""

from coterie.psychographics.content.effects import content_effects
from coterie.psychographics.content.outcomes import post_outcomes
from coterie.psychographics.labelling.accuracy import accuracy_by_kind, score_labels
from coterie.psychographics.labelling.labels import (
    coverage,
    label_posts,
    leading_brand,
    reading_facts,
)
from coterie.psychographics.labelling.sheet import choose_posts
from coterie.psychographics.labelling.traits import all_traits, traits_as_of, value_traits
from coterie.psychographics.listening.queries import brand_queries
from coterie.psychographics.listening.voice import voice_of_brands
from coterie.psychographics.opinions.aspects import aspect_words, name_aspects, strengths
from coterie.psychographics.opinions.complaints import complaints_by_brand
from coterie.psychographics.opinions.threads import recovery, thread_moods, thread_pairs
from coterie.psychographics.people.advocates import count_roles, rank_contacts
from coterie.psychographics.people.influence import influence_of
from coterie.psychographics.people.mentions import mention_counts
from coterie.psychographics.people.reach import reach_by_interest
from coterie.psychographics.reading.reader import card_scores, load_reader, read_texts
from coterie.psychographics.reading.selection import posts_to_read
from coterie.psychographics.topics.discovery import queue_topics
from coterie.psychographics.topics.interests import (
    find_interests,
    interest_shares,
    leading_interest,
)
from coterie.psychographics.trends.bursts import (
    clear_bursts,
    find_bursts,
    first_burst,
    topic_counts,
)
from coterie.psychographics.trends.novelty import find_new_topics
from coterie.psychographics.trends.reputation import Reputation, follow_reputation, sentiment_counts
