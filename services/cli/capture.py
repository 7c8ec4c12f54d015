"""`stemma capture FILE…`: send files to the running server, with a progress bar, so that a broken run can go on.

A `.json`, `.jsonld` or `.xml` file holds an EPCIS document, query document or master data document (XML of EPCIS 2.0 or
1.2), which is one capture job, or a single event; JSON may also be an activity or a list of them. An `.ndjson` (or
`.jsonl`) file has one activity or one EPCIS event a line and is sent in parts. How far such a file got stands beside it
in `FILE.stemma-progress`, removed at its end; a run that starts again skips what was answered. What was sent but not
answered is sent again, which changes nothing: events are known by their identity, activities by an Idempotency-Key
made of the file's content and the line.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from schemas.errors import BadInput, Busy, TooLarge, Unavailable
from services.cli.client import Client, error_of
from services.cli.say import err, out, plainly
from services.settings import load_settings

LINES: Final = 500
_CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_MEDIA: Final = {".json": "application/ld+json", ".jsonld": "application/ld+json", ".xml": "application/xml"}
_LINED: Final = (".ndjson", ".jsonl")
_ROOT: Final = re.compile(rb"<(?![?!])(?:[^\s<>:/]+:)?([^\s<>:/]+)")
_RETRIES: Final = 5


@dataclass
class _Outcome:
    """What became of a file's events: how many of each verdict, and the faults found."""

    verdicts: Counter[str]
    faults: list[str]


def capture(
    files: Annotated[
        list[Path], typer.Argument(help="EPCIS in JSON or XML, activities, NDJSON of either", exists=True)
    ],
) -> None:
    """Send files to the running server. Exit code 1 if anything was refused or in conflict."""
    with plainly(), Client(load_settings()) as client:
        clean = True
        for file in files:
            outcome = _sent(client, file)
            counted = ", ".join(f"{n} {verdict}" for verdict, n in sorted(outcome.verdicts.items())) or "nothing"
            out.print(f"{file}: {counted}")
            for fault in outcome.faults:
                err.print(f"  {fault}")
            clean = clean and not outcome.faults
        if not clean:
            raise typer.Exit(1)


def _sent(client: Client, file: Path) -> _Outcome:
    """What became of a file; one that is refused whole is told, and the others go on."""
    try:
        return _send(client, file)
    except (BadInput, TooLarge) as fault:
        return _Outcome(Counter(refused=1), [fault.detail])


def _send(client: Client, file: Path) -> _Outcome:
    suffix = file.suffix.lower()
    if suffix in _LINED:
        return _send_lines(client, file)
    if suffix not in _MEDIA:
        raise BadInput.field("FILE", str(file), f"name it {', '.join([*_MEDIA, *_LINED])} after what it holds")
    body, send = file.read_bytes(), _SENDERS[_kind(file)]
    with _bar() as bar:
        task = bar.add_task(file.name, total=1)
        outcome = send(client, body, _MEDIA[suffix])
        bar.update(task, completed=1)
    return outcome


def _kind(file: Path) -> Literal["document", "event", "activities"]:
    """What a file sent whole holds. What cannot be read is a document: the server says what is wrong with it."""
    body = file.read_bytes()
    if file.suffix.lower() == ".xml":
        root = _ROOT.search(body)
        return "event" if root is not None and root[1].endswith(b"Event") else "document"
    try:
        told = json.loads(body)
    except ValueError:
        return "document"
    if isinstance(told, list) or (isinstance(told, dict) and "activity" in told):
        return "activities"
    return "document" if not isinstance(told, dict) or str(told.get("type", "")).endswith("Document") else "event"


def _send_document(client: Client, body: bytes, media: str) -> _Outcome:
    headers = {"content-type": media, "gs1-capture-error-behaviour": "proceed"}
    answer = _again(lambda: client.call("POST", "/epcis/v2/capture", content=body, headers=headers))
    return _of_job(_finished(client, answer.headers["location"]))


def _send_event(client: Client, body: bytes, media: str) -> _Outcome:
    headers = {"content-type": media, "accept": "application/json"}
    answer = _again(lambda: client.call("POST", "/epcis/v2/events", taken=(409,), content=body, headers=headers))
    outcome = "captured" if answer.status_code == 201 else answer.headers.get("stemma-outcome", "conflict")
    return _Outcome(Counter({outcome: 1}), [f"1: {error_of(answer).detail}"] if outcome == "conflict" else [])


def _send_activities(client: Client, body: bytes, _: str) -> _Outcome:
    headers = {"content-type": "application/json", "idempotency-key": hashlib.sha256(body).hexdigest()[:32]}
    answer = _again(lambda: client.call("POST", "/api/v1/activities", content=body, headers=headers)).json()
    return _outcome(answer if isinstance(answer, list) else [answer])


