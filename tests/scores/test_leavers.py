"""People of the planted world leave without a word; the forecast of churn must find who did."""

from datetime import date
from pathlib import Path

import ibis
import pandas as pd
import pytest
from notebooks.conftest import Finished, read_study

from coterie import features, scores
from coterie.demo import make_world
from coterie.demo.world import Knobs
from coterie.statistics import auc_interval

WORLD = {"n_people": 3500, "days": 180, "seed": 7, "leaver_share": 0.2, "posts_per_person": 0.5}
TODAY = date(2026, 7, 1)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The files of a world that people leave, read by notebook 02."""
    home: Path = tmp_path_factory.mktemp("leavers")
    return read_study(home, "demo", world=WORLD)


def left_days(read: Finished) -> pd.Series:
    """Look up the day on which each person left, by the address that is theirs alone."""
    people = make_world(Knobs(**WORLD)).truth["people"]
    vault = read.table("vault").query("kind == 'email'")[["person_id", "identifier"]]
    known = people.assign(identifier=people["email"].str.lower().str.strip())
    both = known.merge(vault.drop_duplicates(), on="identifier")
    return both.drop_duplicates("person_id").set_index("person_id")["left_day"]


@pytest.mark.slow
def test_who_left_without_a_word_is_found_and_forecast_out_of_time(read):
    events, posts, people = (
        ibis.memtable(read.table(name)) for name in ("events", "posts", "people")
    )
    cuts = scores.plan_cuts(events, as_of=TODAY, horizon_days=28)
    window = {"lookback_days": cuts.lookback_days}
    target = scores.churn("", horizon_days=28)
    seen = [features.behaviour(events, posts, people, as_of=on, **window) for on in cuts.known]
    samples = scores.samples_of(
        [
            scores.with_outcome(table, events, target=target, on=on).to_pandas()
            for table, on in zip(seen, cuts.known, strict=True)
        ]
    )
    gate = scores.check_sufficiency(samples, cuts=cuts)
    trial = scores.evaluate(samples, sufficiency=gate)
    alarms = scores.check_sentinels(samples, seen[-1].to_pandas(), sufficiency=gate)
    decision = scores.decide(gate, trial, alarms)
    assert decision.model, decision.sentence
    assert trial.measure("auc").low > 0.65

    about = scores.settings_of(cuts, target=target)
    forecast = scores.fit_final(samples.judged_on, decision=decision, trial=trial, settings=about)
    now = features.behaviour(events, posts, people, as_of=TODAY, **window)
    still_here = scores.at_risk(now, events, target=target, on=TODAY).to_pandas()
    scored = scores.score_people(forecast, still_here, as_of=TODAY).set_index("person_id")
    left = left_days(read).reindex(scored.index) < WORLD["days"]
    assert left.sum() > 30
    assert auc_interval(left.to_numpy(int), scored["value"].to_numpy()).low > 0.65
