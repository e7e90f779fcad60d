"""`coterie watch` reads what is new, writes every decision once, and sends only when asked to."""

import json
from datetime import datetime, timedelta

import httpx
import pytest
from rules.streams import CALENDAR, arrow, triggers
from rules.test_stream import a_log, whole

from coterie.rules.triggers.replay import Decision, Event
from coterie.runner.streaming.forgetting import forget_people
from coterie.runner.streaming.intake import read_new
from coterie.runner.streaming.outlet import Lines, Webhook, forget_lines
from coterie.runner.streaming.state import State
from coterie.runner.streaming.watching import Options, watch
from coterie.study import SettingsError

EVENTS = a_log(40, seed=8)
ONCE = Options(once=True)
SILENT = httpx.MockTransport(lambda _: httpx.Response(200))


@pytest.fixture(autouse=True)
def _in_2027(monkeypatch):
    """Let it be later than every event here."""
    monkeypatch.setattr("coterie.runner.streaming.intake.utc_now", lambda: datetime(2027, 1, 1))


def line(event: Event) -> str:
    return json.dumps(event._asdict() | {"at": f"{event.at.isoformat()}Z"}) + "\n"


def open_state(folder) -> State:
    return State(folder / "s.duckdb", triggers(), CALENDAR, lateness=timedelta(days=30))


def watched(folder, options: Options = ONCE) -> str:
    """Watch a folder until nothing is new; returns what was told."""
    told, state = [], open_state(folder)
    watch(state, folder, folder / "decisions.out", options, tell=told.append)
    state.close()
    return " ".join(told)


def decisions(folder) -> list[Decision]:
    rows = [json.loads(text) for text in (folder / "decisions.out").read_text().splitlines()]
    moments = [{name: datetime.fromisoformat(row[name][:-1]) for name in ("at", "send_at")}
               for row in rows]  # fmt: skip
    return [Decision(**(row | moment)) for row, moment in zip(rows, moments, strict=True)]


def test_every_decision_is_written_once_whatever_is_appended_and_restarted(tmp_path):
    log = tmp_path / "a.ndjson"
    log.write_text("".join(map(line, EVENTS[:15])) + line(EVENTS[15])[:20])
    assert "15 rows" in watched(tmp_path)
    log.write_text("".join(map(line, EVENTS[:30])))
    (tmp_path / "b.jsonl").write_text("no event\n" + "".join(map(line, EVENTS[25:])))
    told = watched(tmp_path, Options(once=True, finish=True))
    assert "1 unreadable" in told
    assert "5 that came twice" in told
    assert "p95" in told
    found = decisions(tmp_path)
    assert len(found) == len(set(found))
    assert set(found) == whole(EVENTS)
    assert (tmp_path / "decisions.out").stat().st_mode & 0o077 == 0


def test_a_line_written_by_a_watch_that_was_killed_is_not_written_twice(tmp_path):
    (tmp_path / "a.ndjson").write_text("".join(map(line, EVENTS)))
    watched(tmp_path, Options(once=True, finish=True))
    whole_file = (tmp_path / "decisions.out").read_bytes()
    with (tmp_path / "decisions.out").open("ab") as opened:
        opened.write(whole_file[:50])  # appended, and killed before that was noted
    watched(tmp_path)
    assert (tmp_path / "decisions.out").read_bytes() == whole_file


def test_a_file_is_read_from_where_it_was_left(tmp_path):
    (tmp_path / "a.ndjson").write_text("".join(map(line, EVENTS[:3])))
    first = read_new(tmp_path, {})
    assert (len(first.rows), first.offsets) == (
        3,
        {"a.ndjson": (tmp_path / "a.ndjson").stat().st_size},
    )
    again = read_new(tmp_path, first.offsets)
    assert (len(again.rows), again.offsets) == (0, {})


