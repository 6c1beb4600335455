"""The built-in tasks are known by name before any of them is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from minecraft_tasks.core.errors import UnknownNameError
from minecraft_tasks.tasks import TASKS, task
from tests.support.children import environment

NAMES = """
import sys
from minecraft_tasks.core.errors import UnknownNameError
from minecraft_tasks.tasks import TASKS, task
try:
    task("BeaconShrin")
except UnknownNameError as error:
    assert "Did you mean 'BeaconShrine'?" in str(error)
print(*TASKS, "numpy" in sys.modules)
"""


def test_names_and_refusals_load_no_task() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NAMES], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [*TASKS, "False"]


def test_each_name_finds_its_task() -> None:
    assert [found.spec.name for found in TASKS.values()] == list(TASKS)
    assert len(TASKS) == len(list(TASKS))
    assert all(task(name) is TASKS[name] for name in TASKS)
    with pytest.raises(UnknownNameError, match="unknown task: 'Base'"):
        task("Base")
