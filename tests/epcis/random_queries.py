# ruff: noqa: E501 - the parameters are a table
"""Random events and random queries over a small world, so that every parameter meets something.

Objects, places and ids have several spellings; `same` gives the one name that the slow filter compares.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.epcis.asking import event

Spelled = tuple[str, ...]
ITEMS: list[Spelled] = [
    (f"{cls}/21/{serial}", f"urn:epc:id:sgtin:{urn}.{serial}", f"https://example.com/shop{cls[18:]}/21/{serial}")
    for cls, urn in (
        ("https://id.gs1.org/01/09506000000039", "9506000.000003"),
        ("https://id.gs1.org/01/70614141123451", "0614141.712345"),
    )
    for serial in ("S1", "S2", "S3")
]
CLASSES: list[Spelled] = [
    ("https://id.gs1.org/01/09506000000039", "urn:epc:idpat:sgtin:9506000.000003.*"),
    ("https://id.gs1.org/01/70614141123451", "urn:epc:idpat:sgtin:0614141.712345.*"),
]
LOTS: list[Spelled] = [
    (f"https://id.gs1.org/01/70614141123451/10/{lot}", f"urn:epc:class:lgtin:0614141.712345.{lot}")
    for lot in ("L1", "L2")
]
CASES: list[Spelled] = [("https://id.gs1.org/00/106141412345678908", "urn:epc:id:sscc:0614141.1234567890")]
PLACES: list[Spelled] = [
    ("https://id.gs1.org/414/0614141073467", "urn:epc:id:sgln:0614141.07346.0"),
    ("https://id.gs1.org/414/0614141073467/254/1", "urn:epc:id:sgln:0614141.07346.1"),
    ("https://example.org/place/3",),
    ("urn:example:place:4",),
]
BELOW = {PLACES[2][0]: [PLACES[0][0], PLACES[3][0]], PLACES[0][0]: [PLACES[1][0]], PLACES[1][0]: [PLACES[2][0]]}
PAPERS: list[Spelled] = [("urn:example:po:1",), ("https://example.org/po/2",)]
STEPS = {"shipping": "BizStep-shipping", "receiving": "BizStep-receiving", "packing": "BizStep-packing"}
DISPOSITIONS = ("in_transit", "in_progress", "damaged", "https://example.org/disp/odd")
UNITS = ("KGM", "GRM", "LBR")
HEATS = ("CEL", "KEL", "FAH")
_NAMES = {one: spelled[0] for spelled in (*ITEMS, *CLASSES, *LOTS, *CASES, *PLACES, *PAPERS) for one in spelled}


def same(text: str) -> str:
    """The one name of a thing in any spelling."""
    return _NAMES.get(text, text)


class World:
    """Events and queries of one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def any(self, things: Sequence[Any]) -> Any:
        found = self._random.choice(things)
        return self._random.choice(found) if isinstance(found, tuple) else found

    def some(self, things: Sequence[Any], most: int = 3) -> list[Any]:
        return list({same(one) if isinstance(one, str) else one: one for one in (self.any(things) for _ in range(self._random.randint(1, most)))}.values())  # fmt: skip

    def maybe(self, chance: float) -> bool:
        return self._random.random() < chance

    def time(self) -> str:
        minute = self._random.randint(0, 20)
        return self.any([f"2026-03-02T08:{minute:02d}:00Z", f"2026-03-02T16:{minute:02d}:00.000+08:00"])

    def number(self) -> Any:
        return self.any([0, 1, 2.5, 10, 20, 68, 293.15, -4, 0.001, 1000])

    def quantity(self) -> dict[str, Any]:
        found: dict[str, Any] = {"epcClass": self.any([*LOTS, *CLASSES]), "quantity": abs(self.number()) + 1}
        return {**found, "uom": self.any(UNITS)} if self.maybe(0.8) else found

    def event(self, number: int) -> dict[str, Any]:
        kind = self.any(["ObjectEvent", "ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"])  # fmt: skip
        more: dict[str, Any] = {"type": kind, "eventTime": self.time(), "epcList": None, "action": None}
        if kind != "TransformationEvent":
            more["action"] = self.any(["ADD", "OBSERVE", "DELETE"])
        more |= self._what(kind)
        if self.maybe(0.8):
            more["bizStep"] = self.any([*STEPS, "https://example.org/step/odd"])
        if self.maybe(0.6):
            more["disposition"] = self.any(DISPOSITIONS)
        for place in ("readPoint", "bizLocation"):
            if self.maybe(0.7):
                more[place] = {"id": self.any(PLACES)} | ({"ex:gate": self.any(["A", "B"])} if self.maybe(0.3) else {})
        why = self._why(kind)
        if more["action"] in ("OBSERVE", "DELETE"):
            why.pop("ilmd", None)
        return event(number, **more, **why)

    def _what(self, kind: str) -> dict[str, Any]:
        if kind == "TransformationEvent":
            return {
                "inputEPCList": self.some(ITEMS), "outputEPCList": self.some(ITEMS),
                "inputQuantityList": [self.quantity()], "outputQuantityList": [self.quantity()],
                **({"transformationID": self.any(["urn:example:order:1", "urn:example:order:2"])} if self.maybe(0.5) else {}),
            }  # fmt: skip
        if kind in ("AggregationEvent", "AssociationEvent"):
            return {"parentID": self.any([*CASES, *ITEMS]), "childEPCs": self.some(ITEMS), "childQuantityList": [self.quantity()]}  # fmt: skip
        found: dict[str, Any] = {"epcList": self.some([*ITEMS, *CASES]), "quantityList": [self.quantity()]}
        if kind == "TransactionEvent":
            found["bizTransactionList"] = [{"type": "po", "bizTransaction": self.any(PAPERS)}]
        return found

    def _why(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, member in (("sourceList", "source"), ("destinationList", "destination")):
            if self.maybe(0.3):
                found[name] = [{"type": self.any(["location", "possessing_party"]), member: self.any(PLACES)}]
        if kind != "TransactionEvent" and self.maybe(0.4):
            found["bizTransactionList"] = [{"type": self.any(["po", "inv"]), "bizTransaction": self.any(PAPERS)}]
        if self.maybe(0.3):
            found["persistentDisposition"] = {self.any(["set", "unset"]): self.some(DISPOSITIONS, 2)}
        if self.maybe(0.3) and kind in ("ObjectEvent", "TransformationEvent"):
            found["ilmd"] = {"ex:grade": self.any(["A", "B", 1]), "cbvmda:lotNumber": self.any(["L1", "0012"])}
        for name, value in (
            ("ex:amount", self.number()), ("ex:note", self.any(["red", "12", "0012", "12.0", self.time()])),
            ("ex:box", {"ex:size": self.number(), "ex:lid": {"ex:note": self.any(["red", "blue"])}}),
            ("ex:many", [self.any(["a", "b"]), self.number(), self.number()]),
        ):  # fmt: skip
            if self.maybe(0.35):
                found[name] = value
        if self.maybe(0.4):
            found["sensorElementList"] = [self._sensor() for _ in range(self.any([1, 2]))]
        return found

    def _sensor(self) -> dict[str, Any]:
        report: dict[str, Any] = {
            "type": self.any(["Temperature", "Mass"]),
            "value": self.number(),
            "uom": self.any(HEATS),
        }
        if self.maybe(0.4):
            report |= {"sDev": abs(self.number()), "minValue": self.number(), "ex:probe": self.any(["p1", "p2"])}
        if self.maybe(0.3):
            report |= {"stringValue": self.any(["ok", "bad"]), "booleanValue": self.any([True, False]), "percRank": self.any([5, 50])}  # fmt: skip
        found: dict[str, Any] = {"sensorReport": [report]}
        if self.maybe(0.3):
            found["sensorReport"] += [{"type": "Temperature", "value": self.number(), "uom": self.any(HEATS), "time": self.time()}]  # fmt: skip
        if self.maybe(0.5):
            found["sensorMetadata"] = {"time": self.time(), "deviceID": self.any(["urn:example:device:1", "urn:example:device:2"])}  # fmt: skip
        if self.maybe(0.3):
            found["ex:batch"] = self.any(["x", "y"])
        return found

    def history(self, count: int) -> list[dict[str, Any]]:
        """Events, some of them declarations of earlier ones."""
        found = [self.event(number) for number in range(count)]
        for wrong in self._random.sample(found, count // 12):
            declaration = {"declarationTime": self.time(), "reason": self.any(["did_not_occur", "incorrect_data"])}
            if self.maybe(0.5):
                declaration["correctiveEventIDs"] = [self.any([one["eventID"] for one in found])]
            found.append({**wrong, "errorDeclaration": declaration})
        return found

    def query(self) -> dict[str, list[str]]:
        """One to three parameters, or two bounds of one field, and perhaps an order."""
        made = dict(self._random.choice(PARAMETERS)(self) for _ in range(self.any([1, 1, 2, 3])))
        if self.maybe(0.2):
            made = self.between()
        for name in [one for one in made if one.replace("https://example.org/ns/#", "ex:") != one]:
            if name.replace("https://example.org/ns/#", "ex:") in made:  # refused as given twice
                del made[name]
        if self.maybe(0.5):
            made["orderBy"] = [self.any(["eventTime", "recordTime", "ex:amount"])]
            made["orderDirection"] = [self.any(["ASC", "DESC"])]
            if self.maybe(0.3):
                made["eventCountLimit"] = [str(self.any([1, 3, 17]))]
        return made

    def between(self) -> dict[str, list[str]]:
        """Two bounds of one field, each in a unit of its own where there are units, either the greater."""
        made = self._random.choice(RANGES)
        return dict([made(self, self.any(["GE", "GT"])), made(self, self.any(["LT", "LE"]))])

    def ordering(self) -> str:
        return str(self.any(["GE", "LT", "GT", "LE", "EQ"]))


def _word(world: World, word: str) -> str:
    return str(world.any([word, "https://ref.gs1.org/cbv/" + STEPS[word], f"urn:epcglobal:cbv:bizstep:{word}"])) if word in STEPS else word  # fmt: skip


Made = tuple[str, list[str]]
PARAMETERS: list[Callable[[World], Made]] = [
    lambda w: ("eventType", w.some(["ObjectEvent", "AggregationEvent", "TransformationEvent"])),
    lambda w: ("EQ_action", w.some(["ADD", "OBSERVE", "DELETE"], 2)),
    lambda w: ("EQ_bizStep", w.some([*STEPS, "https://example.org/step/odd"])),
    lambda w: ("EQ_disposition", w.some(DISPOSITIONS)),
    lambda w: (f"EQ_persistentDisposition_{w.any(['set', 'unset'])}", w.some(DISPOSITIONS)),
    lambda w: (f"{w.any(['EQ', 'WD'])}_{w.any(['readPoint', 'bizLocation'])}", w.some(PLACES, 2)),
    lambda w: (f"{w.any(['GE', 'LT'])}_eventTime", [w.time()]),
    lambda w: (f"MATCH_{w.any(['epc', 'parentID', 'inputEPC', 'outputEPC', 'anyEPC'])}", w.some([*ITEMS, *CASES, *CLASSES])),
    lambda w: (f"MATCH_{w.any(['epcClass', 'inputEPCClass', 'outputEPCClass', 'anyEPCClass'])}", w.some([*LOTS, *CLASSES])),
    lambda w: ("EQ_transformationID", w.some(["urn:example:order:1", "urn:example:order:2", "urn:example:order:3"])),
    lambda w: ("EQ_eventID", [event(w.any(range(90)))["eventID"] for _ in range(3)]),
    lambda w: (f"{w.ordering()}_quantity", [str(w.number())]),
    lambda w: (f"{w.ordering()}_quantity_{w.any(UNITS)}", [str(w.number())]),
    lambda w: (f"{w.ordering()}_{w.any(['value', 'minValue', 'sDev'])}_{w.any(HEATS)}", [str(w.number())]),
    lambda w: (f"EQ_bizTransaction_{w.any(['po', 'inv'])}", w.some(PAPERS, 2)),
    lambda w: (f"EQ_{w.any(['source', 'destination'])}_{w.any(['location', 'possessing_party'])}", w.some(PLACES)),
    lambda w: ("EXISTS_errorDeclaration", ["true"]),
    lambda w: (f"{w.any(['GE', 'LT'])}_errorDeclarationTime", [w.time()]),
    lambda w: ("EQ_errorReason", w.some(["did_not_occur", "incorrect_data"])),
    lambda w: ("EQ_correctiveEventID", [event(w.any(range(90)))["eventID"] for _ in range(9)]),
    lambda w: ("EXISTS_sensorElementList", ["1"]),
    lambda w: ("EQ_type", w.some(["Temperature", "Mass", "Speed"], 2)),
    lambda w: ("EQ_deviceID", w.some(["urn:example:device:1", "urn:example:device:2"], 2)),
    lambda w: ("EQ_stringValue", w.some(["ok", "bad", "none"], 2)),
    lambda w: ("EQ_booleanValue", [w.any(["true", "false"])]),
    lambda w: (f"{w.any(['GE', 'LT', 'GT', 'LE'])}_percRank", [w.any(["5", "20", "50.0"])]),
    lambda w: (f"{w.any(['GE', 'LT'])}_time", [w.time()]),
    lambda w: (f"{w.ordering()}_{w.any(['ex:amount', 'https://example.org/ns/#amount', 'ex:many'])}", [str(w.number())]),
    lambda w: (f"EQ_{w.any(['ex:note', 'ex:many'])}", w.some(["red", "12", "0012", "a", w.time()])),
    lambda w: (f"{w.any(['GE', 'LT'])}_ex:note", [w.any(["12", "12.00", w.time()])]),
    lambda w: (f"EXISTS_{w.any(['ex:box', 'ex:many', 'INNER_ex:size', 'INNER_ex:note', 'ILMD_ex:grade', 'SENSORELEMENT_ex:batch'])}", ["true"]),
    lambda w: (f"{w.ordering()}_INNER_ex:size", [str(w.number())]),
    lambda w: ("EQ_INNER_ex:note", w.some(["red", "blue"])),
    lambda w: ("EQ_ILMD_ex:grade", w.some(["A", "B", "1"])),
    lambda w: ("EQ_ILMD_cbvmda:lotNumber", w.some(["L1", "12", "0012"])),
    lambda w: ("EQ_SENSORREPORT_ex:probe", w.some(["p1", "p2"])),
    lambda w: ("EQ_SENSORELEMENT_ex:batch", w.some(["x", "y"])),
    lambda w: (f"EQ_{w.any(['readPoint', 'bizLocation'])}_ex:gate", w.some(["A", "B"])),
]  # fmt: skip
RANGES: list[Callable[[World, str], Made]] = [
    lambda w, op: (f"{op}_{w.any(['value', 'minValue', 'sDev'])}_{w.any(HEATS)}", [str(w.number())]),
    lambda w, op: (f"{op}_value_{w.any(HEATS)}", [str(w.number())]),
    lambda w, op: (f"{op}_quantity_{w.any(UNITS)}", [str(w.number())]),
    lambda w, op: (f"{op}_quantity", [str(w.number())]),
    lambda w, op: (f"{op}_percRank", [w.any(["5", "20", "50.0"])]),
    lambda w, op: ({"GT": "GE", "LE": "LT"}.get(op, op) + "_time", [w.time()]),
    lambda w, op: (f"{op}_{w.any(['ex:many', 'ex:amount', 'INNER_ex:size'])}", [str(w.number())]),
    lambda w, op: (f"{op}_ex:note", [w.any(["12", "12.00", w.time()])]),
]
"""A lower or an upper bound of one field, by the operator."""
