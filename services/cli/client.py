"""Calls to the running server: where it is, with which key, and its problems as errors of our own tree."""

from __future__ import annotations

import ssl
from collections.abc import Container
from typing import Any, Final

import httpx

from schemas.errors import (
    BadInput,
    Busy,
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    StemmaError,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from services.lock import holder
from services.settings import Settings, split_listen

_KINDS: Final[dict[int, type[StemmaError]]] = {
    400: BadInput,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    415: BadInput,
    422: BadInput,
    429: Busy,
    503: Unavailable,
}


def server_of(settings: Settings) -> str:
    """`STEMMA_SERVER`, else the server on this data folder, else the one that `STEMMA_LISTEN` would start."""
    if settings.server:
        return settings.server.rstrip("/")
    found = holder(settings.folder) or {}
    if isinstance(url := found.get("url"), str):
        return url
    host, port = split_listen(settings.listen)
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"


class Client:
    """One server, called with `STEMMA_KEY` if it is set. Errors: what the server's problem says, or `Unavailable`."""

    def __init__(self, settings: Settings, timeout: float = 60.0) -> None:
        self.server = server_of(settings)
        key = settings.key.get_secret_value() if settings.key else None
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(
            base_url=self.server, headers=headers, timeout=timeout, trust_env=False, verify=self._verify(settings)
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _verify(self, settings: Settings) -> ssl.SSLContext | bool:
        """What the server is known by. Without TLS there is nothing to know it by: no authorities are loaded."""
        if httpx.URL(self.server).scheme == "http":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return True if settings.server else _own_certificate(settings)

    def call(self, method: str, path: str, *, taken: Container[int] = (), **how: Any) -> httpx.Response:
        """One call; answers of 400 and above are raised, but for the statuses in `taken`."""
        try:
            answer = self._http.request(method, path, **how)
        except httpx.TransportError as fault:
            raise Unavailable(
                f"no server answers at {self.server} ({fault or type(fault).__name__}): start it with `stemma serve`, "
                "or name it in STEMMA_SERVER"
            ) from None
        if answer.status_code >= 400 and answer.status_code not in taken:
            raise error_of(answer)
        return answer


def _own_certificate(settings: Settings) -> ssl.SSLContext | bool:
    """The server on this folder is known by its very certificate, whatever name that bears; others by their name."""
    if settings.tls_cert is None:
        return True
    context = ssl.create_default_context(cafile=str(settings.tls_cert))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def error_of(answer: httpx.Response) -> StemmaError:
    """What the server's problem says."""
    try:
        problem = answer.json()
        detail = str(problem["detail"])
        errors = [FieldError(str(e["field"]), str(e["value"]), str(e["fix"])) for e in problem.get("errors", [])]
    except (ValueError, KeyError, TypeError):
        detail, errors = f"the server answered {answer.status_code}", []
    if answer.status_code == 401:
        detail += " (the command line sends the key in STEMMA_KEY)"
    return _KINDS.get(answer.status_code, StemmaError)(detail, errors=errors)
