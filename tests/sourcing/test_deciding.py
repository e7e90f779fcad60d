"""Poor sources rank last, bounds hold the truth, and the cheapest place that may is chosen."""

import io
from datetime import date
from pathlib import Path
from unittest import mock

import ibis
import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts, sourcing
from coterie.demo import Knobs, make_world
from coterie.lake.column_map.files import locate_files, read_rows
from coterie.sourcing import deciding
from coterie.sourcing.deciding.scorecard import CRITERIA, lags, score_sources
from coterie.sourcing.retention import rules_of
from coterie.study import Settings

STUDY = Path(__file__).parents[2] / "notebooks" / "studies" / "demo.yml"
AS_OF = date(2026, 7, 1)
FORUM = [
    {
        "path": "forum/members.csv",
        "gives": "accounts",
        "platform": "forum",
        "columns": {"account": "nick", "email": "mail", "region": "country"},
    },
    {
        "path": "forum/activity.csv",
        "gives": "events",
        "platform": "forum",
        "columns": {"account": "nick", "at": "seen", "verb": "act", "object_id": "thread"},
        "verbs": {"visit": "view"},
    },
]


class Read:
    """A world, read as notebook 02 reads it."""

    def __init__(self, folder, **knobs):
        self.world = make_world(Knobs(**knobs))
        for name, content in self.world.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        listed = yaml.load(STUDY.read_text(), Settings)["02_sourcing"]["files"]
        listed = [*listed, *(FORUM if knobs.get("poor_source") else [])]
        with mock.patch("coterie.lake.column_map.files.source_folder", return_value=folder):
            found = locate_files("here", listed)
            self.files = [read_rows(path, entry, folder="here") for path, entry in found]
        self.rows = sourcing.sort_all(self.files, as_of=AS_OF)
        self.found = sourcing.reconcile(self.files, self.rows)
        brand = sourcing.brand_accounts(self.rows["posts"].kept, ["brightside"]).to_pandas()
        accounts = sourcing.without_brands(sourcing.all_accounts(self.rows), brand)
        self.linked = sourcing.link_accounts(accounts, key=b"key")
        links = sourcing.links_of(self.linked)
        self.links = links.to_pandas()
        kept = self.rows["events"].kept, self.rows["posts"].kept
        self.events = sourcing.events_table(*kept, links, key=b"key").cache()

    def measured(self):
        said = self.world.truth["people"].set_index("person")["consent"]
        true = self.world.truth["accounts"].merge(self.links, on=["platform", "account"])
        allowed = set(true.loc[true["person"].map(said) == "true", "person_id"])
        return deciding.measure_sources(
            self.files,
            self.rows,
            self.found,
            linked=self.linked,
            allowed=allowed,
            rules=rules_of(),
            as_of=AS_OF,
        )


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    return Read(tmp_path_factory.mktemp("world"), n_people=300, days=90, seed=5, poor_source=True)


@pytest.fixture(scope="module")
def truth(read):
    """How many people there are, and the share of them that bought something."""
    orders = pd.read_csv(io.BytesIO(read.world.files["shop/orders.csv"]), dtype=str)
    accounts = read.world.truth["accounts"]
    shop = accounts[accounts["platform"] == "shop"].set_index("account")["person"]
    good = orders["customer_no"].map(shop).dropna()
    n_people = len(read.world.truth["people"])
    return n_people, good.nunique() / n_people


def test_the_planted_poor_source_ranks_last_whatever_one_values(read):
    scores = score_sources(read.measured())
    last = scores.iloc[-1]
    assert last["platform"] == "forum"
    assert last["rank"] == last["rank_low"] == len(scores) == 11


def test_the_poor_source_changes_nothing_else(read):
    plain = make_world(Knobs(n_people=300, days=90, seed=5))
    assert set(read.world.files) - set(plain.files) == {"forum/members.csv", "forum/activity.csv"}
    assert all(read.world.files[name] == content for name, content in plain.files.items())


def test_what_a_source_is_measured_by_is_what_was_planted(read):
    measured = read.measured().set_index("platform")
    forum, shop = measured.loc["forum"], measured.loc["shop"]
    assert forum[["lag_p50_days", "lag_p95_days"]].gt([20, 60]).all()
    assert shop["lag_p95_days"] < 7
    assert forum["kept_share"] == pytest.approx(0.8, abs=0.1)
    assert forum[["key_coverage", "filled_share"]].lt([0.1, 0.8]).all()
    assert shop[["key_coverage", "filled_share"]].gt([0.9, 0.8]).all()
    shares = measured[CRITERIA].to_numpy()
    assert ((shares >= 0) & (shares <= 1)).all()


def test_a_study_shorter_than_the_window_is_not_called_stale():
    days = pd.DataFrame({"platform": "x", "at": pd.date_range("2026-06-20", "2026-06-30")})
    late = pd.DataFrame({"platform": "y", "at": pd.to_datetime(["2026-06-29"])})
    found = lags({"events": ibis.memtable(pd.concat([days, late]))}, as_of=AS_OF)
    assert found.loc["x"].tolist() == [0.0, 0.0, 1.0]
    assert found.loc["y", "lag_p50_days"] == 11


