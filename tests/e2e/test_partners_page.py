"""docs/partners.md is true: its blocks run in order, as printed, against a real server with a key."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import ROOT, Server

PAGE = (ROOT / "docs" / "partners.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADMIN = "stemma_of-the-operator-0123456789abcdefghijkl"
TIMES = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T\S+ \w+Event")


@dataclass
class Read:
    """What each block of the page printed, in order."""

    printed: list[tuple[str, str]]

    def by(self, words: str) -> str:
        """What the one block with these words printed."""
        found = [text for block, text in self.printed if words in block]
        assert len(found) == 1, words
        return found[0]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    """The page as a reader follows it: a key from the operator, then every block in one folder."""
    folder = tmp_path_factory.mktemp("partner")
    key = folder / "key"
    key.write_text(ADMIN)
    key.chmod(0o600)
    server = Server(folder / "data", {"STEMMA_FIRST_KEY_FILE": str(key)}, forked=True).start()
    try:
        yield Read(list(_followed(server)))
    finally:
        server.stop()


def _followed(server: Server) -> Iterator[tuple[str, str]]:
    made = ""
    environment = {**server.environment(), "no_proxy": "*", "NO_PROXY": "*", "STEMMA_KEY": ADMIN}
    environment["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), environment["PATH"]])
    for language, block in BLOCK.findall(PAGE):
        text = block.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}").replace("stemma_…", made)
        if text.startswith("export "):
            environment |= dict(re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE))
            continue
        command = [sys.executable, "-W", "ignore", "-c"] if language == "python" else ["bash", "-euo", "pipefail", "-c"]
        done = subprocess.run(
            [*command, text], env=environment, cwd=server.data.parent, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        if "stemma keys add" in block:
            made = done.stdout.strip().splitlines()[-1]
        yield block, done.stdout


def test_every_block_is_one_that_a_reader_can_run() -> None:
    kinds = [kind for kind, _ in BLOCK.findall(PAGE)]
    assert (kinds.count("sh"), kinds.count("python")) == (10, 1)
    assert all("$STEMMA" in one or "${STEMMA" in one for kind, one in BLOCK.findall(PAGE)[2:] if kind == "sh")


def test_the_first_answer_says_what_is_spoken_and_taken(read: Read) -> None:
    """EPCIS-D2: as the page says it."""
    told = read.by("-X OPTIONS").lower()
    assert " 204 " in told.splitlines()[0]
    assert "gs1-epcis-version: 2.0.0" in told
    assert "gs1-epcis-capture-limit: 5000" in told


def test_json_and_xml_are_captured_and_the_job_says_so(read: Read) -> None:
    """EPCIS-C1 EPCIS-X7: as the page sends them."""
    for words in ("application/ld+json", "xsd:1"):
        told = read.by(words)
        assert " 202 " in told.splitlines()[0]
        assert "location: /epcis/v2/capture/" in told.lower()
    assert '"success":true' in read.by("capture?perPage=1")


def test_what_was_sent_is_found_in_another_spelling_and_walked_through(read: Read) -> None:
    """EPCIS-Q9 EPCIS-P1 EPCIS-T2: as the page asks for it."""
    assert '"bizStep": "shipping"' in read.by("MATCH_anyEPCClass")
    page = read.by("GE_recordTime")
    assert 'rel="next"' in page
    assert "urn:epc:class:lgtin:9521103.000001.PARTNER-1" in page
    assert "</epcisq:EPCISQueryDocument>" in page


def test_the_genealogy_is_behind_a_link(read: Read) -> None:
    """EPCIS-Q2: the extension as the page shows it."""
    assert 'rel="urn:stemma:rel:impact"' in read.by("/epcs/urn")
    assert "PARTNER-1" in read.by("/api/v1/impact")


def test_the_client_of_the_standard_does_what_the_page_says(read: Read) -> None:
    """EPCIS-C7 EPCIS-P4: submit, outcome, for_epc, since."""
    told = read.by("openepcis_client")
    assert "running=False, success=True" in told
    assert re.search(r"^ni:///sha-256;[0-9a-f]{64}\?ver=CBV2.0 receiving$", told, re.MULTILINE)
    assert len(TIMES.findall(told)) == 3


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_readme_leads_to_the_page(page: str) -> None:
    assert "(docs/partners.md)" in (ROOT / page).read_text(encoding="utf-8")
