"""What surrounds every call: its id, its log line and figures, security headers, access, and bounds on its body.

One pure ASGI middleware, so that context variables reach the routes and a stream is not buffered. Order: id, access
(before a byte of the body is read), media type and size, then the routes. What any of these raises leaves as a
problem (`services.problems`).
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import StemmaError
from services import bodies
from services.access import SAFE, settle, settle_socket
from services.ending import POLICY, answered, still_good
from services.epcis.limits import CAPTURES, QUERIES
from services.languages import language_of
from services.problems import in_syntax, problem_of, unforeseen

HEADER: Final = "x-request-id"
_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MOST_UNKNOWN: Final = 65_536
"""Bytes of a body from nobody we know: a name and a password."""
_COUNTED: Final = frozenset({401, 403, 413, 415})
_SECURITY: Final = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
_log = structlog.get_logger("stemma.http")


class Around:
    """The middleware; `max_body` in bytes, `max_depth` in brackets."""

    def __init__(self, app: ASGIApp, *, max_body: int, max_depth: int) -> None:
        self._app = app
        self._max_body = max_body
        self._max_depth = max_depth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _Call(scope, send).run(self._guarded, receive)
        else:
            await self._socket(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket: refused by closing it, before it is open or once it may no longer be."""
        house = scope["app"].state.house
        opened = False

        async def told(message: Message) -> None:
            nonlocal opened
            opened = True
            await send(message)

        scope.setdefault("state", {})
        try:
            principal = await settle_socket(scope, house.keys, house.people, house.front)
            scope["state"]["principal"] = principal
            await answered(self._app, scope, receive, told, still_good(principal, house.keys, house.people))
        except StemmaError as fault:
            _log.info("socket refused", path=scope["path"], reason=fault.detail)
        if not opened:
            await send({"type": "websocket.close", "code": POLICY})

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "HEAD":
            return await self._allowed(scope, receive, send)

        async def head(message: Message) -> None:
            """Answered as GET is, and ends where the body would begin."""
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})

        as_get = {**scope, "method": "GET"}
        try:
            await self._allowed(as_get, receive, head)
        finally:
            scope["route"] = as_get.get("route")

    async def _allowed(self, scope: Scope, receive: Receive, send: Send) -> None:
        house = scope["app"].state.house
        principal = await settle(scope, house.keys, house.people, house.front)
        if principal is not None:
            scope["state"]["principal"] = principal
        if scope["method"] not in SAFE:
            most = self._max_body if principal else min(self._max_body, _MOST_UNKNOWN)
            captures = (scope["method"], scope["path"]) in CAPTURES
            deep = captures or scope["path"].startswith(QUERIES)
            body = await self._body(Headers(scope=scope), receive, most, deep=deep)
            if body is None:
                return
            receive = bodies.replay(body, receive)
        if principal is None:
            await self._app(scope, receive, send)
        else:
            await answered(self._app, scope, receive, send, still_good(principal, house.keys, house.people))

    async def _body(self, headers: Headers, receive: Receive, most: int, *, deep: bool) -> bytes | None:
        """`deep` leaves the nesting to what reads the body."""
        media = headers.get("content-type")
        if media is not None:
            bodies.check_media(media, headers.get("content-encoding"))
        bodies.check_length(headers.get("content-length"), most)
        body = await bodies.read_body(receive, most)
        if body and media is None:
            bodies.check_media(None, None)
        if body and media and not deep and "xml" not in media.lower():
            bodies.check_depth(body, self._max_depth)
        return body


class _Call:
    """One call on its way: what must be known when its answer begins and when it ends."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get(HEADER, "")
        self.id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        self.scope = scope
        self.status = 0
        self.seconds = 0.0
        self._began = time.perf_counter()
        self._send = send
        scope.setdefault("state", {})["request_id"] = self.id

    async def run(self, inner: ASGIApp, receive: Receive) -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=self.id)
        try:
            await inner(self.scope, receive, self.send)
        except StemmaError as error:
            await self._answer(problem_of(error, self.scope["path"], self.id, self._language()), error)
        except Exception as error:
            await self._answer(unforeseen(error, self.scope["path"], self.id, self._language()), error)
        finally:
            self._note()

    def _language(self) -> str:
        return language_of(HTTPConnection(self.scope))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.seconds = time.perf_counter() - self._began
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self.id
            for name, value in _SECURITY.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def _answer(self, response: Any, error: Exception) -> None:
        if self.status:
            # Too late for another answer: the caller must see the stream break off.
            raise error
        answer: Any = in_syntax(Request(self.scope), response)
        await answer(self.scope, None, self.send)

    def _note(self) -> None:
        route = getattr(self.scope.get("route"), "path", "(none)")
        metrics = self.scope["app"].state.metrics
        metrics.calls.labels(self.scope["method"], route, str(self.status)).inc()
        metrics.seconds.labels(route).observe(self.seconds)
        if self.status in _COUNTED:
            metrics.refused.labels(str(self.status)).inc()
        actor = getattr(self.scope["state"].get("principal"), "actor", None)
        _log.info(
            "call",
            method=self.scope["method"],
            path=self.scope["path"],
            status=self.status,
            ms=round(self.seconds * 1000, 2),
            actor=actor,
        )
