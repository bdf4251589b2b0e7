"""Typed settings, read once from the environment and ``.streamlit/secrets.toml``.

The environment wins. Names are ``ASSAY_DATA``, ``ASSAY_PORT``, …; a model server is
``ASSAY_BACKENDS__NAME__URL`` or the table ``[backends.NAME]`` of the secrets file.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from app.errors import SettingError
from app.settings_errors import in_words, not_json, shown

SECRETS_FILE = Path(".streamlit/secrets.toml")
DEFAULT_PRICES = (
    "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json"
)
"""Where genai-prices publishes its data; nothing is fetched from it unless a person asks."""
DEFAULT_OLLAMA = "http://127.0.0.1:11434"
STREAMLIT_TABLES = frozenset({"auth", "connections"})
"""Streamlit's own tables, which may stand in the same secrets file."""
BUILT_IN = frozenset({"embedded", "imported", "ollama"})
NOT_SETTINGS = frozenset({"ASSAY_REQUIRE"})
"""Names of the environment that begin like settings and belong to the tests."""

WEB_ADDRESS = "an address that starts with http:// or https://, without a name, password, ? or # in it"
NEEDS_LOOPBACK = (
    "127.0.0.1, because Assay has no logins yet and anybody on the network could read "
    "your documents; reach it from elsewhere through an SSH tunnel"
)
BACKEND_NAME = "a name of lower-case letters, digits, - and _ that is not embedded, imported or ollama"
KEY = "the key as its provider gave it: printable ASCII without spaces"
FOLDER = "the path of a folder"


def _web_parts(value: str) -> SplitResult:
    """The parts of an address. Raises ValueError with what is allowed."""
    try:
        parts = urlsplit(value)
        well = bool(parts.scheme in {"http", "https"} and parts.hostname) and parts.port != 0
    except ValueError:
        well = False
    if not well or not value.isprintable() or " " in value or re.search(r"[@?#\\]", value):
        raise ValueError(WEB_ADDRESS)
    return parts


def _web_address(value: str) -> str:
    _web_parts(value)
    return value.rstrip("/")


def _loopback(value: str) -> str:
    if value == "localhost":
        return "127.0.0.1"
    try:
        local = ip_address(value).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(NEEDS_LOOPBACK)
    return value


def refuse_elsewhere(listens_on: str) -> None:
    """Raise SettingError where Streamlit's own setting lets others reach it ("" are all addresses)."""
    try:
        _loopback(listens_on)
    except ValueError as error:
        told = shown(listens_on) if listens_on else "not set, which means every address of this machine"
        raise SettingError(
            f"Streamlit's setting server.address is {told}; allowed is {error}.",
            "Start Assay with `python -m app serve`, or with --server.address 127.0.0.1.",
        ) from None


def _backend_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", value) or value in BUILT_IN:
        raise ValueError(BACKEND_NAME)
    return value


def _key(value: SecretStr) -> SecretStr:
    """A key that can stand in a header: anything else would be quoted in an error of the client."""
    text = value.get_secret_value().strip()
    if not re.fullmatch(r"[!-~]*", text):
        raise ValueError(KEY)
    return SecretStr(text)


def _folder(value: Path) -> Path:
    # An empty path would be the folder that Assay happened to be started in.
    if value == Path() or "\0" in str(value):
        raise ValueError(FOLDER)
    try:
        path = value.expanduser()
        path.resolve()
        file = path.is_file()
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None)
        raise ValueError(f"{FOLDER}, and this one cannot be one ({reason or 'unknown'})") from None
    if file:
        raise ValueError(f"{FOLDER}, and this one is a file")
    return path


WebAddress = Annotated[str, AfterValidator(_web_address)]
LoopbackAddress = Annotated[str, AfterValidator(_loopback)]
BackendName = Annotated[str, AfterValidator(_backend_name)]
Key = Annotated[SecretStr, AfterValidator(_key)]
Folder = Annotated[Path, AfterValidator(_folder)]


