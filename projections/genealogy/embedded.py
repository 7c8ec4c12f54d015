"""The embedded genealogy: one SQLite file, and its mentions as columns in memory.

SQLite (`tables`) keeps names, records and, one blob a commit, the mention columns; memory (`columns`) keeps the same
columns with an index from name to mentions. Appends only: an event's facts are never changed, it only ceases to stand
or to be in force, which are two numbers per event (trace.md L1, L4). Readers are in memory but for strings.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from events.reading import Checkpoint
from projections.genealogy import tables
from projections.genealogy.columns import Columns
from projections.genealogy.commit import Commit, Known
from projections.genealogy.digests import CHECKPOINT, Digests
from projections.genealogy.embedded_reader import EmbeddedReader
from projections.genealogy.port import Limits, Reader
from projections.genealogy.scrub import scrub
from projections.port import Batch
from projections.scrubbing import Scrubbed
from schemas.errors import Damaged, Fenced, Unavailable
from schemas.sentences import say


class EmbeddedGenealogy:
    """Genealogy port over a SQLite file; `base` is the setting for in-house identifiers. Closed by who opened it."""

    name = "genealogy"
    version = tables.VERSION
    computes = True

    def __init__(self, path: Path, partitions: int, base: str | None) -> None:
        self._path, self._partitions, self._base = path, partitions, base
        self._write = tables.connect(path)
        self._columns = Columns()
        self._commits = 0
        self._load()
        self._damage: str | None = None
        self._digests = self._stored_digests()
        self._known = self._known_products()
        self._view = self._columns.publish()
        self._reached = self._stored_checkpoint()
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, partitions: int = 1, base: str | None = None) -> EmbeddedGenealogy:
        """Errors: `Damaged` when the stored columns cannot be read."""
        return await asyncio.to_thread(cls, path, partitions, base)

    async def checkpoint(self) -> Checkpoint:
        """Errors: `Damaged` once `scrub` has found something, as for every question from then on."""
        self._stand()
        return self._reached

    async def watermark_us(self) -> int:
        return self._reached.watermark_us

    async def apply(self, batch: Batch) -> None:
        self._stand()
        await asyncio.to_thread(self._alone, batch)

    @asynccontextmanager
    async def reader(self, limits: Limits) -> AsyncIterator[Reader]:
        self._stand()
        connection = self._idle.pop() if self._idle else tables.connect(self._path, read_only=True)
        try:
            yield EmbeddedReader(connection, self._view, limits)
        finally:
            self._idle.append(connection)

    def scrub(self, rest: Callable[[float], None] = lambda _: None) -> Scrubbed:
        """Read every row of the file against its digests, in the calling thread; what is damaged answers no more."""
        found = scrub(self._path, rest)
        if found.damaged:
            self._damage = say(
                "the genealogy's {tables} rows are not as they were written; rebuild it: `stemma rebuild`",
                tables=", ".join(found.damaged),
            )
        return found

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _stand(self) -> None:
        if self._damage is not None:
            raise Damaged(self._damage)

    def _close(self) -> None:
        with self._lock:
            self._closed = True
            for connection in (*self._idle, self._write):
                connection.close()
            self._idle.clear()
            # Whoever still knows this store, until garbage is collected, does not keep its columns in memory.
            self._columns = Columns()
            self._view = self._columns.publish()

    def _alone(self, batch: Batch) -> None:
        """In a thread that goes on when whoever asked was cancelled: what it uses is not closed meanwhile."""
        with self._lock:
            if self._closed:
                raise Unavailable("the genealogy is closed")
            self._apply(batch)

    def _stored_checkpoint(self) -> Checkpoint:
        stored = tables.meta(self._write, CHECKPOINT)
        return Checkpoint.start(self._partitions) if stored is None else Checkpoint.from_json(orjson.loads(stored))

    def _stored_digests(self) -> Digests:
        try:
            digests = Digests.read(tables.meta(self._write, "digests"))
            if digests.holds(tables.meta(self._write, CHECKPOINT)):
                return digests
        except ValueError:
            pass
        raise Damaged("the genealogy's checkpoint is damaged; rebuild it with `stemma rebuild`")

    def _known_products(self) -> Known:
        return Known(products={text: code for code, text in enumerate(self._columns.products)})

    def _load(self) -> None:
        try:
            self._columns.load(tables.blocks(self._write), tables.products(self._write))
        except ValueError as error:
            raise Damaged("the genealogy's columns are damaged; rebuild it with `stemma rebuild`") from error
        for row, record_us, withdrawn_us in self._write.execute("SELECT * FROM genealogy_force"):
            self._columns.record_us.data[row] = record_us
            self._columns.withdrawn_us.data[row] = withdrawn_us

    def _apply(self, batch: Batch) -> None:
        write = self._write
        write.execute("BEGIN IMMEDIATE")
        try:
            if self._stored_checkpoint() != batch.before:
                raise Fenced("another process has moved the genealogy's position")
            digests = self._digests.copy()
            work = Commit(write, self._known, self._base, self._columns.us.size, self._columns.kind.size, digests)
            forces = work.add(batch.facts)
            news = work.news()
            if work.has_news:
                tables.add_block(write, news)
            if self._commits % tables.MERGE_EVERY == tables.MERGE_EVERY - 1:
                tables.merge_blocks(write)
            reached = orjson.dumps(batch.after.to_json()).decode()
            digests.set_checkpoint(reached)
            tables.set_meta(write, CHECKPOINT, reached)
            tables.set_meta(write, "digests", digests.text())
            write.execute("COMMIT")
        except BaseException:
            self._known = self._known_products()
            # A full disk or a failed read makes SQLite roll back of itself.
            if write.in_transaction:
                write.execute("ROLLBACK")
            raise
        self._columns.products.extend(list(self._known.products)[len(self._columns.products) :])
        self._commits += 1
        self._digests = digests
        if work.has_news:
            self._columns.append(news)
        for row, (record_us, withdrawn_us) in forces.items():
            self._columns.record_us.data[row] = record_us
            self._columns.withdrawn_us.data[row] = withdrawn_us
        self._view = self._columns.publish()
        self._reached = batch.after