def test_a_source_worse_in_everything_is_last_under_every_weighting():
    shares = pd.DataFrame(np.random.default_rng(0).uniform(0.3, 1, (6, 6)), columns=CRITERIA)
    shares.loc[3] = 0.1
    scores = score_sources(shares.assign(platform=list("abcdef")))
    assert scores.set_index("platform").loc["d", ["rank", "rank_low", "rank_high"]].eq(6).all()


def test_the_bounds_hold_how_many_people_there_are(read, truth):
    kept = read.links[read.links["platform"] != "forum"]
    low, high = deciding.count_bounds(kept)
    assert low <= truth[0] <= high
    assert high <= 1.15 * low


@pytest.mark.parametrize("left_out", ["", "email", "crm", "web", "instagram", "shop"])
def test_the_bounds_hold_the_share_that_buys_whatever_platform_is_missing(read, truth, left_out):
    links = read.links[~read.links["platform"].isin([left_out, "forum"])]
    events = read.events.filter(~read.events["platform"].isin([left_out, "forum"]))
    bounds = deciding.rate_bounds(links, events, verb="purchase")
    assert (bounds["low"] <= truth[1]).all()
    assert (truth[1] <= bounds["high"]).all()


def test_assuming_more_narrows_the_bounds_and_a_missing_platform_widens_them(read):
    bounds = deciding.rate_bounds(read.links, read.events, verb="purchase")
    width = bounds["high"] - bounds["low"]
    assert width.iloc[1] < width.iloc[0]
    without = deciding.without_each(read.links, read.events, verb="purchase").set_index("without")
    widths = without["high"] - without["low"]
    assert widths["shop"] == pytest.approx(1.0)
    assert widths["shop"] > widths["nothing"]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_bounds_hold_the_truth_of_any_small_world_whose_accounts_are_partly_linked(data):
    n, platforms = data.draw(st.integers(2, 12)), ["shop", "crm", "x"]
    has = [data.draw(st.sets(st.sampled_from(platforms), min_size=1)) for _ in range(n)]
    buys = [data.draw(st.booleans()) and "shop" in has[i] for i in range(n)]
    rows = [
        (where, f"{where}{i}", f"p{i}" if data.draw(st.booleans()) else f"{where}{i}", i)
        for i in range(n)
        for where in sorted(has[i])
    ]
    links = pd.DataFrame(rows, columns=["platform", "account", "person_id", "truly"])
    bought = links[(links["platform"] == "shop") & links["truly"].map(buys.__getitem__)]
    acts = pd.DataFrame({"platform": "shop", "person_id": bought["person_id"], "verb": "purchase"})
    schema = {"platform": "string", "person_id": "string", "verb": "string"}
    events = ibis.memtable(acts.astype(object), schema=schema)
    low, high = deciding.count_bounds(links)
    assert low <= n <= high
    first = deciding.rate_bounds(links, events, verb="purchase").iloc[0]
    assert first["low"] - 1e-9 <= sum(buys) / n <= first["high"] + 1e-9


def test_coverage_says_of_each_platform_whom_it_sees(read):
    coverage = deciding.platform_coverage(read.links, read.events).set_index("platform")
    people = read.links.groupby("platform")["person_id"].nunique()
    assert (coverage["n_people"] == people).all()
    assert coverage.loc["forum", "only_share"] > 0.9 > coverage.loc["shop", "only_share"]


def test_identifiers_stay_at_home_until_they_may_leave_and_size_decides_then():
    pairs = [(contracts.Vault, 10**6), (contracts.Events, 10**8), (contracts.Sources, 10)]
    volumes = deciding.table_volumes(
        [(c, ibis.memtable({"n": [1]}).mutate(n=ibis.literal(n))) for c, n in pairs]
    )
    assert volumes["sensitivity"].tolist() == ["identifiers", "pseudonyms", "none"]
    volumes["rows"] = [n for _, n in pairs]
    asked = {"rows_per_day": 10**5, "refresh_hours": 24}

    def place(**changes):
        found = deciding.choose_place(volumes, **(asked | {"may_leave": "nothing"} | changes))
        return found.loc[found["chosen"], "place"].tolist()

    assert place() == ["own machine"]
    assert place(rows_per_day=10**7) == []  # too large for one machine, and nothing may leave
    assert place(rows_per_day=10**7, may_leave="pseudonyms") == ["both"]
    assert place(rows_per_day=10**7, may_leave="identifiers") == ["warehouse"]
    assert place(refresh_hours=0.5, may_leave="pseudonyms") == ["both"]


def test_the_slowest_refresh_that_is_soon_enough_is_chosen():
    chosen = {
        hours: deciding.choose_refresh(n_rows=10**6, rows_per_day=5000, refresh_hours=hours)
        .query("chosen")["refresh"]
        .tolist()
        for hours in (24, 6, 0.5, 0.001)
    }
    assert chosen == {24: ["nightly batch"], 6: ["hourly micro-batch"], 0.5: ["stream"], 0.001: []}


def test_leaving_out_the_only_platform_leaves_everything_possible():
    links = pd.DataFrame({"platform": ["x"], "account": ["ana"], "person_id": ["p1"]})
    acts = pd.DataFrame({"platform": ["x"], "person_id": ["p1"], "verb": ["like"]})
    found = deciding.without_each(links, ibis.memtable(acts), verb="like").set_index("without")
    assert found.loc["x", ["n_people", "low", "high"]].tolist() == [0, 0.0, 1.0]
    assert found.loc["nothing", "low"] == 1.0
