"""All settings of Stemma in one frozen object: the environment first, then `stemma.toml`, then the defaults.

Every setting is `STEMMA_` and its name in capitals in the environment, and its bare name in `stemma.toml` (in the
working directory, or where `STEMMA_CONFIG` points). URLs may hold a password, or leave it to a file named by
`…_PASSWORD_FILE`, which wins. URLs are secrets as a whole: `repr` hides them and `masked` shows them without the
password. Nothing is opened or created here.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from schemas.errors import BadInput, FieldError

_SECRET_PARAMETERS: Final = ("password", "secret", "token")
LOG_SCHEMES: Final = ("sqlite", "kafka")
GRAPH_SCHEMES: Final = ("embedded", "neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
DATABASE_SCHEMES: Final = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+asyncpg")


def _scheme_of(*schemes: str) -> AfterValidator:
    def check(url: SecretStr) -> SecretStr:
        if url.get_secret_value().split(":", 1)[0] not in schemes:
            raise ValueError(f"must begin with one of {', '.join(s + ':' for s in schemes)}")
        return url

    return AfterValidator(check)


def _listed(value: object) -> object:
    """A list written in one line: separated by spaces or commas."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _checked_listen(value: str) -> str:
    split_listen(value)
    return value


def _checked_base(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an http or https address without query and fragment")
    return value.rstrip("/")


def _checked_network(value: str) -> str:
    ipaddress.ip_network(value, strict=False)
    return value


class Settings(BaseSettings):
    """What one process runs with. Times are in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(
        env_prefix="STEMMA_", frozen=True, extra="forbid", hide_input_in_errors=True, env_ignore_empty=True
    )

    data: Path = Field(Path("data"), description="folder of everything embedded")
    demo: bool = Field(False, description="serve the demo plant from `DATA/demo`")
    listen: Annotated[str, AfterValidator(_checked_listen)] = Field("127.0.0.1:8000", description="HOST:PORT")
    log_url: Annotated[SecretStr, _scheme_of(*LOG_SCHEMES)] = Field(
        SecretStr("sqlite:"), description="`sqlite:` or `kafka://host:port[,…]/topic?…`"
    )
    graph_url: Annotated[SecretStr, _scheme_of(*GRAPH_SCHEMES)] = Field(
        SecretStr("embedded:"), description="`embedded:`, `neo4j://…` or `bolt://user:password@…`"
    )
    database_url: Annotated[SecretStr, _scheme_of(*DATABASE_SCHEMES)] = Field(
        SecretStr("sqlite:"), description="SQLAlchemy URL; `sqlite:` is a file in the data folder"
    )
    log_password_file: Path | None = Field(None, description="file that holds the password of `log_url`")
    graph_password_file: Path | None = Field(None, description="file that holds the password of `graph_url`")
    database_password_file: Path | None = Field(None, description="file that holds the password of `database_url`")
    backups: Path | None = Field(
        None, description="folder of backups that are made by call; default `backups` in the data folder"
    )
    own: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (), description="own places and parties, separated by spaces"
    )
    base: Annotated[str, AfterValidator(_checked_base)] | None = Field(
        None, description="address under which in-house identifiers are made"
    )
    first_key_file: Path | None = Field(
        None, description="admin key to begin with: read from this file, or made and written to it if it is missing"
    )
    tls_cert: Path | None = Field(None, description="certificate with its chain (PEM), to serve https")
    tls_key: Path | None = Field(None, description="private key of `tls_cert` (PEM)")
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_checked_network)], ...], NoDecode, BeforeValidator(_listed)
    ] = Field((), description="addresses or networks of the proxies whose forwarding headers are believed")
    public_url: Annotated[str, AfterValidator(_checked_base)] | None = Field(
        None, description="address at which people open this service"
    )
    key: SecretStr | None = Field(None, description="key the command line calls the server with")
    server: str | None = Field(None, description="server the command line calls; default the one on this data folder")
    partitions: int = Field(1, ge=1, le=64, description="partitions of a log made by this process")
    wait_seconds: float = Field(10.0, gt=0, le=300, description="longest wait for `Stemma-Wait-For`")
    drain_seconds: int = Field(20, ge=0, le=600, description="longest wait for open requests at shutdown")
    max_body: int = Field(16 * 1024 * 1024, ge=1024, description="bytes of one request body")
    max_depth: int = Field(64, ge=8, le=256, description="nesting of one JSON body")
    epcis_strict: bool = Field(False, description="EPCIS answers hold nothing beyond the standard")
    epcis_contexts: Path | None = Field(
        None, description="JSON file of further `@context` addresses: address to context, or to its file's name"
    )
    epcis_page: int = Field(1000, ge=1, le=10_000, description="most events or members on a page of EPCIS")
    epcis_values: int = Field(1000, ge=1, le=100_000, description="most values in one EPCIS query")
    epcis_address: int = Field(8192, ge=256, description="bytes of the address of an EPCIS query")
    company_prefixes: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (), description="GS1 company prefixes, for identifiers asked for as EPC URNs, separated by spaces"
    )
    gcp_lengths: Path | None = Field(None, description="GS1's list of company prefix lengths, a JSON file")
    epcis_seconds: float = Field(30.0, gt=0, le=600, description="longest work on one EPCIS query")
    epcis_token_seconds: int = Field(3600, ge=1, description="life of a token of a next page")
    secret_key_file: Path | None = Field(
        None, description="file of the key that signature tokens are encrypted with; `secret.key` in the data folder"
    )
    webhook_networks: Annotated[
        tuple[Annotated[str, AfterValidator(_checked_network)], ...], NoDecode, BeforeValidator(_listed)
    ] = Field((), description="private addresses or networks that subscriptions may be delivered to")
    webhook_batch: int = Field(500, ge=1, le=500, description="most events of one delivery")
    webhook_seconds: float = Field(30.0, gt=0, le=300, description="longest wait for the answer to a delivery")
    webhook_retry_seconds: float = Field(86_400.0, gt=0, description="how long a delivery is tried before suspension")
    webhook_rotate_seconds: float = Field(86_400.0, ge=0, description="how long a rotated token signs beside the new")
    webhook_attempts: int = Field(100, ge=1, le=10_000, description="attempts shown of each subscription")
    subscriptions: int = Field(10_000, ge=0, description="most subscriptions; sockets of a process at most a tenth")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="lines to write")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over environment over `stemma.toml`."""
        file = TomlConfigSettingsSource(settings_cls, Path(os.environ.get("STEMMA_CONFIG", "stemma.toml")))
        return init_settings, env_settings, file

    @property
    def folder(self) -> Path:
        """Where this process keeps its files: the data folder, or `demo` in it."""
        return self.data / "demo" if self.demo else self.data

    @property
    def embedded(self) -> bool:
        """True when log and projections are files of the data folder."""
        given = (self.log_url, self.graph_url, self.database_url)
        return all(url.get_secret_value().startswith(("sqlite", "embedded")) for url in given)

    @property
    def backup_folder(self) -> Path:
        """Where backups go that are made by call."""
        return self.backups or self.folder / "backups"

    @property
    def secret_key(self) -> Path:
        """The file of the key that signature tokens are encrypted with."""
        return self.secret_key_file or self.folder / "secret.key"

    @property
    def log_target(self) -> str:
        """The log's URL with its password, for the adapter alone. Errors: `BadInput` for an unreadable file."""
        return _with_password(self.log_url, self.log_password_file, "log_password_file")

    @property
    def graph_target(self) -> str:
        """The genealogy's URL with its password, for the adapter alone."""
        return _with_password(self.graph_url, self.graph_password_file, "graph_password_file")

    @property
    def database_target(self) -> str:
        """The database's URL with its password, for the adapter alone."""
        return _with_password(self.database_url, self.database_password_file, "database_password_file")

    def shown(self) -> dict[str, str]:
        """Every setting as text that may be printed: no password, no key."""
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: _shown(name, value) for name, value in plain.items()}


