"""Modules that a name means are found without running any of their code."""

from __future__ import annotations

from pathlib import Path

import pytest

from minecraft_tasks.core.importing import module_file

FAILS = "raise AssertionError('it was imported')\n"


@pytest.mark.parametrize(
    ("module", "file"),
    [
        ("own_a", "own_a.py"),
        ("own_b", "own_b/__init__.py"),
        ("own_b.lawn", "own_b/lawn.py"),
        ("own_b.inner.lawn", "own_b/inner/lawn.py"),
        ("own_c.inner.lawn", "own_c/inner/lawn.py"),  # Folders without an __init__.py.
    ],
)
def test_a_file_is_found(
    module: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    if module.startswith("own_b."):
        (tmp_path / "own_b" / "__init__.py").write_text(FAILS)
    path.write_text(FAILS)
    monkeypatch.chdir(tmp_path)
    assert module_file(module) == path


@pytest.mark.parametrize("module", ["own_nothing", "own_nothing.lawn", "json.nothing", "__main__"])
def test_what_has_no_file_has_none(module: str) -> None:
    assert module_file(module) is None
