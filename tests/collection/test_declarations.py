"""Every vendor is data: what is sent, how the next page is asked for, what a refusal means."""

import json
import re
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest

from collection.faults import FakeClock, address, serving
from coterie import contracts
from coterie.collection.declarations import declaration, declared_apis
from coterie.collection.feeds import study_feeds
from coterie.collection.fetching import fetch_feeds
from coterie.lake.resuming.checkpoints import Checkpoint
from coterie.study import SettingsError

SECRET = "s3cret-of-the-vendor"
NOW = 1_800_000_000.0
APIS = sorted(declared_apis())
RESOURCES = [(api, name) for api in APIS for name in declaration(api).resources]


def items(*ids: str, at: str = "id") -> list[dict]:
    """Make records of which only the name matters."""
    return [{at: one} for one in ids]


# What two pages of each vendor look like, by its documentation: resource, then for each page what
# must be asked (query, body) and what is answered (headers, content).
EXCHANGES = {
    "mastodon": (
        {"resource": "hashtag", "hashtag": "brightside"},
        [
            (
                {"limit": "40"},
                {},
                {"Link": '<{here}?limit=40&max_id=7>; rel="next"'},
                items("8", "7"),
            ),
            ({"limit": "40", "max_id": "7"}, {}, {}, items("6")),
        ],
    ),
    "bluesky": (
        {"resource": "likes", "repo": "ana.test"},
        [
            (
                {"repo": "ana.test", "collection": "app.bsky.feed.like", "limit": "100"},
                {},
                {},
                {"records": items("at://b", "at://a", at="uri"), "cursor": "a"},
            ),
            ({"cursor": "a"}, {}, {}, {"records": []}),
        ],
    ),
    "x": (
        {"resource": "mentions", "user_id": "12"},
        [
            (
                {"max_results": "100"},
                {},
                {},
                {"data": items("2", "1"), "meta": {"next_token": "n"}},
            ),
            ({"pagination_token": "n"}, {}, {}, {"meta": {"result_count": 0}}),
        ],
    ),
    "meta": (
        {"resource": "page_feed", "page_id": "99"},
        [
            (
                {"limit": "100", "fields": "id,message,created_time,from"},
                {},
                {},
                {
                    "data": items("99_2"),
                    "paging": {
                        "cursors": {"before": "b", "after": "c2"},
                        "next": "https://graph.facebook.com/next?access_token=" + SECRET,
                    },
                },
            ),
            (
                {"after": "c2"},
                {},
                {},
                {"data": items("99_1"), "paging": {"cursors": {"before": "c2", "after": "c3"}}},
            ),
        ],
    ),
    "linkedin": (
        {"resource": "posts", "organization_id": "5"},
        [
            (
                {"q": "author", "author": "urn:li:organization:5", "start": "0", "count": "100"},
                {},
                {},
                {"elements": items("urn:li:share:2", "urn:li:share:1"), "paging": {"total": 2}},
            ),
            ({"start": "100"}, {}, {}, {"elements": []}),
        ],
    ),
    "youtube": (
        {"resource": "comments", "channel_id": "UC1"},
        [
            (
                {"allThreadsRelatedToChannelId": "UC1", "maxResults": "100", "part": "snippet"},
                {},
                {},
                {"items": items("k2"), "nextPageToken": "p2"},
            ),
            ({"pageToken": "p2"}, {}, {}, {"items": items("k1")}),
        ],
    ),
    "tiktok": (
        {"resource": "comments", "video_id": "7011"},
        [
            (
                {"fields": "id,video_id,text,like_count,reply_count,parent_comment_id,create_time"},
                {"video_id": 7011, "max_count": "100"},
                {},
                {
                    "data": {"comments": items("c2"), "cursor": 100, "has_more": True},
                    "error": {"code": "ok"},
                },
            ),
            (
                {},
                {"cursor": 100},
                {},
                {
                    "data": {"comments": items("c1"), "cursor": 200, "has_more": False},
                    "error": {"code": "ok"},
                },
            ),
        ],
    ),
}
HEADERS = {"youtube": ("X-Goog-Api-Key", SECRET)}


class Script(BaseHTTPRequestHandler):
    """Answers as a script says, and keeps what was asked."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Keep what is asked, and give the next answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        world = self.server.world
        world["asked"].append((self.path, dict(self.headers), json.loads(body or "{}")))
        status, headers, content = world["answers"].pop(0)
        here = address(self.server) + urlsplit(self.path).path
        sent = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value.replace("{here}", here))
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Fetch one resource of a vendor while the server follows a script."""
    with serving(Script) as server:

        def play(api: str, asked: dict, answers: list, *, clock=None, token: str = SECRET):
            server.world = {"asked": [], "answers": list(answers)}
            monkeypatch.setenv(declaration(api).auth.variable, token)
            wanted = {"api": api, "base_url": address(server), "resources": [asked]}
            checkpoint, said = Checkpoint(tmp_path), []
            [state] = fetch_feeds(
                study_feeds([wanted]),
                checkpoint,
                tell=said.append,
                clock=(clock or FakeClock(NOW)).clock(),
            )
            kept = [json.loads(body) for body in checkpoint.bodies(state.feed)]
            checkpoint.close()
            assert SECRET not in "".join(said) + state.reason
            return state, kept, server.world["asked"]

        yield play


