"""`@context` without network: what binds, what is ignored, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.epcis.context import BUILT_IN, EPCIS_CONTEXT, bind, bindings_of_text, split_name


def namespaces(*contexts: Any) -> dict[str, str]:
    """What the contexts bind beyond EPCIS's own prefixes, each on top of the one before."""
    names = BUILT_IN
    for context in contexts:
        found = bind(context, names)
        assert found.faults == ()
        names = found.namespaces
    return {name: uri for name, uri in names.items() if BUILT_IN.get(name) != uri}


@pytest.mark.parametrize(
    "address",
    [
        EPCIS_CONTEXT,
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "https://gs1.github.io/EPCIS/epcis-context.jsonld",
    ],
)
def test_the_epcis_contexts_are_known_without_network(address: str) -> None:
    assert namespaces(address) == namespaces([address]) == {}
    assert bind(address, BUILT_IN).namespaces["cbvmda"] == "urn:epcglobal:cbv:mda:"


@pytest.mark.parametrize(
    ("context", "bound"),
    [
        ([EPCIS_CONTEXT, {"ex": "https://ex.example/"}], {"ex": "https://ex.example/"}),
        ({"ex": "https://ex.example/"}, {"ex": "https://ex.example/"}),
        ([{"ex": {"@id": "https://ex.example/", "@prefix": True}}], {"ex": "https://ex.example/"}),
        (
            [{"note": "ex:note", "ex": "https://ex.example/"}],
            {"ex": "https://ex.example/", "note": "https://ex.example/note"},
        ),
        ([{"mine": "epcis:mine/"}], {"mine": "https://ref.gs1.org/epcis/mine/"}),
        ([{"rail": "urn:rail:", "rail:axles": {"@type": "xsd:integer"}}], {"rail": "urn:rail:"}),
        ([{"@version": 1.1, "@protected": True, "@language": "en"}], {}),
        ([{"@vocab": "https://ex.example/"}], {"@vocab": "https://ex.example/"}),
        ([{"bizStep": "https://ex.example/step", "eventID": "https://ex.example/id"}], {}),
        ([{"cbvmda": "https://ex.example/"}], {"cbvmda": "https://ex.example/"}),
        ([{"ex": "https://ex.example/"}, {"ex": None}], {}),
        ([{"ex": "https://one.example/"}, {"ex": "https://two.example/"}], {"ex": "https://two.example/"}),
    ],
)
def test_prefixes_and_terms_are_bound_and_terms_of_epcis_are_not_redefined(context: Any, bound: dict[str, str]) -> None:
    assert namespaces(context) == bound


def test_an_events_own_context_stands_on_its_documents() -> None:
    document, event = {"a": "https://a.example/", "b": "https://b.example/"}, [{"b": "a:b/"}]
    assert namespaces(document, event) == {"a": "https://a.example/", "b": "https://a.example/b/"}


@pytest.mark.parametrize(
    ("context", "field"),
    [
        ("https://contexts.example/mine.jsonld", "@context"),
        ("http://ref.gs1.org/standards/epcis/epcis-context.jsonld", "@context"),
        ([EPCIS_CONTEXT, "https://gs1.github.io/EPCIS/../evil"], "@context[1]"),
        ([{"ex": "no uri"}], "@context[0].ex"),
        ([{"ex": 7}], "@context[0].ex"),
        ([{"ex": {"@id": 7}}], "@context[0].ex"),
        ([{"a": "b:x", "b": "a:x"}], "@context[0].a"),
        ([{"a": "b:x"}, {"b": "https://b.example/"}], "@context.b"),
        ([{"urn": "https://u.example/"}], "@context.urn"),
        ([{"@import": "https://contexts.example/mine.jsonld"}], "@context[0].@import"),
        ([7], "@context[0]"),
        (None, "@context"),
        ([[]], "@context[0]"),
    ],
)
def test_what_cannot_be_known_is_a_fault_with_its_place(context: Any, field: str) -> None:
    fault = bind(context, BUILT_IN).faults[0]
    assert fault.field == field
    assert fault.fix


def test_the_context_beside_an_event_in_the_log_binds_the_same() -> None:
    assert bindings_of_text(None).namespaces == BUILT_IN
    assert bindings_of_text(b'[{"ex":"https://ex.example/"}]').namespaces["ex"] == "https://ex.example/"


def test_documents_do_not_leak_their_prefixes() -> None:
    bindings_of_text(b'{"leaky":"https://ex.example/"}')
    assert "leaky" not in bindings_of_text(b"{}").namespaces
    assert "leaky" not in BUILT_IN


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("ex:field", ("https://ex.example/", "field")),
        ("https://other.example/ns/field", ("https://other.example/ns/", "field")),
        ("https://other.example/ns#field", ("https://other.example/ns#", "field")),
        ("urn:other:ns:field", ("urn:other:ns:", "field")),
        ("note", ("https://ex.example/", "remark")),
        ("bare", ("", "bare")),
        ("unbound:field", None),
        ("urn:field", None),
    ],
)
def test_a_members_name_is_split_into_namespace_and_local_name(name: str, split: tuple[str, str] | None) -> None:
    names = namespaces([{"ex": "https://ex.example/", "note": "ex:remark"}])
    assert split_name(name, names) == split
