"""Small tangled histories and questions from a seed: few names, so that everything meets everything."""

from __future__ import annotations

import random
from typing import Any

HOST = "https://id.gs1.org"
PRODUCTS = [f"{HOST}/01/{gtin}" for gtin in ("09506000000015", "09506000000022")]
LOTS = [f"{product}/10/{lot}" for product in PRODUCTS for lot in ("A", "B")]
ITEMS = [f"{product}/21/{serial}" for product in PRODUCTS for serial in ("1", "2", "3")]
BOXES = [f"{HOST}/00/09506000000000{n}" for n in ("0015", "0022", "0039")] + ["urn:plant:tote:1"]
PLACES = [f"{HOST}/414/9506000000015", f"{HOST}/414/9506000000022"]
PARTIES = [f"{HOST}/417/9506000000091", f"{HOST}/417/9506000000084"]
MACHINES = ["urn:plant:machine:1", "urn:plant:machine:2"]
OPERATORS = ["urn:plant:badge:li", "urn:plant:badge:wu"]
CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"stemma": "urn:stemma:ns:1:", "cbvmda": "urn:epcglobal:cbv:mda:"},
]
STEPS = ["receiving", "shipping", "departing", "storing", "void_shipping", "retail_selling", "destroying", "inspecting"]
DAY = 86_400_000_000
START = 1_772_400_000_000_000


