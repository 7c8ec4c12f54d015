"""When a scheduled query runs: a pure function of the schedule and a moment, in UTC.

A field is a list of numbers, ranges `[2-5]` and steps `0/15` (start, and every so many up to the field's end). All
fields given must match. Those finer than the finest given are least (hour 1, minute 5 is 01:05:00), others may be any.
Source: EPCIS 2.0 section 8.2.5.3, epcis.md S3, S4.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.epcis.faults import BadControls

_BOUNDS: Final = {
    "second": (0, 59), "minute": (0, 59), "hour": (0, 23), "dayOfMonth": (1, 31), "month": (1, 12),
    "dayOfWeek": (1, 7),
}  # fmt: skip
FIELDS: Final = tuple(_BOUNDS)
"""Names of the fields, as the standard has them."""
_NUMBER: Final = "[0-9]{1,2}"
_ELEMENT: Final = re.compile(
    rf"(?P<one>{_NUMBER})|\[(?P<low>{_NUMBER})-(?P<high>{_NUMBER})\]|(?P<start>{_NUMBER})/(?P<step>{_NUMBER})"
)
_MOST: Final = 400
"""Characters of one field."""
_DAY_US: Final = 86_400_000_000
_SECOND_US: Final = 1_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_LAST_DAY: Final = date.max.toordinal() - _EPOCH
_DAYS_TRIED: Final = 40 * 366 + 1
"""29 February on a given day of the week comes again after 40 years at the latest."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What each field matches, sorted; `given` are the fields' texts as sent."""

    given: tuple[tuple[str, str], ...]
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    def after(self, us: int) -> int | None:
        """The first run strictly after a moment (microseconds since 1970 UTC); None when there is none any more."""
        day, rest = divmod(us // _SECOND_US * _SECOND_US + _SECOND_US, _DAY_US)
        time = self._time(rest // _SECOND_US) if self._comes(day) else None
        if time is not None:
            return day * _DAY_US + time * _SECOND_US
        for later in range(day + 1, min(day + _DAYS_TRIED, _LAST_DAY + 1)):
            if self._comes(later):
                first = (self.hours[0] * 60 + self.minutes[0]) * 60 + self.seconds[0]
                return later * _DAY_US + first * _SECOND_US
        return None

    def _comes(self, day: int) -> bool:
        if not 0 <= day + _EPOCH - 1 < date.max.toordinal():
            return False
        on = date.fromordinal(day + _EPOCH)
        return on.month in self.months and on.day in self.days and on.isoweekday() in self.weekdays

    def _time(self, second: int) -> int | None:
        """The first second of a day that matches, at or after one; None when the day has no more."""
        minute, least_second = divmod(second, 60)
        hour, least_minute = divmod(minute, 60)
        for h in self.hours[bisect_left(self.hours, hour) :]:
            for m in self.minutes[bisect_left(self.minutes, least_minute) if h == hour else 0 :]:
                now = h == hour and m == least_minute
                left = self.seconds[bisect_left(self.seconds, least_second) if now else 0 :]
                if left:
                    return (h * 60 + m) * 60 + left[0]
        return None


def read_schedule(told: Mapping[str, Any]) -> Schedule:
    """A schedule from its fields' texts. Errors: `BadControls` naming the field, its value and the fix."""
    for name in told:
        if name not in _BOUNDS:
            raise BadControls.field(f"schedule.{name}"[:200], told[name], f"the fields are {', '.join(FIELDS)}")
    if not told:
        raise BadControls.field("schedule", "{}", "give at least one field, such as minute")
    found = {name: _field(name, told[name]) for name in FIELDS if name in told}
    schedule = _whole(found, tuple((name, str(told[name])) for name in FIELDS if name in told))
    if schedule.after(0) is None:
        raise BadControls.field("schedule", str(dict(schedule.given)), "no day meets all of these fields")
    return schedule


def _whole(found: Mapping[str, tuple[int, ...]], given: tuple[tuple[str, str], ...]) -> Schedule:
    """With the fields that were not given: the least below the finest that was, any above."""
    rank = {"second": 0, "minute": 1, "hour": 2, "dayOfMonth": 3, "dayOfWeek": 3, "month": 4}
    finest = min(rank[name] for name in found)

    def values(name: str) -> tuple[int, ...]:
        low, high = _BOUNDS[name]
        if name in found:
            return found[name]
        if rank[name] < finest and name != "dayOfWeek":
            return (low,)
        return tuple(range(low, high + 1))

    return Schedule(given, *(values(name) for name in FIELDS))


def _field(name: str, text: Any) -> tuple[int, ...]:
    field = f"schedule.{name}"
    if not isinstance(text, str) or not 0 < len(text) <= _MOST:
        raise BadControls.field(field, text, "write a text such as 5, [1-5], 0/15 or 1,3")
    values: set[int] = set()
    for part in text.split(","):
        values.update(_element(name, field, part, text))
    return tuple(sorted(values))


def _element(name: str, field: str, part: str, text: str) -> range:
    least, most = _BOUNDS[name]
    match = _ELEMENT.fullmatch(part)
    if match is None:
        raise BadControls.field(field, text, "write numbers, ranges [2-5] and steps 0/15, separated by commas")
    told = {key: int(value) for key, value in match.groupdict().items() if value is not None}
    step = told.pop("step", 1)
    low = told.get("one", told.get("low", told.get("start", 0)))
    high = told.get("high", most if "start" in told else low)
    if not least <= low <= most or not least <= high <= most:
        raise BadControls.field(field, text, f"{name} goes from {least} to {most}")
    if high < low:
        raise BadControls.field(field, text, "a range begins with its lesser number")
    if step < 1:
        raise BadControls.field(field, text, "a step is at least 1")
    return range(low, high + 1, step)
