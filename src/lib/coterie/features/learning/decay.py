"""How long an event keeps a person active.

Half-lives are chosen by how well they forecast days nobody had seen yet.
"""

from datetime import date, timedelta
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.features.learning.effort import EFFORT, decayed
from coterie.features.learning.sample import in_groups, some_people
from coterie.statistics import jackknife_error
from coterie.windows import as_of_window, days_before, seen_days

HALF_LIVES = 0.5 * 2 ** (np.arange(27) / 3)  # days, from half a day to 203
# share of activity that never decays
FLOORS = np.array([0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85])
GROUPS = 20  # of people, left out one by one for the interval
BINS_A_DAY, MIN_EVENTS = 24, 200  # of events in the later half, before anything is learned
LOSSES = ["half_life_days", "loss", "share_of_gain"]


class Decay(NamedTuple):
    """The half-life of one behaviour, and what every candidate lost out of time."""

    half_life_days: float
    low: float  # 95 % interval, from leaving out a twentieth of the people at a time
    high: float
    # deviance a person that decay saves over a steady rate, chosen on others, out of time; 0 is no
    # better
    loss_saved: float
    loss_saved_low: float
    # half_life_days; loss above the best, deviance a person; the same as share_of_gain, at most 2
    losses: pd.DataFrame


class HalfLives(NamedTuple):
    """The half-life of every verb, and the losses of every candidate."""

    table: (
        pd.DataFrame
    )  # verb, weight, half_life_days; low, high, loss_saved, loss_saved_low, chosen
    losses: pd.DataFrame  # as in `Decay.losses`, by verb

    @property
    def chosen(self) -> pd.DataFrame:
        """The verbs whose half-life was learned, shortest first."""
        return self.table[self.table["chosen"]].sort_values("half_life_days")

    @property
    def sentence(self) -> str:
        """Every learned half-life with its interval, or that the convention stands.

        >>> HalfLives(EFFORT.assign(chosen=False), EFFORT.head(0)).sentence
        'the convention'
        """
        rows = self.chosen.itertuples()
        words = [
            f"{row.verb} {row.half_life_days:.0f} ({row.low:.0f} to {row.high:.0f})" for row in rows
        ]
        return ", ".join(words) or "the convention"


def half_lives(
    events: ir.Table,
    *,
    as_of: date,
    lookback_days: int,
    convention: pd.DataFrame = EFFORT,
    min_events: int = 500,
    fixed_days: float = 0.0,
) -> HalfLives:
    """Choose a half-life for every event that was done at least `fewest` times.

    The others keep the convention.

    A half-life is replaced where the interval of what it saves excludes 0. With `fixed_days` every
    verb has that half-life, and nothing is learned.
    """
    if fixed_days:
        fixed = convention.assign(half_life_days=fixed_days, chosen=False)
        return HalfLives(fixed, pd.DataFrame(columns=[*LOSSES, "verb"]))
    seen = as_of_window(events, as_of=as_of, days=lookback_days)
    done = (
        seen.group_by("verb")
        .agg(n=ibis._.count())
        .filter(ibis._.n >= min_events)
        .to_pandas()["verb"]
    )
    verbs = [verb for verb in convention["verb"] if verb in set(done)]
    found = {
        verb: fit_decay(events, verb=verb, as_of=as_of, lookback_days=lookback_days)
        for verb in verbs
    }
    rows = [(verb, *found[verb][:5]) for verb in verbs]
    columns = ["verb", "half_life", "low", "high", "loss_saved", "loss_saved_low"]
    table = convention.merge(pd.DataFrame(rows, columns=columns), on="verb", how="left")
    table["chosen"] = table["loss_saved_low"] > 0
    table["half_life_days"] = (
        table["half_life"].where(table["chosen"], table["half_life_days"]).astype(float)
    )
    curves = [found[verb].losses.assign(verb=verb) for verb in verbs]
    losses = pd.concat(curves) if curves else pd.DataFrame(columns=[*LOSSES, "verb"])
    return HalfLives(table.drop(columns="half_life"), losses)


