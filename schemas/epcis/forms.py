"""The shapes of single values that EPCIS documents share: URIs, times, numbers, member names, CBV words.

A `Faults` gathers up to 100 faults with their exact places; each checker adds to it and gives no result.
Source: EPCIS JSON Schema 2.0.1 with `format` asserted, RFC 3986, RFC 3339.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final

from schemas.epcis.context import split_name
from schemas.epcis.jsontext import joined
from schemas.epcis.vocabulary import GS1_VOC, Vocabulary
from schemas.errors import BadInput, FieldError
from schemas.sentences import say
from schemas.times import Instant

MOST_FAULTS: Final = 100
URI_LENGTH: Final = 2048
"""Characters of the longest URI that is taken: PostgreSQL's index entries end at 2,704 bytes."""

_USER: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@"
_HOST: Final = r"(?:\[[0-9A-Fa-fvV:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*+)"
_PATH: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|%[0-9A-Fa-f]{2})*+"
_TAIL: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]++|%[0-9A-Fa-f]{2})*+"
_URI: Final = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*+:(?://(?:{_USER})?{_HOST}(?::[0-9]*+)?(?=[/?#]|\Z)|(?!//)){_PATH}(?:\?{_TAIL})?(?:#{_TAIL})?"
)
_PLAIN_URI: Final = re.compile(
    r"https?://[A-Za-z0-9.-]++(?:/[A-Za-z0-9._~:/-]*+)?|urn:[A-Za-z0-9._~:-][A-Za-z0-9._~:/-]*+"
)
"""What most URIs look like, seen at a glance."""
_OFFSET: Final = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
_UOM: Final = re.compile(r"[A-Z0-9]{2,3}")
_HEX: Final = re.compile(r"[A-Fa-f0-9]+")
_CBV_IN_JSON: Final = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_GS1_IN_JSON: Final = re.compile(r"https?://(?:www\.)?gs1\.org/voc/")

Check = Callable[["Faults", Any, str], None]
Fine = Callable[[Any, Mapping[str, str]], bool]
"""Whether a value has no fault, read by these namespaces: what nearly every value is, found without its place."""
_FINE: Final[dict[Check, Fine]] = {}


class Faults:
    """Gathers faults of one event. `namespaces` are what its names and CURIEs are read by."""

    __slots__ = ("found", "namespaces")

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self.namespaces = namespaces
        self.found: list[FieldError] = []

    def add(self, place: str, value: object, fix: str) -> None:
        if len(self.found) < MOST_FAULTS:
            shown = value if isinstance(value, str) else shown_json(value)
            self.found.append(FieldError(place, shown[:200], fix))

    @property
    def full(self) -> bool:
        return len(self.found) >= MOST_FAULTS


def fine(check: Check) -> Fine:
    """The quick form of a checker; by the checker itself where it has no own."""

    def slowly(value: Any, namespaces: Mapping[str, str]) -> bool:
        faults = Faults(namespaces)
        check(faults, value, "")
        return not faults.found

    return _FINE.get(check, slowly)


def _quick(check: Check) -> Callable[[Fine], Fine]:
    """Makes a function the quick form of a checker."""

    def keep(quick: Fine) -> Fine:
        _FINE[check] = quick
        return quick

    return keep


