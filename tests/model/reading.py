"""The slow model reads an event: keys (trace.md section 1), instants with every digit, amounts, and who is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from urllib.parse import quote, unquote

HOST = "https://id.gs1.org"
UNITS = {
    None: ("count", Fraction(1)),
    "C62": ("count", Fraction(1)),
    "H87": ("count", Fraction(1)),
    "EA": ("count", Fraction(1)),
    "KGM": ("mass", Fraction(1)),
    "GRM": ("mass", Fraction(1, 1000)),
    "LBR": ("mass", Fraction("0.45359237")),
    "LTR": ("volume", Fraction(1)),
    "MLT": ("volume", Fraction(1, 1000)),
}
LISTS = {
    "epcList": "epc",
    "quantityList": "quantity",
    "childEPCs": "child",
    "childQuantityList": "child_quantity",
    "inputEPCList": "input",
    "inputQuantityList": "input_quantity",
    "outputEPCList": "output",
    "outputQuantityList": "output_quantity",
}
SHIPS = ("shipping", "departing")
Amount = tuple[str, Fraction] | None
"""Dimension and value in its base unit; None where nothing is given."""


def instant(text: str) -> Fraction:
    """Microseconds since 1970 with every digit given."""
    found = re.fullmatch(r"(.{10}T.{8})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text)
    assert found, text
    whole, digits, offset = found.groups()
    moment = datetime.fromisoformat(whole + ("+00:00" if offset == "Z" else offset)).astimezone(UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = since.days * 86400 + since.seconds
    return (seconds + Fraction(int(digits or 0), 10 ** len(digits or ""))) * 1_000_000


def check_digit(digits: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def key_of(text: str) -> tuple[str, str | None]:
    """Canonical key, and the lot that a Digital Link names beside a serial. For the spellings the histories use."""
    urn = re.fullmatch(r"urn:epc:(?:id|class|idpat):(\w+):(\d+)\.(\w+)(?:\.([^/]+))?", text)
    if urn:
        return _of_urn(*urn.groups()), None
    link = re.fullmatch(
        r"https?://[^/?#]+(?:/[a-z.]+)*/(00|01|414|417|8004)/([^/?#]+)((?:/[^/?#]+)*?)/?([?#].*)?", text
    )
    if not link:
        return text, None
    number, value, rest = link.group(1), link.group(2), link.group(3).split("/")[1:]
    pairs = dict(zip(rest[::2], rest[1::2], strict=False))
    if number == "01":
        value = value.rjust(14, "0")
    if number != "8004" and check_digit(value[:-1]) != value[-1]:
        return text, None
    if set(pairs) - ({"10", "21", "22"} if number == "01" else {"254"} if number == "414" else set()):
        return text, None
    base = f"{HOST}/{number}/{value}"
    lot = f"{base}/10/{spelled(unquote(pairs['10']))}" if "10" in pairs else None
    if "21" in pairs:
        return f"{base}/21/{spelled(unquote(pairs['21']))}", lot
    if pairs.get("254", "0") != "0":
        return f"{base}/254/{pairs['254']}", None
    return lot or base, None


def _of_urn(scheme: str, prefix: str, reference: str, last: str | None) -> str:
    if scheme == "sscc":
        body = reference[0] + prefix + reference[1:]
        return f"{HOST}/00/{body}{check_digit(body)}"
    if scheme == "sgln":
        body = prefix + reference
        return f"{HOST}/414/{body}{check_digit(body)}" + (f"/254/{last}" if last not in (None, "0") else "")
    if scheme == "pgln":
        body = prefix + reference
        return f"{HOST}/417/{body}{check_digit(body)}"
    body = reference[0] + prefix + reference[1:]
    product = f"{HOST}/01/{body}{check_digit(body)}"
    if last == "*":
        return product
    assert last
    return f"{product}/{'10' if scheme == 'lgtin' else '21'}/{spelled(unquote(last))}"


def spelled(text: str) -> str:
    return quote(text, safe="-._~")


def key(text: str) -> str:
    return key_of(text)[0]


def kind_of(key: str) -> str:
    if not key.startswith(HOST) or (key.startswith(f"{HOST}/01/") and key_of(key)[0] != key):
        return "other"
    if "/01/" not in key:
        return "logistic_unit" if "/00/" in key else "asset" if "/8004/" in key else "other"
    number = key.split("/")[4]
    if len(number) != 14 or check_digit(number[:-1]) != number[-1]:
        return "other"
    return "item" if "/21/" in key else "lot" if "/10/" in key else "product"


def product_of(key: str) -> str | None:
    return "/".join(key.split("/")[:5]) if kind_of(key) in ("item", "lot", "product") else None


def amount(quantity: Any, unit: str | None) -> Amount:
    if quantity is None:
        return None
    dimension, factor = UNITS.get(unit, (str(unit), Fraction(1)))
    return dimension, Fraction(str(quantity)) * factor


def in_unit(given: tuple[str, Fraction], unit: str | None) -> Fraction:
    return given[1] / UNITS.get(unit, ("", Fraction(1)))[1]


def summed(amounts: list[Amount]) -> Amount:
    """Nothing where one is missing or of another dimension."""
    if not amounts or None in amounts or len({one[0] for one in amounts if one}) != 1:
        return None
    return amounts[0][0], sum((one[1] for one in amounts if one), Fraction(0))  # type: ignore[index]


@dataclass(frozen=True)
class Mention:
    key: str
    role: str
    amount: Amount = None
    value: Fraction | None = None
    unit: str | None = None


@dataclass
class Event:
    """One event in force, read plainly."""

    data: dict[str, Any]
    record_us: int
    mentions: list[Mention] = field(default_factory=list)
    members: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        data = self.data
        self.id: str = data["eventID"]
        self.at = instant(data["eventTime"])
        self.order = (self.at, self.record_us, self.id)
        self.step, self.disposition = _word(data.get("bizStep")), _word(data.get("disposition"))
        self.action = data.get("action")
        self.type: str = data["type"]
        self.link = {"AssociationEvent": 2, "AggregationEvent": 1}.get(self.type, 0)
        if self.link and self.step in ("assembling", "installing", "disassembling", "removing"):
            self.link = 2
        shared = data.get("transformationID")
        self.process = None
        if self.type == "TransformationEvent":
            self.process = f"t:{shared}" if shared else f"e:{self.id}"
        self.read_point = key(data["readPoint"]["id"]) if "readPoint" in data else None
        self.location = key(data["bizLocation"]["id"]) if "bizLocation" in data else None
        self.place = self.location or self.read_point
        self.resources = [key(one) for one in _listed(data.get("stemma:resource"))]
        self.resources += [key(one["sensorMetadata"]["deviceID"]) for one in data.get("sensorElementList", ())]
        self.operators = _listed(data.get("stemma:operator"))
        self.destroys = self.step == "destroying" or self.disposition == "destroyed"
        self._what()

    def _what(self) -> None:
        if "parentID" in self.data:
            self._name("parent", self.data["parentID"], {})
        for name, role in LISTS.items():
            for one in self.data.get(name, ()):
                given = {"epcClass": one} if isinstance(one, str) else one
                self._name(role, given["epcClass"], given)
        number = next((value for name, value in self.data.get("ilmd", {}).items() if name.endswith(":lotNumber")), None)
        for one in self.mentions:
            made = one.role.startswith("output")
            added = one.role == "epc" and self.type == "ObjectEvent" and self.action == "ADD"
            if number and (made or added) and kind_of(one.key) == "item":
                self.members.add((one.key, f"{product_of(one.key)}/10/{spelled(number)}"))

    def _name(self, role: str, text: str, given: dict[str, Any]) -> None:
        name, lot = key_of(text)
        value, unit = given.get("quantity"), given.get("uom")
        number = None if value is None else Fraction(str(value))
        self.mentions.append(Mention(name, role, amount(value, unit), number, unit))
        if lot:
            self.members.add((name, lot))

    def of(self, *roles: str) -> list[str]:
        return list(dict.fromkeys(one.key for one in self.mentions if one.role in roles))

    @property
    def inputs(self) -> list[str]:
        return self.of("input", "input_quantity")

    @property
    def outputs(self) -> list[str]:
        return self.of("output", "output_quantity")

    @property
    def parent(self) -> str | None:
        return next(iter(self.of("parent")), None)

    @property
    def named(self) -> set[str]:
        return {one.key for one in self.mentions}

    @property
    def consignees(self) -> list[str]:
        """Parties of its destinationList, locations only where no party is given."""
        if self.step not in SHIPS:
            return []
        given = self.data.get("destinationList", [])
        parties = {key(one["destination"]) for one in given if one["type"] != "location"}
        return sorted(parties or {key(one["destination"]) for one in given})


def _listed(given: Any) -> list[str]:
    return [] if given is None else [given] if isinstance(given, str) else list(given)


def _word(text: str | None) -> str | None:
    """CBV words bare, as URN or as Web URI; anything else stays what it is (R3)."""
    if text is None:
        return None
    return re.sub(r"^(urn:epcglobal:cbv:(bizstep|disp):|https://ref\.gs1\.org/cbv/(BizStep|Disp)-)", "", text)
