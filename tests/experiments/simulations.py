"""How often an experiment is wrong, simulated on worlds whose truth is known."""

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from coterie.experiments import size
from coterie.experiments.checking.checks import COLUMNS as CHECKED
from coterie.experiments.checking.checks import Checks, check
from coterie.experiments.deciding.aggregates import AS_ASSIGNED, LEFT_OUT, aggregate
from coterie.experiments.deciding.analysis import from_sums
from coterie.experiments.deciding.decisions import Case, decide
from coterie.experiments.deciding.effects import estimate
from coterie.experiments.design.looks import NO_LOOKS
from coterie.experiments.design.plan import Metric
from coterie.experiments.design.sequential import early_alpha, sequence_factor
from experiments.worlds import CONVERSION, PLAN, campaign_of, sums_of, units_of, worlds_of

CUPED = CONVERSION._replace(covariate_days=90)
MONEY = Metric("value", "mean", "purchase")
RATE = Metric("rate", "ratio", "click", "view")
SHOWN = PLAN._replace(primary=CUPED, secondaries=(MONEY, RATE))
METHODS = PLAN._replace(secondaries=(CUPED._replace(name="adjusted"), MONEY, RATE), segments=())
SOUND = Checks(pd.DataFrame(columns=CHECKED).astype({"passed": bool}), complete=True)
LOOKS, CHUNK = 28, 100
SPENT = Metric("spent", "mean", "purchase")
TOP = Metric("top", "quantile", "purchase", quantile=0.95)
HEAVY = PLAN._replace(primary=SPENT, secondaries=(TOP,))


def effects_of(plan, worlds: int, *, seed: int, n: int = 3000, **options) -> pd.DataFrame:
    """Estimate the effects of many worlds, numbered as experiments."""
    rng, parts = np.random.default_rng(seed), []
    for begun in range(0, worlds, CHUNK):
        units = worlds_of(rng, plan, worlds=min(CHUNK, worlds - begun), n=n, **options)
        sums = sums_of(units, plan)
        if not plan.segments:
            sums = sums[sums["segment"] == "all"]
        found = estimate(sums, plan)
        parts.append(found.assign(experiment=found["experiment"] + begun))
    return pd.concat(parts, ignore_index=True)


def decided(effects: pd.DataFrame, plan) -> pd.DataFrame:
    """Apply a plan's rule to each world."""
    worlds = effects["experiment"].unique().tolist()
    return decide(effects, {world: Case(plan._replace(id=world), SOUND) for world in worlds})


def any_green(worlds: int, *, seed: int = 1) -> tuple[float, float]:
    """Count the A/A reports, three metrics and six segments, on which anything says act.

    Returns that share, and the share on which the primary metric passes its gate either way.
    """
    found = decided(effects_of(SHOWN, worlds, seed=seed), SHOWN)
    acts = (found["decision"] == "act").groupby(found["experiment"]).any().mean()
    gate = found[(found["metric"] == SHOWN.primary.name) & (found["segment"] == "all")]
    return float(acts), float((gate["pvalue_adjusted"] < SHOWN.alpha).mean())


def by_method(worlds: int, *, lift: float = 0.0, seed: int = 2) -> pd.DataFrame:
    """Measure each method's false alarms, or the coverage of a planted lift, for everyone."""
    every = effects_of(METHODS, worlds, seed=seed, lift=lift)
    true = every["metric"].map(truths(lift))
    every = every.assign(
        alarm=every["pvalue"] < METHODS.alpha,
        inside=(every["low"] <= true) & (true <= every["high"]),
        missed_above=every["low"] > true,
        missed_below=every["high"] < true,
    )
    return every.groupby("metric")[["alarm", "inside", "missed_above", "missed_below"]].mean()


def truths(lift: float) -> dict[str, float]:
    """Say what each metric's effect is in the limit, from one very large world."""
    if not lift:
        return {metric.name: 0.0 for metric in METHODS.metrics}
    found = effects_of(METHODS, 1, seed=9, n=2_000_000, lift=lift)
    return found.set_index("metric")["effect"].to_dict()


