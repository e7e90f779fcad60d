"""Training: a linkage model from the data alone, without labelled pairs.

How often two strangers agree is counted in random pairs; how often one person's accounts do is
estimated by expectation maximisation among pairs that share a key. Handles have no second field to
be estimated by: there the pairs of one platform, on which a person has one account, are strangers
by construction, and what agrees more often across platforms than within one is matches.
"""

import logging
from copy import deepcopy
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from coterie.sourcing.identity.comparisons import LEVELS, comparable_fields, comparison
from coterie.sourcing.identity.model import Linkage, fingerprint_of

SURE = (  # two accounts that agree here are nearly always one person
    ("number",),
    ("email",),
    ("phone",),
    ("surname", "birth_date"),
    ("full_name", "birth_date"),
    ("full_name", "street"),
)
EM_RULES = ("number", "email", "phone", "birth_date", "full_name", "street")
RECALL = 0.8  # share of the matches that the sure rules are taken to find
ROUNDS = (25, 8, 4, 2)
RANDOM_PAIRS = 2_000_000
EM_PAIRS = 1_000_000
FEWEST_PAIRS = 30  # pairs from which anything is estimated
RAREST = 1e-4  # no sample proves that something never happens
SPREAD = 0.85  # share of a person's pairs of handles that are taken to be alike at all


def train(
    records: pd.DataFrame,
    *,
    rules: list[str],
    threshold: float,
    review_from: float,
    one_account: tuple[str, ...] = (),
    seed: int = 0,
) -> Linkage:
    """Fit a linkage model to the records that it will link."""
    fields = comparable_fields(records)
    with quiet_engine() as engine:
        linker = splink_linker(engine, records, fields=fields, rules=rules)
        estimate_prior(linker, records)
        quietly_estimate(linker, records, fields=fields, seed=seed)
        weights = weights_of(linker)
        prior = linker._settings_obj._probability_two_random_records_match
        if "handle" in fields:
            seen = level_counts(engine, records, rules=rules, one_account=one_account)
            weights, prior = train_on_excess(weights, seen, prior=prior)
    return Linkage(
        max(prior, 1e-12),
        weights,
        tuple(rules),
        threshold,
        review_from,
        one_account,
        fingerprint_of(records),
    )


def quiet_engine() -> duckdb.DuckDBPyConnection:
    """Open an engine in memory that draws no progress bar onto a page."""
    engine = duckdb.connect()
    engine.execute("SET enable_progress_bar = false")
    return engine


def splink_linker(
    engine: duckdb.DuckDBPyConnection,
    records: pd.DataFrame,
    *,
    fields: list[str],
    rules: list[str],
    linkage: Linkage | None = None,
) -> Linker:
    """Set Splink up for the records, with a fitted model's numbers where there is one."""
    made = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparison(field) for field in fields],
        blocking_rules_to_generate_predictions=[block_of(rule) for rule in rules],
        retain_matching_columns=True,  # else Splink forgets which level each comparison reached
        retain_intermediate_calculation_columns=linkage is not None,
        additional_columns_to_retain=["platform"],
    ).create_settings_dict("duckdb")
    if linkage:
        made["probability_two_random_records_match"] = linkage.prior
        numbers = linkage.weights[["m", "u"]].itertuples(index=False)
        for one in stated_levels(made):
            one["m_probability"], one["u_probability"] = next(numbers)
    backend = DuckDBAPI(engine)
    return Linker(backend.register(records), made, log_level=logging.ERROR)


def block_of(rule: str) -> object:
    """Turn a rule of ours into Splink's."""
    return block_on(*rule.split(",")) if rule else "1=1"


def stated_levels(settings: dict) -> list[dict]:
    """List the levels of all comparisons, without those where something is missing."""
    every = [one for part in settings["comparisons"] for one in part["comparison_levels"]]
    return [one for one in every if not one.get("is_null_level")]


def estimate_prior(linker: Linker, records: pd.DataFrame) -> None:
    """Estimate the share of all pairs that match from pairs which nearly always do."""
    sure = [rule for rule in SURE if all(records[part].notna().any() for part in rule)]
    if not sure:
        return
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*rule) for rule in sure], recall=RECALL
    )
    every = len(records) * (len(records) - 1) / 2
    found = linker._settings_obj._probability_two_random_records_match
    linker._settings_obj._probability_two_random_records_match = max(found, 1 / every)


def quietly_estimate(
    linker: Linker, records: pd.DataFrame, *, fields: list[str], seed: int
) -> None:
    """Estimate how often strangers agree, and how often one person's accounts do."""
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=seed)
    if len(fields) == 1:
        return
    for rule in (column for column in EM_RULES if enough_pairs(records[column])):
        maximise(linker, rule)


