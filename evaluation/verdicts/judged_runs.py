"""Evaluation directories of several runs, grouped into comparable seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from evaluation.measures.preference_file import PreferenceModel, read_preference
from evaluation.records.episodes import Episodes, read_episodes, read_steps
from evaluation.records.info import TRAINING, EvaluationInfo, read_info
from evaluation.verdicts.record import Verdict
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.core.records import faults
from minecraft_tasks.core.tables import Table
from policies.runs.config import TrainingConfig, make_config
from policies.runs.record import RunRecord

EXECUTION = frozenset(
    ("task", "seed", "threads", "precision", "checkpoints", "first_checkpoint", "save_seconds",
     "heldout_levels", "heldout_interval", "minerl", "track", "tracking", "tensorboard")
)  # fmt: skip
"""Options of training that do not separate groups of runs: the seed, and how a run is executed,
measured and recorded."""

BASELINE = "baseline"


@dataclass(frozen=True)
class JudgedRun:
    """An evaluation in a set of runs.

    Attributes:
        config: None for an agent that comes from no run.
        member: Name of a group that the user made of such agents, and the place in it; they count
            as seeds of one training.
    """

    directory: Path
    info: EvaluationInfo
    verdict: Verdict
    preference: PreferenceModel
    episodes: Episodes
    config: TrainingConfig | None
    member: tuple[str, int] | None = None

    @property
    def seed(self) -> int:
        """Seed of training, place in a named group, or seed of the sampled actions."""
        if self.member is not None:
            return self.member[1]
        return self.info.seed if self.config is None else self.config.seed

    @property
    def condition(self) -> dict[str, str]:
        """Options that differ from the task's recipe, but `EXECUTION`; ablations of the agent."""
        if self.config is None:
            return {}
        normal = make_config(task=self.info.task)
        return dict.fromkeys(self.info.origin.ablations, "True") | {
            name: str(getattr(self.config, name))
            for name in TrainingConfig.model_fields
            if name not in EXECUTION and getattr(self.config, name) != getattr(normal, name)
        }

    @property
    def group(self) -> str:
        """Name of the group: the condition of training, the user's name for it, or the agent."""
        if self.member is not None:
            return self.member[0]
        if self.config is None:
            return self.info.agent
        parts = [
            name if value == "True" else f"{name.replace('_', ' ')} {value}"
            for name, value in self.condition.items()
        ]
        return ", ".join(parts) or BASELINE


def read_judged(directory: Path) -> JudgedRun:
    """Reads the files of an evaluation directory that a set of runs needs.

    Raises:
        CorruptFileError: If a file is missing or damaged.
        StaleError: If a file is of another schema version or another task.
    """
    info, kept = read_info(directory), directory / TRAINING
    # What an older run did not store is the option's default, not that of today's recipe.
    try:
        config = TrainingConfig(**info.trained.config) if info.trained else None
    except ValidationError as error:
        raise CorruptFileError(
            f"{directory / 'evaluation.json'} has a training configuration that this version does"
            f" not read: {'; '.join(faults(error))}."
        ) from None
    return JudgedRun(
        directory,
        info,
        Verdict.read(directory / "verdict.json"),
        read_preference(directory),
        read_episodes(directory / "episodes.parquet", info.task_hash),
        RunRecord.read(kept).config if kept.is_file() else config,
    )


def in_groups(runs: Sequence[JudgedRun], groups: Mapping[str, Sequence[Path]]) -> list[JudgedRun]:
    """The runs, where those of some directories belong to named groups.

    Raises:
        FalseBeaconError: If a directory is not among the runs, is named twice, or is that of a
            training run, which its configuration groups.
    """
    members = [(d.resolve(), (name, k)) for name in groups for k, d in enumerate(groups[name])]
    known = {run.directory.resolve(): run for run in runs}
    for run in runs:
        if run.config is not None and run.group in groups:
            raise FalseBeaconError(
                f"--group {run.group} has the name of the group of {run.directory}: choose another."
            )
    for directory, (name, _) in members:
        run = known.get(directory)
        if run is None:
            raise FalseBeaconError(f"--group {name} names {directory}, which is not in the set.")
        if run.config is not None:
            raise FalseBeaconError(
                f"--group {name} names {directory}, a training run: its options of training put it"
                f" into {run.group!r}. Only agents that come from no run can be grouped."
            )
        if [other for other, _ in members].count(directory) > 1:
            raise FalseBeaconError(f"--group names {directory} more than once.")
    placed = dict(members)
    return [replace(run, member=placed.get(run.directory.resolve())) for run in runs]


def grouped(runs: Sequence[JudgedRun]) -> dict[tuple[str, str], list[JudgedRun]]:
    """Runs by task and group, each by seed: trained runs first, the baseline before the rest.

    Raises:
        FalseBeaconError: If runs of one task were judged on different levels, if two are the same
            seed of one group, or if two of a group have the same decisions throughout.
    """
    first: dict[str, JudgedRun] = {}
    groups: dict[tuple[str, str], list[JudgedRun]] = {}
    ordered = sorted(runs, key=lambda run: (run.config is None, run.group != BASELINE, run.seed))
    for run in ordered:
        _check_levels(first.setdefault(run.info.task, run), run)
        members = groups.setdefault((run.info.task, run.group), [])
        twin = next((other for other in members if other.seed == run.seed), None)
        if twin is not None:
            raise FalseBeaconError(
                f"{twin.directory} and {run.directory} are both seed {run.seed} of "
                f"{run.info.task}, {run.group}: a training seed counts once; leave one out."
            )
        copied = next((other for other in members if _same_decisions(other, run)), None)
        if copied is not None:
            raise FalseBeaconError(
                f"{copied.directory} and {run.directory} made the same decisions with the same "
                f"probabilities in all {len(run.episodes)} episodes: they are one agent, which "
                "counts once; leave one out."
            )
        members.append(run)
    return groups


def _same_decisions(one: JudgedRun, other: JudgedRun) -> bool:
    """Whether two evaluations hold the same episodes, step by step."""
    if not _alike(one.episodes.own, other.episodes.own, skipped=("agent", "task_hash")):
        return False
    mine, its = (
        read_steps(run.directory / "steps.parquet", run.info.task_hash) for run in (one, other)
    )
    return _alike(mine, its)


def _alike(one: Table, other: Table, skipped: Sequence[str] = ()) -> bool:
    names = [name for name in one.columns if name not in skipped]
    if len(one) != len(other) or any(name not in other.columns for name in names):
        return False
    return all(_equal(one[name], other[name]) for name in names)


def _check_levels(one: JudgedRun, other: JudgedRun) -> None:
    mine, its = ((run.info.task_hash, run.info.seeds_digest) for run in (one, other))
    if mine != its:
        raise FalseBeaconError(
            f"{one.directory} and {other.directory} were judged on different levels of "
            f"{one.info.task} (task hash and digest {' '.join(mine)}, {' '.join(its)}): evaluate "
            "both on one version."
        )


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    floats = one.dtype.kind == other.dtype.kind == "f"
    return np.array_equal(one, other, equal_nan=floats)