def fit_decay(
    events: ir.Table, *, verb: str, as_of: date, lookback_days: int, max_people: int = 5000
) -> Decay:
    """Choose the half-life of one behaviour.

    After how many days is half of the activity it brought gone?

    Everybody's level is read from the first half of the look-back window and every later event is
    then forecast from what had happened before it: level times (floor + (1 - floor) * 0.5 ** (days
    since the last `verb` / H)). The H with the least Poisson deviance in the second half is taken;
    whether it is any gain is judged on people who had no say in the choice. Events of the `verb`
    itself are not forecast, so nothing is learned where there is no other event. Of more than
    `max_people` the first by pseudonym, a random choice, are looked at.
    """
    lookback_days = max(seen_days(events, as_of=as_of, lookback_days=lookback_days), 1)
    start = as_of - timedelta(days=lookback_days)
    seen = as_of_window(events, as_of=as_of, days=lookback_days)
    chosen = in_groups(some_people(seen.filter(seen["verb"] == verb), at_most=max_people), GROUPS)
    aged = with_age(seen.join(chosen, "person_id"), verb=verb, start=start).cache()  # read thrice
    exposed = exposures(aged, days=lookback_days).order_by("person_id").to_pandas()
    forecast = aged.filter(aged["verb"] != verb, aged["age"].notnull())
    late, age_bin = (
        forecast["day"] >= lookback_days / 2,
        (forecast["age"] * BINS_A_DAY).floor().cast("int64"),
    )
    forecast = forecast.mutate(late=late, age_bin=age_bin)
    done = (
        forecast.group_by("person_id")
        .agg(late=ibis._.late.sum(), early=(~ibis._.late).sum())
        .to_pandas()
    )
    ages = (
        forecast.filter(ibis._.late).group_by("group", "age_bin").agg(n=ibis._.count()).to_pandas()
    )
    people = exposed.merge(done, on="person_id", how="left").fillna({"late": 0, "early": 0})
    return choose(people, ages)


def with_age(events: ir.Table, *, verb: str, start: date) -> ir.Table:
    """Add to each event its `day` in the window and its `age`.

    That is the days since the person's last `verb` before it.
    """
    day = -days_before(events["at"], start)
    timed = events.select("person_id", "group", "verb", day=day).mutate(is_verb=ibis._.verb == verb)
    before = ibis.window(group_by="person_id", order_by=["day", "verb"], preceding=(None, 1))
    timed = timed.mutate(last=timed["is_verb"].ifelse(timed["day"], None).max().over(before))
    return timed.mutate(age=timed["day"] - timed["last"])


def exposures(aged: ir.Table, *, days: float) -> ir.Table:
    """Integrate how much decaying activity each half-life expects in either half of the window.

    There is one row a person.
    """
    after = ibis.window(group_by="person_id", order_by="day")
    spans = aged.filter(aged["is_verb"])
    spans = spans.mutate(
        until=ibis.coalesce(spans["day"].lead().over(after), ibis.literal(float(days)))
    )
    columns = {}
    for part, (first, last) in {"early": (0.0, days / 2), "late": (days / 2, float(days))}.items():
        low, high = (ibis.greatest(spans["day"], first), ibis.least(spans["until"], last))
        since, until = low - spans["day"], ibis.greatest(high, low) - spans["day"]
        columns[f"{part}_days"] = (until - since).sum()
        for i, half_life in enumerate(HALF_LIVES.tolist()):
            area = decayed(since, half_life) - decayed(until, half_life)
            columns[f"{part}_{i}"] = (area * (half_life / np.log(2))).sum()
    return spans.group_by("person_id", "group").agg(**columns)