class Maker:
    """Makes records one after the other."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.sites = random.Random(f"sites {seed}")
        self.made: list[dict[str, Any]] = []
        self.record_us = START + 30 * DAY

    def history(self) -> list[dict[str, Any]]:
        for _ in range(self.random.randint(3, 22)):
            self._record(self._event())
            if self.random.random() < 0.12:
                self._again()
        return self.made

    def _record(self, event: dict[str, Any], source: str = "plant", may_correct: bool = False) -> None:
        self.record_us += self.random.choice((1, 1_000_000, DAY))
        self.made.append({"event": event, "record_us": self.record_us, "source": source, "may_correct": may_correct})

    def _again(self) -> None:
        """A duplicate, a conflict, or a declaration, perhaps from another source."""
        event = self.random.choice(self.made)["event"]
        sort = self.random.random()
        if sort < 0.3:
            self._record(dict(event), self.random.choice(("plant", "partner")))
        elif sort < 0.45 and "errorDeclaration" not in event:
            self._record({**event, "bizStep": "sampling"})
        else:
            declared = {"declarationTime": "2026-04-20T00:00:00Z", "reason": "incorrect_data"}
            source = self.random.choice(("plant", "plant", "partner"))
            self._record({**event, "errorDeclaration": declared}, source, self.random.random() < 0.2)

    def _event(self) -> dict[str, Any]:
        pick = self.random
        minutes = pick.choice((pick.randint(0, 40), pick.randint(0, 40), 7))
        event: dict[str, Any] = {
            "@context": CONTEXT,
            "type": "ObjectEvent",
            "eventID": f"urn:uuid:{len(self.made):08d}-0000-4000-8000-{pick.randint(0, 9999):012d}",
            "eventTime": f"2026-03-02T{8 + minutes // 20:02d}:{minutes % 20:02d}:00.000Z",
            "eventTimeZoneOffset": "+00:00",
        }
        if pick.random() < 0.7:
            event["readPoint"] = {"id": pick.choice(PLACES)}
        if pick.random() < 0.2:
            event["bizLocation"] = {"id": pick.choice(PLACES)}
        if self.sites.random() < 0.4:
            event["stemma:resource"] = self.sites.choice(MACHINES)
        if self.sites.random() < 0.2:
            event["stemma:operator"] = self.sites.choice(OPERATORS)
        make = pick.choice(
            (self._object, self._object, self._process, self._process, self._pack, self._pack, self._fit)
        )
        make(event)
        return event

    def _object(self, event: dict[str, Any]) -> None:
        pick = self.random
        event["action"] = pick.choice(("ADD", "OBSERVE", "OBSERVE", "DELETE"))
        event["bizStep"] = pick.choice([*STEPS, "shipping", "https://plant.example/steps/shipping"])
        if pick.random() < 0.2:
            event["disposition"] = pick.choice(("returned", "destroyed", "in_progress"))
        if pick.random() < 0.7:
            event["epcList"] = self._epcs(ITEMS + BOXES + LOTS[:1])
        if pick.random() < 0.5 or "epcList" not in event:
            event["quantityList"] = self._amounts(LOTS + PRODUCTS[:1])
        if event["action"] == "ADD" and pick.random() < 0.4:
            event["ilmd"] = {"cbvmda:lotNumber": pick.choice("AB")}
        if event["bizStep"] in ("shipping", "departing") and pick.random() < 0.8:
            event["destinationList"] = self._destinations()
        if event["bizStep"] == "receiving" and pick.random() < 0.3:
            event["sourceList"] = [{"type": "possessing_party", "source": pick.choice(PARTIES)}]

    def _destinations(self) -> list[dict[str, str]]:
        pick = self.random
        given = [{"type": "possessing_party", "destination": pick.choice(PARTIES)}]
        place = {"type": "location", "destination": pick.choice(PLACES)}
        return pick.choice((given, [place], [*given, place]))

    def _process(self, event: dict[str, Any]) -> None:
        pick = self.random
        event["type"] = "TransformationEvent"
        if pick.random() < 0.4:
            event["transformationID"] = pick.choice(("urn:plant:order:1", "urn:plant:order:2"))
        sides = pick.choice(("io", "io", "io", "i", "o"))
        if "i" in sides:
            if pick.random() < 0.7:
                event["inputEPCList"] = self._epcs(ITEMS + BOXES + BOXES + LOTS[:1], 2)
            if pick.random() < 0.6 or "inputEPCList" not in event:
                event["inputQuantityList"] = self._amounts(LOTS + PRODUCTS[:1], 2)
        if "o" in sides:
            if pick.random() < 0.7:
                event["outputEPCList"] = self._epcs(ITEMS, 2)
            if pick.random() < 0.5 or "outputEPCList" not in event:
                event["outputQuantityList"] = self._amounts(LOTS, 2)
            if pick.random() < 0.4:
                event["ilmd"] = {"cbvmda:lotNumber": pick.choice("AB")}

    def _pack(self, event: dict[str, Any], kind: str = "AggregationEvent") -> None:
        pick = self.random
        event["type"] = kind
        event["action"] = pick.choice(("ADD", "ADD", "ADD", "DELETE", "OBSERVE"))
        event["parentID"] = pick.choice(BOXES + ([] if kind == "AggregationEvent" else ITEMS))
        event["bizStep"] = pick.choice(("packing", "packing", "unpacking", "shipping", "assembling", "removing"))
        if event["action"] != "DELETE" or pick.random() < 0.6:
            if pick.random() < 0.7:
                event["childEPCs"] = self._epcs(ITEMS + BOXES + LOTS[:1])
            if pick.random() < 0.4 or "childEPCs" not in event:
                event["childQuantityList"] = self._amounts(LOTS + PRODUCTS[:1], 2)
        if event["bizStep"] == "shipping" and pick.random() < 0.7:
            event["destinationList"] = self._destinations()

    def _fit(self, event: dict[str, Any]) -> None:
        self._pack(event, "AssociationEvent")
        event["parentID"] = self.random.choice(ITEMS + BOXES[:1])

    def _epcs(self, among: list[str], most: int = 3) -> list[str]:
        pick = self.random
        chosen = pick.sample(among, pick.randint(1, most))
        return [self._with_lot(epc) if "/21/" in epc and pick.random() < 0.1 else epc for epc in chosen]

    def _with_lot(self, item: str) -> str:
        product, serial = item.split("/21/")
        return f"{product}/10/{self.random.choice('AB')}/21/{serial}"

    def _amounts(self, among: list[str], most: int = 3) -> list[dict[str, Any]]:
        pick = self.random
        found = []
        for lot in pick.sample(among, pick.randint(1, most)):
            element: dict[str, Any] = {"epcClass": lot}
            if pick.random() < 0.9:
                element["quantity"] = pick.choice((1, 2, 5, 10, 2.5))
                if pick.random() < 0.7:
                    element["uom"] = pick.choice(("KGM", "KGM", "GRM", "LTR"))
            found.append(element)
        return found


def questions(seed: int, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Questions on one history: what, which way, what was known and had happened. One of four has a seed that is no
    object, alone or beside one."""
    pick = random.Random(seed)
    asked = []
    for number in range(4):
        known = pick.choice((None, pick.choice(records)["record_us"]))
        happened = pick.choice((None, None, pick.choice(records)["event"]["eventTime"]))
        asked.append(
            {
                "direction": pick.choice(("forward", "backward")),
                "seeds": sorted(set(pick.choices(ITEMS + LOTS + PRODUCTS + BOXES, k=pick.choice((1, 1, 2))))),
                "others": [_other(pick, records)] if number == 3 else [],
                "known_us": known,
                "happened_by": happened,
            }
        )
    if pick.random() < 0.7:
        asked[3]["seeds"] = []
    return asked


def _other(pick: random.Random, records: list[dict[str, Any]]) -> dict[str, Any]:
    times = sorted(pick.choice(records)["event"]["eventTime"] for _ in range(2))
    window = {"from": times[0], "to": times[1]}
    return pick.choice(
        (
            {"product": pick.choice(PRODUCTS)},
            {"container": pick.choice(BOXES), "at": pick.choice((None, times[0]))},
            {"place": pick.choice(PLACES), **window},
            {"place": pick.choice(PLACES), **window},
            {"resource": pick.choice(MACHINES + OPERATORS), **window},
            {"resource": pick.choice(MACHINES), **window},
        )
    )
