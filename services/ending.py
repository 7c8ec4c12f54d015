"""Long answers end with the right to have them: a stream stops within seconds of log-out, revocation or change of role.

Every call is judged when it comes. An answer that goes on is looked at again every `LOOK_SECONDS` while it is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import StemmaError, Unauthenticated, Unavailable
from services.accounts.people import People
from services.keys.store import KeyStore
from services.principal import Principal

LOOK_SECONDS: Final = 1.0
POLICY: Final = 1008
"""Close code of a WebSocket that may not be or go on (RFC 6455 section 7.4.1)."""
Still = Callable[[], Awaitable[bool]]


def still_good(principal: Principal, keys: KeyStore, people: People) -> Still:
    """Whether what the caller came with still holds. The loopback caller's stays until there is a key or account."""

    async def still() -> bool:
        try:
            if principal.session is not None:
                return await people.sessions.good(principal.session) is not None
            if principal.key_id is not None:
                return await keys.good(principal.key_id)
            return not await keys.defined() and not await people.accounts.defined()
        except Unavailable:
            return True

    return still


async def answered(app: ASGIApp, scope: Scope, receive: Receive, send: Send, still: Still) -> None:
    """Run `app`; once its answer is sent in parts, end it when `still` no longer holds.

    A stream of events is closed in order, so that its reader comes again and is refused, and so is a WebSocket; any
    other answer breaks off, so that nobody takes the part for the whole. Errors: `Unauthenticated` then.
    """
    one = _Answer(send, still)
    try:
        await app(scope, receive, one.send)
    except asyncio.CancelledError:
        if not one.over:
            raise
        _this_task().uncancel()
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY, "reason": "the session or key has ended"})
            return
        if not one.is_stream:
            raise Unauthenticated("the session or key ended while the answer was sent") from None
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        one.forget()


class _Answer:
    """One answer on its way, looked at from its first part that is not the last."""

    def __init__(self, send: Send, still: Still) -> None:
        self._send = send
        self._still = still
        self._task = _this_task()
        self._look: asyncio.Task[None] | None = None
        self.over = False
        self.is_stream = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message.get("headers", [])).get("content-type", "")
            self.is_stream = kind.startswith("text/event-stream")
        elif self._look is None and (message.get("more_body", False) or message["type"] == "websocket.accept"):
            self._look = asyncio.create_task(self._looking(), name="still good?")
        await self._send(message)

    async def _looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                good = await self._still()
            except StemmaError:
                good = False
            if not good:
                self.over = True
                self._task.cancel()
                return

    def forget(self) -> None:
        if self._look is not None:
            self._look.cancel()


def _this_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    assert task is not None
    return task
