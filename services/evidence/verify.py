"""Checks an evidence file of Stemma: that every record in it is the one that was sealed. Needs Python 3.8 alone.

    python3 verify.py [FILE.zip] [--against SEALS]

Without FILE the folder that this script lies in is checked. SEALS are seals exported from the log at another time by
`stemma verify --export`, kept by somebody else; with them a seal that was made up is found too.

A record's digest is SHA-256 over the length of its envelope (8 bytes, big-endian), its stamp (8 bytes, signed), the
envelope, and the raw bytes; a seal names the digest of each record by partition and offset.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import pathlib
import sys
import zipfile
from collections.abc import Sequence

MANIFEST = "manifest.json"
SEALS = "seals.jsonl"


class Folder:
    """Files below a folder."""

    def __init__(self, place: pathlib.Path) -> None:
        self._place = pathlib.Path(place)

    def names(self) -> set[str]:
        return {str(one.relative_to(self._place)).replace("\\", "/") for one in self._place.rglob("*") if one.is_file()}

    def read(self, name: str) -> bytes:
        return (self._place / name).read_bytes()


class Zip:
    """Files within a ZIP."""

    def __init__(self, place: str) -> None:
        self._zip = zipfile.ZipFile(place)

    def names(self) -> set[str]:
        return set(self._zip.namelist())

    def read(self, name: str) -> bytes:
        return self._zip.read(name)


def digest_of(stamp: int, envelope: bytes, raw: bytes) -> bytes:
    head = len(envelope).to_bytes(8, "big") + stamp.to_bytes(8, "big", signed=True)
    return hashlib.sha256(head + envelope + raw).digest()


def sealed_digests(lines: Sequence[bytes]) -> dict[tuple[str, int, int], bytes]:
    """The digest that was sealed first for each (stream, partition, offset)."""
    found: dict[tuple[str, int, int], bytes] = {}
    for line in lines:
        seal = json.loads(line)
        digests = base64.b64decode(seal["sha256"])
        offsets = seal.get("offsets") or range(seal["first"], seal["last"] + 1)
        for number, offset in enumerate(offsets):
            place = seal.get("stream", "facts"), seal["partition"], offset
            found.setdefault(place, digests[32 * number : 32 * number + 32])
    return found


def faults_of(files: Folder | Zip, against: Sequence[bytes] | None = None) -> tuple[list[str], int]:
    """(what is wrong, one line each; how many records are whole)."""
    faults, whole = [], 0
    manifest = json.loads(files.read(MANIFEST))
    names = files.names() - {MANIFEST}
    for name in sorted(names - set(manifest["sha256"])):
        faults.append(f"{name}: is not in the manifest: it was added")
    for name, digest in sorted(manifest["sha256"].items()):
        if name not in names:
            faults.append(f"{name}: is missing")
        elif hashlib.sha256(files.read(name)).hexdigest() != digest:
            faults.append(f"{name}: was altered")
    lines = files.read(SEALS).splitlines() if SEALS in names else []
    if against is not None:
        for line in set(lines) - set(against):
            faults.append(f"{SEALS}: a seal is not among those exported before: {line[:60].decode()}")
    sealed = sealed_digests(lines)
    for one in manifest["records"]:
        where = f"record at offset {one['offset']} of partition {one['partition']} ({one['event']})"
        expected = sealed.get(("facts", one["partition"], one["offset"]))
        if one["envelope"] not in names or one["raw"] not in names:
            faults.append(f"{where}: is missing")
        elif expected is None:
            faults.append(f"{where}: no seal covers it")
        elif digest_of(one["stamp"], files.read(one["envelope"]), files.read(one["raw"])) != expected:
            faults.append(f"{where}: is not what was sealed")
        else:
            whole += 1
    return faults, whole


def main() -> int:
    parser = argparse.ArgumentParser(description="check an evidence file of Stemma")
    parser.add_argument("file", nargs="?", help="the ZIP; without it the folder of this script")
    parser.add_argument("--against", help="seals exported before by `stemma verify --export`")
    given = parser.parse_args()
    files: Folder | Zip = Zip(given.file) if given.file else Folder(pathlib.Path(__file__).resolve().parent)
    against = pathlib.Path(given.against).read_bytes().splitlines() if given.against else None
    try:
        faults, whole = faults_of(files, against)
    except (KeyError, ValueError, TypeError, AttributeError) as broken:
        faults, whole = [f"{MANIFEST} or {SEALS} cannot be read: {broken}"], 0
    for fault in faults:
        print(fault)
    print(f"{whole} records are what was sealed, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
