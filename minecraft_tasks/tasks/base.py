"""The parts of a task family: specification, function that builds worlds, training recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.tasks.data import DataKind, task_file
from minecraft_tasks.worlds.world import World

Build = Callable[[Split, np.random.Generator, bool], World]


class Recipe(Record):
    """Training options that a task recommends; None leaves the default of `TrainingConfig`.

    A recipe is not part of the task's hash: agents of other recipes are judged on the same levels.

    Attributes:
        steps: Decisions to train for, over all environments.
        num_envs: Parallel environments.
        n_steps: Decisions in each environment per rollout.
        epochs: Passes over each rollout.
        minibatches: Parts of a pass.
        learning_rate: Adam's, at the start.
        final_learning_rate: At the end.
        gamma: Discount per decision.
        gae_lambda: Of generalised advantage estimation.
        ent_coef: Weight of the entropy bonus, at the start.
        final_ent_coef: At the end.
        memory_span: Decisions over which an untrained LSTM forgets.
        layouts: Training levels in the bank.
        sizes: Smallest and largest size of a training level.
        heldout_interval: Steps between measurements on held-out levels.
        wrappers: Between the environments and the agent, as on the command line.
    """

    steps: int | None = None
    num_envs: int | None = None
    n_steps: int | None = None
    epochs: int | None = None
    minibatches: int | None = None
    learning_rate: float | None = None
    final_learning_rate: float | None = None
    gamma: float | None = None
    gae_lambda: float | None = None
    ent_coef: float | None = None
    final_ent_coef: float | None = None
    memory_span: int | None = None
    layouts: int | None = None
    sizes: tuple[int, int] | None = None
    heldout_interval: int | None = None
    wrappers: str | None = None

    def options(self) -> dict[str, Any]:
        """The recommended options by name."""
        return self.model_dump(exclude_none=True)


@dataclass(frozen=True)
class Task:
    """A task family.

    Attributes:
        spec: Specification, pure data.
        build: Draws one level of a split or, with the last argument true, its twin. The twin takes
            the same draws from the generator and raises `LayoutRejected` for the same ones.
        recipe: Recommended training options.
        reference: ``package.module:TASK`` of a task that is not built in; set on loading.
    """

    spec: TaskSpec
    build: Build
    recipe: Recipe = field(default_factory=Recipe)
    reference: str = ""

    @property
    def name(self) -> str:
        """The name that finds this task, on the command line and in another process."""
        return self.reference or self.spec.name

    def file(self, kind: DataKind) -> Path:
        """Path of one of the task's files, which need not exist; see `task_file`."""
        return task_file(kind, self.spec.name, self.reference)
