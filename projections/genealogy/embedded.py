"""The embedded genealogy: one SQLite file, and its mentions as columns in memory.

SQLite (`tables`) keeps names, records and, one blob a commit, the mention columns; memory (`columns`) keeps the same
columns with an index from name to mentions. Appends only: an event's facts are never changed, it only ceases to stand
or to be in force, which are two numbers per event (trace.md L1, L4). Readers are in memory but for strings.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import orjson

from events.reading import Checkpoint
from projections.genealogy import tables
from projections.genealogy.columns import Columns, News
from projections.genealogy.embedded_reader import EmbeddedReader
from projections.genealogy.mentions import StoredMention, bits_of, stored_mentions
from projections.genealogy.port import KINDS, NEVER, Limits, Part, Reader
from projections.port import Batch, Fact
from projections.settle import Candidate, Declared, settle
from schemas.errors import Damaged, Fenced, Unavailable
from schemas.identifiers import identify

_OBJECT_PARTS = frozenset(part for part in Part if part <= Part.OUTPUT_QUANTITY) | {Part.MEMBER, Part.MEMBERS_LOT}


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
        self._ids: dict[str, int] = {}
        self._quantities: dict[tuple[str, str | None], int] = {}
        self._load()
        self._products = {text: code for code, text in enumerate(self._columns.products)}
        self._view = self._columns.publish()
        self._reached = self._stored_checkpoint()
        self._idle: list[sqlite3.Connection] = []
        self._lock = asyncio.Lock()
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, partitions: int = 1, base: str | None = None) -> EmbeddedGenealogy:
        """Errors: `Damaged` when the stored columns cannot be read."""
        return await asyncio.to_thread(cls, path, partitions, base)

    async def checkpoint(self) -> Checkpoint:
        return self._reached

    async def watermark_us(self) -> int:
        return self._reached.watermark_us

    async def apply(self, batch: Batch) -> None:
        async with self._lock:
            if self._closed:
                raise Unavailable("the genealogy is closed")
            await asyncio.to_thread(self._apply, batch)

    @asynccontextmanager
    async def reader(self, limits: Limits) -> AsyncIterator[Reader]:
        connection = self._idle.pop() if self._idle else tables.connect(self._path, read_only=True)
        try:
            yield EmbeddedReader(connection, self._view, limits)
        finally:
            self._idle.append(connection)

    async def close(self) -> None:
        async with self._lock:
            self._closed = True
            for connection in (*self._idle, self._write):
                connection.close()
            self._idle.clear()

    def _stored_checkpoint(self) -> Checkpoint:
        stored = tables.meta(self._write, "checkpoint")
        return Checkpoint.start(self._partitions) if stored is None else Checkpoint.from_json(orjson.loads(stored))

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
            work = _Commit(self, write)
            for fact in batch.facts:
                work.add(fact)
            forces = work.settle()
            news = work.news()
            if work.has_news:
                tables.add_block(write, news)
            if self._commits % tables.MERGE_EVERY == tables.MERGE_EVERY - 1:
                tables.merge_blocks(write)
            tables.set_meta(write, "checkpoint", orjson.dumps(batch.after.to_json()).decode())
            write.execute("COMMIT")
        except BaseException:
            write.execute("ROLLBACK")
            self._ids.clear()
            self._quantities.clear()
            self._products = {text: code for code, text in enumerate(self._columns.products)}
            raise
        self._columns.products.extend(list(self._products)[len(self._columns.products) :])
        self._commits += 1
        if work.has_news:
            self._columns.append(news)
        for row, (record_us, withdrawn_us) in forces.items():
            self._columns.record_us.data[row] = record_us
            self._columns.withdrawn_us.data[row] = withdrawn_us
        self._view = self._columns.publish()
        self._reached = batch.after


class _Commit:
    """The work of one commit: new names, events and mentions, and which events cease to stand or to be in force."""

    def __init__(self, store: EmbeddedGenealogy, write: sqlite3.Connection) -> None:
        self._write, self._base = write, store._base
        self._ids, self._quantities, self._products = store._ids, store._quantities, store._products
        self.first_row = store._columns.us.size
        self._next_name = store._columns.kind.size
        self.events: list[tuple[int, int, int, int]] = []
        self._mentions: list[tuple[int, int, int]] = []
        self._kinds: list[int] = []
        self._texts: list[bytes] = []
        self._of_product: list[int] = []
        self._facts: dict[tuple[str, int, int], Fact] = {}

    @property
    def has_news(self) -> bool:
        """Whether there are columns to store: a commit may bring names alone, or nothing but duplicates."""
        return bool(self.events or self._kinds)

    def add(self, fact: Fact) -> None:
        """Keep the record; what it means is settled per eventID when all records of the commit are in."""
        self._write.execute(
            "INSERT OR IGNORE INTO genealogy_record VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                fact.facts.event_id,
                fact.partition,
                fact.offset,
                fact.facts.declaration is not None,
                fact.record_us,
                fact.content,
                fact.source,
                fact.may_correct,
            ),
        )
        self._facts[fact.facts.event_id, fact.partition, fact.offset] = fact

    def settle(self) -> dict[int, tuple[int, int]]:
        """Write the events that stand now; gives row → (record_us, withdrawn_us) wherever these are not as appended."""
        standing = [(fact, fact.facts.event_id) for fact in self._facts.values()]
        self._intern(mention.name for fact, _ in standing for mention in stored_mentions(fact.facts))
        forces: dict[int, tuple[int, int]] = {}
        for event_id in dict.fromkeys(event_id for _, event_id in standing):
            forces.update(self._settle(event_id))
        self._write.executemany(
            "INSERT OR REPLACE INTO genealogy_force VALUES (?, ?, ?)", [(row, *force) for row, force in forces.items()]
        )
        return forces

    def _settle(self, event_id: str) -> dict[int, tuple[int, int]]:
        candidates: list[Candidate] = []
        declarations: list[Declared] = []
        for partition, offset, declares, record_us, content, source, may_correct in self._write.execute(
            "SELECT partition, offset, declaration, record_us, content, source, may_correct FROM genealogy_record "
            "WHERE event_id = ?",
            (event_id,),
        ):
            if declares:
                declarations.append(Declared(record_us, content, source, bool(may_correct), partition, offset))
            else:
                candidates.append(Candidate(record_us, content, source, partition, offset))
        settled = settle(candidates, declarations)
        if settled.standing is None:
            return {}
        withdrawn_us = int(NEVER) if settled.withdrawn_us is None else settled.withdrawn_us
        old = self._write.execute(
            "SELECT row, content FROM genealogy_standing WHERE event_id = ?", (event_id,)
        ).fetchone()
        if old is not None and old[1] == settled.standing.content:
            return {old[0]: (settled.standing.record_us, withdrawn_us)}
        forces = {} if old is None else {old[0]: (int(NEVER), int(NEVER))}
        row = self._append(self._facts[event_id, settled.standing.partition, settled.standing.offset])
        self._write.execute(
            "INSERT OR REPLACE INTO genealogy_standing VALUES (?, ?, ?)", (event_id, row, settled.standing.content)
        )
        if withdrawn_us != NEVER:
            forces[row] = (settled.standing.record_us, withdrawn_us)
        return forces

    def _append(self, fact: Fact) -> int:
        row = self.first_row + len(self.events)
        mentions = list(stored_mentions(fact.facts))
        self.events.append((fact.facts.event_time.us, fact.record_us, bits_of(fact.facts), len(mentions)))
        self._mentions.extend(
            (self._ids[mention.name], int(mention.part), self._extra(mention)) for mention in mentions
        )
        self._write.execute(
            "INSERT INTO genealogy_event VALUES (?, ?, ?)",
            (row, fact.facts.event_id, fact.facts.event_time.sub or None),
        )
        return row

    def news(self) -> News:
        """What the commit brought, as columns."""
        return News(
            np.array(self.events, np.int64).reshape(-1, 4),
            np.array(self._mentions, np.int64).reshape(-1, 3),
            np.array(self._kinds, np.int8),
            np.array(self._of_product, np.int32),
            np.array([len(text) for text in self._texts], np.int32),
            np.frombuffer(b"".join(self._texts), np.uint8),
        )

    def _extra(self, mention: StoredMention) -> int:
        if mention.other is not None:
            return self._ids[mention.other]
        return -1 if mention.quantity is None else self._quantity(mention.quantity)

    def _quantity(self, quantity: tuple[str, str | None]) -> int:
        known = self._quantities.get(quantity)
        if known is None:
            key = (quantity[0], tables.unit_text(quantity[1]))
            self._write.execute("INSERT OR IGNORE INTO genealogy_quantity (quantity, unit) VALUES (?, ?)", key)
            known = self._quantities[quantity] = self._write.execute(
                "SELECT id FROM genealogy_quantity WHERE quantity = ? AND unit = ?", key
            ).fetchone()[0]
        return known

    def _intern(self, texts: Iterable[str]) -> None:
        if len(self._ids) > 500_000:
            self._ids.clear()
        missing = [text for text in dict.fromkeys(texts) if text not in self._ids]
        self._ids.update(tables.name_ids(self._write, missing))
        rows: list[tuple[int, str, int, str | None]] = []
        for text in missing:
            if text not in self._ids:
                self._ids[text] = self._next_name
                kind, product = self._described(text)
                rows.append((self._next_name, text, kind, product))
                self._kinds.append(kind)
                self._texts.append(text.encode())
                self._of_product.append(self._product(product))
                self._next_name += 1
        self._write.executemany("INSERT INTO genealogy_name VALUES (?, ?, ?, ?)", rows)

    def _product(self, product: str | None) -> int:
        """Code of a product class, -1 for none."""
        if product is None:
            return -1
        if product not in self._products:
            self._write.execute("INSERT INTO genealogy_product VALUES (?, ?)", (len(self._products), product))
            self._products[product] = len(self._products)
        return self._products[product]

    def _described(self, text: str) -> tuple[int, str | None]:
        identifier = identify(text, self._base)
        return KINDS.index(identifier.kind), identifier.product
