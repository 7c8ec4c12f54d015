"""What the log and its projections must survive (SC-E9, E10, E14, E15), each on a server of its own.

SC-E11 is held by `tests/integration/test_server_outages.py`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from events.envelope import CURRENT, Envelope, encode
from events.port import FACTS, NewRecord
from events.sqlite_log import SqliteEventLog
from tests.e2e.conftest import Server, make_server
from tests.e2e.scenarios.floor import Floor

__all__ = ["make_server"]
EXAMPLES = Path(__file__).parents[2] / "examples" / "envelopes"


def appended(server: Server, *records: NewRecord) -> None:
    """Put records into the log of a server that is not running."""

    async def append() -> None:
        file = next(path for path in server.data.rglob("*.sqlite") if path.name.startswith("log"))
        log = await SqliteEventLog.open(file, partitions=1)
        await log.append(FACTS, "elsewhere", list(records))
        await log.close()

    asyncio.run(append())


def envelope(kind: Any, event_id: str | None, body: dict[str, Any] | None) -> bytes:
    return encode(
        Envelope(CURRENT, kind, "c-1", 0, event_id, "a", "elsewhere", False, None, 0, "application/json", None, body)
    )


def test_a_poison_message_is_shown_and_stops_nothing(make_server: Callable[..., Server]) -> None:
    """SC-E9."""
    server = make_server()
    with server.client() as client:
        floor = Floor(client)
        floor.make([floor.use("RAW", "1")], [floor.use("FG", "1")])
    server.stop()
    appended(
        server,
        NewRecord(envelope("event", "urn:x:poison", None), b'{"type": "ObjectEvent"'),
        NewRecord(envelope("close", None, {"count": 1, "mode": "proceed", "outcomes": []}), b""),
    )
    server.start()
    with server.client() as client:
        floor.client = client
        floor.make([floor.use("FG", "1")], [floor.use("NEXT", "1")])
        answer = floor.impact(floor.lot("RAW"))
        assert floor.names(answer) == {"RAW", "FG", "NEXT"}
        assert answer["basis"]["not_projected"] == 1
        assert client.get("/health/ready").json()["not_projected"] == 1


def test_a_wiped_graph_is_made_again_with_equal_answers(make_server: Callable[..., Server]) -> None:
    """SC-E10."""
    server = make_server("--demo")
    question = {"seeds": [{"object": "SESAME-0612"}], "limit": 1_000}

    def answer() -> str:
        with server.client() as client:
            found = client.post("/api/v1/impact", json=question).json()
        del found["basis"]["position"]
        return json.dumps(found, sort_keys=True)

    before = answer()
    server.stop()
    for file in server.data.rglob("*.sqlite*"):
        if file.name.startswith(("genealogy", "index")):
            file.unlink()
    server.start()
    with server.client() as client:
        deadline = time.monotonic() + 60
        while client.get("/health/ready").json()["lag_events"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert answer() == before


def test_a_service_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    make_server: Callable[..., Server],
) -> None:
    """SC-E14."""
    server = make_server()
    with server.client() as client:
        floor = Floor(client)
        batch = [
            floor.body("make", id=f"{floor.tag}-{n}", inputs=[floor.use("RAW", "1")], outputs=[floor.use(f"L{n}", "1")])
            for n in range(300)
        ]
        floor.position = client.post("/api/v1/activities", json=batch[:150]).headers["stemma-position"]
    server.kill()
    server.start()
    with server.client() as client:
        told = client.post("/api/v1/activities", json=batch)
        outcomes = [one["outcome"] for one in told.json()]
        assert outcomes == ["duplicate"] * 150 + ["captured"] * 150
        floor.client, floor.position = client, told.headers["stemma-position"]
        assert floor.impact(floor.lot("RAW"))["totals"]["objects"] == 301


def test_an_event_recorded_by_an_older_version_is_read(make_server: Callable[..., Server]) -> None:
    """SC-E15: an envelope of version 1, as kept under tests/examples."""
    server = make_server()
    server.stop()
    old = json.loads((EXAMPLES / "version-1.json").read_text())
    key = "https://id.gs1.org/01/09506000134352/21/OLD-1"
    event = {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "ObjectEvent", "eventID": old["event_id"], "action": "ADD", "bizStep": "commissioning",
        "eventTime": "2026-01-05T08:00:00Z", "eventTimeZoneOffset": "+00:00", "epcList": [key],
    }  # fmt: skip
    close = {**old, "kind": "close", "event_id": None, "body": {"count": 1, "mode": "proceed", "outcomes": []}}
    appended(
        server,
        NewRecord(json.dumps({**old, "kind": "event", "index": 0}).encode(), json.dumps(event).encode()),
        NewRecord(json.dumps(close).encode(), b""),
    )
    server.start()
    with server.client() as client:
        deadline = time.monotonic() + 30
        while client.get("/health/ready").json()["lag_events"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        page = client.get("/api/v1/object", params={"id": key})
        assert page.status_code == 200, page.text
        assert page.json()["last_event"] == old["event_id"]
