"""Consent fails closed: a no binds by any key it carries, a yes only when it is plain in every way.

words     how words are compared, and what names of columns say by them (words.yml)
answers   polarity and purposes: what a row says
column_rules  by which words each column of a file says no
hearing   refusals in files that give something else: acts, unmapped columns, messages
cells     what stands in columns, all rows together
open_columns  columns of people that nobody explained, which stop exports until somebody looks
keys      identifiers as the keys they may be met by again
refusals  every no as keys, and whom they bind; kept for those who come later
table     what each person allows, and how each file was read
"""

from coterie.sourcing.consent.codes import is_list
from coterie.sourcing.consent.hearing import heard_entries, may_refuse
from coterie.sourcing.consent.open_columns import names_answers, unexplained_names
from coterie.sourcing.consent.refusals import earlier_refusals
from coterie.sourcing.consent.table import Consents, read_consents
