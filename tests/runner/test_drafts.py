"""`coterie new`: each file is told what it was taken for, and no value of a row is written down."""

import gzip
import json
import os
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml
from expected_maps import CASES, share_right, unglobbed
from held_out import HELD_OUT, SECOND, THIRD, HeldOut

from coterie.demo import Knobs, make_world
from coterie.lake.column_map.files import Entry
from coterie.runner.drafting.drafts import draft_study
from coterie.runner.drafting.looking import look_at
from coterie.sourcing.consent.answers import polarity_of
from coterie.study import load_study

ROOT = Path(__file__).parents[2]
ORDERS = "customer_id,order_id,order_date,total\nC1,O1,2026-05-01 10:00,20.00\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder for exports, in a project without studies."""
    (tmp_path / "notebooks" / "studies").mkdir(parents=True)
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def drafted(folder: Path) -> list[dict]:
    """Draft a study and read its column map back."""
    file = draft_study("mine", folder).file
    settings = yaml.safe_load(file.read_text())
    file.unlink()
    return settings["02_sourcing"]["files"]


def entries_of(folder: Path, name: str, text: str) -> list[dict]:
    """Write one file and give the entries that it becomes."""
    (folder / name).write_text(text)
    return [entry for found in look_at(folder / name, folder) for entry in found.entries]


def test_no_value_of_a_row_reaches_the_draft_or_the_terminal(folder):
    secret = {"customer_id": "Zz71", "name": "Qwert Yuiop", "email": "qwert@example.org"}
    secret |= {"phone": "+14155550199", "notes": "likes blue", "signed_up": "2026-04-03"}
    (folder / "customers.csv").write_text(",".join(secret) + "\n" + ",".join(secret.values()))
    (folder / "people.json").write_text(json.dumps([secret]))
    (folder / "headless.csv").write_text("qwert@example.org,Yuiop,12\nasdf@example.org,Hjkl,13\n")
    (folder / "customers of May.csv").write_text("Qwert,Yuiop\nAsdf,Hjkl\n")
    (folder / "contacts.csv").write_text("Qwert,,n/a\nAsdf,12,3\nHjkl,13,4\n")
    (folder / "keyed.json").write_text(json.dumps({"Qwert Yuiop": [{"user": "q", "at": "x"}]}))
    (folder / "broken.json").write_text('{"name": "Qwert Yuiop"')
    draft = draft_study("mine", folder)
    told = draft.file.read_text() + str([found.sentence for found in draft.looked])
    said = {found.path: found for found in draft.looked}
    unread = ("headless.csv", "customers of May.csv", "contacts.csv", "keyed.json")
    assert {said[name].verdict for name in unread} == {"left out"}
    for value in (*secret.values(), "Qwert", "Yuiop", "asdf", "Hjkl", "Asdf"):
        assert value not in told


@pytest.mark.parametrize("name", ["unsubscribed.csv", "opt-outs.pdf", "suppression.xlsx"])
def test_no_run_goes_past_a_list_of_refusals_that_cannot_be_read(folder, name):
    (folder / name).write_text("ana@example.org\nbo@example.org\n")
    (found,) = look_at(folder / name, folder)
    assert found.verdict == "to be mended"
    assert "said no" in found.sentence
    assert "FILL_IN" in found.entries[0]["columns"].values()


def test_no_run_goes_past_an_archive_in_which_a_list_of_refusals_lies(folder):
    with zipfile.ZipFile(folder / "audience.zip", "w") as packed:
        packed.writestr("subscribed.csv", "email\na@example.org\n")
        packed.writestr("unsubscribed.csv", "email\nb@example.org\n")
    (found,) = look_at(folder / "audience.zip", folder)
    assert found.verdict == "to be mended"
    assert "holds 2 files (subscribed.csv, unsubscribed.csv)" in found.sentence


