"""Typed settings, read once from the environment and ``.streamlit/secrets.toml``.

The environment wins. Names are ``ASSAY_DATA``, ``ASSAY_PORT``, …; a model server is
``ASSAY_BACKENDS__NAME__URL`` or the table ``[backends.NAME]`` of the secrets file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from app.errors import SettingError

SECRETS_FILE = Path(".streamlit/secrets.toml")
DEFAULT_OLLAMA = "http://127.0.0.1:11434"


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address that starts with http:// or https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address without a name, password, ? or # in it; keys go into `key`")
    return value.rstrip("/")


def _loopback(value: str) -> str:
    if value == "localhost":
        return "127.0.0.1"
    try:
        local = ip_address(value).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(
            "127.0.0.1, because Assay has no logins yet and anybody on the network could read "
            "your documents; reach it from elsewhere through an SSH tunnel"
        )
    return value


def _backend_name(value: str) -> str:
    if value != value.lower() or not value.replace("-", "").replace("_", "").isalnum():
        raise ValueError("lower-case letters, digits, - and _")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
LoopbackAddress = Annotated[str, AfterValidator(_loopback)]
BackendName = Annotated[str, AfterValidator(_backend_name)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BackendSettings(_Frozen):
    """One model server that the operator connected.

    ``context`` is the window in tokens that prompts are fitted to, ``concurrency`` how many answers
    it makes at once, ``provider`` whose price list applies ("" for one's own machine),
    ``embedders`` the names of its models that embed.
    """

    kind: Literal["ollama", "openai"]
    url: WebAddress
    key: SecretStr = SecretStr("")
    provider: str = ""
    context: int = Field(default=8192, ge=512, le=2_000_000)
    concurrency: int = Field(default=1, ge=1, le=64)
    embedders: tuple[str, ...] = ()


class Timeouts(_Frozen):
    """Seconds: to connect, to the first token (a model may have to be loaded), between tokens."""

    connect: float = Field(default=5.0, gt=0, le=60)
    first_token: float = Field(default=300.0, gt=0, le=3600)
    between_tokens: float = Field(default=60.0, gt=0, le=3600)


class ReadLimits(_Frozen):
    """What reading one file may take, in its own process."""

    memory_mb: int = Field(default=1024, ge=128, le=16_384)
    cpu_seconds: int = Field(default=60, ge=1, le=3600)
    wall_seconds: int = Field(default=120, ge=1, le=3600)
    unpacked_mb: int = Field(default=200, ge=1, le=4096)
    pages: int = Field(default=2000, ge=1, le=100_000)
    characters: int = Field(default=20_000_000, ge=1000)


class Settings(BaseSettings):
    """Everything that the operator can set. Frozen; keys are SecretStr and never printed."""

    model_config = SettingsConfigDict(
        env_prefix="ASSAY_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data: Path = Path("storage/data")
    address: LoopbackAddress = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    upload_mb: int = Field(default=50, ge=1, le=1000)
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    ollama_url: WebAddress = DEFAULT_OLLAMA
    ollama_context: int = Field(default=4096, ge=512, le=1_000_000)
    ollama_concurrency: int = Field(default=1, ge=1, le=64)
    ollama_threads: int = Field(default=0, ge=0, le=1024)
    embedded: bool = True
    embedded_context: int = Field(default=4096, ge=512, le=131_072)
    backends: dict[BackendName, BackendSettings] = Field(default_factory=dict)
    timeouts: Timeouts = Timeouts()
    reading: ReadLimits = ReadLimits()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what ``load`` read from the secrets file."""
        return (env_settings, init_settings)

    def secrets(self) -> tuple[str, ...]:
        """Every key that is set: for keeping them out of texts, never for showing."""
        keys = (one.key.get_secret_value() for one in self.backends.values())
        return tuple(key for key in keys if key)


def load(secrets_file: Path = SECRETS_FILE) -> Settings:
    """Read the settings. Raises SettingError, which names setting, value and what is allowed."""
    values = _secrets(secrets_file)
    host = os.environ.get("OLLAMA_HOST", "")
    if host and "ASSAY_OLLAMA_URL" not in os.environ:
        values["ollama_url"] = ollama_address(host)
    _refuse_unknown(os.environ)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise _in_words(error) from None


def ollama_address(host: str) -> str:
    """OLLAMA_HOST as an address: a bare host gets http:// and port 11434; 0.0.0.0 means here."""
    address = host if "://" in host else f"http://{host}"
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        raise SettingError(f"OLLAMA_HOST is {host!r}; its port must be a number up to 65535.") from None
    name = "127.0.0.1" if parts.hostname in {None, "0.0.0.0", "::"} else parts.hostname  # noqa: S104
    if name and ":" in name:
        name = f"[{name}]"
    default = {"http": 11434, "https": 443}.get(parts.scheme, 11434)
    return f"{parts.scheme}://{name}:{port or default}{parts.path.rstrip('/')}"


def _secrets(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}.", "Mend the file.") from None
    known = set(Settings.model_fields)
    # Streamlit's own tables (such as [auth]) may stand in the same file.
    return {key: value for key, value in table.items() if key in known}


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {f"ASSAY_{name.upper()}" for name in Settings.model_fields} | {"ASSAY_REQUIRE"}
    for name in environment:
        if name.startswith("ASSAY_") and name.split("__")[0].upper() not in known:
            raise SettingError(
                f"{name} is not a setting of Assay.", f"Allowed are: {', '.join(sorted(known))}."
            )


def _in_words(error: ValidationError) -> SettingError:
    first = error.errors(include_url=False, include_context=False)[0]
    where = "__".join(str(part) for part in first["loc"])
    secret = "key" in where.lower() or isinstance(first["input"], dict)
    value = "(hidden)" if secret else repr(first["input"])
    allowed = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return SettingError(f"The setting ASSAY_{where.upper()} is {value}; allowed is: {allowed}.")


__all__ = [
    "BackendSettings",
    "ReadLimits",
    "Settings",
    "Timeouts",
    "load",
    "ollama_address",
]
