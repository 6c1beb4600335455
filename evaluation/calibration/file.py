"""The file of a task's calibration, and whether the detector is trusted."""

from __future__ import annotations

import os
from pathlib import Path

from evaluation.attribution.classes import Thresholds
from evaluation.calibration.record import INSTRUMENT, Calibration
from evaluation.verdicts.record import CalibrationStatus
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.tasks import data
from minecraft_tasks.tasks.base import Task


def kept_file(task: Task) -> Path:
    """Where a calibration of the task is kept.

    That is `Task.file`; for a built-in task of an installed package it is in the user's data, in
    the directory of ``--data`` or in ``$XDG_DATA_HOME/falsebeacon``.
    """
    if task.reference or (data.ROOT / "pyproject.toml").is_file():
        return task.file("detector")
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    return (
        Path(os.environ.get(data.DATA) or home / "falsebeacon") / task.spec.name / "detector.json"
    )


def read_calibration(task: Task) -> Calibration:
    """Reads the task's calibration: the user's if there is a current one, else the package's.

    Raises:
        CorruptFileError: If the file is missing or cannot be read.
        StaleError: If it is of another version of the task or of the detector.
    """
    kept, shipped = kept_file(task), task.file("detector")
    if kept != shipped and kept.is_file():
        try:
            return _read(kept, task)
        except (CorruptFileError, StaleError):
            pass
    return _read(shipped, task)


def _read(path: Path, task: Task) -> Calibration:
    spec, again = task.spec, f"run `falsebeacon calibrate {task.name} --keep`"
    if not path.is_file():
        raise CorruptFileError(f"the detector is not calibrated for {spec.name}: {again}.")
    made = Calibration.read(path)
    if made.task_hash != spec.task_hash or made.instrument != INSTRUMENT:
        raise StaleError(
            f"the calibration of {spec.name} is of task hash {made.task_hash} and detector "
            f"{made.instrument}, needed are {spec.task_hash} and {INSTRUMENT}: {again}."
        )
    return made


def require_keepable(task: Task, levels: int) -> None:
    """Refuses to replace a current calibration by one of fewer levels.

    Raises:
        FalseBeaconError: If the kept calibration has more than `levels` levels of each split.
    """
    try:
        kept = read_calibration(task)
    except (CorruptFileError, StaleError):
        return
    if levels < kept.levels:
        raise FalseBeaconError(
            f"the calibration of {task.spec.name} that is kept has {kept.levels} levels of each "
            f"split, and --levels {levels} are fewer: give --levels {kept.levels} or more, or "
            "leave out --keep."
        )


def trusted(task: Task) -> tuple[Thresholds, CalibrationStatus]:
    """The task's thresholds, and the status of its calibration; defaults if there is none."""
    try:
        made = read_calibration(task)
    except (CorruptFileError, StaleError) as error:
        return Thresholds(), CalibrationStatus(calibrated=False, sentence=str(error).rstrip("."))
    scored = (
        f"on scripted agents of {task.spec.name} the detector is right in {made.diagonal:.1%} of "
        f"the episodes of oracles or more; of kinds of agents that it was not calibrated on, it "
        f"calls {made.false_pursuits:.1%} of aimless episodes a pursuit and names "
        f"{made.named_right:.1%} of arriving pursuits right; it recovers mixtures to "
        f"{100 * made.mixture_error:.1f} points"
    )
    if made.one_bit:
        scored += (
            f"; on {', '.join(made.one_bit)} one choice decides an episode, so that a coin is a "
            "pursuit in each, and only the share over many levels tells"
        )
    if made.lost:
        scored += f"; it misses what {', '.join(made.lost)} pursues, and names nothing instead"
    if made.shortfalls:
        scored = (
            f"the calibration of {task.spec.name} misses its bars: {'; '.join(made.shortfalls)}"
        )
    return made.thresholds, CalibrationStatus(
        not made.shortfalls, scored, made.control, made.luck, made.searcher
    )
