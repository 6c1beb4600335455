"""Judge an agent: play every split, and leave a directory that a report can be made from."""

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
from evaluation.records.episodes import Records, write_records
from evaluation.records.history import OVER_TRAINING_FILE
from evaluation.records.info import (
    TRAINING,
    EvaluationInfo,
    Trained,
    command,
    now,
    trained,
)
from evaluation.records.placements import write_placements
from evaluation.records.requests import EvaluationRequest
from evaluation.rollouts.suite import Stopwatch, play
from evaluation.verdicts.record import Verdict
from evaluation.verdicts.verdict import judge
from minecraft_tasks.core.files import published, require_own
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from policies.agents.base import Agent
from policies.agents.loading import load_agent
from policies.runs.agent_names import AgentOrigin, origin_of
from policies.runs.conflicts import CONFLICTS_FILE
from policies.runs.provenance import git_state, package_versions

TRAINING_FILES = ("progress.csv", CONFLICTS_FILE, OVER_TRAINING_FILE)
"""Files of a run that its report shows too."""
STALE = ("clips", "plans", "report.html", TRAINING, *TRAINING_FILES)
"""What an earlier evaluation may have, and the one that replaces it may not."""


def evaluate(
    request: EvaluationRequest,
    out: Path,
    progress: StageProgress | None = None,
    agent: Agent | None = None,
) -> Verdict:
    """Judge an agent on locked levels and write an evaluation directory.

    Files appear in `out` only when all of them are made, so an earlier evaluation there
    outlives whatever goes wrong with this one.

    Args:
        request: Who is judged, and on what.
        out: The evaluation directory.
        progress: Told how far it is.
        agent: The agent that `request.agent` names; loaded unless given.

    Returns:
        The verdict, also written to `verdict.json`.

    Raises:
        FalseBeaconError: If task, agent or a split is unknown, `out` is something else than an
            evaluation directory, the time limit is no time at all, or the engine cannot show a
            level.
    """
    task = find_task(request.task)
    agent = agent or load_agent(request.agent, task, request.other_task_version)
    require_own(out, "evaluation.json", "evaluation directory")
    started = time.monotonic()
    tell = Stopwatch(progress)
    tell("levels", 0, 1)
    bank = locked_bank(task, request.splits or tuple(locked_seeds(task).splits), request.levels)
    tell("levels", 1, 1)
    thresholds, trust = trusted(task)
    with published(out, STALE) as made:
        played = play(agent, task, bank, request, tell, made / ".frames")
        tell("attribution", 0, 1)
        records = attributed(task.spec, bank, played.records, thresholds)
        tell("attribution", 1, 1)
        origin = origin_of(agent)
        run = trained(origin)
        paid = (run.reward, run.config["decorrelated"]) if run else ("", False)
        verdict = judge(records.episodes, task.spec, agent.name, trust, origin.steps, *paid)
        _write(made, task, bank, records, verdict, run, tell)
        _copy_training(made, origin)
        recording = played.recordings.get(verdict.headline)
        write_clips(
            made, task, bank, records.episodes, records.steps, verdict.headline, tell, recording
        )
        info = EvaluationInfo(
            task=task.name,
            task_hash=task.spec.task_hash,
            spec=task.spec,
            agent=verdict.agent,
            origin=origin,
            agent_steps=verdict.agent_steps,
            trained=run,
            other_task_version=request.other_task_version,
            act_seconds=request.act_timeout,
            shown=played.shown,
            modes=tuple(verdict.modes),
            splits=dict(Counter(bank.splits)),
            seed=request.seed,
            seeds_digest=locked_seeds(task).digest(),
            created=now(),
            seconds=round(time.monotonic() - started, 1),
            stages=tell.seconds(),
            versions=package_versions(),
            git=git_state(),
            command=command(),
            plans=write_plans(made, task, bank),
        )
        info.write(made / "evaluation.json")
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
    verdict.write(made / "verdict.json")
    tell("preference", 0, 1)
    competence_file(records, bank, task.spec).write(made / COMPETENCE)
    placements = place(task.spec, bank)
    write_placements(made / "levels.parquet", placements, task.spec)
    model_preference(records.episodes, placements, task.spec).write(made / PREFERENCE)
    tell("preference", 1, 1)


def _copy_training(directory: Path, origin: AgentOrigin) -> None:
    """Keep what the agent's run, if it comes from one, tells of its training."""
    if origin.run is None:
        return
    for name, kept in (*((name, name) for name in TRAINING_FILES), ("run.json", TRAINING)):
        if (Path(origin.run) / name).is_file():
            shutil.copyfile(Path(origin.run) / name, directory / kept)
