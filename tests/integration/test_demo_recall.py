"""The answers that docs/demo-plant.md promises, from the embedded genealogy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio

from events.reading import Checkpoint, PartitionPoint
from projections.facts import facts_of
from projections.genealogy.embedded import EmbeddedGenealogy
from projections.genealogy.port import Limits
from projections.port import Batch, Fact
from projections.trace.answer import Answer
from projections.trace.question import Direction, Question, Seed, SeedKind
from projections.trace.trace import trace
from schemas.epcis.reader import read_json_document
from schemas.identifiers import identify, short_numbers
from schemas.times import Instant
from services.demo import plant
from services.demo.story import BAD_LOT, generate

FIRST_US = 1_790_000_000_000_000


@dataclass
class Demo:
    """The genealogy of the whole story; `declared_us` is the record time of its one error declaration."""

    genealogy: EmbeddedGenealogy
    last_us: int
    declared_us: int
    objects: list[str]

    async def ask(self, direction: Direction, *seeds: Seed, known_us: int | None = None) -> dict[str, Any]:
        known = known_us or self.last_us
        async with self.genealogy.reader(Limits(known, None)) as reader:
            traced = await trace(reader, Question(direction, seeds, known, limit=None), list(plant.OWN))
            return await (await Answer.of(traced, None)).page()


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    genealogy = await EmbeddedGenealogy.open(tmp_path / "genealogy.sqlite")
    facts: list[Fact] = []
    told: set[str] = set()
    declared = 0
    for document in generate():
        for event in read_json_document(document.to_bytes()).events if document.events else ():
            event_id = event.data["eventID"]
            known = facts_of(event, event_id)
            if event_id in told and known.declaration is None:
                continue
            told.add(event_id)
            us = FIRST_US + len(facts)
            declared = us if known.declaration else declared
            content = (event_id + str(known.declaration is None)).encode()[-32:]
            facts.append(Fact(0, len(facts), us, content, "demo", True, known))
    last = FIRST_US + len(facts)
    after = Checkpoint((PartitionPoint(len(facts), last),))
    await genealogy.apply(Batch([], facts, [], Checkpoint.start(1), after))
    objects = {mention.object for fact in facts for mention in fact.facts.mentions}
    yield Demo(genealogy, last, declared, sorted(objects))
    await genealogy.close()


def one(key: str) -> Seed:
    return Seed(SeedKind.OBJECT, key, (key,))


def told_by(answer: dict[str, Any]) -> dict[str, tuple[str, int]]:
    """Short numbers with certainty and depth."""
    return {short_numbers(one["object"])[0]: (one["certainty"], one["depth"]) for one in answer["objects"]}


async def test_the_first_recall_is_the_one_on_the_page(demo: Demo) -> None:
    answer = await demo.ask("forward", one(BAD_LOT))
    assert told_by(answer) == {
        "SESAME-0612": ("certain", 0),
        "D-0612-1": ("certain", 1),
        "D-0612-2": ("certain", 1),
        "B-0612-1": ("certain", 2),
        "B-0612-2": ("possible", 2),
        "REGRIND-BIN-1": ("possible", 2),
        "P-0612-1": ("certain", 3),
        "P-0612-2": ("possible", 3),
        "D-0613-1": ("possible", 3),
        "D-0614-1": ("possible", 3),
        "B-0613-1": ("possible", 4),
        "B-0614-1": ("possible", 4),
        "GIFT-1": ("certain", 4),
        "GIFT-2": ("certain", 4),
        "P-0613-1": ("possible", 5),
        "P-0614-1": ("possible", 5),
    }
    totals = answer["totals"]
    assert (totals["objects"], totals["certain"], totals["possible"]) == (16, 7, 9)
    assert set(totals["by_consignee"]) == {customer.key for customer in plant.CUSTOMERS}


async def test_the_packs_of_the_regrind_lead_back_to_the_bad_lot(demo: Demo) -> None:
    answer = await demo.ask("backward", one(plant.PACK.lot("P-0614-1")))
    keys = {one["object"] for one in answer["objects"]}
    sesame = {key for key in keys if identify(key).product == plant.SESAME.key}
    assert BAD_LOT in sesame
    assert len(sesame) == 3
    assert plant.GLUE.key in keys


async def test_the_hot_oven_concerns_the_batch_that_was_in_it(demo: Demo) -> None:
    since, until = (Instant.parse(f"2026-06-18T{clock}:00+08:00") for clock in ("10:00", "10:40"))
    seed = Seed(SeedKind.RESOURCE, "oven", (plant.OVEN_3.key,), since=since, until=until)
    assert set(told_by(await demo.ask("forward", seed))) == {"D-0618-2", "B-0618-2", "P-0618-2"}


async def test_the_correction_changes_what_the_packs_were_made_of(demo: Demo) -> None:
    packs = one(plant.PACK.lot("P-0617-2"))
    before = told_by(await demo.ask("backward", packs, known_us=demo.declared_us - 1))
    after = told_by(await demo.ask("backward", packs))
    assert ("B-0617-1" in before, "B-0617-2" in before) == (True, False)
    assert ("B-0617-1" in after, "B-0617-2" in after) == (False, True)


async def test_the_swapped_board_exposed_one_scale_and_is_in_the_other(demo: Demo) -> None:
    answer = await demo.ask("forward", one(plant.BOARD.item("PCB-SWAP.001")))
    assert set(told_by(answer)) == {"PCB-SWAP.001", "KS-SWAP-1", "KS-SWAP-2"}


async def test_nothing_in_the_story_is_surprising_but_the_lost_clock(demo: Demo) -> None:
    answer = await demo.ask("forward", *(one(key) for key in demo.objects))
    assert {(one["object"], flag["flag"]) for one in answer["objects"] for flag in one["flags"]} == {
        (plant.SUGAR.lot("SUGAR-SPARE"), "clock")
    }
