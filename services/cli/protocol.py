"""HTTP connections whose heads are bounded in time and size, as `services.bodies` bounds bodies.

uvicorn waits for the head of a call as long as it takes and keeps all that it is of; a caller that sends a byte now and
then, or one header without end, would hold a connection or memory for ever.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_SECONDS: Final = 30.0
HEAD_BYTES: Final = 128 * 1024
"""Received in one piece, one may be larger by what that piece is."""


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's connection; it ends with 408 where a head is not there in time, with 431 where one is too large."""

    _late: asyncio.TimerHandle | None = None
    _unread = 0
    """Bytes since the last that belonged to a body or ended a head."""

    # narrowed as uvicorn narrows it, which mypy holds against asyncio's own
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        if self._late is None and self._is_answered():
            self._expect_head()
        super().data_received(data)
        if self._unread > HEAD_BYTES:
            self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        self._head_is_there()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def _expect_head(self) -> None:
        self._head_is_there()
        self._late = self.loop.call_later(HEAD_SECONDS, self._refuse, 408)

    def _head_is_there(self) -> None:
        self._unread = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _is_answered(self) -> bool:
        """Whether no call of this connection waits for its answer."""
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: int) -> None:
        """Answer and part; without a word where the answer to an earlier call is still under way."""
        if self.transport.is_closing():
            return
        if self._is_answered():
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
