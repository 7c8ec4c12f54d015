"""How a server ends: open calls are answered, live streams are closed, and the data is whole."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time

import httpx

from tests.e2e.conftest import Server

OPEN_CALLS = 6
LISTED = 200
LOT = "https://id.gs1.org/01/09506000134352/10/L"


def test_a_live_stream_does_not_hold_up_the_end(server: Server) -> None:
    got: list[bytes] = []
    begun = threading.Event()

    def follow() -> None:
        with server.client() as client, client.stream("GET", "/api/v1/timeline/stream") as answer:
            begun.set()
            try:
                for part in answer.iter_bytes():
                    got.append(part)
            except httpx.RemoteProtocolError:
                got.append(b"broken off")

    thread = threading.Thread(target=follow)
    thread.start()
    assert begun.wait(60)
    with server.client() as client:
        for number in range(3):
            activity = {
                "activity": "observe",
                "id": str(number),
                "place": LOT.replace("10/L", "10/P"),
                "objects": [LOT],
            }
            assert client.post("/api/v1/activities", json=activity).status_code == 201
    deadline = time.monotonic() + 60
    while b"urn:uuid:" not in b"".join(got) and time.monotonic() < deadline:
        time.sleep(0.05)
    started = time.monotonic()
    server.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - started < 10
    assert b"urn:uuid:" in b"".join(got)
    assert "Application shutdown complete." in {line.get("event") for line in server.lines()}


def test_a_call_that_is_open_when_the_end_is_asked_for_is_answered(server: Server) -> None:
    """`100 Continue` tells that the application waits for the body; it comes when the server is ending."""
    calls, total = [_opened(server, number) for number in range(OPEN_CALLS)], 0
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    _until_no_more_is_taken(server)
    for connection, body in calls:
        connection.sendall(body)
    for connection, _ in calls:
        with connection, connection.makefile("rb") as answer:
            assert answer.readline().startswith(b"HTTP/1.1 200 ")
    server.process.wait(60)
    server.start()
    with server.client() as client:
        url = "/epcis/v2/events?perPage=1000"
        while url:
            page = client.get(url)
            total += len(page.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
            url = page.links.get("next", {}).get("url", "")
    assert total == OPEN_CALLS * LISTED


def _opened(server: Server, number: int) -> tuple[socket.socket, bytes]:
    """A call whose head was read by the application, and the body that it waits for."""
    activities = [
        {"activity": "observe", "id": f"{number}-{n}", "place": "https://plant.example/p", "objects": [LOT]}
        for n in range(LISTED)
    ]
    body = json.dumps(activities).encode()
    head = (
        "POST /api/v1/activities HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    connection.sendall(head.encode())
    told = b""
    while not told.endswith(b"\r\n\r\n"):
        told += connection.recv(4096)
    assert told.startswith(b"HTTP/1.1 100 ")
    return connection, body


def _until_no_more_is_taken(server: Server) -> None:
    """Wait until the server no longer listens."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.05)
    raise AssertionError("the server still listens")
