"""The behaviour table: what each person did, every feature declared once."""

from coterie.features.activity.answers import answer_times, answered_share
from coterie.features.activity.declared import FEATURES, behaviour, require_activity
from coterie.features.activity.scales import check_scale
from coterie.features.activity.tracing import dictionary
