"""Make the planted world: knobs in, a company's export files and the truth behind them out."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.demo import activity, words
from coterie.demo.baskets import plant_baskets
from coterie.demo.files import write_files
from coterie.demo.people import PLATFORMS, make_accounts, make_people, make_profiles
from coterie.demo.poor import poor_files

TRUTHS = ["sentiment", "intent", "topic"]  # what the hand-labelled sample of posts says
CANARY = ["last", "email", "handle", "phone", "spaced"]


class World(NamedTuple):
    """What a company would see of a planted world, and what is true."""

    files: dict[str, bytes]  # relative path -> content, exactly as the exports would be
    # people, accounts, posts, campaigns, flaws (spoilt lines), abandoners, knobs
    truth: dict[str, pd.DataFrame]
    # names, addresses, phones and handles that nothing outside the vault may ever show
    canaries: list[str]


class Knobs(NamedTuple):
    """What a planted world is like; a study file sets them under `world`."""

    n_people: int = 3000  # bots included
    days: int = 180  # before as_of; 28 or more, for the offer's outcome to fit
    seed: int = 7  # every random choice follows from it
    as_of: date = date(2026, 7, 1)  # first day nobody has lived yet
    overlap: float = 0.25  # share of people who are three tenths of a second segment
    half_life_days: float = 30.0  # days after a contact in which interest halves
    contact_days: float = 25.0  # mean days from one contact (a newsletter opened) to the next
    bot_share: float = 0.04  # share of people who are bots, a third of each kind
    lift: float = 0.16  # what the offer adds to the chance of an order in 28 days, in two segments
    opt_out_share: float = 0.06  # share of those who allowed advertising and later take it back
    unlinked_share: float = 0.03  # share of social and web accounts with a mistyped address
    posts_per_person: float = 2.0  # posts the mean person writes in the whole window
    reply_share: float = 0.45  # share of posts addressing the brand that it answers
    duplicate_share: float = 0.01  # exact copies per genuine event row
    malformed_share: float = 0.004  # spoilt copies per genuine event row and CRM contact
    late_share: float = 0.02  # share of page views that arrive in a later file
    n_labelled_posts: int = 1500  # posts in the hand-labelled sample
    leaver_share: float = 0.0  # share of people who leave for good, without a word
    poor_source: bool = False  # a forum's export besides, not worth building on
    n_abandoners: int = 0  # customers who besides fill one basket in the shop and leave it


DEFAULT = Knobs()


def make_world(knobs: Knobs = DEFAULT) -> World:
    """Invent a brand's customers, what they did before `as_of`, and the files that show it.

    Nothing is written, and the same knobs give the same bytes. Flaws stand in the files beside the
    genuine rows, so a reader that sets all of them aside sees the world undisturbed.

    >>> world = make_world(Knobs(60, 40))
    >>> world.files["campaigns/winter_retarget.csv"].decode().splitlines()[0]
    'address,arm,assigned'
    >>> len(world.truth["people"])
    60
    """
    days = knobs.days
    who, live, write, hold, export, late = np.random.default_rng(knobs.seed).spawn(6)
    until = np.datetime64(knobs.as_of, "s")
    first, offer = (
        until - np.timedelta64(days, "D"),
        max(0, min(round(0.6 * days), days - activity.HORIZON - 1)),
    )

    shares = {"bot_share": knobs.bot_share, "overlap": knobs.overlap}
    people = make_people(who, knobs.n_people, **shares, lift=knobs.lift)
    people = make_profiles(late, people)
    people, exposures = activity.make_arms(who, people, first, offer=offer, earlier=days // 5)
    tastes = activity.make_tastes(who, people)
    rhythm = {"half_life_days": knobs.half_life_days, "contact_days": knobs.contact_days}
    opens, fade, weeks = activity.make_rates(live, people, days, first, **rhythm)
    posts = activity.make_posts(
        live, people, tastes, fade * weeks, first, posts_per_person=knobs.posts_per_person
    )
    social = activity.make_events(live, people, tastes, fade * weeks, first)
    orders = activity.make_orders(live, people, weeks, first, offer=offer)
    if knobs.leaver_share:
        leaving = np.random.default_rng([knobs.seed, 2])  # the others' numbers stay as they are
        share = {"share": knobs.leaver_share, "offer": offer}
        left = activity.make_leavers(leaving, people, days, **share)
        acts = (posts, social, opens, orders)
        posts, social, opens, orders = (activity.before_leaving(a, left, first) for a in acts)
        people["left_day"] = left
        people["lift"] = people["lift"].where(left > offer, 0.0)
    events = pd.concat([activity.with_objects(live, social, posts, people), opens, orders])
    posts = words.with_words(write, posts, people)

    used = used_by(hold, people, events, posts)
    accounts = make_accounts(hold, people, used, first=first, unlinked_share=knobs.unlinked_share)
    owners = accounts[["number", "platform", "account", "person"]]
    events, posts, exposures = (
        frame.merge(owners, on=["number", "platform"]) for frame in (events, posts, exposures)
    )
    consents = make_consents(hold, accounts, first, days, opt_out_share=knobs.opt_out_share)
    labels = make_labels(
        hold, posts, accounts, lift=people["lift"].mean(), n_posts=knobs.n_labelled_posts
    )
    replies = words.write_replies(write, posts, reply_share=knobs.reply_share, until=until)
    tables = {
        "accounts": accounts,
        "events": events,
        "posts": pd.concat([posts, replies]),
        "exposures": exposures,
    }
    flaws = {
        "duplicate_share": knobs.duplicate_share,
        "malformed_share": knobs.malformed_share,
        "late_share": knobs.late_share,
    }
    files, flaws = write_files(export, tables | {"consents": consents, "labels": labels}, **flaws)
    if knobs.poor_source:
        own_draws = np.random.default_rng([knobs.seed, 1])  # the others' numbers stay as they are
        files |= poor_files(own_draws, people, first=first, until=until)
    baskets = np.random.default_rng([knobs.seed, 2])
    span = {"first": first, "until": until}
    left = plant_baskets(baskets, files, events, n=knobs.n_abandoners, **span)

    people["consent"] = (
        people["number"].map(consents.groupby("number")["granted"].last()).fillna("never asked")
    )
    lifts = pd.concat([people, people.assign(segment="all")]).groupby("segment", as_index=False)
    truth = {
        "people": people.drop(columns=["number", "primary", "secondary", "spaced"]),
        "accounts": accounts[["platform", "account", "person", "linked"]],
        "posts": posts[
            [
                "platform",
                "post_id",
                "account",
                "person",
                "bot",
                *TRUTHS,
                "aspect",
                "about_brand",
                "at",
            ]
        ],
        "campaigns": lifts.agg(n_people=("person", "size"), lift=("lift", "mean")).assign(
            campaign="spring-offer"
        ),
    }
    canaries = people.loc[people["canary"], CANARY].to_numpy().ravel().tolist()
    chosen = pd.DataFrame([knobs._asdict()]).astype({"as_of": str})
    truth |= {"flaws": flaws, "abandoners": left, "knobs": chosen}
    return World(files, truth, canaries)


def used_by(rng, people: pd.DataFrame, events: pd.DataFrame, posts: pd.DataFrame) -> pd.DataFrame:
    """List who has an account where: wherever they act, always e-mail, mostly the CRM."""
    crm = people[~people["bot"] & (rng.random(len(people)) < 0.75)]
    everywhere = people.loc[people["canary"], ["number"]].merge(
        pd.DataFrame({"platform": PLATFORMS}), how="cross"
    )
    parts = [people.assign(platform="email"), crm.assign(platform="crm"), everywhere, events, posts]
    return pd.concat([part[["number", "platform"]] for part in parts])


def make_consents(
    rng, accounts: pd.DataFrame, first, days: int, *, opt_out_share: float
) -> pd.DataFrame:
    """Ask most CRM contacts about advertising; some who agree take it back mid-window."""
    asked = accounts[(accounts["platform"] == "crm") & (rng.random(len(accounts)) < 0.9)]
    agreed = rng.random(len(asked)) < 0.92
    consents = asked[["number", "account", "platform"]].assign(
        purpose="advertising", granted=agreed, at=first
    )
    left = consents[agreed & (rng.random(len(asked)) < opt_out_share)]
    day = rng.integers(days // 4, 3 * days // 4, len(left)).astype("timedelta64[D]")
    consents = pd.concat([consents, left.assign(granted=False, at=first + day)])
    return consents.assign(granted=consents["granted"].map({True: "true", False: "false"}))


def make_labels(
    rng, posts: pd.DataFrame, accounts: pd.DataFrame, *, lift: float, n_posts: int
) -> pd.DataFrame:
    """Label a sample of posts, every person's segment and the offer's lift, to score a study."""
    human = posts[~posts["bot"]]
    sample = human.sample(min(n_posts, len(human)), random_state=rng)
    sample = sample.assign(aspect=sample["aspect"].replace("", "none"))
    sample = sample.melt(["platform", "post_id"], [*TRUTHS, "aspect"], "name", "label")
    owners = accounts[(accounts["platform"] == "email") & ~accounts["bot"]].assign(name="segment")
    offer = pd.DataFrame(
        [{"platform": "email", "campaign": "spring-offer", "name": "lift", "label": f"{lift:.6f}"}]
    )
    labels = pd.concat([sample, owners.assign(label=owners["segment"]), offer])
    return labels[["platform", "post_id", "account", "campaign", "name", "label"]].fillna("")
