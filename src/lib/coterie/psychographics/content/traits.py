"""Calls to action, people's own pictures and reviews, found by words."""

import ibis.expr.types as ir

TRAITS = ["call_to_action", "user_content", "review"]
# Spelt without \b and look-around, which not every engine knows. Texts are searched in small
# letters.
NOW = r"now|today|tonight|here|online|yours|via|below|at the link|before|while"
IMPERATIVES = (
    r"pre-?order|order|shop|buy|book|join|subscribe|register|download|vote|apply|donate|enter|watch"
)
BEGINS = (  # only at the start of a sentence: "I want to order now" asks nobody to do it
    rf"({IMPERATIVES}) ({NOW})",
    r"(sign|join) up( |[!.]|$)",
    r"(get|grab|claim|reserve) (yours|it now|your (free|copy|spot|seat|ticket|discount))",
    r"use (my |our |the |this )?((promo|discount|coupon|voucher) ?)?code",
    r"(tap|click) (the link|on the link|here|below|to)|swipe (up|left|right)",
    r"(learn|read|find out|see) more( |[!.:>]|$)|visit (us|our)|follow us|check out (our|the link)",
    r"tag (a|your|two|three|[0-9]) friends?|comment below",
    r"(like|retweet|rt|share|follow) (and|&|\+) [a-z]+",
    r"(don'?t|don’t) miss|enter to win|save the date|try it (now|today|free)",
)
ANYWHERE = (
    r"link in (my |our |the )?(bio|profile|story|comments)",
    r"(limited time|last chance) (offer|to)|while (stocks|supplies) last",
    r"dm (us |me )?to (order|buy|book)",
)
SHOWS = (
    r"(wearing|rocking|unboxing|unboxed) (my|the|this|these|it|them|a|an|our)|unboxing|ootd",
    r"made ([a-z]+ ){0,3}with (my|the|this|these|our) [a-z]+",
    r"(photo|photos|pic|pics|picture|pictures|selfie|video) of (me|my|the|our|us)",
    r"look what (just )?(arrived|came|i got)|(here is|here's|here’s|this is) my",
    r"(first|my) (ride|run|bake|cook|wash|trip|try) (with|in|on) (my|the|this|these)",
    r"my new [a-z]+|trying out (my|the|this)",
)
POINTS = r"[0-5]([.,]5)? ?(/ ?5|out of (5|five)|stars?)|(10|[0-9]) ?/ ?10"
STARS = rf"(^|[^0-9/])({POINTS})([^0-9/]|$)|(★|⭐){{2}}|five stars"
EVALUATES = (
    r"good|great|love|loved|excellent|perfect|amazing|brilliant|comfortable|comfy|sturdy",
    r"recommend(ed)?|worth it",
    r"bad|terrible|awful|poor|disappointing|disappointed|useless|best|worst|flimsy|regret|decent",
    r"so-so|overpriced",
)
PRODUCT = (
    r"it|them|they|product|quality|size|fit|fits|material|taste|tastes|battery|sound|colou?r",
    r"these|this",
)
USED = r"bought|ordered|received|got|tried|tested|used|owned|returned"
EXPERIENCE = (
    rf"i('ve|’ve| have)? (just |recently )?({USED})",
    r"(been|was|were) (using|wearing|testing)",
    r"(after|for) (a|an|one|two|three|four|six|[0-9]+|some|a few) (day|week|month|year)s?",
    r"since i (got|bought)|(bought|ordered) (it|this|these|them|mine|my)|arrived",
    r"(first|second) wash",
)


def content_traits(posts: ir.Table) -> ir.Table:
    """Mark posts that call to action, that show a product in use, or that review one.

    English words only. A call to action is one to the reader at the start of a sentence ("Order
    now"), or a phrase such as "link in bio"; a support desk's "send us a message" is none. User
    content needs a person as author and a brand addressed beside the words. A review needs a
    person, and stars, or a judgement, the thing and an experience.

    Adds to `posts` the yes-or-no columns call_to_action, user_content and review.

    >>> import ibis
    >>> posts = ibis.memtable(
    ...     {
    ...         "text": ["Sale! Order now", "I tried to order now", "I bought it, great fit"],
    ...         "person_id": ["", "ana", "bo"],
    ...         "about_brand": ["", "acme", "acme"],
    ...     }
    ... )
    >>> content_traits(posts).to_pandas()[TRAITS].values.tolist()
    [[True, False, False], [False, False, False], [False, False, True]]
    """
    text = posts["text"].fill_null("").lower()
    person = posts["person_id"].fill_null("") != ""
    brand = posts["about_brand"].fill_null("") != ""
    begins = text.re_search(rf"(^|[^a-z0-9' ,’]\s*|\s(and|then|so|please)\s+)({'|'.join(BEGINS)})")
    judged = _says(text, *EVALUATES) & _says(text, *PRODUCT) & _says(text, *EXPERIENCE)
    return posts.mutate(
        call_to_action=begins | _says(text, *ANYWHERE),
        user_content=person & brand & _says(text, *SHOWS),
        review=person & (text.re_search(STARS) | judged),
    )


def _says(text: ir.StringValue, *phrases: str) -> ir.BooleanValue:
    """Look for phrases as whole words."""
    return text.re_search(rf"(^|[^a-z0-9])({'|'.join(phrases)})([^a-z0-9]|$)")
