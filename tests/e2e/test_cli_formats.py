"""`stemma capture` takes every format that a partner or a plant may have: real processes on a real folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.test_cli import count_events, line, lines

CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
FIELDS = (
    "<eventTime>2026-03-02T08:00:0{n}Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList>"
    "<epc>urn:epc:id:sgtin:9506000.000003.S-{n}</epc></epcList><action>OBSERVE</action>"
)
EVENT = f"<ObjectEvent>{FIELDS}</ObjectEvent>"
EPCIS_2, EPCIS_1, QUERY_2 = (f"urn:epcglobal:{name}" for name in ("epcis:xsd:2", "epcis:xsd:1", "epcis-query:xsd:2"))
ROOT = 'schemaVersion="{version}" creationDate="2026-03-02T09:00:00Z"'
LIST = "<EPCISBody><EventList>{events}</EventList></EPCISBody>"
RESULTS = (
    "<EPCISBody><q:QueryResults><queryName>Q</queryName><resultsBody><EventList>{events}</EventList></resultsBody>"
    "</q:QueryResults></EPCISBody>"
)


def xml(name: str, namespace: str, version: str, body: str, *numbers: int) -> str:
    events = "".join(EVENT.format(n=n) for n in numbers)
    prefix = "q" if "query" in namespace else "e"
    return (
        f'<?xml version="1.0"?>\n<!-- a partner\'s -->\n<{prefix}:{name} xmlns:{prefix}="{namespace}" '
        f"{ROOT.format(version=version)}>{body.format(events=events)}</{prefix}:{name}>"
    )


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent", "action": "OBSERVE", "eventTime": f"2026-03-02T08:00:0{number}Z",
        "eventTimeZoneOffset": "+00:00", "epcList": [f"urn:epc:id:sgtin:9506000.000003.S-{number}"], **more,
    }  # fmt: skip


HEAD = {"@context": [CONTEXT], "schemaVersion": "2.0", "creationDate": "2026-03-02T09:00:00Z"}
QUERIED = {"queryResults": {"queryName": "Q", "resultsBody": {"eventList": [event(5)]}}}
MASTERS = {
    "epcisMasterData": {
        "vocabularyList": [{
            "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
            "vocabularyElementList": [{"id": "urn:epc:id:sgln:9506000.00001.0"}],
        }]
    }
}  # fmt: skip
DAY: list[tuple[str, str, str]] = [
    ("2.0.xml", xml("EPCISDocument", EPCIS_2, "2.0", LIST, 1, 2), "2 captured"),
    ("1.2.xml", xml("EPCISDocument", EPCIS_1, "1.2", LIST, 3), "1 captured"),
    ("query.xml", xml("EPCISQueryDocument", QUERY_2, "2.0", RESULTS, 4), "1 captured"),
    ("again.XML", xml("EPCISDocument", EPCIS_2, "2.0", LIST, 1, 4), "2 duplicate"),
    ("query.json", json.dumps({**HEAD, "type": "EPCISQueryDocument", "epcisBody": QUERIED}), "1 captured"),
    ("masters.jsonld", json.dumps({**HEAD, "type": "EPCISMasterDataDocument", "epcisHeader": MASTERS}), "nothing"),
    ("one.json", json.dumps({"@context": CONTEXT, **event(6)}), "1 captured"),
    ("same.json", json.dumps({"@context": CONTEXT, **event(6)}), "1 duplicate"),
    ("one.xml", EVENT.format(n=7), "1 captured"),
    ("events.jsonl", "\n".join(json.dumps(event(n)) for n in (7, 8)) + "\n", "1 captured, 1 duplicate"),
    ("activity.json", line("one", "https://id.gs1.org/01/09506000134352/10/A", "https://id.gs1.org/01/09506000134352/10/B"),
     "1 captured"),
    ("activities.json", "[" + ",".join(lines(2).splitlines()) + "]", "2 captured"),
    ("activities.ndjson", lines(2), "2 duplicate"),
]  # fmt: skip


def test_every_format_is_captured(server: Server, tmp_path: Path) -> None:
    """EPCIS-C1 EPCIS-C6 EPCIS-C8 EPCIS-X7: EPCIS of every kind and syntax, lines and activities in one call."""
    for name, text, _ in DAY:
        (tmp_path / name).write_text(text)
    told = server.stemma("capture", *(str(tmp_path / name) for name, _, _ in DAY)).stdout.splitlines()
    assert told == [f"{tmp_path / name}: {said}" for name, _, said in DAY]
    assert count_events(server) == 8 + 3


def test_what_is_refused_is_told_and_the_other_files_go_on(server: Server, tmp_path: Path) -> None:
    """EPCIS-C2 EPCIS-C9: malformed files, a wrong event and a conflict are named; exit code 1; the rest is captured."""
    bad = {
        "cut.xml": "<EPCISDocument",
        "cut.json": "{",
        "wrong.json": json.dumps({"@context": CONTEXT, **event(1, action="WATCH")}),
        "first.json": json.dumps({"@context": CONTEXT, **event(1, eventID="urn:x:e:1")}),
        "clash.json": json.dumps({"@context": CONTEXT, **event(2, eventID="urn:x:e:1")}),
        "good.xml": xml("EPCISDocument", EPCIS_2, "2.0", LIST, 3),
        "odd.csv": "a,b",
    }
    for name, text in bad.items():
        (tmp_path / name).write_text(text)
    done = server.stemma("capture", *(str(tmp_path / name) for name in bad), check=False)
    assert done.returncode == 1
    said = [one.rpartition(": ")[2] for one in done.stdout.splitlines()]
    assert said == ["1 refused", "1 refused", "1 refused", "1 captured", "1 conflict", "1 captured", "1 refused"]
    assert "action" in done.stderr
    assert ".ndjson" in done.stderr
    assert count_events(server) == 2


@pytest.mark.parametrize("number", [1, 9])
def test_a_strict_server_is_told_of_by_document(
    make_server: Callable[..., Server], tmp_path: Path, number: int
) -> None:
    """EPCIS-C5: a job without `events` still says whether all was captured."""
    server = make_server(STEMMA_EPCIS_STRICT="true")
    document = xml("EPCISDocument", EPCIS_2, "2.0", LIST, number).replace(
        "OBSERVE", "OBSERVE" if number == 1 else "LOOK"
    )
    (tmp_path / "day.xml").write_text(document)
    done = server.stemma("capture", str(tmp_path / "day.xml"), check=False)
    assert done.returncode == (0 if number == 1 else 1)
    assert ("document captured" if number == 1 else "document with errors") in done.stdout