def heavy_tailed(worlds: int, *, times: float = 1.0, seed: int = 8, n: int = 3000) -> pd.DataFrame:
    """Measure the mean and a quantile of heavy-tailed money, which treatment multiplies.

    One in eight buys, for a lognormal sum whose logarithm has a standard deviation of 1.5. Each
    world is a segment of one engine's table: the path of a study. A miss above claims more than is
    true, a miss below less.
    """
    rng, parts = np.random.default_rng(seed), []
    for _ in range(0, worlds, CHUNK):
        units = worlds_of(rng, HEAVY, worlds=CHUNK, n=n)
        spent = spending(rng, len(units)) * np.where(units["arm"] == "treatment", times, 1.0)
        units = units.assign(y0=spent, y1=spent, segment=units["world"].astype(str))
        found = estimate(aggregate(ibis.memtable(units.drop(columns="world")), HEAVY), HEAVY)
        parts.append(found[found["segment"] != "all"])
    every = pd.concat(parts, ignore_index=True)
    large = spending(rng, 20_000_000)
    gap = (times - 1) * np.array([0.12 * np.exp(3 + 1.5**2 / 2), np.quantile(large, 0.95)])
    true = every["metric"].map(dict(zip(("spent", "top"), gap, strict=True)))
    every = every.assign(
        alarm=every["pvalue"] < HEAVY.alpha,
        inside=(every["low"] <= true) & (true <= every["high"]),
        missed_above=every["low"] > true,
        missed_below=every["high"] < true,
    )
    return every.groupby("metric")[["alarm", "inside", "missed_above", "missed_below"]].mean()


