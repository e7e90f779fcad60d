"""The language of rules, in the order to read it.

syntax (how a rule is written), columns (what it may speak of), checking (whether it makes sense),
measures (what it asks of the event log), expressions (the rule on a table), english (what was
understood, and back), replay (the same by hand, the oracle), explanations (why in, why out).

Where PostHog, Mautic, Unomi and HubSpot mean something else stands in GLOSSARY.md, "Rules
elsewhere".
"""
