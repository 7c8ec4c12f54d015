"""Properties of event identity: what does not matter leaves the hash ID alone, what matters changes it."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.epcis.prehash import content_digest, hash_id, prehash
from schemas.epcis.reader import ReceivedEvent, read_json_event

CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
NAMESPACES = ("https://a.example/ns/", "https://b.example/ns#", "urn:c:ns:")
SEEDS = st.integers(0, 2**32).map(random.Random)

TEXT = st.text("abzAZ019 -_'~é中😀", min_size=1, max_size=6).map(str.strip).filter(bool)
NUMBER = st.tuples(st.integers(-9999, 9999), st.integers(0, 3)).map(lambda pair: scaled(*pair))
LEAF = st.one_of(TEXT, NUMBER, st.booleans())


def scaled(units: int, places: int) -> str:
    """A number text marked with `#`, so that its spelling may vary: 1250, 2 is 12.50."""
    digits = f"{abs(units):0{places + 1}d}"
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
    return f"#{'-' if units < 0 else ''}{whole}{'.' + part if part else ''}"


EXTENSION_NAMES = st.tuples(st.sampled_from(NAMESPACES), st.sampled_from(("a", "b", "colour", "grade")))
EXTENSION = st.recursive(
    LEAF,
    lambda values: st.one_of(
        st.lists(values.filter(lambda value: not isinstance(value, list)), min_size=1, max_size=3),
        st.dictionaries(EXTENSION_NAMES, values, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
EXTENSIONS = st.dictionaries(EXTENSION_NAMES, EXTENSION, max_size=3)
ITEM = st.integers(1, 999_999).map(lambda serial: ("item", serial))
LOT = st.integers(1, 999).map(lambda lot: ("lot", lot))
MOMENT = st.integers(0, 4_000_000_000_000).map(lambda ms: ("time", ms))
QUANTITY = st.fixed_dictionaries(
    {"epcClass": LOT}, optional={"quantity": NUMBER, "uom": st.sampled_from(("KGM", "EA"))}
)
REPORT = st.fixed_dictionaries(
    {"type": st.sampled_from(("measure:Length", "measure:Mass"))},
    optional={"value": NUMBER, "time": MOMENT, "component": st.just("component:x"), "booleanValue": st.booleans()},
)
EVENT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(("ObjectEvent", "TransformationEvent")),
        "eventTime": MOMENT,
        "eventTimeZoneOffset": st.just("+01:00"),
        "bizStep": st.sampled_from(("step:shipping", "step:packing", "https://a.example/step/own")),
    },
    optional={
        "disposition": st.just("disposition:in_transit"),
        "epcList": st.lists(ITEM, min_size=1, max_size=3),
        "parentID": ITEM,
        "quantityList": st.lists(QUANTITY, min_size=1, max_size=3),
        "readPoint": st.just({"id": ("place", 7)}),
        "sourceList": st.just([{"type": "party:location", "source": ("place", 7)}]),
        "bizTransactionList": st.just([{"type": "transaction:po", "bizTransaction": "https://a.example/po/1"}]),
        "persistentDisposition": st.just({"set": ["disposition:recalled", "disposition:damaged"]}),
        "sensorElementList": st.lists(
            st.fixed_dictionaries({"sensorReport": st.lists(REPORT, min_size=1, max_size=2)}), min_size=1, max_size=2
        ),
        "ilmd": EXTENSIONS,
        "errorDeclaration": st.fixed_dictionaries(
            {"declarationTime": MOMENT, "reason": st.just("reason:incorrect_data")}
        ),
    },
)

WEB = "https://ref.gs1.org/cbv/"
WORDS = {
    "step": WEB + "BizStep-",
    "disposition": WEB + "Disp-",
    "party": WEB + "SDT-",
    "transaction": WEB + "BTT-",
    "reason": WEB + "ER-",
    "component": WEB + "Comp-",
    "measure": "https://gs1.org/voc/",
}


def check_digit(digits: str) -> str:
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


class Speller:
    """Writes an event in one of its many spellings."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        names = chance.sample(["x", "y", "z", "ext", "m1"], k=len(NAMESPACES))
        self.prefixes = dict(zip(NAMESPACES, names, strict=True))

    def whole(self, event: dict[str, Any], extensions: dict[Any, Any]) -> bytes:
        context = [CONTEXT, *({name: uri} for uri, name in self.prefixes.items())]
        members = {"@context": context, **self.value(event), **self.value(extensions)}
        if self.chance.random() < 0.5:
            members["recordTime"] = "2026-03-02T09:00:00Z"
            members["rdfs:comment"] = "of no account"
        return self.text(self.shuffled(members)).encode()

    def value(self, value: Any) -> Any:
        match value:
            case dict():
                return self.shuffled({self.name(name): self.value(below) for name, below in value.items()})
            case list():
                return self.chance.sample([self.value(below) for below in value], k=len(value))
            case tuple():
                return self.identifier(*value)
            case str() if ":" in value and value.partition(":")[0] in WORDS:
                return self.word(*value.split(":"))
            case _:
                return value

    def shuffled(self, members: dict[str, Any]) -> dict[str, Any]:
        return dict(self.chance.sample(list(members.items()), k=len(members)))

    def name(self, name: Any) -> str:
        return name if isinstance(name, str) else f"{self.prefixes[name[0]]}:{name[1]}"

    def word(self, words: str, word: str) -> str:
        return self.chance.choice((word, WORDS[words] + word))

    def identifier(self, kind: str, number: int) -> str:
        gtin, gln = "0952132112345", "952132100001"
        host = self.chance.choice(("https://id.gs1.org", "https://shop.example/eu", "http://a.example:8080"))
        end = self.chance.choice(("", "?utm=1", "/"))
        match kind:
            case "item":
                link = f"{host}/01/{gtin}{check_digit(gtin)}/21/{number}{end}"
                return self.chance.choice((f"urn:epc:id:sgtin:9521321.012345.{number}", link))
            case "lot":
                link = f"{host}/01/{gtin}{check_digit(gtin)}/10/L%2F{number}{end}"
                return self.chance.choice((f"urn:epc:class:lgtin:9521321.012345.L%2f{number}", link))
            case "place":
                return self.chance.choice(
                    ("urn:epc:id:sgln:9521321.00001.0", f"{host}/414/{gln}{check_digit(gln)}{end}")
                )
            case _:
                return self.moment(number)

    def moment(self, ms: int) -> str:
        zone = timezone(timedelta(minutes=self.chance.choice((0, 60, -330, 840))))
        at = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).astimezone(zone)
        text = at.isoformat(timespec="milliseconds")
        return text[:23] + self.chance.choice(("", "0", "0000", "4999")) + text[23:]

    def text(self, value: Any) -> str:
        match value:
            case dict():
                return "{" + ",".join(f"{self.text(name)}:{self.text(below)}" for name, below in value.items()) + "}"
            case list():
                return "[" + ",".join(map(self.text, value)) + "]"
            case str() if value.startswith("#"):
                return self.number(value[1:])
            case _:
                return json.dumps(value, ensure_ascii=self.chance.random() < 0.5)

    def number(self, text: str) -> str:
        zeros = "0" * self.chance.choice((0, 0, 1, 5))
        return text + (zeros if "." in text else f".{zeros}" if zeros else "")


