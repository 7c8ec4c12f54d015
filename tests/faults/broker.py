"""A broker that is slow, loses its answers and reports errors: what stands between aiokafka and a real broker does it.

It reads the frames of Kafka's protocol as far as it must: which request an answer belongs to, the port that metadata
name (its own is put there), and the error of a produced batch. What fails is drawn from a seed, until `calm`.
Source: Kafka protocol guide, Produce (key 0, versions 2 to 8), Metadata (3), FindCoordinator (10).
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

_PRODUCE, _METADATA, _COORDINATOR = 0, 3, 10
_Asked = dict[int, tuple[int, str]]
"""Kind of request, and what is to happen to it, by its number."""
_ERRORS: Final = {7: "timed out", 19: "too few replicas", 20: "too few replicas, written", 6: "not the leader"}
"""What a batch that the broker has written is told to be: all of them errors after which a client cannot know."""
_DECK: Final = ("lost before it came", "answer lost", "error", "error", "slow", "slow", "slow", "", "", "", "")
"""What happens to so many requests in a row, shuffled: each of them to some."""
_MOST_SECONDS: Final = 0.3


@dataclass
class Unreliable:
    """Faults done so far, by name; `address` is where clients connect."""

    real_port: int
    chance: random.Random
    address: str = ""
    done: Counter[str] = field(default_factory=Counter)
    calm: bool = False
    _deck: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, until either end closes it."""
        try:
            inner, outer = await asyncio.open_connection("127.0.0.1", self.real_port)
        except OSError:
            writer.close()
            return
        asked: _Asked = {}
        ways = [
            asyncio.ensure_future(self._there(reader, outer, asked)),
            asyncio.ensure_future(self._back(inner, writer, asked)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for one in ways:
            one.cancel()
        for end in (outer, writer):
            end.close()

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: _Asked) -> None:
        async for frame in _frames(reader):
            kind, number = int.from_bytes(frame[:2], "big"), int.from_bytes(frame[4:8], "big")
            fault = self._drawn() if kind == _PRODUCE else ""
            if fault == "lost before it came":
                return
            asked[number] = kind, fault
            _send(writer, frame)

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: _Asked) -> None:
        async for frame in _frames(reader):
            kind, fault = asked.pop(int.from_bytes(frame[:4], "big"), (-1, ""))
            told = self._renamed(frame) if kind in (_METADATA, _COORDINATOR) else frame
            match fault:
                case "answer lost":
                    return
                case "slow":
                    await asyncio.sleep(self.chance.uniform(0.05, _MOST_SECONDS))
                case "error":
                    told = self._failed(frame)
            _send(writer, told)

    def _drawn(self) -> str:
        """What is to happen to a request, empty for nothing."""
        if self.calm:
            return ""
        if not self._deck:
            self._deck = self.chance.sample(_DECK, len(_DECK))
        fault = self._deck.pop()
        self.done[fault] += bool(fault)
        return fault

    def _renamed(self, frame: bytes) -> bytes:
        """Metadata with our port in place of the broker's."""
        host = b"127.0.0.1"
        ours = int(self.address.rpartition(":")[2])
        return frame.replace(host + self.real_port.to_bytes(4, "big"), host + ours.to_bytes(4, "big"))

    def _failed(self, frame: bytes) -> bytes:
        """The answer to a batch of one partition with an error in it."""
        topics, name = int.from_bytes(frame[4:8], "big"), int.from_bytes(frame[8:10], "big")
        at = 10 + name
        partitions = int.from_bytes(frame[at : at + 4], "big")
        if (topics, partitions) != (1, 1):
            return frame
        code = self.chance.choice(list(_ERRORS))
        self.done[_ERRORS[code]] += 1
        return frame[: at + 8] + code.to_bytes(2, "big") + frame[at + 10 :]


async def _frames(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            size = int.from_bytes(await reader.readexactly(4), "big")
            yield await reader.readexactly(size)


def _send(writer: asyncio.StreamWriter, frame: bytes) -> None:
    writer.write(len(frame).to_bytes(4, "big") + frame)


@contextmanager
def unreliable(broker: str, seed: int) -> Iterator[Unreliable]:
    """Stand before the broker at `host:port`, in a thread of its own."""
    made = Unreliable(int(broker.rpartition(":")[2]), random.Random(seed))
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def run() -> None:
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        made.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()

    loop.create_task(run())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
