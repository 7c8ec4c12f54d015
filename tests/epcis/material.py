"""The shared EPCIS material in XML, what is expected of each file, and the official XSD as judge."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from lxml import etree

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "epcis"
needed = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the EPCIS material in ../shared/epcis")

FILES = sorted(
    path
    for folder in ("gs1-examples", "openepcis", "hash-vectors", "chains")
    for path in (SHARED / folder).rglob("*.xml")
)
SINGLE = "/Events/"
REFUSED = {
    "Namespace_document.xml": "qualified children",
    "Namespace_event.xml": "qualified children",
    "Combination_of_different_event.xml": "no creationDate",
    "JumbledFieldsOrder.xml": "unqualified QueryResults",
    "TransactionEvent_with_userExtensions.xml": "unqualified QueryResults",
    "SimpleEventQuery.xml": "Poll",
    "Query_without_queryName.xml": "Poll",
    "QueryDocument_with_missing_value.xml": "Poll",
    "epcisQueryDocument.xml": "unqualified QueryResults",
    "epcisXmlDocHavingEventWithIgnoreFields.xml": "ignoreFields in the document's place",
    "epcisXmlQueryDocHavingEventWithIgnoreFields.xml": "ignoreFields in the document's place",
    "hash-vectors/examples/SensorDataExamples.xml": "a sensorElementList behind an extension",
}
"""Known exceptions of epcis.md, and vectors that are for the canonicaliser alone, as the XSD judges them."""


def identity(path: Path) -> str:
    return str(path.relative_to(SHARED))


def is_refused(path: Path) -> bool:
    """True for a file that capture must answer with 400."""
    name = identity(path)
    aside = "/CaptureJob/" in name or "/Invalid/" in name
    return aside or path.name in REFUSED or name in REFUSED


@lru_cache(maxsize=1)
def xsd() -> etree.XMLSchema:
    """The official schemas of EPCIS 2.0, query and master data documents."""
    folder = SHARED / "standard" / "xsd"
    names = {
        "urn:epcglobal:epcis:xsd:2": "EPCglobal-epcis-2_0.xsd",
        "urn:epcglobal:epcis-query:xsd:2": "EPCglobal-epcis-query-2_0.xsd",
        "urn:epcglobal:epcis-masterdata:xsd:2": "EPCglobal-epcis-masterdata-2_0.xsd",
    }
    imports = "".join(f'<xs:import namespace="{uri}" schemaLocation="{folder / name}"/>' for uri, name in names.items())
    source = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(source))


def check(document: bytes) -> None:
    """Fail with the XSD's own words if the document is not valid."""
    judge = xsd()
    judge.validate(etree.fromstring(document))
    assert not judge.error_log, judge.error_log
