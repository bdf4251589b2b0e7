"""What README.md says is true: its settings load, its commands and targets exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from app.settings import BackendSettings, ReadLimits, Settings, Timeouts, load

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
TOML = [text for language, text in BLOCKS if language == "toml"]
EXPORTS = re.findall(r"^export (\w+)=(\S+)$", README, re.MULTILINE)


@pytest.mark.parametrize("text", [*TOML, "\n".join(TOML)])
def test_the_toml_examples_load(text: str, tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text, encoding="utf-8")
    assert load(path) != Settings()
    assert set(load(path).backends) == set(tomllib.loads(text).get("backends", {}))


def test_the_environment_example_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert len(EXPORTS) == 4
    for name, value in EXPORTS:
        monkeypatch.setenv(name, value)
    found = load(tmp_path / "none.toml").backends["openai"]
    assert (found.kind, found.url, found.provider) == ("openai", "https://api.openai.com/v1", "openai")
    assert found.key.get_secret_value() == "sk-..."


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    for name, field in Settings.model_fields.items():
        assert f"`ASSAY_{name.upper()}" in README, name
        if isinstance(field.default, str | int | Path):
            shown = str(field.default).lower() if isinstance(field.default, bool) else field.default
            row = next(line for line in README.splitlines() if f"`ASSAY_{name.upper()}`" in line)
            assert f"| {shown} |" in row, row
    for part in (BackendSettings, Timeouts, ReadLimits):
        for name in part.model_fields:
            assert f"`{name}`" in README, name


def test_the_settings_that_the_readme_names_exist() -> None:
    known = {name.upper() for name in Settings.model_fields}
    for name in re.findall(r"ASSAY_([A-Z_]+)", README):
        plain = name.split("__")[0]
        assert not plain or plain in known, name


def test_the_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    texts = README + (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for target in set(re.findall(r"[`\n]make ([a-z]+)", texts)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_command_stands_in_the_readme() -> None:
    from app.cli import main

    for name in main.commands:
        assert f"| `{name}" in README, name


def test_the_files_that_are_named_exist() -> None:
    for name in re.findall(r"(docs/[\w-]+\.\w+|\brequirements[\w-]*\.txt|\b[\w-]+\.md)", README):
        assert (ROOT / name).is_file(), name