def test_each_file_of_an_archive_is_a_file_of_its_own(folder):
    with zipfile.ZipFile(folder / "export.zip", "w") as packed:
        packed.writestr("in/subscribed.csv", "email,city\na@example.org,Ulm\n")
        packed.writestr("in/unsubscribed.csv", "email\nb@example.org\n")
        packed.writestr("read me.pdf", b"%PDF")
    entries = {entry["path"]: entry for entry in drafted(folder)}
    assert sorted(entries) == ["export.zip/in/subscribed.csv", "export.zip/in/unsubscribed.csv"]
    assert entries["export.zip/in/unsubscribed.csv"]["columns"]["granted"] == "=no"


def test_every_kind_of_file_is_looked_into(folder):
    (folder / "A.CSV").write_text(ORDERS)
    (folder / "b_orders.tsv").write_text(ORDERS.replace(",", "\t"))
    (folder / "c_orders.csv.gz").write_bytes(gzip.compress(ORDERS.encode()))
    with zipfile.ZipFile(folder / "d_orders.zip", "w") as packed:
        packed.writestr("orders.csv", ORDERS)
    row = dict(zip(*(line.split(",") for line in ORDERS.splitlines()), strict=True))
    (folder / "e_orders.ndjson").write_text(json.dumps(row) + "\n" + json.dumps(row))
    book = openpyxl.Workbook()
    book.active.append(["Orders of May"])
    for line in ORDERS.splitlines():
        book.active.append(line.split(","))
    book.save(folder / "f_orders.xlsx")
    (folder / "follower.js").write_text(
        'window.YTD.follower.part0 = [{"follower":{"accountId":"1"}}]'
    )
    entries = {entry["path"]: entry for entry in drafted(folder)}
    assert len(entries) == 7
    wanted = {"account": "customer_id", "at": "order_date", "value": "total"}
    for path, entry in entries.items():
        if path != "follower.js":
            assert entry["gives"] == "events", path
            assert wanted.items() <= entry["columns"].items(), path


def test_what_cannot_be_read_is_said_with_its_reason(folder):
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "empty.csv").write_text("")
    (folder / "names only.csv").write_text("customer_id,order_date,total\n")
    (folder / "report.pdf").write_bytes(b"%PDF")
    (folder / "broken.xlsx").write_bytes(b"no workbook")
    (folder / "broken.zip").write_bytes(b"no archive")
    with zipfile.ZipFile(folder / "two.zip", "w") as packed:
        packed.writestr("a.csv", ORDERS)
        packed.writestr("b.pdf", b"%PDF")
    said = {found.path: found for found in draft_study("mine", folder).looked}
    reasons = {
        "names only.csv": "a header and no rows",
        "empty.csv": "it is empty",
        "report.pdf": "the ending must be one of",
        "broken.xlsx": "not readable",
        "broken.zip": "no zip archive",
        "two.zip/b.pdf": "the ending must be one of",
    }
    for name, reason in reasons.items():
        assert said[name].verdict == "left out"
        assert reason in said[name].sentence
        assert str(folder) not in said[name].sentence


def test_columns_that_say_no_become_consents_beside_the_accounts(folder):
    text = "customer_id,email,Do not contact,opted_out_at\nC1,a@example.org,x,2026-05-01\n"
    accounts, flag, moment = entries_of(folder, "customers.csv", text)
    assert accounts["gives"] == "accounts"
    assert flag["columns"]["granted"]["column"] == "Do not contact"
    assert {"x", "true", "yes", "1"} <= set(flag["columns"]["granted"]["no_values"])
    assert moment["columns"]["granted"] == moment["columns"]["at"] == "opted_out_at"
    assert polarity_of(moment).other == "no"  # by its name, whatever it holds


