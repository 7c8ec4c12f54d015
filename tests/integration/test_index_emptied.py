"""An event index that another process empties and fills anew, while this one remembers what it had written."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from projections.index.store import EventIndex
from projections.port import Batch
from schemas.errors import Fenced
from tests.integration.event_index_support import FLOUR, commit_of, contents, feed, told


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def two(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[EventIndex, EventIndex]]:
    """An empty index on each database, opened twice as by two processes."""
    url, schema = f"sqlite:///{tmp_path / 'index.sqlite'}", None
    if request.param == "postgresql":
        url, schema = request.getfixturevalue("postgres_server"), f"test_{uuid.uuid4().hex[:12]}"
    opened = [await EventIndex.open(url, schema=schema) for _ in range(2)]
    yield opened[0], opened[1]
    for one in opened:
        await one.close()


async def test_what_was_remembered_from_before_is_written_again(two: tuple[EventIndex, EventIndex]) -> None:
    one, other = two
    story = [[commit_of([told("e1", 1)])], [commit_of([told("e2", 2)])]]
    await feed(one, story)
    whole, reached = await contents(one), await one.checkpoint()
    await other.reset(1)
    with pytest.raises(Fenced):
        await one.apply(Batch((), (), (), reached, reached))
    await feed(one, story)
    assert await contents(one) == whole
    assert [found.key for found in await one.objects("F-0312")] == [FLOUR]
