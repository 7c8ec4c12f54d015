"""The hard shapes of `python -m tests.bench shapes`, in small: every answer has the objects that the shape has."""

from __future__ import annotations

import pytest

from tests.bench.shapes import Shape, chain, fan, ladder, measured, tote, vessel


@pytest.mark.parametrize(
    "shape", [fan(3_000), chain(200), tote(100), vessel(100), ladder(20)], ids=lambda one: one.name
)
async def test_every_object_of_a_hard_shape_is_reached_once(shape: Shape) -> None:
    assert await measured(shape)
