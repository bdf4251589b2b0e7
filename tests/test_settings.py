"""Settings: each wrong value is named with what is allowed, and no key is ever shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app import settings_errors
from app.errors import SettingError
from app.settings import Settings, load, ollama_address, refuse_elsewhere

CANARY = "sk-canary-7f3e9a51c2"
SERVER = '[backends.a]\nkind="openai"\nurl="http://c"\n'


def secrets_file(folder: Path, text: str) -> Path:
    path = folder / "secrets.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SettingError) as caught:
        load(path)
    # Whoever prints the whole error, its causes too, must not see a key.
    whole = "".join(traceback.format_exception(caught.value))
    assert CANARY not in whole
    assert CANARY not in str(caught.value.__context__)
    assert CANARY not in repr(caught.value)
    return str(caught.value)


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    found = load(tmp_path / "none.toml")
    assert found.address == "127.0.0.1"
    assert found.port == 8501
    assert found.ollama_url == "http://127.0.0.1:11434"
    assert found.backends == {}
    assert found.secrets() == ()


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PORT", "eighty", "a whole number from 1 up to 65535"),
        ("PORT", "0", "a whole number from 1 up to 65535"),
        ("PORT", "65536", "a whole number from 1 up to 65535"),
        ("PORT", "80.5", "a whole number from 1 up to 65535"),
        ("PORT", "", "a whole number from 1 up to 65535"),
        ("UPLOAD_MB", "1001", "a whole number from 1 up to 1000"),
        ("ADDRESS", "0.0.0.0", "127.0.0.1, because Assay has no logins yet"),
        ("ADDRESS", "::", "127.0.0.1, because Assay has no logins yet"),
        ("ADDRESS", "192.168.0.7", "127.0.0.1, because Assay has no logins yet"),
        ("ADDRESS", "assay.example", "127.0.0.1, because Assay has no logins yet"),
        ("OLLAMA_URL", "127.0.0.1:11434", "an address that starts with http:// or https://"),
        ("OLLAMA_URL", "file:///etc/passwd", "an address that starts with http:// or https://"),
        ("OLLAMA_URL", "http://", "an address that starts with http:// or https://"),
        ("OLLAMA_URL", "http://[::1", "an address that starts with http:// or https://"),
        ("OLLAMA_URL", "http://host:99999", "an address that starts with http:// or https://"),
        ("OLLAMA_URL", "http://ho\nst", "an address that starts with http:// or https://"),
        ("OLLAMA_CONTEXT", "511", "a whole number from 512 up to 1000000"),
        ("OLLAMA_CONCURRENCY", "65", "a whole number from 1 up to 64"),
        ("OLLAMA_THREADS", "-1", "a whole number from 0 up to 1024"),
        ("EMBEDDED", "perhaps", "true or false"),
        ("EMBEDDED_CONTEXT", "many", "a whole number from 512 up to 131072"),
        ("DATA", "", "the path of a folder"),
        ("TIMEOUTS__CONNECT", "0", "a number above 0 up to 60"),
        ("TIMEOUTS__FIRST_TOKEN", "nan", "a number above 0 up to 3600"),
        ("TIMEOUTS__BETWEEN_TOKENS", "inf", "a number above 0 up to 3600"),
        ("READING__MEMORY_MB", "64", "a whole number from 128 up to 16384"),
        ("READING__CHARACTERS", "999", "a whole number from 1000"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(f"ASSAY_{name}", value)
    words = refusal(tmp_path / "none.toml")
    shown = repr(value) if name != "DATA" else "Path"
    assert f"The setting ASSAY_{name} is " in words
    assert shown in words or name == "DATA"
    assert f"allowed is {allowed}" in words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[backends.a]\nkind="b"\nurl="http://c"',
            "ASSAY_BACKENDS__A__KIND is 'b'; allowed is ollama or openai",
        ),
        ('[backends.a]\nkind="openai"', "ASSAY_BACKENDS__A__URL is missing; allowed is an address"),
        ('[backends.a]\nurl="http://c"', "ASSAY_BACKENDS__A__KIND is missing; allowed is ollama or openai"),
        (SERVER + 'context="big"', "__CONTEXT is 'big'; allowed is a whole number from 512 up to 2000000"),
        (SERVER + 'embedders="one"', "ASSAY_BACKENDS__A__EMBEDDERS is 'one'; allowed is a list of names"),
        (SERVER + "embedders=[1]", "ASSAY_BACKENDS__A__EMBEDDERS__0 is 1; allowed is a list of names"),
        (SERVER + "provider=7", "ASSAY_BACKENDS__A__PROVIDER is 7; allowed is a name such as openai"),
        (SERVER.replace("a]", '"B c"]'), "The name 'B c' in `backends` is wrong; allowed is a name of lower"),
        (SERVER.replace("a]", "ollama]"), "The name 'ollama' in `backends` is wrong"),
        (SERVER.replace("a]", "embedded]"), "The name 'embedded' in `backends` is wrong"),
        ('backends = "vllm"', "ASSAY_BACKENDS is (hidden); allowed is a table of model servers"),
        ("timeouts = 3", "ASSAY_TIMEOUTS is (hidden); allowed is a table of seconds"),
        ("[timeouts]\nconect = 3", "ASSAY_TIMEOUTS__CONECT is not a setting of Assay. Allowed are: between_"),
        ("[reading]\nmemory = 3", "ASSAY_READING__MEMORY is not a setting of Assay. Allowed are: characters"),
        ("prot = 8501", "sets prot, which is not a setting of Assay. Allowed are: address, backends,"),
        ("[backend.vllm]\nkind='openai'", "sets backend, which is not a setting of Assay"),
        ("port = ", "is not valid TOML"),
    ],
)
def test_a_wrong_secrets_file_is_named_with_what_is_allowed(text: str, expected: str, tmp_path: Path) -> None:
    assert expected in refusal(secrets_file(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        # The key where it belongs, and something else wrong.
        f'[backends.api]\nkind="openai"\nurl="ftp://a"\nkey="{CANARY}"',
        f'[backends.api]\nkind="openai"\nkey="{CANARY}"',
        f'[backends.Api]\nkind="openai"\nurl="http://a"\nkey="{CANARY}"',
        # The key itself wrong.
        f'[backends.api]\nkind="openai"\nurl="http://a"\nkey="{CANARY}\\n{CANARY}"',
        f'[backends.api]\nkind="openai"\nurl="http://a"\nkey="{CANARY} é"',
        f'[backends.api]\nkind="openai"\nurl="http://a"\nkey=["{CANARY}"]',
        # The key where it does not belong.
        f'[backends.api]\nkind="openai"\nurl="http://a"\napi_key="{CANARY}"',
        f'[backends.api]\nkind="openai"\nurl="http://a"\ntoken="{CANARY}"',
        f'[backends.api]\nkind="openai"\nurl="https://user:{CANARY}@host/v1"',
        f'[backends.api]\nkind="openai"\nurl="https://host/v1?key={CANARY}"',
        f'[backends.api]\nkind="openai"\nurl="https://host/v1#{CANARY}"',
        f'[backends]\napi="{CANARY}"',
        f'[backends]\napi={{key="{CANARY}"}}',
        f'openai_key="{CANARY}"',
        f'[openai]\nkey="{CANARY}"',
        f'[backends.api]\nkey="{CANARY}',
    ],
)
def test_no_refusal_shows_a_key(text: str, tmp_path: Path) -> None:
    refusal(secrets_file(tmp_path, text))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSAY_BACKENDS", f"{{not json {CANARY}"),
        ("ASSAY_BACKENDS", f'{{"api": {{"key": "{CANARY}"}}}}'),
        ("ASSAY_BACKENDS__API__KEY", CANARY),
        ("ASSAY_BACKENDS__API__TOKEN", CANARY),
        ("ASSAY_BACKENDS__API", CANARY),
        ("ASSAY_KEY", CANARY),
        ("ASSAY_OLLAMA_URL", f"http://user:{CANARY}@host"),
        ("OLLAMA_HOST", f"http://user:{CANARY}@host"),
        ("OLLAMA_HOST", f"user:{CANARY}@host"),
    ],
)
def test_no_refusal_of_the_environment_shows_a_key(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, value)
    refusal(tmp_path / "none.toml")


def test_keys_are_not_in_any_text_made_of_the_settings(tmp_path: Path) -> None:
    text = f'[backends.api]\nkind="openai"\nurl="http://a/v1"\nkey=" {CANARY}\\n"'
    found = load(secrets_file(tmp_path, text))
    assert found.secrets() == (CANARY,)
    assert found.backends["api"].key.get_secret_value() == CANARY
    for shown in (repr(found), str(found), found.model_dump_json(), str(found.model_dump())):
        assert CANARY not in shown


def test_settings_are_frozen(tmp_path: Path) -> None:
    found = load(tmp_path / "none.toml")
    with pytest.raises(ValidationError):
        found.port = 1


def test_the_environment_wins_and_the_file_fills_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = 'port = 9000\nupload_mb = 7\n[backends.api]\nkind="openai"\nurl="http://file/v1"\n[auth]\nx = 1\n'
    monkeypatch.setenv("ASSAY_PORT", "9001")
    monkeypatch.setenv("ASSAY_BACKENDS__API__KEY", CANARY)
    monkeypatch.setenv("ASSAY_BACKENDS__LLAMACPP__KIND", "openai")
    monkeypatch.setenv("ASSAY_BACKENDS__LLAMACPP__URL", "http://127.0.0.1:8080/v1/")
    monkeypatch.setenv("ASSAY_BACKENDS__LLAMACPP__EMBEDDERS", '["a", "b"]')
    found = load(secrets_file(tmp_path, text))
    assert (found.port, found.upload_mb) == (9001, 7)
    assert found.backends["api"].url == "http://file/v1"
    assert found.backends["api"].key.get_secret_value() == CANARY
    assert found.backends["llamacpp"].url == "http://127.0.0.1:8080/v1"
    assert found.backends["llamacpp"].embedders == ("a", "b")


def test_a_setting_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_PROT", "1")
    words = refusal(tmp_path / "none.toml")
    assert "ASSAY_PROT is not a setting of Assay" in words
    assert "ASSAY_PORT" in words


def test_what_the_tests_require_is_no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_REQUIRE", "models")
    assert load(tmp_path / "none.toml").port == 8501


def test_a_data_folder_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ASSAY_DATA", "~/assay")
    assert load(tmp_path / "none.toml").data == tmp_path / "assay"


def test_a_file_is_no_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    monkeypatch.setenv("ASSAY_DATA", str(file))
    assert "the path of a folder, and this one is a file" in refusal(tmp_path / "none.toml")


def test_a_secrets_file_in_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_bytes(b'data = "\xff\xfe"')
    assert "is not valid TOML" in refusal(path)


def test_a_secrets_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_bytes(b"\xef\xbb\xbfport = 9000\n")
    assert load(path).port == 9000


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("127.0.0.1:1234", "http://127.0.0.1:1234"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:1234", "http://127.0.0.1:1234"),
        (":1234", "http://127.0.0.1:1234"),
        ("::", "http://127.0.0.1:11434"),
        ("::1", "http://[::1]:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:1234", "http://[::1]:1234"),
        ("models.example", "http://models.example:11434"),
        ("http://models.example", "http://models.example:80"),
        ("https://models.example", "https://models.example:443"),
        ("https://models.example:8443/ollama/", "https://models.example:8443/ollama"),
        ("models.example/ollama", "http://models.example:11434/ollama"),
        (' "127.0.0.1:1234" ', "http://127.0.0.1:1234"),
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(
    host: str, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert ollama_address(host) == address
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert load(tmp_path / "none.toml").ollama_url == address


@pytest.mark.parametrize(
    "host", ["host:port", "host:99999", "ftp://host", "[::1", "a b", "http://h?x=1", "a\\b"]
)
def test_a_wrong_ollama_host_is_named(host: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    words = refusal(tmp_path / "none.toml")
    assert words.startswith("OLLAMA_HOST is ")
    assert "allowed is a host, host:port or an address" in words


def test_assays_own_setting_wins_over_ollama_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://elsewhere")
    monkeypatch.setenv("ASSAY_OLLAMA_URL", "http://here:1")
    assert load(tmp_path / "none.toml").ollama_url == "http://here:1"


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_loopback_addresses_are_taken(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_ADDRESS", address)
    assert load(tmp_path / "none.toml").address == address.replace("localhost", "127.0.0.1")


@given(st.text(max_size=60))
def test_any_ollama_host_gives_an_address_or_words(host: str) -> None:
    try:
        address = ollama_address(host)
    except SettingError as error:
        assert "OLLAMA_HOST" in str(error)
    else:
        assert Settings(ollama_url=address).ollama_url == address


@given(name=st.sampled_from(sorted(Settings.model_fields)), value=st.text(max_size=40))
def test_any_value_is_taken_or_named(name: str, value: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = "".join(char for char in value if char.isprintable()).replace("\\", "").replace('"', "")
    path = secrets_file(tmp_path_factory.mktemp("secrets"), f'{name} = "{text}"')
    try:
        load(path)
    except SettingError as error:
        assert f"ASSAY_{name.upper()}" in str(error)
        assert "allowed is" in str(error)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_any_key_is_kept_and_changes_no_text(key: str) -> None:
    def with_key(text: str) -> Settings:
        server = {"kind": "openai", "url": "http://a", "key": text}
        return Settings.model_validate({"backends": {"api": server}})

    found, other = with_key(key), with_key("another")
    assert found.secrets() == (key,)
    assert repr(found) == repr(other)
    assert found.model_dump_json() == other.model_dump_json()


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.8.9.10"])
def test_streamlit_may_listen_on_this_machine(address: str) -> None:
    refuse_elsewhere(address)


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "10.0.0.7", "example.org", "unix:///tmp/x", "0"])
def test_streamlit_may_not_listen_elsewhere(address: str) -> None:
    with pytest.raises(SettingError, match="no logins") as refused:
        refuse_elsewhere(address)
    assert "server.address" in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ftp://ann:secret@h/v1", "'(hidden)@h/v1'"),
        ("a\nann:secret@h", "'(hidden)@h'"),
        (["x@y"], "(hidden)@y']"),
        ("http://h/?key=secret", "'http://h/?(hidden)"),
    ],
)
def test_an_address_is_shown_without_what_may_be_a_password(value: object, expected: str) -> None:
    assert settings_errors.shown(value) == expected
