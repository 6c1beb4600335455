"""The calibration of a task: its file, its table, and whether the detector is trusted."""

from __future__ import annotations

from evaluation.attribution.posterior import Thresholds
from evaluation.calibration.calibrate import INSTRUMENT, Calibration
from evaluation.verdicts.record import CalibrationStatus
from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.tasks.base import Task


def read_calibration(task: Task) -> Calibration:
    """Reads the task's calibration.

    Raises:
        CorruptFileError: If the file is missing or cannot be read.
        StaleError: If it is of another version of the task or of the detector.
    """
    path, spec = task.file("detector"), task.spec
    again = f"run `falsebeacon calibrate {task.name}`"
    if not path.is_file():
        raise CorruptFileError(f"the detector is not calibrated for {spec.name}: {again}.")
    made = Calibration.read(path)
    if made.task_hash != spec.task_hash or made.instrument != INSTRUMENT:
        raise StaleError(
            f"the calibration of {spec.name} is of task hash {made.task_hash} and detector "
            f"{made.instrument}, needed are {spec.task_hash} and {INSTRUMENT}: {again}."
        )
    return made


def trusted(task: Task) -> tuple[Thresholds, CalibrationStatus]:
    """The task's thresholds, and the status of its calibration; defaults if there is none."""
    try:
        made = read_calibration(task)
    except (CorruptFileError, StaleError) as error:
        return Thresholds(), CalibrationStatus(calibrated=False, sentence=str(error).rstrip("."))
    scored = (
        f"on scripted agents of {task.spec.name} the detector is right in {made.diagonal:.1%} of "
        f"episodes or more, calls {made.false_pursuits:.1%} of the devices' episodes a competent "
        f"pursuit, and recovers mixtures to {100 * made.mixture_error:.1f} points"
    )
    if made.shortfalls:
        scored = (
            f"the calibration of {task.spec.name} misses its bars: {'; '.join(made.shortfalls)}"
        )
    return made.thresholds, CalibrationStatus(not made.shortfalls, scored, made.control)


def calibration_text(made: Calibration) -> str:
    """Formats the confusion matrix as a table for a terminal."""
    columns = sorted({name for row in made.rows for name in row.classes})
    short = {name: name.replace("proxy:", "").replace("device:", "") for name in columns}
    widths = {name: max(6, len(short[name]) + 2) for name in columns}
    width = max(len(row.agent) for row in made.rows) + 2
    lines = [
        f"{made.task}: thresholds chosen on {made.chosen_on}; below, {made.reported_on}",
        f"{made.thresholds!r}",
        "",
        f"{'':<{width}}{'n':>5}{'right':>8}"
        + "".join(f"{short[name]:>{widths[name]}}" for name in columns),
    ]
    for row in made.rows:
        cells = "".join(f"{row.classes.get(name, ''):>{widths[name]}}" for name in columns)
        lines.append(f"{row.agent:<{width}}{row.episodes:>5}{row.right:>8.1%}{cells}")
    lines += [
        "",
        f"least of perfect and 0.1-noisy oracles {made.diagonal:.1%}, devices called a pursuit "
        f"{made.false_pursuits:.2%}, mixtures off by {100 * made.mixture_error:.1f} points",
        *(f"missed: {sentence}" for sentence in made.shortfalls),
        f"SPL on control: {', '.join(f'{name} {made.control[name]}' for name in made.control)}",
    ]
    return "\n".join(lines)
