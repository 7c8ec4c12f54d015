"""The HTTP server of `stemma serve`: it ends in order when told to, and parts from its callers in order when the
application is to be opened again at the same socket."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Collection
from types import FrameType
from typing import Final, Literal

import structlog
import uvicorn
from fastapi import FastAPI

from services.bootstrap import House
from services.cli.welcome import welcome
from services.lock import FolderLock
from services.reopening import Reopening

_LAST: Final = (b"connection", b"close")
_TICKS: Final = 10
"""Ticks of a second, which is how long callers are told that an answer is the last of its connection."""
_LAST_TICKS: Final = 3
_log = structlog.get_logger("stemma.serve")


class Server(uvicorn.Server):
    """uvicorn, which tells the lock where it listens and ends live streams before it waits for open calls.

    `listener` is the socket of which it is given a duplicate. It is closed when the process is to end; when the
    application is to be opened again it stays, and new calls wait there. Before that, callers are parted from their
    connections in order: each answer says that it is the last of its connection, long ones are finished, and then no
    new connection is taken, so that none is closed while a call comes in over it.
    """

    def __init__(
        self, config: uvicorn.Config, listener: socket.socket, lock: FolderLock, reopening: Reopening, *, again: bool
    ) -> None:
        super().__init__(config)
        self._listener = listener
        self._lock = lock
        self._reopening = reopening
        self._again = again
        self._parting: _Parting | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self._listener.getsockname()[:2]
            scheme = "https" if self.config.is_ssl else "http"
            url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
            near = url.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:")
            self._lock.tell(url=near)
            _log.info("listening", url=url)
            if not self._again:
                await welcome(self._house, near)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if self._reopening.wanted:
            self._part()
        return await super().on_tick(counter)

    def _part(self) -> None:
        if self._parting is None:
            self._parting = _Parting(frozenset(self.server_state.tasks), self.config.timeout_graceful_shutdown or 0)
            self.config.encoded_headers.append(_LAST)
            self.server_state.default_headers = [*self.server_state.default_headers, _LAST]
            self._end_streams()
        match self._parting.step(self.server_state.tasks):
            case "take no more":
                for one in self.servers:
                    one.close()
            case "end":
                self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if not self._reopening.wanted:
            self._listener.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        _log.info("told to end", signal=signal.Signals(sig).name)
        self._reopening.take()
        self._end_streams()
        super().handle_exit(sig, frame)

    def _end_streams(self) -> None:
        if self._house is not None:
            self._house.closing.set()

    @property
    def _house(self) -> House | None:
        """None until it is open."""
        app: FastAPI = self.config.app  # type: ignore[assignment]
        house: House | None = getattr(app.state, "house", None)
        return house


class _Parting:
    """How long callers are parted from their connections; `open_tasks` are the calls that were open before."""

    def __init__(self, open_tasks: frozenset[asyncio.Task[None]], patience_seconds: float) -> None:
        self._open = open_tasks
        self._patience = patience_seconds * _TICKS
        self._ticks = 0
        self._closed_at: int | None = None

    def step(self, tasks: Collection[asyncio.Task[None]]) -> Literal["wait", "take no more", "end"]:
        """What to do now; "take no more" is of connections, and is said once."""
        self._ticks += 1
        if self._closed_at is not None:
            return "end" if self._ticks >= self._closed_at + _LAST_TICKS else "wait"
        finished = self._open.isdisjoint(tasks) or self._ticks > self._patience
        if self._ticks < _TICKS or not finished:
            return "wait"
        self._closed_at = self._ticks
        return "take no more"
