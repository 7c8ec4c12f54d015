"""GS1-EPC-Format and GS1-CBV-XML-Format by HTTP: links, URNs, as received; what is known of company prefixes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.epcis.formats import CompanyPrefixes, EpcFormat, Translation
from services.epcis.formats import listed
from tests.application import serving

CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"m": "https://m.example/"}]
URN = "urn:epc:id:sgtin:9506000.000003.S-1"
LINK = "https://id.gs1.org/01/09506000000039/21/S-1"
PLACE, PLACE_LINK = "urn:epc:id:sgln:9506000.00001.0", "https://id.gs1.org/414/9506000000015"
BOTH = "https://dl.example.com/01/09506000000039/10/L-1/21/S-2"


def event(number: int, *epcs: str, **more: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "type": "ObjectEvent",
        "eventTime": f"2026-03-02T08:{number:02}:00Z",
        "eventTimeZoneOffset": "+00:00",
        "eventID": f"urn:x:y:{number}",
        "action": "OBSERVE",
        "epcList": list(epcs),
        **more,
    }


async def answered(client: httpx.AsyncClient, wanted: str | None, **more: str) -> tuple[list[Any], httpx.Headers]:
    headers = {**more} if wanted is None else {**more, "GS1-EPC-Format": wanted}
    found = await client.get(
        "/epcis/v2/events", headers=headers, params={"orderBy": "eventTime", "orderDirection": "ASC"}
    )
    assert found.status_code == 200, found.text
    return found.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"], found.headers


async def capture(client: httpx.AsyncClient, *events: dict[str, Any]) -> None:
    for one in events:
        assert (await client.post("/epcis/v2/events", json=one)).status_code == 201


async def test_links_are_the_default_and_only_identifiers_change(client: httpx.AsyncClient) -> None:
    """EPCIS-T1: what, where, parties, transactions, devices; never event IDs, ilmd, extensions; links keep a domain."""
    sent = event(
        1,
        URN,
        BOTH,
        eventID=f"{URN}.as-id",
        readPoint={"id": PLACE, "m:near": PLACE},
        sourceList=[{"type": "location", "source": PLACE}],
        bizTransactionList=[{"type": "po", "bizTransaction": "urn:epc:id:gdti:9506000.00001.PO-1"}],
        sensorElementList=[
            {"sensorReport": [{"type": "Length", "value": 1, "deviceID": "urn:epc:id:giai:9506000.G1"}]}
        ],
    )
    sent["m:also"] = URN
    await capture(client, sent)
    [[found], headers] = await answered(client, None)
    assert found["epcList"] == [LINK, BOTH]
    assert found["readPoint"] == {"id": PLACE_LINK, "m:near": PLACE}
    assert found["sourceList"][0]["source"] == PLACE_LINK
    assert found["bizTransactionList"][0]["bizTransaction"] == "https://id.gs1.org/253/9506000000015PO-1"
    assert found["sensorElementList"][0]["sensorReport"][0]["deviceID"] == "https://id.gs1.org/8004/9506000G1"
    assert (found["eventID"], found["m:also"]) == (f"{URN}.as-id", URN)
    assert "Stemma-Untranslated" not in headers


@pytest.mark.parametrize("wanted", ["Never_Translates", "No_Preference"])
async def test_as_received_where_nothing_is_to_be_translated(client: httpx.AsyncClient, wanted: str) -> None:
    """EPCIS-T3: as received."""
    await capture(client, event(1, URN, LINK.replace("S-1", "S-9"), BOTH))
    [[found], _] = await answered(client, wanted)
    assert found["epcList"] == [URN, LINK.replace("S-1", "S-9"), BOTH]


async def test_a_prefix_seen_in_a_urn_makes_urns_of_links_and_others_stay(client: httpx.AsyncClient) -> None:
    """EPCIS-T2: known by URNs seen, else the link stays and is counted; no URN holds lot and serial."""
    unknown = "https://id.gs1.org/01/00614141999996/21/1"
    await capture(client, event(1, URN), event(2, LINK, LINK.replace("S-1", "S-2"), unknown, BOTH))
    [[_, found], headers] = await answered(client, "Always_EPC_URN")
    assert found["epcList"] == [URN, URN.replace("S-1", "S-2"), unknown, BOTH]
    assert headers["Stemma-Untranslated"] == "2"


async def test_the_same_id_is_looked_up_in_other_events(client: httpx.AsyncClient) -> None:
    """EPCIS-T2: the same id seen as URN, though not on this page."""
    await capture(client, event(1, URN, readPoint={"id": PLACE}), event(2, LINK, readPoint={"id": PLACE_LINK}))
    found = await client.get(
        "/epcis/v2/events", params={"EQ_eventID": "urn:x:y:2"}, headers={"GS1-EPC-Format": "Always_EPC_URN"}
    )
    [one] = found.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert (one["epcList"], one["readPoint"]["id"]) == ([URN], PLACE)


async def test_prefixes_of_settings_and_of_gs1s_list(tmp_path: Path) -> None:
    """EPCIS-T2: settings, or GS1's list as supplied."""
    async with serving(tmp_path / "given", company_prefixes="9506000") as client:
        await capture(client, event(1, LINK))
        [[found], _] = await answered(client, "Always_EPC_URN")
        assert found["epcList"] == [URN]
    path = tmp_path / "lengths.json"
    path.write_text(json.dumps({"GCPPrefixFormatList": {"entry": [{"prefix": "9506", "gcpLength": 7}]}}))
    assert listed(path) == {"9506": 7}
    async with serving(tmp_path / "listed", gcp_lengths=path) as client:
        await capture(client, event(1, LINK))
        [[found], _] = await answered(client, "Always_EPC_URN")
        assert found["epcList"] == [URN]


