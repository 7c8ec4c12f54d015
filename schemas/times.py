"""Instants as RFC 3339 writes them, compared with every digit given.

An event's order decides intervals and whereabouts (trace.md section 2), so no digit of a time may be lost: an
`Instant` holds microseconds since 1970 UTC and whatever digits follow them. No clock is read here.
Source: RFC 3339 section 5.6, XML Schema `dateTimeStamp` (24:00:00), EPCIS 2.0 section 6.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from schemas.errors import BadInput
from schemas.sentences import say

MOST_CHARACTERS: Final = 100
_DAY: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST_US: Final = (date.min.toordinal() - _EPOCH) * _DAY
_LAST_US: Final = (date.max.toordinal() - _EPOCH + 1) * _DAY - 1
_SHAPE: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_NAIVE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]*)?")
_FIX: Final = "write a time with its offset, as 2026-03-02T08:00:00+08:00 or 2026-03-02T00:00:00Z"


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """`us` microseconds since 1970 UTC, `sub` the digits after them without trailing zeros; ordered as instants."""

    us: int
    sub: str = ""

    @classmethod
    def parse(cls, text: str, field: str = "time") -> Instant:
        """An RFC 3339 time with offset, years 0001 to 9999, at most 100 characters. Errors: `BadInput` on `field`.

        `24:00:00` is the next midnight. A leap second (`23:59:60` UTC) is the first instant after it.
        """
        try:
            return _remembered(text)
        except BadInput:
            return cls._read(text, field)

    @classmethod
    def _read(cls, text: str, field: str) -> Instant:
        match = _SHAPE.fullmatch(text) if len(text) <= MOST_CHARACTERS else None
        if match is None:
            raise _unreadable(text, field)
        day, hours, minutes, seconds, fraction, sign, offset_hours, offset_minutes = match.groups()
        start = _midnight(day)
        if start is None:
            raise BadInput.field(field, text, say("{day} is no day of the calendar", day=day))
        hour, minute, second = int(hours), int(minutes), int(seconds)
        us, sub = _fraction(fraction) if fraction else (0, "")
        if hour > 23 or minute > 59 or second > 59:
            _check_edge(hour, minute, second, us or sub, text, field)
        us += start + ((hour * 60 + minute) * 60 + second) * 1_000_000
        if sign:
            us -= _offset(sign, int(offset_hours), int(offset_minutes), text, field)
        if second == 60 and us % _DAY >= 1_000_000:
            raise BadInput.field(field, text, "a leap second stands only at 23:59:60 UTC")
        if not _FIRST_US <= us <= _LAST_US:
            raise BadInput.field(field, text, "years go from 0001 to 9999 in UTC")
        return cls(us, sub)

    @classmethod
    def of_us(cls, us: int) -> Instant:
        """The instant `us` microseconds after 1970 UTC."""
        return cls(us)

    def text(self) -> str:
        """RFC 3339 in UTC with `Z`; the fraction without trailing zeros, and none when it is zero."""
        if not self.sub:
            return utc_text(self.us)
        return f"{_second_text(self.us)}.{self.us % 1_000_000:06d}{self.sub}Z"

    def __str__(self) -> str:
        return self.text()


@lru_cache(maxsize=16384)
def _remembered(text: str) -> Instant:
    """Between receipt and projection the same text is read several times."""
    return Instant._read(text, "")


def utc_text(us: int) -> str:
    """Microseconds since 1970 UTC as RFC 3339 with `Z`, the shortest exact text."""
    fraction = us % 1_000_000
    if not fraction:
        return _second_text(us) + "Z"
    return f"{_second_text(us)}.{fraction:06d}".rstrip("0") + "Z"


def _second_text(us: int) -> str:
    days, rest = divmod(us, _DAY)
    minutes, second = divmod(rest // 1_000_000, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day_text(days)}T{hour:02d}:{minute:02d}:{second:02d}"


@lru_cache(maxsize=4096)
def _midnight(day: str) -> int | None:
    """Microseconds since 1970 UTC at the start of `YYYY-MM-DD`, None for a day that does not exist."""
    try:
        return (date(int(day[:4]), int(day[5:7]), int(day[8:])).toordinal() - _EPOCH) * _DAY
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _day_text(days: int) -> str:
    return date.fromordinal(days + _EPOCH).isoformat()


def _fraction(digits: str) -> tuple[int, str]:
    return int(digits[:6].ljust(6, "0")), digits[6:].rstrip("0")


def _check_edge(hour: int, minute: int, second: int, fraction: object, text: str, field: str) -> None:
    """24:00:00 exactly, and the second 60, are the only values beyond the clock's."""
    if (hour == 24 and not (minute or second or fraction)) or (hour <= 23 and minute == 59 and second == 60):
        return
    raise BadInput.field(field, text, "hours go to 23, minutes and seconds to 59")


def _offset(sign: str, hours: int, minutes: int, text: str, field: str) -> int:
    """Microseconds to subtract for an offset such as +08:00."""
    if hours > 23 or minutes > 59:
        raise BadInput.field(field, text, "an offset goes from -23:59 to +23:59")
    us = (hours * 60 + minutes) * 60_000_000
    return us if sign == "+" else -us


def _unreadable(text: str, field: str) -> BadInput:
    if len(text) > MOST_CHARACTERS:
        return BadInput.field(field, text, say("a time has at most {most} characters", most=MOST_CHARACTERS))
    if _NAIVE.fullmatch(text):
        return BadInput.field(field, text, say("the time has no offset; {fix}", fix=_FIX))
    return BadInput.field(field, text, _FIX)
