"""The one place that knows concrete back ends: wires adapters to ports by URL, opens them in order, closes them.

Drivers are imported where their adapter is chosen, so an embedded service never loads Kafka or Neo4j. Nothing is
built at import.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from events.port import FACTS, EventLog
from events.position import Position
from events.seals import Sealer
from projections.beside import Beside, IndexBeside, Target
from projections.genealogy.port import Genealogy
from projections.projecting import project
from projections.runner import Runner
from projections.scrubber import Scrubber
from projections.trace.warm import warm
from schemas.epcis.formats import CompanyPrefixes
from schemas.errors import BadInput
from services.accounts import tables as accounts
from services.accounts.links import Links
from services.accounts.people import TERMINAL, People
from services.clock import Clock, system_clock
from services.epcis import store as queries
from services.epcis.contexts import load_contexts
from services.epcis.formats import company_prefixes
from services.epcis.store import EpcisStore
from services.epcis.subscriptions import tables as subscribed
from services.epcis.subscriptions.service import Subscriptions
from services.epcis.subscriptions.store import SubscriptionStore
from services.front import Front, front_of
from services.ingestion.service import Ingestion
from services.keys import store as keyring
from services.keys.store import KeyStore
from services.positions import Ends
from services.recall import questions as asked
from services.recall.questions import QuestionStore
from services.settings import Settings, masked
from services.workbench import Workbench

if TYPE_CHECKING:
    from projections.index.database import Database as IndexDatabase
    from projections.index.store import EventIndex

LOG_FILE: Final = "log.sqlite"
GENEALOGY_FILE: Final = "genealogy.sqlite"
INDEX_FILE: Final = "index.sqlite"
WORKBENCH_FILE: Final = "workbench.sqlite"
_WORKBENCH: Final = tuple(module.metadata for module in (keyring, accounts, asked, queries, subscribed))


@dataclass(frozen=True)
class House:
    """Everything a service needs, opened. `closing` is set when the process is asked to end: streams end then.
    There is no `sealer` beside a running service."""

    settings: Settings
    clock: Clock
    log: EventLog
    genealogy: Genealogy
    index: EventIndex
    runner: Runner
    keys: KeyStore
    people: People
    questions: QuestionStore
    epcis: EpcisStore
    prefixes: CompanyPrefixes
    subscriptions: Subscriptions
    front: Front
    ingestion: Ingestion
    ends: Ends
    sealer: Sealer | None = None
    scrubbers: Sequence[Scrubber] = ()
    """Where there are files of ours to scrub."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def position(self) -> Position:
        """The end of every partition, no older than this call. Errors: `Unavailable`."""
        return await self.ends.current()


