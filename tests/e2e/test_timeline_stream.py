"""The timeline's stream of events as they come, through HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.e2e.conftest import Server
from tests.e2e.test_timeline import capture, event, timeline


@contextmanager
def streamed(client: httpx.Client, last_id: str | None = None, **params: Any) -> Iterator[Iterator[dict[str, str]]]:
    """The messages of a stream that carry data, as their fields."""
    headers = {"last-event-id": last_id} if last_id else {}
    with client.stream("GET", "/api/v1/timeline/stream", params=params, headers=headers, timeout=20) as response:
        assert response.status_code == 200

        def messages() -> Iterator[dict[str, str]]:
            fields: dict[str, str] = {}
            for line in response.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "data" in fields:
                    yield fields
                    fields = {}

        yield messages()


def test_the_stream_goes_on_from_where_a_page_ended(server: Server) -> None:
    with server.client() as client, server.client() as other:
        capture(client, event("first", "2026-03-02T08:00:00Z"))
        known_at = timeline(client)["basis"]["known_at"]
        capture(client, event("second", "2026-03-02T08:00:01Z"))
        with streamed(other, known_at=known_at) as messages:
            assert json.loads(next(messages)["data"])["event"] == "urn:e:second"
            capture(client, event("third", "2026-03-02T07:00:00Z"))
            assert json.loads(next(messages)["data"])["event"] == "urn:e:third"


def test_a_stream_taken_up_again_has_neither_gap_nor_double_even_within_a_capture(server: Server) -> None:
    names = [f"n{number}" for number in range(6)]
    with server.client() as client:
        start = timeline(client)["basis"]["position"]
        for first in range(0, 6, 3):
            capture(client, *(event(name, "2026-03-02T08:00:00Z") for name in names[first : first + 3]))
        seen, last = [], start
        for _ in names:
            with streamed(client, last) as messages:
                message = next(messages)
            seen.append(json.loads(message["data"])["event"])
            last = message["id"]
    assert seen == [f"urn:e:{name}" for name in names]


def test_the_stream_filters_and_tells_corrections(server: Server) -> None:
    with server.client() as client, server.client() as other:
        start = timeline(client)["basis"]["position"]
        wrong = event("wrong", "2026-03-02T08:00:00Z", bizStep="storing")
        capture(client, event("other", "2026-03-02T08:00:00Z"), wrong)
        declaration = {"declarationTime": "2026-03-03T08:00:00Z", "reason": "did_not_occur"}
        capture(client, {**wrong, "errorDeclaration": declaration})
        with streamed(other, start, activity="storing") as messages:
            first, second = next(messages), next(messages)
        assert (first["event"], second["event"]) == ("event", "correction")
        assert {json.loads(one["data"])["event"] for one in (first, second)} == {"urn:e:wrong"}
        assert json.loads(second["data"])["withdrawn"]


def test_a_position_of_another_log_is_refused(server: Server) -> None:
    with server.client() as client:
        response = client.get("/api/v1/timeline/stream", headers={"last-event-id": "nonsense!"})
    assert response.status_code == 400
