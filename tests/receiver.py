"""A real HTTP server that webhooks are delivered to: keeps what came, answers as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass(frozen=True)
class Received:
    """One delivery as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def results(self) -> dict[str, Any]:
        found: dict[str, Any] = self.document["epcisBody"]["queryResults"]
        return found

    @property
    def ids(self) -> list[str]:
        return [one["eventID"] for one in self.results["resultsBody"]["eventList"]]


@dataclass(frozen=True)
class Answer:
    """What is answered, after so many seconds."""

    status: int = 204
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Receiver:
    """`answer` decides by what came; it may be changed at any time."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port = server.server_address[1]
        self.received: list[Received] = []
        self.answer: Callable[[Received], Answer] = lambda one: Answer()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ids(self, path: str | None = None) -> list[str]:
        """Ids of all events that came, in order."""
        return [one for got in self.received if path in (None, got.path) for one in got.ids]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    receiver = _Handler.receivers[server.server_address[1]] = Receiver(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        del _Handler.receivers[receiver.port]


class _Handler(BaseHTTPRequestHandler):
    receivers: dict[int, Receiver] = {}

    def do_POST(self) -> None:
        receiver = self.receivers[self.server.server_address[1]]
        body = self.rfile.read(int(self.headers["content-length"]))
        one = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body, time.time())
        receiver.received.append(one)
        told = receiver.answer(one)
        time.sleep(told.seconds)
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(told.body)))
        self.end_headers()
        self.wfile.write(told.body)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Nothing: the tests look at what was received."""
