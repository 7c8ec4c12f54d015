"""The command line as people use it: real processes on a real folder."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Server

PRODUCT = "09506000134352"
FLOUR = f"https://id.gs1.org/01/{PRODUCT}/10/FLOUR"
DOUGH = f"https://id.gs1.org/01/{PRODUCT}/10/DOUGH"


def line(name: str, start: str, end: str) -> str:
    """One activity as a line of NDJSON."""
    made = {
        "activity": "make", "id": name, "time": "2026-03-02T08:00:00Z", "place": "https://plant.example/place/mixer",
        "inputs": [{"id": start, "quantity": "10", "unit": "KGM"}],
        "outputs": [{"id": end, "quantity": "9.5", "unit": "KGM"}],
    }  # fmt: skip
    return json.dumps(made)


def lines(count: int) -> str:
    """A chain of `count` steps from FLOUR, each lot made of the one before, ending in DOUGH."""
    names = [FLOUR, *(f"https://id.gs1.org/01/{PRODUCT}/10/S{i}" for i in range(1, count)), DOUGH]
    return "\n".join(line(f"step-{i}", names[i], names[i + 1]) for i in range(count)) + "\n"


def count_events(server: Server) -> int:
    with server.client() as client:
        total, url = 0, "/epcis/v2/events?perPage=500"
        while url:
            answer = client.get(url)
            total += len(answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
            url = answer.links.get("next", {}).get("url", "")
    return total


def test_help_names_every_command(tmp_path: Path) -> None:
    text = Server(tmp_path / "data").stemma("--help").stdout
    for command in ("serve", "capture", "trace", "rebuild", "replay", "verify", "backup", "restore", "keys", "doctor"):
        assert command in text


def test_a_file_of_lines_is_captured_and_traced_both_ways(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    file.write_text(lines(3))
    assert "3 captured" in server.stemma("capture", str(file)).stdout
    assert "3 duplicate" in server.stemma("capture", str(file)).stdout
    forward = json.loads(server.stemma("trace", "forward", FLOUR, "--json").stdout)
    assert DOUGH in {found["object"] for found in forward["objects"]}
    backward = server.stemma("trace", "backward", DOUGH).stdout
    assert FLOUR in backward
    assert "certain" in backward


def test_a_trace_is_answered_with_no_server_running(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    file.write_text(lines(2))
    server.stemma("capture", str(file))
    server.stop()
    found = json.loads(server.stemma("trace", "forward", FLOUR, "--json").stdout)
    assert found["totals"]["objects"] == 3


def test_a_capture_that_broke_off_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "long.ndjson"
    file.write_text(lines(1200))
    server.stemma("capture", str(file))
    mark = file.with_name("long.ndjson.stemma-progress")
    assert not mark.exists()
    import hashlib

    mark.write_text(json.dumps({"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "lines": 1000}))
    assert "1000 sent before" in server.stemma("capture", str(file)).stdout
    mark.write_text(json.dumps({"sha256": "of another file", "lines": 1000}))
    assert "1200 duplicate" in server.stemma("capture", str(file)).stdout
    assert count_events(server) == 1200


def test_a_refused_line_is_named_and_the_rest_is_captured(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    bad = json.loads(line("bad", FLOUR, DOUGH)) | {"place": "12"}
    file.write_text(lines(2) + json.dumps(bad) + "\n")
    done = server.stemma("capture", str(file), check=False)
    assert done.returncode == 1
    assert "2 captured" in done.stdout
    assert "3:" in done.stderr


def test_an_epcis_document_is_captured_with_a_verdict_on_each_event(server: Server, tmp_path: Path) -> None:
    events = [
        {
            "type": "ObjectEvent", "eventID": f"urn:test:{n}", "action": "OBSERVE", "bizStep": "storing",
            "eventTime": "2026-03-02T08:00:00Z", "eventTimeZoneOffset": "+00:00", "epcList": [FLOUR + str(n)],
        }
        for n in range(5)
    ]  # fmt: skip
    events[3]["eventTime"] = "yesterday"
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2026-03-02T08:00:00Z", "epcisBody": {"eventList": events},
    }  # fmt: skip
    (tmp_path / "day.jsonld").write_text(json.dumps(document))
    (tmp_path / "day.ndjson").write_text("\n".join(map(json.dumps, events)))
    done = server.stemma("capture", str(tmp_path / "day.jsonld"), check=False)
    assert done.returncode == 1
    assert "4 captured, 1 refused" in done.stdout
    assert "4: urn:test:3" in done.stderr
    assert "eventTime" in done.stderr
    again = server.stemma("capture", str(tmp_path / "day.ndjson"), check=False)
    assert "4 duplicate, 1 refused" in again.stdout


def test_commands_that_write_say_that_no_server_runs(tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    file.write_text(lines(1))
    server = Server(tmp_path / "data")
    for command in (("capture", str(file)), ("keys", "list")):
        done = server.stemma(*command, check=False)
        assert done.returncode == 75
        assert "stemma serve" in done.stderr


def test_a_second_server_on_the_folder_is_refused_with_the_reason(server: Server) -> None:
    assert server.process is not None
    for command in (("serve", "--listen", "127.0.0.1:0"), ("rebuild",)):
        done = server.stemma(*command, check=False)
        assert done.returncode == 1
        assert f"process {server.process.pid} (serve)" in done.stderr


def test_a_wrong_setting_is_named_and_nothing_starts(tmp_path: Path) -> None:
    done = Server(tmp_path / "data", {"STEMMA_LOG_URL": "amqp://u:hunter2@h"}).stemma("serve", check=False)
    assert done.returncode == 1
    assert "STEMMA_LOG_URL" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


def test_keys_by_the_command_line(server: Server) -> None:
    boss = server.stemma("keys", "add", "boss", "--scope", "admin").stdout.strip()
    assert server.stemma("keys", "list", check=False).returncode == 1
    made = server.stemma("keys", "add", "line 1", "--scope", "capture", "--scope", "read", STEMMA_KEY=boss)
    listed = server.stemma("keys", "list", STEMMA_KEY=boss).stdout
    assert "line 1" in listed
    assert made.stdout.strip() not in listed
    key_id = next(row.split()[0] for row in listed.splitlines() if "line 1" in row)
    assert "revoked" in server.stemma("keys", "revoke", key_id, STEMMA_KEY=boss).stdout


def test_a_rebuild_answers_as_before(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    file.write_text(lines(5))
    server.stemma("capture", str(file))
    before = json.loads(server.stemma("trace", "forward", FLOUR, "--json").stdout)
    server.stop()
    server.stemma("rebuild")
    after = json.loads(server.stemma("trace", "forward", FLOUR, "--json").stdout)
    for answer in (before, after):
        for volatile in ("position", "lag_events", "lag_seconds", "known_at"):
            answer["basis"].pop(volatile, None)
    assert after == before


def test_verify_finds_the_record_that_was_altered(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    file.write_text(lines(20))
    server.stemma("capture", str(file))
    server.stop()
    assert "whole" in server.stemma("verify").stdout
    with sqlite3.connect(server.data / "log.sqlite") as log:
        tables = [row[0] for row in log.execute("select name from sqlite_master where type='table'")]
        changed = 0
        for table in tables:
            columns = {row[1] for row in log.execute(f"pragma table_info({table})")}
            if {"raw", "offset"} <= columns:
                sql = f"update {table} set raw = replace(raw, '9.5', '9.4') where instr(raw, '9.5') and offset = 4"
                changed += log.execute(sql).rowcount
        assert changed
    done = server.stemma("verify", check=False)
    assert done.returncode == 1
    assert "4" in done.stdout + done.stderr


def test_a_backup_taken_while_serving_restores_to_the_same_answers(
    make_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = make_server()
    file = tmp_path / "day.ndjson"
    file.write_text(lines(5))
    server.stemma("capture", str(file))
    boss = server.stemma("keys", "add", "boss", "--scope", "admin").stdout.strip()
    server.stemma("backup", str(tmp_path / "saved"))
    before = json.loads(server.stemma("trace", "forward", FLOUR, "--json").stdout)
    other = Server(tmp_path / "other", forked=True)
    other.stemma("restore", str(tmp_path / "saved"))
    other.start()
    try:
        with other.client(boss) as client:
            answer = client.post("/api/v1/impact", json={"seeds": [{"object": FLOUR}]}).json()
        assert [o["object"] for o in answer["objects"]] == [o["object"] for o in before["objects"]]
        assert [o["last_event"] for o in answer["objects"]] == [o["last_event"] for o in before["objects"]]
    finally:
        other.stop()
    assert other.stemma("restore", str(tmp_path / "saved"), check=False).returncode == 1


def test_a_restore_may_stop_at_a_time(server: Server, tmp_path: Path) -> None:
    for name in ("first", "second"):
        file = tmp_path / f"{name}.ndjson"
        file.write_text(lines(3).replace('"step-', f'"{name}-'))
        server.stemma("capture", str(file))
        if name == "first":
            with server.client() as client:
                page = client.get("/epcis/v2/events?perPage=500").json()
            until = page["epcisBody"]["queryResults"]["resultsBody"]["eventList"][-1]["recordTime"]
    server.stemma("backup", str(tmp_path / "saved"))
    other = Server(tmp_path / "other", forked=True)
    other.stemma("restore", str(tmp_path / "saved"), "--until", until)
    other.start()
    try:
        assert (count_events(server), count_events(other)) == (6, 3)
    finally:
        other.stop()


@pytest.mark.parametrize("harm", ["alter", "remove"])
def test_a_harmed_backup_is_not_restored(server: Server, tmp_path: Path, harm: str) -> None:
    saved = tmp_path / "saved"
    server.stemma("backup", str(saved))
    if harm == "alter":
        with (saved / "log.sqlite").open("r+b") as file:
            file.seek(100)
            file.write(b"x")
    else:
        (saved / "manifest.json").unlink()
    done = Server(tmp_path / "other", forked=True).stemma("restore", str(saved), check=False)
    assert done.returncode == 1
    assert "backup" in done.stderr


def test_a_log_is_replayed_elsewhere_with_its_record_times(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    file.write_text(lines(5))
    server.stemma("capture", str(file))
    (tmp_path / "copy").mkdir()
    server.stemma("replay", "--to", f"sqlite:///{tmp_path}/copy/log.sqlite")
    server.stop()
    original = server.stemma("trace", "forward", FLOUR, "--json").stdout
    other = Server(tmp_path / "copy", forked=True)
    other.start()
    other.stop()
    copied = other.stemma("trace", "forward", FLOUR, "--json").stdout
    assert json.loads(copied)["objects"] == json.loads(original)["objects"]


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(server: Server, tmp_path: Path) -> None:
    well = server.stemma("doctor").stdout
    assert "WRONG" not in well
    assert "ready" in well
    ill = Server(tmp_path / "ill", {"STEMMA_GRAPH_URL": "bolt://neo4j:hunter2@127.0.0.1:1"}).stemma(
        "doctor", check=False
    )
    assert ill.returncode == 1
    assert "fix:" in ill.stdout
    assert "hunter2" not in ill.stdout + ill.stderr


def test_the_demo_is_loaded_once_and_not_into_another_log(make_server: Callable[..., Server]) -> None:
    server = make_server("--demo")
    first = count_events(server)
    assert first > 1000
    server.stop()
    server.start()
    assert count_events(server) == first
    server.stop()
    server.arguments = ()
    (server.data / "demo" / "demo.json").unlink()
    refused = server.stemma("serve", "--demo", check=False)
    assert refused.returncode != 0
    assert "demo" in refused.stderr
