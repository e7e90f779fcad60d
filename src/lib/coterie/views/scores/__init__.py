"""What 06 shows. Read in this order.

forecasts (whether there is enough to go on, and how good the forecasts are), customers (money and
moves: lifetime value, contacts that pay, segment shift).
"""

from coterie.views.scores.forecasts import (
    comparison,
    deciles,
    importance,
    reliability,
    rulings,
    sentinels,
    sufficiency,
)