def maximise(linker: Linker, rule: str) -> None:
    """Run expectation maximisation among the pairs that share a value.

    Where a level is never seen in a match, its share runs to nothing and Splink stops with an
    error; fewer rounds leave it small and the others as good.
    """
    before = linker._settings_obj
    for rounds in ROUNDS:
        settings = deepcopy(before)  # a session that fails leaves half of itself behind
        settings.training_settings = replace(before.training_settings, max_iterations=rounds)
        linker._settings_obj = settings
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(rule),
                max_pairs=EM_PAIRS,
                record_sample_proportion=1.0,  # its default looks at one record in a hundred
                estimate_without_term_frequencies=True,  # patterns are counted once, not pairs
            )
        except ValueError:
            continue
        return
    linker._settings_obj = before


def enough_pairs(column: pd.Series) -> bool:
    """Tell whether enough pairs of accounts share a value to estimate anything from them."""
    sharers = column.dropna().value_counts()
    return int((sharers * (sharers - 1) // 2).sum()) >= FEWEST_PAIRS


def weights_of(linker: Linker) -> pd.DataFrame:
    """List what Splink has estimated; a level it could not estimate weighs nothing."""
    settings = linker.misc.save_model_to_json()
    rows = [
        (part["output_column_name"], one["label_for_charts"], number(one, "m"), number(one, "u"))
        for part in settings["comparisons"]
        for one in part["comparison_levels"]
        if not one.get("is_null_level")
    ]
    weights = pd.DataFrame(rows, columns=["field", "level", "m", "u"])
    u = weights["u"].fillna(weights["m"])
    return weights.assign(m=weights["m"].fillna(u).fillna(0.5), u=u.fillna(0.5))


def number(one: dict, name: str) -> float:
    """Read a probability that was estimated; not-a-number where it was not."""
    found = one.get(f"{name}_probability")
    return max(float(found), RAREST) if isinstance(found, int | float) else float("nan")


def level_counts(
    engine: duckdb.DuckDBPyConnection,
    records: pd.DataFrame,
    *,
    rules: list[str],
    one_account: tuple[str, ...],
) -> pd.DataFrame:
    """Count the pairs at each level of likeness of handles, the most alike first.

    Returns
    -------
    `within`, the share of pairs of one platform on which a person has one account only, and
    `across`, the share of pairs of two platforms.
    """
    linker = splink_linker(engine, records, fields=["handle"], rules=rules)
    pairs = linker.inference.predict(warning_mode="never")
    alone = ", ".join(f"'{name}'" for name in one_account) or "''"
    counted = linker.misc.query_sql(
        f"""SELECT gamma_handle AS gamma,
          sum((platform_l = platform_r AND platform_l IN ({alone}))::INT) AS within,
          sum((platform_l <> platform_r)::INT) AS across
        FROM {pairs.physical_name} WHERE gamma_handle > 0 GROUP BY gamma""",
        output_type="pandas",
    )
    pairs.drop_table_from_database_and_remove_from_cache()
    known = records.loc[records["alias"].notna(), ["platform", "full_name"]]
    named = pairs_by_platform(known[known["full_name"].notna()])
    every = pairs_by_platform(known).sub(named, fill_value=0)
    n_within = every.reindex([*one_account], fill_value=0).sum()
    n_across = every["all"] - every.drop("all").sum()
    n_levels = len(LEVELS["handle"]) - 2  # neither missing nor different
    by_level = counted.set_index("gamma").reindex(range(n_levels, 0, -1), fill_value=0)
    return pd.DataFrame(
        {
            "within": (by_level["within"] + 0.5) / max(n_within, 1),
            "across": by_level["across"] / max(n_across, 1),
        }
    )


def pairs_by_platform(records: pd.DataFrame) -> pd.Series:
    """Count the pairs of records of each platform, and of all."""
    sizes = records["platform"].value_counts().reindex(sorted(records["platform"].unique()))
    sizes["all"] = sizes.sum()
    return sizes * (sizes - 1) / 2


def train_on_excess(
    weights: pd.DataFrame, seen: pd.DataFrame, *, prior: float
) -> tuple[pd.DataFrame, float]:
    """Train handles on what two platforms have in common more often than one platform has.

    The pairs of one platform are strangers: their levels are u. What is seen more often across
    platforms is matches: prior times m. Nothing changes where no platform allows one account only.
    """
    if seen["within"].ge(0.5).any():
        return weights, prior
    excess = (seen["across"] - seen["within"]).clip(lower=0)
    matches = excess.sum() / SPREAD
    m = [*(excess / matches), 1 - SPREAD] if matches else [*seen["within"], 1.0]
    u = [*seen["within"], 1 - seen["within"].sum()]
    of_handles = weights["field"] == "handle"
    alone = of_handles.all()
    trained = weights.copy()
    trained.loc[of_handles, "u"] = u
    trained.loc[of_handles, "m"] = np.clip(m, RAREST, 1)
    return trained, matches if alone and matches else prior
