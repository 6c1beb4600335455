"""Paths of a task's files: locked levels, calibration of the detector, ease table.

The files of a built-in task are in the packages that read them. Those of any other task are in a
folder of its name beside its module, or in the directory of ``--data``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from minecraft_tasks.core.errors import UnknownNameError
from minecraft_tasks.core.importing import is_reference, module_file

ROOT = Path(__file__).resolve().parents[2]
"""The directory of the packages, in a checkout and in an installed wheel."""

DATA = "FALSEBEACON_DATA"
"""Environment variable with the directory of ``--data``, which child processes inherit."""

DataKind = Literal["judging", "calibration", "detector", "ease"]
"""Levels for judging, levels for calibration, the detector's calibration, the ease table."""

_BUILT_IN: dict[DataKind, str] = {
    "judging": "world_seeds/{}/judging.json",
    "calibration": "world_seeds/{}/calibration.json",
    "detector": "evaluation/calibration/tables/{}.json",
    "ease": "evaluation/ease/tables/{}.json",
}


def task_file(kind: DataKind, name: str, reference: str = "") -> Path:
    """Path of one file of a task, which need not exist. The task's module is not imported.

    `reference` is the ``package.module:TASK`` of a task that is not built in.

    Raises:
        UnknownNameError: If its module is not found and ``--data`` is not given.
    """
    if not is_reference(reference):
        return ROOT / _BUILT_IN[kind].format(name)
    given = os.environ.get(DATA)
    return (Path(given) if given else _folder(reference)) / name / f"{kind}.json"


def _folder(reference: str) -> Path:
    """The folder of the module of a reference."""
    module = reference.partition(":")[0]
    file = module_file(module)
    if file is None:
        raise UnknownNameError(f"no task {reference!r}: there is no module {module!r}.")
    return file.parent


@contextmanager
def data_directory(path: Path | None) -> Iterator[None]:
    """Sets the directory of ``--data``, unless None, for tasks that are not built in."""
    before = os.environ.get(DATA)
    if path is not None:
        os.environ[DATA] = str(path.resolve())
    try:
        yield
    finally:
        if path is not None:
            os.environ.pop(DATA)
            os.environ |= {} if before is None else {DATA: before}