def _shown(name: str, value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set)" if name == "key" else masked(value.get_secret_value())
    if value is None:
        return "(not set)"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def load_settings(**given: object) -> Settings:
    """Settings with `given` on top. Errors: `BadInput` naming each setting at fault, never its value."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as fault:
        errors = [
            FieldError("STEMMA_" + ".".join(map(str, e["loc"])).upper(), "(hidden)", e["msg"]) for e in fault.errors()
        ]
        raise BadInput("settings: " + "; ".join(f"{e.field}: {e.fix}" for e in errors), errors=errors) from None


def split_listen(listen: str) -> tuple[str, int]:
    """`HOST:PORT` or `[V6]:PORT` as host and port; port 0 asks for a free one. Errors: ValueError."""
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000")
    return host.strip("[]"), int(port)


def masked(url: str) -> str:
    """The URL with every password in it shown as `***`. All before the last `@` counts as the user's, so that a
    password with a `/` or `?` in it is hidden too."""
    scheme, sep, rest = url.partition("://")
    user, at, tail = rest.rpartition("@")
    name, colon, _ = user.partition(":")
    place, question, query = tail.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    shown = "&".join(k + eq + ("***" if any(s in k.lower() for s in _SECRET_PARAMETERS) else v) for k, eq, v in pairs)
    return f"{scheme}{sep}{name}{colon and ':***'}{at}{place}{question}{shown}"


def _with_password(url: SecretStr, file: Path | None, name: str) -> str:
    text = url.get_secret_value()
    if file is None:
        return text
    try:
        password = file.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise BadInput.field(f"STEMMA_{name.upper()}", str(file), f"cannot be read: {fault.strerror}") from None
    parts = urlsplit(text)
    user, _, host = parts.netloc.rpartition("@")
    netloc = f"{user.split(':', 1)[0]}:{quote(password, safe='')}@{host}"
    return urlunsplit(parts._replace(netloc=netloc))
