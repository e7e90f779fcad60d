"""Companies, which B2B calls accounts: whom people work for, in the order to read it.

names (one company in several spellings), roles (who takes part in buying), stages (how far a
company is), firmographics (what is known of it beside its people), employers (who works where, by
what they state or the domain they write from), rollup (people put together by
company), columns (what rules may ask of it), lists (companies that a rule names).
"""