def shown_json(value: object) -> str:
    """A decoded value as a person would recognise it in the document."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, int | Decimal) else repr(value)[:200]


def is_uri(text: str) -> bool:
    """True for an absolute URI of RFC 3986."""
    return _URI.fullmatch(text) is not None


def uri(faults: Faults, value: Any, place: str) -> None:
    if not isinstance(value, str) or not _URI.fullmatch(value):
        faults.add(place, value, "an absolute URI is expected, with spaces and non-ASCII letters percent-encoded")
    elif len(value) > URI_LENGTH:
        faults.add(place, value, say("a URI has at most {most} characters", most=URI_LENGTH))


@_quick(uri)
def _fine_uri(value: Any, _: Mapping[str, str]) -> bool:
    if not isinstance(value, str) or len(value) > URI_LENGTH:
        return False
    return _PLAIN_URI.fullmatch(value) is not None or _URI.fullmatch(value) is not None


def text(faults: Faults, value: Any, place: str) -> None:
    if not isinstance(value, str):
        faults.add(place, value, "text is expected")


def boolean(faults: Faults, value: Any, place: str) -> None:
    if not isinstance(value, bool):
        faults.add(place, value, "true or false is expected")


def number(faults: Faults, value: Any, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        faults.add(place, value, "a number is expected, without quotes")


def quantity(faults: Faults, value: Any, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        faults.add(place, value, "a number is expected, without quotes")
    elif value < 0:
        faults.add(place, value, "a quantity is not negative")


@_quick(quantity)
def _fine_quantity(value: Any, _: Mapping[str, str]) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value >= 0


def time(faults: Faults, value: Any, place: str) -> None:
    if not isinstance(value, str):
        faults.add(place, value, "a time is text, such as 2026-03-01T08:00:00+01:00")
        return
    try:
        instant = Instant.parse(value, place)
    except BadInput as error:
        for fault in error.errors:
            faults.add(place, fault.value, fault.fix)
        return
    if value[11:13] == "24" or (value[17:19] == "60" and instant.us // 1_000_000 % 86_400):
        faults.add(place, value, "RFC 3339 knows hours to 23, and second 60 only at the end of a UTC day")


@_quick(time)
def _fine_time(value: Any, _: Mapping[str, str]) -> bool:
    if not isinstance(value, str):
        return False
    if value[11:13] == "24" or value[17:19] == "60":
        faults = Faults({})
        time(faults, value, "")
        return not faults.found
    try:
        Instant.parse(value)
    except BadInput:
        return False
    return True


def matching(pattern: re.Pattern[str], fix: str) -> Check:
    """A checker of text that matches the whole of `pattern`."""

    def check(faults: Faults, value: Any, place: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            faults.add(place, value, fix)

    _FINE[check] = lambda value, _: isinstance(value, str) and pattern.fullmatch(value) is not None
    return check


offset: Final = matching(_OFFSET, "an offset is written ±hh:mm, at most 14:00")
unit: Final = matching(_UOM, "a unit is a UN/CEFACT Rec. 20 code of two or three characters, such as KGM")
hex_binary: Final = matching(_HEX, "hexadecimal digits are expected")
version: Final = matching(re.compile(r"[0-9]+(?:\.[0-9]+)*"), "a version is digits and dots, such as 2.0")


def one_of(words: Collection[str]) -> Check:
    """A checker of text that is one of a few words."""
    fix = say("one of {known} is expected", known=", ".join(sorted(words)))

    def check(faults: Faults, value: Any, place: str) -> None:
        if not isinstance(value, str) or value not in words:
            faults.add(place, value, fix)

    _FINE[check] = lambda value, _: isinstance(value, str) and value in words
    return check


def word_of(vocabulary: Vocabulary) -> Check:
    """A checker of a CBV word, bare, or of a private URI. URNs and GS1's own URIs belong to XML (epcis.md X6)."""
    refused = _GS1_IN_JSON if vocabulary.web == GS1_VOC else _CBV_IN_JSON

    def check(faults: Faults, value: Any, place: str) -> None:
        if not isinstance(value, str):
            faults.add(place, value, say("a {what} is text", what=vocabulary.name))
        elif value in vocabulary.words:
            return
        elif refused.match(value):
            word = vocabulary.word(value, faults.namespaces)
            known = (
                say("write the bare word {word}", word=word) if word in vocabulary.words else "write a bare CBV word"
            )
            faults.add(place, value, say("{fix}; this spelling belongs to XML", fix=known))
        elif not is_uri(value):
            faults.add(
                place,
                value,
                say(
                    "a {what} is a word of CBV 2.0 ({near}) or a URI",
                    what=vocabulary.name,
                    near=_near(value, vocabulary),
                ),
            )
        else:
            uri(faults, value, place)

    @_quick(check)
    def _fine_word(value: Any, namespaces: Mapping[str, str]) -> bool:
        if isinstance(value, str) and value in vocabulary.words:
            return True
        faults = Faults(namespaces)
        check(faults, value, "")
        return not faults.found

    return check


