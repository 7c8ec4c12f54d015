"""`stemma serve`: hold the data folder's lock, listen, and end in order when asked to."""

from __future__ import annotations

import gc
import os
import signal
import socket
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import structlog
import typer
import uvicorn
from starlette.datastructures import State

from schemas.errors import BadInput
from services.app import create_app
from services.cli.say import plainly
from services.cli.welcome import welcome
from services.front import is_loopback
from services.lock import FolderLock, hold
from services.logs import set_up_logs
from services.settings import Settings, load_settings, split_listen

_COLLECT: Final = (50_000, 20, 50)
"""Objects made before the youngest are looked through, and how often the older ones are."""
_log = structlog.get_logger("stemma.serve")


def serve(
    listen: Annotated[str | None, typer.Option(help="HOST:PORT; port 0 takes a free one")] = None,
    data: Annotated[Path | None, typer.Option(help="data folder")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="serve the demo plant, from DATA/demo")] = False,
) -> None:
    """Serve until told to end (SIGTERM or Ctrl-C): open calls are finished first."""
    with plainly():
        settings = load_settings(listen=listen, data=data, demo=demo or None)
        check_listen(settings)
        with hold(settings.folder, "serve") as lock:
            set_up_logs(settings.log_level)
            raise typer.Exit(_run(settings, lock))


def check_listen(settings: Settings) -> None:
    """Beyond this machine only with encryption, ours or a proxy's. Errors: `BadInput` saying why."""
    for name, file in (("STEMMA_TLS_CERT", settings.tls_cert), ("STEMMA_TLS_KEY", settings.tls_key)):
        if file is not None and not os.access(file, os.R_OK):
            raise BadInput.field(name, str(file), "name a file in PEM format that this user may read")
    if (settings.tls_cert is None) != (settings.tls_key is None):
        missing = "STEMMA_TLS_KEY" if settings.tls_key is None else "STEMMA_TLS_CERT"
        raise BadInput.field(missing, "", "certificate and private key are given together")
    host, _ = split_listen(settings.listen)
    if host == "localhost" or is_loopback(host) or settings.tls_cert or settings.trusted_proxies:
        return
    fix = (
        "beyond this machine passwords and keys would be readable on the network: serve https with STEMMA_TLS_CERT and "
        "STEMMA_TLS_KEY, or name the proxy that does in STEMMA_TRUSTED_PROXIES, or listen on 127.0.0.1"
    )
    raise BadInput.field("STEMMA_LISTEN", settings.listen, fix)


def _run(settings: Settings, lock: FolderLock) -> int:
    host, port = split_listen(settings.listen)
    app = create_app(settings)
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, server_header=False, lifespan="on",
        # A forwarding header must never make a caller seem local.
        proxy_headers=False, timeout_graceful_shutdown=settings.drain_seconds,
        ssl_certfile=settings.tls_cert, ssl_keyfile=settings.tls_key,
    )  # fmt: skip
    listener = config.bind_socket()
    server = _Server(config, app.state, lock)
    server.run(sockets=[listener])
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """uvicorn, which tells the lock where it listens and ends live streams before it waits for open calls."""

    def __init__(self, config: uvicorn.Config, state: State, lock: FolderLock) -> None:
        super().__init__(config)
        self._lock = lock
        self._state = state

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is open by now stays; looking through it again and again would take a third of a capture's time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECT)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            scheme = "https" if self.config.is_ssl else "http"
            url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
            near = url.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:")
            self._lock.tell(url=near)
            _log.info("listening", url=url)
            await welcome(self._state.house, near)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        _log.info("told to end", signal=signal.Signals(sig).name)
        house = getattr(self._state, "house", None)
        if house is not None:
            house.closing.set()
        super().handle_exit(sig, frame)
