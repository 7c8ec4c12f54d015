"""The names of query parameters taken apart, and their one canonical form.

Fixed names stand in `FIXED` with the kind of their values; the others are families: `EQ_source_{type}`,
`GE_value_{UOM}`, `EQ_INNER_ILMD_{field}`, `EQATTR_{field}_{attribute}`. Source: EPCIS 2.0 section 8.2.7.1, GS1's
OpenAPI and query schema, epcis.md Q5 to Q10.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from projections.index import attributes as att
from projections.index.asked import Linked
from schemas.epcis.vocabulary import PARTY, TRANSACTION, Vocabulary
from schemas.units import unit_of
from services.epcis.faults import BadParameter

ValueKind = Literal[
    "time", "action", "type", "step", "disposition", "reason", "measurement", "uri", "text", "hex", "number",
    "numbers", "exists", "boolean", "count", "order", "direction", "any", "ordered",
]  # fmt: skip
LISTS: Final = frozenset(
    ("action", "type", "step", "disposition", "reason", "measurement", "uri", "text", "hex", "numbers", "any")
)
"""Kinds whose parameter takes several values."""
_KINDS: Final[Mapping[str, str]] = {
    "time": """GE_eventTime LT_eventTime GE_recordTime LT_recordTime GE_errorDeclarationTime LT_errorDeclarationTime
        GE_time LT_time GE_startTime LT_startTime GE_endTime LT_endTime""",
    "action": "EQ_action",
    "type": "eventType",
    "step": "EQ_bizStep",
    "disposition": "EQ_disposition EQ_persistentDisposition_set EQ_persistentDisposition_unset",
    "reason": "EQ_errorReason",
    "measurement": "EQ_type",
    "uri": """EQ_readPoint WD_readPoint EQ_bizLocation WD_bizLocation MATCH_epc MATCH_parentID MATCH_inputEPC
        MATCH_outputEPC MATCH_anyEPC MATCH_epcClass MATCH_inputEPCClass MATCH_outputEPCClass MATCH_anyEPCClass
        EQ_eventID EQ_correctiveEventID EQ_deviceID EQ_dataProcessingMethod EQ_microorganism EQ_chemicalSubstance
        EQ_bizRules EQ_uriValue""",
    "text": "EQ_transformationID EQ_stringValue MATCH_object",
    "hex": "EQ_hexBinaryValue",
    "numbers": "EQ_quantity",
    "number": "GT_quantity GE_quantity LT_quantity LE_quantity GE_percRank GT_percRank LE_percRank LT_percRank",
    "exists": "EXISTS_errorDeclaration EXISTS_sensorElementList",
    "boolean": "EQ_booleanValue",
    "count": "eventCountLimit maxEventCount",
    "order": "orderBy",
    "direction": "orderDirection",
}
FIXED: Final[Mapping[str, str]] = {name: kind for kind, names in _KINDS.items() for name in names.split()}
"""Every parameter that is no family, with the kind of its values."""
ALIASES: Final = {
    "GE_errorDeclaration_Time": "GE_errorDeclarationTime",
    "LT_errorDeclaration_Time": "LT_errorDeclarationTime",
    "EXISTS_sensorElement": "EXISTS_sensorElementList",
}
_LINKED: Final = re.compile(r"EQ_(bizTransaction|source|destination)_(.+)")
_MEASURED: Final = re.compile(rf"(EQ|GT|GE|LT|LE)_({'|'.join((*att.MEASURES, 'quantity'))})_([A-Z0-9]{{2,3}}|[^_:#]+)")
_ATTRIBUTE: Final = re.compile(r"(?:EQATTR|EQ_ATTR)_([A-Za-z]+|[A-Za-z][\w.-]*:[^_]+|[^#]+#[^_]+)_(.+)")
_HAS: Final = re.compile(r"HASATTR_(.+)")
_EXTENSION: Final = re.compile(
    r"(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?(ILMD_|ERROR_DECLARATION_|SENSORELEMENT_|SENSORMETADATA_|SENSORREPORT_"
    r"|readPoint_|bizLocation_)?(.+)"
)
_FIELDS_WITH_DATA: Final = frozenset(
    [
        "readPoint",
        "bizLocation",
        "bizStep",
        "disposition",
        "bizTransaction",
        "source",
        "destination",
        "epc",
        "parentID",
        "inputEPC",
        "outputEPC",
        "anyEPC",
        "epcClass",
        "inputEPCClass",
        "outputEPCClass",
        "anyEPCClass",
    ]
)
_UNKNOWN: Final = "no such parameter is known here"


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter's name taken apart. `field` of a family is `namespace#name`; `family` is None outside extensions."""

    canonical: str
    kind: str
    op: str
    field: str
    family: str | None = None
    unit: str | None = None
    linked: Linked | None = None
    type: str | None = None
    attribute: str | None = None


