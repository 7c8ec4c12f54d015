"""Instants: every digit counts, and what is no instant is refused with its fix."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.errors import BadInput
from schemas.times import Instant, utc_text


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("2026-03-02T08:00:00+08:00", "2026-03-02T00:00:00Z"),
        ("2026-03-02t00:00:00.120z", "2026-03-02T00:00:00.12Z"),
        ("2026-03-02T00:00:00.1234567890-01:30", "2026-03-02T01:30:00.123456789Z"),
        ("1969-12-31T23:59:59.9999995Z", "1969-12-31T23:59:59.9999995Z"),
        ("2026-03-02T24:00:00Z", "2026-03-03T00:00:00Z"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"),
        ("2017-01-01T07:59:60+08:00", "2017-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_a_time_is_written_in_utc_with_all_its_digits(text: str, utc: str) -> None:
    assert Instant.parse(text).text() == utc


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("2026-03-02T08:00:00", "no offset"),
        ("2026-03-02", "no offset"),
        ("2026-03-02 08:00:00.5", "no offset"),
        ("2026-02-29T00:00:00Z", "no day of the calendar"),
        ("2026-13-01T00:00:00Z", "no day of the calendar"),
        ("0000-01-01T00:00:00Z", "no day of the calendar"),
        ("2026-03-02T24:00:01Z", "hours go to 23"),
        ("2026-03-02T25:00:00Z", "hours go to 23"),
        ("2026-03-02T10:60:00Z", "hours go to 23"),
        ("2026-03-02T10:59:60Z", "leap second"),
        ("2026-03-02T10:00:00+24:00", "offset"),
        ("0001-01-01T00:00:00+01:00", "0001 to 9999"),
        ("9999-12-31T23:59:59-01:00", "0001 to 9999"),
        ("2026-03-02T10:00:00." + "1" * 100 + "Z", "100 characters"),
        ("٢٠٢٦-03-02T10:00:00Z", "write a time"),
        ("", "write a time"),
        ("1772438400", "write a time"),
    ],
)
def test_what_is_no_instant_is_refused_with_field_value_and_fix(text: str, fix: str) -> None:
    with pytest.raises(BadInput) as refused:
        Instant.parse(text, "eventTime")
    (error,) = refused.value.errors
    assert error.field == "eventTime"
    assert error.value == text[:200]
    assert fix in error.fix


def test_digits_beyond_the_microsecond_decide_the_order() -> None:
    texts = ["10:00:00Z", "10:00:00.0000000001Z", "10:00:00.00000000010000Z", "10:00:00.000000001Z", "10:00:00.000001Z"]
    first, second, same, third, fourth = (Instant.parse(f"2026-03-02T{text}") for text in texts)
    assert second == same
    assert first < second < third < fourth


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-1439, 1439))
def test_reading_agrees_with_the_standard_library(moment: datetime, minutes: int) -> None:
    assume(1 < moment.year < 9999)
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    text = f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}{offset}"
    aware = moment - timedelta(minutes=minutes)
    expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert Instant.parse(text) == Instant(expected)


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_writing_and_reading_give_the_same_instant(us: int) -> None:
    text = utc_text(us)
    assert Instant.parse(text) == Instant.of_us(us)
    assert text.endswith("Z")
    assert "." not in text or not text.endswith("0Z")
