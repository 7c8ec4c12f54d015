"""The hard shapes of `python -m tests.bench shapes`, in small: every answer has the objects that the shape has, and a
whole list of them takes no more memory the longer it is."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from projections.genealogy.embedded import EmbeddedGenealogy
from tests.bench.shapes import Shape, chain, fan, ladder, measured, tote, vessel
from tests.bench.trace import fill, stream


@pytest.mark.parametrize(
    "shape", [fan(3_000), chain(200), tote(100), vessel(100), ladder(20)], ids=lambda one: one.name
)
async def test_every_object_of_a_hard_shape_is_reached_once(shape: Shape) -> None:
    assert await measured(shape)


async def test_a_whole_list_keeps_nothing_of_what_it_gave(tmp_path: Path) -> None:
    genealogy, shape = await EmbeddedGenealogy.open(tmp_path / "genealogy.sqlite"), fan(12_000)
    await fill(genealogy, shape.events)
    held = []
    tracemalloc.start()
    try:
        async for _ in stream(genealogy, shape.questions[0][0]):
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
        await genealogy.close()
    assert len(held) > 10
    # each piece has a thousand objects, whose keys alone are 90 kB
    assert held[-1] - held[2] < 50 * 1_000, held
