"""The slow model's relations: those by which the objects of an answer were reached (section 8, api.md)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.model.answers import leads, whole_lots
from tests.model.reading import Amount, Mention, in_unit, summed
from tests.model.slow import World

Relation = tuple[Any, ...]
"""From, to, kind, events, certain, quantity, unit, since, until."""


def relations(world: World, direction: str, seeds: set[str], there: dict[str, Any]) -> list[Relation]:
    """All of them, in no order."""
    return [
        *_made(world, direction, seeds, there),
        *_fitted(world, direction, seeds, there),
        *_joined(world, direction, there),
    ]


def _made(world: World, direction: str, seeds: set[str], there: dict[str, Any]) -> list[Relation]:
    found: list[Relation] = []
    whole = whole_lots(world, seeds) if direction == "backward" else set()
    for process in set(world.inputs) | set(world.outputs):
        inputs, outputs = world.inputs[process], world.outputs[process]
        sure = {one: True for one in inputs if one in there and leads(one, seeds)}
        if direction == "forward":
            for item, lot in world.members:
                if lot in inputs and item in there and item not in inputs | outputs:
                    sure.setdefault(lot, False)
            before, after = sure, set(outputs) if sure else set()
        else:
            after = {one for one in outputs if one in there and leads(one, seeds)}
            after |= {one for one in outputs if one not in there and world.lots(one) & whole}
            before = dict.fromkeys(inputs, True) if after else {}
            after = after if before else set()
        for thing, direct in (before if after else {}).items():
            found.append(_into(world, process, thing, direct and len(outputs) == 1))
        for thing in after if before else ():
            found.append(_out(world, process, thing, len(outputs) == 1))
    return found


def _into(world: World, process: str, thing: str, certain: bool) -> Relation:
    used = [(event, named) for name, one, event, named in world.uses if (name, one) == (process, thing)]
    given = [named for _, named in used if named is not None]
    return (
        thing,
        process,
        "transformed",
        _ids(world, {event.id for event, _ in used}),
        certain,
        *_sum(given),
        None,
        None,
    )


def _out(world: World, process: str, thing: str, certain: bool) -> Relation:
    used = [
        (event, one)
        for event in world.events
        for one in event.mentions
        if event.process == process and one.key == thing and one.role.startswith("output")
    ]
    given = [named for _, named in used]
    return (
        process,
        thing,
        "transformed",
        _ids(world, {event.id for event, _ in used}),
        certain,
        *_sum(given),
        None,
        None,
    )


def _fitted(world: World, direction: str, seeds: set[str], there: dict[str, Any]) -> list[Relation]:
    found = []
    whole = whole_lots(world, seeds) if direction == "backward" else set()
    for stay in world.stays:
        if stay.kind != 2:
            continue
        certain: bool | None = None
        if direction == "forward":
            if stay.child in there and leads(stay.child, seeds):
                certain = True
            elif any(item in there for item in world.items(stay.child)):
                certain = False
        elif stay.parent in there and leads(stay.parent, seeds):
            certain = True
        elif world.lots(stay.parent) & whole:
            certain = bool(world.lots(stay.parent) & seeds)
        if certain is None:
            continue
        ends = {event.id for event in (stay.since, stay.until) if event is not None}
        named = [one for one in stay.since.mentions if one.key == stay.child]
        until = None if stay.until is None else stay.until.at
        told = (_ids(world, ends), certain, *_sum(named), stay.since.at, until)
        found.append((stay.child, stay.parent, "installed", *told))
    return found


def _joined(world: World, direction: str, there: dict[str, Any]) -> list[Relation]:
    found = []
    for item, lot in world.members:
        if (lot if direction == "forward" else item) in there:
            said = {event.id for event in world.events if (item, lot) in event.members}
            found.append((lot, item, "belongs_to_lot", _ids(world, said), True, None, None, None, None))
    return found


def _ids(world: World, wanted: set[str]) -> tuple[str, ...]:
    return tuple(event.id for event in world.events if event.id in wanted)


def _sum(given: list[Mention]) -> tuple[Fraction | None, str | None]:
    """In the unit given first; nothing where one gives none or another dimension."""
    if not given or any(one.value is None for one in given):
        return None, None
    amounts: list[Amount] = [one.amount for one in given]
    total = summed(amounts)
    return (None, None) if total is None else (in_unit(total, given[0].unit), given[0].unit)
