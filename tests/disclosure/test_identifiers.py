"""What identifies somebody is found in every disguise, and ordinary numbers are left in peace."""

import base64
import binascii
import hashlib
import html
import time
from urllib.parse import quote

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.disclosure import LeakError, find_leaks, identifier_tokens, redact, suppress_small

VAULT = pd.DataFrame(
    [
        ("email", "zoe.canary@mail.example"),
        ("phone", "+4915737519264"),
        ("handle", "zoe_canary"),
        ("handle", "zed"),
        ("handle", "115712"),
        ("handle", "zoe.can-99"),
        ("name", "Zoë Canarini"),
        ("name", "Maria del Campo"),
        ("crm_id", "crm-00917"),
    ],
    columns=["kind", "identifier"],
).assign(person_id="p_0123456789abcdef", platform="x")
KNOWN = identifier_tokens(VAULT)
PLANTED = {
    "email": "zoe.canary@mail.example",
    "phone": "+49 1573 7519264",
    "handle": "zoe_canary",
    "name": "Zoë Canarini",
    "crm_id": "CRM-00917",
}
DISGUISES = {
    "plain": str,
    "upper": str.upper,
    "html": html.escape,
    "numeric entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "url": lambda text: quote(text, safe=""),
    "percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "urlsafe": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "data uri": lambda text: (
        "data:text/plain;base64," + base64.b64encode(f"by {text}!".encode()).decode()
    ),
    "hex": lambda text: binascii.hexlify(text.encode()).decode(),
    "json escapes": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
}
PROSE = st.text(
    st.characters(exclude_categories=["Cs", "Nd"], exclude_characters="%&\\"), max_size=60
)


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("disguise", DISGUISES)
@settings(max_examples=15, deadline=None)
@given(before=PROSE, after=PROSE)
def test_an_identifier_is_found_in_any_surroundings(kind, disguise, before, after):
    text = f"{before} {DISGUISES[disguise](PLANTED[kind])} {after}"
    assert any(kind in found for found in find_leaks(text, KNOWN))


@given(st.binary(min_size=20, max_size=64), st.integers(0, 3))
def test_an_identifier_is_found_amid_bytes_that_are_not_text(noise, shift):
    blob = base64.b64encode(
        noise[: len(noise) // 3 * 3 + shift] + b"\x00zoe_canary\x00" + noise
    ).decode()
    assert "encoded handle" in find_leaks(f'<img src="data:image/png;base64,{blob}">', KNOWN)


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(),
    st.binary(max_size=40),
    st.lists(st.floats(-2000, 2000), min_size=2, max_size=30),
    st.floats(-1e15, 1e15),  # of 150 digits some are bound to spell a handle in hexadecimal
)
def test_dates_digests_run_ids_and_drawings_raise_no_alarm(when, content, points, number):
    digest = hashlib.sha256(content).hexdigest()
    path = " ".join(f"{'ML'[i > 0]} {x:.6f} {x:.0f}" for i, x in enumerate(points))
    text = (
        f"{when.isoformat()} {when:%Y-%m-%d %H:%M:%S}+00:00 {when:%Y%m%dT%H%M%S} "
        f"{when:%d.%m.%Y} {number} "
        f'{number:+.4f} <path id="{digest[:8]}" d="{path}" style="fill: #{digest[:6]}"/> '
        f"sha256:{digest} {digest[:16]} u-{digest[:12]} "
        f"{points[0]:+.2f} ({points[0]:.2f} to {points[-1]:.2f}) "
        f"{points[0]:.2f}–{points[-1]:.2f} {points[0]:,.0f}"
    )
    assert find_leaks(text, KNOWN) == []


@pytest.mark.parametrize(
    "text",
    [
        "115712 people, zed of them, and 1234567890 tweets",
        "@media print { @page { margin: 18mm } } @import",
        "<svg viewBox='0 0 460.8 345.6'><g id='patch_12' transform='translate(100.5 2000)'/></svg>",
        "api_token: str = ''  # where from",
        "password = '•••'; tokens = tokenizer(text, padding=True); n_tokens=1234567",
        "version 3.11.7.1 at 12:30:45.123456, 2026-07-01/2026-12-31, £1,234,567, 100 000 000 rows",
        "p_value p_0123 and the file 0123456789abcdef.parquet",
    ],
)
def test_ordinary_text_raises_no_alarm(text):
    assert find_leaks(text, KNOWN) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ask @115712.", "handle"),
        ("thanks @zed!", "handle"),
        ("write to somebody.else@example.org", "email"),
        ("call +1 (415) 555-2671 now", "phone"),
        ("call 415-555-2671 now", "phone"),
        ("0151 2345678, evenings", "phone"),
        ("<td>Canarini, Zoë</td>", "name"),
        ("<b>Maria</b> del Campo", "name"),
        ("p_0123456789abcdef", "person_id"),
        ("AKIAIOSFODNN7EXAMPLE", "secret"),
        ("-----BEGIN RSA PRIVATE KEY-----", "secret"),
        ("Authorization: Bearer abcdefghijklmnop.qrst", "secret"),
        ("postgres://db?password=hunter2", "secret"),
        ('{"api_key": "0a1b2c3d4e"}', "secret"),
        ("Traceback (most recent call last):", "traceback"),
        ("File &quot;/x/y.py&quot;, line 3, in f", "traceback"),
        (hashlib.sha256(b"zoe.canary@mail.example").hexdigest(), "hashed email"),
    ],
)
def test_what_would_give_somebody_away_is_named_by_kind(text, kind):
    assert find_leaks(text, KNOWN) == [kind]