@lru_cache(maxsize=4096)
def name_of(canonical: str) -> Name:
    """A canonical name taken apart. Errors: `BadParameter` for any other."""
    return read_name(canonical, {})


def read_name(given: str, prefixes: Mapping[str, str]) -> Name:
    """A name as sent, its prefix resolved. Errors: `BadParameter` for an unknown one, or a prefix that is not bound."""
    name = ALIASES.get(given, given)
    if name in FIXED:
        op, _, field = name.partition("_")
        return Name(name, FIXED[name], op, field)
    if found := _LINKED.fullmatch(name):
        return _linked(found[1], found[2], given, prefixes)
    if found := _MEASURED.fullmatch(name):
        return _measured(name, found[1], found[2], found[3])
    if found := _HAS.fullmatch(name):
        field = _data_field(found[1], given, prefixes)
        return Name(f"HASATTR_{field}", "text", "HASATTR", field, _family_of(field))
    if found := _ATTRIBUTE.fullmatch(name):
        field = _data_field(found[1], given, prefixes)
        return Name(f"EQATTR_{field}_{found[2]}", "text", "EQATTR", field, _family_of(field), attribute=found[2])
    if found := _EXTENSION.fullmatch(name):
        return _extension(found[1], found[2] or "", found[3] or "", found[4], given, prefixes)
    raise BadParameter.field(given, given, _UNKNOWN)


def _linked(kind: str, type_: str, given: str, prefixes: Mapping[str, str]) -> Name:
    """Source, destination or transaction of a type: a bare word, URN or Web URI of CBV, or a private URI."""
    vocabulary: Vocabulary = TRANSACTION if kind == "bizTransaction" else PARTY
    word = vocabulary.word(type_, prefixes)
    if word not in vocabulary.words and ":" not in word:
        fix = f"{type_} is no type of CBV 2.0 ({', '.join(sorted(vocabulary.words))}) and no URI"
        raise BadParameter.field(given, type_, fix)
    if word not in vocabulary.words and (prefix := word.partition(":")[0]) in prefixes and "//" not in word:
        word = prefixes[prefix] + word.partition(":")[2]
    linked: Linked = "transaction" if kind == "bizTransaction" else "source" if kind == "source" else "destination"
    return Name(f"EQ_{kind}_{word}", "text", "EQ", kind, linked=linked, type=word)


def _measured(name: str, op: str, field: str, unit: str) -> Name:
    if unit_of(unit) is None:
        raise BadParameter.field(name, unit, "name a unit of UN/CEFACT Rec. 20, such as CEL or KGM")
    return Name(name, "numbers" if op == "EQ" else "number", op, field, unit=unit)


def _family_of(field: str) -> str | None:
    return att.OWN if "#" in field else None


def _data_field(text: str, given: str, prefixes: Mapping[str, str]) -> str:
    """A field that master data can tell of: of the standard, or an extension."""
    if text in _FIELDS_WITH_DATA:
        return text
    return resolved(text, given, prefixes)


def _extension(op: str, inner: str, family: str, field: str, given: str, prefixes: Mapping[str, str]) -> Name:
    if family in ("readPoint_", "bizLocation_") and op != "EQ":
        raise BadParameter.field(given, given, "fields of a place are asked for by EQ_")
    full = resolved(field, given, prefixes)
    kind = "exists" if op == "EXISTS" else "any" if op == "EQ" else "ordered"
    return Name(f"{op}_{inner}{family}{full}", kind, op, full, inner + family.removesuffix("_"))


def resolved(field: str, given: str, prefixes: Mapping[str, str]) -> str:
    """`namespace#name` of a field written so or as `prefix:name`. Errors: `BadParameter`."""
    prefix, colon, local = field.partition(":")
    if colon and prefix in prefixes and local and not local.startswith("//"):
        return f"{prefixes[prefix]}#{local}"
    namespace, mark, local = field.rpartition("#")
    if mark and ":" in namespace and local:
        return field
    if colon and re.fullmatch(r"[A-Za-z_][\w.-]*", prefix) and "/" not in field:
        fix = f"the prefix {prefix} is bound neither by GS1-Extensions nor by the query's @context"
        raise BadParameter.field(given, prefix, fix)
    raise BadParameter.field(given, given, _UNKNOWN)
