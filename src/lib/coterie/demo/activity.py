"""What people of the planted world do: events that decay after a contact, orders, posts, arms."""

import hashlib

import numpy as np
import pandas as pd

from coterie.demo.people import KINDS, PLANTED, PLATFORMS, SOCIAL, knob, mix, pick

VERBS = ["view", "like", "announce", "follow", "create", "add", "arrive"]
CONTENT = ["video", "image", "text"]
TOPICS = PLANTED["topics"]
DRIFTING = list(KINDS).index(PLANTED["drifting"])
LATER = list(KINDS).index(*PLANTED["later"])
SCRAPER = list(KINDS).index("scraper")
# days lived before the window opens, so that the first day already has people long out of contact
WARM_UP = 120
HORIZON = 28  # days after the offer in which an order counts
DAWN = 5 * 3600  # arms are drawn and newsletters opened before anybody shops


def make_rates(
    rng, people: pd.DataFrame, days: int, first, *, half_life_days: float, contact_days: float
):
    """Draw who opens a newsletter when, how interest decays after it, and what weekends count."""
    contact = rng.random((len(people), WARM_UP + days)) < 1 / contact_days
    contact[:, 0] = True
    age = np.arange(WARM_UP + days) - np.maximum.accumulate(
        np.where(contact, np.arange(WARM_UP + days), 0), axis=1
    )
    bot = people["bot"].to_numpy()[:, None]  # bots hear nothing and never tire
    fade = np.where(bot, 1.0, 0.5 ** (age / half_life_days))[:, WARM_UP:]
    # 1970 began on a Thursday
    weekend = (first.astype("datetime64[D]").astype(int) + 3 + np.arange(days)) % 7 >= 5
    weight = knob("weekend")[people["primary"]][:, None]
    number, day = np.nonzero((contact & ~bot)[:, WARM_UP:])
    at = (
        first
        + day.astype("timedelta64[D]")
        + rng.integers(DAWN, 7 * 3600, len(day)).astype("timedelta64[s]")
    )
    letter = np.char.add("letter-", day.astype(str))
    opens = pd.DataFrame(
        {"number": number, "at": at, "platform": "email", "verb": "read", "object_id": letter}
    )
    return opens, fade / fade.mean(), np.where(weekend, weight, 1) * 7 / (5 + 2 * weight)


