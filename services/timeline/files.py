"""The timeline as CSV or NDJSON: all that matches, times in the zone asked for, quantities with all their digits."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import orjson

from projections.index.timeline import After, TimelineQuery
from projections.trace.concerned import ByWay
from services.recall.streams import cell
from services.timeline.entries import entries_of

if TYPE_CHECKING:
    from projections.index.store import EventIndex

CSV: Final = "text/csv"
NDJSON: Final = "application/x-ndjson"
BOM: Final = "\ufeff"
_PAGE: Final = 500
_TIMES: Final = ("time", "recorded", "received", "withdrawn")
_COLUMNS: Final = (
    *("time", "recorded", "event", "type", "action", "activity", "disposition", "place", "process", "operator"),
    *("result", "resources", "objects", "documents", "sources", "destinations", "actor", "withdrawn", "corrects"),
)
_SECONDS: Final = len("2026-03-02T08:00:00")
_UTC: Final = ZoneInfo("UTC")
Json = dict[str, Any]


async def csv_rows(pages: AsyncIterator[list[Json]], zone: ZoneInfo) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, so that a spreadsheet reads Chinese; a line an event, page after page."""
    yield csv_of((), zone).encode()
    async for entries in pages:
        yield lines_of(entries, zone).encode()


async def ndjson_rows(pages: AsyncIterator[list[Json]], zone: ZoneInfo) -> AsyncIterator[bytes]:
    """An entry a line."""
    async for entries in pages:
        for entry in entries:
            times = {name: in_zone(entry[name], zone) for name in _TIMES if entry[name]}
            yield orjson.dumps(entry | times, option=orjson.OPT_APPEND_NEWLINE)


async def all_pages(index: EventIndex, query: TimelineQuery, by_way: Sequence[ByWay]) -> AsyncIterator[list[Json]]:
    """Entries of all that matches, page after page."""
    after: After | None = None
    while page := await index.timeline(query, after, _PAGE):
        yield await entries_of(index, page, query.known_us, by_way)
        last, time = page[-1], page[-1].facts.event_time
        after = (time.us, time.sub, last.record_us, last.facts.event_id)


def csv_of(entries: Sequence[Json], zone: ZoneInfo = _UTC) -> str:
    """Entries with the head of the file."""
    return BOM + _written([list(_COLUMNS)]) + lines_of(entries, zone)


def lines_of(entries: Sequence[Json], zone: ZoneInfo) -> str:
    """A line an event, lists joined by spaces; no cell is a formula."""
    return _written([[_cell(column, entry[column], zone) for column in _COLUMNS] for entry in entries])


def _written(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _cell(column: str, value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, list):
        return cell(" ".join(_item(one) for one in value))
    return in_zone(value, zone) if column in _TIMES and value else cell(value)


def _item(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    if "object" in one:
        quantity = f"={one['quantity']}{one['unit'] or ''}" if one["quantity"] is not None else ""
        return f"{one['object']}{quantity}"
    return str(one["id"])


def in_zone(text: str, zone: ZoneInfo) -> str:
    """A time in UTC as the zone's clock shows it, with its offset and every digit of its seconds."""
    try:
        local = datetime.fromisoformat(text[:_SECONDS]).replace(tzinfo=UTC).astimezone(zone)
    except OverflowError:
        return text  # the first and the last day of the calendar, where no zone is known
    whole = local.isoformat()
    return whole[:_SECONDS] + text[_SECONDS:].removesuffix("Z") + whole[_SECONDS:]
