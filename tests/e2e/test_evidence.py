"""An evidence file holds what the log has, and its verifier finds every change with Python alone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from events.seals import export_seals
from services.evidence import gathering
from services.evidence.verify import Zip, faults_of
from tests.e2e.test_attention import FAILED, PASSED, WRONG, told
from tests.e2e.test_timeline import LOT, event

OTHER = event("other", "2026-03-02T09:00:00Z", epcList=["https://id.gs1.org/01/09506000000039/21/S-9"])


async def packed(client: httpx.AsyncClient, **asked: Any) -> bytes:
    answer = await client.post("/api/v1/evidence", json=asked or {"object": [LOT]})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


def verified(content: bytes, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`verify.py` of the file itself, unpacked, in an interpreter without any package."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        package.extractall(folder)
    return run(folder, *arguments)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier of an unpacked file."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")


def altered(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The file with other contents, its manifest's digests made to fit, as a careful forger would."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    change(files)
    manifest = json.loads(files["manifest.json"])
    manifest["sha256"] = {n: hashlib.sha256(c).hexdigest() for n, c in files.items() if n != "manifest.json"}
    files["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, kept in files.items():
            package.writestr(name, kept)
    return out.getvalue()


async def test_evidence_holds_every_record_byte_for_byte_and_is_readable(client: httpx.AsyncClient) -> None:
    await told(client, FAILED, PASSED, OTHER)
    await told(client, WRONG)
    await client.put("/api/v1/names", json={"id": LOT, "zh": "<面粉>", "en": "Flour"})
    content = await packed(client)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        manifest = json.loads(package.read("manifest.json"))
        states = [(one["event"], one["state"]) for one in manifest["records"]]
        assert states == [("urn:e:failed", "standing"), ("urn:e:passed", "standing"), ("urn:e:passed", "declaration")]
        for one in manifest["records"][:2]:
            received = await client.get("/api/v1/raw", params={"event": one["event"]})
            assert package.read(one["raw"]) == received.content
        assert manifest["question"] == {"object": [LOT]}
        assert (manifest["by"], manifest["events"]) == ("local", 2)
        page = package.read("index.zh.html").decode()
        assert "&lt;面粉&gt;" in page
        assert "<script" not in page
        rows = list(csv.reader(io.StringIO(package.read("timeline.csv").decode("utf-8-sig"))))
        assert len(rows) == 3
    record = (await client.get("/api/v1/access", params={"kind": "export"})).json()["access"][0]
    assert record["about"]["call"] == "POST /api/v1/evidence"


async def test_a_good_file_is_found_whole(client: httpx.AsyncClient, tmp_path: Path) -> None:
    await told(client, FAILED, PASSED)
    done = verified(await packed(client), tmp_path / "good")
    assert (done.returncode, done.stdout.strip()) == (0, "2 records are what was sealed, 0 faults"), done.stderr


def _raw(files: dict[str, bytes]) -> None:
    name = next(one for one in files if one.endswith(".raw"))
    files[name] = files[name].replace(b"fail", b"pass")


def _envelope(files: dict[str, bytes]) -> None:
    name = next(one for one in files if one.endswith(".envelope.json"))
    files[name] = files[name].replace(b'"actor":"', b'"actor":"x')


def _stamp(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    manifest["records"][0]["stamp"] += 1
    files["manifest.json"] = json.dumps(manifest).encode()


def _seals(files: dict[str, bytes]) -> None:
    files["seals.jsonl"] = b""


def _removed(files: dict[str, bytes]) -> None:
    del files[next(one for one in files if one.endswith(".raw"))]


@pytest.mark.parametrize(
    ("change", "fault"),
    [(_raw, "is not what was sealed"), (_envelope, "is not what was sealed"), (_stamp, "is not what was sealed"),
     (_seals, "no seal covers it"), (_removed, "is missing")],
)  # fmt: skip
async def test_what_was_changed_is_found(
    client: httpx.AsyncClient, tmp_path: Path, change: Callable[[dict[str, bytes]], None], fault: str
) -> None:
    await told(client, FAILED)
    done = verified(altered(await packed(client), change), tmp_path / "bad")
    assert done.returncode == 1
    assert fault in done.stdout


async def test_a_file_altered_without_its_manifest_is_found(client: httpx.AsyncClient, tmp_path: Path) -> None:
    await told(client, FAILED)
    content = await packed(client)
    verified(content, tmp_path / "one")
    (tmp_path / "one" / "index.en.html").write_text("all is well")
    (tmp_path / "one" / "more.txt").write_text("added")
    done = run(tmp_path / "one")
    assert done.returncode == 1
    assert "index.en.html: was altered" in done.stdout
    assert "more.txt: is not in the manifest" in done.stdout


async def test_seals_that_were_made_up_are_found_against_those_exported(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    await told(client, FAILED)
    content = await packed(client)
    app: Any = client._transport.app  # type: ignore[attr-defined]
    kept = tmp_path / "seals"
    kept.write_text(await export_seals(app.state.house.log))
    good = verified(content, tmp_path / "good", "--against", str(kept))
    assert good.returncode == 0, good.stdout + good.stderr
    kept.write_text("")
    forged = verified(content, tmp_path / "forged", "--against", str(kept))
    assert forged.returncode == 1
    assert "not among those exported before" in forged.stdout


async def test_the_zip_itself_can_be_checked(client: httpx.AsyncClient, tmp_path: Path) -> None:
    await told(client, FAILED)
    file = tmp_path / "evidence.zip"
    file.write_bytes(await packed(client, **{"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}))
    assert faults_of(Zip(str(file))) == ([], 1)


@pytest.mark.parametrize(
    ("asked", "status"),
    [({}, 400), ({"object": ["urn:nobody:knows"]}, 400), ({"objects": []}, 422), ({"from": "yesterday"}, 400)],
)
async def test_what_gives_no_evidence_is_refused(client: httpx.AsyncClient, asked: dict[str, Any], status: int) -> None:
    await told(client, FAILED)
    answer = await client.post("/api/v1/evidence", json=asked)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("bound", ["MOST_EVENTS", "MOST_BYTES"])
async def test_too_much_is_refused_with_what_to_do(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    await told(client, FAILED, PASSED)
    monkeypatch.setattr(gathering, bound, 1)
    answer = await client.post("/api/v1/evidence", json={"object": [LOT]})
    assert answer.status_code == 413
    assert "ask for a shorter window" in answer.json()["detail"]


async def test_an_event_is_told_with_every_record_of_it_and_its_seal(client: httpx.AsyncClient) -> None:
    await told(client, PASSED)
    await told(client, WRONG)
    before = (await client.get("/api/v1/event", params={"id": "urn:e:passed"})).json()
    assert [one["state"] for one in before["records"]] == ["standing", "correction"]
    assert {one["actor"] for one in before["records"]} == {"local"}
    assert before["event"]["corrected_by"][0]["reason"] == "incorrect_data"
    assert (await client.get(before["raw"])).status_code == 200
    await packed(client)
    after = (await client.get("/api/v1/event", params={"id": "urn:e:passed"})).json()
    assert [one["sealed"] for one in after["records"]] == [True, True]
    assert (await client.get("/api/v1/event", params={"id": "urn:e:nothing"})).status_code == 404
    then = before["records"][0]["recorded"]
    early = (await client.get("/api/v1/event", params={"id": "urn:e:passed", "known_at": then})).json()
    assert [one["state"] for one in early["records"]] == ["standing"]