_SENDERS: Final[Mapping[str, Callable[[Client, bytes, str], _Outcome]]] = {
    "document": _send_document,
    "event": _send_event,
    "activities": _send_activities,
}


def _finished(client: Client, location: str) -> dict[str, Any]:
    """The capture job once it has ended."""
    path = httpx.URL(location).raw_path.decode()
    pause = 0.02
    while True:
        job: dict[str, Any] = client.call("GET", path).json()
        if not job.get("running", False):
            return job
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)


def _of_job(job: dict[str, Any], first: int = 0) -> _Outcome:
    """What a finished job says of each event; its errors stand apart, by the event's index. A server that answers
    strictly by the standard tells of the document alone."""
    if "events" not in job:
        faults = [str(error.get("detail") or error["title"]) for error in job["errors"]]
        return _Outcome(Counter({"document captured" if job["success"] else "document with errors": 1}), faults)
    errors = {int(error["index"]): error for error in job["errors"]}
    return _outcome([{**errors.get(int(event["index"]), {}), **event} for event in job["events"]], first)


def _outcome(verdicts: list[dict[str, Any]], first: int = 0) -> _Outcome:
    """`first` is how many events of the file came before these."""
    faults = [
        f"{first + place + 1}: {_words(one)}"
        for place, one in enumerate(verdicts)
        if one["outcome"] not in ("captured", "duplicate")
    ]
    return _Outcome(Counter(str(one["outcome"]) for one in verdicts), faults)


def _words(verdict: dict[str, Any]) -> str:
    errors = "; ".join(f"{e['field']}: {e['fix']}" for e in verdict.get("errors") or [])
    return " ".join(filter(None, (str(verdict.get("eventID") or ""), errors or str(verdict.get("detail") or ""))))


def _send_lines(client: Client, file: Path) -> _Outcome:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    lines = [line for line in file.read_bytes().split(b"\n") if line.strip()]
    progress = file.with_name(file.name + ".stemma-progress")
    begin = _begun(progress, digest)
    total = _Outcome(Counter(), [])
    with _bar() as bar:
        task = bar.add_task(file.name, total=len(lines), completed=begin)
        for first in range(begin, len(lines), LINES):
            part = lines[first : first + LINES]
            done = _send_part(client, part, f"{digest[:32]}:{first}", first)
            total.verdicts.update(done.verdicts)
            total.faults.extend(done.faults)
            progress.write_text(json.dumps({"sha256": digest, "lines": first + len(part)}))
            _advance(bar, task, len(part))
    progress.unlink(missing_ok=True)
    if begin:
        total.verdicts["sent before"] = begin
    return total


def _send_part(client: Client, lines: list[bytes], key: str, first: int) -> _Outcome:
    if _is_activity(lines[0]):
        headers = {"content-type": "application/x-ndjson", "idempotency-key": key}
        body = b"\n".join(lines)
        answer = _again(lambda: client.call("POST", "/api/v1/activities", content=body, headers=headers)).json()
        return _outcome(answer if isinstance(answer, list) else [answer], first)
    document = (
        b'{"@context":["' + _CONTEXT.encode() + b'"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":'
        b'"1970-01-01T00:00:00Z","epcisBody":{"eventList":[' + b",".join(lines) + b"]}}"
    )
    headers = {"content-type": "application/ld+json", "gs1-capture-error-behaviour": "proceed"}
    answer = _again(lambda: client.call("POST", "/epcis/v2/capture", content=document, headers=headers))
    return _of_job(_finished(client, answer.headers["location"]), first)


def _is_activity(line: bytes) -> bool:
    try:
        return "activity" in json.loads(line)
    except ValueError:
        return True


def _begun(progress: Path, digest: str) -> int:
    """How many lines of this very content were answered before."""
    try:
        found = json.loads(progress.read_text())
        return int(found["lines"]) if found["sha256"] == digest else 0
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _again(call: Any) -> httpx.Response:
    """A call, tried again while the server says it cannot now."""
    for attempt in range(_RETRIES):
        try:
            answer: httpx.Response = call()
            return answer
        except (Busy, Unavailable):
            if attempt == _RETRIES - 1:
                raise
            time.sleep(0.5 * 2**attempt)
    raise AssertionError("unreachable")


def _advance(bar: Progress, task: TaskID, lines: int) -> None:
    bar.update(task, advance=lines)


def _bar() -> Progress:
    columns: Iterator[Any] = iter(
        (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    )
    return Progress(*columns, console=err, transient=True)
