"""The README is true: its commands run as printed against the demo plant, its claims hold, its links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Server

READMES = ("README.md", "README.zh-CN.md")
PAGES = (*READMES, "CHANGELOG.md", *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")))
PRINTED = "127.0.0.1:8000"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)`(?:: ((?:`test_\w+`(?:, )?)+))?")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    """The shell blocks of a page, in order."""
    return BLOCK.findall(text(page))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`stemma serve --demo` in a fresh folder."""
    one = Server(tmp_path_factory.mktemp("readme") / "data", arguments=("--demo",)).start()
    yield one
    one.stop()


def run(server: Server, block: str) -> list[Any]:
    """Run a block in a shell as a reader would, on this server; the JSON documents it prints."""
    environment = {**os.environ, "no_proxy": "*", "NO_PROXY": "*"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.replace(PRINTED, f"127.0.0.1:{server.port}")],
        env=environment, cwd=server.data.parent, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (block, done.stdout, done.stderr)
    printed, at, decoder = done.stdout, 0, json.JSONDecoder()
    documents = []
    while printed[at:].strip():
        at += len(printed[at:]) - len(printed[at:].lstrip())
        document, at = decoder.raw_decode(printed, at)
        documents.append(document)
    return documents


def block_with(page: str, words: str) -> str:
    found = [block for block in blocks(page) if words in block]
    assert len(found) == 1, (page, words)
    return found[0]


def objects_of(answer: dict[str, Any]) -> set[str]:
    return {one["object"].rsplit("/", 1)[-1] for one in answer["objects"]}


@pytest.mark.parametrize("page", READMES)
def test_every_command_is_one_that_a_test_here_runs(page: str) -> None:
    known = (
        *("make run", "/impact?object=SESAME-0612", "/provenance?object=P-0614-1", "/impact?object=MY-LOT"),
        "/epcis/v2/capture",
    )
    assert all(any(words in block for words in known) for block in blocks(page))
    assert all(block.strip() == "make run" or PRINTED in block for block in blocks(page))


@pytest.mark.parametrize("page", READMES)
def test_make_run_is_a_target_that_serves_the_demo_where_the_page_says(page: str) -> None:
    assert block_with(page, "make run").strip() == "make run"
    recipe = re.search(r"^run:.*\n\t(.*)$", text("Makefile"), re.MULTILINE)
    assert recipe is not None
    assert "stemma serve --demo" in recipe[1]
    from services.settings import Settings

    assert Settings.model_fields["listen"].default == PRINTED


@pytest.mark.parametrize("page", READMES)
def test_the_first_recall_is_the_one_described(demo: Server, page: str) -> None:
    (answer,) = run(demo, block_with(page, "/impact?object=SESAME-0612"))
    totals = answer["totals"]
    assert (totals["objects"], totals["certain"], totals["possible"]) == (16, 7, 9)
    assert [seed["finding"] for seed in answer["seeds"]] == ["found"]
    assert len(answer["consignees"]) == 3
    assert all(one["quantities"] for one in answer["consignees"])
    assert answer["carriers"]
    assert len(answer["objects"]) == 16
    assert all(one["state"] for one in answer["objects"])
    assert {"REGRIND-BIN-1", "D-0613-1", "D-0614-1"} <= objects_of(answer)


@pytest.mark.parametrize("page", READMES)
def test_the_numbers_on_the_page_are_those_of_the_answer(demo: Server, page: str) -> None:
    (answer,) = run(demo, block_with(page, "/impact?object=SESAME-0612"))
    totals, prose = answer["totals"], text(page)
    if page == "README.md":
        assert f"{totals['objects']} objects, {totals['certain']} of them `certain` and {totals['possible']}" in prose
    else:
        assert f"{totals['objects']} 个，其中 `certain`（确定）{totals['certain']} 个" in prose
        assert f"`possible`（可能）{totals['possible']} 个" in prose


@pytest.mark.parametrize(("page", "customer"), [("README.md", "Metro Foods"), ("README.zh-CN.md", None)])
def test_customers_are_named_in_the_readers_language(demo: Server, page: str, customer: str | None) -> None:
    (answer,) = run(demo, block_with(page, "/impact?object=SESAME-0612"))
    names = [answer["names"][one["party"]] for one in answer["consignees"]]
    if customer is None:
        assert all(re.search("[\u4e00-\u9fff]", name) for name in names), names
    else:
        assert customer in names


@pytest.mark.parametrize("page", READMES)
def test_a_pack_in_a_customers_hand_leads_back_to_the_bad_lot(demo: Server, page: str) -> None:
    (answer,) = run(demo, block_with(page, "/provenance?object=P-0614-1"))
    assert "SESAME-0612" in objects_of(answer)


@pytest.mark.parametrize(("page", "outcome"), [("README.md", "captured"), ("README.zh-CN.md", "duplicate")])
def test_what_a_reader_records_is_in_the_next_answer(demo: Server, page: str, outcome: str) -> None:
    captured, answer = run(demo, block_with(page, "/impact?object=MY-LOT"))
    assert {one["outcome"] for one in captured} == {outcome}
    assert objects_of(answer) == {"MY-LOT", "MY-DOUGH"}
    assert answer["totals"]["certain"] == 2
    again, answer = run(demo, block_with("README.md", "/impact?object=MY-LOT"))
    assert {one["outcome"] for one in again} == {"duplicate"}
    assert objects_of(answer) == {"MY-LOT", "MY-DOUGH"}


@pytest.mark.parametrize("page", READMES)
def test_a_partner_sends_an_event_and_finds_it_in_another_spelling(demo: Server, page: str) -> None:
    block = block_with(page, "/epcis/v2/capture")
    send, ask = block.partition("curl -s 'http")[::2]
    answered = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", send.replace(PRINTED, f"127.0.0.1:{demo.port}")],
        env={**os.environ, "no_proxy": "*"}, capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    assert " 202 " in answered.splitlines()[0]
    (found,) = run(demo, "curl -s 'http" + ask)
    (event,) = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert event["bizStep"] == "arriving"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    here = (ROOT / page).parent
    broken = [link for link in LINK.findall(text(page)) if "://" not in link and not (here / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_exists(page: str) -> None:
    for file, names in TEST.findall(text(page)):
        assert (ROOT / file).is_file(), file
        source = text(file)
        for name in re.findall(r"test_\w+", names):
            assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), f"{file} has no {name}"


def test_each_guarantee_of_the_readme_names_the_tests_that_hold_it() -> None:
    promised = re.findall(r"^(\d)\. (.*?)(?=^\d\. |^## |\Z)", text("README.md"), re.MULTILINE | re.DOTALL)
    assert len(promised) == 8
    sections = re.split(r"^## \d\. ", text("docs/guarantees.md"), flags=re.MULTILINE)[1:]
    assert len(sections) == len(promised)
    for (_, sentence), section in zip(promised, sections, strict=True):
        assert " ".join(section.split()).startswith(" ".join(sentence.split()))
        assert any(names for _, names in TEST.findall(section)), section
