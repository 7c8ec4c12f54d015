"""The slow model's answers: traces of sections 4 and 5 as plain fixpoints, whereabouts of section 6, findings of 8."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.model.reading import SHIPS, Amount, kind_of, summed
from tests.model.slow import Told, World

Step = tuple[str, str, int, bool]
"""From, to, what it adds to the depth, and whether it is certain. Nodes other than objects have a prefix."""


def forward_steps(world: World, seeds: set[str]) -> Iterator[Step]:
    for process, inputs in world.inputs.items():
        outputs = world.outputs[process]
        for output in outputs:
            for thing in inputs:
                if leads(thing, seeds):
                    yield thing, output, 1, len(outputs) == 1
            for item, lot in world.members:
                if lot in inputs and item not in inputs and item not in outputs:
                    yield item, output, 1, False
    for item, lot in world.members:
        yield lot, item, 0, True
    for part, assembly in world.installed():
        if leads(part, seeds):
            yield part, assembly, 1, True
        for item in world.items(part):
            yield item, assembly, 1, False


def backward_steps(world: World, seeds: set[str]) -> Iterator[Step]:
    """`whole:` before a lot: reached as a seed, an input or a part."""
    back: list[Step] = []
    for process, outputs in world.outputs.items():
        for output in outputs:
            if leads(output, seeds):
                back += [(output, thing, 1, len(outputs) == 1) for thing in world.inputs[process]]
    back += [(assembly, part, 1, True) for part, assembly in world.installed() if leads(assembly, seeds)]
    for lot in {lot for _, lot in world.members}:
        for item in world.items(lot):
            for process, outputs in world.outputs.items():
                if item in outputs:
                    sure = lot in seeds and all(one == lot or one in world.items(lot) for one in outputs)
                    back += [(f"whole:{lot}", thing, 1, sure) for thing in world.inputs[process] if thing != lot]
            parts = [part for part, assembly in world.installed() if assembly == item]
            back += [(f"whole:{lot}", part, 1, lot in seeds) for part in parts]
    for source, target, depth, sure in back:
        yield source, target, depth, sure
        yield source, f"whole:{target}", depth, sure
    for item, lot in world.members:
        yield item, lot, 0, True


def leads(thing: str, seeds: set[str]) -> bool:
    """Rule 6."""
    return kind_of(thing) != "product" or thing in seeds


def reached(
    world: World, direction: str, seeds: set[str], among: set[str] | None = None
) -> dict[str, tuple[int, bool]]:
    """Depth and certainty of every object; of a question with more seeds than these, `among` are all of them."""
    steps = list((forward_steps if direction == "forward" else backward_steps)(world, among or seeds))
    starts = set(seeds) | ({f"whole:{seed}" for seed in seeds} if direction == "backward" else set())
    depth = dict.fromkeys(starts, 0)
    sure = set(starts)
    changed = True
    while changed:
        changed = False
        for source, target, more, certain in steps:
            if source in depth and depth[source] + more < depth.get(target, 10**9):
                depth[target] = depth[source] + more
                changed = True
            if certain and source in sure and target not in sure:
                sure.add(target)
                changed = True
    return {thing: (at, thing in sure) for thing, at in depth.items() if not thing.startswith("whole:")}


def state(world: World, thing: str) -> str:
    """Section 6."""
    told = world.on.get(thing, [])
    if not told:
        return "unknown"
    if not (by_quantity(world, thing) and not used_up(world, thing)):
        for one in reversed(told):
            if one.event.destroys:
                return "destroyed"
            if one.consumed:
                return "consumed"
            if one.way is None:
                break
    if any(stay.child == thing and stay.kind == 2 for stay in world.open()):
        return "installed"
    for number in range(len(told) - 1, -1, -1):
        word = moved(world, told, number)
        if word:
            return word
    return "in_process" if told[-1].event.disposition == "in_progress" else "in_stock"


def moved(world: World, told: list[Told], number: int) -> str | None:
    event = told[number].event
    if event.disposition == "returned":
        return "returned"
    if event.step == "retail_selling":
        return "delivered"
    if event.step in SHIPS:
        return "in_transit"
    if event.step == "void_shipping":
        return "in_stock"
    if event.step != "receiving":
        return None
    if world.own:
        return "in_stock" if event.place in world.own else "delivered"
    before = [one.event for one in told[:number]]
    sent = any(one.step in SHIPS and one.data.get("destinationList") for one in before)
    return "delivered" if sent else "in_stock"


def by_quantity(world: World, thing: str) -> bool:
    return any(one.key == thing and one.role.endswith("quantity") for event in world.events for one in event.mentions)


def used_up(world: World, thing: str) -> bool:
    came: list[Amount] = []
    went: list[Amount] = list(world.used_amounts.get(thing, ()))
    for event in world.events:
        for one in event.mentions:
            role, given = one.role, one.amount
            if one.key != thing:
                continue
            listed = role in ("epc", "quantity")
            created = listed and event.type == "ObjectEvent" and event.action == "ADD"
            if role in ("output", "output_quantity") or created or (listed and event.step == "receiving"):
                came.append(given)
            if listed and event.destroys:
                went.append(given)
            if role in ("input", "input_quantity") and thing not in world.outputs[event.process or ""]:
                went.append(given)
    into, out = summed(came), summed(went)
    return into is not None and out is not None and into[0] == out[0] and out[1] >= into[1]


def carriers(world: World, thing: str) -> list[str]:
    """Around it now, innermost first."""
    found: list[str] = []
    level = {thing}
    seen = {thing}
    while level:
        level = {stay.parent for stay in world.open() if stay.child in level} - seen
        seen |= level
        found += sorted(level)
    return found


def consignees(world: World, thing: str) -> list[str]:
    return sorted({party for one in world.on.get(thing, ()) for party in one.event.consignees})


def place_of(world: World, thing: str) -> str | None:
    return next((one.event.place for one in reversed(world.on.get(thing, [])) if one.event.place), None)


def described(world: World, thing: str) -> dict[str, Any]:
    """One object as an answer lists it, but for certainty and depth."""
    told = world.on.get(thing, [])
    mine = consignees(world, thing)
    by_lot = (
        {party for lot in world.lots(thing) for party in consignees(world, lot)} if kind_of(thing) == "item" else set()
    )
    return {
        "kind": kind_of(thing),
        "state": state(world, thing),
        "place": place_of(world, thing),
        "since": told[-1].event.at if told else None,
        "last_event": told[-1].event.id if told else None,
        "by_way_of": told[-1].way if told else None,
        "carriers": carriers(world, thing),
        "consignees": mine,
        "possible_consignees": sorted(by_lot - set(mine))[:100],
        "possible_consignees_total": len(by_lot - set(mine)),
    }


def stopped(world: World, direction: str, seeds: set[str]) -> dict[str, str]:
    """What stopped the walk, and why."""
    found: dict[str, str] = {}
    steps = list((forward_steps if direction == "forward" else backward_steps)(world, seeds))
    there = reached(world, direction, seeds)
    whole = whole_lots(world, seeds) if direction == "backward" else set()
    for thing in there:
        if kind_of(thing) == "product" and thing not in seeds:
            found[thing] = "untracked class"
            continue
        sources = {thing, f"whole:{thing}"} if thing in whole else {thing}
        on = {target.removeprefix("whole:") for source, target, _, _ in steps if source in sources} - {thing}
        if direction == "backward" and not on and not _came(world, thing):
            found[thing] = "no origin recorded"
    return found


def whole_lots(world: World, seeds: set[str]) -> set[str]:
    """Backward: what was reached as a seed, an input or a part."""
    steps = list(backward_steps(world, seeds))
    nodes = set(seeds) | {f"whole:{seed}" for seed in seeds}
    changed = True
    while changed:
        new = {target for source, target, _, _ in steps if source in nodes} - nodes
        nodes |= new
        changed = bool(new)
    return {node.removeprefix("whole:") for node in nodes if node.startswith("whole:")}


def _came(world: World, thing: str) -> bool:
    added = any(
        event.type == "ObjectEvent" and event.action == "ADD" and thing in event.named for event in world.events
    )
    return added or any(
        one.event.step == "receiving" or one.event.data.get("sourceList") for one in world.on.get(thing, ())
    )


def holds(world: World, things: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for thing in things:
        for box in carriers(world, thing):
            found[box] = found.get(box, 0) + 1
    return found