def spread(rng, people: pd.DataFrame, counts: np.ndarray, first: np.datetime64) -> pd.DataFrame:
    """Turn daily counts into events: who, when, and whose manner (`voice`) each follows."""
    number, day = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), counts.shape[1])
    who, n = people.iloc[number], len(number)
    voice = np.where(rng.random(n) < 0.3, who["secondary"], who["primary"])
    voice = np.where((voice == DRIFTING) & (day >= counts.shape[1] // 2), LATER, voice)
    taste = rng.normal(0, 0.08, len(people))[number]
    evening = rng.random(n) < np.clip(knob("evening")[voice] + taste, 0.02, 0.97)
    hour = np.where(evening, 18 + 6 * rng.random(n), 7 + 11 * rng.random(n))
    second = np.where(who["bot"], 24 * rng.random(n), hour) * 3600  # bots never sleep
    at = pd.Series(first + day.astype("timedelta64[D]") + second.astype("timedelta64[s]"))
    at = at.mask(~who["bot"].to_numpy(), lambda local: as_utc(local, who["time_zone"].to_numpy()))
    return pd.DataFrame({"number": number, "day": day, "voice": voice, "at": at})


def as_utc(local: pd.Series, zones: np.ndarray) -> pd.Series:
    """Turn the local clock of each row's time zone into UTC, daylight saving included.

    >>> evenings = pd.Series(pd.to_datetime(["2026-01-05 18:00", "2026-06-05 18:00"]))
    >>> as_utc(evenings, np.array(["Europe/Rome"] * 2)).dt.hour.tolist()
    [17, 16]
    """
    parts = [
        rows.dt.tz_localize(
            zone, nonexistent="shift_forward", ambiguous=np.zeros(len(rows), bool)
        ).dt.tz_convert(None)
        for zone, rows in local.groupby(zones)
    ]
    return pd.concat(parts).reindex(local.index) if parts else local


def make_tastes(rng, people: pd.DataFrame) -> np.ndarray:
    """Draw each person's platforms around the segment's; a fifth of the lesser ones go unused."""
    usual = mix("platforms", PLATFORMS)[people["primary"]]
    used = (rng.random(usual.shape) > 0.2) | (usual == usual.max(axis=1, keepdims=True))
    return used * rng.lognormal(0, 0.7, usual.shape)


def make_events(
    rng, people: pd.DataFrame, tastes: np.ndarray, rate: np.ndarray, first: np.datetime64
) -> pd.DataFrame:
    """Draw what people look at, like, share and follow, where, and on which kind of content."""
    level = knob("activity")[people["primary"]] / 180 * rng.lognormal(-0.1, 0.45, len(people))
    events = spread(rng, people, rng.poisson(level[:, None] * rate), first)
    voice, number = events["voice"].to_numpy(), events["number"].to_numpy()
    platform = pick(rng, mix("platforms", PLATFORMS)[voice] * tastes[number])
    verbs = PLANTED["verbs"]
    offers = np.array([[verbs.get(p, verbs["social"]).get(v, 0) for v in VERBS] for p in PLATFORMS])
    reactions = np.array([verbs["reactions"].get(v, 0) for v in VERBS])
    reacts = (platform < len(SOCIAL)) & (rng.random(len(events)) < knob("reacts")[voice])
    verb = np.array(VERBS)[pick(rng, np.where(reacts[:, None], reactions, offers[platform]))]
    formats = np.array([[PLANTED["formats"][p][c] for c in CONTENT] for p in PLATFORMS])
    liking = rng.lognormal(0, 0.4, (len(people), len(CONTENT)))[number]
    events["content_type"] = np.array(CONTENT)[
        pick(rng, mix("content", CONTENT)[voice] * formats[platform] * liking)
    ]
    events["platform"] = np.array(PLATFORMS)[platform]
    # pads follower counts
    events["verb"] = np.where((voice == SCRAPER) & (platform < len(SOCIAL)), "follow", verb)
    events.loc[events["platform"] == "shop", "content_type"] = "product"
    return events


def make_arms(
    rng, people: pd.DataFrame, first, *, offer: int, earlier: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Assign the offer by a hash of the address, the winter campaign to who buys anyway."""
    usual = knob("buys")[people["primary"]] * rng.lognormal(-0.08, 0.4, len(people))
    hashes = [
        int(hashlib.sha256(f"spring-offer:{email}".encode()).hexdigest(), 16) % 3
        for email in people["email"]
    ]
    targeted = rng.random(len(people)) < 1 - np.exp(-5 * usual)
    arms = (("spring-offer", np.array(hashes) > 0, offer), ("winter-retarget", targeted, earlier))
    frames = [
        people[["number"]].assign(campaign=name, treated=arm, day=day) for name, arm, day in arms
    ]
    rows = pd.concat(frames, ignore_index=True)
    at = first + rows["day"].to_numpy().astype("timedelta64[D]") + np.timedelta64(DAWN, "s")
    exposures = rows.assign(
        at=at, arm=np.where(rows["treated"], "treatment", "control"), platform="email"
    )
    return people.assign(usual_orders=usual, treated=arms[0][1]), exposures


def make_orders(
    rng, people: pd.DataFrame, weeks: np.ndarray, first: np.datetime64, *, offer: int
) -> pd.DataFrame:
    """Draw orders; the offer adds exactly the person's `lift` to the chance of one in 28 days."""
    usual = people["usual_orders"].to_numpy()  # in 28 days, so exp(-usual) is the chance of none
    counts = rng.poisson((usual / HORIZON)[:, None] * weeks)
    quiet = people["treated"] & (counts[:, offer : offer + HORIZON].sum(axis=1) == 0)
    won = np.flatnonzero(quiet & (rng.random(len(people)) < people["lift"] / np.exp(-usual)))
    counts[won, offer + rng.integers(0, min(HORIZON, weeks.shape[1] - offer), len(won))] += 1
    orders = spread(rng, people, counts, first).assign(platform="shop", verb="purchase")
    basket = knob("basket")[people["primary"].to_numpy()[orders["number"]]]
    numbers = [f"B{i:06d}" for i in range(len(orders))]
    return orders.assign(
        value=(basket * rng.lognormal(0, 0.5, len(orders))).round(2), object_id=numbers
    )


def make_leavers(
    rng: np.random.Generator, people: pd.DataFrame, days: int, *, share: float, offer: int
) -> np.ndarray:
    """Draw the day on which each person leaves for good; `days` for those who stay.

    Nobody leaves in the first fifth, nor while the offer's outcome counts: whoever leaves before
    it has no lift, and the lift of the others is what it was.
    """
    days_of_leaving = np.r_[days // 5 : offer, offer + HORIZON : days]
    leaves = (rng.random(len(people)) < share) & ~people["bot"] & ~people["canary"]
    day = rng.choice(days_of_leaving, len(people)) if len(days_of_leaving) else days
    return np.where(leaves, day, days)


def before_leaving(acts: pd.DataFrame, left: np.ndarray, first: np.datetime64) -> pd.DataFrame:
    """Drop what people would have done from the day they left on."""
    day = (acts["at"].to_numpy().astype("datetime64[D]") - first.astype("datetime64[D]")).astype(
        int
    )
    return acts[day < left[acts["number"]]]


def make_posts(
    rng,
    people: pd.DataFrame,
    tastes: np.ndarray,
    rate: np.ndarray,
    first,
    *,
    posts_per_person: float,
):
    """Draw who posts when, where and about what; one week everybody talks about one topic."""
    days = rate.shape[1]
    burst = np.isin(np.arange(days), int(0.45 * days) + np.arange(7))
    level = (
        posts_per_person * knob("posts")[people["primary"]] / days * rng.gamma(2, 0.5, len(people))
    )
    posts = spread(rng, people, rng.poisson(level[:, None] * rate * np.where(burst, 2.5, 1)), first)
    voice, number = posts["voice"].to_numpy(), posts["number"].to_numpy()
    platform = pick(
        rng, (mix("platforms", SOCIAL)[voice] + 0.5) * (tastes[number, : len(SOCIAL)] + 0.01)
    )
    topic = np.array(TOPICS)[pick(rng, mix("topics", TOPICS)[voice])]
    posts["bot"] = people["bot"].to_numpy()[number]
    joins = burst[posts["day"]] & (rng.random(len(posts)) < 0.6) & ~posts["bot"]
    ids = np.array([f"{SOCIAL[p][:2]}{i:06d}" for i, p in enumerate(platform)], dtype=object)
    topic = np.where(joins, PLANTED["burst"], topic)
    return posts.assign(platform=np.array(SOCIAL)[platform], topic=topic, post_id=ids)


def with_objects(
    rng, events: pd.DataFrame, posts: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    """Point social events at earlier posts, of influential people first, else at the brand's."""
    target = np.char.add("m", rng.integers(100, 400, len(events)).astype(str)).astype(object)
    for platform in SOCIAL:
        rows = np.flatnonzero((events["platform"] == platform) & (events["verb"] != "follow"))
        there = posts[(posts["platform"] == platform) & ~posts["bot"]]
        if len(there):
            weight = people["influence"].to_numpy()[there["number"]] + 0.01
            chosen = there.iloc[rng.choice(len(there), len(rows), p=weight / weight.sum())]
            earlier = chosen["at"].to_numpy() < events["at"].to_numpy()[rows]
            target[rows[earlier]] = chosen["post_id"].to_numpy()[earlier]
    return events.assign(object_id=target)
