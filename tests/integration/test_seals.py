"""Seals over a real log file: what they find after someone wrote to the file behind the log's back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from events.port import FACTS, REFUSED, Record
from events.replay import copy_log
from events.seals import Sealer, VerifyReport, export_seals, import_seals, verify
from events.sqlite_log import SqliteEventLog
from schemas.errors import BadInput, Conflict

COUNT = 25
YOUNG = 2


def records(partition: int, first: int, count: int) -> list[Record]:
    return [Record(partition, 0, n, b"{}", f"record {partition}/{n}".encode()) for n in range(first, first + count)]


async def sealed_log(path: Path, partitions: int = 1) -> SqliteEventLog:
    """A log of `COUNT` records in each partition, ten to a seal, the last `YOUNG` not sealed."""
    log = await SqliteEventLog.open(path, partitions=partitions)
    sealer = Sealer(log, records=10, seconds=3600)
    for partition in range(partitions):
        await log.append_copy(FACTS, partition, records(partition, 0, COUNT - YOUNG))
    assert await sealer.seal(least=1) == 3 * partitions
    for partition in range(partitions):
        await log.append_copy(FACTS, partition, records(partition, COUNT - YOUNG, YOUNG))
    return log


async def verified(path: Path, exported: str | None = None) -> VerifyReport:
    log = await SqliteEventLog.open(path, read_only=True)
    try:
        return await verify(log, against=None if exported is None else import_seals(exported))
    finally:
        await log.close()


@pytest.mark.parametrize("partitions", [1, 3])
async def test_an_untouched_log_is_whole_and_says_what_is_not_sealed_yet(tmp_path: Path, partitions: int) -> None:
    log = await sealed_log(tmp_path / "log.sqlite", partitions)
    exported = await export_seals(log)
    await log.close()
    for report in (await verified(tmp_path / "log.sqlite"), await verified(tmp_path / "log.sqlite", exported)):
        assert report.whole
        assert (report.checked, report.unsealed) == (COUNT * partitions, YOUNG * partitions)


@pytest.mark.parametrize(
    ("sql", "offset", "what"),
    [
        ("UPDATE record SET raw = CAST('other' AS BLOB) WHERE stream = 0 AND offset = 7", 7, "altered"),
        ("UPDATE record SET envelope = CAST('[]' AS BLOB) WHERE stream = 0 AND offset = 0", 0, "altered"),
        ("UPDATE record SET stamp = stamp + 1 WHERE stream = 0 AND offset = 22", 22, "altered"),
        ("DELETE FROM record WHERE stream = 0 AND offset = 7", 7, "removed"),
        ("DELETE FROM record WHERE stream = 0 AND offset >= 20", 20, "removed"),
        ("DELETE FROM record WHERE stream = 0", 0, "removed"),
    ],
)
async def test_the_first_record_that_was_touched_is_named(tmp_path: Path, sql: str, offset: int, what: str) -> None:
    await (await sealed_log(tmp_path / "log.sqlite")).close()
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        assert file.execute(sql).rowcount > 0
    report = await verified(tmp_path / "log.sqlite")
    assert not report.whole
    assert [(b.offset, b.what) for b in report.breaches] == [(offset, what)]
    assert f"offset {offset} was {what}" in "\n".join(report.lines())


async def test_records_moved_up_or_down_are_told_apart(tmp_path: Path) -> None:
    for name, shift, what in (("up", "+", "inserted"), ("down", "-", "removed")):
        path = tmp_path / name
        await (await sealed_log(path)).close()
        with sqlite3.connect(path) as file:
            if shift == "-":
                file.execute("DELETE FROM record WHERE stream = 0 AND offset = 7")
            file.execute(f"UPDATE record SET offset = (offset {shift} 1) + 1000 WHERE stream = 0 AND offset > 7")
            file.execute("UPDATE record SET offset = offset - 1000 WHERE stream = 0 AND offset > 1000")
            if shift == "+":
                file.execute("UPDATE record SET offset = 8 WHERE stream = 0 AND offset = 7")
                file.execute("INSERT INTO record VALUES (0, 0, 7, 1, '{}', 'put in')")
        breach = (await verified(path)).breaches[0]
        assert (breach.offset, breach.what) == (7, what)


async def test_a_cut_tail_shows_against_exported_seals_only(tmp_path: Path) -> None:
    log = await sealed_log(tmp_path / "log.sqlite")
    exported = await export_seals(log)
    await log.close()
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        file.execute("DELETE FROM record WHERE stream = 0 AND offset >= 20")
        file.execute("DELETE FROM record WHERE stream = 3 AND offset = 2")
    assert (await verified(tmp_path / "log.sqlite")).whole
    against = await verified(tmp_path / "log.sqlite", exported)
    assert not against.whole
    assert (against.breaches[0].offset, against.breaches[0].what) == (20, "removed")


async def test_a_seal_taken_out_of_the_middle_shows(tmp_path: Path) -> None:
    await (await sealed_log(tmp_path / "log.sqlite")).close()
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        file.execute("DELETE FROM record WHERE stream = 3 AND offset = 1")
    assert not (await verified(tmp_path / "log.sqlite")).whole


async def test_sealing_goes_on_where_it_ended_and_two_sealers_do_no_harm(tmp_path: Path) -> None:
    log = await sealed_log(tmp_path / "log.sqlite")
    one, other = Sealer(log, records=10), Sealer(log, records=10)
    assert await one.seal(least=1) == 1
    assert await other.seal(least=1) == 0
    await log.append_copy(FACTS, 0, records(0, COUNT, 10))
    await one.seal(least=1)
    await other.seal(least=1)
    await log.close()
    report = await verified(tmp_path / "log.sqlite")
    assert report.whole
    assert report.unsealed == 0


async def test_a_file_that_holds_no_seals_is_refused_by_its_line() -> None:
    with pytest.raises(BadInput, match="line 1"):
        import_seals('{"partition": 0}\n')


async def test_a_copy_is_equal_goes_on_and_never_mixes(tmp_path: Path) -> None:
    source = await sealed_log(tmp_path / "a", 3)
    target = await SqliteEventLog.open(tmp_path / "b", partitions=3)
    assert await copy_log(source, target) == 3 * COUNT + 9
    await source.append_copy(FACTS, 1, records(1, COUNT, 5))
    await source.append_copy(REFUSED, 0, records(0, 0, 1))
    assert await copy_log(source, target) == 6
    assert await copy_log(source, target) == 0
    for partition in range(3):
        assert await source.read(FACTS, partition, -1, 100) == await target.read(FACTS, partition, -1, 100)
    await target.append_copy(FACTS, 2, records(2, 99, 1))
    await source.append_copy(FACTS, 2, records(2, COUNT, 1))
    with pytest.raises(Conflict):
        await copy_log(source, target)
    other = await SqliteEventLog.open(tmp_path / "c", partitions=2)
    with pytest.raises(BadInput, match="3 partitions"):
        await copy_log(source, other)
    for log in (source, target, other):
        await log.close()
    assert (await verified(tmp_path / "a")).whole
