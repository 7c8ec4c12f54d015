"""The product against the slow model on one random history: all but flags must be equal."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from projections.genealogy.port import Genealogy, Limits
from projections.trace.answer import Answer
from projections.trace.question import Question, Seed, SeedKind
from projections.trace.trace import trace
from schemas.times import Instant
from tests.model.answers import described, holds, place_of, reached, state, stopped
from tests.model.histories import Maker, questions
from tests.model.reading import instant
from tests.model.related import relations
from tests.model.seeded import stands_for
from tests.model.slow import World
from tests.model.whole import finding, got, processes, totals
from tests.tracing import FOREVER_US, Given, project

FIELDS = (
    "kind", "state", "place", "since", "last_event", "by_way_of", "carriers", "consignees", "possible_consignees",
    "possible_consignees_total",
)  # fmt: skip
PARTS = ("reached", "objects", "stopped", "carriers", "totals", "findings", "consignees", "processes", "relations")


def given(records: list[dict[str, Any]], shuffled: int | None) -> list[Given]:
    found = [
        Given(one["event"], text_of(one["record_us"]), number, one["source"], one["may_correct"])
        for number, one in enumerate(records)
    ]
    if shuffled is not None:
        random.Random(shuffled).shuffle(found)
    return found


def text_of(us: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


async def by_product(genealogy: Genealogy, asked: dict[str, Any], own: list[str]) -> dict[str, Any]:
    """What the product says."""
    question = Question(
        direction=asked["direction"],
        seeds=(
            *(Seed(SeedKind.OBJECT, seed, (seed,)) for seed in asked["seeds"]),
            *(_other(seed) for seed in asked.get("others", ())),
        ),
        known_us=FOREVER_US if asked["known_us"] is None else asked["known_us"],
        happened_by=None if asked["happened_by"] is None else Instant.parse(asked["happened_by"]),
        limit=None,
    )
    async with genealogy.reader(Limits(question.known_us, question.happened_by)) as reader:
        answer = await Answer.of(await trace(reader, question, own), None)
        whole = await answer.page()
        listed = whole["objects"]
    return {
        "reached": {one["object"]: (one["depth"], one["certainty"] == "certain") for one in listed},
        "objects": {one["object"]: _told(one) for one in listed},
        "stopped": {one["object"]: one["reason"] for one in whole["stopped_at"]},
        "carriers": {one["object"]: (one["holds"], one["place"], one["state"]) for one in whole["carriers"]},
        "totals": whole["totals"],
        "findings": {
            one["given"]: (one["finding"], one["objects"])
            for one in whole["seeds"][: len(asked["seeds"])]  # the others' findings are not compared
        },
        "consignees": {one["party"]: (one["objects"], _amounts(one["quantities"])) for one in whole["consignees"]},
        "processes": {one["process"]: _process(one) for one in whole["processes"]},
        "relations": _listed((_end(one), _relation(one)) for one in whole["relations"]),
    }


def _other(seed: dict[str, Any]) -> Seed:
    """A seed that is no object, as the product takes it."""
    (kind,) = {"product", "container", "place", "resource"} & set(seed)
    times = {name: seed.get(name) and Instant.parse(seed[name]) for name in ("at", "from", "to")}
    return Seed(SeedKind(kind), seed[kind], (seed[kind],), at=times["at"], since=times["from"], until=times["to"])


def _told(listed: dict[str, Any]) -> dict[str, Any]:
    found = {name: listed[name] for name in FIELDS}
    return {**found, "since": None if found["since"] is None else instant(found["since"])}


def _amounts(listed: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["product"], Fraction(one["quantity"]), one["unit"]) for one in listed]


def _end(listed: dict[str, Any]) -> tuple[Any, ...]:
    return listed["from"], listed["to"], listed["kind"]


def _relation(listed: dict[str, Any]) -> tuple[Any, ...]:
    quantity = None if listed["quantity"] is None else Fraction(listed["quantity"])
    times = (listed[name] and instant(listed[name]) for name in ("since", "until"))
    return (tuple(listed["events"]), listed["certain"], quantity, listed["unit"], *times)


def _listed(found: Iterable[tuple[tuple[Any, ...], tuple[Any, ...]]]) -> dict[tuple[Any, ...], list[Any]]:
    """All between the same ends, in one order; a lot put in as an object and by quantity at once shows as one."""
    by_ends: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for ends, told in found:
        by_ends[ends].append(told)
    return {ends: sorted(set(told), key=repr) for ends, told in by_ends.items()}


def _process(listed: dict[str, Any]) -> tuple[Any, ...]:
    told = (listed["events"], listed["order"], listed["place"], listed["resource"])
    return (*told, instant(listed["from"]), instant(listed["to"]))


def by_model(records: list[dict[str, Any]], asked: dict[str, Any], own: list[str]) -> dict[str, Any]:
    """What the model says."""
    known = FOREVER_US if asked["known_us"] is None else asked["known_us"]
    happened = None if asked["happened_by"] is None else instant(asked["happened_by"])
    world = World(records, known, happened, frozenset(own))
    direction, seeds = asked["direction"], set(asked["seeds"])
    for other in asked.get("others", ()):
        seeds |= stands_for(world, other)
    there = reached(world, direction, seeds)
    objects = {thing: described(world, thing) for thing in there}
    return {
        "reached": there,
        "objects": objects,
        "stopped": stopped(world, direction, seeds),
        "carriers": {
            box: (count, place_of(world, box), state(world, box)) for box, count in holds(world, set(there)).items()
        },
        "totals": totals(there, objects),
        "findings": {seed: (finding(world, direction, seed, seeds), [seed]) for seed in asked["seeds"]},
        "consignees": got(world, objects),
        "processes": processes(world, direction, seeds, there),
        "relations": _listed((one[:3], one[3:]) for one in relations(world, direction, seeds, there)),
    }


async def differences(seed: int, folder: Path, open_genealogy: Any) -> list[str]:
    """What product and model say differently on the history of a seed."""
    records = Maker(seed).history()
    genealogy = await open_genealogy(folder / f"{seed}.sqlite")
    await project(genealogy, given(records, seed if seed % 2 else None), batch=1 + seed % 7)
    own = ["https://id.gs1.org/414/9506000000015"] if seed % 3 == 0 else []
    found = []
    for asked in questions(seed, records):
        product, model = await by_product(genealogy, asked, own), by_model(records, asked, own)
        for part in PARTS:
            if product[part] != model[part]:
                keys = sorted(set(product[part]) | set(model[part]))
                wrong = [key for key in keys if product[part].get(key) != model[part].get(key)]
                shown = {key: (product[part].get(key), model[part].get(key)) for key in wrong[:3]}
                found.append(f"seed {seed} {asked}: {part} {shown}")
                break
    await genealogy.close()
    return found
