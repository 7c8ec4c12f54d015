"""The tables of subscriptions in the workbench database, and rows to `Subscription` and back. A rebuild leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
import sqlalchemy as sa

from schemas.epcis.formats import EpcFormat
from services.epcis.query import Query
from services.epcis.subscriptions.schedule import read_schedule
from services.epcis.subscriptions.shapes import Attempt, Delivery, Owner, Place, Subscription, Wish

metadata: Final = sa.MetaData()
subscription: Final = sa.Table(
    "epcis_subscription",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("query_name", sa.Text, nullable=False, index=True),
    sa.Column("query", sa.LargeBinary, nullable=False),
    sa.Column("dest", sa.Text, nullable=False),
    sa.Column("wish", sa.LargeBinary, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("key_id", sa.String(64)),
    sa.Column("account_id", sa.String(64)),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("place", sa.LargeBinary, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("token", sa.LargeBinary),
    sa.Column("old_token", sa.LargeBinary),
    sa.Column("old_until_us", sa.BigInteger, nullable=False),
    sa.Column("next_run_us", sa.BigInteger),
    sa.Column("until_us", sa.BigInteger),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("notified_us", sa.BigInteger),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failing_us", sa.BigInteger),
    sa.Column("next_try_us", sa.BigInteger, nullable=False),
)
delivery: Final = sa.Table(
    "epcis_delivery",
    metadata,
    sa.Column("subscription", sa.String(40), primary_key=True),
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("then", sa.LargeBinary, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
)
attempt: Final = sa.Table(
    "epcis_attempt",
    metadata,
    sa.Column("subscription", sa.String(40), primary_key=True),
    sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("delivery", sa.String(40), nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("error", sa.Text),
    sa.Column("ms", sa.Integer, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
)
sender: Final = sa.Table(
    "epcis_sender",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("holder", sa.String(40), nullable=False),
    sa.Column("term", sa.BigInteger, nullable=False),
    sa.Column("until_us", sa.BigInteger, nullable=False),
)
"""Two rows: `sender`, the process that delivers and until when by the database's clock; `changes`, whose term counts
what callers changed, so that a sender in another process sees that it must look again."""


def row_of(one: Subscription) -> dict[str, Any]:
    """Every column."""
    return {
        "id": one.id, "query_name": one.query_name, "query": orjson.dumps(one.query.to_json()), "dest": one.dest,
        "wish": _wish_text(one.wish), "actor": one.owner.actor, "key_id": one.owner.key_id,
        "account_id": one.owner.account_id, "made_us": one.made_us, "place": place_text(one.place), "size": one.size,
        "token": one.token, "old_token": one.old_token, "old_until_us": one.old_until_us,
        "next_run_us": one.next_run_us, "until_us": one.until_us, "state": one.state, "reason": one.reason,
        "notified_us": one.notified_us, "failures": one.failures, "failing_us": one.failing_us,
        "next_try_us": one.next_try_us,
    }  # fmt: skip


def subscription_of(row: Mapping[str, Any]) -> Subscription:
    """From a whole row."""
    return Subscription(
        *(row["id"], row["query_name"], Query.from_json(orjson.loads(row["query"])), row["dest"], _wish(row["wish"])),
        *(Owner(row["actor"], row["key_id"], row["account_id"]), row["made_us"], _place(row["place"]), row["size"]),
        *(
            row["token"],
            row["old_token"],
            row["old_until_us"],
            row["next_run_us"],
            row["until_us"],
            row["state"],
            row["reason"],
        ),
        *(row["notified_us"], row["failures"], row["failing_us"], row["next_try_us"]),
    )


def delivery_of(row: Mapping[str, Any]) -> Delivery:
    """From a whole row."""
    return Delivery(row["id"], row["body"], row["events"], _place(row["then"]))


def attempt_of(row: Mapping[str, Any]) -> Attempt:
    """From a whole row."""
    return Attempt(row["at_us"], row["delivery"], row["events"], row["status"], row["error"], row["ms"], row["answer"])


def place_text(place: Place) -> bytes:
    """A place as it is kept."""
    return orjson.dumps(place)


def _place(text: bytes) -> Place:
    us, event_id, content, row = orjson.loads(text)
    return int(us), str(event_id), str(content), int(row)


def _wish_text(wish: Wish) -> bytes:
    given = None if wish.schedule is None else dict(wish.schedule.given)
    return orjson.dumps([given, wish.initial_us, wish.report_if_empty, wish.format])


def _wish(text: bytes) -> Wish:
    given, initial_us, report_if_empty, name = orjson.loads(text)
    return Wish(None if given is None else read_schedule(given), initial_us, report_if_empty, EpcFormat(name))
