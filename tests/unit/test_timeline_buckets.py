"""Intervals of the timeline: aligned to a zone's wall clock, nothing lost between UTC bins and them."""

from __future__ import annotations

import pytest

from schemas.errors import BadInput
from schemas.times import Instant
from services.timeline.buckets import bin_us, folded, lanes_of, step_us, zone_of

HOUR = 3_600_000_000
DAY = 24 * HOUR


def us(text: str) -> int:
    return Instant.parse(text).us


def test_a_day_begins_at_the_zones_midnight() -> None:
    counts = [(us("2026-03-01T15:45:00Z"), "ObjectEvent", 2), (us("2026-03-01T16:00:00Z"), "ObjectEvent", 3)]
    found = folded(counts, DAY, zone_of("Asia/Shanghai"))
    assert [(one["from"], one["events"]) for one in found] == [
        ("2026-03-01T00:00:00+08:00", 2),
        ("2026-03-02T00:00:00+08:00", 3),
    ]


def test_a_day_that_a_clock_change_shortens_is_one_interval() -> None:
    counts = [
        (us("2026-03-28T23:00:00Z"), "A", 1),
        (us("2026-03-29T21:45:00Z"), "B", 1),
        (us("2026-03-29T22:00:00Z"), "A", 1),
    ]
    first, second = folded(counts, DAY, zone_of("Europe/Berlin"))
    assert (first["from"], first["to"]) == ("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00")
    assert first["types"] == {"A": 1, "B": 1}
    assert second["from"] == "2026-03-30T00:00:00+02:00"


def test_weeks_begin_on_monday() -> None:
    (found,) = folded([(us("2026-03-05T12:00:00Z"), "A", 1)], 7 * DAY, zone_of("UTC"))
    assert found["from"] == "2026-03-02T00:00:00+00:00"


def test_times_before_1970_fall_into_their_own_interval() -> None:
    (found,) = folded([(-HOUR // 4, "A", 1)], HOUR, zone_of("UTC"))
    assert found["from"] == "1969-12-31T23:00:00+00:00"


@pytest.mark.parametrize(("bucket", "expected"), [("5m", HOUR // 12), ("90s", 90_000_000), ("2w", 14 * DAY)])
def test_a_bucket_is_a_number_and_a_unit(bucket: str, expected: int) -> None:
    assert step_us(bucket, None) == expected
    assert expected % bin_us(expected) == 0


def test_auto_gives_at_most_two_hundred_intervals_as_short_as_it_can() -> None:
    assert step_us("auto", (0, 30 * DAY)) == 6 * HOUR
    assert step_us("auto", (0, 0)) == 1_000_000
    assert step_us("auto", None) == 1_000_000


@pytest.mark.parametrize("bucket", ["", "0m", "5", "m", "-5m", "5y", "99999s"])
def test_other_buckets_are_refused_with_the_fix(bucket: str) -> None:
    with pytest.raises(BadInput, match="bucket"):
        step_us(bucket, None)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime"])
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="zone"):
        zone_of(name)


def test_a_process_is_a_bar_from_its_first_to_its_last_event() -> None:
    times = ["2026-03-02T08:00:00.5Z", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"]
    entries = [
        {"time": time, "event": str(n), "activity": None, "process": "t:1", "place": "oven"}
        for n, time in enumerate(times)
    ]
    (lane,), cut = lanes_of(entries, "place", 50)
    assert lane["bars"] == [{"from": times[1], "to": times[2], "process": "t:1", "state": None}]
    assert [point["event"] for point in lane["points"]] == ["0", "1", "2"]
    assert not cut
    assert lanes_of([*entries, {**entries[0], "place": "a"}], "place", 1)[1]
