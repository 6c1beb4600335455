"""Evaluation directories of several runs, grouped into comparable seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.measures.preference_file import PreferenceModel, read_preference
from evaluation.records.episodes import Episodes, read_episodes
from evaluation.records.info import TRAINING, EvaluationInfo, read_info
from evaluation.verdicts.record import Verdict
from minecraft_tasks.core.errors import FalseBeaconError
from policies.runs.config import TrainingConfig, make_config
from policies.runs.record import RunRecord

CONDITION = (
    "reward",
    "decorrelated",
    "conflict_fraction",
    "architecture",
    "encoder",
    "wrappers",
    "layouts",
)
"""Options of training that separate groups of runs."""

BASELINE = "baseline"


@dataclass(frozen=True)
class JudgedRun:
    """An evaluation in a set of runs; `config` is None for an agent that comes from no run."""

    directory: Path
    info: EvaluationInfo
    verdict: Verdict
    preference: PreferenceModel
    episodes: Episodes
    config: TrainingConfig | None

    @property
    def seed(self) -> int:
        """Seed of training, or of the sampled actions if nothing was trained."""
        return self.info.seed if self.config is None else self.config.seed

    @property
    def condition(self) -> dict[str, str]:
        """Options of `CONDITION` that differ from the task's recipe, and ablations of the agent."""
        if self.config is None:
            return {}
        normal = make_config(task=self.info.task)
        return dict.fromkeys(self.info.origin.ablations, "True") | {
            name: str(getattr(self.config, name))
            for name in CONDITION
            if getattr(self.config, name) != getattr(normal, name)
        }

    @property
    def group(self) -> str:
        """Name of the group: the condition of training, or the agent if nothing was trained."""
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
    config = make_config(**info.trained.config) if info.trained else None
    return JudgedRun(
        directory,
        info,
        Verdict.read(directory / "verdict.json"),
        read_preference(directory),
        read_episodes(directory / "episodes.parquet", info.task_hash),
        RunRecord.read(kept).config if kept.is_file() else config,
    )


def grouped(runs: Sequence[JudgedRun]) -> dict[tuple[str, str], list[JudgedRun]]:
    """Runs by task and group, each by seed: trained runs first, the baseline before the rest.

    Raises:
        FalseBeaconError: If runs of one task were judged on different levels, or two are the same
            seed of one group.
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
        members.append(run)
    return groups


def _check_levels(one: JudgedRun, other: JudgedRun) -> None:
    mine, its = ((run.info.task_hash, run.info.seeds_digest) for run in (one, other))
    if mine != its:
        raise FalseBeaconError(
            f"{one.directory} and {other.directory} were judged on different levels of "
            f"{one.info.task} (task hash and digest {' '.join(mine)}, {' '.join(its)}): evaluate "
            "both on one version."
        )
