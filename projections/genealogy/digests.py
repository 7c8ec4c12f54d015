"""Digests of the rows of the embedded genealogy, kept in the commit that changes them.

SQLite's own check does not see a bit that flipped within a value. A row's digest is the CRC-32 of its values as text; a
table has the number of its rows and the sum of their digests, so that it does not matter in what order they were
written and are read. Blocks carry checksums of their own (`tables`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any, Final

import orjson

TABLES: Final = ("record", "event", "name", "force", "quantity", "product")
"""Tables of the genealogy, without `genealogy_`, whose rows are summed."""
CHECKPOINT: Final = "checkpoint"
Row = tuple[Any, ...]
Sum = tuple[int, int]
"""How many rows, and the sum of their digests."""


def digest(row: Row) -> int:
    """Of one row, its values integers, texts, bytes or None."""
    return zlib.crc32(repr(row).encode("utf-8", "surrogatepass"))


def summed(rows: Iterable[Row]) -> Sum:
    found = [digest(row) for row in rows]
    return len(found), sum(found)


class Digests:
    """The sums of all tables, as a commit leaves them; `copy` before changing what a failed commit must not change."""

    def __init__(self, sums: dict[str, Sum]) -> None:
        self._sums = sums

    @classmethod
    def read(cls, text: str | None) -> Digests:
        """Of what `text` gave; None for a new file. Errors: ValueError."""
        stored = {} if text is None else orjson.loads(text)
        try:
            return cls({table: (int(count), int(total)) for table, (count, total) in stored.items()})
        except (AttributeError, TypeError) as fault:
            raise ValueError("the digests cannot be read") from fault

    def text(self) -> str:
        return orjson.dumps(self._sums).decode()

    def copy(self) -> Digests:
        return Digests(dict(self._sums))

    def of(self, table: str) -> Sum:
        return self._sums.get(table, (0, 0))

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Rows that were written."""
        self._move(table, rows, 1)

    def take(self, table: str, rows: Iterable[Row]) -> None:
        """Rows as they were before they were replaced."""
        self._move(table, rows, -1)

    def set_checkpoint(self, text: str) -> None:
        self._sums[CHECKPOINT] = summed([(text,)])

    def holds(self, checkpoint: str | None) -> bool:
        """Whether the checkpoint is as it was stored."""
        return self.of(CHECKPOINT) == (summed([(checkpoint,)]) if checkpoint is not None else (0, 0))

    def _move(self, table: str, rows: Iterable[Row], sign: int) -> None:
        count, total = summed(rows)
        if count:
            before = self.of(table)
            self._sums[table] = before[0] + sign * count, before[1] + sign * total
