"""The console's catalogue of words, its files over HTTP and their policies, and the types made from the OpenAPI."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from deploy.node import LEAST, version_of
from services.console.app import ConsoleRoute
from services.problems import add_problems

CONSOLE = Path(__file__).parents[2] / "services" / "console"
SOURCES = [
    path
    for path in sorted((CONSOLE / "web" / "src").rglob("*.ts*"))
    if ".gen." not in path.name and ".test." not in path.name
]
WORDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((CONSOLE / "words").glob("*.json"))}
KEYS = {key: words for part in WORDS.values() for key, words in part.items()}
GROUPS = {"status", "certainty", "kind", "right", "role", "export", "export.direction"} | {
    key.partition(".")[0] for key in WORDS["vocabulary"]
}
"""Keys put together from a value of the API."""


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<script src="/assets/a-1.js" nonce="__NONCE__"></script>', encoding="utf-8")
    (tmp_path / "assets" / "a-1.js").write_text("1", encoding="utf-8")
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text("{}", encoding="utf-8")
    return browser(tmp_path)


def browser(dist: Path) -> httpx.AsyncClient:
    app = Starlette(routes=[ConsoleRoute(dist)])
    add_problems(app)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def test_every_address_that_is_no_api_is_the_page_with_a_nonce_of_its_own(client: httpx.AsyncClient) -> None:
    nonces = set()
    for path in ("/", "/recall?object=x", "/object", "/.vite/manifest.json", "/../../etc/passwd"):
        answer = await client.get(path)
        (nonce,) = re.findall(r'nonce="([^"]+)"', answer.text)
        assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        nonces.add(nonce)
    assert len(nonces) == 5
    assert "__NONCE__" not in nonces


async def test_files_named_by_their_content_are_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/a-1.js")
    assert answer.text == "1"
    assert "immutable" in answer.headers["cache-control"]
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/epcis/v2/nothing", "/health/nothing", "/docs/nothing"])
async def test_an_address_of_an_api_is_never_the_page(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404
    assert (await client.post("/anything")).status_code == 404


async def test_a_console_that_is_built_anew_is_served_without_a_restart(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    assert (await client.get("/assets/a-1.js")).status_code == 200
    (tmp_path / "assets" / "a-1.js").unlink()
    assert (await client.get("/assets/a-1.js")).status_code == 404  # while it is built
    (tmp_path / "index.html").unlink()
    assert (await client.get("/")).status_code == 503
    (tmp_path / "index.html").write_text('<script src="/assets/a-2.js" nonce="__NONCE__"></script>', encoding="utf-8")
    (tmp_path / "assets" / "a-2.js").write_text("2", encoding="utf-8")
    assert (await client.get("/assets/a-2.js")).text == "2"
    assert "a-2.js" in (await client.get("/")).text
    gone = await client.get("/assets/a-1.js")
    assert (gone.status_code, gone.json()["type"]) == (404, "/problems/not-found")
    assert "reload" in gone.json()["detail"]


async def test_a_console_that_is_not_built_says_so(tmp_path: Path) -> None:
    answer = await browser(tmp_path / "none").get("/")
    assert answer.status_code == 503
    assert "make console" in answer.text


def test_a_key_stands_in_one_file_and_has_both_languages_with_the_same_gaps() -> None:
    assert len(KEYS) == sum(len(part) for part in WORDS.values())
    for key, words in KEYS.items():
        assert set(words) == {"zh", "en"}, key
        assert all(text.strip() == text and text for text in words.values()), key
        gaps = {language: sorted(re.findall(r"\{(\w+)\}", text)) for language, text in words.items()}
        assert gaps["zh"] == gaps["en"], key


def test_chinese_is_chinese() -> None:
    for key, words in KEYS.items():
        latin = re.search("[A-Za-z]{4}", re.sub(r"\{\w+\}|Stemma", "", words["zh"]))
        assert not latin or re.search("[一-鿿]", words["zh"]), key
        assert not re.search("[一-鿿]", words["en"]), key


def test_no_word_of_the_catalogue_is_dead() -> None:
    services = [path for path in CONSOLE.parent.rglob("*.py") if CONSOLE not in path.parents]
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*SOURCES, *services])
    made = set(re.findall(r"[\"`']?([a-zA-Z.]+)\.\$\{", text)) | GROUPS
    made |= set(re.findall(r"word(?:_or)?\([\"']([a-zA-Z.]+)\.[\"'] \+", text))
    made |= set(re.findall(r"wordOf\(\"([a-zA-Z.]+)\"", text))
    for key in KEYS:
        group = key.rpartition(".")[0]
        assert any(f"{quote}{key}{quote}" in text for quote in "\"'") or group in made, key


def test_versions_of_node_are_compared_as_numbers() -> None:
    assert version_of("v20.19.1\n") >= LEAST
    assert version_of("v8.9.0") < LEAST
    assert version_of("v100.0.0") >= LEAST
    assert version_of("not a version") == ()