@pytest.mark.parametrize(
    "name", ["unsubscribed.csv", "Suppression List.csv", "do-not-contact.csv", "opt_outs_2026.csv"]
)
def test_in_a_list_of_refusals_every_row_is_a_no(folder, name):
    (entry,) = entries_of(folder, name, "email,date\na@example.org,2026-05-01\n")
    assert entry["gives"] == "consents"
    assert entry["columns"] == {
        "email": "email",
        "purpose": "=advertising",
        "granted": "=no",
        "at": "date",
    }


def test_a_list_of_refusals_that_says_so_in_a_column_is_read_by_it(folder):
    text = "email,opted_out\na@example.org,true\nb@example.org,false\n"
    (entry,) = entries_of(folder, "opt_out_status.csv", text)
    assert entry["columns"]["granted"]["column"] == "opted_out"


def test_a_workbook_is_told_sheet_by_sheet(folder):
    book = openpyxl.Workbook()
    for row in (["Day", "Impressions", "Clicks"], ["2026-05-01", 9, 1]):
        book.active.append(row)
    sheet = book.create_sheet("People")
    for row in (["customer_id", "email"], ["C1", "a@example.org"]):
        sheet.append(row)
    book.save(folder / "all.xlsx")
    sums, people = look_at(folder / "all.xlsx", folder)
    assert ("no people" in sums.sentence, people.entries[0]["sheet"]) == (True, "People")


def test_a_list_of_those_who_opted_in_is_no_list_of_refusals(folder):
    (entry,) = entries_of(
        folder, "opt_ins.csv", "customer_id,purpose,consent,date\nC1,advertising,yes,2026-05-01\n"
    )
    assert (entry["gives"], entry["columns"]["granted"]) == ("consents", "consent")


def test_refunds_take_money_back_whatever_their_sign(folder):
    text = "customer_id,order_id,refunded_at,refund_amount\nC1,O1,2026-05-01,20.00\n"
    (entry,) = entries_of(folder, "refunds.csv", text)
    assert (entry["columns"]["verb"], entry["sign"]) == ("=refund", {"negative_for": ["refund"]})


def test_an_order_that_was_never_paid_is_left_out(folder):
    text = "customer_id,order_id,order_date,total,status\n" + "".join(
        f"C{i},O{i},2026-05-01,20.00,{state}\n"
        for i, state in enumerate(("paid", "Voided", "sent"))
    )
    (entry,) = entries_of(folder, "orders.csv", text)
    assert entry["where"] == [{"column": "status", "is_not": ["Voided"]}]


def test_a_list_of_arms_becomes_exposures(folder):
    text = "unit,arm,assigned_at\nu1,control,2026-05-01\nu2,treatment,2026-05-01\n"
    (entry,) = entries_of(folder, "spring_test.csv", text)
    assert entry["gives"] == "exposures"
    assert entry["columns"] == {
        "account": "unit",
        "campaign": "=spring_test",
        "arm": "arm",
        "at": "assigned_at",
    }


def test_arms_and_outcomes_in_one_table_become_an_experiment(folder):
    text = "unit,arm,assigned_at,converted\nu1,control,2026-05-01,0\nu2,treatment,2026-05-01,1\n"
    (entry,) = entries_of(folder, "spring_test.csv", text)
    assert (entry["gives"], entry["measures"]) == ("experiments", ["converted"])
    columns = {"account": "unit", "campaign": "=spring_test", "arm": "arm", "at": "assigned_at"}
    assert entry["columns"] == columns | {"randomised": "=true"}


def test_a_test_of_three_arms_gets_a_plan_and_its_strata(folder):
    rows = [
        f"{i % 5},{'ab'[i % 2]},{['No E-Mail', 'Mens', 'Womens'][i % 3]},{i % 2},{i / 7}"
        for i in range(60)
    ]
    text = "recency,channel,segment,visit,spend\n" + "\n".join(rows) + "\n"
    (entry,) = entries_of(folder, "email.csv", text)
    assert entry["strata"] == ["recency", "channel"]
    assert entry["columns"]["arm"] == "segment"
    assert "account" not in entry["columns"]
    text = draft_study("mine", folder).file.read_text()
    [plan] = yaml.safe_load(text)["01_objectives"]["plans"]
    assert (plan["control"], "Womens" in text) == ("FILL_IN", False)
    assert plan["primary"] == {"name": "visit"}
    assert plan["secondaries"] == [{"name": "spend", "kind": "mean"}]


