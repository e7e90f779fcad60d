"""Who lives in the planted world: segments, bots, identities and their accounts."""

import unicodedata
from importlib import resources

import numpy as np
import pandas as pd
import yaml


def load_data(name: str) -> dict:
    """Read one of the package's YAML files."""
    return yaml.safe_load(
        resources.files("coterie.demo").joinpath(name).read_text(encoding="utf-8")
    )


PLANTED, NAMES = load_data("segments.yml"), load_data("names.yml")
# a person's `primary` is a position in here
PROFILES = PLANTED["segments"] | PLANTED["later"] | PLANTED["bots"]
SEGMENTS, BOTS, KINDS = list(PLANTED["segments"]), list(PLANTED["bots"]), np.array(list(PROFILES))
SOCIAL = ["instagram", "facebook", "x", "linkedin", "tiktok", "youtube"]
PLATFORMS = [*SOCIAL, "web", "shop", "crm", "email"]


def knob(name: str) -> np.ndarray:
    """List one number of every profile, in the order of `KINDS`."""
    return np.array([profile[name] for profile in PROFILES.values()], dtype=float)


def mix(name: str, choices: list[str]) -> np.ndarray:
    """Tabulate one mix of every profile: profiles down, choices across."""
    return np.array(
        [[profile[name].get(choice, 0.0) for choice in choices] for profile in PROFILES.values()]
    )


