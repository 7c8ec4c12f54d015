"""Where deliveries may go: to public addresses, and to private ones that the settings name.

A name is looked up once for a connection and every address it has is judged; the connection goes to one of those very
addresses, so that a name which means another one a moment later leads nowhere else. Redirects are not followed.
Source: epcis.md S9; OWASP, Server-Side Request Forgery Prevention.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

import httpcore

from schemas.errors import BadInput, Unavailable

Address = IPv4Address | IPv6Address
LONGEST: Final = 2048
LOOK_SECONDS: Final = 10.0
_SUBSCRIBING_SECONDS: Final = 2.0
_LOOKING: Final = 64
"""Names looked up at once; a slow one must not keep the others waiting."""
_UNICAST: Final = IPv6Network("2000::/3")
"""All that is given out as public so far (RFC 4291 section 2.4)."""
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class Refused(BadInput):
    """The address is none that may be delivered to."""

    title = "Destination refused"


class Guard:
    """Judges destinations. `allowed` are the private addresses and networks that may be delivered to. `close` it."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = [ip_network(one, strict=False) for one in allowed]
        self._lookers = ThreadPoolExecutor(_LOOKING, "look-up")

    def close(self) -> None:
        self._lookers.shutdown(wait=False, cancel_futures=True)

    def permits(self, address: Address) -> bool:
        """True for a public address or an allowed one; an IPv4 address inside an IPv6 one counts as itself."""
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return False
        if any(address in network for network in self._allowed if network.version == address.version):
            return True
        inner = _inside(address)
        if inner is not None:
            return self.permits(inner)
        if isinstance(address, IPv6Address) and address not in _UNICAST:
            return False
        return address.is_global and not address.is_multicast and not address.is_reserved

    async def check_dest(self, dest: object) -> str:
        """A destination that a subscriber names. A name that is unknown now may be known later: it is judged at each
        connection. Errors: `BadInput` on `dest`."""
        if not isinstance(dest, str) or not 0 < len(dest) <= LONGEST or not dest.isascii() or not dest.isprintable():
            raise BadInput.field("dest", dest, f"send an http or https address of at most {LONGEST} ASCII characters")
        host, port = _place(dest)
        try:
            async with asyncio.timeout(_SUBSCRIBING_SECONDS):
                await self.addresses(host, port)
        except Refused as fault:
            fix = "name a public address, or have its network allowed by STEMMA_WEBHOOK_NETWORKS"
            raise BadInput.field("dest", dest, f"{fault.detail}: {fix}") from None
        except (Unavailable, TimeoutError):
            pass
        return dest

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """The addresses of a host, all of them permitted. Errors: `Refused`, `Unavailable` for an unknown name."""
        found = _literal(host)
        if found is None:
            found = await self._look_up(host, port)
        for one in found:
            if not self.permits(one):
                raise Refused(f"{host} is at an address that nothing is delivered to ({one})")
        return found

    async def _look_up(self, host: str, port: int) -> Sequence[Address]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                told = await loop.run_in_executor(self._lookers, _told_of, host, port)
        except TimeoutError:
            raise Unavailable(f"the address of {host} was not found in {LOOK_SECONDS:.0f} s") from None
        except (OSError, UnicodeError) as fault:
            raise Unavailable(f"the address of {host} is not known ({fault})") from None
        if not told:
            raise Unavailable(f"the address of {host} is not known")
        return told


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to judged addresses only; TLS goes on with the name in the address of the call."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """The first of the host's addresses that answers. Errors: `Refused`, `Unavailable`, httpcore's."""
        failed: Exception | None = None
        for one in await self._guard.addresses(host, port):
            try:
                return await self._inner.connect_tcp(str(one), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
                failed = fault
        raise failed or httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def pool(guard: Guard, tls: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
    """What deliveries go out by: a connection of its own for each, judged when it is made."""
    network = GuardedNetwork(guard)
    return httpcore.AsyncConnectionPool(tls, max_connections=None, max_keepalive_connections=0, network_backend=network)


def _place(dest: str) -> tuple[str, int]:
    """Host and port of a destination. Errors: `BadInput`."""
    try:
        parts = urlsplit(dest)
        host, port = parts.hostname, parts.port
    except ValueError as fault:
        raise BadInput.field("dest", dest, f"is no address: {fault}") from None
    if parts.scheme not in ("http", "https") or not host or port == 0 or " " in dest or "\\" in dest:
        raise BadInput.field("dest", dest, "send an http or https address with a host")
    if parts.username is not None or parts.password is not None:
        raise BadInput.field("dest", "(hidden)", "leave user and password out: deliveries are signed instead")
    if parts.fragment:
        raise BadInput.field("dest", dest, "leave out what stands behind #: it is never sent")
    return host, port or (443 if parts.scheme == "https" else 80)


def _literal(host: str) -> Sequence[Address] | None:
    """The address that a host is written as, in any way that the system's own reader takes; None for a name."""
    try:
        return (ip_address(host.strip("[]")),)
    except ValueError:
        pass
    try:
        return (IPv4Address(socket.inet_aton(host)),)
    except (OSError, UnicodeError):
        return None


def _told_of(host: str, port: int) -> Sequence[Address]:
    told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(str(one[4][0])) for one in told))


def _inside(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for: mapped, compatible, 6to4, Teredo or NAT64."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in network for network in _NAT64) or int(address) >> 32 == 0:
        return low
    return None
