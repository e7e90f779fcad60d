"""What an experiment will be judged by, written down before anybody is shown anything."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import TypeAdapter, ValidationError

from coterie.study import SettingsError

ANY = "any campaign"  # the plan of campaigns that have none of their own
HOLDOUT = "standing holdout"
HELD, ADDRESSED = "held out", "addressed"
ARMS = {"control": 1.0, "treatment": 2.0}  # two assigned for each one held out
COVARIATE_DAYS = 90
# unused, they leave older fingerprints as they were
LATER_FIELDS = ("delivery", "content_for", "quantile", "spending", "people")


class Metric(NamedTuple):
    """One outcome, and how it is counted for each person."""

    name: str
    # share: did it or not; mean: the money of it; ratio: how often, over how often `denominator`;
    # quantile: the money of it that a share of people, `quantile`, do not exceed
    kind: Literal["share", "mean", "ratio", "quantile"] = "share"
    verb: str = ""  # the event that counts; without one, the measure of that name in the file
    denominator: str = ""  # of a ratio: the event it is taken over
    horizon_days: int = 28
    covariate_days: int = 0  # days before the assignment that sharpen the comparison (CUPED)
    winsorise: float = 1.0  # quantile at which a mean's values are cut; 1 cuts nothing
    minimum: float = 0.0  # of a secondary metric: the smallest change worth acting on
    quantile: float = 0.0  # of a quantile: 0.5 is the median


class Plan(NamedTuple):
    """One experiment as it was planned; every field is part of its fingerprint."""

    id: str  # the campaign's name
    goal: str
    owner: str  # who decides
    arms: dict[str, float]  # name: weight
    primary: Metric
    minimum_lift: float  # the smallest rise of the primary metric worth acting on
    control: str = "control"
    unit: Literal["person"] = "person"
    cluster: str = ""  # column of the people table, or stratum, whose members share an arm
    secondaries: tuple[Metric, ...] = ()
    negative_control: Metric | None = None  # what the campaign cannot have changed
    base_rate: float = 0.1  # the primary metric expected without the campaign
    act_when: Literal["low > 0", "estimate >= minimum"] = "low > 0"
    alpha: float = 0.05
    power: float = 0.8
    looks: int = 1  # 1: nothing is decided before the end
    segments: tuple[str, ...] = ("segment",)  # 05's, or strata that the file states
    exclusions: tuple[str, ...] = ()  # arms that are left out, each counted
    salt_id: str = ""  # of the draw; empty takes the id
    delivery: Metric | None = None  # what shows that the message reached somebody
    content_for: dict[str, str] | None = None  # arm: the segment it was written for
    # how looks before the end spend the error: empty takes a confidence sequence, which holds
    # however often somebody looks; the others hold at `looks` looks (group-sequential)
    spending: Literal["", "obrien-fleming", "pocock"] = ""
    people: int = 0  # planned in all arms; 0: as many as a share's minimum lift takes

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """All outcomes, the primary first; the negative control and the delivery last."""
        last = (self.negative_control, self.delivery)
        return (self.primary, *self.secondaries, *(metric for metric in last if metric))

    @property
    def generic(self) -> str:
        """The treatment that was written for nobody in particular; empty without one."""
        return next((arm for arm in self.treatments if arm not in (self.content_for or {})), "")

    @property
    def treatments(self) -> list[str]:
        """The arms that are compared with control."""
        return [arm for arm in self.arms if arm not in (self.control, *self.exclusions)]

    @property
    def shares(self) -> dict[str, float]:
        """The share of people planned in each arm that is not excluded."""
        kept = {arm: w for arm, w in self.arms.items() if arm not in self.exclusions}
        return {arm: weight / sum(kept.values()) for arm, weight in kept.items()}

    @property
    def written(self) -> str:
        """Every field, in one order and one spelling; later ones only where they are used."""
        return json.dumps(
            plain(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )


def plain(value: object) -> object:
    """Turn a plan into what JSON holds; 1 and 1.0 are one number."""
    if hasattr(value, "_asdict"):
        fields = value._asdict().items()
        return plain({name: item for name, item in fields if item or name not in LATER_FIELDS})
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, int) else value


def plan_hash(plan: Plan) -> str:
    """Fingerprint a plan: any field that changes, changes it.

    >>> plan = Plan("spring", "g", "o", {"control": 1, "treatment": 1}, Metric("visit"), 0.02)
    >>> plan_hash(plan) == plan_hash(plan._replace(arms={"treatment": 1, "control": 1}))
    True
    >>> plan_hash(plan) == plan_hash(plan._replace(segments=()))
    False
    """
    return hashlib.sha256(plan.written.encode()).hexdigest()


def read_plan(given: Mapping, *, where: str = "01_objectives.plans") -> Plan:
    """Read a plan as a study file states it, and refuse what cannot be meant.

    Raises
    ------
    SettingsError
        Naming the key and what is wrong with it.

    >>> metric = {"name": "visit", "verb": "view"}
    >>> stated = {"goal": "g", "owner": "o", "arms": {"control": 1, "b": 1}, "primary": metric}
    >>> read_plan(stated | {"id": "test", "minimum_lift": 0.01}).treatments
    ['b']
    """
    try:
        plan = TypeAdapter(Plan).validate_python(dict(given))
    except ValidationError as errors:
        wrong = errors.errors()[0]
        key = ".".join(map(str, (where, *wrong["loc"])))
        raise SettingsError(f"{key}: {wrong['msg'].lower()}.") from None
    return checked(plan, where=where)


def with_arms(plan: Plan, arms: Mapping[str, float], *, act_when: str = "low > 0") -> Plan:
    """Give a plan its arms, and what makes it say act.

    Raises
    ------
    SettingsError
        When the plan cannot be carried out so.
    """
    return checked(plan._replace(arms=dict(arms), act_when=act_when))


def checked(plan: Plan, *, where: str = "01_objectives") -> Plan:
    """Return a plan, or refuse one that cannot be carried out.

    Raises
    ------
    SettingsError
        Saying what is wrong with it.
    """
    kinds = ("low > 0", "estimate >= minimum")
    fault = "" if plan.act_when in kinds else f"act_when is one of {' or '.join(kinds)}"
    if fault := fault or fault_of(plan):
        raise SettingsError(f"{where} ({plan.id}): {fault}.")
    return plan


def default_plan(
    *,
    goal: str,
    owner: str,
    kpis: Mapping[str, str],
    primary: str,
    base_rate: float,
    minimum_lift: float,
    horizon_days: int,
) -> Plan:
    """Plan any campaign that has no plan of its own, from a study's indicators.

    The primary indicator decides; the others, and the money of the primary act, may follow it. All
    are sharpened by what people did in the 90 days before.

    >>> options = {
    ...     "base_rate": 0.1,
    ...     "minimum_lift": 0.02,
    ...     "horizon_days": 28,
    ...     "primary": "conversion",
    ... }
    >>> plan = default_plan(goal="g", owner="o", kpis={"conversion": "purchase"}, **options)
    >>> plan.id, [metric.name for metric in plan.metrics]
    ('any campaign', ['conversion', 'value'])
    """
    window = {"horizon_days": horizon_days, "covariate_days": COVARIATE_DAYS}
    shares = {kpi: Metric(kpi, "share", verb, **window) for kpi, verb in kpis.items()}
    money = Metric("value", "mean", kpis[primary], **window)
    others = tuple(metric for kpi, metric in shares.items() if kpi not in (primary, "value"))
    return Plan(
        ANY,
        goal,
        owner,
        ARMS,
        shares[primary],
        minimum_lift,
        secondaries=(*others, money),
        base_rate=base_rate,
    )


def own_plans(stated: Sequence[Mapping], usual: Plan) -> list[Plan]:
    """Read the plans that a study file states; goal and owner are the study's unless stated."""
    common = {"goal": usual.goal, "owner": usual.owner}
    return [
        read_plan(common | dict(given), where=f"01_objectives.plans[{number}]")
        for number, given in enumerate(stated)
    ]


