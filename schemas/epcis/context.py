"""JSON-LD `@context` without network: which namespace stands behind a prefix.

Known context addresses are built in, others are given by `Contexts`; inline objects bind prefixes and terms, on the
document or on the event, an event's own after its document's. Terms of EPCIS itself are protected: a redefinition is
ignored. Nothing is fetched; an address that is not known is a fault.
Source: JSON-LD 1.1 section 4.1, EPCIS 2.0 section 10.1, epcis.md X2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from schemas.epcis.vocabulary import CBV, CBV_MDA, GS1_VOC
from schemas.errors import FieldError
from schemas.sentences import say

EPCIS_CONTEXT: Final = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"

BUILT_IN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "epcis": "https://ref.gs1.org/epcis/",
        "cbv": CBV,
        "cbvmda": CBV_MDA,
        "gs1": GS1_VOC,
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "dcterms": "http://purl.org/dc/terms/",
    }
)
"""Prefixes that the EPCIS context binds; they hold in every document."""

_TERMS: Final = """
    id type baseURL ObjectEvent AggregationEvent TransformationEvent AssociationEvent TransactionEvent Collection
    member eventTime recordTime eventTimeZoneOffset action certificationInfo bizStep disposition bizLocation readPoint
    transformationID epcList sourceList source destinationList destination persistentDisposition set unset quantity
    epcClass uom quantityList bizTransactionList bizTransaction parentID childEPCs childQuantityList inputEPCList
    outputEPCList inputQuantityList outputQuantityList sensorElementList sensorElement sensorMetadata sensorReport
    errorDeclaration reason correctiveEventIDs declarationTime eventID creationDate sender receiver instanceIdentifier
    schemaVersion ilmd EPCISDocument EPCISQueryDocument EPCISMasterDataDocument epcisHeader epcisMasterData masterData
    vocabularyList epcisBody queryResults subscriptionID queryName resultsBody eventList children"""
EPCIS_TERMS: Final = frozenset(_TERMS.split())
"""Terms that a document cannot redefine."""

_KNOWN: Final = re.compile(
    r"https://(?:ref\.gs1\.org/standards/epcis/(?:2\.0\.[01]/)?epcis-context\.jsonld|gs1\.github\.io/EPCIS/[\w./-]*\.jsonld)"
)
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
_IGNORED: Final = frozenset(("@version", "@protected", "@language", "@direction", "@base", "@propagate"))
MOST_BINDINGS: Final = 500
"""Prefixes and terms of a document and an event together: each event with an own context takes a copy."""
Contexts = Mapping[str, Mapping[str, str]]
"""Further addresses, each with the prefixes and terms that it binds."""
NO_CONTEXTS: Final[Contexts] = MappingProxyType({})
_KNOWN_FIX: Final = say(
    "use {context} and write other prefixes inline; contexts are not fetched", context=EPCIS_CONTEXT
)
_SCHEME_FIX: Final = "another namespace begins with this word and a colon, and would be read by it: use another prefix"
_LATE_FIX: Final = "the context at this address binds it too: name the address before your own prefixes"


@dataclass(frozen=True, slots=True)
class Bindings:
    """What a context binds: prefix or term to namespace or URI, and the faults found, placed below `@context`."""

    namespaces: Mapping[str, str]
    faults: tuple[FieldError, ...] = ()


NO_CONTEXT: Final = Bindings(BUILT_IN)


@lru_cache(maxsize=512)
def bindings_of_text(context: bytes | None) -> Bindings:
    """Bindings of a document's `@context` given as JSON text, as it is kept beside each event in the log."""
    return NO_CONTEXT if not context else bind(json.loads(context), NO_CONTEXT.namespaces)


