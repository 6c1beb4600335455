"""The configuration of a training run: one record for the command line and run.json."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from minecraft_tasks.backends.minerl_settings import BackendName, MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record, faults
from minecraft_tasks.levels.sampling import Sampling
from minecraft_tasks.spec import TRAINING_LEVELS, TaskSpec, episode_shares
from policies.runs.tracking import TrackingOptions
from wrappers.stack import Stack

Architecture = Literal["cnn-lstm", "cnn", "frame-stack", "transformer"]
Encoder = Literal["learnt", "frozen", "blind"]
Critic = Literal["lstm", "shared", "memoryless"]
Precision = Literal["float32", "bf16"]


class TrainingConfig(Record):
    """A training run.

    Attributes:
        task: Name of the task, or ``package.module:TASK``.
        seed: Of the network, the actions and the order of levels.
        steps: Decisions to train for, over all environments.
        num_envs: Environments played together on the embedded engine.
        n_steps: Decisions in each environment per rollout.
        epochs: Passes over each rollout.
        minibatches: Parts of a pass, each of whole environments.
        learning_rate: Adam's, at the start.
        final_learning_rate: At the end; it falls linearly.
        gamma: Discount per decision.
        gae_lambda: Of generalised advantage estimation.
        ent_coef: Weight of the entropy bonus, at the start.
        final_ent_coef: At the end; it falls linearly. By default it stays.
        vf_coef: Weight of the value loss.
        clip: PPO's clipping range.
        max_grad_norm: Gradients are scaled down to it.
        architecture: Memory of the agent: an LSTM, none, the last 4 frames, or a Transformer over
            the last 64.
        encoder: Training of the CNN: ``frozen`` keeps its random initial weights; a ``blind`` agent
            sees the same grey frame at every step.
        hidden: Width of the memory.
        memory_span: Decisions over which an untrained LSTM forgets: biases of its gates by chrono
            initialisation (Tallec and Ollivier 2018). With 0 or 1 they are torch's own, which
            forget half within one decision.
        critic: Input of the value: a memory of its own, the actor's memory, or one frame.
        layouts: Training levels in the bank.
        sizes: Smallest and largest size of a training level, in the task's own unit, each size
            equally often; by default the task draws them.
        conflict_fraction: Share of training episodes on levels that set the rewarded candidate
            against one other.
        conflict_layouts: Layouts of those levels, of two twins each; as many as `layouts` by
            default. Few are played often enough for a sampling to learn what they are worth.
        withheld: Candidate whose conflict levels are left out; none if it is empty.
        detour_fraction: Share of the other episodes on levels with detours, like those of `skill`.
        sampling: How the next level is drawn: uniformly; by a curriculum of size, or of distance
            where all have one size; by prioritised level replay; by regret against the exact
            optimum; by learnability (docs/training.md).
        decorrelated: Whether every candidate of a training level has a site of its own.
        reward: Candidate that reward pays for; the intended goal if it is empty.
        precision: ``auto`` takes bf16 where the processor multiplies it natively.
        threads: Of torch; the engine takes OMP_NUM_THREADS of them, or one for each CPU.
        checkpoints: How many are kept, at steps spaced by a constant factor.
        first_checkpoint: Steps of the first of them.
        save_seconds: Wall time between temporary checkpoints.
        heldout_levels: Levels of the held-out split played to measure success; 0 for never.
        heldout_interval: Steps between those measurements.
        backend: Engine of the training levels; held-out levels always use the embedded engine.
            With minerl the number of environments is that of Minecrafts.
        minerl: Settings of the Minecrafts.
        track: Log to Weights & Biases.
        tracking: Where there.
        tensorboard: Log to TensorBoard.
        wrappers: Wrappers between the environments and the agent, from the environment outwards,
            such as ``action_repeat:repeat=2,grey,frame_stack:n=4`` (docs/agents.md).
    """

    task: str
    seed: int = Field(0, ge=0)
    steps: int = Field(1_000_000, gt=0)
    num_envs: int = Field(128, gt=0)
    n_steps: int = Field(32, gt=0)
    epochs: int = Field(2, gt=0)
    minibatches: int = Field(16, gt=0)
    learning_rate: float = Field(7e-4, gt=0)
    final_learning_rate: float = Field(1e-4, ge=0)
    gamma: float = Field(0.99, ge=0, le=1)
    gae_lambda: float = Field(0.95, ge=0, le=1)
    ent_coef: float = Field(0.01, ge=0)
    final_ent_coef: float | None = Field(None, ge=0)
    vf_coef: float = Field(0.5, ge=0)
    clip: float = Field(0.2, gt=0)
    max_grad_norm: float = Field(0.5, gt=0)
    architecture: Architecture = "cnn-lstm"
    encoder: Encoder = "learnt"
    hidden: int = Field(256, gt=0)
    memory_span: int = Field(0, ge=0)
    critic: Critic = "lstm"
    layouts: int = Field(TRAINING_LEVELS, gt=0)
    sizes: tuple[int, int] | None = None
    conflict_fraction: float = Field(0.0, ge=0, le=1)
    conflict_layouts: int | None = Field(None, gt=0)
    withheld: str = ""
    detour_fraction: float = Field(0.0, ge=0, le=1)
    sampling: Sampling = "uniform"
    decorrelated: bool = False
    reward: str = ""
    precision: Precision | Literal["auto"] = "auto"
    threads: int = Field(2, gt=0)
    checkpoints: int = Field(8, gt=0)
    first_checkpoint: int = Field(16_384, gt=0)
    save_seconds: float = Field(60.0, gt=0)
    heldout_levels: int = Field(64, ge=0)
    heldout_interval: int = Field(32_768, gt=0)
    backend: BackendName = "voxel"
    minerl: MineRLSettings = MineRLSettings()
    track: bool = False
    tracking: TrackingOptions = TrackingOptions()
    tensorboard: bool = False
    wrappers: Stack = Stack()

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuses true where a number is meant, which pydantic takes for 1."""
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and kind in (int, float):
            raise ValueError("must be a number")
        return value

    @property
    def environments(self) -> int:
        """Environments played together."""
        return self.minerl.slots if self.backend == "minerl" else self.num_envs

    @property
    def batch_size(self) -> int:
        """Decisions in a minibatch: whole environments."""
        return max(1, self.environments // self.minibatches) * self.n_steps

    def shares(self, spec: TaskSpec) -> dict[str, float]:
        """Share of training episodes on each split.

        Raises:
            FalseBeaconError: If there are layouts for conflicts without conflicts; further errors
                as in `episode_shares`.
        """
        if self.conflict_layouts and not self.conflict_fraction:
            raise FalseBeaconError(
                f"conflict_layouts is {self.conflict_layouts}, but no conflict levels are trained"
                " on: leave it out, or set `conflict_fraction`."
            )
        return episode_shares(
            spec,
            self.conflict_fraction,
            self.decorrelated,
            self.reward,
            self.withheld,
            self.detour_fraction,
        )

    def checkpoint_steps(self) -> tuple[int, ...]:
        """Steps at which a checkpoint is kept; the last one is the end of training."""
        first = min(self.first_checkpoint, self.steps)
        import numpy as np

        spaced = np.geomspace(first, self.steps, self.checkpoints)
        return tuple(sorted({round(step) for step in spaced} | {self.steps}))


def recipe(task: str) -> dict[str, Any]:
    """Options that a task recommends; none for one that is unknown or does not load."""
    try:
        # Building the tasks takes longer than all that a refusal needs.
        from minecraft_tasks.tasks import task as find_task

        return find_task(task).recipe.options()
    except FalseBeaconError:
        return {}


def make_config(**values: Any) -> TrainingConfig:
    """A configuration from loose values, over the task's recipe.

    Raises:
        FalseBeaconError: Naming each bad or unknown value.
    """
    try:
        return TrainingConfig(**{**recipe(str(values.get("task"))), **values})
    except ValidationError as error:
        raise FalseBeaconError(f"bad training configuration: {'; '.join(faults(error))}.") from None
