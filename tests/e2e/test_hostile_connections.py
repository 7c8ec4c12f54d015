"""Connections that no library makes: heads without end, a byte now and then, calls hidden in calls."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from services.cli import protocol
from services.cli.protocol import HEAD_BYTES, BoundedHttp
from tests.e2e.conftest import Server

GET = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /api/v1/activities HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"


def told(server: Server, sent: bytes) -> bytes:
    """All that is answered to these bytes until the server ends the connection, or for two seconds says no more."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as connection:
        found = b""
        try:
            connection.sendall(sent)
            while some := connection.recv(65_536):
                found += some
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
        return found


def peak(pid: int) -> int:
    """What the process held at most since this was asked last, in kB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew at what is held
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def alive(server: Server) -> None:
    with server.client() as client:
        assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(GET + b"x: " + b"a" * 64_000_000, id="one header"),
        pytest.param(GET + b"x: y\r\n" * 10_000_000, id="many headers"),
        pytest.param(b"GET /" + b"a" * 64_000_000, id="address"),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n" + b"x: y\r\n" * 10_000_000, id="trailers"
        ),
    ],
)
def test_a_head_without_end_is_refused_before_it_takes_memory(module_server: Server, sent: bytes) -> None:
    assert module_server.process is not None
    alive(module_server)
    peak(module_server.process.pid)
    before = peak(module_server.process.pid)
    answered = told(module_server, sent)
    assert answered[:12] in (b"", b"HTTP/1.1 431", b"HTTP/1.1 400", b"HTTP/1.1 422")
    assert peak(module_server.process.pid) - before < 40_000, "of more than 60 MB sent"
    alive(module_server)


def test_a_head_as_large_as_any_browser_sends_is_read(module_server: Server) -> None:
    sent = GET + b"".join(b"x-%d: %s\r\n" % (n, b"a" * 4_000) for n in range(HEAD_BYTES // 5_000)) + b"\r\n"
    assert told(module_server, sent).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="two lengths"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", id="the other way"),
        pytest.param(POST + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n[]", id="length twice"),
        pytest.param(POST + b"Content-Length: +2\r\n\r\n[]", id="length with a sign"),
        pytest.param(POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", id="unknown coding"),
        pytest.param(POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", id="space before the colon"),
        pytest.param(POST + b"Content-Length: 2\r\nX: a\nHost: b\r\n\r\n[]", id="line feed alone"),
        pytest.param(POST + b"X: a\0b\r\nContent-Length: 2\r\n\r\n[]", id="zero byte"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n2;\n[]\r\n0\r\n\r\n", id="line feed in a chunk"),
    ],
)
def test_a_call_hidden_in_a_call_is_refused_and_not_answered(module_server: Server, sent: bytes) -> None:
    """Whatever a proxy before it would take for the end of the call: what comes after is not a call of its own."""
    answered = told(module_server, sent + HIDDEN)
    assert answered.startswith(b"HTTP/1.1 4"), answered[:200]
    assert b"stemma_" not in answered, "the metrics"
    alive(module_server)


@asynccontextmanager
async def listening(seconds: float, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The port of an application that answers when it has read the body, behind connections so patient."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", seconds)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(app, http=BoundedHttp, log_config=None, access_log=False, timeout_keep_alive=60)
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: BoundedHttp(config, state, {}), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("first", "drops"),
    [
        pytest.param(b"", b"", id="nothing"),  # after a call it is uvicorn that parts
        pytest.param(b"", GET + b"x: y\r\n" * 100, id="first call"),
        pytest.param(b"", b"\r\n" * 100, id="empty lines"),
        pytest.param(GET + b"\r\n", GET + b"x: y\r\n" * 100, id="call after another"),
        pytest.param(GET + b"\r\n", b"\r\n" * 100, id="empty lines after a call"),
    ],
)
async def test_a_head_that_comes_a_byte_now_and_then_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, first: bytes, drops: bytes
) -> None:
    async with listening(0.5, monkeypatch) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if first:
            writer.write(first)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        began = time.monotonic()
        answer = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
        for drop in drops:
            if answer.done():
                break
            writer.write(bytes([drop]))
            await asyncio.sleep(0.02)
        async with asyncio.timeout(30):
            assert (await answer).startswith(b"HTTP/1.1 408 ")
            with suppress(ConnectionResetError):  # where a last byte came after the end
                assert await reader.read() == b""
        assert time.monotonic() - began > 0.4
        writer.close()


async def test_a_body_that_comes_slowly_is_not_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(0.3, monkeypatch) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST + b"Content-Length: 10\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(0.1)
            writer.write(b"1")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.close()