@asynccontextmanager
async def open_house(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[House]:
    """Open every store, follow and seal the log, and close all in turn at the end.

    Errors: `BadInput` for a wrong setting, `Unavailable`, `Damaged`.
    """
    async with AsyncExitStack() as stack:
        settings.folder.mkdir(parents=True, exist_ok=True)
        house = await _opened(stack, settings, clock, read_only=False)
        if settings.first_key_file is not None:
            await house.keys.begin_with(settings.first_key_file, house.people.tell_key_made)
        await asyncio.to_thread(warm)
        await house.runner.start()
        stack.push_async_callback(house.runner.stop)
        for scrubber in house.scrubbers:
            scrubber.start()
            stack.push_async_callback(scrubber.stop)
        sealer = Sealer(house.log)
        house = replace(house, sealer=sealer)
        await sealer.start()
        stack.push_async_callback(sealer.stop)
        await house.people.note_settings(settings.shown())
        await house.ingestion.recover()
        await house.ingestion.propose_own(settings.own)
        await house.subscriptions.start()
        stack.push_async_callback(house.subscriptions.stop)
        yield house


@asynccontextmanager
async def open_to_read(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[House]:
    """The same beside a running server, or without one: the log is read only and nothing follows it.

    Errors: `Unavailable` when there is no log yet.
    """
    async with AsyncExitStack() as stack:
        house = await _opened(stack, settings, clock, read_only=True)
        await house.runner.look()
        yield house


async def _opened(stack: AsyncExitStack, settings: Settings, clock: Clock, *, read_only: bool) -> House:
    log = await open_log(settings, read_only=read_only)
    stack.push_async_callback(log.close)
    genealogy = await open_genealogy(settings, log.partitions(FACTS))
    stack.push_async_callback(genealogy.close)
    beside = None if read_only else beside_for(settings)
    if beside is not None:
        stack.push_async_callback(asyncio.to_thread, beside.close)
    index = await open_index(settings, log.partitions(FACTS), beside=beside)
    stack.push_async_callback(index.close)
    workbench = await stack.enter_async_context(open_workbench(settings))
    keys = await KeyStore.open(workbench, clock)
    people = await People.open(workbench, log, clock)
    epcis = await EpcisStore.open(workbench, clock)
    front = front_of(settings.public_url, settings.trusted_proxies)
    runner = Runner(log, [genealogy, index], partial(project, base=settings.base), beside)
    ends = Ends(log)
    contexts = load_contexts(settings.epcis_contexts)
    ingestion = Ingestion(
        *(log, index, runner, ends, clock),
        base=settings.base, waits=embedded(settings), genealogy=genealogy, contexts=contexts,
    )  # fmt: skip
    prefixes = company_prefixes(settings)
    # many deliveries at once wait for each other, and nobody who signs in for them
    deliveries = await Workbench.open(_database(settings, WORKBENCH_FILE))
    stack.push_async_callback(deliveries.close)
    kept = await SubscriptionStore.open(deliveries)
    subscriptions = Subscriptions(kept, index, runner, keys, people, prefixes, settings, clock)
    stack.push_async_callback(subscriptions.close)
    return House(
        settings, clock, log, genealogy, index, runner, keys, people, QuestionStore(workbench, clock), epcis, prefixes,
        subscriptions, front, ingestion, ends, scrubbers=() if read_only else _scrubbers(settings, genealogy, index),
    )  # fmt: skip


def _scrubbers(settings: Settings, genealogy: Genealogy, index: EventIndex) -> Sequence[Scrubber]:
    found = []
    if _embedded_graph(settings):
        from projections.genealogy.embedded import EmbeddedGenealogy

        assert isinstance(genealogy, EmbeddedGenealogy)
        found.append(Scrubber(genealogy))
    if _embedded_database(settings):
        from services.system.scrubbing import FIRST_SECONDS, SECONDS, IndexScrub

        found.append(Scrubber(IndexScrub(settings, index), first=FIRST_SECONDS, seconds=SECONDS))
    return found


def beside_for(settings: Settings) -> Beside | None:
    """A process of its own to project and to write the index in, where there is a second processor; it starts when it
    is wanted."""
    return Beside(settings.base) if len(os.sched_getaffinity(0)) > 1 else None


async def open_log(settings: Settings, *, read_only: bool = False, partitions: int | None = None) -> EventLog:
    """The log that `log_url` names. Errors: `BadInput` for wrong settings of it, `Unavailable`."""
    url = settings.log_target
    if url.startswith("sqlite:") and sqlite_path(url) is None:
        url = f"sqlite:///{settings.folder / LOG_FILE}"
    return await open_log_at(url, partitions or settings.partitions, read_only=read_only)


async def open_log_at(url: str, partitions: int, *, read_only: bool = False) -> EventLog:
    """The log at a URL; `partitions` counts for a new one only. Errors: `BadInput`, `Unavailable`."""
    if url.startswith("kafka:"):
        from events.kafka_log import KafkaEventLog

        return await KafkaEventLog.open(url, partitions=partitions)
    path = sqlite_path(url) if url.startswith("sqlite:") else None
    if path is None:
        raise BadInput.field("log", masked(url), "name sqlite:///FILE or kafka://host:port[,…]/topic")
    from events.sqlite_log import SqliteEventLog

    return await SqliteEventLog.open(path, partitions=partitions, read_only=read_only)


async def open_genealogy(settings: Settings, partitions: int, *, suffix: str = "") -> Genealogy:
    """The genealogy that `graph_url` names; `suffix` names an embedded one beside it. Errors: `Unavailable`."""
    if _embedded_graph(settings):
        from projections.genealogy.embedded import EmbeddedGenealogy

        path = settings.folder / (GENEALOGY_FILE + suffix)
        return await EmbeddedGenealogy.open(path, partitions=partitions, base=settings.base)
    from projections.genealogy.neo4j import Neo4jGenealogy

    return await Neo4jGenealogy.open(settings.graph_target, partitions=partitions, base=settings.base)


async def open_index(
    settings: Settings, partitions: int, *, suffix: str = "", beside: Beside | None = None
) -> EventIndex:
    """The event index in the database that `database_url` names; `suffix` as for the genealogy, `beside` writes what is
    much."""
    from projections.index.store import EventIndex

    url = _database(settings, INDEX_FILE + suffix)
    elsewhere = IndexBeside(beside, Target(url, partitions)) if beside else None
    # what is about to be emptied and filled again may be of any version
    return await EventIndex.open(
        url, partitions=partitions, base=settings.base, any_version=bool(suffix), elsewhere=elsewhere
    )


async def open_index_database(settings: Settings) -> IndexDatabase:
    """The database of the event index alone. Errors: `Unavailable`, `Damaged`."""
    from projections.index.database import Database as IndexDatabase

    return await IndexDatabase.open(_database(settings, INDEX_FILE))


@asynccontextmanager
async def open_workbench(settings: Settings) -> AsyncIterator[Workbench]:
    """The workbench with its tables, in a SQLite file of its own or in the same PostgreSQL database.

    Errors: `Unavailable`."""
    workbench = await Workbench.open(_database(settings, WORKBENCH_FILE), *_WORKBENCH)
    try:
        yield workbench
    finally:
        await workbench.close()


async def make_administrator_link(settings: Settings, clock: Clock = system_clock) -> str:
    """A one-time link for an administrator, made in the database itself, beside a running server or without one.

    Its use is recorded by the server that it is used on. Errors: `Unavailable`.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    async with open_workbench(settings) as workbench:
        return await Links(workbench, clock).make("administrator", None, TERMINAL)


def projection_files(settings: Settings) -> list[Path]:
    """The files of the embedded projections: what a rebuild replaces."""
    files = [settings.folder / GENEALOGY_FILE] if _embedded_graph(settings) else []
    return [*files, _sqlite_folder(settings) / INDEX_FILE] if _embedded_database(settings) else files


async def empty_servers(settings: Settings, genealogy: Genealogy, index: EventIndex, partitions: int) -> None:
    """Empty the projections that are kept on servers, before they are filled again."""
    if not _embedded_graph(settings):
        from projections.genealogy.neo4j import Neo4jGenealogy

        assert isinstance(genealogy, Neo4jGenealogy)
        await genealogy.reset(partitions)
    if not _embedded_database(settings):
        await index.reset(partitions)


def keep_refused_calls(settings: Settings, suffix: str) -> None:
    """Carry the refused calls, which no rebuild makes, over to the embedded index beside."""
    if not _embedded_database(settings):
        return
    old = _sqlite_folder(settings) / INDEX_FILE
    if not old.exists():
        return
    with closing(sqlite3.connect(_sqlite_folder(settings) / (INDEX_FILE + suffix))) as new:
        new.execute("ATTACH DATABASE ? AS old", (str(old),))
        with new:
            new.execute("INSERT OR IGNORE INTO refused_call SELECT * FROM old.refused_call")


def sqlite_path(url: str) -> Path | None:
    """The file a `sqlite:` URL names (`sqlite:///relative`, `sqlite:////absolute`), None when it names none."""
    _, _, path = url.partition("///")
    return Path(path) if path else None


def embedded(settings: Settings) -> bool:
    """True when both projections are files of this machine, so that a capture may wait for them."""
    return _embedded_graph(settings) and _embedded_database(settings)


def _embedded_graph(settings: Settings) -> bool:
    return settings.graph_target.startswith("embedded:")


def _embedded_database(settings: Settings) -> bool:
    return settings.database_target.startswith("sqlite")


def _sqlite_folder(settings: Settings) -> Path:
    path = sqlite_path(settings.database_target)
    return path.parent if path else settings.folder


def _database(settings: Settings, file: str) -> str:
    """A SQLAlchemy URL with an asynchronous driver; a SQLite database is a file for each purpose."""
    if _embedded_database(settings):
        return f"sqlite+aiosqlite:///{_sqlite_folder(settings) / file}"
    rest = settings.database_target.partition(":")[2]
    return f"postgresql+asyncpg:{rest}".replace("sslmode=", "ssl=")