class _Frozen(BaseModel):
    # An error of pydantic's own must not quote a key either.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class BackendSettings(_Frozen):
    """One model server that the operator connected.

    ``context`` is the window in tokens that prompts are fitted to, ``concurrency`` how many answers
    it makes at once, ``provider`` whose price list applies ("" for one's own machine),
    ``embedders`` the names of its models that embed.
    """

    kind: Literal["ollama", "openai"] = Field(description="ollama or openai")
    url: WebAddress = Field(description=WEB_ADDRESS)
    key: Key = Field(default=SecretStr(""), description=KEY)
    provider: str = Field(default="", description="a name such as openai")
    context: int = Field(default=8192, ge=512, le=2_000_000)
    concurrency: int = Field(default=1, ge=1, le=64)
    embedders: tuple[str, ...] = Field(default=(), description="a list of names of models")


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
        env_prefix="ASSAY_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    data: Folder = Field(default=Path("storage/data"), description=FOLDER)
    address: LoopbackAddress = Field(default="127.0.0.1", description=NEEDS_LOOPBACK)
    port: int = Field(default=8501, ge=1, le=65535)
    upload_mb: int = Field(default=50, ge=1, le=1000)
    prices_url: WebAddress = Field(default=DEFAULT_PRICES, description=WEB_ADDRESS)
    ollama_url: WebAddress = Field(default=DEFAULT_OLLAMA, description=WEB_ADDRESS)
    ollama_context: int = Field(default=4096, ge=512, le=1_000_000)
    ollama_concurrency: int = Field(default=1, ge=1, le=64)
    ollama_threads: int = Field(default=0, ge=0, le=1024)
    embedded: bool = True
    embedded_context: int = Field(default=4096, ge=512, le=131_072)
    backends: dict[BackendName, BackendSettings] = Field(
        default_factory=dict, description="a table of model servers"
    )
    timeouts: Timeouts = Field(default=Timeouts(), description="a table of seconds")
    reading: ReadLimits = Field(default=ReadLimits(), description="a table of limits")

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
    if host.strip() and "ASSAY_OLLAMA_URL" not in os.environ:
        values["ollama_url"] = ollama_address(host)
    _refuse_unknown(os.environ)
    try:
        return Settings(**values)
    except ValidationError as error:
        said = in_words(error, Settings)
    except SettingsError as error:
        said = not_json(error)
    # Raised outside of the handlers: the library's error holds the values, keys too.
    raise said


def ollama_address(host: str) -> str:
    """OLLAMA_HOST as the address to call, read as Ollama itself reads it.

    A bare host gets http:// and port 11434, an address with http:// or https:// that scheme's own
    port; no host, or the address of all interfaces, means this machine. Raises SettingError.
    """
    plain = host.strip().strip("\"'").strip()
    scheme, mark, rest = plain.rpartition("://")
    place, slash, path = rest.partition("/")
    if place.count(":") > 1 and not place.startswith("["):
        place = f"[{place}]"
    if not place or place.startswith(":"):
        place = f"127.0.0.1{place}"
    try:
        parts = _web_parts(f"{scheme or 'http'}://{place}{slash}{path}")
    except ValueError:
        raise SettingError(
            f"OLLAMA_HOST is {shown(host)}; allowed is a host, host:port or {WEB_ADDRESS}."
        ) from None
    name = parts.hostname or ""
    if name in {"0.0.0.0", "::"}:  # noqa: S104 - what Ollama listens on is not what one calls
        name = "127.0.0.1"
    usual = {"http": 80, "https": 443}[parts.scheme] if mark else 11434
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{parts.port or usual}" + (
        parts.path.rstrip("/")
    )


def _secrets(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}.", "Mend the file.") from None
    except OSError as error:
        raise SettingError(f"{path} cannot be read ({error.strerror}).", "Mend its permissions.") from None
    known = set(Settings.model_fields)
    for name in table:
        if name not in known | STREAMLIT_TABLES:
            raise SettingError(
                f"{path} sets {name}, which is not a setting of Assay.",
                f"Allowed are: {', '.join(sorted(known))}.",
            )
    return {key: value for key, value in table.items() if key in known}


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {f"ASSAY_{name.upper()}" for name in Settings.model_fields}
    for name in environment:
        plain = name.upper()
        if plain.startswith("ASSAY_") and plain.split("__")[0] not in known | NOT_SETTINGS:
            raise SettingError(
                f"{name} is not a setting of Assay.", f"Allowed are: {', '.join(sorted(known))}."
            )


__all__ = [
    "BackendSettings",
    "ReadLimits",
    "Settings",
    "Timeouts",
    "load",
    "ollama_address",
    "refuse_elsewhere",
]
