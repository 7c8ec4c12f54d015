"""The demo plant: thirty days of a food line and an assembly line in one company, as EPCIS 2.0 documents.

A newcomer looks for the sesame lot `SESAME-0612` of North Slope Sesame Growers,
`https://id.gs1.org/01/09521103000014/10/SESAME-0612`: it came on 12 June 2026, was used in two batches and by way of
the regrind bin in two more, and on 20 June its grower warned of salmonella. docs/demo-plant.md tells the whole story.

The story depends on its arguments alone. It ends shortly before `REFERENCE`, so that answers are reproducible. More
events are told by more lines of the same plant, each with numbers of its own, and in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from schemas.identifiers import lot_key
from schemas.times import Instant
from services.demo import plant
from services.demo.floor import Floor
from services.demo.food import Plan
from services.demo.tales import BAD_SESAME, BATCHES_TOLD, EVENING, MORNING, Works
from services.demo.writer import Event

START: Final = Instant.parse("2026-06-01T00:00:00+08:00")
REFERENCE: Final = Instant.parse("2026-07-01T00:00:00+08:00")
"""All of the story lies before it (but for one clock that fell back to 1970, which the story tells)."""
DAYS: Final = 30
EVENTS_OF_A_LINE: Final = 3000
BAD_LOT: Final = lot_key(plant.SESAME.key, BAD_SESAME)
CONTEXT: Final = (
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"stemma": "urn:stemma:ns:1:", "cbvmda": "urn:epcglobal:cbv:mda:"},
)
_LINES_AT_ONCE: Final = 32
_BATCH_EVENTS: Final = 14
_UNIT_EVENTS: Final = 4


@dataclass(frozen=True, slots=True)
class DemoDocument:
    """What is sent in one call.

    `kind` says where: `events` an EPCISDocument to capture, `names` {"names": [{id, zh, en}]}, `own` {"own": [key]}:
    the plant's own places and parties. `name` is unique within the story; documents are sent in the order given.
    """

    name: str
    kind: Literal["events", "names", "own"]
    body: dict[str, Any]

    @property
    def events(self) -> list[Event]:
        listed: list[Event] = self.body["epcisBody"]["eventList"] if self.kind == "events" else []
        return listed

    def to_bytes(self) -> bytes:
        """The body as JSON."""
        return orjson.dumps(self.body)


def generate(seed: int = 1, events: int = EVENTS_OF_A_LINE, start: Instant = START) -> Iterator[DemoDocument]:
    """The story from midnight (UTC+8) of `start` on, about `events` events of it, a document for each line and day.

    A line has at least some 1,000 events, since every episode is told; beyond `EVENTS_OF_A_LINE` there are more lines,
    whose days are told side by side, thirty-two lines at once. Equal arguments give equal documents.
    """
    yield DemoDocument("names", "names", {"names": names()})
    yield DemoDocument("own", "own", {"own": list(plant.OWN)})
    lines = max(1, round(events / EVENTS_OF_A_LINE))
    for first in range(0, lines, _LINES_AT_ONCE):
        several = range(first, min(first + _LINES_AT_ONCE, lines))
        works = [Works(Floor(seed, line, start)) for line in several]
        for day in range(1, DAYS + 1):
            for one in works:
                yield _document(one, day, _day(one, day, events / lines * day / DAYS))


def names() -> list[dict[str, str]]:
    """Chinese and English names of everything that the plant has a key for."""
    lot = {"id": BAD_LOT, "zh": "被召回的白芝麻批次", "en": "White sesame, recalled lot"}
    return [*({"id": one.key, "zh": one.zh, "en": one.en} for one in plant.EVERYTHING), lot]


def _day(works: Works, day: int, due: float) -> list[Event]:
    """All events of one day; ordinary work goes on until the line has written `due` events since the beginning."""
    floor = works.floor
    room = due - floor.writer.written
    batches = max(1, round(room * 0.45 / _BATCH_EVENTS))
    units = max(10 if day in EVENING else 4, round(room * 0.5 / _UNIT_EVENTS))
    floor.arrivals(day)
    works.food.supply(day, batches + BATCHES_TOLD.get(day, 0) + 1)
    works.assembly.supply(day, units + 6)
    for episode in MORNING.get(day, ()):
        episode(works, day)
    _ordinary(works, day, batches, units)
    for episode in EVENING.get(day, ()):
        episode(works, day)
    works.assembly.pack_up(day)
    floor.departures(day)
    return floor.writer.taken()


def _ordinary(works: Works, day: int, batches: int, units: int) -> None:
    told = BATCHES_TOLD.get(day, 0)
    more = max(1 if day in EVENING else 0, batches - told)
    for number in range(told + 1, told + 1 + more):
        works.food.batch(Plan(day, number))
    for n in range(1, units + 1):
        works.assembly.ordinary(day, n)


def _document(works: Works, day: int, events: list[Event]) -> DemoDocument:
    date = works.floor.writer.date(day)
    body: dict[str, Any] = {
        "@context": list(CONTEXT),
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": works.floor.writer.text((day, 23 * 60)),
        "epcisBody": {"eventList": events},
    }
    return DemoDocument(works.floor.number(date), "events", body)
