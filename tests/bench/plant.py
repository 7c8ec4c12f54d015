"""A synthetic plant for the benchmarks: raw lots fan out to items in cases on pallets, at any size."""

from __future__ import annotations

from collections.abc import Iterator

from projections.facts import EventFacts, Link, Mention, Party, Role
from projections.port import Fact
from schemas.times import Instant

HOST = "https://id.gs1.org"
RAW, GOODS = f"{HOST}/01/09521000000018", f"{HOST}/01/09521000000025"
START_US = 1_780_000_000_000_000
CASE, PALLET = 50, 20


def root(size: int) -> str:
    """Key of the raw lot whose closure has about `size` items."""
    return f"{RAW}/10/R{size}"


def item(size: int) -> str:
    """Key of one item of the closure of about `size` items."""
    return f"{GOODS}/21/R{size}-0-0"


def last_us() -> int:
    """An instant after everything that happened in the plant."""
    return START_US + 10**13


def facts(closures: tuple[int, ...], filler: int) -> Iterator[Fact]:
    """Events of closures of these sizes, and of `filler` objects that have nothing to do with them."""
    number = 0
    for label, size in [*((f"R{size}", size) for size in closures), ("FILL", filler)]:
        for event in _line(label, size):
            number += 1
            yield fact(number, *event)


def _line(label: str, size: int) -> Iterator[tuple[str, str | None, str | None, Link, list[Mention], bool]]:
    """One raw lot, intermediate lots of 1,000 items each, cases of 50, pallets of 20 cases, one shipment a pallet."""
    for part in range(max(1, size // 1000)):
        raw = f"{RAW}/10/{label}" if label != "FILL" else f"{RAW}/10/{label}{part}"
        mid = f"{GOODS}/10/{label}-{part}"
        mix = [Mention(raw, Role.INPUT_QUANTITY), Mention(mid, Role.OUTPUT_QUANTITY)]
        yield "TransformationEvent", None, None, Link.NONE, mix, False
        items = [f"{GOODS}/21/{label}-{part}-{n}" for n in range(min(size, 1000))]
        made = [Mention(mid, Role.INPUT_QUANTITY), *(Mention(item, Role.OUTPUT) for item in items)]
        yield "TransformationEvent", None, None, Link.NONE, made, False
        pallet = f"urn:bench:pallet:{label}-{part}"
        for case in range(0, len(items), CASE):
            box = f"urn:bench:case:{label}-{part}-{case}"
            inside = [Mention(box, Role.PARENT), *(Mention(item, Role.CHILD) for item in items[case : case + CASE])]
            yield "AggregationEvent", "ADD", "packing", Link.CONTAINED, inside, False
            loaded = [Mention(pallet, Role.PARENT), Mention(box, Role.CHILD)]
            yield "AggregationEvent", "ADD", "packing", Link.CONTAINED, loaded, False
        yield "ObjectEvent", "OBSERVE", "shipping", Link.NONE, [Mention(pallet, Role.EPC)], True


def fact(
    number: int, kind: str, action: str | None, step: str | None, link: Link, mentions: list[Mention], ships: bool
) -> Fact:
    event_id = f"urn:bench:event:{number}"
    facts = EventFacts(
        event_id=event_id,
        event_time=Instant(START_US + number * 1_000_000),
        type=kind,
        action=action,
        step=step,
        disposition=None,
        read_point=f"{HOST}/414/9521000000012",
        location=None,
        process=f"e:{event_id}" if kind == "TransformationEvent" else None,
        link=link,
        mentions=tuple(mentions),
        members=(),
        sources=(),
        destinations=(Party("possessing_party", f"{HOST}/417/9521000000012"),) if ships else (),
        transactions=(),
        resources=(),
        operator=None,
        result=None,
        declaration=None,
    )
    return Fact(0, number, START_US + number * 1_000_000, event_id.encode(), "bench", False, facts)
