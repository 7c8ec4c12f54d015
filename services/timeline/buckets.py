"""Counts over time: intervals of a time zone, filled from counts of short bins in UTC. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import gcd
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.errors import BadInput
from schemas.sentences import say

SECOND_US: Final = 1_000_000
QUARTER_US: Final = 900 * SECOND_US
"""Every offset of a time zone in force is a whole number of these."""
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_STEPS: Final = ("1s", "5s", "15s", "1m", "5m", "15m", "1h", "6h", "1d", "1w")
_MOST: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONDAY_US: Final = 4 * 86_400 * SECOND_US


def step_us(bucket: str, span: tuple[int, int] | None) -> int:
    """Length of an interval; `auto` is the shortest usual one that gives at most 200. Errors: `BadInput`."""
    if bucket == "auto":
        length = span[1] - span[0] if span else 0
        return next((us for us in map(_parsed, _STEPS) if length <= us * _MOST), _parsed(_STEPS[-1]))
    return length_us("bucket", bucket, "auto, or ")


def length_us(field: str, text: str, other: str = "") -> int:
    """A length of time such as `5m` or `1d`. Errors: `BadInput` naming the field."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}[smhdw]", text):
        raise BadInput.field(field, text, say("{hint}a number with s, m, h, d or w, such as 5m", hint=other))
    return _parsed(text)


def _parsed(step: str) -> int:
    return int(step[:-1]) * _UNITS[step[-1]] * SECOND_US


def bin_us(step: int) -> int:
    """Length of the UTC bins to count in: intervals of any zone are whole numbers of them."""
    return gcd(step, QUARTER_US)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Errors: `BadInput`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput.field("zone", name, "an IANA time zone such as Asia/Shanghai or UTC") from error


def folded(counts: Iterable[tuple[int, str, int]], step: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Bins to intervals: aligned to the zone's midnight (weeks to Monday), in order of time, empty ones left out."""
    found: dict[int, dict[str, int]] = {}
    for start, kind, number in counts:
        types = found.setdefault(_floor(start, step, zone), {})
        types[kind] = types.get(kind, 0) + number
    return [
        {
            "from": _text(local, zone),
            "to": _text(local + step, zone),
            "events": sum(types.values()),
            "types": dict(sorted(types.items())),
        }
        for local, types in sorted(found.items())
    ]


def _floor(us: int, step: int, zone: ZoneInfo) -> int:
    """The interval's start as the zone's wall clock shows it, in microseconds since its own 1970."""
    local = us + _offset_us(us, zone)
    return local - (local - _MONDAY_US) % step if step % _parsed("1w") == 0 else local - local % step


def _offset_us(us: int, zone: ZoneInfo) -> int:
    try:
        offset = (_EPOCH + timedelta(microseconds=us)).astimezone(zone).utcoffset()
    except OverflowError:
        return 0  # the first and the last day of the calendar, where no zone is known
    return int((offset or timedelta()).total_seconds()) * SECOND_US


def _text(local: int, zone: ZoneInfo) -> str:
    wall = (_EPOCH + timedelta(microseconds=local)).replace(tzinfo=zone)
    return wall.isoformat()


def lanes_of(entries: Sequence[dict[str, Any]], field: str, most: int) -> tuple[list[dict[str, Any]], bool]:
    """Lanes of places, resources, operators or activities: points, a bar for each process; whether cut at `most`."""
    lanes: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        value = entry["resources"] if field == "resource" else entry[field]
        for key in value if isinstance(value, list) else [value] if value else []:
            lanes.setdefault(key, []).append(entry)
    kept = sorted(lanes)[:most]
    return [{"lane": key, "points": points(lanes[key]), "bars": _bars(lanes[key])} for key in kept], len(lanes) > most


def points(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries as points of a lane."""
    return [{"time": one["time"], "event": one["event"], "activity": one["activity"]} for one in entries]


def _bars(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    spans: dict[str, list[str]] = {}
    for one in entries:
        if one["process"]:
            spans.setdefault(one["process"], []).append(one["time"])
    return [
        {"from": min(times, key=_comparable), "to": max(times, key=_comparable), "process": process, "state": None}
        for process, times in sorted(spans.items())
    ]


def _comparable(text: str) -> str:
    """UTC texts compare as instants once the `Z` is off: a missing fraction is the least."""
    return text[:-1]
