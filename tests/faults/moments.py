"""`stemma` in a process that dies within a commit, a fold, a seal or a part of a rebuild, at a random instant of it.

`python -m tests.faults.moments fold 3 42 serve` runs the command line; from the third fold on a timer is set on
entering and taken back on leaving, until it goes off within. Its signal is left to the kernel, which ends the process
on the spot in whatever it does, inside SQLite or the disk's flush too, as by `kill -9`; `42` seeds the instants. What
is rare in production is made frequent: columns are folded, blocks merged and seals made after a few events.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final

from tests.e2e.conftest import Process, Server

OF_A_SERVER: Final = ("commit", "fold", "seal")
OF_A_SERVER_ON_SERVERS: Final = ("commit", "seal")
"""Columns are folded by the embedded genealogy alone."""
OF_A_REBUILD: Final = ("fill", "switch")
OF_A_REBUILD_ON_SERVERS: Final = ("empty", "fill")
DIED: Final = -signal.SIGALRM
"""The return code of a process that died within its moment."""
_SPANS: Final = {"fill": 3.0, "empty": 0.5}
_SPAN: Final = 0.001
"""Seconds that a moment is thought to last before one was seen to the end."""
_FOLD_AT: Final = 40
_MERGE_EVERY: Final = 5


class DoomedServer(Server):
    """A server with a moment to die within, if it is given one before it starts."""

    moment: tuple[str, int, int] | None = None

    def command(self) -> list[str]:
        if self.moment is None:
            return super().command()
        return [*doomed(*self.moment), "serve", *self.arguments]


def doomed(moment: str, nth: int, seed: int) -> list[str]:
    """The command line to which a sub-command of `stemma` is added."""
    return [sys.executable, "-m", "tests.faults.moments", moment, str(nth), str(seed)]


def rebuilding(server: Server, moment: str, seed: int) -> Process:
    """A rebuild of the server's folder that dies within a moment of it."""
    return server.begun([*doomed(moment, 1, seed), "rebuild"])


class _Doom:
    """Sets the timer from the `nth` entry on."""

    def __init__(self, moment: str, nth: int, chance: random.Random) -> None:
        self._moment, self._left, self._chance = moment, nth, chance
        self._span = _SPANS.get(moment, _SPAN)

    @contextmanager
    def within(self, moment: str) -> Iterator[None]:
        if moment != self._moment:
            yield
            return
        self._left -= 1
        if self._left <= 0:
            signal.setitimer(signal.ITIMER_REAL, max(self._chance.uniform(0, self._span), 1e-6))
        began = time.perf_counter()
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._span = (self._span + time.perf_counter() - began) / 2

    def told(self, moment: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(inner)
        def outer(*given: Any, **named: Any) -> Any:
            with self.within(moment):
                return inner(*given, **named)

        return outer

    def awaited(self, moment: str, inner: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(inner)
        async def outer(*given: Any, **named: Any) -> Any:
            with self.within(moment):
                return await inner(*given, **named)

        return outer


def _watch(doom: _Doom) -> None:
    """Wrap the moments of the back ends that the environment names."""
    from events import seals
    from projections.index.store import EventIndex
    from services import rebuilding

    seals.Sealer.__init__.__kwdefaults__.update(records=20, seconds=0.3)  # type: ignore[attr-defined]
    seals.Sealer._append = doom.awaited("seal", seals.Sealer._append)  # type: ignore[method-assign,assignment]
    EventIndex.apply = doom.awaited("commit", EventIndex.apply)  # type: ignore[method-assign,assignment]
    rebuilding.fill = doom.awaited("fill", rebuilding.fill)  # type: ignore[assignment]
    rebuilding.switch = doom.told("switch", rebuilding.switch)  # type: ignore[assignment]
    if os.environ.get("STEMMA_LOG_URL", "").startswith("kafka:"):
        from events.kafka_log import KafkaEventLog
        from projections.genealogy.neo4j import Neo4jGenealogy

        KafkaEventLog._append = doom.awaited("commit", KafkaEventLog._append)  # type: ignore[method-assign,assignment]
        Neo4jGenealogy._empty = doom.awaited("empty", Neo4jGenealogy._empty)  # type: ignore[method-assign,assignment]
        Neo4jGenealogy.apply = doom.awaited("commit", Neo4jGenealogy.apply)  # type: ignore[method-assign,assignment]
    else:
        _watch_embedded(doom)


def _watch_embedded(doom: _Doom) -> None:
    from events.sqlite_log import SqliteEventLog
    from projections.genealogy import tables
    from projections.genealogy.columns import Columns, View
    from projections.genealogy.embedded import EmbeddedGenealogy

    tables.MERGE_EVERY = _MERGE_EVERY
    tables.merge_blocks = doom.told("fold", tables.merge_blocks)
    SqliteEventLog._commit = doom.told("commit", SqliteEventLog._commit)  # type: ignore[method-assign]
    EmbeddedGenealogy._apply = doom.told("commit", EmbeddedGenealogy._apply)  # type: ignore[method-assign]
    fold, publish = doom.told("fold", Columns.fold), Columns.publish

    def folding(self: Columns) -> View:
        if self.name.size - self._folded > _FOLD_AT:
            fold(self)
        return publish(self)

    Columns.publish = folding  # type: ignore[method-assign]


def main() -> None:
    moment, nth, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    from services.cli.main import main as stemma

    sys.argv = ["stemma", *sys.argv[4:]]
    _watch(_Doom(moment, nth, random.Random(seed)))
    stemma()


if __name__ == "__main__":
    main()
