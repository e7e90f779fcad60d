"""The linkage model finds who is who in data whose truth is known: precision first.

One configuration for all: only the column map differs. The threshold 0.85 is the default.
"""

import io

import numpy as np
import pandas as pd
import pytest
import yaml

from coterie import sourcing
from coterie.contracts import model_contract
from coterie.demo import Knobs, make_world
from coterie.lake import Model
from coterie.lake.versions.models import check_model
from coterie.sourcing.identity import as_linkage, as_model
from coterie.sourcing.identity.linking import compare_accounts, fit_linkage, link_accounts
from coterie.study import DataError, SettingsError

SOCIAL = ["facebook", "instagram", "linkedin", "tiktok", "x", "youtube"]
NETWORKS = ["twitter", "facebook", "instagram", "youtube"]


def pairs_in(sizes):
    return int((sizes * (sizes - 1) // 2).sum())


def scores(found, true):
    """Precision and recall over pairs of accounts, and B-cubed: every account weighs alike."""
    both = pd.DataFrame({"found": np.asarray(found), "true": np.asarray(true)})
    common = both.groupby(["found", "true"])["found"].transform("size")
    right = pairs_in(both.groupby(["found", "true"]).size())
    return {
        "precision": right / max(pairs_in(both["found"].value_counts()), 1),
        "recall": right / pairs_in(both["true"].value_counts()),
        "b3_precision": (common / both.groupby("found")["found"].transform("size")).mean(),
        "b3_recall": (common / both.groupby("true")["true"].transform("size")).mean(),
    }


def link(accounts, *, one_account=(), linkage="fuzzy"):
    fitted = fit_linkage(accounts, linkage=linkage, one_account=one_account, region="US")
    pairs = compare_accounts(accounts, fitted, key=b"k", region="US")
    linked = link_accounts(
        accounts, pairs, key=b"k", threshold=fitted.threshold, one_account=fitted.one_account
    )
    return linked, pairs, fitted


def plain_accounts(frame):
    every = frame.assign(platform="list", account=[str(n) for n in range(len(frame))])
    empty = {"email": None, "phone": None, "crm_id": None, "name": None}
    return every.assign(**{name: value for name, value in empty.items() if name not in every})


def febrl(folder, number):
    rows = pd.read_csv(folder / f"febrl{number}.csv", skipinitialspace=True, dtype=str)
    rows.columns = rows.columns.str.strip()
    mapped = pd.DataFrame(
        {
            "given_name": rows["given_name"],
            "surname": rows["surname"],
            "birth_date": rows["date_of_birth"],
            "street": rows["street_number"].fillna("") + " " + rows["address_1"].fillna(""),
            "city": rows["suburb"],
            "postcode": rows["postcode"],
            "region": rows["state"],
        }
    )
    return plain_accounts(mapped), rows["rec_id"].str.extract(r"rec-(\d+)")[0]


def fake(folder):
    rows = pd.read_csv(folder / "fake_1000.csv", dtype=str)
    names = {"first_name": "given_name", "dob": "birth_date"}
    columns = ["given_name", "surname", "birth_date", "city", "email"]
    return plain_accounts(rows.rename(columns=names)[columns]), rows["cluster"]


def full_name(name):
    return name.get("official_full") or f"{name['first']} {name['last']}"


def congress(folder, *, roster):
    """Accounts of members of Congress: handles only; the roster has names only."""
    members = yaml.safe_load((folder / "legislators-current.yaml").read_text())
    social = yaml.safe_load((folder / "legislators-social-media.yaml").read_text())
    rows = [
        ("roster", m["id"]["bioguide"], full_name(m["name"]), m["id"]["bioguide"])
        for m in members
        if roster
    ]
    rows += [
        (network, str(m["social"][network]), None, m["id"]["bioguide"])
        for m in social
        for network in NETWORKS
        if network in m["social"]
    ]
    frame = pd.DataFrame(rows, columns=["platform", "account", "name", "true"])
    return frame.assign(email=None, phone=None, crm_id=None)


def demo(n_people, seed, *, studies):
    """The planted world's accounts as its exports state them, with whose they are."""
    world = make_world(Knobs(n_people, 60, seed=seed))
    settings = yaml.safe_load((studies / "demo.yml").read_text(encoding="utf-8"))
    frames = []
    for entry in settings["02_sourcing"]["files"]:
        if entry["gives"] == "accounts":
            content = io.BytesIO(world.files[entry["path"]])
            encoding = entry.get("encoding", "utf-8")
            rows = (
                pd.read_json(content, dtype=str)
                if entry["path"].endswith("json")
                else pd.read_csv(content, dtype=str, encoding=encoding)
            )
            named = {ours: rows[theirs] for ours, theirs in entry["columns"].items()}
            frames.append(pd.DataFrame(named).assign(platform=entry["platform"]))
    accounts = pd.concat(frames, ignore_index=True).astype(object)
    accounts = accounts.where(accounts.notna() & (accounts != ""), None)
    truth = world.truth["accounts"].merge(world.truth["people"][["person", "device"]], on="person")
    known = accounts.merge(truth, on=["platform", "account"])
    return known.drop_duplicates(["platform", "account"]).reset_index(drop=True)


def merged_over_a_device(linked):
    people = linked.groupby("person_id").filter(lambda rows: rows["person"].nunique() > 1)
    owners = people.drop_duplicates(["person_id", "person"])
    return int(owners.duplicated(["person_id", "device"]).sum())


@pytest.fixture(scope="module")
def studies(request):
    return request.config.rootpath / "notebooks" / "studies"


@pytest.fixture(scope="module")
def small_world(studies):
    accounts = demo(200, 5, studies=studies)
    return accounts, *link(accounts, one_account=SOCIAL)


def test_likeness_joins_what_mistyped_keys_keep_apart_and_nobody_over_a_device(small_world):
    accounts, linked, _, _ = small_world
    exact, _, _ = link(accounts, linkage="exact")
    with_likeness, by_keys = (
        scores(linked["person_id"], linked["person"]),
        scores(exact["person_id"], exact["person"]),
    )
    assert by_keys["precision"] == 1
    assert with_likeness["precision"] >= 0.995
    assert with_likeness["recall"] > by_keys["recall"] + 0.01
    assert merged_over_a_device(linked) == 0
    assert linked["match_probability"].dropna().between(0.85, 1).all()
    assert linked["link_rule"].isin(["single", "several", "similar", "email", "phone"]).all()


def test_the_model_survives_the_lake_and_scores_the_same(small_world):
    accounts, _, pairs, fitted = small_world
    model = as_model(fitted)
    check_model(model_contract("linkage"), model)
    again = as_linkage(Model(model.kind, model.settings, model.arrays))
    scored = compare_accounts(accounts, again, key=b"k", region="US")
    assert np.allclose(scored["match_probability"], pairs["match_probability"])
    assert len(fitted.trained_on) == 16


def test_a_model_of_other_comparisons_is_refused(small_world):
    accounts, _, _, fitted = small_world
    other = fitted._replace(weights=fitted.weights.iloc[1:])
    with pytest.raises(DataError, match="compared otherwise"):
        compare_accounts(accounts, other, key=b"k")


def test_the_evidence_adds_up_to_the_probability_and_names_no_value(small_world):
    accounts, _, pairs, fitted = small_world
    why = sourcing.why_linked(pairs, fitted)
    odds = 2.0 ** why.table["total"].iloc[-1]
    assert odds / (1 + odds) == pytest.approx(why.match_probability, abs=1e-6)
    assert (
        why.match_probability == pairs.query("match_probability >= 0.85")["match_probability"].min()
    )
    words = " ".join(why.table[["field", "level"]].to_numpy().ravel())
    stated = {str(v).lower() for c in ("email", "name", "phone") for v in accounts[c].dropna()}
    assert not [value for value in stated if value in words.lower()]
    pair = pairs.iloc[0]
    chosen = sourcing.why_linked(pairs, fitted, pair["account_b"], pair["account_a"])
    assert chosen.match_probability == pair["match_probability"]
    with pytest.raises(DataError, match="did not compare"):
        sourcing.why_linked(pairs, fitted, "p_none", "p_nobody")


def test_only_pairs_that_are_not_one_person_wait_for_review(small_world):
    _, linked, pairs, fitted = small_world
    queue = sourcing.review_queue(pairs, linked, threshold=fitted.threshold)
    assert (queue["person_a"] != queue["person_b"]).all()
    low = queue[queue["reason"].str.contains("neither")]
    assert low["match_probability"].between(fitted.review_from, fitted.threshold).all()
    assert set(queue) == {
        *["account_a", "account_b", "person_a", "person_b", "match_probability", "reason"],
        "answer",
    }


def test_exact_linkage_compares_nothing():
    accounts = plain_accounts(pd.DataFrame({"email": ["a@x.org", "A@x.org", "b@x.org"]}))
    linked, pairs, fitted = link(accounts, linkage="exact")
    assert pairs.empty
    assert as_model(fitted).kind == "exact"
    assert linked["n_accounts"].tolist() == [2, 2, 1]
    assert sourcing.why_linked(pairs, fitted) is None
    with pytest.raises(SettingsError, match="fuzy"):
        fit_linkage(accounts, linkage="fuzy")


def test_fake_1000_is_linked_at_the_shared_threshold(real_data):
    accounts, true = fake(real_data("identity"))
    linked, _, _ = link(accounts)
    found = scores(linked["person_id"], true)
    assert found["precision"] >= 0.99
    assert found["recall"] >= 0.89


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
def test_febrl_is_linked_at_the_shared_threshold(real_data, number):
    accounts, true = febrl(real_data("identity"), number)
    linked, _, _ = link(accounts)
    found = scores(linked["person_id"], true)
    assert found["precision"] >= 0.99
    assert found["recall"] >= 0.99


@pytest.mark.slow
def test_handles_lead_to_the_member_of_congress(real_data):
    accounts = congress(real_data("congress_social"), roster=True)
    linked, _, _ = link(accounts, one_account=[*NETWORKS, "roster"])
    is_member = linked["platform"] == "roster"
    member = linked[is_member].set_index("person_id")["true"]
    handles = linked[~is_member]
    to_whom = handles["person_id"].map(member)
    assert (to_whom == handles["true"])[to_whom.notna()].mean() >= 0.99
    assert (to_whom == handles["true"]).mean() >= 0.80


@pytest.mark.slow
def test_handles_alone_lead_to_one_another(real_data):
    accounts = congress(real_data("congress_social"), roster=False)
    linked, _, _ = link(accounts, one_account=NETWORKS)
    found = scores(linked["person_id"], linked["true"])
    assert found["precision"] >= 0.99
    assert found["recall"] >= 0.80


@pytest.mark.slow
def test_the_planted_world_is_linked(studies):
    accounts = demo(1000, 3, studies=studies)
    linked, _, _ = link(accounts, one_account=SOCIAL)
    found = scores(linked["person_id"], linked["person"])
    assert found["precision"] >= 0.99
    assert found["recall"] >= 0.98
    assert min(found["b3_precision"], found["b3_recall"]) >= 0.98
    assert merged_over_a_device(linked) == 0
