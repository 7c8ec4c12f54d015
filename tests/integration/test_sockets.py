"""WebSockets at the middleware: who may open one, and that it is closed when that ends. Driven at the ASGI border."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI, WebSocket

from services.access import COOKIE
from services.app import create_app
from services.principal import scoped
from services.settings import load_settings
from tests.people import NOBODY, PASSWORD, account, first_account, people_of

PATH = "/api/v1/socket-of-this-test"
OWN = "http://localhost:8000"


class Socket:
    """One WebSocket as a server library opens it."""

    def __init__(self, app: FastAPI, path: str = PATH, peer: str = "127.0.0.1", **headers: str) -> None:
        raw = {"host": "localhost:8000", **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.scope = {
            "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "scheme": "ws", "client": (peer, 5), "server": ("localhost", 8000), "subprotocols": [], "state": {},
            "extensions": {"websocket.http.response": {}},
            "headers": [(name.encode(), value.encode()) for name, value in raw.items()], "app": app,
        }  # fmt: skip
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.received.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(app(self.scope, self.received.get, self.sent.put))

    async def next(self) -> str:
        """What comes next, within five seconds: `accept`, `send`, `close`, or the status by which it is denied."""
        async with asyncio.timeout(5):
            message = await self.sent.get()
        return str(message.get("status") or message["type"].removeprefix("websocket."))


@pytest_asyncio.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.chdir(tmp_path)
    app = create_app(load_settings(data=tmp_path / "data"))

    @app.websocket(PATH, dependencies=[scoped("trace")])
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_text(await socket.receive_text())

    async with app.router.lifespan_context(app):
        yield app


async def cookie_of(app: FastAPI, name: str) -> str:
    text, _ = await people_of(app).sign_in(name, PASSWORD, NOBODY)
    return f"{COOKIE}={text}"


async def test_a_session_opens_one_from_an_own_page_only(app: FastAPI) -> None:
    await first_account(app)
    cookie = await cookie_of(app, "boss")
    assert await Socket(app, cookie=cookie, origin=OWN).next() == "accept"
    for foreign in ("https://evil.example", "http://localhost:9000", "https://localhost:8000", "null"):
        assert await Socket(app, cookie=cookie, origin=foreign).next() == "close"
    assert await Socket(app, cookie=cookie).next() == "close"
    assert await Socket(app, origin=OWN).next() == "close"


async def test_a_route_names_the_right_of_a_socket_as_of_a_call(app: FastAPI) -> None:
    await first_account(app)
    await account(app, "keeper", "warehouse_keeper")
    assert await Socket(app, cookie=await cookie_of(app, "keeper"), origin=OWN).next() == "403"
    store = app.state.house.keys
    for scope, answer in (("read", "accept"), ("capture", "403")):
        _, key = await store.add(scope, [scope], "test", administered=True)
        assert await Socket(app, authorization=f"Bearer {key}").next() == answer
    assert await Socket(app, "/nowhere", cookie=await cookie_of(app, "boss"), origin=OWN).next() == "close"


async def test_without_account_and_key_one_opens_on_this_machine_only(app: FastAPI) -> None:
    assert await Socket(app).next() == "accept"
    assert await Socket(app, origin=OWN).next() == "accept"
    assert await Socket(app, origin="https://evil.example").next() == "close"
    assert await Socket(app, peer="10.0.0.7").next() == "close"


@pytest.mark.parametrize("end", ["log out", "revocation", "first account"])
async def test_an_open_one_is_closed_within_seconds_of_the_right_to_it(app: FastAPI, end: str) -> None:
    store = app.state.house.keys
    if end == "first account":
        socket = Socket(app)
    elif end == "revocation":
        await store.add("boss", ["admin"], "test")
        key, text = await store.add("screen", ["read"], "test")
        socket = Socket(app, authorization=f"Bearer {text}")
    else:
        await first_account(app)
        text, principal = await people_of(app).sign_in("boss", PASSWORD, NOBODY)
        socket = Socket(app, cookie=f"{COOKIE}={text}", origin=OWN)
    assert await socket.next() == "accept"
    await socket.received.put({"type": "websocket.receive", "text": "still there?"})
    assert await socket.next() == "send"
    if end == "first account":
        await first_account(app)
    elif end == "revocation":
        await store.revoke(key.id)
    else:
        await people_of(app).sign_out(principal, "127.0.0.1", everywhere=False)
    assert await socket.next() == "close"
    await asyncio.wait_for(socket.task, 5)
