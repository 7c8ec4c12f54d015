"""The event index written by the process beside: the same rows, the same fence, and no harm when the process ends."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from events.envelope import CURRENT, Envelope
from events.reading import Checkpoint, Commit, PartitionPoint
from projections.beside import Beside, IndexBeside, Target
from projections.index.rows import rows_of
from projections.index.store import EventIndex
from projections.port import Batch
from projections.projecting import project
from projections.projector import Projector
from schemas.errors import Damaged, Fenced
from tests.integration.event_index_support import contents
from tests.integration.test_beside import BASE, logged, started

SERVER = pytest.param("postgresql", marks=pytest.mark.servers)
FIRST, LAST = Checkpoint.start(1), Checkpoint((PartitionPoint(1_000, 9_000),))


@pytest_asyncio.fixture(params=["sqlite", SERVER])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'index.sqlite'}"
    return str(await request.getfixturevalue("fresh_database")())


@pytest.fixture
def beside() -> Iterator[Beside]:
    made = Beside(BASE)
    started(made)
    yield made
    made.close()


@pytest_asyncio.fixture
async def index(url: str, beside: Beside) -> AsyncIterator[EventIndex]:
    opened = await EventIndex.open(url, base=BASE, elsewhere=IndexBeside(beside, Target(url, 1)))
    yield opened
    await opened.close()


def batch(beside: Beside | None = None, before: Checkpoint = FIRST) -> Batch:
    """Some hundred events, two of which are poison, and names, projected here or beside."""
    facts, poison = Projector(partial(project, base=BASE), beside).each(logged())
    assert len(poison) == 2
    body = {"count": len(logged()), "master_data": [{"id": "urn:x:1", "type": "place", "name": {"zh": "一号"}}]}
    envelope = partial(Envelope, CURRENT, actor="a", source="k", may_correct=False, device=None, received_us=1)
    closing = envelope("close", "c", 0, None, media_type="application/json", context=None, body=body)
    names = envelope("names", "n", 0, None, media_type="application/json", context=None, body=body)
    commits = [
        Commit(0, 500, 1_000, "close", "c", tuple(logged()), closing), Commit(0, 501, 2_000, "names", "n", (), names),
    ]  # fmt: skip
    return Batch(commits, facts, poison, before, LAST)


async def test_the_rows_are_the_same_wherever_they_are_written(
    index: EventIndex, beside: Beside, url: str, tmp_path: Path
) -> None:
    told = batch(beside)
    here = await EventIndex.open(f"sqlite:///{tmp_path / 'here.sqlite'}", base=BASE)
    await here.apply(told)
    assert beside.write(Target(url, 1), told)
    assert await contents(index) == await contents(here)
    assert len((await contents(index))["event_record"]) == len(rows_of(told).events) > 100
    assert await index.checkpoint() == LAST
    assert await index.poison() == list(told.poison)
    await here.close()


async def test_events_that_were_projected_here_are_carried_again(index: EventIndex, beside: Beside, url: str) -> None:
    assert beside.write(Target(url, 1), batch())
    assert await index.checkpoint() == LAST


async def test_the_process_is_fenced_as_anyone(index: EventIndex, beside: Beside) -> None:
    await index.apply(batch(beside))
    with pytest.raises(Fenced):
        await index.apply(batch(beside))
    before = await contents(index)
    await index.apply(batch(beside, LAST))
    assert await contents(index) == before, "the same records twice"


async def test_an_index_that_is_stopped_takes_nothing_by_the_process_either(
    index: EventIndex, beside: Beside, url: str
) -> None:
    index.stop("its rows are not what the log makes")
    with pytest.raises(Damaged):
        await index.apply(batch(beside))
    assert beside.write(Target(url, 1), batch(beside)), "nothing of it was written"


async def test_a_process_that_is_killed_is_done_without(index: EventIndex, beside: Beside) -> None:
    assert beside._process is not None
    os.kill(beside._process.pid, signal.SIGKILL)
    await index.apply(batch())
    assert await index.checkpoint() == LAST
    assert not beside.write(Target("sqlite:///never-opened", 1), batch())


async def test_a_database_that_is_closed_is_let_go(tmp_path: Path, beside: Beside) -> None:
    file = tmp_path / "index.sqlite"
    target = Target(f"sqlite+aiosqlite:///{file}", 1)
    opened = await EventIndex.open(target.url, base=BASE, elsewhere=IndexBeside(beside, target))
    await opened.apply(batch(beside))
    assert beside._process is not None
    assert str(file) in open_files(beside._process.pid)
    await opened.close()
    assert not [one for one in open_files(beside._process.pid) if one.startswith(str(file))]


def open_files(pid: int) -> set[str]:
    return {os.readlink(one) for one in Path(f"/proc/{pid}/fd").iterdir() if one.exists()}