def test_a_webhook_gets_what_is_due_until_it_accepts(tmp_path):
    (tmp_path / "a.ndjson").write_text("".join(map(line, EVENTS)))
    watched(tmp_path, Options(once=True, finish=True))
    keys, failing = [], [True]

    def receive(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"].encode("latin-1").decode())
        return httpx.Response(503 if failing and len(keys) == 3 else 200)

    state = open_state(tmp_path)
    client = httpx.Client(transport=httpx.MockTransport(receive))
    hook = Webhook("https://example.org/hook", state, client=client)
    due = [d for d in decisions(tmp_path) if not d.capped]
    assert hook.send(datetime(2020, 1, 1)) == 0
    assert hook.send(datetime(2030, 1, 1)) == 2
    failing.clear()
    assert hook.send(datetime(2030, 1, 1)) == len(due) - 2
    assert hook.send(datetime(2030, 1, 1)) == 0
    assert set(keys) == {f"{d.trigger}:{d.event_id}" for d in due}
    state.close()


def test_nothing_is_sent_in_the_clear(tmp_path):
    state = open_state(tmp_path)
    for url in ("http://example.org", "ftp://example.org"):
        with pytest.raises(SettingsError, match="https"):
            Webhook(url, state)
    assert Webhook("http://localhost:8000", state).url
    state.close()


def test_who_must_go_goes_from_the_watch_too(tmp_path):
    (tmp_path / "a.ndjson").write_text("".join(map(line, EVENTS)))
    watched(tmp_path, Options(once=True, finish=True))
    kept = [d for d in decisions(tmp_path) if d.person_id != "ana"]
    assert forget_people(tmp_path / "s.duckdb", ["ana"]) > 0
    assert forget_lines(tmp_path / "decisions.out", tmp_path / "s.duckdb", {"ana"}) > 0
    state = open_state(tmp_path)
    Lines(tmp_path / "decisions.out", state)
    assert decisions(tmp_path) == kept
    assert (
        state.con.execute("select count(*) from events where person_id = 'ana'").fetchone()[0] == 0
    )
    assert len(state.decisions()) == len(kept)
    state.close()
    left = [file for file in tmp_path.iterdir() if file.name.startswith("s.")]
    assert not [
        file.name for file in left if b"ana" in file.read_bytes()
    ]  # not between rows either
    with (tmp_path / "a.ndjson").open("a") as opened:
        opened.write(line(Event("new", "bo", datetime(2026, 9, 1), "purchase", "shop")))
    watched(tmp_path, Options(once=True, finish=True))
    assert len(decisions(tmp_path)) > len(kept)  # it goes on, and numbers go on
    assert decisions(tmp_path)[: len(kept)] == kept


def test_changed_triggers_need_a_new_beginning(tmp_path):
    state = open_state(tmp_path)
    assert state.is_of("a")
    assert state.is_of("a")
    assert not state.is_of("b")
    state.close()


def test_what_was_before_a_watch_is_known_and_not_given_out(tmp_path):
    state = open_state(tmp_path)
    assert state.is_new
    old = Event("old", "ana", datetime(2026, 1, 1), "purchase", "shop")
    tied = old._replace(event_id="tied", person_id="zz", verb="view")
    state.begin([arrow([old]), arrow([tied])])  # two parts that meet within one instant
    assert state.con.execute("select count(*) from events").fetchone()[0] == 2
    state.is_of("a")
    assert not state.is_new
    later = [old._replace(event_id=f"{who}", person_id=who, at=datetime(2026, 4, 1))
             for who in ("ana", "bo")]  # fmt: skip
    state.arrive(arrow(later))
    state.finish()
    Lines(tmp_path / "decisions.out", state).write()
    hook = Webhook("http://localhost:9", state, client=httpx.Client(transport=SILENT))
    assert hook.send(datetime(2030, 1, 1)) == len(decisions(tmp_path))
    first = [d.person_id for d in decisions(tmp_path) if d.trigger == "first order"]
    assert first == ["bo"]
    assert state.counts()["n_events"] == 2
    state.close()


def test_one_clock_that_is_years_ahead_makes_nobody_late(tmp_path):
    ahead = EVENTS[0]._replace(event_id="ahead", at=datetime(2099, 1, 1))
    (tmp_path / "a.ndjson").write_text("".join(map(line, [ahead, *EVENTS])))
    told = watched(tmp_path, Options(once=True, finish=True))
    assert "1 unreadable" in told
    assert "0 too late" in told
    assert set(decisions(tmp_path)) == whole(EVENTS)
