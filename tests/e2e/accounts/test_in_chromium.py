"""The session's cookie in a real browser, on plain loopback http: kept, sent back, and out of every page's reach."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.chromium import Chromium, program
from tests.e2e.conftest import Server
from tests.people import PASSWORD, link_of

CALL = """(async () => {
  const answer = await fetch(%s, {method: %s, headers: %s, body: %s, credentials: "include", mode: %s});
  return {status: answer.status, body: answer.type === "opaque" ? null : await answer.json().catch(() => null)};
})().catch(error => ({status: 0, body: String(error)}))"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    if program() is None:
        assert not os.environ.get("CI"), "Chromium is missing"
        pytest.skip("Chromium is missing")
    with Chromium(tmp_path_factory.mktemp("chromium") / "profile") as begun:
        yield begun


@pytest.fixture
def chromium(browser: Chromium) -> Chromium:
    """A browser that knows nothing of the tests before."""
    browser.begin_anew()
    return browser


def fetch(
    chromium: Chromium, method: str, url: str, body: Any = None, mode: str = "cors", **headers: str
) -> dict[str, Any]:
    """What a script of the open page gets."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        told.setdefault("content-type", "application/json")
    sent = None if body is None else json.dumps(json.dumps(body))
    parts = (json.dumps(url), json.dumps(method), json.dumps(told), sent or "undefined", json.dumps(mode))
    found: dict[str, Any] = chromium.run(CALL % parts)
    return found


@pytest.fixture(scope="module")
def boss(module_server: Server) -> Server:
    """A server with one account."""
    with module_server.client() as client:
        body = {"link": link_of(module_server), "name": "boss", "password": PASSWORD}
        client.post("/api/v1/setup", json=body).raise_for_status()
    return module_server


def sign_in(chromium: Chromium, host: str, port: int) -> None:
    """On a page of the service, which is loaded anew after."""
    page = f"http://{host}:{port}/setup"
    chromium.open(page)
    made = fetch(chromium, "POST", "/api/v1/session", {"name": "boss", "password": PASSWORD})
    assert made["status"] == 201, made
    chromium.open(page)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_browser_keeps_the_session_on_plain_loopback_and_tells_no_script(
    boss: Server, chromium: Chromium, host: str
) -> None:
    sign_in(chromium, host, boss.port)
    told = fetch(chromium, "GET", "/api/v1/session")["body"]
    assert told["signed_in"] is True
    assert chromium.run("document.cookie") == ""
    own = {"own": ["urn:epc:id:sgln:0614141.00777.0"]}
    assert fetch(chromium, "PUT", "/api/v1/own", own)["status"] == 403
    assert fetch(chromium, "PUT", "/api/v1/own", own, stemma_csrf=told["csrf"])["status"] == 200
    stream = (
        "fetch('/api/v1/timeline/stream').then(async a => [a.status, (await a.body.getReader().read()).value.length])"
    )
    status, length = chromium.run(stream)
    assert status == 200
    assert length > 0
    assert fetch(chromium, "DELETE", "/api/v1/session", stemma_csrf=told["csrf"])["status"] == 200
    assert fetch(chromium, "GET", "/api/v1/me")["status"] == 401


class Stranger(BaseHTTPRequestHandler):
    """A page of somebody else's, without any policy."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>stranger</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[int]:
    """The port of a stranger on this machine."""
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    yield listener.server_address[1]
    listener.shutdown()
    thread.join()
    listener.server_close()


def calls_told(server: Server, before: int, least: int) -> list[tuple[object, object]]:
    """Path and status of the calls in the log after its first lines, without what the set-up page asks by itself, its
    icon as late as the browser likes; one is told when its answer has been sent."""
    by_itself = ("/api/v1/setup/look", "/icon.svg")
    deadline = time.monotonic() + 30
    while True:
        lines = [line for line in server.lines()[before:] if line.get("event") == "call"]
        calls = [(line["path"], line["status"]) for line in lines if line["path"] not in by_itself]
        if len(calls) >= least:
            return calls
        assert time.monotonic() < deadline, calls
        time.sleep(0.05)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_page_of_another_origin_gets_nothing_and_changes_nothing_by_the_session(
    boss: Server, chromium: Chromium, elsewhere: int, host: str
) -> None:
    """On `localhost` the stranger is of the same site, since ports make none, and the browser sends the cookie along;
    on `127.0.0.1` it is of another site."""
    home = f"http://localhost:{boss.port}"
    sign_in(chromium, "localhost", boss.port)
    before = len(boss.lines())
    chromium.open(f"http://{host}:{elsewhere}/")
    for path in ("/api/v1/me", "/api/v1/timeline/stream"):
        for mode in ("cors", "no-cors"):
            assert fetch(chromium, "GET", home + path, mode=mode)["status"] == 0
    unasked = {"content-type": "text/plain"}
    for path, sent in (("/api/v1/own", {"own": []}), ("/api/v1/keys", {"name": "x", "scopes": ["admin"]})):
        assert fetch(chromium, "POST", home + path, sent, mode="no-cors", **unasked)["status"] == 0
    known = {"name": "boss", "password": PASSWORD}
    assert fetch(chromium, "POST", f"{home}/api/v1/session", known, mode="no-cors", **unasked)["status"] == 0
    calls = calls_told(boss, before, 7)
    answered = {(path, status) for path, status in calls if status == 200}
    # what a page may load without asking is answered, and the browser keeps it from the page
    assert answered == ({("/api/v1/me", 200)} if host == "localhost" else set())
    assert {status for _, status in calls} - {200} <= {401, 403}
    chromium.open(f"{home}/setup")
    assert fetch(chromium, "GET", "/api/v1/session")["body"]["signed_in"] is True
    assert fetch(chromium, "GET", "/api/v1/keys")["body"]["keys"] == []
