"""The golden cases of the shared folder: right in whatever order the records reach the projection (trace.md L1)."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from projections.genealogy.embedded import EmbeddedGenealogy
from tests.tracing import ask, given, project

GOLDEN = Path(__file__).parents[2].parent / "shared" / "golden"
CASES = sorted(GOLDEN.glob("*.json"))
ORDERS = 20


def read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text())
    return case


pytestmark = pytest.mark.skipif(not CASES, reason="the shared golden cases are not here")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_golden_case_is_answered_in_any_order_of_arrival(path: Path, tmp_path: Path) -> None:
    case = read(path)
    for order in range(ORDERS):
        records = given(case)
        if order:
            random.Random(order).shuffle(records)
        genealogy = await EmbeddedGenealogy.open(tmp_path / f"{order}.sqlite")
        await project(genealogy, records, batch=1 + order % 5)
        for asked in case["questions"]:
            assert await ask(genealogy, asked) == asked["expect"], f"order {order}: {asked}"
        await genealogy.close()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_golden_case_is_answered_after_closing_and_opening_again(path: Path, tmp_path: Path) -> None:
    case = read(path)
    records = given(case)
    genealogy = await EmbeddedGenealogy.open(tmp_path / "genealogy.sqlite")
    await project(genealogy, records[: len(records) // 2])
    await genealogy.close()
    genealogy = await EmbeddedGenealogy.open(tmp_path / "genealogy.sqlite")
    await project(genealogy, records[len(records) // 2 :])
    for asked in case["questions"]:
        assert await ask(genealogy, asked) == asked["expect"]
    await genealogy.close()
