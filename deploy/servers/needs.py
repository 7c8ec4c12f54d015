"""What a recipe needs from the machine: programs, which must be there, and jars, which are fetched once.

Jars are kept in `${XDG_CACHE_HOME:-~/.cache}/stemma/servers`, in a folder named by server and digest of its pom, so
that another pinned version is another folder and a second start fetches nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
_JDK: Final = "a JDK of version 17 or newer (Debian: apt-get install default-jdk-headless)"
_MAVEN: Final = "Maven (Debian: apt-get install maven)"
_POSTGRES: Final = "PostgreSQL's server (Debian: apt-get install postgresql)"


class Missing(Exception):
    """A server cannot be had here; the text says what to install or what failed."""


def java(*, compiler: bool = False) -> str:
    """Path of `java` 17+. `compiler`: it must start a source file, which a runtime alone cannot. Errors: `Missing`."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else None
    found = found or shutil.which("java")
    if found is None:
        raise Missing(f"java was not found: install {_JDK}")
    modules = subprocess.run([found, "--list-modules"], capture_output=True, text=True, check=False).stdout.split()
    versions = dict(module.partition("@")[::2] for module in modules)
    major = versions.get("java.base", "0").partition(".")[0]
    if int(major) < 17:
        raise Missing(f"{found} is too old: install {_JDK}")
    if compiler and "jdk.compiler" not in versions:
        raise Missing(f"{found} has no compiler: install {_JDK}, not a runtime alone")
    return found


def postgres_programs() -> Path:
    """Folder of PostgreSQL's programs, the newest if there are several. Errors: `Missing`."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if not folders and on_path:
        return Path(on_path).resolve().parent
    if not folders:
        raise Missing(f"initdb was not found: install {_POSTGRES}")
    return max(folders, key=lambda folder: float(folder.parent.name))


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "stemma" / "servers"


def jars(server: str) -> Path:
    """Folder of the jars of `{server}.pom.xml`, fetched by Maven if they are not in the cache. Errors: `Missing`."""
    pom = HERE / f"{server}.pom.xml"
    folder = cache_folder() / f"{server}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            _fetch(pom, Path(work) / "lib")
            # Another process may have been faster: its folder is as good.
            if not folder.exists():
                (Path(work) / "lib").rename(folder)
    return folder


def _fetch(pom: Path, target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing(f"mvn was not found: install {_MAVEN}")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    done = subprocess.run([maven, "-q", "-B", "-f", str(pom), *goal], capture_output=True, text=True, check=False)
    if done.returncode != 0 or not any(target.glob("*.jar")):
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][:3]
        raise Missing("mvn could not fetch the jars: " + " | ".join(said))
