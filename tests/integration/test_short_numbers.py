"""A short number stands for things, not for the papers that carry the same number."""

from __future__ import annotations

from pathlib import Path

from projections.facts import Mention, Role
from projections.index.store import EventIndex
from tests.integration.event_index_support import FLOUR, commit_of, feed, told


async def test_a_lot_numbered_by_its_order_is_not_ambiguous(tmp_path: Path) -> None:
    index = await EventIndex.open(f"sqlite:///{tmp_path / 'index.sqlite'}")
    papers = (("po", "urn:plant:po:F-0312"), ("desadv", "urn:plant:lot:both"))
    things = (Mention(FLOUR, Role.QUANTITY), Mention("urn:plant:lot:both", Role.EPC))
    facts = {"process": "t:urn:plant:order:F-0312", "transactions": papers, "mentions": things}
    await feed(index, [[commit_of([told("e1", 1, facts=facts)])]])
    assert await index.find_short("F-0312") == [FLOUR]
    assert await index.find_short("both") == ["urn:plant:lot:both"]
    assert {hit.kind for hit in await index.search("F-0312")} == {"lot", "order", "document"}
    await index.close()
