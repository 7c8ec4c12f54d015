"""Rows Q1 to Q12: what `/epcis/v2/events` answers to each parameter."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.application import serving
from tests.epcis.asking import EX, ITEM, LOT, ask, capture, event, events_of, numbers, refused

GLN = "https://id.gs1.org/414/0614141073467"
TIMES = ("2026-03-02T08:00:00Z", "2026-03-02T08:01:00Z", "2026-03-02T08:02:00Z")


async def test_events_come_in_a_query_document(client: httpx.AsyncClient) -> None:
    """EPCIS-Q1: `GET /events` is an EPCISQueryDocument of SimpleEventQuery; no match is an empty list."""
    await capture(client, event(1), event(2))
    answered = await ask(client)
    assert answered.json()["epcisBody"]["queryResults"]["queryName"] == "SimpleEventQuery"
    assert await numbers(client) == [1, 2]
    assert await numbers(client, EQ_bizStep="shipping") == []


async def test_an_event_is_found_with_its_declarations(client: httpx.AsyncClient) -> None:
    """EPCIS-Q1: `/events/{eventID}` gives the event, then its declarations; an unknown one is 404."""
    wrong = event(1)
    declared = {**wrong, "errorDeclaration": {"declarationTime": TIMES[2], "reason": "did_not_occur"}}
    await capture(client, wrong, event(2))
    await capture(client, declared)
    found = events_of(await ask(client, f"/events/{wrong['eventID']}"))
    assert ["errorDeclaration" in one for one in found] == [False, True]
    refused(await ask(client, "/events/urn:uuid:unknown"), 404, "NoSuchNameException")


async def test_values_are_alternatives_and_parameters_narrow(client: httpx.AsyncClient) -> None:
    """EPCIS-Q3: values by `|` or `%7C` are alternatives, parameters narrow each other, repeated lists merge."""
    await capture(
        client,
        event(1, bizStep="shipping", disposition="in_transit"),
        event(2, bizStep="receiving", disposition="in_transit"),
        event(3, bizStep="packing"),
    )
    assert await numbers(client, EQ_bizStep="shipping|receiving") == [1, 2]
    raw = await client.get("/epcis/v2/events?EQ_bizStep=shipping%7Cpacking")
    assert [one["bizStep"] for one in events_of(raw)] == ["shipping", "packing"]
    assert await numbers(client, EQ_bizStep="receiving|packing", EQ_disposition="in_transit") == [2]
    twice = await client.get("/epcis/v2/events?EQ_bizStep=shipping&EQ_bizStep=packing")
    assert len(events_of(twice)) == 2


@pytest.mark.parametrize(
    "query",
    [
        "GE_eventTime=2026-03-02T08:00:00Z&GE_eventTime=2026-03-02T08:00:00Z", "EQ_bizStep=", "EQ_bizStep=shipping||",
        "EQ_flavour=sweet", "flavour=sweet", "EQ_action=WATCH", "eventType=Party", "EQ_bizStep=sniffing",
        "EQ_disposition=lost_somewhere", "MATCH_epc=not a name", "EQ_readPoint=here", "GE_quantity=many",
        "EXISTS_errorDeclaration=perhaps", "EQ_booleanValue=1", "EQ_hexBinaryValue=XYZ",
    ],
)  # fmt: skip
async def test_a_bad_parameter_is_named(client: httpx.AsyncClient, query: str) -> None:
    """EPCIS-Q3: a repeated scalar, an empty list, an unknown parameter and a bad value are 400 and named."""
    refused(await client.get(f"/epcis/v2/events?{query}"), 400, "QueryParameterException", query.partition("=")[0])


async def test_ge_includes_and_lt_excludes(client: httpx.AsyncClient) -> None:
    """EPCIS-Q4: GE_ includes its instant in any offset, LT_ excludes it; a time without offset is 400."""
    await capture(client, *(event(n, eventTime=time) for n, time in enumerate(TIMES)))
    assert await numbers(client, GE_eventTime=TIMES[1]) == [1, 2]
    assert await numbers(client, GE_eventTime="2026-03-02T16:01:00.000+08:00", LT_eventTime=TIMES[2]) == [1]
    refused(await ask(client, GE_eventTime="2026-03-02T08:01:00"), 400, "QueryParameterException", "GE_eventTime")
    recorded = events_of(await ask(client))[1]["recordTime"]
    assert await numbers(client, GE_recordTime=recorded) == [1, 2]
    assert await numbers(client, LT_recordTime=recorded) == [0]


async def test_digits_beyond_microseconds_count(client: httpx.AsyncClient) -> None:
    """EPCIS-Q4: no digit of a time is lost in a comparison."""
    fine = ("2026-03-02T08:00:00.0000001Z", "2026-03-02T08:00:00.0000002Z")
    await capture(client, *(event(n, eventTime=time) for n, time in enumerate(fine)))
    assert await numbers(client, GE_eventTime=fine[1]) == [1]
    assert await numbers(client, LT_eventTime=fine[1]) == [0]


async def test_both_spellings_of_the_declaration_time(client: httpx.AsyncClient) -> None:
    """EPCIS-Q6: `errorDeclaration_Time` and `EXISTS_sensorElement` mean the same as the other spelling."""
    sensed = [{"sensorReport": [{"type": "Temperature", "value": 20, "uom": "CEL"}]}]
    told = {"declarationTime": TIMES[1], "reason": "incorrect_data"}
    await capture(client, event(1), event(2, errorDeclaration=told), event(3, sensorElementList=sensed))
    for name in ("errorDeclarationTime", "errorDeclaration_Time"):
        assert await numbers(client, **{f"GE_{name}": TIMES[1]}) == [2]
        assert await numbers(client, **{f"LT_{name}": TIMES[1]}) == []
    for name in ("EXISTS_sensorElement", "EXISTS_sensorElementList"):
        assert await numbers(client, **{name: "true"}) == [3]


@pytest.mark.parametrize(
    ("value", "found"), [*((one, [2]) for one in ("true", "1", "null", "")), ("false", [1, 2]), ("0", [1, 2])]
)
async def test_exists(client: httpx.AsyncClient, value: str, found: list[int]) -> None:
    """EPCIS-Q6: true, 1, null and empty ask for the field, false and 0 ask for nothing."""
    await capture(client, event(1), event(2, errorDeclaration={"declarationTime": TIMES[1]}))
    assert await numbers(client, EXISTS_errorDeclaration=value) == found


async def test_types_of_papers_and_parties_in_every_spelling(client: httpx.AsyncClient) -> None:
    """EPCIS-Q7: the type is a bare word, URN, Web URI or private URI; an unknown word is 400."""
    await capture(
        client,
        event(1, bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:1"}]),
        event(2, bizTransactionList=[{"type": "inv", "bizTransaction": "urn:x:1"}]),
        event(3, sourceList=[{"type": "possessing_party", "source": "urn:epc:id:pgln:0614141.00001"}]),
        event(4, destinationList=[{"type": "https://example.org/t/dock", "destination": "urn:x:dock"}]),
    )
    for spelled in ("po", "urn:epcglobal:cbv:btt:po", "https://ref.gs1.org/cbv/BTT-po"):
        assert await numbers(client, **{f"EQ_bizTransaction_{spelled}": "urn:x:1"}) == [1]
    link = "https://id.gs1.org/417/0614141000012"
    assert await numbers(client, EQ_source_possessing_party=link) == [3]
    assert await numbers(client, EQ_source_owning_party=link) == []
    assert await numbers(client, **{"EQ_destination_https://example.org/t/dock": "urn:x:dock"}) == [4]
    refused(await ask(client, EQ_source_neighbour="urn:x:1"), 400, "QueryParameterException", "EQ_source_neighbour")


async def test_extension_fields_in_every_family(client: httpx.AsyncClient) -> None:
    """EPCIS-Q8: fields of the event, of ILMD, errors, sensors and places, and inner ones, by prefix or by namespace."""
    report = {"type": "Temperature", "value": 1, "uom": "CEL", "ex:f": 3}
    await capture(
        client,
        event(1, **{"ex:f": 3}),
        event(2, action="ADD", ilmd={"ex:f": 3}),
        event(3, errorDeclaration={"declarationTime": TIMES[0], "ex:f": 3}),
        event(4, sensorElementList=[{"ex:f": 3, "sensorReport": [report], "sensorMetadata": {"ex:f": 3}}]),
        event(5, **{"ex:outer": {"ex:f": 3}}),
        event(6, readPoint={"id": GLN, "ex:f": "3"}),
        event(7, action="ADD", ilmd={"ex:outer": {"ex:f": 3}}),
    )
    client.headers["GS1-Extensions"] = f"ex={EX}"
    wanted = {"": [1], "ILMD_": [2], "ERROR_DECLARATION_": [3], "SENSORELEMENT_": [4], "SENSORREPORT_": [4],
              "SENSORMETADATA_": [4], "INNER_": [5], "readPoint_": [6], "INNER_ILMD_": [7]}  # fmt: skip
    for family, found in wanted.items():
        assert await numbers(client, **{f"EQ_{family}ex:f": "3"}) == found, family
        assert await numbers(client, **{f"EQ_{family}{EX}#f": "3"}) == found, family
        if family != "readPoint_":
            assert await numbers(client, **{f"GT_{family}ex:f": "2.5"}) == found
            assert await numbers(client, **{f"EXISTS_{family}ex:f": "true"}) == found
    refused(await ask(client, **{"EQ_why:f": "3"}), 400, "QueryParameterException", "EQ_why:f")


async def test_text_keeps_its_zeros_and_numbers_do_not(client: httpx.AsyncClient) -> None:
    """EPCIS-Q8: a typed 12 equals 12.0, the text 0012 does not equal 12; a range reads text as a number."""
    await capture(
        client,
        event(1, **{"ex:f": 12}),
        event(2, **{"ex:f": "0012"}),
        event(3, **{"ex:f": "2026-03-02T09:00:00+01:00"}),
    )
    client.headers["GS1-Extensions"] = f"ex={EX}"
    assert await numbers(client, **{"EQ_ex:f": "12.0"}) == [1]
    assert await numbers(client, **{"EQ_ex:f": "0012"}) == [1, 2]
    assert await numbers(client, **{"GE_ex:f": "12"}) == [1, 2]
    assert await numbers(client, **{"EQ_ex:f": TIMES[0]}) == [3]
    assert await numbers(client, **{"LT_ex:f": TIMES[0]}) == []


async def test_any_spelling_matches_any(client: httpx.AsyncClient) -> None:
    """EPCIS-Q9: URN, link of any domain, class and EPC patterns match; a class parameter means the class."""
    await capture(
        client,
        event(1, epcList=["urn:epc:id:sgtin:0614141.107346.2017"]),
        event(2, epcList=["https://id.gs1.org/01/10614141073464/21/2018"]),
        event(3, epcList=None, quantityList=[{"epcClass": "urn:epc:class:lgtin:0614141.107346.L1", "quantity": 1}]),
        event(4, epcList=None, quantityList=[{"epcClass": "urn:epc:idpat:sgtin:0614141.107346.*", "quantity": 1}]),
        event(5, epcList=["urn:epc:id:sscc:0614141.1234567890"]),
    )
    assert await numbers(client, MATCH_epc="https://example.com/x/01/10614141073464/21/2017") == [1]
    for whole in (
        "urn:epc:idpat:sgtin:0614141.107346.*",
        "https://id.gs1.org/01/10614141073464",
        "urn:epc:idpat:sgtin:0614141.*.*",
    ):
        assert await numbers(client, MATCH_epc=whole) == [1, 2], whole
    assert await numbers(client, MATCH_anyEPC="urn:epc:idpat:sscc:0614141.*") == [5]
    assert await numbers(client, MATCH_epcClass="https://id.gs1.org/01/10614141073464/10/L1") == [3]
    assert await numbers(client, MATCH_epcClass="urn:epc:idpat:lgtin:0614141.107346.*") == [3]
    assert await numbers(client, MATCH_anyEPCClass="https://id.gs1.org/01/10614141073464") == [4]
    assert await numbers(client, MATCH_inputEPC="urn:epc:id:sgtin:0614141.107346.2017") == []


async def test_roles_of_a_transformation(client: httpx.AsyncClient) -> None:
    """EPCIS-Q9: input and output, parent and child are told apart."""
    made = event(
        1, type="TransformationEvent", action=None, epcList=None, inputEPCList=[ITEM.format("a")],
        outputEPCList=[ITEM.format("b")], inputQuantityList=[{"epcClass": LOT.format("c"), "quantity": 2}],
    )  # fmt: skip
    inside = {"parentID": ITEM.format("p"), "childEPCs": [ITEM.format("a")]}
    packed = event(2, type="AggregationEvent", action="ADD", epcList=None, **inside)
    await capture(client, made, packed)
    for parameter, value, found in (
        ("MATCH_inputEPC", "a", [1]), ("MATCH_outputEPC", "a", []), ("MATCH_outputEPC", "b", [1]),
        ("MATCH_parentID", "p", [2]), ("MATCH_epc", "a", [2]), ("MATCH_anyEPC", "a", [1, 2]),
    ):  # fmt: skip
        assert await numbers(client, **{parameter: ITEM.format(value)}) == found, parameter
    assert await numbers(client, MATCH_inputEPCClass=LOT.format("c")) == [1]
    assert await numbers(client, MATCH_outputEPCClass=LOT.format("c")) == []


async def test_values_in_any_unit_of_their_dimension(client: httpx.AsyncClient) -> None:
    """EPCIS-Q10: converted exactly; sDev without offset; another dimension never matches; unknown UOM 400."""

    def sensed(number: int, **report: object) -> dict[str, object]:
        return event(number, sensorElementList=[{"sensorReport": [{"type": "Temperature", **report}]}])

    await capture(
        client,
        sensed(1, value=293.15, uom="KEL"), sensed(2, value=20, uom="CEL"), sensed(3, value=20),
        sensed(4, value=20, uom="KGM"), sensed(5, sDev=1.8, uom="FAH"),
        event(6, epcList=None, quantityList=[{"epcClass": LOT.format("a"), "quantity": 1500, "uom": "GRM"}]),
        event(7, epcList=None, quantityList=[{"epcClass": LOT.format("a"), "quantity": 1500}]),
    )  # fmt: skip
    assert await numbers(client, EQ_value_CEL="20") == [1, 2]
    assert await numbers(client, EQ_value_FAH="68") == [1, 2]
    assert await numbers(client, GT_value_CEL="20") == []
    assert await numbers(client, LE_value_KEL="293.15") == [1, 2]
    assert await numbers(client, EQ_sDev_KEL="1") == [5]
    assert await numbers(client, EQ_quantity_KGM="1.5") == [6]
    assert await numbers(client, GE_quantity_KGM="1.5", LE_quantity_KGM="1.5") == [6]
    assert await numbers(client, EQ_quantity="1500|3") == [6, 7]
    refused(await ask(client, EQ_value_XXQ="20"), 400, "QueryParameterException", "EQ_value_XXQ")


async def test_angles_meet_at_34_digits(client: httpx.AsyncClient) -> None:
    """EPCIS-Q10: where the factor is irrational, 34 digits are compared."""
    report = {"type": "Angle", "value": 180, "uom": "DD"}
    await capture(client, event(1, sensorElementList=[{"sensorReport": [report]}]))
    assert await numbers(client, EQ_value_C81="3.141592653589793238462643383279503") == [1]
    assert await numbers(client, GT_value_C81="3.141592653589793238462643383279503") == []


async def test_order_and_limit(client: httpx.AsyncClient) -> None:
    """EPCIS-Q11: as recorded without orderBy; DESC is the default; a missing field comes last; ties as recorded."""
    await capture(
        client,
        event(1, eventTime=TIMES[1], **{"ex:n": 10}), event(2, eventTime=TIMES[2], **{"ex:n": 9}),
        event(3, eventTime=TIMES[0]), event(4, eventTime=TIMES[1], **{"ex:n": 100}),
    )  # fmt: skip
    client.headers["GS1-Extensions"] = f"ex={EX}"
    assert await numbers(client) == [1, 2, 3, 4]
    assert await numbers(client, orderBy="eventTime") == [2, 1, 4, 3]
    assert await numbers(client, orderBy="eventTime", orderDirection="ASC") == [3, 1, 4, 2]
    assert await numbers(client, orderBy="recordTime") == [4, 3, 2, 1]
    assert await numbers(client, orderBy="ex:n") == [4, 1, 2, 3]
    assert await numbers(client, orderBy="ex:n", orderDirection="ASC") == [2, 1, 4, 3]
    assert await numbers(client, orderBy="eventTime", eventCountLimit="2") == [2, 1]


async def test_limits_that_do_not_fit(client: httpx.AsyncClient) -> None:
    """EPCIS-Q11: both limits, a limit without an order, or below 1 are 400; more than maxEventCount is 413."""
    await capture(client, event(1), event(2))
    assert await numbers(client, maxEventCount="2") == [1, 2]
    refused(await ask(client, maxEventCount="1"), 413, "QueryTooLargeException")
    for query in (
        {"eventCountLimit": "1"}, {"eventCountLimit": "0", "orderBy": "eventTime"}, {"maxEventCount": "0"},
        {"eventCountLimit": "1", "maxEventCount": "1", "orderBy": "eventTime"},
        {"orderBy": "eventTime", "orderDirection": "UP"},
    ):  # fmt: skip
        refused(await ask(client, **query), 400, "QueryParameterException")
    for unknown in ("weather", "ex:", "nowhere:field"):
        refused(await ask(client, orderBy=unknown), 400, "QueryParameterException", "orderBy")
    many = "9" * 30
    assert await numbers(client, maxEventCount=many) == [1, 2]
    assert await numbers(client, eventCountLimit=many, orderBy="eventTime", orderDirection="ASC") == [1, 2]


async def test_what_takes_too_long_is_given_up(tmp_path: Path) -> None:
    """EPCIS-Q12: a query that takes longer than is allowed is 413, and the service answers on."""
    async with serving(tmp_path / "data", epcis_seconds=0.000001) as client:
        await capture(client, event(1))
        for _ in range(6):
            refused(await ask(client, orderBy="eventTime"), 413, "QueryTooComplexException")
        assert (await ask(client, "/bizSteps")).status_code == 200


async def test_too_long_and_too_many(client: httpx.AsyncClient) -> None:
    """EPCIS-Q12: an address over 8 KiB is 414, over 1000 values 413."""
    refused(await ask(client, EQ_eventID=["urn:x:" + "y" * 90] * 100), 414, "URITooLongException")
    refused(await ask(client, EQ_eventID=["a:b"] * 1001), 413, "QueryTooComplexException")
