"""The jars of a server, fetched by Maven once and kept in a cache folder outside the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from deploy.servers.process import Missing, program

LEAST_JAVA = 17
BRIEFLY = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For a program that ends before its thorough compilation, on threads of its own, has paid for itself."""
_MAVEN = "Maven (Debian: apt-get install maven; macOS: brew install maven)"
_JAVA = f"a JDK, {LEAST_JAVA} or newer (Debian: apt-get install default-jdk-headless; macOS: brew install openjdk)"
_POM = """<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>{name}</artifactId>
<version>1</version><packaging>pom</packaging><dependencies>
{dependencies}
</dependencies></project>
"""


def cache() -> Path:
    """Where fetched jars are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stemma" / "servers"


def fetched(name: str, coordinates: Sequence[str]) -> Path:
    """Folder of the jars of `group:artifact:version` coordinates and all they need at run time. `name` holds the
    version. Errors: `Missing` without Maven, or when it cannot fetch them."""
    folder = cache() / name
    if folder.is_dir():
        return folder
    maven = program("mvn", _MAVEN)
    cache().mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=cache()))
    try:
        _fetch(maven, made, name, coordinates)
        with suppress(OSError):
            # Another process may have been first; its folder is as good.
            (made / "lib").rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _fetch(maven: str, made: Path, name: str, coordinates: Sequence[str]) -> None:
    dependencies = "\n".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
            *coordinate.split(":")
        )
        for coordinate in coordinates
    )
    (made / "pom.xml").write_text(_POM.format(name=name, dependencies=dependencies))
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"]
    done = subprocess.run([maven, "-q", "-B", *copy], cwd=made, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Missing(f"Maven could not fetch {name}: is a Maven repository reachable?\n{done.stdout[-2000:]}")


def java() -> tuple[str, int]:
    """The `java` program and its major version. Errors: `Missing` when it is not there or too old."""
    home = os.environ.get("JAVA_HOME")
    path = f"{home}/bin/java" if home and Path(home, "bin/java").exists() else program("java", _JAVA)
    said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    major = int(found.group(1)) if found else 0
    if major < LEAST_JAVA:
        raise Missing(f"Java {major or 'of an unknown version'} is too old: install {_JAVA}")
    return path, major


def compiling_java() -> tuple[str, int]:
    """As `java`, for a program given as source: that takes a JDK, not a runtime alone. Errors: `Missing`."""
    path, major = java()
    modules = subprocess.run([path, "--list-modules"], capture_output=True, text=True, check=False).stdout
    if "jdk.compiler" not in modules:
        raise Missing(f"{path} has no compiler: install {_JAVA}")
    return path, major
