"""The service as people reach it: https of its own, a proxy in front; and what is kept of who came."""

from __future__ import annotations

import shutil
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from events.port import ACCESS
from events.sqlite_log import NUMBERS
from tests.e2e.conftest import Server, free_port
from tests.people import PASSWORD, link_of

BOSS = {"name": "boss", "password": PASSWORD}


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for `stemma.test` that signed itself, and its key."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is missing"
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = [
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stemma.test",
        "-addext", "subjectAltName=DNS:stemma.test", "-keyout", str(key), "-out", str(cert),
    ]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    return cert, key


class HttpsServer(Server):
    """A server that answers no plain http, so its start is told from its log."""

    def start(self) -> Server:
        with self.log.open("ab") as sink:
            command = [sys.executable, "-m", "services.cli", "serve"]
            self.process = subprocess.Popen(
                command, env=self.environment(), cwd=self.data.parent, stdout=sink, stderr=sink
            )
        link_of(self)
        return self


def test_with_a_certificate_it_serves_https_and_the_command_line_knows_it_by_that(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    port = free_port()
    env = {
        "STEMMA_TLS_CERT": str(cert), "STEMMA_TLS_KEY": str(key), "STEMMA_LISTEN": f"0.0.0.0:{port}",
        "STEMMA_PUBLIC_URL": "https://stemma.test",
    }  # fmt: skip
    trust = ssl.create_default_context(cafile=str(cert))
    trust.check_hostname = False
    server = HttpsServer(tmp_path / "data", env, port=port)
    try:
        server.start()
        link = link_of(server)
        assert f"https://stemma.test/setup#{link}" in server.log.read_text()
        with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=trust, trust_env=False, timeout=30) as client:
            own = {"origin": "https://stemma.test"}
            made = client.post("/api/v1/setup", json={"link": link, **BOSS}, headers=own)
            assert made.status_code == 201, made.text
            sent = {**own, "cookie": made.headers["set-cookie"].partition(";")[0], "stemma-csrf": made.json()["csrf"]}
            new = {"name": "command line", "scopes": ["admin"]}
            text = client.post("/api/v1/keys", json=new, headers=sent).json()["key"]
        listed = server.stemma("accounts", "list", STEMMA_KEY=text).stdout
        assert "boss" in listed
        assert "administrator" in listed
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/health/live", trust_env=False)
    finally:
        server.stop()


def test_behind_a_trusted_proxy_the_callers_address_and_origin_are_those_it_tells(
    make_server: Callable[..., Server],
) -> None:
    server = make_server(STEMMA_TRUSTED_PROXIES="127.0.0.1")
    told = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-forwarded-host": "stemma.test"}
    with server.client() as client:
        assert client.get("/api/v1/timeline", headers=told).status_code == 403
        own = {**told, "origin": "https://stemma.test"}
        link = link_of(server)
        made = client.post("/api/v1/setup", json={"link": link, **BOSS}, headers=own)
        assert made.status_code == 201, made.text
        token = {"cookie": made.headers["set-cookie"].partition(";")[0], "stemma-csrf": made.json()["csrf"]}
        new = {"name": "auditor", "roles": ["auditor"]}
        assert client.post("/api/v1/accounts", json=new, headers={**own, **token}).status_code == 201
        other = {**own, **token, "origin": "http://stemma.test"}
        assert client.post("/api/v1/accounts", json=new, headers=other).status_code == 403
        key = client.post("/api/v1/keys", json={"name": "k", "scopes": ["admin"]}, headers={**own, **token}).json()
        found = client.get("/api/v1/access?kind=account_made", headers={"authorization": f"Bearer {key['key']}"})
        assert {one["address"] for one in found.json()["access"]} == {"203.0.113.9"}


def test_a_record_of_access_that_is_altered_is_named_and_accounts_are_in_a_backup(
    make_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = make_server(STEMMA_FIRST_KEY_FILE=str(tmp_path / "first"))
    key = (tmp_path / "first").read_text().strip()
    with server.client() as client:
        made = client.post("/api/v1/setup", json={"link": link_of(server), **BOSS})
        assert made.status_code == 201
    with server.client(key) as admin:
        kinds = [one["kind"] for one in admin.get("/api/v1/access?order=asc").json()["access"]]
        assert kinds == ["key_made", "settings", "link_made", "account_made", "sign_in"]
    server.stemma("backup", str(tmp_path / "saved"))
    assert (tmp_path / "saved" / "accounts.json").stat().st_mode & 0o077 == 0
    server.stop()
    assert "whole" in server.stemma("verify").stdout
    with sqlite3.connect(server.data / "log.sqlite") as log:
        changed = log.execute(
            "update record set raw = cast(replace(cast(raw as text), 'administrator', 'auditor') as blob) "
            "where stream = ? and offset = 3",
            (NUMBERS[ACCESS],),
        )
        assert changed.rowcount == 1
    told = server.stemma("verify", check=False)
    assert told.returncode == 1
    assert "access: the record at offset 3 was altered" in told.stdout
    again = Server(tmp_path / "again", forked=True)
    again.stemma("restore", str(tmp_path / "saved"))
    try:
        again.start()
        with again.client() as client:
            assert client.get("/api/v1/timeline").status_code == 401
            assert client.post("/api/v1/session", json=BOSS).status_code == 201
            old = made.headers["set-cookie"].partition(";")[0]
            assert client.get("/api/v1/me", headers={"cookie": old}).status_code == 401
        with again.client(key) as admin:
            kinds = [one["kind"] for one in admin.get("/api/v1/access?order=asc").json()["access"]]
            assert kinds[:5] == ["key_made", "settings", "link_made", "account_made", "sign_in"]
    finally:
        again.stop()
