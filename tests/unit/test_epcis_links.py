"""GS1 identifiers of every scheme as the canonical link that hash IDs are made of."""

from __future__ import annotations

import pytest

from schemas.epcis.links import canonical_link


@pytest.mark.parametrize(
    ("urn", "link"),
    [
        ("urn:epc:id:sgtin:9521321.012345.a%2Fb", "01/09521321123458/21/a%2Fb"),
        ("urn:epc:id:sscc:9521321.0000000017", "00/095213210000000179"),
        ("urn:epc:id:sgln:9521321.00001.0", "414/9521321000018"),
        ("urn:epc:id:sgln:9521321.00001.D-1", "414/9521321000018/254/D-1"),
        ("urn:epc:id:sgln:952132100001..0", "414/9521321000018"),
        ("urn:epc:id:pgln:9521321.00001", "417/9521321000018"),
        ("urn:epc:id:grai:9521321.00001.7", "8003/095213210000187"),
        ("urn:epc:id:giai:9521321.press%2F4", "8004/9521321press%2F4"),
        ("urn:epc:id:gsrn:9521321.0000000001", "8018/952132100000000014"),
        ("urn:epc:id:gsrnp:9521321.0000000001", "8017/952132100000000014"),
        ("urn:epc:id:gdti:9521321.00001.N-1", "253/9521321000018N-1"),
        ("urn:epc:id:sgcn:9521321.00001.0044", "255/95213210000180044"),
        ("urn:epc:id:cpi:9521321.A%2FB.12", "8010/9521321A%2FB/8011/12"),
        ("urn:epc:id:ginc:9521321.c7", "401/9521321c7"),
        ("urn:epc:id:gsin:9521321.000000001", "402/95213210000000018"),
        ("urn:epc:id:itip:9521321.012345.01.02.9.9", "8006/095213211234580102/21/9.9"),
        ("urn:epc:id:upui:9521321.012345.t(1)", "01/09521321123458/235/t%281%29"),
        ("urn:epc:class:lgtin:9521321.012345.0012", "01/09521321123458/10/0012"),
        ("urn:epc:idpat:sgtin:9521321.012345.*", "01/09521321123458"),
        ("urn:epc:idpat:grai:9521321.00001.*", "8003/09521321000018"),
        ("urn:epc:idpat:gdti:9521321.00001.*", "253/9521321000018"),
        ("urn:epc:idpat:sgcn:9521321.00001.*", "255/9521321000018"),
        ("urn:epc:idpat:cpi:9521321.AB.*", "8010/9521321AB"),
        ("urn:epc:idpat:itip:9521321.012345.01.02.*", "8006/095213211234580102"),
        ("urn:epc:idpat:upui:9521321.012345.*", "01/09521321123458"),
    ],
)
def test_an_epc_urn_becomes_its_link_and_the_link_stays(urn: str, link: str) -> None:
    assert canonical_link(urn) == f"https://id.gs1.org/{link}"
    assert canonical_link(f"http://shop.example:8080/eu/de/{link}?utm=1#top") == f"https://id.gs1.org/{link}"
    assert canonical_link(f"https://id.gs1.org/{link}/") == f"https://id.gs1.org/{link}"


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ("https://a.example/01/9521321123458", "01/09521321123458"),
        ("https://a.example/01/12345670", "01/00000012345670"),
        ("https://a.example/01/09521321123458/22/2A/10/L1/21/7", "01/09521321123458/21/7"),
        ("https://a.example/01/09521321123458/10/L1", "01/09521321123458/10/L1"),
        ("https://a.example/gtin/09521321123458/lot/lot", "01/09521321123458/10/lot"),
        ("https://a.example/414/9521321000018/254/0", "414/9521321000018"),
        ("https://a.example/01/09521321123450/21/7", "01/09521321123450/21/7"),
        ("HTTPS://a.example/01/09521321123458/21/%41%2d%7e", None),
        ("https://a.example/01/09521321123458/21/%41%2d", "01/09521321123458/21/A-"),
    ],
)
def test_a_link_is_brought_to_its_finest_level_on_the_canonical_host(given: str, link: str | None) -> None:
    assert canonical_link(given) == (link and f"https://id.gs1.org/{link}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://a.example/",
        "https://a.example/01/95213211234",
        "https://a.example/po/12345678",
        "https://a.example/01/09521321123458/21",
        "https://a.example/01/09521321123458/21/",
        "https://a.example/01/09521321123458/21/" + "7" * 21,
        "https://a.example/01/09521321123458/21/%E6%9D%8E",
        "https://a.example/01/09521321123458/21/%FF",
        "https://a.example/01/09521321123458/99/7",
        "https://a.example/01/09521321123458/21/7/21/8",
        "https://a.example/00/1234",
        "urn:epc:id:sgtin:9521321.12345.1",
        "urn:epc:id:sgtin:95213.01234567.1",
        "urn:epc:id:sgtin:9521321.012345",
        "urn:epc:id:sgtin:9521321.012345.",
        "urn:epc:id:sgtin:９521321.012345.1",
        "urn:epc:idpat:sgtin:9521321.*.*",
        "urn:epc:id:unknown:9521321.1",
        "urn:epcglobal:cbv:bt:9521321000005:PO-1",
        "urn:uuid:0b3c1f8e-5a0e-4a83-9a0f-6f2c9a4f0001",
        "ftp://a.example/01/09521321123458",
    ],
)
def test_what_is_no_gs1_identifier_is_left_alone(text: str) -> None:
    assert canonical_link(text) is None
