"""What people paste and scanners type is found however it was spelled."""

from __future__ import annotations

import pytest

from schemas.identifiers import identify
from schemas.identifiers.typed import is_code, readings

LOT = "https://id.gs1.org/01/09521103000014/10/SESAME-0612"
ITEM = "https://id.gs1.org/01/09506000000039/21/S-1001"
UNIT = "https://id.gs1.org/00/395210010000000018"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("(01)09521103000014(10)SESAME-0612", LOT),
        ("（01）09521103000014（10）SESAME-0612", LOT),
        ("（０１）０９５２１１０３００００１４（１０）ＳＥＳＡＭＥ－０６１２", LOT),
        ("010952110300001410SESAME-0612", LOT),
        ("]d2010952110300001410SESAME-0612", LOT),
        ("0109521103000014" + "10SESAME-0612", LOT),
        ("01095211030000141726010110SESAME-0612", LOT),
        ("010952110300001410SESAME-0612\x1d17260101", LOT),
        ("010952110300001410SESAME-0612<GS>17260101", LOT),
        ("010952110300001410SESAME-0612{fnc1}17260101", LOT),
        ("010952110300001410SESAME-0612␝17260101", LOT),
        ("\ufeff010952110300001410SESAME-0612\\u001d17260101", LOT),
        ("  https://example.com/01/09521103000014/10/SESAME-0612?17=260101 ", LOT),
        ("]Q1https://id.gs1.org/01/09521103000014/10/SESAME-0612", LOT),
        ("urn:epc:id:sgtin:9506000.000003.S-1001", ITEM),
        ("00395210010000000018", UNIT),
        ("０0395210010000000018", UNIT),
    ],
)  # fmt: skip
def test_a_code_is_read_however_it_came(text: str, key: str) -> None:
    found = [identify(one) for one in readings(text) if is_code(one)]
    assert key in {one.key for one in found} | {one.lot for one in found}


def test_other_texts_stay_what_they_are() -> None:
    assert readings(" SESAME-0612 ") == ("SESAME-0612",)
    assert readings("ＬＯＴ７") == ("ＬＯＴ７", "LOT7")
    assert readings("芝麻") == ("芝麻",)
    assert readings(" \t") == readings("<GS>")[1:] == ()
    assert not any(is_code(one) for one in readings("4006381333931"))
