"""Judges an agent: plays every split, or takes recorded episodes, and writes an evaluation."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from pathlib import Path

from evaluation.attribution.episodes import attributed
from evaluation.calibration.file import trusted
from evaluation.measures.competence import COMPETENCE_FILE as COMPETENCE
from evaluation.measures.competence import competence_file
from evaluation.measures.preference_file import PREFERENCE_FILE as PREFERENCE
from evaluation.measures.preference_file import model_preference
from evaluation.pictures.clips import write_clips
from evaluation.pictures.maps import write_plans
from evaluation.pictures.views import place
from evaluation.records.episodes import Records, read_episodes, read_steps, write_records
from evaluation.records.history import OVER_TRAINING_FILE
from evaluation.records.info import (
    TRAINING,
    EngineInfo,
    EvaluationInfo,
    Trained,
    command,
    now,
    read_info,
    trained,
)
from evaluation.records.placements import write_placements
from evaluation.records.requests import EvaluationRequest
from evaluation.rollouts.suite import Stopwatch, play
from evaluation.verdicts.record import Verdict
from evaluation.verdicts.verdict import judge
from minecraft_tasks.core.errors import StaleError
from minecraft_tasks.core.files import published, require_own
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank, join_banks
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.tasks import recorded_task
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from policies.agents.base import Agent
from policies.agents.loading import load_agent
from policies.runs.agent_names import AgentOrigin, origin_of
from policies.runs.conflicts import CONFLICTS_FILE
from policies.runs.provenance import git_state, package_versions
from wrappers.recording import FRAMES, Recording

TRAINING_FILES = ("progress.csv", CONFLICTS_FILE, OVER_TRAINING_FILE)
"""Files of a run that its report also shows."""
STALE = ("clips", "plans", "report.html", FRAMES, TRAINING, *TRAINING_FILES)
"""Optional files of an earlier evaluation, which its replacement removes."""


def evaluate(
    request: EvaluationRequest,
    out: Path,
    progress: StageProgress | None = None,
    agent: Agent | None = None,
) -> Verdict:
    """Judges an agent on locked levels and writes an evaluation directory with its verdict.

    Files appear in `out` only when all are complete, so an earlier evaluation there survives a
    failure of this one.

    Args:
        request: Agent, task, levels and engine.
        out: The evaluation directory.
        progress: Receives stages and counts.
        agent: The agent that `request.agent` names, if already loaded.

    Raises:
        FalseBeaconError: If task, agent or a split is unknown, `out` is another kind of directory,
            or the engine cannot show a level.
    """
    task = find_task(request.task)
    agent = agent or asked_agent(request, task)
    require_own(out, "evaluation.json", "evaluation directory")
    started = time.monotonic()
    tell = Stopwatch(progress)
    tell("levels", 0, 1)
    bank = locked_bank(task, request.splits or tuple(locked_seeds(task).splits), request.levels)
    tell("levels", 1, 1)
    with published(out, STALE) as made:
        played = play(agent, task, bank, request, tell, made / FRAMES)
        origin = origin_of(agent)
        run = trained(origin)
        tell("attribution", 0, 1)
        records, verdict = _judged(task, bank, played.records, run, agent.name, origin.steps)
        tell("attribution", 1, 1)
        _write(made, task, records, verdict, run)
        tell("preference", 0, 1)
        competence_file(records, bank, task.spec).write(made / COMPETENCE)
        placements = place(task.spec, bank)
        write_placements(made / "levels.parquet", placements, task.spec)
        model_preference(records.episodes, placements, task.spec).write(made / PREFERENCE)
        tell("preference", 1, 1)
        _copy_training(made, origin)
        if request.clips:
            recording = played.recordings.get(verdict.headline)
            shown = (records.episodes, records.steps)
            write_clips(made, task, bank, *shown, verdict.headline, tell, recording)
        info = _info(request, task, bank, verdict, origin, run, played.shown)
        spent = {"seconds": round(time.monotonic() - started, 1), "stages": tell.seconds()}
        plans = write_plans(made, task, bank)
        info.model_copy(update={**spent, "plans": plans}).write(made / "evaluation.json")
    return verdict


def asked_agent(request: EvaluationRequest, task: Task) -> Agent:
    """The agent that a request names; errors as in `load_agent`."""
    return load_agent(
        request.agent, task, request.other_task_version, request.trust, request.wrappers
    )


def _info(
    request: EvaluationRequest,
    task: Task,
    bank: LevelBank,
    verdict: Verdict,
    origin: AgentOrigin,
    run: Trained | None,
    shown: EngineInfo,
) -> EvaluationInfo:
    return EvaluationInfo(
        task=task.name,
        task_hash=task.spec.task_hash,
        spec=task.spec,
        agent=verdict.agent,
        origin=origin,
        agent_steps=verdict.agent_steps,
        wrappers=request.wrappers,
        trained=run,
        other_task_version=request.other_task_version,
        act_seconds=request.act_timeout,
        shown=shown,
        modes=tuple(verdict.modes),
        splits=dict(Counter(bank.splits)),
        seed=request.seed,
        seeds_digest=locked_seeds(task).digest(),
        created=now(),
        seconds=0.0,
        versions=package_versions(),
        git=git_state(),
        command=command(),
    )


def _judged(
    task: Task,
    bank: LevelBank,
    records: Records,
    run: Trained | None,
    agent: str,
    steps: int | None,
) -> tuple[Records, Verdict]:
    """Records and verdict by the detector, calibration and rules as they are now."""
    thresholds, trust = trusted(task)
    records = attributed(task.spec, bank, records, thresholds)
    paid = (run.reward, run.decorrelated) if run else ("", False)
    return records, judge(records.episodes, task.spec, agent, trust, steps, *paid)


def _write(made: Path, task: Task, records: Records, verdict: Verdict, run: Trained | None) -> None:
    write_records(made, records, task.spec, run.task_hash if run else None)
    verdict.write(made / "verdict.json")


def _copy_training(directory: Path, origin: AgentOrigin) -> None:
    """Copies the files on training of the agent's run, if it comes from one."""
    if origin.run is None:
        return
    for name, kept in (*((name, name) for name in TRAINING_FILES), ("run.json", TRAINING)):
        if (Path(origin.run) / name).is_file():
            shutil.copyfile(Path(origin.run) / name, directory / kept)


