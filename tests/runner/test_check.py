"""`coterie check`: 01 and 02 alone, and where nothing can be read the reasons and a page."""

import shutil
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SETTINGS = """\
title: A study of files that cannot be read
02_sourcing:
  source: exports
  files:
    - {path: likes.csv, gives: events, platform: shop, columns: {account: user, at: day, verb: act}}
"""


def test_where_nothing_can_be_read_the_reasons_are_printed_and_a_page_is_there(bare_home):
    for stage in ("01_objectives", "02_sourcing"):
        shutil.copy(NOTEBOOKS / f"{stage}.ipynb", bare_home.folder / "notebooks")
    (bare_home.folder / "exports").mkdir()
    (bare_home.folder / "exports" / "likes.csv").write_text(
        "user,day,act\nana,soon,like\nbo,2026-05-01,like,more\n"
    )
    bare_home.settings.write_text(SETTINGS)
    code, printed = bare_home.coterie("check", "tiny")
    assert code == 1, printed  # the data, not the settings
    assert "Traceback" not in printed
    assert "likes.csv: 2 rows, none may enter" in printed
    assert "more or fewer fields than the header" in printed  # the table of reasons, by file
    assert "time missing or unreadable" in printed
    (page,) = bare_home.reports.rglob("*02_sourcing.html")
    text = page.read_text()
    assert "Stopped here." in text
    assert "reasons put rows aside" in text  # what was known before it stopped
