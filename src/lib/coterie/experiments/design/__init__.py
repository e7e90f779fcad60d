"""What will decide, written down before anybody looks; in the order to read it.

plan (arms, metrics, what is worth acting on), registry (every plan ever, with its date), sizing
(how many people it takes), sequential (looks before the end), looks (the few that were planned).
"""
