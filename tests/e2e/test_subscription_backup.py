"""Named queries and subscriptions in a backup: encrypted tokens without their key, suspended when they are restored."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import Server, make_server
from tests.epcis.asking import BASE, document, event
from tests.receiver import receiving

__all__ = ["make_server"]
LD_JSON = {"content-type": "application/ld+json"}
LOCAL = {"STEMMA_WEBHOOK_NETWORKS": "127.0.0.0/8"}


def test_a_restored_subscription_waits_to_be_resumed_and_signs_with_its_key_file_alone(
    make_server: Callable[..., Server], tmp_path: Path
) -> None:
    """EPCIS-S6: nothing is delivered twice by a copy; without the key file it says so, with it all goes on."""
    server = make_server(**LOCAL)
    with receiving() as receiver, server.client() as client:
        client.post(f"{BASE}/queries", json={"name": "all", "query": {}}).raise_for_status()
        body = {"dest": receiver.url, "stream": True, "signatureToken": "a secret of two"}
        path = f"{BASE}/queries/all/subscriptions"
        one = client.post(path, json=body).json()["subscriptionID"]
        server.stemma("backup", str(tmp_path / "saved"))
        saved = tmp_path / "saved" / "subscriptions.json"
        assert saved.stat().st_mode & 0o077 == 0
        assert "a secret of two" not in saved.read_text()
        assert not list((tmp_path / "saved").glob("*.key"))
        server.stop()
        again = Server(tmp_path / "again", LOCAL, forked=True)
        again.stemma("restore", str(tmp_path / "saved"))
        try:
            again.start()
            with again.client() as copy:
                client.close()
                shown = copy.get(f"/api/v1/subscriptions/{one}").json()
                assert (shown["state"], shown["signed"]) == ("suspended", True)
                assert "restored" in shown["reason"]
                copy.post(f"{BASE}/capture", json=document([event(1)]), headers=LD_JSON).raise_for_status()
                time.sleep(1)
                assert not receiver.received
                tested = copy.post(f"/api/v1/subscriptions/{one}/test").json()
                assert "another key" in tested["error"]
                assert not receiver.received
                again.stop()
                (again.data / "secret.key").write_bytes((server.data / "secret.key").read_bytes())
                again.start()
                copy.post(f"/api/v1/subscriptions/{one}/resume").raise_for_status()
                deadline = time.monotonic() + 60
                while not receiver.received:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
                assert receiver.received[0].ids == [event(1)["eventID"]]
                assert receiver.received[0].headers["gs1-signature"]
        finally:
            again.stop()