def choose(people: pd.DataFrame, ages: pd.DataFrame) -> Decay:
    """Take the half-life with the least out-of-time loss, between the grid's points, too.

    Its interval is the jackknife's.
    """
    loss, steady = losses(people, ages)
    if people["late"].sum() < MIN_EVENTS or not np.isfinite(loss).all():
        return Decay(*[float("nan")] * 5, pd.DataFrame(columns=LOSSES))
    groups, total = loss.shape[0], loss.sum(axis=0)
    best = lowest(total)
    left_out = np.array([lowest(total - part) for part in loss])
    error = jackknife_error(left_out)
    # by the other groups: nobody judges a choice they made
    choices = [(total - part).argmin() for part in loss]
    gains = steady - np.array(
        [part.flat[choice] for part, choice in zip(loss, choices, strict=True)]
    )
    spread = gains.std(ddof=1) * np.sqrt(groups)
    curve = (total.min(axis=1) - total.min()) / len(people)
    saved = max(gains.sum() / len(people), 1e-9)
    table = pd.DataFrame(
        {
            "half_life_days": HALF_LIVES,
            "loss": curve,
            "share_of_gain": np.minimum(curve / saved, 2.0),
        }
    )
    # what was tried
    ends = np.exp(np.clip(best + np.array([-1.96, 1.96]) * error, *np.log(HALF_LIVES[[0, -1]])))
    loss_saved = gains.sum() / len(people), (gains.sum() - 1.96 * spread) / len(people)
    return Decay(float(np.exp(best)), *map(float, ends), *map(float, loss_saved), table)


def losses(people: pd.DataFrame, ages: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Compute each group's deviance, up to a constant.

    The shape is (groups, half-lives, floors); without decay it is (groups,).
    """
    fade = {
        part: people[[f"{part}_{i}" for i in range(len(HALF_LIVES))]].to_numpy()[:, :, None]
        for part in ("early", "late")
    }
    share = {
        part: FLOORS * people[f"{part}_days"].to_numpy()[:, None, None] + (1 - FLOORS) * fade[part]
        for part in fade
    }
    rates = 0.5 ** (
        (np.arange(ages["age_bin"].max() + 1 if len(ages) else 0) + 0.5)[:, None]
        / BINS_A_DAY
        / HALF_LIVES
    )
    logs = np.log(FLOORS + (1 - FLOORS) * rates[:, :, None] + 1e-300)
    seen = np.zeros((GROUPS, len(rates)))
    np.add.at(
        seen,
        (ages["group"].to_numpy(int), ages["age_bin"].to_numpy(int)),
        ages["n"].to_numpy(float),
    )
    early, late = (
        people["early"].to_numpy(float)[:, None, None],
        people["late"].to_numpy(float)[:, None, None],
    )
    steady = deviance(
        early,
        late,
        *(people[[f"{part}_days"]].to_numpy()[:, :, None] for part in ("early", "late")),
    )
    found = deviance(early, late, share["early"], share["late"])
    group = people["group"].to_numpy(int)
    by_group = np.stack([found[group == g].sum(axis=0) for g in range(GROUPS)]) - np.einsum(
        "ga,ahf->ghf", seen, logs
    )
    return by_group, np.array([steady[group == g].sum() for g in range(GROUPS)])


def deviance(
    early: np.ndarray, late: np.ndarray, expected: np.ndarray, ahead: np.ndarray
) -> np.ndarray:
    """Forecast late events from early ones, pulled to everybody's level by one prior event."""
    usual = early.sum(axis=0) / np.maximum(expected.sum(axis=0), 1e-9)
    level = (early + 1) / (expected + 1 / np.maximum(usual, 1e-9))
    return level * ahead - late * np.log(level)


def lowest(total: np.ndarray) -> float:
    """Find the log half-life of the least loss.

    It is that of the parabola through the grid's best point and its neighbours.
    """
    curve, logs = total.min(axis=1), np.log(HALF_LIVES)
    best = int(np.clip(curve.argmin(), 1, len(curve) - 2))
    left, middle, right = curve[best - 1 : best + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend > 0 else 0.0
    return float(logs[best] + np.clip(shift, -1, 1) * (logs[1] - logs[0]))
