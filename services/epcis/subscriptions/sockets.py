"""WebSockets: a named query as it grows or by schedule, a document a frame, at most once (epcis.md S8)."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from projections.index.database import Overtime
from schemas.errors import Busy, StemmaError
from services.clock import Clock
from services.epcis.subscriptions.documents import Documents, place_of, telling
from services.epcis.subscriptions.listening import Listener
from services.epcis.subscriptions.shapes import Place, Wish, before
from services.epcis.subscriptions.store import SubscriptionStore

if TYPE_CHECKING:
    from services.epcis.store import NamedQuery

GOING: Final = 1001
"""Close code: the query is gone, or this process ends (RFC 6455 section 7.4.1)."""
_LOOK_SECONDS: Final = 1.0
_EVENTS: Final = 500
_log = structlog.get_logger("stemma.subscriptions")


class Sockets:
    """The open sockets of this process, at most `most`. `start` and `stop` once each."""

    def __init__(
        self,
        store: SubscriptionStore,
        listener: Listener,
        documents: Documents,
        clock: Clock,
        base: str | None,
        most: int,
    ) -> None:
        self._store, self._listener, self._documents = store, listener, documents
        self._clock, self._base, self._most = clock, base, most
        self._open: dict[str, tuple[NamedQuery, asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._open)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._look(), name="sockets of deleted queries")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for _, ended in self._open.values():
            ended.set()

    def end(self, query_name: str) -> None:
        """Close the sockets of a query that is gone."""
        for kept, ended in self._open.values():
            if kept.name == query_name:
                ended.set()

    def check_room(self) -> None:
        """Errors: `Busy`."""
        if len(self._open) >= self._most:
            raise Busy(f"{self._most} sockets are open already: try again later")

    async def serve(self, socket: WebSocket, kept: NamedQuery, wish: Wish, closing: asyncio.Event) -> None:
        """Accept, and send until the caller goes, the query is deleted, or this process ends."""
        self.check_room()
        name, ended = f"socket {secrets.token_hex(8)}", asyncio.Event()
        self._open[name] = kept, ended
        try:
            await socket.accept()
            each = (_gone(socket), ended.wait(), closing.wait(), self._send(socket, name, kept, wish))
            tasks = [asyncio.create_task(one) for one in each]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
            if tasks[0] not in done:
                await _close(socket, "the query was deleted" if ended.is_set() else "the service ends")
        finally:
            del self._open[name]

    async def _send(self, socket: WebSocket, name: str, kept: NamedQuery, wish: Wish) -> None:
        now = self._clock()
        place = before(now if wish.initial_us is None else wish.initial_us)
        if wish.schedule is None:
            return await self._stream(socket, name, kept, wish, place)
        run = wish.schedule.after(now)
        while run is not None:
            await self._until(run)
            level = self._listener.level_us
            place, sent = await self._sent(socket, kept, wish, place, level)
            if not sent and wish.report_if_empty:
                body, _ = await self._documents.written([], kept.name, wish.format)
                await socket.send_text(body.decode())
            run = wish.schedule.after(self._clock())
        return None

    async def _until(self, us: int) -> None:
        """Wait for a moment, looking at the clock every second, since clocks are set."""
        left = us - self._clock()
        while left > 0:
            await asyncio.sleep(min(left / 1_000_000, _LOOK_SECONDS))
            left = us - self._clock()

    async def _stream(self, socket: WebSocket, name: str, kept: NamedQuery, wish: Wish, place: Place) -> None:
        news = asyncio.Event()
        watch = self._listener.add(name, await telling(self._documents.index, kept.query, self._base), news.set)
        try:
            while True:
                await news.wait()
                news.clear()
                level = self._listener.level_us
                place, _ = await self._sent(socket, kept, wish, place, level)
                self._listener.asked(watch, level)
        finally:
            self._listener.remove(watch)

    async def _sent(
        self, socket: WebSocket, kept: NamedQuery, wish: Wish, place: Place, level: int
    ) -> tuple[Place, int]:
        """Send what is new up to a moment; the place after it, and how many events that were."""
        sent = 0
        while True:
            try:
                found = await self._documents.page(kept.query, place, _EVENTS + 1, level)
                if not found:
                    return max(place, before(level + 1)), sent
                body, count = await self._documents.written(found[:_EVENTS], kept.name, wish.format)
            except (StemmaError, Overtime) as fault:
                _log.warning("a socket waits", query=kept.name, reason=str(fault))
                await asyncio.sleep(_LOOK_SECONDS)
                continue
            place, sent = place_of(found[count - 1]), sent + count
            await socket.send_text(body.decode())

    async def _look(self) -> None:
        """Close the sockets of queries that another process deleted."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if not self._open:
                continue
            try:
                standing = await self._store.standing({kept.name for kept, _ in self._open.values()})
            except StemmaError:
                continue
            for kept, ended in self._open.values():
                if standing.get(kept.name) != kept.made_us:
                    ended.set()


async def _gone(socket: WebSocket) -> None:
    """Until the caller goes; what it says meanwhile is not read."""
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
    except (WebSocketDisconnect, RuntimeError):
        return


async def _close(socket: WebSocket, reason: str) -> None:
    try:
        await socket.close(GOING, reason)
    except (WebSocketDisconnect, RuntimeError):
        return
