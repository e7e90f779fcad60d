"""Journeys: steps are counted in order, planted losses and effects found, the future unseen."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts
from coterie.features.journeys import funnel, removal_effects, step_counts, step_shares
from coterie.features.journeys.funnels import losses, step_times
from coterie.features.journeys.removal import chains, conversion_share
from coterie.features.journeys.steps import CONVERSION, END, START

AS_OF = date(2026, 7, 1)
SPAN = {"as_of": AS_OF, "lookback_days": 90}
ENGINES = ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"]
# around as_of; many at one moment
DAYS = st.integers(-120 * 4, 30 * 4).map(lambda quarter: quarter / 4)
ACT = st.tuples(
    st.sampled_from("abc"), DAYS, st.sampled_from(["view", "like", "click", "purchase"])
)
# Who starts goes to ad (.6) or mail (.4); the chain has no loop, so its truth is a sum over a few
# paths.
CHAIN = {
    START: {"ad": 0.6, "mail": 0.4},
    "ad": {"mail": 0.3, CONVERSION: 0.2, END: 0.5},
    "mail": {"site": 0.5, CONVERSION: 0.1, END: 0.4},
    "site": {CONVERSION: 0.3, END: 0.7},
}
CONVERT = 0.6 * (0.2 + 0.3 * 0.25) + 0.4 * 0.25  # from mail: .1 + .5 * .3 = .25
TRUTH = {
    "ad": 1 - 0.4 * 0.25 / CONVERT,
    "mail": 1 - 0.6 * 0.2 / CONVERT,
    "site": 1 - (0.6 * (0.2 + 0.3 * 0.1) + 0.4 * 0.1) / CONVERT,
}


def events_of(acts):
    """Make events from (person, days after as_of, verb) or the same and a platform."""
    frame = pd.DataFrame(
        [(*act, "web")[:4] for act in acts], columns=["person_id", "days", "verb", "platform"]
    )
    frame["at"] = pd.Timestamp(AS_OF) + pd.to_timedelta(
        (frame["days"].astype(float) * 86_400).round(), unit="s"
    )
    names = ["person_id", "at", "verb", "platform"]
    return ibis.memtable(
        frame[names], schema={name: contracts.Events.types[name] for name in names}
    )


def step_matrix(events, **options):
    """Count the steps of all people together, and their shares."""
    return step_shares(step_counts(events, **options, n_groups=1).to_pandas())


def counted(steps):
    """Make `step_counts` by hand from (source, target, n), one group."""
    return pd.DataFrame(steps, columns=["source", "target", "n"]).assign(
        group=0, people=1, reached=1
    )


def steps_of(matrix):
    return {(row.source, row.target): row.n for row in matrix.itertuples()}


def effects_of(table):
    return dict(zip(table["channel"], table["effect"], strict=True))


def reached_by_hand(acts, steps, within_days):
    """Follow the definition of a funnel, one person at a time."""
    people = dict.fromkeys(range(len(steps)), 0)
    for person in {act[0] for act in acts}:
        first = moment = None
        for n, verb in enumerate(steps):
            times = [
                day for who, day, what in acts if who == person and what == verb and -90 <= day < 0
            ]
            times = [
                day
                for day in times
                if n == 0 or (day >= moment and day - first < (within_days or np.inf))
            ]
            if not times or (n == 0 and min(times) > -(within_days or 0)):
                break
            moment = min(times)
            first = moment if n == 0 else first
            people[n] += 1
    return list(people.values())


def steps_by_hand(acts, gap_days):
    """Follow the definition of a journey, one person at a time."""
    steps = {}
    for person in {act[0] for act in acts}:
        own = [
            (day, verb == "purchase", verb)
            for who, day, verb in acts
            if who == person and -90 <= day < 0
        ]
        before, moment = START, None
        for day, converts, verb in sorted(own):
            state = CONVERSION if converts else verb
            if (before, moment) == (CONVERSION, day) == (state, day):
                continue
            if before not in (START, CONVERSION) and day - moment > gap_days:
                steps[before, END] = steps.get((before, END), 0) + 1
                before = START
            before = START if before == CONVERSION else before
            if state != before:
                steps[before, state] = steps.get((before, state), 0) + 1
            before, moment = state, day
        if before not in (START, CONVERSION):
            steps[before, END] = steps.get((before, END), 0) + 1
    return steps


def random_acts(seed, n=900):
    """Draw acts on whole and half days, so that many fall on one moment."""
    rng = np.random.default_rng(seed)
    days = rng.integers(-200, 20, n) / 2
    verbs = rng.choice(["view", "like", "click", "purchase"], n)
    return list(zip(rng.integers(0, 60, n).astype(str), days.tolist(), verbs.tolist(), strict=True))


def walks(seed, n_journeys=5000, chain=CHAIN):
    """Walk the chain: every person takes three journeys, too far apart to be one."""
    rng = np.random.default_rng(seed)
    acts = []
    for journey in range(n_journeys):
        state, day = START, -80 + 30 * (journey % 3)
        while True:
            state = rng.choice(list(chain[state]), p=list(chain[state].values()))
            if state == END:
                break
            day += 0.5
            acts.append(
                (f"p{journey // 3}", day, "purchase" if state == CONVERSION else "view", state)
            )
            if state == CONVERSION:
                break
    return events_of(acts)


def test_a_step_counts_only_at_or_after_the_step_before_it():
    acts = [
        ("ana", -9, "view"),
        ("ana", -8, "click"),
        ("ana", -7, "purchase"),
        ("bo", -9, "click"),
        ("bo", -8, "view"),
    ]
    acts += [("cy", -9, "view"), ("cy", -8, "purchase"), ("cy", -7, "click"), ("di", -9, "click")]
    table = funnel(events_of(acts), ["view", "click", "purchase"], **SPAN)
    assert table["people"].tolist() == [3, 2, 1]
    assert table["lost"].tolist() == [0, 1, 1]
    assert table["share_of_first"].round(2).tolist() == [1.0, 0.67, 0.33]
    assert table["share_of_previous"].round(2).tolist()[1:] == [0.67, 0.5]
    assert table["share_lost"].round(2).tolist()[1:] == [0.33, 0.5]
    assert table[["share_of_previous", "low", "high"]].iloc[0].isna().all()


def test_acts_at_one_moment_count_in_either_order():
    together = [("ana", -9, "click"), ("ana", -9, "view"), ("ana", -9, "purchase")]
    for steps in (["view", "click", "purchase"], ["purchase", "click", "view"]):
        assert funnel(events_of(together), steps, **SPAN)["people"].tolist() == [1, 1, 1]


def test_a_later_act_of_the_verb_rescues_one_that_came_too_early():
    acts = [("ana", -9, "click"), ("ana", -8, "view"), ("ana", -7, "click")]
    times = step_times(events_of(acts), ["view", "click"], **SPAN).to_pandas()
    assert times.values.tolist() == [
        ["ana", pd.Timestamp("2026-06-23"), pd.Timestamp("2026-06-24")]
    ]


def test_everyone_has_the_same_time_and_whose_time_is_not_over_is_left_out():
    acts = [
        ("ana", -30, "view"),
        ("ana", -23, "click"),
        ("bo", -30, "view"),
        ("bo", -23.25, "click"),
    ]
    acts += [("cy", -6.75, "view"), ("cy", -6, "click"), ("di", -7, "view"), ("di", -0.25, "click")]
    assert funnel(events_of(acts), ["view", "click"], **SPAN, within_days=7)["people"].tolist() == [
        3,
        2,
    ]
    assert funnel(events_of(acts), ["view", "click"], **SPAN)["people"].tolist() == [4, 4]


@pytest.mark.parametrize(("seed", "within_days"), [(0, None), (1, None), (2, 20), (3, 5.5)])
def test_the_funnel_is_what_following_everyone_by_hand_gives(seed, within_days):
    acts, steps = random_acts(seed), ["like", "view", "click", "purchase"]
    found = funnel(events_of(acts), steps, **SPAN, within_days=within_days)
    assert found["people"].tolist() == reached_by_hand(acts, steps, within_days)
    assert found["people"][1] > 0


def test_the_wilson_interval_stands_beside_each_share():
    table = losses(pd.DataFrame({"step": ["view", "click"], "people": [10, 0]}))
    assert table.loc[1, ["share_of_previous", "low"]].tolist() == [0.0, 0.0]
    assert table.loc[1, "high"] == pytest.approx(
        0.2775, abs=1e-4
    )  # 0 of 10, as in the source of the interval


def test_a_handful_of_people_cannot_carry_the_mark_of_the_largest_loss():
    table = losses(pd.DataFrame({"step": list("abcd"), "people": [10_000, 3_000, 3, 1]}))
    assert table["largest_loss"].tolist() == [False, False, True, False]
    table = losses(pd.DataFrame({"step": list("abc"), "people": [10_000, 3, 1]}))
    assert table["largest_loss"].tolist() == [False, True, False]
    table = losses(pd.DataFrame({"step": list("abcd"), "people": [10_000, 4_000, 3_998, 3_998]}))
    assert table["largest_loss"].tolist() == [False, True, False, False]


def test_nobody_lost_is_no_mark():
    assert not losses(pd.DataFrame({"step": ["a", "b"], "people": [5, 5]}))["largest_loss"].any()


def test_a_planted_loss_is_found_in_twenty_worlds():
    steps = ["view", "like", "click", "add", "purchase"]
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        planted = rng.integers(1, 5)
        goes_on = np.where(np.arange(1, 5) == planted, 0.6, 0.85)
        last = (rng.random((500, 4)) < goes_on).cumprod(axis=1).sum(axis=1)
        acts = [
            (str(p), -80 + 10 * n + rng.integers(0, 9), steps[n])
            for p in range(500)
            for n in range(last[p] + 1)
        ]
        noise = [(str(p), -85, verb) for p in range(500) for verb in steps[1:]]
        table = funnel(events_of(acts + noise), steps, **SPAN)
        found.append(steps.index(table.loc[table["largest_loss"], "step"].item()) == planted)
    assert all(found)


@pytest.mark.parametrize("steps", [[], ["view", "click", "view"]])
def test_a_funnel_without_steps_or_with_one_verb_twice_is_refused(steps):
    with pytest.raises(ValueError, match="each verb once"):
        funnel(events_of([("ana", -1, "view")]), steps, **SPAN)


def test_a_journey_ends_with_a_conversion_or_with_silence_and_a_new_one_starts():
    acts = [
        ("ana", -60, "view"),
        ("ana", -59, "click"),
        ("ana", -58, "purchase"),
        ("ana", -57, "view"),
    ]
    acts += [
        ("bo", -60, "view"),
        ("bo", -30, "click"),
        ("cy", -60, "view"),
        ("cy", -29.75, "purchase"),
    ]
    found = step_matrix(events_of(acts), **SPAN)
    assert steps_of(found) == {
        (START, "view"): 4,
        (
            START,
            CONVERSION,
        ): 1,  # cy was silent for more than thirty days, so the purchase is a journey of its own
        ("view", "click"): 2,
        ("view", END): 2,
        ("click", CONVERSION): 1,
        ("click", END): 1,
    }
    assert found.set_index(["source", "target"])["people"].to_dict()[START, "view"] == 3
    assert found.groupby("source")["share"].sum().tolist() == pytest.approx([1.0] * 3)
    assert found.set_index(["source", "target"])["share"].to_dict()[START, "view"] == 0.8


def test_repeats_within_a_journey_collapse_unless_they_are_asked_for():
    acts = [("ana", -60, "view"), ("ana", -59, "view"), ("ana", -58, "view"), ("ana", -20, "view")]
    assert steps_of(step_matrix(events_of(acts), **SPAN)) == {(START, "view"): 2, ("view", END): 2}
    kept = steps_of(step_matrix(events_of(acts), **SPAN, collapse=False))
    assert kept == {(START, "view"): 2, ("view", "view"): 2, ("view", END): 2}


def test_the_lines_of_one_order_are_one_conversion_that_comes_after_what_happened_with_it():
    acts = [
        ("ana", -5, "purchase"),
        ("ana", -5, "view"),
        ("ana", -5, "purchase"),
        ("ana", -4, "purchase"),
    ]
    found = steps_of(step_matrix(events_of(acts), **SPAN))
    assert found == {(START, "view"): 1, ("view", CONVERSION): 1, (START, CONVERSION): 1}
    assert steps_of(step_matrix(events_of(acts), **SPAN, collapse=False))[START, CONVERSION] == 2


def test_platforms_are_channels_and_the_conversion_is_none_wherever_it_was():
    acts = [("ana", -5, "view", "x"), ("ana", -4, "like", "mail"), ("ana", -3, "purchase", "shop")]
    found = steps_of(step_matrix(events_of(acts), **SPAN, by="platform"))
    assert found == {(START, "x"): 1, ("x", "mail"): 1, ("mail", CONVERSION): 1}
    found = steps_of(step_matrix(events_of(acts), **SPAN, by="platform", conversion="like"))
    assert found == {(START, "x"): 1, ("x", CONVERSION): 1, (START, "shop"): 1, ("shop", END): 1}


def test_an_act_that_is_called_start_or_end_is_not_taken_for_one():
    found = steps_of(step_matrix(events_of([("ana", -5, "start"), ("ana", -4, "end")]), **SPAN))
    assert found == {
        (START, "start (event)"): 1,
        ("start (event)", "end (event)"): 1,
        ("end (event)", END): 1,
    }


@pytest.mark.parametrize(("seed", "gap_days"), [(0, 30), (1, 7), (2, 2.5)])
def test_the_steps_are_what_following_everyone_by_hand_gives(seed, gap_days):
    acts = random_acts(seed)
    assert steps_of(step_matrix(events_of(acts), **SPAN, gap_days=gap_days)) == steps_by_hand(
        acts, gap_days
    )


def test_groups_hold_every_person_once_and_add_up_to_the_matrix():
    acts = random_acts(5)
    events = events_of(acts)
    counts = step_counts(events, **SPAN, n_groups=7).to_pandas()
    pd.testing.assert_frame_equal(step_shares(counts), step_matrix(events, **SPAN))
    reached = counts.groupby("target")["reached"].sum()
    for verb in ("view", "like", "click"):
        assert reached[verb] == len(
            {who for who, day, what in acts if what == verb and -90 <= day < 0}
        )
    assert counts.groupby("group")["people"].sum().gt(0).tolist() == [True] * 7


@settings(max_examples=4, deadline=None)
@given(st.lists(ACT, min_size=1, max_size=25))
def test_whatever_happens_on_or_after_the_day_changes_no_journey(acts):
    past = [act for act in acts if act[1] < 0]
    future = [(person, 0, verb) for person, _, verb in acts] + [("new", 0, "view")]
    calm, busy = events_of(past), events_of(acts + future)
    for look in (
        lambda events: funnel(events, ["view", "click", "purchase"], **SPAN, within_days=9),
        lambda events: step_counts(events, **SPAN, n_groups=2).to_pandas(),
    ):
        pd.testing.assert_frame_equal(look(calm), look(busy))


@settings(max_examples=3, deadline=None)
@given(st.lists(ACT, min_size=1, max_size=25), st.randoms())
def test_the_order_of_rows_changes_no_journey(acts, random):
    one, other = events_of(acts), events_of(random.sample(acts, len(acts)))
    counts = [step_counts(events, **SPAN, n_groups=2).to_pandas() for events in (one, other)]
    pd.testing.assert_frame_equal(*counts)
    pd.testing.assert_frame_equal(*[removal_effects(table) for table in counts])
    pd.testing.assert_frame_equal(
        *[funnel(events, ["view", "click"], **SPAN) for events in (one, other)]
    )


def test_no_events_give_empty_tables_and_a_funnel_of_zeros():
    events = events_of([])
    table = funnel(events, ["view", "click"], **SPAN)
    assert table[["people", "lost", "largest_loss"]].values.tolist() == [
        [0, 0, False],
        [0, 0, False],
    ]
    assert step_matrix(events, **SPAN).columns.tolist() == [
        "source",
        "target",
        "n",
        "people",
        "share",
    ]
    assert step_matrix(events, **SPAN).empty
    assert removal_effects(step_counts(events, **SPAN).to_pandas()).empty


def test_one_event_is_one_journey_that_ends_and_has_no_effect():
    events = events_of([("ana", -1, "view")])
    assert funnel(events, ["view", "click"], **SPAN)["people"].tolist() == [1, 0]
    assert steps_of(step_matrix(events, **SPAN)) == {(START, "view"): 1, ("view", END): 1}
    assert effects_of(removal_effects(step_counts(events, **SPAN).to_pandas())) == {"view": 0.0}


def test_when_nobody_converts_every_effect_is_zero_without_an_interval():
    acts = [(person, day, verb) for person in "abcd" for day, verb in ((-5, "view"), (-4, "click"))]
    table = removal_effects(step_counts(events_of(acts), **SPAN, n_groups=4).to_pandas())
    assert table[["people", "effect", "share"]].values.tolist() == [[4, 0, 0], [4, 0, 0]]
    assert table[["low", "high", "share_low", "share_high"]].isna().all(axis=None)


def test_when_everyone_converts_over_one_channel_it_carries_everything():
    acts = [
        (person, day, verb) for person in "abcd" for day, verb in ((-5, "view"), (-4, "purchase"))
    ]
    table = removal_effects(step_counts(events_of(acts), **SPAN, n_groups=4).to_pandas())
    assert table.values.tolist() == [["view", 4, 1, 1, 1, 1, 1, 1]]


def test_conversions_without_any_channel_leave_nothing_to_share_out():
    table = removal_effects(step_counts(events_of([("ana", -5, "purchase")]), **SPAN).to_pandas())
    assert table.empty
    both = removal_effects(counted([(START, CONVERSION, 1), (START, "ad", 1), ("ad", END, 1)]))
    assert both[["effect", "share"]].values.tolist() == [[0, 0]]


def test_a_loop_is_solved_exactly():
    # From ad half go to mail and half end; from mail half go back and half convert: 1/2 * 1/2 / (1
    # - 1/4) = 1/3.
    steps = [(START, "ad", 1), (START, CONVERSION, 1), ("ad", "mail", 1), ("ad", END, 1)]
    steps += [("mail", "ad", 1), ("mail", CONVERSION, 1)]
    found = effects_of(removal_effects(counted(steps)))
    assert found == pytest.approx(
        {"ad": 1 - 0.5 / (0.5 + 0.5 / 3), "mail": 1 - 0.5 / (0.5 + 0.5 / 3)}
    )


def test_a_closed_loop_an_unreachable_channel_and_a_dead_end_break_nothing():
    steps = [
        (START, "ad", 2),
        ("ad", CONVERSION, 1),
        ("ad", "spin", 1),
        ("spin", "turn", 1),
        ("turn", "spin", 1),
    ]
    steps += [("island", CONVERSION, 1), ("ad", "pit", 1)]
    found = removal_effects(counted(steps))
    assert effects_of(found) == {"ad": 1, "island": 0, "pit": 0, "spin": 0, "turn": 0}
    assert found["share"].sum() == 1


def test_repeats_kept_or_collapsed_give_the_same_effects():
    # without orders of several lines, which collapsing makes one
    events = events_of(set(random_acts(6)))
    both = [
        removal_effects(step_counts(events, **SPAN, collapse=c).to_pandas()) for c in (True, False)
    ]
    for column in ("effect", "share"):
        assert both[0].set_index("channel")[column].to_dict() == pytest.approx(
            both[1].set_index("channel")[column].to_dict()
        )


def test_a_planted_chain_gives_back_its_removal_effects():
    counts = step_counts(walks(0), **SPAN, gap_days=10, by="platform").to_pandas()
    found = removal_effects(counts).set_index("channel")
    for channel, truth in TRUTH.items():
        assert found.loc[channel, "effect"] == pytest.approx(truth, abs=0.03)
        assert found.loc[channel, "low"] < truth < found.loc[channel, "high"]
        assert found.loc[channel, "share"] == pytest.approx(truth / sum(TRUTH.values()), abs=0.02)
    assert (found["high"] - found["low"]).between(0.01, 0.12).all()
    assert found["share"].sum() == pytest.approx(1)


def test_with_every_channel_the_chain_gives_back_the_observed_share_of_conversions():
    counts = step_counts(events_of(random_acts(7)), **SPAN).to_pandas()
    channels = ["click", "like", "view"]
    starts = counts.loc[counts["source"] == START, "n"].sum()
    converted = counts.loc[counts["target"] == CONVERSION, "n"].sum()
    assert conversion_share(chains(counts, channels).sum(axis=0)) == pytest.approx(
        converted / starts
    )


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    held = [covered(planted_counts(rng)) for _ in range(80)]
    assert 0.91 <= np.mean(held) <= 0.99


def planted_counts(rng, n_groups=20, n_journeys=60):
    """Draw the step counts of the planted chain, without loops state by state, for every group."""
    rows = []
    for group in range(n_groups):
        arriving = {START: n_journeys}
        for source, onward in CHAIN.items():
            drawn = rng.multinomial(arriving.get(source, 0), list(onward.values()))
            for target, n in zip(onward, drawn, strict=True):
                arriving[target] = arriving.get(target, 0) + n
                rows.append((group, source, target, n, n))
    return pd.DataFrame(rows, columns=["group", "source", "target", "n", "reached"])


def covered(counts):
    table = removal_effects(counts).set_index("channel")
    total = sum(TRUTH.values())
    inside = [table.loc[c, "low"] <= t <= table.loc[c, "high"] for c, t in TRUTH.items()]
    return inside + [
        table.loc[c, "share_low"] <= t / total <= table.loc[c, "share_high"]
        for c, t in TRUTH.items()
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_journeys_compile_for_every_engine(engine):
    events = ibis.table(dict(contracts.Events.types), name="events")
    times = step_times(events, ["view", "click", "purchase"], **SPAN, within_days=7)
    for table in (
        times,
        step_counts(events, **SPAN),
        step_counts(events, **SPAN, by="platform", collapse=False),
    ):
        sql = str(ibis.to_sql(table, dialect=engine))
        assert "OVER (" in sql
        assert (
            engine != "pyspark" or "FILTER(" not in sql.replace(" ", "").upper()
        )  # Spark has no filtered windows


def test_another_engine_gives_the_same_journeys():
    acts = random_acts(8, n=300)
    events = ibis.sqlite.connect().create_table("events", events_of(acts).to_pandas())
    steps = ["view", "click", "purchase"]
    for look in (
        lambda table: funnel(table, steps, **SPAN, within_days=20),
        lambda table: step_counts(table, **SPAN, n_groups=3).to_pandas(),
    ):
        pd.testing.assert_frame_equal(look(events), look(events_of(acts)), check_dtype=False)