def test_orders_in_several_currencies_are_not_added_up_as_one(folder):
    text = "customer_id,order_id,order_date,total,currency\n" + "".join(
        f"C{i},O{i},2026-05-01,20.00,{code}\n" for i, code in enumerate(("EUR", "USD", "EUR"))
    )
    (entry,) = entries_of(folder, "orders.csv", text)
    assert entry["columns"]["currency"] == "currency"
    one = entries_of(folder, "orders.csv", text.replace("USD", "EUR"))[0]
    assert "currency" not in one["columns"]


def test_unknown_columns_stay_to_fill_in_beside_the_names_there_are(folder):
    (folder / "x.csv").write_text("blorb,order_date,total,zonk\na,2026-05-01,3.00,q\n")
    draft = draft_study("mine", folder)
    text = draft.file.read_text()
    assert '"account": "FILL_IN"' in text
    assert "# not used: blorb, zonk" in text
    assert "no column found for account" in draft.looked[0].sentence


def test_as_of_is_the_day_after_the_newest_moment_that_can_be(folder):
    (folder / "orders.csv").write_text(ORDERS + "C2,O2,2026-05-09 23:00,1\nC3,O3,2092-01-01,1\n")
    (folder / "customers.csv").write_text("customer_id,email,created_at\nC1,a@b.org,2026-08-01\n")
    draft = draft_study("mine", folder)
    assert draft.as_of == "2026-05-10"
    assert yaml.safe_load(draft.file.read_text())["shared"]["as_of"].isoformat() == "2026-05-10"


def test_a_file_of_sums_is_said_to_hold_no_people(folder):
    (folder / "daily.csv").write_text("Day,Impressions,Clicks,Cost\n2026-05-01,900,9,3.00\n")
    (found,) = look_at(folder / "daily.csv", folder)
    assert (found.verdict, found.entries) == ("left out", [])
    assert "this file has no people" in found.sentence


def got(case: HeldOut, folder: Path) -> tuple[list[dict], list[dict]]:
    """Give what a held-out file is taken for, and what it should be, in one form."""
    found = entries_of(folder, case.file, "\n".join(case.rows) + "\n")
    for entry in found:
        granted = entry["columns"].get("granted")
        if isinstance(granted, dict):
            entry["columns"]["granted"] = f"no: {granted['column']}"
    return found, [
        {"path": case.file, "gives": kind, "columns": columns}
        for kind, columns in case.expected.items()
    ]


@pytest.mark.parametrize(
    ("cases", "kinds", "columns"),
    [(HELD_OUT, 14, 47), (SECOND, 11, 38), (THIRD, 10, 32)],
    ids=["first", "second", "third"],
)
def test_shapes_that_no_rule_was_written_for(folder, cases, kinds, columns):
    pairs = [got(case, folder) for case in cases]
    found = [entry for drafted, _ in pairs for entry in drafted]
    expected = [entry for _, wanted in pairs for entry in wanted]
    share = share_right(found, expected)
    assert (share.kinds, share.columns) >= (kinds, columns), share.wrong


def test_the_fourteen_cases(folder, real_data):
    shares = []
    for case in sorted(real_data("cases").iterdir()):
        own = case / "corrected_map.yml"
        stated = yaml.safe_load(own.read_text())["02_sourcing"]["files"] if own.exists() else []
        known = {(entry["path"], entry["gives"]): entry for entry in CASES.get(case.name, ())}
        expected = {(entry["path"], entry["gives"]): entry for entry in stated} | known
        shares.append(share_right(drafted(case / "input"), list(expected.values())))
    kinds, of_kinds, columns, of_columns = (
        sum(part) for part in list(zip(*shares, strict=True))[:4]
    )
    wrong = [line for share in shares for line in share.wrong]
    assert (kinds, of_kinds) == (26, 26), wrong
    assert columns / of_columns >= 0.98, wrong


