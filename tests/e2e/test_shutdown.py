"""How a server ends: open calls are answered, live streams are closed, and the data is whole."""

from __future__ import annotations

import threading
import time

import httpx

from tests.e2e.conftest import Server

LOT = "https://id.gs1.org/01/09506000134352/10/L"


def test_a_live_stream_does_not_hold_up_the_end(server: Server) -> None:
    got: list[bytes] = []

    def follow() -> None:
        with server.client() as client, client.stream("GET", "/api/v1/timeline/stream") as answer:
            try:
                got.extend(answer.iter_bytes())
            except httpx.RemoteProtocolError:
                got.append(b"broken off")

    thread = threading.Thread(target=follow)
    thread.start()
    with server.client() as client:
        for number in range(3):
            activity = {
                "activity": "observe",
                "id": str(number),
                "place": LOT.replace("10/L", "10/P"),
                "objects": [LOT],
            }
            assert client.post("/api/v1/activities", json=activity).status_code == 201
    time.sleep(0.5)
    started = time.monotonic()
    server.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - started < 10
    assert b"urn:uuid:" in b"".join(got)
    assert "Application shutdown complete." in {line.get("event") for line in server.lines()}


def test_a_call_that_is_open_when_the_end_is_asked_for_is_answered(server: Server) -> None:
    answers: list[int] = []

    def send(number: int) -> None:
        activities = [
            {"activity": "observe", "id": f"{number}-{n}", "place": "https://plant.example/p", "objects": [LOT]}
            for n in range(200)
        ]
        try:
            with server.client() as client:
                answers.append(client.post("/api/v1/activities", json=activities).status_code)
        except httpx.TransportError:
            answers.append(0)  # the server ended before it had read the call: nothing was acknowledged

    threads = [threading.Thread(target=send, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.15)
    server.stop()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 6
    assert set(answers) <= {200, 0}
    server.start()
    with server.client() as client:
        total, url = 0, "/epcis/v2/events?perPage=1000"
        while url:
            page = client.get(url)
            total += len(page.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
            url = page.links.get("next", {}).get("url", "")
    assert total == 200 * answers.count(200)