def bind(
    context: Any, inherited: Mapping[str, str], place: str = "@context", contexts: Contexts = NO_CONTEXTS
) -> Bindings:
    """Bindings of a decoded `@context` on top of `inherited`. `place` stands before each fault's field."""
    names, faults = dict(inherited), list[FieldError]()
    own: dict[str, str] = {}
    parts = context if isinstance(context, list) else [context]
    for index, part in enumerate(parts):
        where = f"{place}[{index}]" if isinstance(context, list) else place
        if isinstance(part, str):
            if part in contexts:
                faults += (FieldError(where, name, _LATE_FIX) for name in own.keys() & contexts[part].keys())
                names |= contexts[part]
            elif not _KNOWN.fullmatch(part):
                faults.append(FieldError(where, part[:200], _KNOWN_FIX))
        elif isinstance(part, dict):
            before = dict(names) if contexts else names
            _bind_object(part, names, where, faults)
            own |= {name: uri for name, uri in names.items() if before.get(name) != uri}
        else:
            faults.append(FieldError(where, _shown(part), "a context is an address or an object of prefixes"))
    for prefix in sorted(schemes(names.values()) & names.keys()):
        faults.append(FieldError(f"{place}.{prefix}", names[prefix][:200], _SCHEME_FIX))
    return Bindings(MappingProxyType(names), tuple(faults))


def schemes(uris: Iterable[str]) -> set[str]:
    """What these URIs would be read by, were it bound as a prefix: all before the first colon, but for `scheme://`."""
    parts = (uri.partition(":") for uri in uris)
    return {scheme for scheme, colon, rest in parts if colon and not rest.startswith("//")}


def without_addresses(context: Any, contexts: Contexts) -> bytes | None:
    """A decoded `@context` as JSON text in which what an address of `contexts` binds stands in its place, so that it is
    read for ever as it was; None where no such address is named."""
    parts = context if isinstance(context, list) else [context]
    if not any(isinstance(part, str) and part in contexts for part in parts):
        return None
    told = [dict(contexts[part]) if isinstance(part, str) and part in contexts else part for part in parts]
    return json.dumps(told, default=float).encode()


def _bind_object(part: dict[str, Any], names: dict[str, str], place: str, faults: list[FieldError]) -> None:
    for term, value in part.items():
        if len(names) >= MOST_BINDINGS:
            faults.append(
                FieldError(
                    place,
                    term[:200],
                    say("at most {most} prefixes and terms are taken", most=MOST_BINDINGS),
                )
            )
            return
        if term in _IGNORED or term in EPCIS_TERMS:
            continue
        if value is None:
            names.pop(term, None)
            continue
        target = value.get("@id", "") if isinstance(value, dict) else value
        if target == "" and isinstance(value, dict):
            continue
        uri = _resolved(target, part, names) if isinstance(target, str) else None
        if uri is None or (term.startswith("@") and term != "@vocab"):
            faults.append(FieldError(f"{place}.{term}", _shown(value), "bind each prefix to one absolute URI"))
            if isinstance(target, str) and not term.startswith("@"):
                # XML may name a namespace so; what was accepted there is read in JSON by the same name.
                names[term] = target
        elif ":" not in term:
            names[term] = uri


def _resolved(target: str, part: dict[str, Any], names: Mapping[str, str], depth: int = 0) -> str | None:
    """`target` as an absolute URI; a compact one is resolved by this object first, then by what was bound before."""
    if depth > 8 or not _ABSOLUTE.fullmatch(target):
        return None
    prefix, _, local = target.partition(":")
    if local.startswith("//"):
        return target
    beside = part.get(prefix)
    if isinstance(beside, dict):
        beside = beside.get("@id")
    if isinstance(beside, str):
        base = _resolved(beside, part, names, depth + 1)
        return None if base is None else base + local
    return names[prefix] + local if prefix in names else target


def _shown(value: Any) -> str:
    return repr(value)[:200]


def split_name(name: str, namespaces: Mapping[str, str]) -> tuple[str, str] | None:
    """(namespace, local name) of an extension's member name; None when its prefix is not bound.

    `ex:field` by its prefix, a full URI at its last `#`, `/` or `:`; a name without colon by the term or `@vocab`
    that the context gives, else with the empty namespace.
    """
    prefix, colon, local = name.partition(":")
    if not colon:
        uri = namespaces.get(name)
        return _split_uri(uri) if uri is not None else (namespaces.get("@vocab", ""), name)
    namespace = namespaces.get(prefix)
    if namespace is not None and not local.startswith("//"):
        return namespace, local
    if local.startswith("//") or (prefix.lower() == "urn" and ":" in local):
        return _split_uri(name)
    return None


def _split_uri(uri: str) -> tuple[str, str]:
    cut = max(uri.rfind("#"), uri.rfind("/"), uri.rfind(":")) + 1
    return uri[:cut], uri[cut:]
