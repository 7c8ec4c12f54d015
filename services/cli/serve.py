"""`stemma serve`: hold the data folder's lock, listen, open the application again when it wishes that, and end in order
when asked to."""

from __future__ import annotations

import gc
import os
import socket
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn
from fastapi import FastAPI

from schemas.errors import BadInput
from services import rebuilding
from services.app import create_app
from services.cli.protocol import BoundedHttp
from services.cli.say import plainly
from services.cli.server import Server
from services.clock import system_clock
from services.front import is_loopback
from services.lock import FolderLock, hold
from services.logs import set_up_logs
from services.reopening import Reopening
from services.settings import Settings, load_settings, split_listen
from services.system.jobs import Jobs

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
    """Serve at one socket until told to end; whenever the application wishes to be opened again, do so in between."""
    jobs, reopening = Jobs(system_clock), Reopening()
    rebuilding.clear(settings)
    listener: socket.socket | None = None
    while True:
        config = _config(settings, create_app(settings, jobs=jobs, reopening=reopening))
        again = listener is not None
        listener = listener or config.bind_socket()
        server = Server(config, listener, lock, reopening, again=again)
        server.run(sockets=[listener.dup()])
        between = reopening.take()
        if between is None:
            return 0 if server.started else 1
        _log.info("closed to be opened again")
        between()
        # What was open is frozen, and would stay in memory: it is collected once the application is open again.
        del config, server
        gc.unfreeze()


def _config(settings: Settings, app: FastAPI) -> uvicorn.Config:
    host, port = split_listen(settings.listen)
    return uvicorn.Config(
        app, host=host, port=port, http=BoundedHttp, lifespan="on", log_config=None, access_log=False,
        # A forwarding header must never make a caller seem local.
        proxy_headers=False, server_header=False, timeout_graceful_shutdown=settings.drain_seconds,
        ssl_certfile=settings.tls_cert, ssl_keyfile=settings.tls_key,
    )  # fmt: skip