def pick(rng: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """Draw one column for every row of weights.

    >>> pick(np.random.default_rng(0), np.array([[0, 1, 0], [0, 0, 5]])).tolist()
    [1, 2]
    """
    edges = weights.cumsum(axis=1)
    return (edges > rng.random(len(weights))[:, None] * edges[:, -1:]).argmax(axis=1)


def make_people(
    rng: np.random.Generator, n: int, *, bot_share: float, overlap: float, lift: float
) -> pd.DataFrame:
    """Invent people with a segment, or two, and an identity; a few are bots, a few canaries."""
    bot = rng.permutation(n) < round(n * bot_share)
    segment = pick(rng, np.tile(knob("share")[: len(SEGMENTS)], (n, 1)))
    other = (segment + rng.integers(1, len(SEGMENTS), n)) % len(SEGMENTS)
    primary = np.where(bot, len(KINDS) - len(BOTS) + bot.cumsum() % len(BOTS), segment)
    secondary = np.where(~bot & (rng.random(n) < overlap), other, primary)
    people = pd.DataFrame(
        {"number": np.arange(n), "primary": primary, "secondary": secondary, "bot": bot}
    )
    people["segment"] = KINDS[primary]
    people["second"] = KINDS[secondary]
    people["person"] = np.arange(n).astype(str)
    people["lift"] = np.where(people["segment"].isin(PLANTED["responsive"]), lift, 0.0)
    woman = rng.random(n) < knob("women")[primary]
    works = people["segment"].isin(PLANTED["business"])
    regions = np.where(woman[:, None], NAMES["region_women"], NAMES["region_men"])
    people["region"] = np.array(NAMES["regions"])[pick(rng, regions)]
    people["time_zone"] = people["region"].map(
        dict(zip(NAMES["regions"], NAMES["time_zones"], strict=True))
    )
    people["gender"] = np.where(rng.random(n) < 0.05, "", np.where(woman, "female", "male"))
    people["birth_year"] = 2026 - rng.integers(18, 75, n)
    people["company"] = np.where(works, rng.choice(NAMES["companies"], n), "")
    people["job_title"] = np.where(works, rng.choice(NAMES["jobs"], n), "")
    people["influence"] = rng.pareto(1.5, n).round(4)  # how much attention a post of theirs draws
    # drawn apart from influence on purpose
    people["followers"] = rng.lognormal(5.0, 1.6, n).astype(int)
    # some share a device, hence a household, with the one before
    device = people["number"] - (rng.random(n) < 1 / 12)
    people["device"] = [f"dv{(d * 2654435761 + 77) % 2**32:08x}" for d in device]
    people["first"] = np.where(woman, rng.choice(NAMES["women"], n), rng.choice(NAMES["men"], n))
    people["last"] = rng.choice(NAMES["last"], n)
    slots = rng.permutation(max(100 * len(NAMES["area_codes"]), n))[:n]
    codes = dict(enumerate(NAMES["area_codes"]))  # beyond the last code people have no phone
    people["phone"] = [
        f"+1{codes[s // 100]}55501{s % 100:02d}" if s // 100 in codes else "" for s in slots
    ]
    names = people["first"] + "." + people["last"] + people["person"]
    people["handle"] = [
        unicodedata.normalize("NFKD", x).encode("ascii", "ignore").decode().lower() for x in names
    ]
    people["email"] = people["handle"] + "@" + rng.choice(NAMES["domains"], n)
    people["canary"] = ~bot & ((~bot).cumsum() <= NAMES["canaries"])
    # these get identifiers that could be nobody else's
    for i, row in enumerate(people.index[people["canary"]]):
        token = [form.format(letter="abcdefgh"[i] * 2, i=i) for form in NAMES["canary"].values()]
        people.loc[row, list(NAMES["canary"])] = token
    people["spaced"] = people["phone"].str.replace(
        r"(..)(...)(...)(....)", r"\1 \2 \3 \4", regex=True
    )
    return people


def make_profiles(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Say how many accounts everyone follows and how old theirs are; bots' are many and new."""
    bot, n = people["bot"].to_numpy(), len(people)
    following = np.where(bot, rng.lognormal(7.6, 0.5, n), rng.lognormal(5.2, 0.9, n)).astype(int)
    followers = np.where(bot, following * rng.uniform(0.005, 0.12, n), people["followers"]).astype(
        int
    )
    return people.assign(following=following, followers=followers, age_days=np.where(bot, 45, 900))


def make_accounts(
    rng: np.random.Generator,
    people: pd.DataFrame,
    used: pd.DataFrame,
    *,
    first,
    unlinked_share: float,
):
    """Open the accounts people use: most share an address or phone, some have it mistyped."""
    accounts = used.drop_duplicates().sort_values(["number", "platform"]).merge(people, on="number")
    n, canary, where, phone = (
        len(accounts),
        accounts["canary"],
        accounts["platform"],
        accounts["phone"],
    )
    # places that check no address
    sloppy = where.isin(PLATFORMS[:7]) & ~canary & (rng.random(n) < unlinked_share)
    loose = (where != "email") & (rng.random(n) < 0.3)  # the same but for case and spaces
    bare = (where == "facebook") & (phone != "") & ~sloppy & ~canary & (rng.random(n) < 0.2)
    email = accounts["email"].mask(sloppy, accounts["email"].str[0] + accounts["email"].str[2:])
    keys = zip(where, accounts["handle"], accounts["email"], accounts["number"], strict=True)
    accounts["account"] = [name_account(*key) for key in keys]
    return accounts.assign(
        crm_id=accounts["number"]
        .map(accounts[where == "crm"].set_index("number")["account"])
        .fillna(""),
        at=first
        - (rng.random(n) * accounts["age_days"].to_numpy() * 86_400).astype("timedelta64[s]"),
        name=accounts["first"].mask(sloppy, accounts["first"].replace(NAMES["nicknames"]))
        + " "
        + accounts["last"],
        # the phone alone must join the bare ones
        email=email.mask(loose, email.str.title() + " ").mask(bare, ""),
        phone=phone.mask(
            (rng.random(n) < 0.3) | (canary & (where == "shop")), accounts["spaced"]
        ).mask(sloppy, ""),
        linked=~sloppy,
    )


def name_account(platform: str, handle: str, email: str, number: int) -> str:
    """Name an account the way its platform does."""
    forms = {
        "dot": handle,
        "bar": handle.replace(".", "_"),
        "dash": handle.replace(".", "-"),
        "email": email,
    }
    return NAMES["handles"][platform].format(
        **forms, n=number, hash=(number * 2246822519 + 3) % 2**32
    )
