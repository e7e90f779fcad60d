"""No artefact outside the vault, the raw files and the hashed audiences shows who somebody is."""

import base64
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
import yaml

from coterie.demo import Knobs, make_world


def forms_of(token: str) -> set[str]:
    """Write a token in the ways it could hide: plain, escaped, base64 at each offset, hex."""
    raw = token.encode()
    forms = {token, quote(token), html.escape(token), raw.hex(), json.dumps(token)[1:-1]}
    for pad in range(3):
        encoded = base64.b64encode(b"\0" * pad + raw).decode()
        forms.add(encoded[4 if pad else 0 :][: (len(raw) * 4 // 3) - 4])
    return {form.lower() for form in forms if len(form) > 6}


def text_of(file: Path) -> str:
    """Read everything a file says, Parquet footers included."""
    if file.suffix != ".parquet":
        return file.read_bytes().decode("utf-8", errors="replace")
    table = pq.read_table(file)
    return " ".join(
        [
            str(pq.read_metadata(file).metadata),
            str(table.schema),
            *map(str, table.to_pydict().values()),
        ]
    )


def artefacts(study) -> list[Path]:
    """List every file a study left outside the vault, the raw files and the audiences."""
    private = ("vault", "inbox", "outbox")
    files = [
        file
        for folder in (study.reports, study.lake)
        for file in folder.rglob("*")
        if file.is_file()
    ]
    return [
        file
        for file in files
        if not any(part in private for part in file.relative_to(study.home).parts)
    ]


@pytest.fixture(scope="module")
def canaries(tiny) -> list[str]:
    """The identities planted in the world that the study read."""
    settings = yaml.safe_load((tiny.home / "notebooks" / "studies" / "demo.yml").read_text())
    return make_world(Knobs(**settings["world"])).canaries


def test_no_artefact_outside_the_vault_shows_a_canary(tiny, canaries):
    numbers = {form: n for n, token in enumerate(canaries) for form in forms_of(token)}
    pattern = re.compile("|".join(map(re.escape, sorted(numbers))))
    files = artefacts(tiny)
    assert {".html", ".ipynb", ".json", ".parquet", ".log"} <= {file.suffix for file in files}
    shown = {
        (file.name, found) for file in files for found in pattern.findall(text_of(file).lower())
    }
    assert not {(name, numbers[found]) for name, found in shown}


def test_the_canaries_are_in_the_vault(tiny, canaries):
    vault = " ".join(map(text_of, (tiny.lake / "tables" / "vault").glob("*.parquet"))).lower()
    assert sum(token.lower() in vault for token in canaries) >= 8


def test_vault_raw_files_and_audiences_are_their_owners_alone(tiny):
    for folder in (tiny.lake / "tables" / "vault", tiny.lake / "inbox", tiny.lake / "outbox"):
        files = [file for file in folder.rglob("*") if file.is_file()]
        assert files
        assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert (tiny.lake / "tables" / "vault").stat().st_mode & 0o077 == 0


class Loads(HTMLParser):
    """Collects what a browser would fetch to show a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched, self.tags, self.policy = [], set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "srcset", "poster", "data", "xlink:href") or (
                name == "href" and tag not in ("a", "area")
            ):
                self.fetched.append(value)
            if name == "content" and "default-src" in (value or ""):
                self.policy = value


@pytest.fixture(scope="module")
def pages(tiny):
    return {file.name: file.read_text() for file in tiny.reports.glob("*.html")}


def test_no_page_loads_anything_from_outside(pages):
    assert len([name for name in pages if not name.startswith("role_")]) == 12
    assert len(pages) > 12  # a page a role
    for name, page in pages.items():
        seen = Loads(page)
        outside = [url for url in seen.fetched if not url.startswith(("data:", "#"))]
        outside += [
            url
            for url in re.findall(r"url\(['\"]?([^'\")]*)", page)
            if not url.startswith(("#", "data:"))
        ]
        assert not outside, name
        assert "@import" not in page, name
        assert not seen.tags & {"script", "iframe", "object", "embed", "link", "form"}, name
        assert "default-src 'none'" in seen.policy, name


def test_every_figure_says_in_words_what_it_shows(pages):
    for name, page in pages.items():
        for svg in re.findall(r"<svg[^>]*>", page):
            assert re.search(r'aria-label="[^"]{20,}"', svg), name


def test_no_page_shows_code_or_a_person(pages):
    for name, page in pages.items():
        assert "import pandas" not in page, name
        assert "Traceback" not in page, name
        assert not re.search(r"p_[0-9a-f]{16}", page), name
