"""Episodes of every checkpoint of a run on the same levels: `over_training.parquet`.

No checkpoint is selected, and the first locked levels of each split are the same for every
checkpoint and every run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.records.episodes import Episodes
from evaluation.records.history import (
    OVER_TRAINING_FILE,
    TRAINED,
    History,
    read_history,
    write_history,
)
from evaluation.records.requests import OverTrainingRequest
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.core.errors import CorruptFileError
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task
from policies.agents.loading import load_agent
from policies.runs.checkpoints import checkpoints
from policies.runs.record import read_run


def watched(spec: TaskSpec) -> list[str]:
    """Splits that checkpoints play: held-out, control, and conflicts with the intended goal."""
    shown = (*spec.of_kind("heldout", "control"), *spec.conflicts(spec.intended_name))
    return [split.name for split in spec.splits if split in shown]


def judge_checkpoints(
    run: Path, task: Task, request: OverTrainingRequest, progress: StageProgress | None = None
) -> History:
    """Plays every checkpoint of a run by sampled actions, and writes `over_training.parquet`.

    Checkpoints that the file already has, on the same levels and with the same seed, are not played
    again.

    Args:
        run: The run directory.
        task: The task it was trained on.
        request: Levels, seed and time limit; twins stay together.
        progress: Receives the number of finished checkpoints.

    Raises:
        FalseBeaconError: If there is no such run, it is of another task, or has no checkpoint.
    """
    record = read_run(run, task.spec)
    paths = {int(path.stem): path for path in checkpoints(run)}
    if not paths:
        raise CorruptFileError(f"{run} has no checkpoint: train it first.")
    names = task.spec.candidate_names
    history = History(
        run=str(run),
        task=task.spec.name,
        task_hash=task.spec.task_hash,
        intended=task.spec.intended_name,
        reward=names[task.spec.rewarded(record.config.reward)],
        levels=request.levels,
        seed=request.seed,
        seeds_digest=locked_seeds(task).digest(),
        episodes=Episodes({}, names),
    )
    known = _known(run / OVER_TRAINING_FILE, history)
    bank = locked_bank(task, watched(task.spec), request.levels)
    parts = []
    for done, (steps, path) in enumerate(paths.items()):
        if progress:
            progress("checkpoints", done, len(paths))
        if known is not None and steps in known[TRAINED]:
            parts.append(known.where(**{TRAINED: steps}).columns)
        else:
            parts.append(_play(path, steps, task, bank, request))
    if progress:
        progress("checkpoints", len(paths), len(paths))
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    history = History(**{**vars(history), "episodes": Episodes(joined, names)})
    write_history(run / OVER_TRAINING_FILE, history, task.spec)
    return history


def _known(path: Path, wanted: History) -> Episodes | None:
    """Episodes of a file on the same levels with the same seed."""
    if not path.is_file():
        return None
    found = read_history(path)
    same = ("task_hash", "levels", "seed", "seeds_digest")
    if any(getattr(found, name) != getattr(wanted, name) for name in same):
        return None
    return found.episodes


def _play(
    path: Path, steps: int, task: Task, bank: LevelBank, request: OverTrainingRequest
) -> dict[str, np.ndarray]:
    agent = load_agent(str(path), task)
    seed, seconds = request.seed, request.act_timeout
    episodes = rollout(agent, task, bank, "sampled", seed, act_seconds=seconds).episodes
    return {TRAINED: np.full(len(episodes), steps, np.int64), **episodes.columns}
