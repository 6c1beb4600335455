"""Training steps that an agent needs to find each candidate, with that candidate as the reward.

Every candidate has a site of its own in these runs, so that nothing else leads to it. Checkpoints
at log-spaced steps are then played on levels of the same kind that none of them was trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from evaluation.ease.detector import crossing
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.tasks.base import Task
from policies.agents.base import FRAMES
from policies.networks.step import resolved
from policies.networks.weights import read_policy
from policies.runs.checkpoints import checkpoints
from policies.runs.config import TrainingConfig, make_config
from policies.runs.record import RunRecord, read_run
from policies.training.heldout import measure_success
from policies.training.train import train
from wrappers.apply import seen_space

CHECKPOINTS, FIRST = 16, 8_192


def run_config(task: str, candidate: str, seed: int, steps: int, threads: int) -> TrainingConfig:
    """The task's recipe, with a candidate as the reward and all candidates apart.

    0 steps stand for those of the recipe.
    """
    budget = {"steps": steps} if steps else {}
    return make_config(
        task=task, reward=candidate, seed=seed, decorrelated=True, threads=threads,
        heldout_levels=0, checkpoints=CHECKPOINTS, first_checkpoint=FIRST, **budget,
    )  # fmt: skip


def _trained(task: Task, config: TrainingConfig, directory: Path) -> RunRecord:
    """Trains the run, or resumes it under its own configuration if its directory exists."""
    if not (directory / "run.json").exists():
        train(config, out=directory)
        return read_run(directory, task.spec)
    own = read_run(directory, task.spec).config
    decisive = ("reward", "seed", "steps", "decorrelated", "conflict_fraction", "architecture")
    differing = [name for name in decisive if getattr(own, name) != getattr(config, name)]
    if differing:
        raise FalseBeaconError(
            f"{directory} holds a run with another {', '.join(differing)}: remove it, or name "
            "another directory with --runs."
        )
    train(resume=directory)
    return read_run(directory, task.spec)


def success_curve(
    task: Task, directory: Path, bank: LevelBank, config: TrainingConfig, enough: float
) -> tuple[list[int], list[float]]:
    """Steps of checkpoints, the oldest first, and their success toward the rewarded candidate.

    Args:
        task: The task family.
        directory: The run.
        bank: Levels with every candidate apart, of layouts that were not trained on.
        config: Configuration of the run.
        enough: Share of levels; checkpoints after the first that succeeds on it are not played.
    """
    torch.set_num_threads(config.threads)
    frames, steps, success = seen_space(config.wrappers, FRAMES), [], []
    for path in checkpoints(directory):
        policy = read_policy(path, config, frames, len(task.spec.actions))
        steps.append(int(path.stem))
        success.append(
            measure_success(
                policy, task, bank, resolved(config.precision), reward=config.reward,
                stack=config.wrappers,
            )
        )  # fmt: skip
        if success[-1] >= enough:
            break
    return steps, success


def steps_to(
    task: Task, thresholds: Sequence[float], bank: LevelBank, config: TrainingConfig,
    directory: Path, tell: Callable[[str], None],
) -> tuple[list[float | None], RunRecord]:  # fmt: skip
    """Decisions until a run first succeeds on each threshold share of levels, and its record.

    Between two checkpoints success is linear over the logarithm of the decisions. Other arguments
    are those of `success_curve`; `tell` is called with the curve.
    """
    record = _trained(task, config, directory)
    steps, success = success_curve(task, directory, bank, config, max(thresholds))
    shown = "  ".join(f"{at:,} {share:.2f}" for at, share in zip(steps, success, strict=True))
    tell(f"{config.reward}: {shown}")
    return [crossing(steps, success, threshold) for threshold in thresholds], record