def test_contradictions_are_no_knowledge() -> None:
    """EPCIS-T2: contradicted lengths leave the link; longer starts of GS1's list win; settings win over both."""
    known = CompanyPrefixes()
    known.learn(URN)
    known.learn("urn:epc:id:sgtin:95060000.00003.S-1")
    to_urn = Translation(EpcFormat.URN, known)
    assert to_urn(LINK) == LINK
    assert to_urn(LINK.replace("S-1", "S-2")) == LINK.replace("S-1", "S-2")
    assert to_urn.untranslated == 2
    assert CompanyPrefixes((), {"95": 6, "9506": 7}).length("950600000003") == 7
    assert CompanyPrefixes(("95060000",), {"9506": 7}).length("950600000003") == 8
    assert CompanyPrefixes(("9506000", "95060000")).length("950600000003") is None


@pytest.mark.parametrize(
    "text", ["urn:epc:id:sgtin:bad", "urn:epc:id:unknown:1.2", "urn:epc:raw:96.x1", "urn:epc:id:sgtin:"]
)
def test_a_broken_urn_stays_and_is_counted(text: str) -> None:
    """EPCIS-T2: no guess or error."""
    to_link = Translation(EpcFormat.LINK, CompanyPrefixes())
    assert (to_link(text), to_link.untranslated) == (text, 1)


async def test_cbv_words_in_xml_by_header(client: httpx.AsyncClient) -> None:
    """EPCIS-T4: XML only, Web URIs when absent; JSON has bare words whatever is asked."""
    await capture(client, event(1, URN, bizStep="storing"))
    for wanted, text in (
        (None, "https://ref.gs1.org/cbv/BizStep-storing"),
        ("Always_URN", "urn:epcglobal:cbv:bizstep:storing"),
    ):
        headers = (
            {"accept": "application/xml"}
            if wanted is None
            else {"accept": "application/xml", "GS1-CBV-XML-Format": wanted}
        )
        found = await client.get("/epcis/v2/events", headers=headers)
        assert f"<bizStep>{text}</bizStep>" in found.text
    [[found_json], _] = await answered(client, None, **{"GS1-CBV-XML-Format": "Always_URN"})
    assert found_json["bizStep"] == "storing"
