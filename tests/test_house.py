"""The rooms of the packages: how large they are, what they export, and what they load."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.children import ROOT, environment

PACKAGES = ("minecraft_tasks", "wrappers", "policies", "evaluation")
ROOMS = sorted(
    path.parent for package in PACKAGES for path in (ROOT / package).rglob("__init__.py")
)
UNBOUNDED = {ROOT / "minecraft_tasks" / "tasks"}
"""Rooms with one module for each task."""

STUBS = [room / "__init__.pyi" for room in ROOMS if (room / "__init__.pyi").exists()]
MOST_MODULES, EXPORTED = 14, range(3, 11)

FILES_ONLY = [
    *(f"evaluation.{room}" for room in ("statistics", "records", "measures", "verdicts")),
    *("evaluation.style", "evaluation.report", "policies.runs", "minecraft_tasks"),
]
"""Rooms that read files, or that a reader of files imports."""

HEAVY = ("torch", "numba", "gymnasium", "stable_baselines3", "sb3_contrib")
ENGINES = ("env", "vector", "physics", "navigation", "backends.voxel", "backends.minerl")

LOAD = """
import importlib, pkgutil, sys
name = sys.argv[1]
room = importlib.import_module(name)
if name != "minecraft_tasks":
    for exported in room.__all__:
        getattr(room, exported)
    for module in pkgutil.iter_modules(room.__path__, name + "."):
        importlib.import_module(module.name)
print(*sys.modules)
"""


def called(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).parts)


def exported(stub: Path) -> list[str]:
    """Names that a room offers."""
    imports = (
        node for node in ast.parse(stub.read_text()).body if isinstance(node, ast.ImportFrom)
    )
    return [alias.name for node in imports for alias in node.names]


@pytest.mark.parametrize("room", ROOMS, ids=called)
def test_a_room_is_small(room: Path) -> None:
    modules = [path.name for path in room.glob("*.py") if path.name != "__init__.py"]
    assert room in UNBOUNDED or len(modules) <= MOST_MODULES, modules


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: called(stub.parent))
def test_a_room_exports_a_handful_of_names_that_are_there(stub: Path) -> None:
    names, room = exported(stub), importlib.import_module(called(stub.parent))
    assert len(names) in EXPORTED, names
    assert sorted(room.__all__) == sorted(names)
    assert all(hasattr(room, name) for name in names)


@pytest.mark.parametrize("name", FILES_ONLY)
def test_what_reads_files_loads_neither_an_engine_nor_a_network(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD, name],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    engines = tuple(f"minecraft_tasks.{engine}" for engine in ENGINES)
    loaded = [
        module
        for module in done.stdout.split()
        if any(module == part or module.startswith(part + ".") for part in HEAVY + engines)
    ]
    assert not loaded
