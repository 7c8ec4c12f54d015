"""Where deliveries may go: addresses in every disguise, names that change their mind, TLS by name; and tokens."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from schemas.errors import BadInput, Unavailable
from services.epcis.subscriptions import guard as guarding
from services.epcis.subscriptions.guard import Guard, GuardedNetwork, Refused
from services.epcis.subscriptions.posting import Poster
from services.epcis.subscriptions.secrets import Secrets

PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8")
PRIVATE = (
    "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.169.254", "100.127.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.251", "240.0.0.1", "192.0.0.1", "198.51.100.7", "::", "::1",
    "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:db8::1", "fec0::1", "fe80::1%1",
)  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_permitted(text: str) -> None:
    assert Guard().permits(ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_a_private_address_is_not(text: str) -> None:
    """EPCIS-S9: nor one inside an IPv6 address."""
    assert not Guard().permits(ip_address(text))


def test_networks_that_are_allowed() -> None:
    """EPCIS-S9: they alone."""
    guard = Guard(["10.0.0.0/8", "fd00::/8"])
    assert guard.permits(ip_address("10.9.9.9"))
    assert guard.permits(ip_address("::ffff:10.9.9.9"))
    assert guard.permits(ip_address("fd12::1"))
    assert not guard.permits(ip_address("127.0.0.1"))
    assert not guard.permits(ip_address("192.168.0.1"))


def told(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, ...]) -> list[str]:
    """Names mean these addresses, one answer after the other, the last for ever; the names asked for."""
    asked: list[str] = []

    def look(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(guarding.socket, "getaddrinfo", look)
    return asked


async def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """EPCIS-S9: every address counts, for nobody knows which will be taken."""
    told(monkeypatch, ("93.184.215.14", "10.0.0.1"))
    with pytest.raises(Refused):
        await Guard().addresses("two.example", 443)
    with pytest.raises(BadInput) as fault:
        await Guard().check_dest("https://two.example/hook")
    assert fault.value.errors[0].field == "dest"


async def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """EPCIS-S9: one look-up a connection; a name that means another address at the next one is judged then."""
    asked = told(monkeypatch, ("93.184.215.14",), ("127.0.0.1",))
    connected: list[str] = []

    class Inner:
        async def connect_tcp(self, host: str, *_: Any) -> str:
            connected.append(host)
            return "stream"

    network = GuardedNetwork(Guard())
    monkeypatch.setattr(network, "_inner", Inner())
    assert await network.connect_tcp("turning.example", 443) == "stream"  # type: ignore[comparison-overlap]
    with pytest.raises(Refused):
        await network.connect_tcp("turning.example", 443)
    assert connected == ["93.184.215.14"]
    assert asked == ["turning.example"] * 2


async def test_tls_goes_on_with_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """EPCIS-S9: the server is asked for by name (SNI), though the socket went to an address."""
    told(monkeypatch, ("127.0.0.1",))
    hello = asyncio.get_running_loop().create_future()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello.set_result(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    poster = Poster(Guard(["127.0.0.1"]), 20)
    answer = await poster.post(f"https://named.example:{port}/hook", "d", b"{}", [])
    assert answer.status is None
    assert answer.error
    assert b"named.example" in await hello
    server.close()
    await poster.close()


async def test_a_name_that_is_unknown_is_taken_and_judged_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """EPCIS-S9: it may be known by then."""

    def nobody(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(guarding.socket, "getaddrinfo", nobody)
    assert await Guard().check_dest("https://later.example/hook") == "https://later.example/hook"
    with pytest.raises(Unavailable):
        await Guard().addresses("later.example", 443)


def test_a_token_is_read_back_by_the_key_it_was_encrypted_with(tmp_path: Path) -> None:
    """EPCIS-S6: the key is made once, for its owner alone; another key does not read it, a second line does."""
    file = tmp_path / "secret.key"
    kept = Secrets(file, made=True).encrypted("a täken")
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"t\xc3\xa4ken" not in kept
    assert Secrets(file, made=True).decrypted(kept) == "a täken"
    first = file.read_bytes()
    file.write_bytes(Fernet.generate_key())
    with pytest.raises(Unavailable, match="another key"):
        Secrets(file, made=True).decrypted(kept)
    file.write_bytes(file.read_bytes() + b"\n" + first)
    assert Secrets(file, made=True).decrypted(kept) == "a täken"


@pytest.mark.parametrize("content", [None, b"", b"too short", b"\xff\xfe"])
def test_a_key_file_that_is_named_must_hold_a_key(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "named.key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput) as fault:
        Secrets(file, made=False).encrypted("x")
    assert fault.value.errors[0].field == "STEMMA_SECRET_KEY_FILE"
    assert not file.exists() or file.read_bytes() == content
