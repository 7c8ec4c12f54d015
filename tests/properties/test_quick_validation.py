"""The quick form of every checker of events says yes exactly where the checker finds no fault."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.epcis import forms, validate
from schemas.epcis.context import BUILT_IN
from schemas.epcis.reader import read_event
from tests.bench.load import events

ODD: list[Any] = [
    *(None, True, 0, -1, Decimal("1.5"), Decimal("-2"), [], {}, [{}], [["x"]], ["urn:a:b", "urn:a:b"], ["urn:a:b", 3]),
    *("", "x", "shipping", "urn:a:b", "https://h/p?q#f", "https://", "urn://x", "https://id.gs1.org/01/1 2", "ADD"),
    *("2026-01-01T00:00:00Z", "2026-01-01T24:00:00Z", "2016-12-31T23:59:60Z", "+08:00", "KGM"),
    *({"id": "urn:a:b"}, {"id": 3}, {"ex:f": 1}, {"cbvmda:lotNumber": "L"}, {"set": ["recalled"]}),
    [{"sensorReport": [{"type": "Temperature", "value": 3}]}],
    [{"sensorReport": [{"type": "gs1:Temperature", "value": "3"}]}],
    [{"type": "po", "bizTransaction": "urn:a:b"}],
    [{"epcClass": "urn:a:b", "quantity": 1, "uom": "kgm"}],
]
NAMES = [
    *("epcList", "quantityList", "ilmd", "bizStep", "disposition", "readPoint", "bizLocation", "action", "eventTime"),
    *("eventTimeZoneOffset", "eventID", "parentID", "childEPCs", "sensorElementList", "bizTransactionList", "x"),
    *("sourceList", "persistentDisposition", "certificationInfo", "errorDeclaration", "transformationID", "ex:f"),
    *("inputEPCList", "recordTime", "cbvmda:f", "@context"),
]
EVENTS = [read_event(raw, None).data for raw in events(10)]


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(EVENTS), st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(ODD)), max_size=2), st.data()
)
def test_the_quick_answer_is_that_of_the_checker(
    event: dict[str, Any], changes: list[tuple[str, Any]], data: st.DataObject
) -> None:
    changed = {**copy.deepcopy(event), **dict(changes)}
    if data.draw(st.booleans()):
        del changed[data.draw(st.sampled_from(sorted(changed)))]
    for kind, check in validate._MEMBERS.items():
        faults = forms.Faults(BUILT_IN)
        check(faults, changed, "")
        assert forms.fine(check)(changed, BUILT_IN) == (not faults.found), (kind, changed, faults.found)


def test_an_ordinary_event_is_found_fine_without_its_checker() -> None:
    for event in EVENTS:
        assert forms.fine(validate._MEMBERS[event["type"]])(event, BUILT_IN)
