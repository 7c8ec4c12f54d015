"""Which prefix stands for a namespace in an event's neutral form.

XML binds prefixes anywhere and again; the neutral form reads all of an event's names and CURIEs by one table.
Source: EPCIS 2.0 section 9.5 and 10.1, Namespaces in XML 1.0, epcis.md X3.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from schemas.epcis.context import BUILT_IN, EPCIS_TERMS, schemes
from schemas.epcis.xml.names import STRUCTURAL, XML, read_name

_FIXED: Final = frozenset(("cbv", "gs1", "epcis"))
"""Prefixes of the standard's own words: a document cannot bind them to anything else."""
_SCHEMES: Final = frozenset(("urn", "http", "https"))
"""What XML may bind as well, and what values begin with that are meant as URIs."""
_XML_PREFIX: Final = "xml"


class Prefixes:
    """Names of one event as `prefix:local`; a prefix that is taken, that EPCIS has as a term, or that another namespace
    begins with, is replaced."""

    __slots__ = ("_known", "namespaces")

    def __init__(self, inherited: Mapping[str, str], declared: Mapping[str, str]) -> None:
        """`inherited` what the ancestors bind, `declared` what the event binds anywhere in it."""
        self.namespaces: Mapping[str, str] = _with_built_in(tuple(inherited.items()))
        if declared:
            self.namespaces = _told_apart({**self.namespaces, **_usable(tuple(declared.items()))})
        self._known: dict[str, str] = {}

    def name(self, namespace: str, local: str, prefix: str) -> str:
        """The neutral form's name of an element or attribute, read by `namespaces`."""
        local = read_name(local)
        if not namespace:
            return local
        if self.namespaces.get(prefix) == namespace:
            return f"{prefix}:{local}"
        known = self._known.get(namespace)
        if known is None:
            known = self._known[namespace] = self._bound(namespace)
        return f"{known}:{local}"

    def _bound(self, namespace: str) -> str:
        if namespace == XML:
            self.namespaces = {**self.namespaces, _XML_PREFIX: XML}
            return _XML_PREFIX
        for known, uri in self.namespaces.items():
            if uri == namespace:
                return known
        number = 1
        while f"ns{number}" in self.namespaces:
            number += 1
        self.namespaces = {**self.namespaces, f"ns{number}": namespace}
        return f"ns{number}"


@lru_cache(maxsize=1024)
def _with_built_in(scope: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """EPCIS's own prefixes, and those of a scope. Not to be changed: it is shared."""
    return _told_apart({**BUILT_IN, **_usable(scope)})


def _told_apart(names: dict[str, str]) -> dict[str, str]:
    """Without the prefixes by which a namespace of these would be read as a CURIE, as `a` would by `b` in
    `{"a": "b:x", "b": "https://…"}`."""
    taken = schemes(names.values()) & names.keys()
    return {prefix: uri for prefix, uri in names.items() if prefix not in taken} if taken else names


@lru_cache(maxsize=1024)
def _usable(scope: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The bindings that names and CURIEs are read by. Not to be changed: it is shared."""
    return {
        prefix: uri
        for prefix, uri in scope
        if prefix
        and uri
        and uri not in STRUCTURAL
        and uri != XML
        and prefix not in EPCIS_TERMS
        and prefix not in _SCHEMES
        and (prefix not in _FIXED or BUILT_IN.get(prefix) == uri)
    }
