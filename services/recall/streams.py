"""The whole list of affected objects as NDJSON or CSV, however long."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any, Final, TypeVar

import orjson

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
_COLUMNS: Final = (
    "object", "kind", "certainty", "depth", "state", "place", "since", "last_event", "by_way_of", "carriers",
    "consignees",
)  # fmt: skip
T = TypeVar("T")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


async def ndjson(pieces: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    """One object a line."""
    async for objects in pieces:
        yield b"".join(orjson.dumps(one) + b"\n" for one in objects)


async def csv_rows(pieces: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, so that a spreadsheet reads Chinese; a cell never begins a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(_COLUMNS)
    async for objects in pieces:
        writer.writerows([cell(one[column]) for column in _COLUMNS] for one in objects)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


async def begun(pieces: AsyncIterator[T]) -> AsyncIterator[T]:
    """The same pieces, the first at hand: what goes wrong before it is told as an error, not by a cut stream."""
    first = [piece async for piece in _one(pieces)]

    async def all_of() -> AsyncIterator[T]:
        for piece in first:
            yield piece
        async for piece in pieces:
            yield piece

    return all_of()


async def _one(pieces: AsyncIterator[T]) -> AsyncIterator[T]:
    try:
        yield await anext(pieces)
    except StopAsyncIteration:
        return


def cell(value: object) -> str:
    """A value as a cell that no spreadsheet runs as a formula; lists are joined by spaces."""
    text = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
