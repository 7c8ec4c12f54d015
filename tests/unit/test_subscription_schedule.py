"""When scheduled queries run: examples of the standard, bad fields, and a search second by second beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import Instant, utc_text
from services.epcis.faults import BadControls
from services.epcis.subscriptions.schedule import FIELDS, Schedule, read_schedule

BOUNDS = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "dayOfMonth": (1, 31),
    "month": (1, 12),
    "dayOfWeek": (1, 7),
}


def run(after: str, **fields: str) -> str | None:
    found = read_schedule(fields).after(Instant.parse(after).us)
    return None if found is None else utc_text(found)


@pytest.mark.parametrize(
    ("fields", "after", "wanted"),
    [
        ({"hour": "1", "minute": "5"}, "2026-03-02T00:00:00Z", "2026-03-02T01:05:00Z"),
        ({"hour": "1", "minute": "5"}, "2026-03-02T01:05:00Z", "2026-03-03T01:05:00Z"),
        ({"hour": "1", "minute": "5"}, "2026-03-02T01:04:59.999999Z", "2026-03-02T01:05:00Z"),
        ({"second": "0/30"}, "2026-03-02T08:00:01Z", "2026-03-02T08:00:30Z"),
        ({"minute": "[10-12],40"}, "2026-03-02T08:12:00Z", "2026-03-02T08:40:00Z"),
        ({"hour": "6"}, "2026-03-02T06:00:00Z", "2026-03-03T06:00:00Z"),
        ({"dayOfWeek": "1"}, "2026-03-03T00:00:00Z", "2026-03-09T00:00:00Z"),
        ({"dayOfWeek": "7", "hour": "23"}, "2026-03-03T00:00:00Z", "2026-03-08T23:00:00Z"),
        ({"dayOfMonth": "31"}, "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"),
        ({"month": "6"}, "2026-03-02T00:00:00Z", "2026-06-01T00:00:00Z"),
        ({"month": "2", "dayOfMonth": "29"}, "2026-03-02T00:00:00Z", "2028-02-29T00:00:00Z"),
        ({"dayOfMonth": "13", "dayOfWeek": "5"}, "2026-03-14T00:00:00Z", "2026-11-13T00:00:00Z"),
        ({"second": "5", "month": "6"}, "2026-03-02T00:00:00Z", "2026-06-01T00:00:05Z"),
        ({"hour": "1", "minute": "5"}, "2026-03-02T09:00:00+08:00", "2026-03-02T01:05:00Z"),
    ],
)
def test_a_schedule_runs_at_the_next_moment_that_meets_all_fields(
    fields: dict[str, str], after: str, wanted: str
) -> None:
    """EPCIS-S3 EPCIS-S4: UTC; all fields match; finer ones than given are least, others any."""
    assert run(after, **fields) == wanted


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *((field, str(high + 1)) for field, (_, high) in BOUNDS.items()),
        *((field, "0") for field, (low, _) in BOUNDS.items() if low),
        ("minute", ""), ("minute", "5,"), ("minute", ","), ("minute", "[5-3]"), ("minute", "5-3"), ("minute", "[5]"),
        ("minute", "*"), ("minute", "*/5"), ("minute", "0/0"), ("minute", "005"), ("minute", " 5"), ("minute", "-1"),
        ("minute", "[1-60]"), ("minute", "60/5"), ("minute", "٥"), ("minute", "5\n"), ("year", "2026"),
        ("minute", "1," * 300 + "1"),
    ],
)  # fmt: skip
def test_a_bad_field_is_refused_by_name(field: str, text: str) -> None:
    """EPCIS-S3: what the grammar has not, out of bounds, a falling range or empty is refused."""
    with pytest.raises(BadControls) as fault:
        read_schedule({field: text})
    assert fault.value.errors[0].field == f"schedule.{field}"


@pytest.mark.parametrize(
    "told", [{}, {"minute": 5}, {"minute": None}, {"minute": ["5"]}, {"month": "2", "dayOfMonth": "30"}]
)
def test_a_schedule_without_any_run_is_refused(told: dict[str, object]) -> None:
    """EPCIS-S3: no field, no text, or no such day."""
    with pytest.raises(BadControls):
        read_schedule(told)


@st.composite
def fields(draw: st.DrawFn) -> dict[str, str]:
    found = {}
    for name in draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4, unique=True)):
        low, high = BOUNDS[name]
        parts = []
        for _ in range(draw(st.integers(1, 3))):
            one, other = sorted((draw(st.integers(low, high)), draw(st.integers(low, high))))
            parts.append(draw(st.sampled_from([str(one), f"[{one}-{other}]", f"{one}/{draw(st.integers(1, 60))}"])))
        found[name] = ",".join(parts)
    return found


def meets(schedule: Schedule, moment: datetime) -> bool:
    """By the words of the page: every field matches the clock."""
    return (
        moment.second in schedule.seconds and moment.minute in schedule.minutes and moment.hour in schedule.hours
        and moment.day in schedule.days and moment.month in schedule.months
        and moment.isoweekday() in schedule.weekdays
    )  # fmt: skip


@given(fields(), st.integers(0, 4 * 10**9))
def test_the_next_run_meets_the_fields_and_none_before_it_does(told: dict[str, str], second: int) -> None:
    """EPCIS-S4: found as by looking at every moment."""
    try:
        schedule = read_schedule(told)
    except BadControls:
        return
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    found = schedule.after(second * 1_000_000 + 999_999)
    assert found is not None
    assert found > second * 1_000_000 + 999_999
    run = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=found)
    assert meets(schedule, run)
    moment = start + timedelta(seconds=1)
    for _ in range(4000):
        if moment == run:
            return
        assert not meets(schedule, moment)
        moment += timedelta(seconds=1)
    while moment.date() < run.date():
        on = moment.replace(hour=schedule.hours[0], minute=schedule.minutes[0], second=schedule.seconds[0])
        assert on < moment or not meets(schedule, on)
        moment = moment.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        if (moment - start).days > 400:
            return


def test_finer_fields_than_the_finest_given_are_least_and_others_any() -> None:
    """EPCIS-S4: hour and month alone; second with month."""
    hourly = read_schedule({"hour": "[1-3]"})
    assert (hourly.seconds, hourly.minutes, hourly.hours) == ((0,), (0,), (1, 2, 3))
    assert hourly.days == tuple(range(1, 32))
    assert read_schedule({"month": "6"}).days == (1,)
    assert len(read_schedule({"second": "5", "month": "6"}).minutes) == 60