def test_a_common_word_is_a_handle_only_behind_an_at_sign():
    known = identifier_tokens(
        VAULT.assign(kind="handle", identifier="segments"), common=["Segments"]
    )
    assert find_leaks("three segments", known) == []
    assert find_leaks("@segments", known) == ["handle"]


def test_the_error_names_place_and_kind_but_no_value():
    assert str(LeakError(7, ["email"])) == "cell 7 would show email; nothing was published."


def test_the_scan_takes_time_in_proportion_to_the_text():
    vault = pd.DataFrame({"kind": "handle", "identifier": [f"person_{n}" for n in range(20_000)]})
    known = identifier_tokens(vault)
    started = time.perf_counter()
    assert (
        find_leaks("<<<a@b.(.M 12.5 7 word" * 20_000 + "A" * 500_000 + "0" * 200_000, known) == []
    )
    assert time.perf_counter() - started < 8


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        ("mail zoe.canary+x@mail.example, ok?", "mail <email>, ok?"),
        ("zoe (at) mail.example", "<email>"),
        ("see https://x.example/u/zoe?x=1 and www.zoe.example now", "see <link> and <link> now"),
        ("@115712 and @zoe_canary: hi", "<handle> and <handle>: hi"),
        ("@Shop @shop.fan @shopper .@SHOP!", "@Shop <handle> <handle> .@SHOP!"),
        ("@shop_help is not @shop", "@shop_help is not @shop"),
        (
            "call +49 151 23456789 or (415) 555-2671 or 0151/2345678",
            "call <phone> or <phone> or <phone>",
        ),
        (
            "2026-07-01 10:30, order 12345, 3.50 EUR, 24/7, 100%",
            "2026-07-01 10:30, order 12345, 3.50 EUR, 24/7, 100%",
        ),
        ("tel 8005551234", "tel <phone>"),
    ],
)
def test_posts_lose_their_identifiers_and_keep_their_sense(post, expected):
    assert redact(ibis.literal(post), keep=["shop", "shop_help"]).execute() == expected


@pytest.mark.parametrize("engine", ["duckdb", "bigquery", "snowflake", "postgres"])
def test_redaction_needs_nothing_that_only_one_engine_knows(engine):
    sql = ibis.to_sql(
        redact(ibis.table({"text": "string"}, name="posts").text, keep=["shop"]), dialect=engine
    )
    assert not any(look in sql for look in ("(?=", "(?!", "(?<"))


@given(st.lists(st.integers(0, 200), max_size=12), st.integers(2, 60))
def test_what_is_hidden_is_never_one_row_or_fewer_than_k_people(sizes, k):
    frame = pd.DataFrame({"group": range(len(sizes)), "n": pd.Series(sizes, dtype=int)})
    shown = suppress_small(frame, "n", min_people=k)
    hidden = frame.drop(index=shown.index)["n"]
    assert (shown["n"] >= k).all()
    assert len(hidden) == 0 or len(shown) == 0 or (len(hidden) > 1 and hidden.sum() >= k)


FORMS = {
    "@ana@host.org": ("handle", ["ana", "host"]),
    "＠ana.b@mastodon.social": ("handle", ["ana", "mastodon"]),
    "ana.b at host dot org": ("email", ["ana", "host"]),
    "ana (at) host (dot) co (dot) uk": ("email", ["ana", "host"]),
    "ana@host[dot]org": ("email", ["ana", "host"]),
    "DE89 3704 0044 0532 0130 00": ("account number", ["3704", "DE89"]),
    "4111 1111 1111 1111": ("card number", ["4111", "1111"]),
    "4111-1111-1111-1111": ("card number", ["4111", "1111"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_redaction_and_scan_know_the_same_forms_and_no_part_stays(form):
    kind, parts = FORMS[form]
    left = redact(ibis.literal(f"ask {form}, please")).execute()
    assert not [part for part in parts if part in left], left
    assert left.startswith("ask ")
    assert left.endswith("please")
    assert kind in find_leaks(f"<p>ask {form}, please</p>", KNOWN)


@pytest.mark.parametrize(
    "text", ["meet at noon", "open 2020 2021 2022 2023", "at home, dot dot dot"]
)
def test_ordinary_words_are_no_form_of_an_identifier(text):
    assert redact(ibis.literal(text)).execute() == text
    assert find_leaks(text, KNOWN) == []
