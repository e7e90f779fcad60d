"""Worlds of ordinary people, harmless crowds that look alike, and rings of bots of several kinds.

Nothing here comes from the demo.
"""

import numpy as np
import pandas as pd

MINUTE, HOUR, DAY = 60, 3600, 86_400
DAYS = 90
START = pd.Timestamp("2026-04-02")
END = "2026-07-01"


def acts(person, thing, second, verb="announce"):
    """Tabulate acts; seconds count from the start."""
    return pd.DataFrame({"person_id": person, "object_id": thing, "second": second, "verb": verb})


def delays(rng, n, median=45 * MINUTE, sigma=1.5):
    """Draw how long people take to react, most within hours, some after days."""
    return median * rng.lognormal(0, sigma, n)


def ordinary(rng, n=800, things=1500, mean=50):
    """People of forty tastes who react to posts of their taste, in the hours they keep."""
    born = rng.uniform(0, (DAYS - 3) * DAY, things)
    taste_of, fame = rng.integers(0, 40, things), rng.pareto(1.2, things) + 0.05
    frames = []
    for person in range(n):
        tastes = rng.integers(0, 40, 2)
        weight = fame * np.where(np.isin(taste_of, tastes), 30, 1)
        size = min(rng.poisson(mean * rng.lognormal(-0.3, 0.8)), 300)
        chosen = rng.choice(things, size, p=weight / weight.sum())
        at = born[chosen] + delays(rng, size)
        hour = rng.normal(rng.choice([8, 13, 20]), 2.5, size) % 24
        slow = rng.random(size) < 0.6  # the rest react at once, whatever the hour
        at = np.where(slow, at // DAY * DAY + hour * HOUR, at)
        verb = rng.choice(["like", "announce", "view"], size, p=[0.5, 0.2, 0.3])
        frames.append(acts(f"p{person:04d}", np.char.add("t", chosen.astype(str)), at, verb))
    return pd.concat(frames)


# Crowds of ordinary people who do the same at the same time for a reason of their own.


def live_event(rng, name="live", size=300):
    """Two evenings of a show: 40 posts each, most viewers like many within a minute or two."""
    moments = np.concatenate(
        [d * DAY + 20 * HOUR + np.sort(rng.uniform(0, 2 * HOUR, 40)) for d in (20, 27)]
    )
    return flash(rng, name, size, moments, takes_part=0.5, median=40, sigma=0.8)


def flash(rng, name, size, moments, *, takes_part, median, sigma):
    frames = []
    for person in range(size):
        part = rng.random(len(moments)) < takes_part * rng.uniform(0.5, 1.5)
        at = moments[part] + delays(rng, part.sum(), median, sigma)
        frames.append(
            acts(f"{name}{person:04d}", [f"{name}-{i}" for i in np.flatnonzero(part)], at, "like")
        )
    return pd.concat(frames)


def viral_post(rng, name="viral", size=600):
    """Everybody shares the one post, half of them within ten minutes."""
    at = 30 * DAY + delays(rng, size, 10 * MINUTE, 1)
    return acts([f"{name}{i:04d}" for i in range(size)], f"{name}-post", at)


def notified_fans(rng, name="fans", size=60):
    """Fans of a singer with notifications on: they like half of 60 posts, often within minutes."""
    moments = np.sort(rng.uniform(0, 85, 60)) * DAY
    return flash(rng, name, size, moments, takes_part=0.5, median=6 * MINUTE, sigma=1.5)


def idol(rng, name="idol", fast=50, casual=800):
    """An idol's audience: fans with notifications on, and many who like a post now and then."""
    moments = np.sort(rng.uniform(0, 85, 60)) * DAY
    parts = {name: (fast, 0.6, 6 * MINUTE), "p": (casual, 0.05, 3 * HOUR)}
    frames = [
        flash(rng, kind, size, moments, takes_part=share, median=median, sigma=1.5)
        for kind, (size, share, median) in parts.items()
    ]
    rows = pd.concat(frames)
    return rows.assign(object_id=name + rows["object_id"].str.extract(r"(-\d+)$")[0])


def goals(rng, name="goal", size=400):
    """Fans of a team: 40 goals in 18 matches, half of those who watch like each at once."""
    matches = rng.choice(85, 18, replace=False)
    moments = rng.choice(matches, 40) * DAY + 19 * HOUR + rng.uniform(0, 6000, 40)
    return flash(rng, name, size, moments, takes_part=0.5, median=40, sigma=0.7)


def shift_workers(rng, name="shift", size=40):
    """A crew that sees the firm's post of the day in the same half hour's break."""
    moments = np.arange(DAYS - 2) * DAY + 12 * HOUR
    frames = []
    for person in range(size):
        part = rng.random(len(moments)) < 0.6
        at = moments[part] + rng.uniform(0, 30 * MINUTE, part.sum())
        frames.append(
            acts(f"{name}{person:04d}", [f"{name}-{i}" for i in np.flatnonzero(part)], at, "view")
        )
    return pd.concat(frames)


def night_shift(rng, name="night", size=60):
    """Nurses on nights who follow one trade journal: few hours awake, the same posts."""
    moments = np.arange(0, DAYS - 3) * DAY
    frames = []
    for person in range(size):
        part = rng.random(len(moments)) < 0.4
        at = moments[part] + rng.normal(3 * HOUR, 1.2 * HOUR, part.sum())
        frames.append(
            acts(f"{name}{person:04d}", [f"{name}-{i}" for i in np.flatnonzero(part)], at, "like")
        )
    return pd.concat(frames)


def couples(rng, name="pair", size=40):
    """Pairs who share a phone, or one person with two accounts: the same likes within a minute."""
    frames = []
    for pair in range(size // 2):
        at = np.sort(rng.uniform(0, 85 * DAY, 20))
        things = [f"{name}{pair}-{i}" for i in range(20)]
        for person in (2 * pair, 2 * pair + 1):
            late = at + rng.uniform(0, 30, 20)
            frames.append(acts(f"{name}{person:04d}", things, late, "like"))
    return pd.concat(frames)


def own_page(rng, name="page", fast=60, size=1500):
    """One brand's posts and nothing else: regulars with notifications on, the rest now and then."""
    moments = np.sort(rng.uniform(0, 85, 120)) * DAY
    parts = {f"{name}-fast": (fast, 0.6, 6 * MINUTE), f"{name}-other": (size, 0.05, 3 * HOUR)}
    frames = [
        flash(rng, kind, n, moments, takes_part=share, median=median, sigma=1.5)
        for kind, (n, share, median) in parts.items()
    ]
    rows = pd.concat(frames)
    return rows.assign(object_id=name + rows["object_id"].str.extract(r"(-\d+)$")[0])


CROWDS = [live_event, viral_post, notified_fans, idol, goals, shift_workers, night_shift, couples]


# Rings. Each takes a generator and the ordinary people's acts, which some hide among.


def concert(rng, world, *, name="bot-concert", size=25, n=20, takes_part=0.9, within=45):
    """Social spambots: all share each new post of their master within seconds."""
    moments = np.sort(rng.uniform(0, 88 * DAY, n))
    frames = []
    for person in range(size):
        part = rng.random(n) < takes_part
        at = moments[part] + rng.uniform(0, within, part.sum())
        frames.append(
            acts(f"{name}{person:03d}", [f"{name}-{i}" for i in np.flatnonzero(part)], at)
        )
    return with_cover(rng, pd.concat(frames), world, share=0.3)


def with_cover(rng, ring, world, *, share):
    """Let each account of a ring spend a share of its acts on what ordinary people do, too."""
    frames = [ring]
    for person, own in ring.groupby("person_id"):
        cover = world.sample(
            int(len(own) * share / (1 - share)), random_state=int(rng.integers(2**31))
        )
        frames.append(
            cover.assign(
                person_id=person, second=cover["second"] + rng.uniform(0, HOUR, len(cover))
            )
        )
    return pd.concat(frames)


def promotion(rng, world, name="bot-promo", size=40, orders=60):
    """Paid promotion: a random half likes each customer's post, hours or days after it appeared."""
    born = world.groupby("object_id")["second"].agg(["min", "size"]).query("size >= 10")["min"]
    chosen = born.sample(orders, random_state=int(rng.integers(2**31)))
    frames = []
    for thing, moment in (chosen + rng.exponential(2 * DAY, orders)).items():
        who = np.flatnonzero(rng.random(size) < 0.5)
        at = moment + rng.uniform(0, 3 * MINUTE, len(who))
        frames.append(acts([f"{name}{i:03d}" for i in who], thing, at, "like"))
    return with_cover(rng, pd.concat(frames), world, share=0.4)


def customers_of_a_farm(rng, world, orders):
    """Choose whose posts a farm is paid for, and when: not those of the day, and at any time."""
    known = world.groupby("object_id")["second"].agg(["min", "size"]).query("size >= 10")
    chosen = known.sample(orders, random_state=int(rng.integers(2**31)))
    return list(zip(chosen.index, rng.uniform(chosen["min"], 88 * DAY), strict=True))


def like_farm(rng, world, name="bot-farm", size=80, orders=30):
    """A like farm's bursts: each customer's post is liked by most accounts within one hour."""
    frames = []
    for thing, moment in customers_of_a_farm(rng, world, orders):
        who = np.flatnonzero(rng.random(size) < 0.7)
        at = moment + rng.uniform(0, HOUR, len(who))
        frames.append(acts([f"{name}{i:03d}" for i in who], thing, at, "like"))
    return with_cover(rng, pd.concat(frames), world, share=0.3)


def follow_farm(rng, world, name="bot-follow", size=120, orders=25):
    """A follow farm: half of the accounts act on each customer's post within ten minutes."""
    frames = []
    for thing, moment in customers_of_a_farm(rng, world, orders):
        who = np.flatnonzero(rng.random(size) < 0.5)
        at = moment + rng.uniform(0, 10 * MINUTE, len(who))
        frames.append(acts([f"{name}{i:03d}" for i in who], thing, at, "announce"))
    return with_cover(rng, pd.concat(frames), world, share=0.2)


def stealthy_farm(rng, world, name="bot-slow", size=80, orders=30):
    """A farm that delivers over a week, as the dearer ones do: nothing is synchronous."""
    frames = []
    for thing, moment in customers_of_a_farm(rng, world, orders):
        who = np.flatnonzero(rng.random(size) < 0.7)
        at = moment + rng.uniform(0, 7 * DAY, len(who))
        frames.append(acts([f"{name}{i:03d}" for i in who], thing, at, "like"))
    return with_cover(rng, pd.concat(frames), world, share=0.3)


# What they write.

ENDS = ("ra", "lo", "mi", "ten", "vek")
VOCABULARY = [a + b + c + d for a in "bdfgklmnprst" for b in "aeiou" for c in ENDS for d in ENDS]
SWAPS = [["amazing", "great", "superb"], ["cheap", "low", "small"], ["buy", "get", "order"]]


def texts(person, words):
    """Tabulate posts."""
    return pd.DataFrame({"person_id": person, "words": words})


def chatter(rng, n=500):
    """People with words of their own, drawn as words are: a few often, most hardly ever."""
    weight = 1 / np.arange(2, len(VOCABULARY) + 2)
    draw = rng.permutation(VOCABULARY)
    posts = []
    for person in range(n):
        for _ in range(rng.poisson(10 * rng.lognormal(-0.2, 0.6))):
            said = rng.choice(draw, rng.integers(6, 20), p=weight / weight.sum())
            posts.append((f"p{person:04d}", " ".join(said)))
    return texts(*zip(*posts, strict=True))


def hashtag_fans(rng, n=150):
    """Fans who put the same cheer around words of their own."""
    posts = [
        (f"tag{i:04d}", "come on you reds " + " ".join(rng.choice(VOCABULARY, 6)) + " #redsforever")
        for i in range(n)
        for _ in range(8)
    ]
    return texts(*zip(*posts, strict=True))


def app_users(rng, n=250):
    """People whose app posts for them, each time in its own words."""
    form = "i just finished a run of {} km in {} with runmate the app that runs along {}"
    posts = [
        (f"app{i:04d}", form.format(rng.integers(20), *rng.choice(VOCABULARY, 2)))
        for i in range(n)
        for _ in range(8)
    ]
    return texts(*zip(*posts, strict=True))


def customers(rng, n=200):
    """Customers of one support hour: a few sentences that all of them use, and a product each."""
    forms = [
        "hi @shop my {} has not arrived yet can you help",
        "@shop where is my order of the {} please",
        "@shop the {} is broken and nobody answers my mail",
        "@shop thanks the {} came today all is well",
    ]
    posts = [
        (f"cust{i:04d}", rng.choice(forms).format(" ".join(rng.choice(VOCABULARY, 3))))
        for i in range(n)
        for _ in range(rng.choice([1, 2, 6], p=[0.5, 0.3, 0.2]))
    ]
    return texts(*zip(*posts, strict=True))


def template_posters(rng, name="bot-template", size=25, n=12):
    """Posts from six templates, some words swapped, a number and a link of its own."""
    forms = [" ".join(rng.choice(VOCABULARY, 7)) + " {0} {1} {2}" for _ in range(6)]
    posts = [
        (
            f"{name}{i:03d}",
            rng.choice(forms).format(*(rng.choice(s) for s in SWAPS)) + f" {rng.integers(99)}",
        )
        for i in range(size)
        for _ in range(n)
    ]
    return texts(*zip(*posts, strict=True))


def spun_posts(rng, name="bot-spun", size=30, n=10, swapped=2):
    """Posts of a master, a few of the fourteen words replaced by any others, the rest shuffled."""
    masters = [rng.choice(VOCABULARY, 14, replace=False) for _ in range(20)]
    posts = []
    for i in range(size):
        for _ in range(n):
            words = masters[rng.integers(20)].copy()
            words[rng.choice(14, swapped, replace=False)] = rng.choice(VOCABULARY, swapped)
            posts.append((f"{name}{i:03d}", " ".join(rng.permutation(words))))
    return texts(*zip(*posts, strict=True))


def generated_posts(rng, name="bot-generated", size=30, n=10):
    """Each text made anew on one subject: words of the subject, no sentence in common."""
    subject = rng.choice(VOCABULARY, 40, replace=False)
    posts = [
        (f"{name}{i:03d}", " ".join(rng.choice(subject, 10))) for i in range(size) for _ in range(n)
    ]
    return texts(*zip(*posts, strict=True))


def posts_of(rng, *frames):
    """Join frames into the lake's posts, at any time."""
    rows = pd.concat(frames, ignore_index=True).rename(columns={"words": "text"})
    rows["about_brand"] = rows["text"].str.extract(r"@(\w+)")[0].astype(object)
    second = rng.uniform(0, DAYS * DAY, len(rows)).round()
    return rows.assign(platform="x", at=START + pd.to_timedelta(second, unit="s"))


# Thresholds were chosen on `concert`, `like_farm` and `template_posters`; the others confirm.
RINGS = [concert, like_farm, promotion, follow_farm, stealthy_farm]
SAID = [chatter, hashtag_fans, app_users, customers]
SAID_BY_RINGS = [template_posters, spun_posts, generated_posts]


def events_of(*frames):
    """Join frames into the lake's events; whoever's person_id begins with "bot" is one."""
    rows = pd.concat(frames, ignore_index=True)
    rows["at"] = START + pd.to_timedelta(
        rows.pop("second").clip(0, DAYS * DAY - 1).round(), unit="s"
    )
    return rows
