"""The study of one three-armed test in one file: published figures come out, without a script."""

import pytest
from notebooks.conftest import read_study, run_study

from coterie.study import STAGES

pytestmark = pytest.mark.real
# Hillstrom (2008), counted by hand from the file: people, share who visited and bought, dollars
ARMS = {
    "Mens E-Mail": (21_307, 0.1828, 0.0125, 1.42),
    "Womens E-Mail": (21_387, 0.1514, 0.0088, 1.08),
    "No E-Mail": (21_306, 0.1062, 0.0057, 0.65),
}
SPEND = {"Mens E-Mail": (0.770, 0.485, 1.055), "Womens E-Mail": (0.424, 0.169, 0.680)}


@pytest.fixture(scope="module")
def source(real_data) -> dict:
    """Where the study finds its file."""
    return {"02_sourcing": {"source": str(real_data("hillstrom"))}}


@pytest.mark.slow
def test_all_of_the_file_becomes_people_arms_and_outcomes(source, tmp_path_factory):
    read = read_study(tmp_path_factory.mktemp("email-read"), "email", **source)
    arms = read.table("exposures")
    assert arms["arm"].value_counts().to_dict() == {arm: row[0] for arm, row in ARMS.items()}
    outcomes = read.table("outcomes")
    assert len(outcomes) == 64_000 * 9
    assert len(read.table("quarantine")) == 0


@pytest.fixture(scope="module")
def email(source, tmp_path_factory):
    return run_study(tmp_path_factory.mktemp("email"), "email", **source)


@pytest.mark.slow
def test_the_published_figures_come_out_with_both_arms_against_none(email):
    effects = email.table("effects").query("experiment == 'email' and segment == 'all'")
    found = effects.set_index(["metric", "arm"])
    for arm, (_, visit, conversion, spend) in ARMS.items():
        column = "arm_mean"
        key = arm
        if arm == "No E-Mail":
            column, key = "control_mean", "Mens E-Mail"
        assert found.loc[("visit", key), column] == pytest.approx(visit, abs=5e-5)
        assert found.loc[("conversion", key), column] == pytest.approx(conversion, abs=5e-5)
        assert found.loc[("spend", key), column] == pytest.approx(spend, abs=5e-3)
    for arm, told in SPEND.items():
        row = found.loc[("spend", arm), ["effect", "low", "high"]]
        assert tuple(row) == pytest.approx(told, abs=6e-4)
    # of the men's e-mail one in 200 spent more than $92.24, of none more than $29.99
    large = found.loc[("large_spend", "Mens E-Mail"), ["effect", "low", "high"]]
    assert tuple(large) == pytest.approx((62.25, 39.06, 96.42), abs=0.01)
    assert set(effects["evidence"]) == {"A"}


@pytest.mark.slow
def test_every_page_is_written_and_every_outcome_is_decided_on(email):
    assert {f"{stage}.html" for stage in STAGES} <= {file.name for file in email.reports.iterdir()}
    decided = email.table("decisions").query("segment == 'all'")
    assert len(decided) == 8
    assert (decided.query("metric != 'large_spend'")["decision"] == "act").all()
    strata = email.table("effects").query("metric == 'visit'")["segment"]
    assert {"newbie: 0", "channel: Web", "history_segment: 1) $0 - $100"} <= set(strata)
    assert email.findings["10 n_exported"] == 0