def spelled(event: Any, extensions: Any, chance: random.Random) -> ReceivedEvent:
    return read_json_event(Speller(chance).whole(event, extensions))


@given(event=EVENT, extensions=EXTENSIONS, one=SEEDS, other=SEEDS)
def test_order_spelling_prefix_offset_and_zeros_do_not_matter(
    event: dict[str, Any], extensions: dict[Any, Any], one: random.Random, other: random.Random
) -> None:
    first, second = spelled(event, extensions, one), spelled(event, extensions, other)
    assert prehash(first.data, first.namespaces) == prehash(second.data, second.namespaces)
    assert hash_id(first.data, first.namespaces) == hash_id(second.data, second.namespaces)
    assert content_digest(first.data, first.namespaces) == content_digest(second.data, second.namespaces)


CHANGES: dict[str, Any] = {
    "eventTime": ("time", 4_000_000_000_001),
    "eventTimeZoneOffset": "+02:00",
    "type": "AggregationEvent",
    "bizStep": "step:holding",
    "disposition": "disposition:expired",
    "epcList": [("item", 1_000_000)],
    "parentID": ("item", 1_000_000),
    "quantityList": [{"epcClass": ("lot", 1000), "quantity": "#10000"}],
    "ilmd": {(NAMESPACES[0], "new"): "0012"},
    "sensorElementList": [{"sensorReport": [{"type": "measure:Mass", "value": "#10000"}]}],
}


@given(event=EVENT, extensions=EXTENSIONS, chance=SEEDS, field=st.sampled_from(sorted(CHANGES)))
def test_any_change_of_a_field_changes_the_hash_id(
    event: dict[str, Any], extensions: dict[Any, Any], chance: random.Random, field: str
) -> None:
    before = spelled(event, extensions, chance)
    after = spelled(event | {field: CHANGES[field]}, extensions, chance)
    assert hash_id(before.data, before.namespaces) != hash_id(after.data, after.namespaces)
    assert content_digest(before.data, before.namespaces) != content_digest(after.data, after.namespaces)


@given(event=EVENT, extensions=EXTENSIONS, chance=SEEDS)
def test_a_declaration_changes_the_content_and_not_the_hash_id(
    event: dict[str, Any], extensions: dict[Any, Any], chance: random.Random
) -> None:
    plain = {name: value for name, value in event.items() if name != "errorDeclaration"}
    declared = plain | {"errorDeclaration": {"declarationTime": ("time", 4_000_000_000_002)}}
    first, second = spelled(plain, extensions, chance), spelled(declared, extensions, chance)
    assert hash_id(first.data, first.namespaces) == hash_id(second.data, second.namespaces)
    assert content_digest(first.data, first.namespaces) != content_digest(second.data, second.namespaces)


@given(event=EVENT, chance=SEEDS, one=TEXT, other=TEXT)
def test_text_of_an_extension_matters_to_the_letter(
    event: dict[str, Any], chance: random.Random, one: str, other: str
) -> None:
    key = (NAMESPACES[0], "note")
    first, second = spelled(event, {key: one}, chance), spelled(event, {key: other}, chance)
    equal = hash_id(first.data, first.namespaces) == hash_id(second.data, second.namespaces)
    assert equal == (one == other)
