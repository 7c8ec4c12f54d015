"""How a process that the service starts beside itself begins: settings by standard input, whose end is its own too."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from typing import IO

from services.logs import set_up_logs
from services.settings import Settings


def begun(nice: int) -> Settings:
    """The settings that the parent wrote; from now on this process yields by `nice` and ends with its parent."""
    settings: Settings = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with, args=(sys.stdin.buffer,), daemon=True).start()
    os.nice(nice)
    set_up_logs(settings.log_level)
    return settings


def _end_with(pipe: IO[bytes]) -> None:
    pipe.read()
    os._exit(1)
