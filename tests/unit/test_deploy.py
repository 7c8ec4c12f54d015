"""The image, compose and the servers' recipe say what the code expects of them; none of it is started here."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import passwords
from deploy.servers import jars, postgres, servers
from deploy.servers.process import Missing, Server, program
from events.kafka_topics import KafkaUrl
from projections.genealogy.bolt import connect
from schemas.errors import BadInput
from services.cli.serve import check_listen
from services.settings import Settings, load_settings
from tests.servers import IMAGES

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PASSWORD = "a-password"
CONSOLE = ROOT / "services" / "console"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"STEMMA_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def set_in(text: str) -> dict[str, str]:
    """Settings of the image: `STEMMA_…=…` in its ENV lines."""
    return dict(re.findall(r"\b(STEMMA_[A-Z_]+)=(\S+)", text))


def copied() -> Iterator[str]:
    """What the build takes from the checkout."""
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        yield from line.split()[:-1]


def test_the_image_takes_every_package_from_the_checkout_and_the_ignore_file_lets_it_in() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert {name.split(".")[0] for name in packages} <= set(copied())
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in copied():
        assert any(fnmatch(source, one) or source.startswith(f"{one}/") for one in allowed), source


def test_every_folder_with_modules_is_a_package_of_the_distribution_and_holds_modules_alone() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders, others = set(), []
    for top in ("schemas", "events", "projections", "services"):
        for file in (ROOT / top).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                if CONSOLE in file.parents and file.parent != CONSOLE:
                    continue  # its pages and words, declared as data
                folders.add(".".join(file.relative_to(ROOT).parent.parts))
                others += [] if file.suffix == ".py" else [file]
    assert folders == set(packages)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"].get("package-data", {})
    patterns = [pattern for some in declared.values() for pattern in some]
    assert [file for file in others if not any(fnmatch(file.name, Path(one).name) for one in patterns)] == []


def test_the_distribution_and_the_image_carry_the_console_built() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    assert set(declared["services.console"]) == {"words/*.json", "web/dist/**"}
    assert "npm ci" in DOCKERFILE
    assert "COPY --from=console /build/services/console/web/dist services/console/web/dist" in DOCKERFILE
    ignored = (ROOT / ".dockerignore").read_text()
    assert "**/node_modules" in ignored
    assert "**/dist" in ignored  # never what happened to be built on this machine


def test_the_image_runs_as_a_user_of_its_own_and_writes_to_its_volume_alone() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)", final, re.MULTILINE)[-1] == "10001:10001"
    (volume,) = re.findall(r"^VOLUME (\S+)", final, re.MULTILINE)
    environment = set_in(final)
    assert environment["STEMMA_DATA"] == volume
    for written in (environment["STEMMA_FIRST_KEY_FILE"], re.findall(r"NUMBA_CACHE_DIR=(\S+)", final)[0]):
        assert written.startswith(volume + "/")
    assert "HEALTHCHECK" in final
    assert "/health/ready" in final


def test_the_images_settings_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in set_in(DOCKERFILE).items():
        assert name.removeprefix("STEMMA_").lower() in Settings.model_fields
        monkeypatch.setenv(name, value)
    assert load_settings().listen == "0.0.0.0:8000"


def test_the_image_installs_locked_dependencies_with_hashes_and_none_for_development() -> None:
    assert "--require-hashes -r deploy/requirements.lock" in DOCKERFILE
    image, whole = ((ROOT / name).read_text() for name in ("deploy/requirements.lock", "requirements.lock"))
    pins = set(re.findall(r"^([a-z0-9._-]+==\S+)", image, re.MULTILINE))
    assert pins <= set(re.findall(r"^([a-z0-9._-]+==\S+)", whole, re.MULTILINE))
    assert not any(pin.startswith(("pytest==", "testcontainers==", "ruff==", "mypy==")) for pin in pins)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for needed in project["dependencies"]:
        name = re.split(r"[\[>=<;~! ]", needed)[0].lower()
        assert any(pin.startswith(f"{name}==") for pin in pins), name


def test_the_image_serves_beyond_itself_only_as_compose_declares_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in set_in(DOCKERFILE).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match="STEMMA_TRUSTED_PROXIES"):
        check_listen(load_settings())
    monkeypatch.setenv("STEMMA_TRUSTED_PROXIES", SERVICES["stemma"]["environment"]["STEMMA_TRUSTED_PROXIES"])
    check_listen(load_settings())
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["stemma"]["ports"])


def test_compose_waits_until_each_server_is_healthy() -> None:
    waits = SERVICES["stemma"]["depends_on"]
    assert waits == {name: {"condition": "service_healthy"} for name in ("kafka", "neo4j", "postgres")}
    for name in waits:
        assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_compose_and_tests_use_the_same_servers() -> None:
    assert {name: SERVICES[name]["image"] for name in IMAGES} == IMAGES


def test_composes_settings_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["stemma"]["environment"].items():
        assert name.removeprefix("STEMMA_").lower() in Settings.model_fields
        monkeypatch.setenv(name, re.sub(r"\$\{[^}]+\}", PASSWORD, value))
    settings = load_settings()
    url = KafkaUrl.parse(settings.log_target)
    assert (url.servers, url.topic, url.partitions) == (("kafka:9092",), "stemma", 6)
    assert settings.drain_seconds < int(SERVICES["stemma"]["stop_grace_period"].removesuffix("s"))
    assert PASSWORD in settings.graph_target
    assert PASSWORD in settings.database_target


def test_compose_keeps_all_data_in_volumes_and_gives_stemma_no_more_than_it_needs() -> None:
    mounts = {name: [one.split(":") for one in service.get("volumes", ())] for name, service in SERVICES.items()}
    kept = {name: {one[0] for one in some if not one[0].startswith(".")} for name, some in mounts.items()}
    assert set().union(*kept.values()) == set(COMPOSE["volumes"])
    for name in ("kafka", "neo4j", "postgres", "stemma", "grafana"):
        assert kept[name] == {name}
    for name, some in mounts.items():
        for source, _, *mode in (one for one in some if one[0].startswith(".")):
            assert mode == ["ro"], f"{name}: {source}"
            assert (ROOT / "deploy" / source).exists()
    stemma = SERVICES["stemma"]
    assert stemma["read_only"] is True
    assert stemma["cap_drop"] == ["ALL"]


def test_compose_opens_ports_to_this_machine_alone() -> None:
    ports = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert set(ports) == {"stemma", "prometheus", "grafana"}
    assert all(port.startswith("127.0.0.1:") for some in ports.values() for port in some)


def test_compose_starts_grafana_and_prometheus_once_they_have_what_they_sign_in_with() -> None:
    done = "service_completed_successfully"
    assert SERVICES["grafana"]["depends_on"] == {"reader": {"condition": done}}
    assert SERVICES["prometheus"]["depends_on"] == {"metrics-key": {"condition": done}}
    for name in ("reader", "metrics-key"):
        assert SERVICES[name]["depends_on"] == {"stemma": {"condition": "service_healthy"}}
        assert SERVICES[name]["restart"] == "no"


def test_compose_holds_no_password() -> None:
    for name, one in SERVICES.items():
        for variable, value in one.get("environment", {}).items():
            if "PASSWORD" in variable or variable == "NEO4J_AUTH" or "@" in str(value).partition("1@kafka")[0]:
                assert "${" in value, f"{name}: {variable}"


def test_every_password_of_compose_is_made_once_and_kept(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    assert set(re.findall(r"(?<!\$)\$\{(\w+)", text)) == set(passwords.NAMES)
    file = tmp_path / ".env"
    file.write_text("STEMMA_GRAPH_PASSWORD=from-an-older-release")
    assert passwords.complete(file) == list(passwords.NAMES[1:])
    assert passwords.complete(file) == []
    lines = dict(line.split("=") for line in file.read_text().splitlines())
    assert lines["STEMMA_GRAPH_PASSWORD"] == "from-an-older-release"
    assert len(set(lines.values())) == len(passwords.NAMES)


def test_passwords_are_for_their_owner_alone(tmp_path: Path) -> None:
    passwords.complete(tmp_path / ".env")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


async def test_the_recipes_addresses_are_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made: dict[str, Server] = {kind: one(tmp_path, 7) for kind, one in servers.KINDS.items()}
    (tmp_path / "password").write_text(PASSWORD)
    text = servers._environment(tmp_path, {kind: one.url for kind, one in made.items()})
    for line in text.splitlines():
        if not line.startswith("#"):
            monkeypatch.setenv(*line.split("=", 1))
    settings = load_settings()
    assert KafkaUrl.parse(settings.log_target).servers == ("127.0.0.1:7",)
    driver, _ = connect(settings.graph_target)
    await driver.close()
    assert settings.database_target.startswith(f"postgresql+asyncpg://stemma:{PASSWORD}@127.0.0.1:7/")


def test_a_missing_program_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Missing, match="apt-get install maven"):
        jars.fetched("kafka-0", ["org.apache.kafka:kafka_2.13:0"])
    with pytest.raises(Missing, match="apt-get install default-jdk-headless"):
        jars.java()
    with pytest.raises(Missing, match="is not here: install something"):
        program("a-program-that-nobody-has", "something")
    monkeypatch.setattr(postgres, "_PACKAGED", tmp_path)
    with pytest.raises(Missing, match="apt-get install postgresql"):
        postgres._bin("initdb")


def test_a_java_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "java"
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Missing, match="Java 11 is too old"):
        jars.java()


def test_up_without_a_program_leaves_nothing_behind_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(servers, "ENV_FILE", tmp_path / ".servers.env")
    monkeypatch.setattr(servers, "new_folder", lambda: _made(tmp_path / "made"))
    monkeypatch.setattr(servers, "KINDS", {"kafka": servers.Kafka})
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert servers.main(["up"]) == 1
    assert "install" in capsys.readouterr().err
    assert not (tmp_path / ".servers.env").exists()
    assert not (tmp_path / "made").exists()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
