"""Links a million invented records, and says what our part adds to plain Splink.

Both link the same records with the same comparisons, blocking rules and threshold. Plain is what
the Splink manual does: set up, estimate, predict, cluster. Ours does the same and chooses the
blocking, counts, guards and names the groups. Prints seconds, ratio and peak memory; the
processors' seconds hold on a machine that does other things too.
Run it alone: `python tests/bench/identity.py [records]`.
"""

import multiprocessing
import resource
import sys
from time import perf_counter, process_time

import numpy as np
import pandas as pd
from splink import block_on

from coterie.sourcing.identity.blocking import choose_blocking
from coterie.sourcing.identity.clusters import group_accounts
from coterie.sourcing.identity.comparisons import comparable_fields
from coterie.sourcing.identity.records import comparable_records
from coterie.sourcing.identity.scoring import score
from coterie.sourcing.identity.training import (
    EM_PAIRS,
    EM_RULES,
    RANDOM_PAIRS,
    RECALL,
    SURE,
    enough_pairs,
    quiet_engine,
    splink_linker,
    train,
)

THRESHOLD = 0.85
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


def words(rng: np.random.Generator, n: int, *, size: int) -> np.ndarray:
    """Invent different words; the first ones will be drawn most often."""
    return np.unique(["".join(rng.choice(LETTERS, size)) for _ in range(n)])


def invent(n: int, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Invent people, a fifth of whom stand in the data twice, once with a slip of the pen."""
    rng = np.random.default_rng(seed)
    n_people = round(n / 1.2)
    given, surname = words(rng, 800, size=6), words(rng, 20_000, size=7)
    city = words(rng, 1_500, size=8)
    ranks = rng.zipf(1.3, (3, n_people)) - 1
    people = pd.DataFrame(
        {
            "given_name": given[ranks[0] % len(given)],
            "surname": surname[rng.integers(0, len(surname), n_people)],
            "city": city[ranks[2] % len(city)],
            "birth_date": pd.Series(
                pd.Timestamp("1940-01-01")
                + pd.to_timedelta(rng.integers(0, 25_000, n_people), unit="D")
            ).dt.strftime("%Y%m%d"),
            "postcode": rng.integers(10_000, 99_999, n_people).astype(str),
        }
    )
    people["email"] = people["given_name"] + np.arange(n_people).astype(str) + "@example.org"
    again = rng.choice(n_people, n - n_people, replace=False)
    copies = people.iloc[again].reset_index(drop=True)
    slips = rng.integers(0, 4, len(copies))
    copies.loc[slips == 0, "email"] = None
    copies.loc[slips == 1, "surname"] = copies["surname"].str[:-1] + "x"
    copies.loc[slips == 2, "birth_date"] = copies["birth_date"].str[:6] + "01"
    copies.loc[slips == 3, ["city", "email"]] = None
    accounts = pd.concat([people, copies], ignore_index=True)
    number = np.arange(len(accounts)).astype(str)
    return accounts.assign(platform="list", account=number), np.r_[np.arange(n_people), again]


def ours(records: pd.DataFrame) -> np.ndarray:
    """Link as the product does."""
    blocking = choose_blocking(records)
    rules = blocking.loc[blocking["used"], "rule"].tolist()
    fitted = train(records, rules=rules, threshold=THRESHOLD, review_from=THRESHOLD)
    pairs = score(records, fitted)
    platform = records["platform"].to_numpy(dtype=object)
    return group_accounts(pairs, np.arange(len(records)), platform=platform).group


def plain(records: pd.DataFrame) -> np.ndarray:
    """Link as the Splink manual does, with the same settings."""
    blocking = choose_blocking(records)
    rules = blocking.loc[blocking["used"], "rule"].tolist()
    fields = comparable_fields(records)
    with quiet_engine() as engine:
        linker = splink_linker(engine, records, fields=fields, rules=rules)
        sure = [rule for rule in SURE if all(records[part].notna().any() for part in rule)]
        linker.training.estimate_probability_two_random_records_match(
            [block_on(*rule) for rule in sure], recall=RECALL
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=0)
        for rule in (column for column in EM_RULES if enough_pairs(records[column])):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(rule),
                max_pairs=EM_PAIRS,
                record_sample_proportion=1.0,
                estimate_without_term_frequencies=True,
            )
        pairs = linker.inference.predict(threshold_match_probability=THRESHOLD)
        groups = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=THRESHOLD
        )
        found = groups.as_pandas_dataframe().sort_values("unique_id")
    return found["cluster_id"].factorize()[0]


def measured(way: str, n: int, answers: multiprocessing.Queue) -> None:
    """Link in a process of its own, so that its memory is its own."""
    accounts, true = invent(n)
    began = perf_counter()
    records = comparable_records(accounts)
    prepared, used = perf_counter(), process_time()
    group = {"ours": ours, "plain": plain}[way](records)
    seconds = (perf_counter() - prepared, process_time() - used)
    both = pd.DataFrame({"found": group, "true": true})
    sizes = [both.value_counts(), both["found"].value_counts(), both["true"].value_counts()]
    right, found, all_true = (int((s * (s - 1) // 2).sum()) for s in sizes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    answers.put((prepared - began, seconds, peak, right / found, right / all_true))


def main() -> None:
    """Print one line a way, and the ratio."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    took = {}
    for way in ("plain", "ours"):
        answers = multiprocessing.get_context("spawn").Queue()
        arguments = (way, n, answers)
        worker = multiprocessing.get_context("spawn").Process(target=measured, args=arguments)
        worker.start()
        prepared, took[way], peak, precision, recall = answers.get()
        worker.join()
        print(
            f"{way:<6}{n:>10,} records {took[way][0]:7.1f} s, {took[way][1]:7.1f} s of processors "
            f"(and {prepared:.1f} s to write them as compared), peak {peak:.2f} GiB, "
            f"precision {precision:.4f}, recall {recall:.4f}"
        )
    clock, work = (mine / theirs for mine, theirs in zip(took["ours"], took["plain"], strict=True))
    print(f"ours to plain Splink: {clock:.2f} by the clock, {work:.2f} by processors (bar 1.1)")


if __name__ == "__main__":
    main()
