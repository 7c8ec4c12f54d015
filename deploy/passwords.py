"""Makes the passwords of deploy/compose.yaml, each once, into `deploy/.env`: `python3 deploy/passwords.py`.

What is there stays, so that an update may ask for new ones. Needs Python alone.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / ".env"
NAMES: Final = (
    "STEMMA_GRAPH_PASSWORD",
    "STEMMA_DATABASE_PASSWORD",
    "STEMMA_READER_PASSWORD",
    "STEMMA_GRAFANA_PASSWORD",
)


def complete(file: Path = FILE) -> list[str]:
    """Add those that are missing, readable by the owner alone; the names of those that were added."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    given = {line.partition("=")[0].strip() for line in text.splitlines() if "=" in line}
    missing = [name for name in NAMES if name not in given]
    if missing:
        start = "" if not text or text.endswith("\n") else "\n"
        added = "".join(f"{name}={secrets.token_hex(16)}\n" for name in missing)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as out:
            out.write(start + added)
    return missing


if __name__ == "__main__":
    complete()
