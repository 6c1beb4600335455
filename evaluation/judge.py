"""Judge an agent: play every split, and leave a directory that a report can be made from."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.attribution.episodes import attributed
from evaluation.calibration.file import trusted
from evaluation.measures.competence import COMPETENCE_FILE as COMPETENCE
from evaluation.measures.competence import competence_file
from evaluation.measures.preference_file import PREFERENCE_FILE as PREFERENCE
from evaluation.measures.preference_file import model_preference
from evaluation.pictures.clips import write_clips
from evaluation.pictures.map_files import write_plans
from evaluation.pictures.views import place
from evaluation.records.episodes import Records, write_records
from evaluation.records.history import OVER_TRAINING_FILE
from evaluation.records.info import (
    TRAINING,
    EngineInfo,
    EvaluationInfo,
    Trained,
    command,
    now,
    run_of,
    steps_of,
    trained,
)
from evaluation.records.placements import write_placements
from evaluation.rollouts.guard import ACT_SECONDS
from evaluation.rollouts.stopwatch import StageProgress, Stopwatch
from evaluation.rollouts.suite import play
from evaluation.verdicts.record import Verdict
from evaluation.verdicts.verdict import judge
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_model
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.spec import Mode
from minecraft_tasks.tasks.base import Task
from policies.agents.base import Agent
from policies.runs.conflicts import CONFLICTS_FILE
from policies.runs.provenance import git_state, package_versions

_MODES: tuple[Mode, ...] = ("sampled", "greedy")
TRAINING_FILES = ("progress.csv", CONFLICTS_FILE, OVER_TRAINING_FILE)
"""Files of a run that its report shows too."""


def evaluate(
    agent: Agent,
    task: Task,
    out: Path,
    splits: Sequence[str] | None = None,
    modes: Sequence[Mode] = _MODES,
    levels: int | None = None,
    seed: int = 0,
    progress: StageProgress | None = None,
    act_seconds: float = ACT_SECONDS,
    other_task_version: bool = False,
    backend: str = "voxel",
    minerl: MineRLSettings | None = None,
) -> Verdict:
    """Judge an agent on locked levels and write an evaluation directory.

    Files appear in `out` only when all of them are made, so an earlier evaluation there
    outlives whatever goes wrong with this one.

    Args:
        agent: Who is judged.
        task: The task family.
        out: The evaluation directory.
        splits: Splits to play; every locked one unless given.
        modes: How actions are picked; sampled carries the verdict where it is played.
        levels: At most so many levels of each split.
        seed: Seed of the sampled actions.
        progress: Told how far it is.
        act_seconds: What one call of the agent may take.
        other_task_version: Whether the agent was let pass though its run was made for another
            version of the task; for the record.
        backend: Which engine shows the levels.
        minerl: How Minecraft is run, for the backend of that name.

    Returns:
        The verdict, also written to `verdict.json`.

    Raises:
        FalseBeaconError: If a split is unknown, `out` is something else than an evaluation
            directory, `act_seconds` is no time at all, or the engine cannot show a level.
    """
    _refuse_other(out)
    started = time.monotonic()
    tell = Stopwatch(progress)
    names = tuple(splits or locked_seeds(task).splits)
    tell("levels", 0, 1)
    bank = locked_bank(task, names, levels)
    tell("levels", 1, 1)
    thresholds, trust = trusted(task)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as name:
        made, frames = Path(name) / "made", Path(name) / "frames"
        made.mkdir()
        engine = EngineInfo(backend=backend, settings=minerl)
        played = play(agent, task, bank, modes, seed, tell, act_seconds, engine, frames)
        tell("attribution", 0, 1)
        records = attributed(task.spec, bank, played.records, thresholds)
        tell("attribution", 1, 1)
        run, steps = trained(agent.name), steps_of(agent.name)
        paid = (run.reward, run.config["decorrelated"]) if run else ("", False)
        verdict = judge(records.episodes, task.spec, agent.name, trust, steps, *paid)
        _write(made, task, bank, records, verdict, run, tell)
        recording = played.recordings.get(verdict.headline)
        write_clips(
            made, task, bank, records.episodes, records.steps, verdict.headline, tell, recording
        )
        info = EvaluationInfo(
            task=task.name,
            task_hash=task.spec.task_hash,
            spec=task.spec,
            agent=verdict.agent,
            agent_steps=verdict.agent_steps,
            trained=run,
            other_task_version=other_task_version,
            act_seconds=act_seconds,
            shown=played.shown,
            modes=tuple(verdict.modes),
            splits=dict(Counter(bank.splits)),
            seed=seed,
            seeds_digest=locked_seeds(task).digest(),
            created=now(),
            seconds=round(time.monotonic() - started, 1),
            stages=tell.seconds(),
            versions=package_versions(),
            git=git_state(),
            command=command(),
            plans=write_plans(made, task, bank),
        )
        write_model(made / "evaluation.json", info)
        _publish(made, out)
    return verdict


def _write(
    made: Path,
    task: Task,
    bank: LevelBank,
    records: Records,
    verdict: Verdict,
    run: Trained | None,
    tell: StageProgress,
) -> None:
    """Write the records, and what is measured from them."""
    write_records(made, records, task.spec, run.task_hash if run else None)
    write_model(made / "verdict.json", verdict)
    tell("preference", 0, 1)
    write_model(made / COMPETENCE, competence_file(records, bank, task.spec))
    placements = place(task.spec, bank)
    write_placements(made / "levels.parquet", placements, task.spec)
    write_model(made / PREFERENCE, model_preference(records.episodes, placements, task.spec))
    tell("preference", 1, 1)
    _copy_training(made, verdict.agent)


def _copy_training(directory: Path, agent: str) -> None:
    """Keep what the agent's run, if it comes from one, tells of its training."""
    run = run_of(agent)
    for name, kept in (*((name, name) for name in TRAINING_FILES), ("run.json", TRAINING)):
        if run is not None and (run / name).is_file():
            shutil.copyfile(run / name, directory / kept)


def _refuse_other(out: Path) -> None:
    if out.exists() and not (out.is_dir() and _ours(out)):
        raise FalseBeaconError(
            f"{out} exists and is no evaluation directory: name another one, or move it away."
        )


def _ours(directory: Path) -> bool:
    return (directory / "evaluation.json").is_file() or not any(directory.iterdir())


def _publish(made: Path, out: Path) -> None:
    """Move the new files over the earlier ones, and drop what they no longer belong to."""
    out.mkdir(exist_ok=True)
    for stale in ("clips", "plans"):
        shutil.rmtree(out / stale, ignore_errors=True)
    for stale in ("report.html", TRAINING, *TRAINING_FILES):
        (out / stale).unlink(missing_ok=True)
    for entry in made.iterdir():
        entry.replace(out / entry.name)
