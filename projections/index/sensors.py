"""Measured values of an event's `sensorElementList`, for series over time. Source: EPCIS 2.0 section 7.3.7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from schemas.epcis.reader import ReceivedEvent
from schemas.epcis.stored import read_stored
from schemas.epcis.vocabulary import type_word
from schemas.errors import StemmaError
from schemas.times import Instant
from schemas.units import plain

_NAMED: Final = b"sensorElementList"
_TIMES: Final = ("time", "startTime")


def sensor_rows(row: int, event_time: Instant, raw: bytes, context: str | None) -> list[tuple[Any, ...]]:
    """One row a report that has a type and a number, in the columns of `event_sensor`; none for most events."""
    if _NAMED not in raw:
        return []
    event = read_stored(raw, None if context is None else context.encode())
    return [
        (
            *(type_word(report["type"], event.namespaces), _time(report, about, event_time), row, n),
            *(*_figures(report), _text(report.get("uom")), _text(report.get("deviceID", about.get("deviceID")))),
        )
        for n, (report, about) in enumerate(_reports(event))
        if isinstance(report.get("type"), str) and any(_figures(report))
    ]


def _reports(event: ReceivedEvent) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each sensor report with the metadata of its element."""
    for element in _listed(event.data.get("sensorElementList")):
        about = element.get("sensorMetadata")
        for report in _listed(element.get("sensorReport")):
            yield report, about if isinstance(about, dict) else {}


def _listed(value: object) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _time(report: Mapping[str, Any], about: Mapping[str, Any], event_time: Instant) -> int:
    """When it was measured: the report's time, the element's, or the event's."""
    for source in (report, about):
        for name in _TIMES:
            text = source.get(name)
            if isinstance(text, str):
                try:
                    return Instant.parse(text).us
                except StemmaError:
                    continue
    return event_time.us


def _figures(report: Mapping[str, Any]) -> tuple[str | None, ...]:
    """Value, minimum, maximum and mean as decimal texts."""
    return tuple(_decimal(report.get(name)) for name in ("value", "minValue", "maxValue", "meanValue"))


def _decimal(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return plain(Decimal(value))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
