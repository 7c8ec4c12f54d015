"""Our hash IDs against the published vectors of the CBV event hash, and two documents of our own that must agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.epcis.prehash import content_digest, hash_id, prehash
from schemas.epcis.reader import ReceivedEvent, read_json_document, read_json_event

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "epcis" / "hash-vectors"
EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "epcis"
VECTORS = sorted(SHARED.glob("examples/*.jsonld"))
WRONG_PREHASHES = {
    "epcisDocWithAllGS1Keys",
    "epcisDocWithCustomSchemaInContext",
    "epcisDocWithDefaultSchemaInContext",
}
"""Their `.prehashes` contradict their `.hashes` (epcis.md)."""
WITH_PREHASHES = [
    path
    for path in VECTORS
    if path.stem not in WRONG_PREHASHES and "IgnoreFields" not in path.stem and path.with_suffix(".prehashes").exists()
]

shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the vectors in ../shared/epcis/hash-vectors")


def events_of(path: Path) -> list[ReceivedEvent]:
    return read_json_document(path.read_bytes()).events


@shared
def test_the_vectors_are_all_there() -> None:
    assert len(VECTORS) >= 22


@shared
@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_hash_ids_are_the_published_ones(path: Path) -> None:
    published = path.with_suffix(".hashes").read_text().split()
    ours = [hash_id(event.data, event.namespaces) for event in events_of(path)]
    if "IgnoreFields" in path.stem:
        assert ours[0] != published[0], "ignoreFields is not honoured"
        assert ours[1] == published[1]
    else:
        assert ours == published


@shared
@pytest.mark.parametrize("path", WITH_PREHASHES, ids=lambda path: path.stem)
def test_prehash_strings_are_the_published_ones(path: Path) -> None:
    published = path.with_suffix(".prehashes").read_text().splitlines()
    assert [prehash(event.data, event.namespaces) for event in events_of(path)] == published


@shared
@pytest.mark.parametrize("path", sorted(SHARED.glob("expected_equal/*.json")), ids=lambda path: path.stem)
def test_events_that_are_expected_equal_are_equal(path: Path) -> None:
    events = events_of(path)
    assert len(events) > 1
    assert len({hash_id(event.data, event.namespaces) for event in events}) == 1


def test_our_own_example_in_urns_and_in_links_is_one_event() -> None:
    urn, link = (read_json_event((EXAMPLES / "equal" / name).read_bytes()) for name in ("urn.json", "link.json"))
    assert prehash(urn.data, urn.namespaces) == (
        "eventType=ObjectEventeventTime=2026-03-02T06:45:00.000ZeventTimeZoneOffset=+01:00"
        "epcListepc=https://id.gs1.org/00/095213210000000179epc=https://id.gs1.org/01/09521321123458/21/1"
        "quantityListquantityElementepcClass=https://id.gs1.org/01/09521321543218/10/L-7quantity=12.5uom=KGM"
        "action=OBSERVEbizStep=https://ref.gs1.org/cbv/BizStep-shipping"
        "readPointid=https://id.gs1.org/414/9521321000018"
        "{https://ns.mill.example/epcis/}gate=7"
        "{https://ns.mill.example/epcis/}seals=a{https://ns.mill.example/epcis/}seals=b"
    )
    assert hash_id(urn.data, urn.namespaces) == hash_id(link.data, link.namespaces)
    assert content_digest(urn.data, urn.namespaces) == content_digest(link.data, link.namespaces)
