"""Feeding records to a genealogy and asking it, as tests of the trace rules do: no log, record times as given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from events.reading import Checkpoint, PartitionPoint
from projections.facts import facts_of
from projections.genealogy.port import Genealogy, Limits
from projections.port import Batch, Fact
from projections.trace.answer import Answer
from projections.trace.question import Question, Seed, SeedKind
from projections.trace.trace import trace
from schemas.epcis.prehash import content_digest
from schemas.epcis.reader import read_event
from schemas.identifiers import identify
from schemas.times import Instant

FOREVER_US = 2**53


@dataclass(frozen=True, slots=True)
class Given:
    """One record: an event, the recordTime it was appended with, its offset and who captured it."""

    event: dict[str, Any]
    record_time: str
    offset: int
    source: str = "plant"
    may_correct: bool = False

    def fact(self) -> Fact:
        event = read_event(json.dumps(self.event).encode(), None)
        record_us = Instant.parse(self.record_time).us
        content = content_digest(event.data, event.namespaces)
        facts = facts_of(event, str(self.event["eventID"]))
        return Fact(0, self.offset, record_us, content, self.source, self.may_correct, facts)


def given(case: dict[str, Any]) -> list[Given]:
    """The records of a golden case."""
    return [Given(one["event"], one["recordTime"], offset) for offset, one in enumerate(case["records"])]


async def project(genealogy: Genealogy, records: Sequence[Given], batch: int = 3) -> None:
    """Hand over the records in this order, some at a time."""
    before = await genealogy.checkpoint()
    for start in range(0, len(records), batch):
        facts = [record.fact() for record in records[start : start + batch]]
        after = Checkpoint((PartitionPoint(before.partitions[0].next + len(facts), FOREVER_US),))
        await genealogy.apply(Batch((), facts, (), before, after))
        before = after


def question(case: dict[str, Any]) -> Question:
    """A golden case's question on objects."""
    seeds = case["seeds"] if "seeds" in case else [case["object"]]
    return Question(
        direction="backward" if case["ask"] == "backward" else "forward",
        seeds=tuple(Seed(SeedKind.OBJECT, seed, (identify(seed).key,)) for seed in seeds),
        known_us=Instant.parse(case["known_at"]).us if case.get("known_at") else FOREVER_US,
        happened_by=Instant.parse(case["happened_by"]) if case.get("happened_by") else None,
        limit=None,
    )


async def ask(genealogy: Genealogy, case: dict[str, Any]) -> dict[str, Any]:
    """The answer to a golden case's question, in the shape the case expects it."""
    asked = question(case)
    async with genealogy.reader(Limits(asked.known_us, asked.happened_by)) as reader:
        traced = await trace(reader, asked, ())
        answer = await Answer.of(traced, None)
        listed = (await answer.page())["objects"]
    if case["ask"] != "where":
        return {one["object"]: {"certainty": one["certainty"], "depth": one["depth"]} for one in listed}
    one = next(one for one in listed if one["object"] == asked.seeds[0].keys[0])
    return {name: one[name] for name in case["expect"]}
