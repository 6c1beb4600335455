"""A verdict from recorded episodes, by the detector, calibration and rules as they are now."""

from __future__ import annotations

from pathlib import Path

from evaluation.attribution.episodes import attributed
from evaluation.calibration.file import trusted
from evaluation.pictures.clips import write_clips
from evaluation.records.episodes import Records, read_episodes, read_steps, write_records
from evaluation.records.info import EvaluationInfo, read_info
from evaluation.rollouts.suite import Stopwatch
from evaluation.verdicts.record import Verdict
from evaluation.verdicts.verdict import judge
from minecraft_tasks.core.errors import StaleError
from minecraft_tasks.core.files import published
from minecraft_tasks.levels.bank import LevelBank, join_banks
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task


def judge_again(directory: Path) -> Verdict:
    """Attribute the episodes of an evaluation anew, and come to the verdict and the clips anew.

    Args:
        directory: Of the evaluation.

    Raises:
        CorruptFileError: If a file of the evaluation is missing or damaged.
        StaleError: If one is of another schema version, another task or other levels.
    """
    info = read_info(directory)
    task = find_task(info.task)
    bank = _bank(directory, info, task)
    episodes = read_episodes(directory / "episodes.parquet", info.task_hash)
    steps = read_steps(directory / "steps.parquet", info.task_hash)
    thresholds, trust = trusted(task)
    records = attributed(task.spec, bank, Records(episodes, steps), thresholds)
    run = info.trained
    paid = (run.reward, run.config["decorrelated"]) if run else ("", False)
    verdict = judge(records.episodes, task.spec, info.agent, trust, info.agent_steps, *paid)
    with published(directory, ("clips", "report.html")) as made:
        write_records(made, records, task.spec, run.task_hash if run else None)
        verdict.write(made / "verdict.json")
        write_clips(made, task, bank, records.episodes, steps, verdict.headline, Stopwatch(None))
    return verdict


def _bank(directory: Path, info: EvaluationInfo, task: Task) -> LevelBank:
    seeds = locked_seeds(task)
    if (info.task_hash, info.seeds_digest) != (task.spec.task_hash, seeds.digest()):
        raise StaleError(
            f"{directory} was played on task hash {info.task_hash}, levels {info.seeds_digest}; "
            f"now they are {task.spec.task_hash}, {seeds.digest()}: evaluate again."
        )
    return join_banks([locked_bank(task, [name], count) for name, count in info.splits.items()])
