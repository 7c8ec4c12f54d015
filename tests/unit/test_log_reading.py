"""From records to commits: envelopes of every version, captures opened and closed, recordTimes, and resuming."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from events.envelope import CURRENT, Envelope, decode, encode, encoded_events
from events.port import Record
from events.position import Position
from events.reading import Checkpoint, Commit, PartitionPoint, PartitionReader
from schemas.errors import BadInput, Damaged

EXAMPLES = Path(__file__).parents[1] / "examples" / "envelopes"


def envelope(kind: str, capture: str, index: int = 0, count: int | None = None) -> bytes:
    body = None if count is None else {"count": count}
    return encode(
        Envelope(CURRENT, kind, capture, index, "e", "a", "s", False, None, 0, "m", None, body)  # type: ignore[arg-type]
    )


def records(*entries: tuple[str, str, int], stamps: list[int] | None = None) -> list[Record]:
    """Entries (kind, capture, index or count) as records from offset 0; the stamp is 1000 a record unless given."""
    found = []
    for offset, (kind, capture, number) in enumerate(entries):
        made = envelope(kind, capture, count=number) if kind == "close" else envelope(kind, capture, number)
        stamp = stamps[offset] if stamps else 1000 * (offset + 1)
        found.append(Record(0, offset, stamp, made, f"{capture}/{number}".encode()))
    return found


def read(given: list[Record]) -> list[Commit]:
    return PartitionReader(0, PartitionPoint(0, 0)).feed(given)


def test_a_version_1_envelope_is_read_as_the_current_one() -> None:
    found = decode((EXAMPLES / "version-1.json").read_bytes())
    assert (found.version, found.device, found.may_correct) == (1, None, True)
    assert found.source == "k3f9c2a71d00e"
    assert decode(encode(found)).may_correct is True


def test_a_current_envelope_survives_the_way_to_bytes_and_back() -> None:
    found = decode((EXAMPLES / "version-2.json").read_bytes())
    assert decode(encode(found)) == found
    assert (found.version, found.device, found.body) == (
        2,
        "scanner-7",
        {"count": 1, "mode": "proceed", "outcomes": []},
    )


@pytest.mark.parametrize("odd", ["", "张\u2028三", 'a","event_id":"","index":0', '\\",index\\"', "%b%d"])
def test_the_envelopes_of_a_capture_are_byte_for_byte_what_each_alone_is(odd: str) -> None:
    one = Envelope(CURRENT, "event", odd, 7, "x", odd, odd, True, odd, 5, odd, odd, None)
    ids = ["urn:uuid:1", odd, None]
    assert encoded_events(one, ids, 3) == [
        encode(replace(one, index=index, event_id=event_id)) for index, event_id in enumerate(ids, 3)
    ]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"v":3,"kind":"event"}', b'{"v":2,"kind":"event"}', b"\xff"])
def test_an_envelope_that_cannot_be_read_is_damage(data: bytes) -> None:
    with pytest.raises(Damaged):
        decode(data)


def test_events_show_with_their_closing_record_and_not_before() -> None:
    given = records(("event", "a", 0), ("event", "a", 1), ("close", "a", 2))
    assert read(given[:2]) == []
    (commit,) = read(given)
    assert [(e.index, e.offset, e.raw) for e in commit.events] == [(0, 0, b"a/0"), (1, 1, b"a/1")]
    assert (commit.offset, commit.kind, commit.capture) == (2, "close", "a")


def test_captures_may_be_mixed_and_a_void_one_never_shows() -> None:
    given = records(
        ("event", "a", 0), ("event", "b", 0), ("event", "c", 0), ("void", "c", 0), ("close", "b", 1), ("close", "a", 1)
    )  # fmt: skip
    assert [(c.kind, c.capture, len(c.events)) for c in read(given)] == [
        ("void", "c", 0),
        ("close", "b", 1),
        ("close", "a", 1),
    ]


def test_the_first_record_of_an_event_and_the_first_close_count() -> None:
    given = records(
        ("event", "a", 0), ("event", "a", 0), ("event", "a", 1), ("close", "a", 2), ("event", "a", 1), ("close", "a", 2)
    )  # fmt: skip
    (commit,) = read(given)
    assert [e.offset for e in commit.events] == [0, 2]


def test_record_times_rise_by_a_microsecond_at_least_whatever_the_clock_says() -> None:
    given = records(
        ("names", "n", 0), ("event", "a", 0), ("event", "a", 1), ("event", "a", 2), ("close", "a", 3), ("tick", "", 0),
        stamps=[5000, 1, 1, 1, 4000, 4999],
    )  # fmt: skip
    names, close, tick = read(given)
    assert names.record_us == 5000
    assert [e.record_us for e in close.events] == [5001, 5002, 5003]
    assert tick.record_us == 5004


def test_reading_resumes_exactly_at_every_cut() -> None:
    rng = random.Random(7)
    entries: list[tuple[str, str, int]] = []
    open_captures = {f"c{i}": list(range(rng.randint(1, 4))) for i in range(12)}
    counts = {name: len(left) for name, left in open_captures.items()}
    while open_captures:
        name = rng.choice(sorted(open_captures))
        if open_captures[name]:
            entries.append(("event", name, open_captures[name].pop(0)))
        else:
            entries.append(("close", name, counts[name]))
            del open_captures[name]
    given = records(*entries)
    wanted = read(given)
    for cut in range(len(given) + 1):
        first = PartitionReader(0, PartitionPoint(0, 0))
        found = first.feed(given[:cut])
        point = Checkpoint.from_json(Checkpoint((first.point,)).to_json()).partitions[0]
        second = PartitionReader(0, point)
        found += second.feed(given[point.start :])
        assert found == wanted
        assert second.point == PartitionPoint(len(given), wanted[-1].events[-1].record_us)


def test_a_checkpoint_covers_what_it_has_read() -> None:
    point = Checkpoint((PartitionPoint(3, 50), PartitionPoint(0, 40)))
    assert point.covers(Position((2, -1)))
    assert not point.covers(Position((3, -1)))
    assert not point.covers(Position((2, 0)))
    assert not point.covers(Position((2,)))
    assert point.watermark_us == 40


def test_a_position_survives_its_token_and_anything_else_is_refused() -> None:
    for offsets in ((-1,), (0, 5, 2**40), tuple(range(64))):
        token = Position(offsets).token()
        assert Position.from_token(token) == Position(offsets)
        assert token.replace("-", "").replace("_", "").isalnum()
    for wrong in ("", "!", "YQ", Position((-2,)).token(), Position((2**70,)).token(), "é"):
        with pytest.raises(BadInput):
            Position.from_token(wrong)
