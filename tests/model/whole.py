"""What the slow model says of a closure as a whole: findings, totals, who got how much, and the processes shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

from tests.model.answers import leads, reached, stopped, whole_lots
from tests.model.reading import SHIPS, in_unit, kind_of, product_of
from tests.model.slow import World


def finding(world: World, direction: str, seed: str, seeds: set[str]) -> str:
    """Section 8, of one of a question's seeds: what it leads to, a product class among the others leading on."""
    said = {key for event in world.events for key in event.named} | {key for pair in world.members for key in pair}
    if seed not in said:
        return "unknown"
    mine = set(reached(world, direction, {seed}, seeds))
    if direction == "forward":
        return "unused" if mine == {seed} else "found"
    without = {thing for thing, why in stopped(world, direction, seeds).items() if why == "no origin recorded"}
    return "incomplete" if without & mine else "found"


def totals(there: dict[str, tuple[int, bool]], objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Counts over all that was reached; only sure consignees count."""
    sure = sum(1 for _, certain in there.values() if certain)

    def by(name: str) -> dict[str, int]:
        return dict(Counter(told[name] or "" for told in objects.values()))

    return {
        "objects": len(there), "certain": sure, "possible": len(there) - sure,
        "by_kind": by("kind"), "by_state": by("state"), "by_place": by("place"),
        "by_product": dict(Counter(product for thing in objects if (product := product_of(thing)))),
        "by_consignee": dict(Counter(party for told in objects.values() for party in told["consignees"])),
    }  # fmt: skip


def got(world: World, objects: dict[str, dict[str, Any]]) -> dict[str, tuple[int, list[tuple[str, Fraction, str]]]]:
    """By consignee: how many objects, and quantities by product and unit."""
    amounts: dict[str, dict[tuple[str, str], Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    counts = Counter(party for told in objects.values() for party in told["consignees"])
    for thing, told in objects.items():
        product = product_of(thing)
        if product is None:
            continue
        for party in told["consignees"]:
            if kind_of(thing) == "item":
                amounts[party][product, "EA"] += 1
        if kind_of(thing) != "item":
            _sent(world, thing, product, amounts)
    return {
        party: (count, [(product, value, unit) for (product, unit), value in sorted(amounts[party].items())])
        for party, count in counts.items()
    }


def _sent(world: World, thing: str, product: str, amounts: dict[str, dict[tuple[str, str], Fraction]]) -> None:
    """What the shipping events name, or what the stays then held."""
    for one in world.on.get(thing, ()):
        event = one.event
        if event.step not in SHIPS:
            continue
        named = [mention for mention in event.mentions if mention.key == thing]
        given = [(mention.value, mention.unit) for mention in named if mention.value is not None]
        if not named:
            given = [(in_unit(held, unit), unit) for held, unit in world.shipped[event.id, thing] if held is not None]
        for party in event.consignees:
            for value, unit in given:
                assert value is not None
                amounts[party][product, unit or "EA"] += value


def processes(world: World, direction: str, seeds: set[str], there: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Those by which something was reached, with all their events."""
    found = {}
    whole = whole_lots(world, seeds) if direction == "backward" else set()
    for name in set(world.inputs) | set(world.outputs):
        inputs, outputs = world.inputs[name], world.outputs[name]
        if direction == "forward":
            by_lot = any(
                lot in inputs and item in there and item not in inputs | outputs for item, lot in world.members
            )
            leads_on = by_lot or any(thing in there and leads(thing, seeds) for thing in inputs)
            shown = bool(outputs) and leads_on
        else:
            direct = any(thing in there and leads(thing, seeds) for thing in outputs)
            by_lot = any(world.lots(one) & whole for one in outputs)
            shown = bool(inputs) and (direct or by_lot)
        if shown:
            found[name] = _process(world, name)
    return found


def _process(world: World, name: str) -> tuple[Any, ...]:
    mine = [event for event in world.events if event.process == name]
    place = next((event.place for event in reversed(mine) if event.place), None)
    resource = next((min(event.resources) for event in reversed(mine) if event.resources), None)
    order = name[2:] if name.startswith("t:") else None
    return [event.id for event in mine], order, place, resource, mine[0].at, mine[-1].at
