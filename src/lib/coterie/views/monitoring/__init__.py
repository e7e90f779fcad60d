"""What 11 shows. Read in this order.

indicators (by week, alerts, and who changed segment), refreshing (lists that grow old, and what
renewing them costs), mapping (the next round: goals, content, tests).
"""

from coterie.views.monitoring.indicators import alerts, by_segment, everybody, movement