def test_the_demo_inbox(folder):
    for name, content in make_world(Knobs(n_people=150, days=60, seed=3)).files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    study = yaml.safe_load((ROOT / "notebooks" / "studies" / "demo.yml").read_text())
    share = share_right(drafted(folder), unglobbed(study["02_sourcing"]["files"], folder))
    assert share.kinds / share.of_kinds >= 0.9, share.wrong
    assert share.columns / share.of_columns >= 0.9, share.wrong


def test_a_draft_loads(folder):
    shutil.copytree(ROOT / "notebooks", folder.parent / "notebooks", dirs_exist_ok=True)
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "tweet_activity_metrics_ourshop_20260601_20260701_en.csv").write_text(
        "Tweet id,Tweet text,time,impressions\n91,new cups,2026-06-01 07:03 +0000,9\n"
    )
    draft = draft_study("mine", folder)
    block = load_study("mine").blocks["02_sourcing"]
    assert (block["brands"], str(block["as_of"])) == (["ourshop"], draft.as_of)
    for entry in block["files"]:
        Entry.model_validate(entry)


def test_what_is_no_file_is_said_and_nothing_waits_for_it(home, tmp_path):
    place = tmp_path / "exports"
    place.mkdir()
    (place / "people.csv").write_text("username,e_mail\nana,ana@example.org\n")
    os.mkfifo(place / "pipe.csv")
    (place / "gone.csv").symlink_to("nowhere")
    (place / "two\nlines.csv").write_text("username\nana\n")
    Path(os.fsdecode(os.fsencode(place) + b"/\xe9.csv")).write_text("username\nana\n")
    code, printed = home.coterie("new", "mine", str(place))
    assert code == 0, printed
    assert "left out    pipe.csv: it is a pipe and no file" in printed
    assert "left out    gone.csv: it cannot be opened" in printed
    assert "left out    two\\nlines.csv: it has a name that cannot be shown" in printed
    assert "left out    \\xe9.csv: it has a name that cannot be shown" in printed
    assert "guessed     people.csv" in printed


@pytest.mark.parametrize(
    ("text", "metrics", "plan"),
    [
        (
            "variant,users,visits,revenue_sum,revenue_sum_sq\ncontrol,9,1,2.5,3\nblue,9,2,4.5,9\n",
            ["=visits", "=revenue"],
            ["visits", "revenue"],
        ),
        (
            "metric_name,variation,sample_size,total_value,sum_squares\nspend,control,9,2.5,3\n"
            "spend,blue,9,2,4.5\n",
            ["metric_name"],
            ["FILL_IN"],
        ),
    ],
)
def test_a_warehouse_s_sums_of_a_test_are_recognised_with_their_plan(tmp_path, text, metrics, plan):
    (tmp_path / "homepage_test.csv").write_text(text)
    [found] = look_at(tmp_path / "homepage_test.csv", tmp_path)
    assert [entry["gives"] for entry in found.entries] == ["sums"] * len(metrics)
    assert [entry["columns"]["metric"] for entry in found.entries] == metrics
    assert all("squares" in entry["columns"] for entry in found.entries[-1:])
    assert "a test's sums by arm, without people" in found.sentence
    whole = (found.plan["primary"], *found.plan["secondaries"])
    assert [metric["name"] for metric in whole] == plan
    assert found.unused == []


def test_a_report_of_advertisements_is_no_test(tmp_path):
    (tmp_path / "ads.csv").write_text("campaign_name,users,clicks,spend\nspring,90,9,12.5\n")
    [found] = look_at(tmp_path / "ads.csv", tmp_path)
    assert (found.verdict, found.entries) == ("left out", [])
