"""EPCIS events of a plant as bytes, made beforehand, so that the client's own work does not count."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from schemas.epcis.document import StoredEvent
from schemas.epcis.reader import read_json_document
from schemas.epcis.xml.answers import write_document
from schemas.identifiers import check_digit
from schemas.times import utc_text

HOST: Final = "https://id.gs1.org"


def _checked(digits: str) -> str:
    return digits + check_digit(digits)


_GLN: Final = _checked("952100000001")
PLANT, DOCK = f"{HOST}/414/{_GLN}/254/line1", f"{HOST}/414/{_GLN}/254/dock"
SUPPLIER, CUSTOMER = f"{HOST}/417/{_checked('952100000002')}", f"{HOST}/417/{_checked('952100000003')}"
_RAW, _UNIT = f"{HOST}/01/{_checked('0952100000001')}/10/", f"{HOST}/01/{_checked('0952100000002')}/21/"
FANNED: Final = 1_000
"""Units made of each lot of `fan`."""
_CONTEXT: Final = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
_START_US: Final = 1_780_000_000_000_000
_HEAD: Final = (
    b'{"@context":["' + _CONTEXT.encode() + b'"],"type":"EPCISDocument","schemaVersion":"2.0",'
    b'"creationDate":"2026-06-01T00:00:00Z","epcisBody":{"eventList":['
)


def events(count: int, seed: int = 1, *, rich: bool = False) -> Iterator[bytes]:
    """That many events: of every ten a lot received, one made into four units, each inspected, packed, put on a pallet
    and shipped. Ids are random UUIDs, as clients give them, so that every index is met at random. `rich` ones have what
    EPCIS can ask for beside: a transformationID, a temperature, a business location."""
    chance = random.Random(seed)
    for number in range(count):
        body = _event(seed, number // 10, number % 10)
        body["eventID"] = f"urn:uuid:{UUID(int=chance.getrandbits(128), version=4)}"
        body["eventTime"], body["eventTimeZoneOffset"] = utc_text(_START_US + number * 1_000_000), "+08:00"
        if rich:
            body |= _more(seed, number // 10, number % 10)
        yield json.dumps(body, separators=(",", ":")).encode()


def _more(seed: int, round_: int, step: int) -> dict[str, Any]:
    if step == 1:
        return {"transformationID": f"urn:epcglobal:cbv:bt:9521000000012:MO-{seed}-{round_}"}
    if 1 < step < 6:
        report = {"type": "Temperature", "value": 1000 * seed + round_ / 100, "uom": "CEL"}
        return {"sensorElementList": [{"sensorReport": [report]}]}
    return {"bizLocation": {"id": DOCK}}


def lot(seed: int, round_: int) -> str:
    """The lot received in a round."""
    return f"{_RAW}R{seed}-{round_}"


def unit(seed: int, round_: int, n: int) -> str:
    """A unit made in a round of ten events; n from 0 to 3."""
    return f"{_UNIT}{seed}-{round_}-{n}"


def container(seed: int, round_: int, level: int) -> str:
    """The case (level 0) or pallet (level 1) of a round."""
    return f"{HOST}/00/{_checked(f'{level}9521000{seed % 1000:03}{round_:06}')}"


def _event(seed: int, round_: int, step: int) -> dict[str, Any]:
    raw = [lot(seed, round_ - back) for back in (0, 1)]
    units = [unit(seed, round_, n) for n in range(4)]
    case, pallet = container(seed, round_, 0), container(seed, round_, 1)
    if step == 0:
        received = {"epcClass": raw[0], "quantity": 250.5, "uom": "KGM"}
        return _seen("receiving", DOCK, quantityList=[received], bizTransactionList=[_order(seed, round_)],
                     sourceList=[{"type": "possessing_party", "source": SUPPLIER}])  # fmt: skip
    if step == 1:
        inputs = [{"epcClass": one, "quantity": 100, "uom": "KGM"} for one in raw]
        return {"type": "TransformationEvent", "bizStep": "commissioning", "readPoint": {"id": PLANT},
                "inputQuantityList": inputs, "outputEPCList": units,
                "ilmd": {"cbvmda:lotNumber": f"L{seed}-{round_ // 10}"}}  # fmt: skip
    if step < 6:
        return _seen("inspecting", PLANT, epcList=[units[step - 2]])
    if step == 6:
        return _packed(case, units)
    if step == 7:
        return _seen("storing", DOCK, epcList=[case])
    if step == 8:
        return _packed(pallet, [case])
    return _seen("shipping", DOCK, epcList=[pallet], bizTransactionList=[_order(seed, round_)],
                 destinationList=[{"type": "possessing_party", "destination": CUSTOMER}])  # fmt: skip


def _seen(step: str, place: str, **what: Any) -> dict[str, Any]:
    return {"type": "ObjectEvent", "action": "OBSERVE", "bizStep": step, "readPoint": {"id": place}, **what}


def _packed(parent: str, children: list[str]) -> dict[str, Any]:
    return {"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "readPoint": {"id": PLANT},
            "parentID": parent, "childEPCs": children}  # fmt: skip


def _order(seed: int, round_: int) -> dict[str, str]:
    return {"type": "po", "bizTransaction": f"urn:epcglobal:cbv:bt:9521000000012:{seed}-{round_ // 20}"}


def document(some: Iterable[bytes]) -> bytes:
    """An EPCIS document of these events."""
    return _HEAD + b",".join(some) + b"]}}"


def documents(count: int, size: int, seed: int = 1, *, rich: bool = False) -> list[bytes]:
    """EPCIS documents of `size` events each, `count` events together."""
    found = list(events(count, seed, rich=rich))
    return [document(found[at : at + size]) for at in range(0, count, size)]


def fan(lots: int, seed: int = 1) -> list[bytes]:
    """Documents of one lot that went into others, and each of these into a thousand units."""
    root, first = fan_root(seed), seed * 1_000_000
    quantities = [{"epcClass": f"{root}-{lot}", "quantity": 1, "uom": "KGM"} for lot in range(lots)]
    made = [_blended(first, root, outputQuantityList=quantities)]
    for lot in range(lots):
        units = [fanned(lot, n, seed) for n in range(FANNED)]
        made.append(_blended(first + 1 + lot, f"{root}-{lot}", outputEPCList=units))
    return [document(made[at : at + 20]) for at in range(0, len(made), 20)]


def fan_root(seed: int = 1) -> str:
    """The lot that `fan` begins with."""
    return f"{_RAW}FAN{seed}"


def fanned(lot: int, n: int, seed: int = 1) -> str:
    """A unit of `fan`; n from 0 to 999."""
    return f"{_UNIT}F{seed}-{lot}-{n}"


def _blended(number: int, source: str, **made: Any) -> bytes:
    """A transformation of one lot; its number gives its id and its time."""
    return json.dumps(
        {
            "type": "TransformationEvent", "eventID": UUID(int=number, version=4).urn,
            "eventTime": utc_text(_START_US + number * 1_000), "eventTimeZoneOffset": "+08:00",
            "readPoint": {"id": PLANT}, **made,
            "inputQuantityList": [{"epcClass": source, "quantity": 1, "uom": "KGM"}],
        }
    ).encode()  # fmt: skip


def in_xml(document: bytes) -> bytes:
    """The same document in XML."""
    events = [
        StoredEvent(one.raw, one.context, one.data["eventID"], one.data["eventTime"])
        for one in read_json_document(document).events
    ]
    return write_document(events, created="2026-06-01T00:00:00Z")
