"""The embedded genealogy's file: read again as written, and emptied when it is of another version."""

from __future__ import annotations

import resource
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from events.reading import Checkpoint
from projections.genealogy import tables
from projections.genealogy.embedded import EmbeddedGenealogy
from projections.genealogy.port import Limits
from schemas.errors import Damaged
from tests.bench.plant import facts as plant_facts
from tests.bench.plant import root
from tests.bench.trace import fill, impact
from tests.conformance.test_genealogy import moved, named, record
from tests.tracing import project


async def filled(path: Path) -> EmbeddedGenealogy:
    genealogy = await EmbeddedGenealogy.open(path)
    await fill(genealogy, plant_facts((1_000,), 2_000))
    return genealogy


async def test_what_was_written_is_read_again_with_its_texts_and_products(tmp_path: Path) -> None:
    path = tmp_path / "g.sqlite"
    genealogy = await filled(path)
    async with genealogy.reader(Limits(2**60)) as reader:
        names = await reader.find([root(1_000)])
        before = await reader.texts(np.arange(500)), await reader.products(np.arange(500))
    await genealogy.close()
    again = await EmbeddedGenealogy.open(path)
    async with again.reader(Limits(2**60)) as reader:
        assert (await reader.find([root(1_000)])).tolist() == names.tolist()
        codes, products = await reader.products(np.arange(500))
        assert (await reader.texts(np.arange(500)), list(products)) == (before[0], list(before[1][1]))
        assert codes.tolist() == before[1][0].tolist()
    assert await impact(again, 1_000) > 0
    await again.close()


async def test_names_are_ordered_as_their_texts_are(tmp_path: Path) -> None:
    genealogy = await filled(tmp_path / "g.sqlite")
    async with genealogy.reader(Limits(2**60)) as reader:
        names = np.random.default_rng(1).permutation(3_000)
        texts = sorted(await reader.texts(names))
        for after, limit in ((None, None), (None, 7), (texts[1_500], 100), (texts[-1], 5), (None, 0)):
            found = await reader.texts(await reader.first(names, after, limit))
            assert found == [text for text in texts if after is None or text > after][:limit]
    await genealogy.close()


async def test_a_file_of_another_version_is_emptied_and_waits_for_the_log(tmp_path: Path) -> None:
    path = tmp_path / "g.sqlite"
    await (await filled(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE genealogy_meta SET value = '1' WHERE key = 'version'")
    again = await EmbeddedGenealogy.open(path)
    assert await again.checkpoint() == Checkpoint.start(1)
    async with again.reader(Limits(2**60)) as reader:
        assert (await reader.find([root(1_000)])).tolist() == [-1]
    await again.close()


async def test_columns_that_were_cut_short_are_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "g.sqlite"
    await (await filled(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE genealogy_block SET mentions = substr(mentions, 1, length(mentions) - 1)")
    with pytest.raises(Damaged, match="stemma rebuild"):
        await EmbeddedGenealogy.open(path)


async def test_a_commit_that_the_disk_refused_leaves_nothing_in_memory_either(tmp_path: Path) -> None:
    """SQLite rolls such a commit back of itself; names numbered for it must not be taken for known ones."""
    genealogy = await EmbeddedGenealogy.open(tmp_path / "g.sqlite")
    made = [record(moved(f"e{n}", quantityList=[], epcList=[f"urn:plant:{n % 3}:S{n}"]), 1, n) for n in range(900)]
    await project(genealogy, made[:100], 100)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    room = (tmp_path / "g.sqlite-wal").stat().st_size + 20_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, most[1]))
    try:
        with pytest.raises(sqlite3.OperationalError):
            await project(genealogy, made[100:], 800)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    await project(genealogy, made[500:], 400)
    await project(genealogy, made[100:500], 400)
    for opened in (genealogy, await EmbeddedGenealogy.open(tmp_path / "g.sqlite")):
        for number in (0, 99, 100, 499, 500, 899):
            assert await named(opened, f"urn:plant:{number % 3}:S{number}") == [f"e{number}"]
        async with opened.reader(Limits(2**60)) as reader:
            names = await reader.find([f"urn:plant:{n % 3}:S{n}" for n in range(900)])
            assert await reader.texts(names) == [f"urn:plant:{n % 3}:S{n}" for n in range(900)]
        await opened.close()


def test_a_journal_that_a_long_pass_let_grow_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "JOURNAL_BYTES", 1 << 20)
    write = tables.connect(tmp_path / "g.sqlite")
    write.execute("PRAGMA wal_autocheckpoint=100")
    write.execute("CREATE TABLE much (body BLOB)")
    read = tables.connect(tmp_path / "g.sqlite", read_only=True)
    read.execute("BEGIN")
    read.execute("SELECT count(*) FROM much").fetchone()
    for _ in range(40):
        write.execute("INSERT INTO much VALUES (randomblob(100000))")
    journal = tmp_path / "g.sqlite-wal"
    assert journal.stat().st_size > 4_000_000
    read.execute("COMMIT")
    for _ in range(3):
        write.execute("INSERT INTO much VALUES (randomblob(100000))")
    assert journal.stat().st_size <= 1 << 20
    for one in (read, write):
        one.close()