def _near(value: str, vocabulary: Vocabulary) -> str:
    """A few words of the list to choose from, those that begin alike first."""
    ranked = sorted(vocabulary.words, key=lambda word: (word[:3] != value[:3].lower(), word[:1] != value[:1], word))
    return ", ".join(ranked[:4]) + ", …"


def listed(item: Check, *, least: int = 0, once: bool = False) -> Check:
    """A checker of an array: of each element, of the least number, of no element twice."""

    def check(faults: Faults, value: Any, place: str) -> None:
        if not isinstance(value, list):
            faults.add(place, value, "a list is expected")
            return
        if len(value) < least:
            faults.add(place, value, say("at least {least} element is expected", least=least))
        seen = set[str]()
        for index, element in enumerate(value):
            if faults.full:
                return
            item(faults, element, f"{place}[{index}]")
            if once and isinstance(element, str):
                if element in seen:
                    faults.add(f"{place}[{index}]", element, "this stands twice in the list; name it once")
                seen.add(element)

    quick = fine(item)

    @_quick(check)
    def _fine_list(value: Any, namespaces: Mapping[str, str]) -> bool:
        if not isinstance(value, list) or len(value) < least:
            return False
        for element in value:
            if not quick(element, namespaces):
                return False
        if not once or len(value) < 2:
            return True
        texts = [element for element in value if isinstance(element, str)]
        return len(set(texts)) == len(texts)

    return check


def member(
    fields: Mapping[str, Check], required: tuple[str, ...] = (), *, extensions: bool = True, strangers: bool = False
) -> Check:
    """A checker of an object by its members.

    `extensions` allows names with a namespace, `strangers` any other name too (EPCIS leaves readPoint open so).
    """

    def check(faults: Faults, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            faults.add(place, value, "an object is expected")
            return
        for name in required:
            if name not in value:
                faults.add(joined(place, name), "", "this field is required")
        for name, below in value.items():
            known = fields.get(name)
            if known is not None:
                known(faults, below, joined(place, name))
            elif extensions and (strangers or is_uri(name)):
                extension(faults, name, below, joined(place, name))
            else:
                faults.add(joined(place, name), name, _unknown(name, extensions))

    quick = {name: fine(one) for name, one in fields.items()}

    @_quick(check)
    def _fine_object(value: Any, namespaces: Mapping[str, str]) -> bool:
        if not isinstance(value, dict):
            return False
        for name in required:
            if name not in value:
                return False
        for name, below in value.items():
            known = quick.get(name)
            if known is not None:
                if not known(below, namespaces):
                    return False
            elif not extensions or not (strangers or is_uri(name)) or not _fine_extension(name, below, namespaces):
                return False
        return True

    return check


def _unknown(name: str, extensions: bool) -> str:
    if not extensions:
        return "EPCIS knows no such field here, and extensions are not allowed in it"
    return "EPCIS knows no such field here; an extension is written prefix:name with its prefix in @context"


def extension(faults: Faults, name: str, value: Any, place: str) -> None:
    """An extension's name must be bound; so must every name below it."""
    if name == "@context":
        faults.add(place, name, "@context stands on the document or on the event, not inside it")
        return
    if split_name(name, faults.namespaces) is None:
        prefix = name.partition(":")[0]
        faults.add(
            place, name, say("the prefix {prefix} is not bound; bind it to its namespace in @context", prefix=prefix)
        )
    _below(faults, value, place)


def _fine_extension(name: str, value: Any, namespaces: Mapping[str, str]) -> bool:
    faults = Faults(namespaces)
    extension(faults, name, value, "")
    return not faults.found


def _below(faults: Faults, value: Any, place: str) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            extension(faults, name, inner, joined(place, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if isinstance(inner, dict | list):
                _below(faults, inner, f"{place}[{index}]")
