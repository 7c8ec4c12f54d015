"""One object under several spellings; scans that break a rule refused with what is expected (scenarios G22, E8)."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from schemas.errors import BadIdentifier
from schemas.identifiers import (
    Kind,
    check_digit,
    class_key,
    identify,
    identify_parts,
    identify_strict,
    item_key,
    lot_key,
    short_numbers,
)

GS1 = "https://id.gs1.org/"
PRODUCT = GS1 + "01/09506000000053"
BASE = "https://stemma.plant.example"
GOLDEN = Path(__file__).parents[2].parent / "shared" / "golden" / "spellings.json"


@pytest.mark.parametrize(
    ("text", "key", "kind"),
    [
        ("urn:epc:id:sgtin:9506000.000005.12", PRODUCT + "/21/12", Kind.ITEM),
        ("urn:epc:id:sgtin:9506000.000005.a%2Fb", PRODUCT + "/21/a%2Fb", Kind.ITEM),
        ("urn:epc:id:sgtin:9506000.000005.a.b", PRODUCT + "/21/a.b", Kind.ITEM),
        ("urn:epc:id:sgtin:950600000005.0.12", GS1 + "01/09506000000053/21/12", Kind.ITEM),
        ("urn:epc:class:lgtin:9506000.000005.L-1", PRODUCT + "/10/L-1", Kind.LOT),
        ("urn:epc:idpat:sgtin:9506000.000005.*", PRODUCT, Kind.PRODUCT),
        ("urn:epc:id:sscc:4012345.0000000333", GS1 + "00/040123450000003338", Kind.LOGISTIC_UNIT),
        ("urn:epc:id:sgln:4012345.00011.987", GS1 + "414/4012345000115/254/987", Kind.PLACE),
        ("urn:epc:id:sgln:4012345.00011.0", GS1 + "414/4012345000115", Kind.PLACE),
        ("urn:epc:id:sgln:4012345.00011.00", GS1 + "414/4012345000115/254/00", Kind.PLACE),
        ("urn:epc:id:pgln:4012345.00011", GS1 + "417/4012345000115", Kind.PARTY),
        ("urn:epc:id:pgln:999999999999.", GS1 + "417/9999999999994", Kind.PARTY),
        ("urn:epc:id:grai:4012345.66666.87", GS1 + "8003/0401234566666387", Kind.ASSET),
        ("urn:epc:id:giai:4012345.AAbb", GS1 + "8004/4012345AAbb", Kind.ASSET),
        ("http://shop.example:8080/x/01/9506000000053/22/v/10/L/21/S/?a=1#f", PRODUCT + "/21/S", Kind.ITEM),
        ("HTTPS://ID.GS1.ORG/01/09506000000053/10/AB-1", PRODUCT + "/10/AB-1", Kind.LOT),
        ("https://x.example/414/4012345000115/01/09506000000053", PRODUCT, Kind.PRODUCT),
        ("https://x.example/01/09506000000053/21/414", PRODUCT + "/21/414", Kind.ITEM),
        ("https://x.example/01/09506000000053/10/01/21/00", PRODUCT + "/21/00", Kind.ITEM),
        ("https://x.example/01/96385074", GS1 + "01/00000096385074", Kind.PRODUCT),
        ("https://x.example/01/614141123452", GS1 + "01/00614141123452", Kind.PRODUCT),
        ("https://x.example/414/4012345000115/254/0", GS1 + "414/4012345000115", Kind.PLACE),
        ("https://x.example/8003/04012345666663", GS1 + "8003/04012345666663", Kind.ASSET),
        ("(01)09506000000053(21)12", PRODUCT + "/21/12", Kind.ITEM),
        ("(01) 09506000000053 (17) 261231 (10) L1", PRODUCT + "/10/L1", Kind.LOT),
        ("(01)09506000000053(10)A(B)C", PRODUCT + "/10/A%28B%29C", Kind.LOT),
        ("]C1010950600000005310L1\x1d2112", PRODUCT + "/21/12", Kind.ITEM),
        ("]d2\x1d0109506000000053172612312112\x1d10L1", PRODUCT + "/21/12", Kind.ITEM),
        ("]Q300040123450000003338", GS1 + "00/040123450000003338", Kind.LOGISTIC_UNIT),
        ("01095060000000531020\x1d3103001000", PRODUCT + "/10/20", Kind.LOT),
        ("\x1d00040123450000003338\x1d020950600000005337100", GS1 + "00/040123450000003338", Kind.LOGISTIC_UNIT),
        ("(01)09506000000053(414)4012345000115", PRODUCT, Kind.PRODUCT),
    ],
)
def test_every_spelling_names_the_same_object(text: str, key: str, kind: Kind) -> None:
    assert (identify(text).key, identify(text).kind, identify(text).warning) == (key, kind, None)
    assert identify_strict(text) == identify(text)


@pytest.mark.parametrize(
    "text",
    [
        "urn:plant:lot:7",
        "urn:epc:id:gdti:4012345.55555.98",
        "urn:epc:id:gsrn:4012345.9876540000",
        "urn:epc:idpat:sgtin:9506000.*.*",
        "urn:epc:tag:sgtin-96:3.9506000.000005.12",
        "https://x.example/253/401234555555498",
        "https://x.example/01/09506000000053/235/TPX",
        "https://x.example/01/09506000000053/10/A/10/B",
        "https://x.example/00/040123450000003338/10/A",
        "https://x.example/gtin/09506000000053",
        "https://x.example/01/09506000000053/lot/A",
        "HTTPS://x.example/Some/Thing?q=1#f",
        f"{BASE}/product/flour/lot/1",
    ],
)
def test_anything_else_is_the_uri_as_given(text: str) -> None:
    found = identify(text)
    assert (found.key, found.kind, found.product, found.lot, found.warning) == (text, Kind.OTHER, None, None, None)
    assert identify_strict(text).key == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("urn:epc:id:sscc:9506000.17", "17 digits"),
        ("urn:epc:id:sgtin:95060.00000005.1", "6 to 12 digits"),
        ("urn:epc:id:sgtin:9506000.000005", "needs company prefix, item reference, serial"),
        ("urn:epc:id:sgtin:9506000.000005.", "serial is empty"),
        ("urn:epc:id:sgtin:9506000.000005." + "1" * 21, "21 characters; at most 20"),
        ("urn:epc:id:sgtin:9506000.000005.%C3%A9", "U+00E9"),
        ("urn:epc:id:sgtin:9506000.000005.%ff", "UTF-8"),
        ("urn:epc:class:lgtin:9506000.000005.a%20b", "U+0020"),
        ("urn:epc:id:sgln:4012345.00011.", "extension is empty"),
        ("urn:epc:id:grai:4012345.66666." + "1" * 17, "at most 16"),
        ("urn:epc:id:giai:4012345." + "A" * 24, "at most 30"),
        (GS1 + "01/09506000000054/21/A", "is 4, expected 3"),
        (GS1 + "01/950600000005/21/A", "is 5, expected"),
        (GS1 + "01/9506000/21/A", "8, 12, 13 or 14 digits"),
        (GS1 + "00/040123450000003330", "is 0, expected 8"),
        (GS1 + "00/04012345000000333", "18 digits"),
        (GS1 + "414/4012345000116", "is 6, expected 5"),
        (GS1 + "417/401234500011", "13 digits"),
        (GS1 + "8003/14012345666663", "must begin with 0"),
        (GS1 + "01/09506000000053/10/", "lot is empty"),
        (GS1 + "01/09506000000053/10", "lot is empty"),
        (GS1 + "01/09506000000053/21/😀", "U+1F600"),
        ("(01)09506000000053(21)", "serial is empty"),
        ("(17)261231", "names no object"),
        ("(01)09506000000053(00)040123450000003338", "more than one object"),
        ("(01)09506000000053(235)A", "no kind of object"),
        ("]C1010950600000005\x1d10L1", "(01) must have 14 digits"),
        ("]C10109506000000053AB12", "'AB'"),
    ],
)
def test_a_broken_rule_is_refused_in_a_scan_and_kept_as_a_name_in_a_document(text: str, reason: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        identify_strict(text, field="inputs[0].id")
    (error,) = refused.value.errors
    assert (error.field, error.value) == ("inputs[0].id", text)
    assert reason in error.fix
    kept = identify(text)
    assert (kept.key, kept.kind) == (text, Kind.OTHER)
    assert reason in (kept.warning or "")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("9506000000053", "(01)9506000000053"),
        ("040123450000003338", "(00)040123450000003338"),
        ("81234567890123456789", "20-digit drug code"),
        ("4711", '{"product": "…", "lot": "…"}'),
        ("４７１１", "ordinary digits"),
        ("Ｌ２０２４－０１", "write L2024-01"),
        ("010950600000005310L1", "FNC1"),
        ("L2024-01", "no URI"),
        ("", "empty"),
        (" \r\n", "empty"),
        ("urn:x:" + "a" * 2050, "2048"),
        ("urn:x:a b", "no URI"),
        ("https://id.gs1.org/01/０９５０６０００００００５３", "full-width characters, write 09506000000053"),
    ],
)
def test_a_scan_that_names_nothing_is_refused_with_its_fix(text: str, fix: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        identify_strict(text)
    assert fix in refused.value.errors[0].fix
    assert len(refused.value.errors[0].value) <= 200


def test_a_scanner_may_end_its_text_with_a_newline() -> None:
    assert identify_strict(" (01)09506000000053(21)12\r\n").key == PRODUCT + "/21/12"


def test_markup_and_commands_are_letters_like_any_other() -> None:
    with pytest.raises(BadIdentifier, match="U\\+0020"):
        identify_strict("(01)09506000000053(10)'; DROP TABLE x;--")
    assert identify_strict("(01)09506000000053(10)<b>x</b>").key == PRODUCT + "/10/%3Cb%3Ex%3C%2Fb%3E"


@pytest.mark.parametrize("text", ["9" * 10_000_000, "x" * 10_000_000])
def test_a_huge_field_is_refused_with_a_short_reason(text: str) -> None:
    for read in (identify_strict, class_key):
        with pytest.raises(BadIdentifier) as refused:
            read(text)
        assert len(str(refused.value)) < 300


def test_serials_and_lots_matter_to_the_letter() -> None:
    spellings = ["0012", "12", "O12", "012", "a", "A", "%2F", "%252F"]
    assert len({identify(f"{PRODUCT}/21/{text}").key for text in spellings}) == len(spellings)


def test_escapes_are_written_one_way() -> None:
    assert {identify(f"{PRODUCT}/21/{text}").key for text in ("a%2fb%2Ec", "%61%2Fb.c")} == {PRODUCT + "/21/a%2Fb.c"}


def test_a_link_with_lot_and_serial_names_the_item_and_its_lot() -> None:
    for text in (f"{PRODUCT}/10/L1/21/S", "(01)09506000000053(10)L1(21)S", f"{PRODUCT}/21/S/10/L1"):
        found = identify(text)
        assert (found.key, found.lot, found.product) == (PRODUCT + "/21/S", PRODUCT + "/10/L1", PRODUCT)


def test_a_lot_number_of_ilmd_is_plain_text_and_always_a_key() -> None:
    assert lot_key(PRODUCT, "a%2Fb") == PRODUCT + "/10/a%252Fb"
    long = lot_key(PRODUCT, "批次 " + "1" * 30)
    assert long == f"{PRODUCT}/10/{quote('批次 ' + '1' * 30, safe='')}"
    again = identify(long)
    assert (again.key, again.kind, again.product, again.lot) == (long, Kind.LOT, PRODUCT, long)
    assert "not in GS1's set" in (again.warning or "")


@pytest.mark.parametrize(
    ("text", "key", "kind", "product"),
    [
        ("/product/面粉", "/product/%E9%9D%A2%E7%B2%89", Kind.PRODUCT, "/product/%E9%9D%A2%E7%B2%89"),
        ("/product/f/lot/L%2d1/?x#y", "/product/f/lot/L-1", Kind.LOT, "/product/f"),
        ("/product/f/serial/0012", "/product/f/serial/0012", Kind.ITEM, "/product/f"),
        ("/place/line-1", "/place/line-1", Kind.PLACE, None),
        ("/party/acme", "/party/acme", Kind.PARTY, None),
    ],
)
@pytest.mark.parametrize("base", [BASE, BASE + "/"])
def test_in_house_links_have_the_kinds_of_gs1_keys(
    text: str, key: str, kind: Kind, product: str | None, base: str
) -> None:
    found = identify(BASE + text, base)
    assert (found.key, found.kind) == (BASE + key, kind)
    assert found.product == (BASE + product if product else None)
    assert (found.lot is not None) == (kind is Kind.LOT)
    assert identify_strict(BASE + text, base) == found


@pytest.mark.parametrize(
    "text", ["/product/f/lot/1/serial/2", "/products/f", "/product/f/10/1", "x/product/f", "/place/a/b"]
)
def test_other_links_under_the_base_are_private_names(text: str) -> None:
    assert identify(BASE + text, BASE).key == BASE + text
    assert identify(BASE + text, BASE).kind is Kind.OTHER


def test_in_house_parts_may_not_be_empty() -> None:
    with pytest.raises(BadIdentifier, match="lot is empty"):
        identify_strict(f"{BASE}/product/f/lot/", BASE)


def test_a_product_is_given_by_gtin_link_or_in_house_name() -> None:
    assert class_key("9506000000053") == PRODUCT
    assert class_key("(01)09506000000053") == PRODUCT
    assert class_key("urn:epc:idpat:sgtin:9506000.000005.*") == PRODUCT
    assert class_key("flour 1", BASE) == f"{BASE}/product/flour%201"
    assert class_key("4711", BASE) == f"{BASE}/product/4711"
    for text, reason in (
        ("9506000000054", "is 4, expected 3"),
        ("4711", "8, 12, 13 or 14 digits"),
        (f"{PRODUCT}/10/L", "names a lot, a product is expected"),
        ("flour", "no URI"),
        ("urn:plant:flour", "a product is expected"),
    ):
        with pytest.raises(BadIdentifier) as refused:
            class_key(text)
        assert reason in refused.value.errors[0].fix
        assert refused.value.errors[0].field == "product"


def test_the_parts_of_a_form_make_the_object_they_name() -> None:
    assert identify_parts("9506000000053", lot="L 1".replace(" ", "-")) == identify(f"{PRODUCT}/10/L-1")
    assert identify_parts("9506000000053", serial="a/b") == identify(f"{PRODUCT}/21/a%2Fb")
    assert identify_parts("9506000000053", lot="L1", serial="S") == identify(f"{PRODUCT}/10/L1/21/S")
    assert identify_parts("9506000000053") == identify(PRODUCT)
    assert identify_parts("flour", lot="批次1", base=BASE) == identify(f"{BASE}/product/flour/lot/批次1", BASE)


@pytest.mark.parametrize(
    ("parts", "field", "reason"),
    [
        ({"lot": ""}, "id.lot", "empty"),
        ({"lot": "x" * 21}, "id.lot", "at most 20"),
        ({"lot": "😀"}, "id.lot", "U+1F600"),
        ({"lot": "Ｌ１"}, "id.lot", "write L1"),
        ({"serial": "a b"}, "id.serial", "U+0020"),
    ],
)
def test_the_parts_of_a_form_are_held_to_the_rules(parts: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        identify_parts("9506000000053", **parts)
    assert refused.value.errors[0].field == field
    assert reason in refused.value.errors[0].fix


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        (PRODUCT + "/21/a%2Fb", ("a/b", "a%2Fb", "09506000000053", "9506000000053")),
        (PRODUCT + "/10/L1", ("L1", "09506000000053", "9506000000053")),
        (GS1 + "01/00000096385074", ("00000096385074", "96385074", "0000096385074")),
        (GS1 + "00/040123450000003338", ("040123450000003338",)),
        (GS1 + "414/4012345000115/254/987", ("4012345000115", "987")),
        (GS1 + "8003/0401234566666387", ("0401234566666387", "87")),
        ("urn:plant:lot:A7", ("A7",)),
        (f"{BASE}/product/f/lot/L%20a", ("L a", "L%20a", "f")),
    ],
)
def test_short_numbers_are_what_a_person_would_type(key: str, numbers: tuple[str, ...]) -> None:
    assert short_numbers(key) == numbers


def test_check_digits_are_those_of_gs1() -> None:
    assert [check_digit(digits) for digits in ("629104150021", "37610425002123456", "9638507")] == ["3", "9", "4"]


def test_keys_are_built_as_they_are_read() -> None:
    assert item_key(PRODUCT, "a/b") == identify(f"{PRODUCT}/21/a%2Fb").key
    assert item_key(f"{BASE}/product/f", "1") == f"{BASE}/product/f/serial/1"


@pytest.mark.skipif(not GOLDEN.exists(), reason="the golden cases are not beside the checkout")
def test_the_golden_spellings_meet_in_the_expected_keys() -> None:
    golden = json.loads(GOLDEN.read_text())
    seen = set()
    for record in golden["records"]:
        for member in ("epcList", "inputEPCList", "outputEPCList"):
            seen |= {identify(text).key for text in record["event"].get(member, [])}
    expected = {key for question in golden["questions"] for key in question["expect"]}
    assert seen == expected
