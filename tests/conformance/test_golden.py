"""The golden cases of the shared folder, with the genealogy closed and opened again between their records.

In any order of arrival, on every adapter: `test_genealogy.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from projections.genealogy.embedded import EmbeddedGenealogy
from tests.tracing import ask, given, project

GOLDEN = Path(__file__).parents[2].parent / "shared" / "golden"
CASES = sorted(GOLDEN.glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text())
    return case


pytestmark = pytest.mark.skipif(not CASES, reason="the shared golden cases are not here")


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