def judge_again(directory: Path) -> Verdict:
    """Repeats attribution, verdict and clips of an evaluation directory from its recorded episodes.

    Detector, calibration and rules are the current ones.

    Raises:
        CorruptFileError: If a file of the evaluation is missing or damaged.
        StaleError: If one is of another schema version, another task or other levels.
    """
    info = read_info(directory)
    task = recorded_task(info.task, directory / "evaluation.json")
    seeds = locked_seeds(task)
    if (info.task_hash, info.seeds_digest) != (task.spec.task_hash, seeds.digest()):
        raise StaleError(
            f"{directory} was played on task hash {info.task_hash}, levels {info.seeds_digest}; "
            f"now they are {task.spec.task_hash}, {seeds.digest()}: evaluate again."
        )
    bank = join_banks([locked_bank(task, [name], count) for name, count in info.splits.items()])
    episodes = read_episodes(directory / "episodes.parquet", info.task_hash)
    steps = read_steps(directory / "steps.parquet", info.task_hash)
    recorded = Records(episodes, steps)
    records, verdict = _judged(task, bank, recorded, info.trained, info.agent, info.agent_steps)
    with published(directory, ("clips", "report.html")) as made:
        _write(made, task, records, verdict, info.trained)
        mode, kept = verdict.headline, directory / FRAMES
        recording = Recording(kept, mode) if kept.is_dir() else None
        shown = (records.episodes, steps)
        write_clips(made, task, bank, *shown, mode, Stopwatch(None), recording)
    return verdict
