"""One step after another leads where the trace leads: laws of `GET /api/v1/neighbours` over random histories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from projections.genealogy.embedded import EmbeddedGenealogy
from projections.genealogy.port import Genealogy, Limits
from projections.trace.answer import Answer
from projections.trace.neighbours import neighbours
from projections.trace.question import Direction, Question, Seed, SeedKind
from projections.trace.trace import trace
from schemas.identifiers import identify
from tests.model.compare import given
from tests.model.histories import Maker
from tests.tracing import FOREVER_US, project


async def _asked(genealogy: Genealogy, direction: Direction, key: str, *, step: bool) -> dict[str, dict[str, Any]]:
    question = Question(direction, (Seed(SeedKind.OBJECT, key, (key,)),), FOREVER_US, limit=None)
    async with genealogy.reader(Limits(FOREVER_US)) as reader:
        traced = await (neighbours if step else trace)(reader, question, ())
        page = await (await Answer.of(traced, None)).page()
    assert page["totals"]["objects"] == len(page["objects"])
    return {one["object"]: one for one in page["objects"]}


@pytest.mark.parametrize("seed", range(12))
async def test_steps_lead_to_all_that_a_trace_reaches_and_say_the_same_of_it(tmp_path: Path, seed: int) -> None:
    records = Maker(seed).history()
    genealogy = await EmbeddedGenealogy.open(tmp_path / "g.sqlite")
    await project(genealogy, given(records, seed))
    keys = sorted({identify(str(epc)).key for one in records for epc in one["event"].get("epcList", ())})[:3]
    for direction in ("forward", "backward"):
        for start in keys:
            whole = await _asked(genealogy, direction, start, step=False)
            found: dict[str, dict[str, Any]] = {}
            todo = [start]
            while todo:
                key = todo.pop()
                near = await _asked(genealogy, direction, key, step=True)
                assert all(one["depth"] <= 1 for one in near.values())
                new = near.keys() - found.keys() - {key}
                found.update({name: near[name] for name in new})
                found.setdefault(key, near[key])
                todo.extend(new)
            assert whole.keys() <= found.keys()
            if direction == "forward" and not any(one["kind"] == "product" for one in found.values()):
                assert whole.keys() == found.keys()
            told = ("kind", "state", "place", "since", "last_event", "by_way_of", "carriers", "consignees")
            for key, one in whole.items():
                assert {name: one[name] for name in told} == {name: found[key][name] for name in told}
    await genealogy.close()
