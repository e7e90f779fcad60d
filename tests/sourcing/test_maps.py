"""Ready maps: each vendor's export is recognised by its documented shape and read as meant."""

from datetime import date

import pytest
from samples import OWN, PEOPLE, SUMS, Export

from coterie.lake.column_map.files import Entry, locate_files, read_rows
from coterie.runner.drafting.looking import look_at
from coterie.sourcing.columns import OPTIONAL, REQUIRED
from coterie.sourcing.maps.declared import declared_maps
from coterie.sourcing.quarantine import check_rows, sort_rows

AS_OF = date(2026, 12, 1)


def taken(tmp_path, file: str, text: str, encoding: str = "utf-8"):
    """Write a file and say what its tables are taken for."""
    (tmp_path / file).write_text(text, encoding=encoding)
    return look_at(tmp_path / file, tmp_path)


def kept(tmp_path, entry: dict):
    """Read a file by one entry and keep the rows that may enter."""
    found = locate_files(str(tmp_path), [entry])
    files = [read_rows(path, whole, folder=str(tmp_path)) for path, whole in found]
    checked = check_rows(files, entry["gives"], as_of=AS_OF)
    return sort_rows(checked).kept.order_by("row").to_pandas()


@pytest.mark.parametrize("export", [*PEOPLE, *OWN], ids=lambda export: export.file)
def test_an_export_is_recognised_by_its_documented_shape(tmp_path, export: Export):
    found = taken(tmp_path, export.file, export.text, export.encoding)
    looked = next(one for one in found if one.entries)
    assert looked.sentence.startswith(export.name)
    assert ("no people" in looked.sentence) == (export in OWN)
    assert [entry["gives"] for entry in looked.entries] == [kind for kind, _ in export.kept]
    assert "FILL_IN" not in str(looked.entries)


@pytest.mark.parametrize("export", [*PEOPLE, *OWN], ids=lambda export: export.file)
def test_an_export_is_read_as_its_vendor_means_it(tmp_path, export: Export):
    found = taken(tmp_path, export.file, export.text, export.encoding)
    entries = next(one for one in found if one.entries).entries
    rows = [kept(tmp_path, entry) for entry in entries]
    assert [(e["gives"], len(part)) for e, part in zip(entries, rows, strict=True)] == export.kept
    for column, values in export.shows.items():
        shown = rows[0][column]
        shown = shown.dt.strftime("%Y-%m-%d") if column == "at" else shown
        assert shown.astype(object).where(shown.notna(), None).tolist() == values


@pytest.mark.parametrize("sample", SUMS, ids=lambda sample: sample[2])
def test_sums_and_own_acts_are_left_out_in_one_sentence(tmp_path, sample):
    file, text, name = sample
    (looked,) = taken(tmp_path, file, text)
    assert (looked.verdict, looked.entries) == ("left out", [])
    assert looked.sentence.startswith(name)
    assert "this file has no people" in looked.sentence


def test_a_no_is_read_with_its_polarity(tmp_path):
    said = {}
    for export in PEOPLE:
        (looked, *_) = taken(tmp_path, export.file, export.text, export.encoding)
        for entry in looked.entries:
            if entry["gives"] == "consents":
                granted = entry["columns"]["granted"]
                said.setdefault(export.name, []).append(granted)
    assert said["HubSpot, contacts"][0]["column"] == "Unsubscribed from all email"
    assert "true" in said["HubSpot, contacts"][0]["no_values"]
    assert "yes_values" not in said["HubSpot, contacts"][0]
    assert said["Mailchimp, unsubscribed"] == said["Mailchimp, cleaned"] == ["=no"]
    assert said["Mailchimp, subscribed"] == ["=yes"]
    assert "unsubscribed" in said["Klaviyo, profiles"][0]["no_values"]


@pytest.mark.parametrize("export", declared_maps(), ids=lambda export: export["export"])
def test_every_declared_map_is_whole(export):
    assert export["holds"] in ("people", "own posts", "own acts", "sums")
    assert export["source"].startswith("https://")
    assert bool(export.get("entries")) == (export["holds"] in ("people", "own posts"))
    for entry in export.get("entries", ()):
        kind = entry["gives"]
        assert set(REQUIRED[kind]) - {"account", "at"} <= set(entry["columns"])
        assert set(entry["columns"]) <= {*REQUIRED[kind], *OPTIONAL[kind], "account", "email", "at"}
        extra = set(entry) - {"needs"} - set(Entry.model_fields)
        assert not extra