@pytest.mark.parametrize("api", APIS)
def test_two_pages_are_asked_for_and_read_as_the_vendor_documents(script, api):
    asked, pages = EXCHANGES[api]
    state, kept, sent = script(api, asked, [(200, headers, body) for _, _, headers, body in pages])
    assert state.finished, state.reason
    [number] = {len(pages), len(sent)}
    assert len(kept) == sum(
        json.dumps(body).count('"id"') or json.dumps(body).count('"uri"') for *_, body in pages
    )
    name, token = HEADERS.get(api, ("Authorization", f"Bearer {SECRET}"))
    for (path, headers, body), (query, parts, _, _) in zip(sent, pages, strict=True):
        found = {one: values[0] for one, values in parse_qs(urlsplit(path).query).items()}
        assert found | query == found
        assert body | parts == body
        assert {key.lower(): value for key, value in headers.items()}[name.lower()] == token
        assert SECRET not in path
    assert number == state.pages


@pytest.mark.parametrize(
    ("api", "status", "says", "part"),
    [
        ("meta", 400, '{"error":{"code":190,"error_subcode":463}}', "META_TOKEN"),
        ("meta", 401, "{}", "META_TOKEN"),
        ("youtube", 400, '{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}', "YOUTUBE_API_KEY"),
        (
            "youtube",
            403,
            '{"error":{"errors":[{"reason": "quotaExceeded"}]}}',
            "the quota is spent",
        ),
        ("youtube", 403, '{"error":{"errors":[{"reason": "forbidden"}]}}', "refuses this request"),
        ("x", 401, "{}", "X_BEARER_TOKEN"),
        ("x", 429, '{"title":"UsageCapExceeded"}', "the quota is spent"),
        ("linkedin", 401, '{"code":"EXPIRED_ACCESS_TOKEN"}', "LINKEDIN_TOKEN"),
        ("linkedin", 429, '{"message":"throttle APPLICATION DAY limit reached"}', "quota is spent"),
        ("tiktok", 401, '{"error":{"code":"access_token_invalid"}}', "TIKTOK_TOKEN"),
        ("tiktok", 200, '{"error":{"code":"scope_not_authorized"}}', "refuses this request"),
        ("mastodon", 401, '{"error":"The access token is invalid"}', "MASTODON_TOKEN"),
        ("bluesky", 400, '{"error":"ExpiredToken"}', "BLUESKY_TOKEN"),
        (
            "mastodon",
            404,
            '{"error":"Record not found"}',
            "is not there, or not for this token (status 404)",
        ),
        ("mastodon", 302, "", "another address (status 302), which is not followed"),
    ],
)
def test_what_is_final_is_said_at_once(script, api, status, says, part):
    state, _, sent = script(api, EXCHANGES[api][0], [(status, {"Location": "{here}x"}, says)])
    assert part in state.reason
    assert len(sent) == 1
    assert not state.finished


@pytest.mark.parametrize(
    ("api", "status", "says"),
    [
        ("meta", 400, '{"error":{"message":"(#4)","code":4}}'),
        ("meta", 400, '{"error":{"message":"(#80001)","code":80001}}'),
        ("youtube", 403, '{"error":{"errors":[{"reason": "rateLimitExceeded"}]}}'),
        ("x", 429, '{"title":"Too Many Requests"}'),
        ("x", 503, ""),
        ("tiktok", 200, '{"error":{"code": "rate_limit_exceeded"}}'),
        ("linkedin", 504, ""),
        ("bluesky", 502, "<html>"),
    ],
)
def test_what_may_pass_is_tried_again(script, api, status, says):
    asked, pages = EXCHANGES[api]
    good = [(200, headers, body) for _, _, headers, body in pages]
    state, _, sent = script(api, asked, [(status, {}, says), *good])
    assert state.finished, state.reason
    assert len(sent) == len(good) + 1


@pytest.mark.parametrize(
    ("api", "status", "says"),
    [
        ("youtube", 400, '{"error":{"errors":[{"reason":"invalidPageToken"}]}}'),
        ("meta", 400, '{"error":{"message":"Invalid cursor","code":100}}'),
        (
            "x",
            400,
            '{"errors":[{"message":"The `pagination_token` query parameter value is not valid"}]}',
        ),
    ],
)
def test_an_expired_cursor_goes_back_to_the_first_page_and_doubles_nothing(
    script, api, status, says
):
    asked, pages = EXCHANGES[api]
    first, *rest = [(200, headers, body) for _, _, headers, body in pages]
    state, kept, sent = script(api, asked, [first, (status, {}, says), first, *rest])
    assert state.finished, state.reason
    assert len(sent) == 4
    name = declaration(api).resources[asked["resource"]].id
    assert len({one[name] for one in kept}) == len(kept)


