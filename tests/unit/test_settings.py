"""Settings: where they come from, which wins, what is refused, and that no secret is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import BadInput
from services.settings import Settings, load_settings, masked, split_listen


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"STEMMA_{name.upper()}", raising=False)
    monkeypatch.delenv("STEMMA_CONFIG", raising=False)


def test_defaults_are_embedded_and_loopback() -> None:
    found = load_settings()
    assert found.listen == "127.0.0.1:8000"
    assert (found.log_target, found.graph_target, found.database_target) == ("sqlite:", "embedded:", "sqlite:")
    assert found.folder == Path("data")


def test_the_environment_wins_over_the_file_and_arguments_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "stemma.toml").write_text('data = "from-file"\nlisten = "127.0.0.1:1"\npartitions = 6\n')
    monkeypatch.setenv("STEMMA_LISTEN", "127.0.0.1:2")
    assert (load_settings().data, load_settings().listen) == (Path("from-file"), "127.0.0.1:2")
    assert load_settings().partitions == 6
    assert load_settings(listen="127.0.0.1:3").listen == "127.0.0.1:3"


def test_the_file_may_lie_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('base = "https://plant.example/"\n')
    monkeypatch.setenv("STEMMA_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().base == "https://plant.example"


def test_the_demo_has_a_folder_of_its_own() -> None:
    assert load_settings(data=Path("d"), demo=True).folder == Path("d/demo")


def test_own_places_are_listed_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMMA_OWN", "urn:a urn:b,urn:c")
    assert load_settings().own == ("urn:a", "urn:b", "urn:c")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "8000"),
        ("listen", "127.0.0.1:70000"),
        ("log_url", "amqp://secret@h"),
        ("graph_url", "http://h"),
        ("database_url", "mysql://h"),
        ("base", "plant"),
        ("partitions", "0"),
        ("log_level", "LOUD"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_and_its_value_is_not_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"STEMMA_{name.upper()}", value)
    with pytest.raises(BadInput) as caught:
        load_settings()
    assert [e.field for e in caught.value.errors] == [f"STEMMA_{name.upper()}"]
    assert "secret" not in caught.value.detail


def test_an_unknown_line_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stemma.toml").write_text('listne = "127.0.0.1:1"\n')
    with pytest.raises(BadInput, match="LISTNE"):
        load_settings()


def test_a_password_file_gives_the_password_and_it_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pw").write_text("p@ss/word\n")
    monkeypatch.setenv("STEMMA_GRAPH_URL", "bolt://neo4j@graph:7687")
    monkeypatch.setenv("STEMMA_GRAPH_PASSWORD_FILE", str(tmp_path / "pw"))
    monkeypatch.setenv("STEMMA_DATABASE_URL", "postgresql://stemma:hunter2@db/stemma?sslmode=require")
    monkeypatch.setenv("STEMMA_LOG_URL", "kafka://u:hunter2@a:1,b:2/t?security=SASL_SSL&password=hunter2")
    monkeypatch.setenv("STEMMA_KEY", "hunter2")
    found = load_settings()
    assert found.graph_target == "bolt://neo4j:p%40ss%2Fword@graph:7687"
    for text in (repr(found), str(found), str(found.shown()), found.model_dump_json()):
        assert "hunter2" not in text
        assert "p%40ss" not in text
        assert "p@ss" not in text
    assert found.shown()["log_url"] == "kafka://u:***@a:1,b:2/t?security=SASL_SSL&password=***"


def test_a_missing_password_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMMA_LOG_PASSWORD_FILE", "nowhere")
    with pytest.raises(BadInput, match="STEMMA_LOG_PASSWORD_FILE"):
        _ = load_settings().log_target


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:", "sqlite:"),
        ("embedded:", "embedded:"),
        ("bolt://h:7687", "bolt://h:7687"),
        ("neo4j+s://a:b@h", "neo4j+s://a:***@h"),
        ("sqlite:///x/y.db", "sqlite:///x/y.db"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_listen_takes_both_families() -> None:
    assert split_listen("[::1]:80") == ("::1", 80)
    assert split_listen("0.0.0.0:0") == ("0.0.0.0", 0)
