"""How callers reach this service: their address, and which origins are its own, past proxies that are trusted.

Forwarding headers are believed only from the addresses in `STEMMA_TRUSTED_PROXIES`; of `X-Forwarded-For` the last
address that is no trusted proxy is the caller's, since everything before it may be invented.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Front:
    """`public` is the origin people use, as `https://stemma.example`; `proxies` those whose headers are believed."""

    public: str | None
    proxies: tuple[Network, ...]

    def address(self, scope: Scope, headers: Headers) -> str:
        """The caller's address; "" where there is none."""
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._trusted(peer):
            return peer
        for one in reversed(_forwarded_for(headers)):
            if not self._trusted(one):
                return one if is_address(one) else peer
        return peer

    def is_own(self, origin: str, scope: Scope, headers: Headers) -> bool:
        """True for an origin of this service: the public one, or the one the call itself was sent to."""
        return origin.lower() in self._origins(scope, headers)

    def _origins(self, scope: Scope, headers: Headers) -> set[str]:
        found = {self.public} if self.public else set()
        hosts = headers.getlist("host")
        if len(hosts) == 1:
            found.add(f"{_scheme(scope)}://{hosts[0]}".lower())
        peer = scope["client"][0] if scope.get("client") else ""
        if self._trusted(peer):
            proto = headers.get("x-forwarded-proto", _scheme(scope)).rpartition(",")[2].strip()
            host = headers.get("x-forwarded-host", headers.get("host", "")).rpartition(",")[2].strip()
            found.add(f"{proto}://{host}".lower())
        return found

    def _trusted(self, address: str) -> bool:
        if not self.proxies or not is_address(address):
            return False
        found = plain(address)
        return any(found in network for network in self.proxies if network.version == found.version)


def front_of(public_url: str | None, proxies: tuple[str, ...]) -> Front:
    """From the settings, which were checked."""
    return Front(
        public_url and origin_of(public_url), tuple(ipaddress.ip_network(one, strict=False) for one in proxies)
    )


def origin_of(url: str) -> str:
    """Scheme and host of an address, with the port where it is not the scheme's own."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower().removesuffix({"https": ":443", "http": ":80"}[parts.scheme])


def is_address(text: str) -> bool:
    """True for an IP address."""
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address without its zone, an IPv4 one out of its IPv6 form. Errors: ValueError."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def is_loopback(address: str) -> bool:
    """True for an address of this machine alone."""
    return is_address(address) and plain(address).is_loopback


def _scheme(scope: Scope) -> str:
    """Of the page that calls: a WebSocket is opened by one of http or https."""
    scheme: str = scope.get("scheme", "http")
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)


def _forwarded_for(headers: Headers) -> list[str]:
    return [one.strip().strip("[]") for line in headers.getlist("x-forwarded-for") for one in line.split(",")]