def test_a_next_page_on_another_server_is_not_followed(script):
    elsewhere = {"Link": '<https://evil.example/steal?max_id=1>; rel="next"'}
    state, _, sent = script("mastodon", EXCHANGES["mastodon"][0], [(200, elsewhere, items("1"))])
    assert "another server" in state.reason
    assert len(sent) == 1


def test_a_long_wait_is_an_outage_that_the_next_fetch_respects(script):
    clock, asked = FakeClock(NOW), EXCHANGES["mastodon"][0]
    state, _, sent = script("mastodon", asked, [(429, {"Retry-After": "7200"}, "")], clock=clock)
    assert "it asks to wait 7," in state.reason
    assert len(sent) == 1
    state, _, sent = script("mastodon", asked, [], clock=clock)  # nothing may be sent
    assert sent == []
    clock.time = NOW + 7201
    state, kept, sent = script("mastodon", asked, [(200, {}, items("1"))], clock=clock)
    assert state.finished
    assert (len(sent), len(kept)) == (1, 1)


def test_a_daily_quota_is_never_overdrawn_and_begins_anew_at_midnight(script, monkeypatch):
    clock, asked = FakeClock(NOW + 60), {"resource": "comments", "channel_id": "UC1"}
    made = declaration("youtube")
    few = made.model_copy(update={"quota": made.quota.model_copy(update={"units": 3})})
    monkeypatch.setattr("coterie.collection.feeds.declaration", lambda api: few)
    pages = [(200, {}, {"items": items(f"k{n}"), "nextPageToken": f"p{n}"}) for n in range(9)]
    state, kept, sent = script("youtube", asked, pages, clock=clock)
    assert "the quota is spent until the day ends in America/Los_Angeles" in state.reason
    assert (len(sent), len(kept)) == (3, 3)
    clock.time = NOW + 86400 - 3600  # still the same day in California
    assert script("youtube", asked, [], clock=clock)[2] == []
    clock.time = NOW + 86400 + 1
    state, kept, _ = script("youtube", asked, [(200, {}, {"items": items("k9")})], clock=clock)
    assert (state.finished, len(kept)) == (True, 4)


@pytest.mark.parametrize(
    ("token", "part"),
    [
        ("", "the environment variable X_BEARER_TOKEN with its token is not set"),
        ("two\nlines", "what the environment variable X_BEARER_TOKEN holds is no token"),
        ("naïve", "what the environment variable X_BEARER_TOKEN holds is no token"),
    ],
)
def test_a_missing_or_broken_token_is_named_and_nothing_is_sent(script, token, part):
    state, _, sent = script("x", EXCHANGES["x"][0], [], token=token)
    assert state.reason == part
    assert sent == []


@pytest.mark.parametrize(("api", "name"), RESOURCES)
def test_a_ready_map_names_columns_that_the_lake_knows(api, name):
    resource = declaration(api).resources[name]
    assert resource.gives in ("", "accounts", "events", "posts")
    assert bool(resource.gives) == bool(resource.columns)
    assert not resource.gives or "account" in resource.columns
    assert resource.gives != "posts" or {"post_id", "at", "text"} <= set(resource.columns)
    assert resource.gives != "events" or {"at", "verb"} <= set(resource.columns)


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        ({"api": "friendster", "resources": [{}]}, "no API 'friendster' is declared"),
        ({"api": "x", "resources": []}, "apis[0].resources"),
        ({"api": "x", "resource": [{}]}, "it takes api, base_url, token_from, resources"),
        ({"api": "x", "resources": [{"resource": "dms"}]}, "x has posts, mentions"),
        ({"api": "x", "resources": [{"resource": "posts"}]}, "x posts takes user_id, called"),
        ({"api": "x", "resources": [{"resource": "posts", "user_id": ""}]}, "user_id: must be"),
        ({"api": "x", "resources": [{"resource": "posts", "user_id": 1, "n": 2}]}, "takes user_id"),
        (
            {"api": "x", "token_from": "AAAAbearer%3D", "resources": [{"resource": "posts"}]},
            "the token itself never stands in a file",
        ),
        (
            {"api": "mastodon", "resources": [{"resource": "notifications"}]},
            "base_url: must be the address of the server",
        ),
        (
            {"api": "x", "base_url": "http://api.x.com", "resources": [{"resource": "posts"}]},
            "base_url: must be the address",
        ),
        (
            {"api": "x", "resources": [{"resource": "posts", "user_id": 1}] * 2},
            "x_posts stands there twice",
        ),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_sent(entry, part):
    with pytest.raises(SettingsError, match=re.escape(part)):
        study_feeds([entry])


def test_all_seven_vendors_are_declared():
    assert APIS == ["bluesky", "linkedin", "mastodon", "meta", "tiktok", "x", "youtube"]
    assert contracts.Feeds.key == ("api", "resource")
