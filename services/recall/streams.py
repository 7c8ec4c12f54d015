"""The whole list of affected objects as NDJSON or CSV, however long."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

import orjson

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
_COLUMNS: Final = (
    "object", "kind", "certainty", "depth", "state", "place", "since", "last_event", "by_way_of", "carriers",
    "consignees",
)  # fmt: skip
_CHUNK: Final = 1_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def ndjson(objects: list[dict[str, Any]]) -> Iterator[bytes]:
    """One object a line."""
    for start in range(0, len(objects), _CHUNK):
        yield b"".join(orjson.dumps(one) + b"\n" for one in objects[start : start + _CHUNK])


def csv_rows(objects: list[dict[str, Any]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, so that a spreadsheet reads Chinese; a cell never begins a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(_COLUMNS)
    for number, one in enumerate(objects, 1):
        writer.writerow([_cell(one[column]) for column in _COLUMNS])
        if number % _CHUNK == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _cell(value: object) -> str:
    text = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