def spending(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw what people spend: most nothing, a few very much."""
    return (rng.random(n) < 0.12) * rng.lognormal(3, 1.5, n)


def clustered(worlds: int, *, lift: float = 0.0, seed: int = 3) -> tuple[float, float]:
    """Measure the same for households of four that share an arm (ICC 0.2)."""
    plan = PLAN._replace(cluster="household", segments=())
    rng, parts, n = np.random.default_rng(seed), [], 3000
    for _ in range(0, worlds, CHUNK):
        units = worlds_of(rng, plan, worlds=CHUNK, n=n)
        home = np.arange(CHUNK * n) // 4
        arms = rng.choice(list(plan.shares), home[-1] + 1, p=list(plan.shares.values()))[home]
        chance = rng.beta(0.12 * 4, 0.88 * 4, home[-1] + 1)[home]  # a + b = 1 / ICC - 1
        chance = chance * (1 - lift) + lift * (arms == "treatment")  # so that no chance passes 1
        did = rng.random(CHUNK * n) < chance
        units = units.assign(arm=arms, cluster=home, y0=did.astype(float))
        sums = sums_of(units, plan)
        parts.append(estimate(sums[sums["segment"] == "all"], plan))
    found = pd.concat(parts)
    inside = (found["low"] <= lift) & (lift <= found["high"])
    return float((found["pvalue"] < plan.alpha).mean()), float(inside.mean())


def looking_daily(worlds: int, *, n: int = 3000, seed: int = 4) -> tuple[float, float, float]:
    """Look 28 times at nothing: how often any look, or the end, says that chance is excluded.

    Returns false alarms by the plan's rule (early intervals, then the end), by intervals that hold
    at every look alone, and by a plain 95 % interval at every look.
    """
    rng = np.random.default_rng(seed)
    seen = (n * np.arange(1, LOOKS + 1) / LOOKS).astype(int) - 1
    share = (seen + 1) / n
    spent = early_alpha(PLAN.alpha, LOOKS)
    early = sequence_factor(share[:-1], alpha=spent)
    always = sequence_factor(share, alpha=PLAN.alpha)
    end = stats.norm.isf((PLAN.alpha - spent) / 2)
    hits = np.zeros(3)
    for _ in range(worlds):
        treated, did = rng.random(n) < 2 / 3, rng.random(n) < 0.12
        z = np.abs(score_path(did, treated, seen))
        hits += [(z[:-1] > early).any() or z[-1] > end, (z > always).any(), (z > 1.96).any()]
    return tuple(float(hit) for hit in hits / worlds)


def looking_as_planned(
    worlds: int,
    *,
    spending: str = "obrien-fleming",
    lift: float = 0.0,
    n: int = 3000,
    seed: int = 4,
) -> dict[str, float]:
    """Take four planned looks at each world, through the path of a study, run after run.

    Returns how often an arm's boundary is crossed and how often the plan acts, how often the
    interval of the last look taken holds the truth, and how many people that look took.
    """
    # so small a minimum that no look gives up for its sake: every false alarm is seen
    plan = PLAN._replace(segments=(), looks=4, spending=spending, people=n, minimum_lift=1e-6)
    rng, parts = np.random.default_rng(seed), []
    for begun in range(0, worlds, CHUNK):
        units = worlds_of(rng, plan, worlds=CHUNK, n=n, lift=lift)
        units["world"] = "w" + (units["world"] + begun).astype(str)
        campaigns = {name: campaign_of(plan._replace(id=name)) for name in units["world"].unique()}
        place, looked = units.groupby("world").cumcount(), NO_LOOKS
        for share in (0.25, 0.5, 0.75, 1.0):
            sums = sums_of(units[place < n * share], plan)
            sums = sums[sums["segment"] == "all"]
            sums = sums.assign(n_assigned=(sums["n"] / share).round().astype(int))
            report = from_sums(campaigns, dict(list(sums.groupby("experiment"))), looked=looked)
            looked = report.looks
        parts.append(looked.groupby("experiment").last())
    last = pd.concat(parts)
    inside = (last["low"] <= lift) & (lift <= last["high"])
    return {
        "crossed": float((last["pvalue"] < plan.alpha).mean()),
        "acts": float((last["decision"] == "act").mean()),
        "inside": float(inside.mean()),
        "people": float(last["n_people"].mean()),
    }


def score_path(did: np.ndarray, treated: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Say how many standard errors the arms lie apart at each look."""
    n1, x1 = np.cumsum(treated)[seen], np.cumsum(did & treated)[seen]
    n0, x0 = np.cumsum(~treated)[seen], np.cumsum(did & ~treated)[seen]
    p, q = x1 / n1, x0 / n0
    error = np.sqrt(p * (1 - p) / n1 + q * (1 - q) / n0)
    return np.divide(p - q, error, out=np.zeros_like(p), where=error > 0)


def acting(worlds: int, *, seed: int = 5) -> pd.DataFrame:
    """Plant exactly the minimum at the size that a plan asks for, and count how often it acts."""
    rows = []
    for rule in ("low > 0", "estimate >= minimum"):
        plan = PLAN._replace(act_when=rule, segments=())
        sized = size(plan, base_rate=0.12).iloc[0]
        options = {"n": int(sized["n_total"]), "lift": plan.minimum_lift}
        found = decided(effects_of(plan, worlds, seed=seed, **options), plan)
        acts = (found["decision"] == "act").mean()
        rows.append((rule, int(sized["n_total"]), sized["p_act"], acts))
    return pd.DataFrame(rows, columns=["act_when", "people", "promised", "measured"])


def targeting(worlds: int, *, seed: int = 6) -> tuple[float, float]:
    """Count how often arms picked by the past are flagged, and clean ones are."""
    plan = SHOWN._replace(secondaries=())
    rng, flags = np.random.default_rng(seed), np.zeros(2)
    for _ in range(worlds):
        clean = units_of(rng, plan, n=3000)
        usual = 0.667 + 0.1 * (clean["x0"] > 0) - 0.1 * 0.33  # buyers a little more often
        picked = np.where(rng.random(3000) < usual, "treatment", "control")
        for place, units in enumerate((clean.assign(arm=picked), clean)):
            sums = sums_of(units, plan)
            flags[place] += check(sums, estimate(sums, plan), plan, randomised=True).grade == "C"
    return tuple(float(flag) for flag in flags / worlds)


PLANTED = {"without": 0.08, "everyone": 0.056, "stray": 0.1}


def contaminated(worlds: int, *, n: int = 3000, seed: int = 7) -> pd.DataFrame:
    """Let another campaign treat three in ten, who then do not react, and messages go astray.

    Returns what is estimated in each world: the effect without the multi-exposed, which is planted
    as 0.08, that of everyone, and the share of control that the message reached, planted as 0.1.
    """
    plan = PLAN._replace(delivery=Metric("arrived", "share", "receive"), segments=())
    rng, rows = np.random.default_rng(seed), []
    for _ in range(worlds):
        units = units_of(rng, plan, n=n)
        treated, hit = units["arm"] == "treatment", rng.random(n) < 0.3
        chance = 0.12 + 0.08 * (treated & ~hit) + 0.05 * hit
        units["y0"] = (rng.random(n) < chance).astype(float)
        units["y1"] = (rng.random(n) < np.where(treated, 0.9, 0.1)).astype(float)
        parts = []
        for kept, analysis in ((np.ones(n, bool), AS_ASSIGNED), (~hit, LEFT_OUT["multi_exposed"])):
            sums = sums_of(units[kept], plan)
            parts.append(sums[sums["segment"] == "all"].assign(analysis=analysis))
        found = estimate(pd.concat(parts), plan).set_index(["metric", "analysis"])
        without, everyone = (
            found.loc[("conversion", name), "effect"]
            for name in (LEFT_OUT["multi_exposed"], AS_ASSIGNED)
        )
        rows.append((without, everyone, found.loc[("arrived", AS_ASSIGNED), "control_mean"]))
    return pd.DataFrame(rows, columns=[*PLANTED])


def off_by(found: pd.DataFrame) -> pd.DataFrame:
    """Say how far estimates lie from what was planted: their bias, its interval, and their spread.

    A standard error of more than a point leaves more than one world in twenty outside two points
    of the truth, whatever the method.
    """
    off = found - pd.Series(PLANTED)
    half = 1.96 * off.std() / np.sqrt(len(off))
    parts = {"bias": off.mean(), "low": off.mean() - half, "high": off.mean() + half}
    parts |= {"standard_error": off.std(), "within_two_points": (off.abs() < 0.02).mean()}
    return pd.DataFrame(parts)
