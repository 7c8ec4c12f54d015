"""Who calls, and which origins are our own, directly and past proxies."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import Headers

from services.front import Front, front_of, origin_of


def scope(peer: str, scheme: str = "http", **headers: str) -> tuple[dict[str, Any], Headers]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (peer, 5), "scheme": scheme, "headers": raw}, Headers(raw=raw)


BEHIND = front_of(None, ("10.0.0.0/8", "::1"))


@pytest.mark.parametrize(
    ("front", "peer", "forwarded", "address"),
    [
        (front_of(None, ()), "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        (BEHIND, "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        (BEHIND, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (BEHIND, "::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (BEHIND, "::1", "2001:db8::7", "2001:db8::7"),
        (BEHIND, "10.0.0.1", "127.0.0.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (BEHIND, "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        (BEHIND, "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.1"),
        (BEHIND, "10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_the_caller_is_the_last_address_that_no_trusted_proxy_has(
    front: Front, peer: str, forwarded: str, address: str
) -> None:
    assert front.address(*scope(peer, x_forwarded_for=forwarded)) == address


@pytest.mark.parametrize(
    ("front", "peer", "headers", "origin", "own"),
    [
        (front_of(None, ()), "192.0.2.7", {"host": "plant:8000"}, "http://plant:8000", True),
        (front_of(None, ()), "192.0.2.7", {"host": "plant:8000"}, "https://plant:8000", False),
        (front_of(None, ()), "192.0.2.7", {"host": "plant:8000"}, "http://plant", False),
        (front_of(None, ()), "192.0.2.7", {"host": "plant:8000"}, "null", False),
        (front_of("https://Stemma.example/", ()), "192.0.2.7", {"host": "inner"}, "https://stemma.example", True),
        (front_of("https://stemma.example:443", ()), "192.0.2.7", {"host": "inner"}, "https://stemma.example", True),
        (front_of("https://stemma.example", ()), "192.0.2.7", {"host": "inner"}, "http://stemma.example", False),
        (BEHIND, "10.0.0.1", {"host": "a.example", "x_forwarded_proto": "https"}, "https://a.example", True),
        (
            BEHIND, "10.0.0.1", {"host": "inner", "x_forwarded_proto": "https", "x_forwarded_host": "a.example"},
            "https://a.example", True,
        ),
        (
            BEHIND, "192.0.2.7", {"host": "inner", "x_forwarded_proto": "https", "x_forwarded_host": "a.example"},
            "https://a.example", False,
        ),
        (BEHIND, "192.0.2.7", {"host": "a.example", "x_forwarded_proto": "https"}, "https://a.example", False),
    ],
)  # fmt: skip
def test_an_own_origin_is_the_public_one_or_that_of_the_call(
    front: Front, peer: str, headers: dict[str, str], origin: str, own: bool
) -> None:
    assert front.is_own(origin, *scope(peer, **headers)) is own


def test_an_origin_has_no_port_of_its_scheme_and_no_path() -> None:
    assert origin_of("https://Stemma.Example:443/console") == "https://stemma.example"
    assert origin_of("http://stemma.example:8080") == "http://stemma.example:8080"
