"""The slow model's reading of seeds that are no objects: a product, a container's contents, a place or resource and a
window (trace.md section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from tests.model.reading import Event, instant, product_of
from tests.model.slow import World


def stands_for(world: World, seed: dict[str, Any]) -> set[str]:
    """The objects a seed stands for: {product}, {container, at}, {place, from, to} or {resource, from, to}."""
    if "product" in seed:
        said = {key for event in world.events for key in event.named} | {key for pair in world.members for key in pair}
        return {key for key in said if product_of(key) == seed["product"]}
    if "container" in seed:
        return _contents(world, seed["container"], None if seed["at"] is None else instant(seed["at"]))
    kind = "place" if "place" in seed else "resource"
    return _in_window(world, kind, seed[kind], instant(seed["from"]), instant(seed["to"]))


def _contents(world: World, box: str, at: Fraction | None) -> set[str]:
    """By R4, at any depth: after the last event that happened at or before the instant, or after any event."""
    moments = [packed for event, packed in world.inside if at is None or event.at <= at]
    found: set[str] = set()
    for packed in moments if at is None else moments[-1:]:
        level, seen = {box}, {box}
        while level:
            level = {child for one in level for child in packed.get(one, ())} - seen
            seen |= level
        found |= seen - {box}
    return found


def _sites(event: Event, kind: str) -> Iterator[set[str]]:
    """What an event names of each sort: read point and location apart, machines and operators together."""
    if kind == "place":
        yield {event.read_point} if event.read_point else set()
        yield {event.location} if event.location else set()
    else:
        yield {*event.resources, *event.operators}


def _in_window(world: World, kind: str, site: str, since: Fraction, until: Fraction) -> set[str]:
    found = {
        thing
        for thing, told in world.on.items()
        if any(
            _was_there([(one.event.at, sort) for one, sort in zip(told, sorts, strict=True)], site, since, until)
            for sorts in zip(*(tuple(_sites(one.event, kind)) for one in told), strict=True)
        )
    }
    for process in set(world.inputs) | set(world.outputs):
        mine = [event for event in world.events if event.process == process]
        here = any(site in names for event in mine for names in _sites(event, kind))
        if here and min(event.at for event in mine) <= until and max(event.at for event in mine) >= since:
            found |= world.inputs[process] | world.outputs[process]
    return found


def _was_there(told: list[tuple[Fraction, set[str]]], site: str, since: Fraction, until: Fraction) -> bool:
    """From an event naming the site until the next that names another of that sort, ends included."""
    arrived: Fraction | None = None
    for at, names in told:
        if site in names:
            arrived = at if arrived is None else arrived
        elif names and arrived is not None:
            if arrived <= until and at >= since:
                return True
            arrived = None
    return arrived is not None and arrived <= until
