"""07: who qualifies, and when? Rules that a person wrote, checked, read back and applied.

language (how a rule is written, compiled, read back, replayed and explained), companies (whom
people work for), lists (who is on which, and why), grid (who is close to buying, and who is busy),
triggers (what happened, and when something may be done about it).
"""

from coterie.rules.companies.columns import with_companies
from coterie.rules.companies.firmographics import REGISTER
from coterie.rules.companies.lists import company_lists
from coterie.rules.companies.rollup import Companies, roll_up
from coterie.rules.grid.trial import Grid, try_grid
from coterie.rules.language.columns import Column, rule_columns
from coterie.rules.lists.by_hand import read_by_hand
from coterie.rules.lists.dynamic import Past, Refreshed, refresh_lists
from coterie.rules.lists.people import people_table, with_acts
from coterie.rules.lists.qualifying import Qualified, obstacles, qualify, segment_shares
from coterie.rules.lists.refresh import readable_rules
from coterie.rules.lists.rfm import Migration, migration
from coterie.rules.lists.standard import with_standard
from coterie.rules.triggers.batch import Triggered, count_decisions, decide_log, log_of
from coterie.rules.triggers.checking import read_triggers
from coterie.rules.triggers.tuning import Tuning, tune
