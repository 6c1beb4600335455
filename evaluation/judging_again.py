"""A verdict from recorded episodes, by the rules as they are now."""

from __future__ import annotations

from pathlib import Path

from evaluation.calibration_file import trusted
from evaluation.files import write_model
from evaluation.info import read_info
from evaluation.records import read_episodes
from evaluation.verdict import Verdict, judge


def judge_again(directory: Path) -> Verdict:
    """Replace the verdict of an evaluation; episodes keep the classes that they were given.

    Args:
        directory: Of the evaluation.

    Raises:
        CorruptFileError: If a file of the evaluation is missing or damaged.
        StaleError: If one is of another schema version or another task.
    """
    info = read_info(directory)
    episodes = read_episodes(directory / "episodes.parquet", info.task_hash)
    _, trust = trusted(info.spec)
    run = info.trained
    paid = (run.reward, run.config["decorrelated"]) if run else ("", False)
    verdict = judge(episodes, info.spec, info.agent, trust, info.agent_steps, *paid)
    write_model(directory / "verdict.json", verdict)
    return verdict
