"""The evidence file: a ZIP of records byte for byte, seals, a readable page in both languages, CSV, and the script that
checks it with Python alone."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import IO, Any, Final

from events.port import Record
from projections.index.read_events import IndexedEvent
from services.evidence.gathering import Gathered
from services.words import word, word_or

LANGUAGES: Final = ("zh", "en")
_VERIFIER: Final = Path(__file__).with_name("verify.py")
_COLUMNS: Final = ("time", "activity", "object", "place", "resource", "operator", "result", "recorded", "by", "about")
_STYLE: Final = (
    "body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3em;"
    "text-align:left;vertical-align:top;font-size:.85em}.withdrawn{text-decoration:line-through;color:#777}"
)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cover:
    """What was asked, with the position and moment it rests on, when it was made and by whom."""

    question: Json
    basis: Json
    made: str
    by: str


def write(file: IO[bytes], cover: Cover, gathered: Gathered, entries: Sequence[Json], csv: str,
          names: Mapping[str, Mapping[str, str]]) -> None:  # fmt: skip
    """Write the file; `entries` are the events as the timeline tells them, `names` of keys by language."""
    digests: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:

        def add(name: str, content: bytes) -> None:
            package.writestr(name, content)
            digests[name] = hashlib.sha256(content).hexdigest()

        listed = [_add_record(add, indexed, record) for indexed, record in gathered.records]
        add("seals.jsonl", b"".join(seal.raw() + b"\n" for seal in gathered.seals))
        add("timeline.csv", csv.encode())
        for language in LANGUAGES:
            add(f"index.{language}.html", page(cover, entries, names[language], language).encode())
        add("verify.py", _VERIFIER.read_bytes())
        add("README.txt", "".join(word("evidence.readme", one) + "\n\n" for one in LANGUAGES).encode())
        manifest = {
            "evidence": 1,
            "question": cover.question,
            "basis": cover.basis,
            "made": cover.made,
            "by": cover.by,
            "events": len(entries),
            "records": listed,
            "sha256": digests,
        }
        package.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode())


def _add_record(add: Any, indexed: IndexedEvent, record: Record) -> Json:
    name = f"records/{record.partition}-{record.offset}"
    add(f"{name}.envelope.json", record.envelope)
    add(f"{name}.raw", record.raw)
    return {
        "event": indexed.facts.event_id,
        "state": indexed.state.name.lower(),
        "partition": record.partition,
        "offset": record.offset,
        "stamp": record.stamp,
        "envelope": f"{name}.envelope.json",
        "raw": f"{name}.raw",
    }


def page(cover: Cover, entries: Sequence[Json], names: Mapping[str, str], language: str) -> str:
    """A page that any browser shows, without a script."""
    heading = escape(word("evidence.title", language))
    told = [
        (word("evidence.asked", language), json.dumps(cover.question, ensure_ascii=False)),
        (word("export.knownAt", language), cover.basis["known_at"]),
        (word("export.position", language), cover.basis["position"]),
        (word("export.made", language), cover.made),
        (word("export.by", language), cover.by),
    ]
    about = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in told)
    head = "".join(f"<th>{escape(word('evidence.' + one, language))}</th>" for one in _COLUMNS)
    rows = "".join(_row(entry, names, language) for entry in entries)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{heading}</title>'
        f"<style>{_STYLE}</style><h1>{heading}</h1><table>{about}</table>"
        f"<h2>{len(entries)}</h2><table><tr>{head}</tr>{rows}</table></html>"
    )


def _row(entry: Json, names: Mapping[str, str], language: str) -> str:
    objects = [_object(one, names) for one in entry["objects"]]
    corrections = [
        f"{word('evidence.corrected', language)} {one['recorded']} ({one['reason'] or ''}) {one['actor']}"
        for one in entry["corrected_by"]
    ]
    corrections += [f"{word('evidence.insteadOf', language)} {one}" for one in entry["corrects"]]
    activity = entry["activity"] or entry["type"]
    cells = (
        entry["time"], word_or(f"step.{activity}", language, activity), "\n".join(objects),
        _named(entry["place"], names), " ".join(entry["resources"]), entry["operator"] or "", entry["result"] or "",
        entry["recorded"], entry["actor"], "\n".join([entry["event"], *corrections]),
    )  # fmt: skip
    style = ' class="withdrawn"' if entry["withdrawn"] else ""
    return f"<tr{style}>" + "".join(f"<td>{escape(cell).replace(chr(10), '<br>')}</td>" for cell in cells) + "</tr>"


def _object(one: Json, names: Mapping[str, str]) -> str:
    amount = "" if one["quantity"] is None else f" {one['quantity']} {one['unit'] or ''}"
    return _named(one["object"], names) + amount


def _named(key: str | None, names: Mapping[str, str]) -> str:
    return "" if key is None else f"{names[key]} ({key})" if key in names else key