def fault_of(plan: Plan) -> str:
    """Say what makes a plan impossible; empty where nothing does."""
    names = [metric.name for metric in plan.metrics]
    least = plan.minimum_lift > 0 and 0 < plan.alpha < 1 and 0 < plan.power < 1 and plan.looks > 0
    ratios = [metric for metric in plan.metrics if metric.kind == "ratio"]
    faults = {
        f"control: {plan.control!r} is none of the arms {', '.join(plan.arms)}": (
            plan.control not in plan.arms or plan.control in plan.exclusions
        ),
        "arms: an experiment has two arms or more": not plan.treatments,
        "arms: every weight must be above 0": min(plan.arms.values(), default=0) <= 0,
        "two metrics have the same name": len(set(names)) < len(names),
        "minimum_lift above 0, alpha and power between 0 and 1, one look or more": not least,
        "a ratio needs its denominator": any(not metric.denominator for metric in ratios),
        "a quantile has its place, `quantile`, between 0 and 1; other kinds have none": any(
            (metric.kind == "quantile") != (0 < metric.quantile < 1) for metric in plan.metrics
        ),
        "a quantile takes people who were drawn one by one, and not clusters": bool(
            plan.cluster and any(metric.kind == "quantile" for metric in plan.metrics)
        ),
        "content_for names arms that are treatments of the plan": bool(
            set(plan.content_for or {}) - set(plan.treatments)
        ),
        "content_for leaves one arm that is written for nobody in particular": bool(
            plan.content_for and not plan.generic
        ),
        "spending is for two looks or more": bool(plan.spending) and plan.looks < 2,
        "looks at what is no share need `people`, how many are planned": (
            plan.looks > 1 and plan.primary.kind != "share" and plan.people < 1
        ),
        "a horizon is one day or more": any(metric.horizon_days < 1 for metric in plan.metrics),
    }
    return next((fault for fault, holds in faults.items() if holds), "")
