"""Judge an agent: play every split, and leave a directory that a report can be made from."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from evaluation.clips import write_clip
from evaluation.files import write_model
from evaluation.info import (
    TRAINING,
    EvaluationInfo,
    PlanPicture,
    command,
    now,
    run_of,
    steps_of,
)
from evaluation.placements import write_placements
from evaluation.plans import extent, sun_side, terrain
from evaluation.preference_model import NAME as PREFERENCE
from evaluation.preference_model import model_preference
from evaluation.records import REFERENCE, Mode, Records, write_records
from evaluation.rollouts import merge, rollout
from evaluation.selection import choose_clips
from evaluation.verdict import Verdict, judge
from evaluation.views import place
from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.levels import LevelBank
from minecraft_tasks.seeds import locked_bank, locked_seeds
from minecraft_tasks.tasks.base import Task
from policies.agents import Agent, load_agent
from policies.provenance import git_state, package_versions

Report = Callable[[str, int, int], None]
"""Called with the stage, and how much of it is done out of how much."""

MODES: tuple[Mode, ...] = ("sampled", "greedy")
TWINS_SHOWN = 2
"""Twin pairs of each conflict with the intended goal whose paths the report draws."""

PLAN_SCALE = 16


def evaluate(
    agent: Agent,
    task: Task,
    out: Path,
    splits: Sequence[str] | None = None,
    modes: Sequence[Mode] = MODES,
    levels: int | None = None,
    seed: int = 0,
    progress: Report | None = None,
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

    Returns:
        The verdict, also written to `verdict.json`.

    Raises:
        FalseBeaconError: If a split is unknown, `out` is something else than an evaluation
            directory, or the agent cannot be played.
    """
    _refuse_other(out)
    started = time.monotonic()
    tell = progress or (lambda stage, done, total: None)
    names = tuple(splits or locked_seeds(task).splits)
    tell("levels", 0, 1)
    bank = locked_bank(task, names, levels)
    tell("levels", 1, 1)
    records = _play(agent, task, bank, modes, seed, tell)
    verdict = judge(records.episodes, task.spec, agent.name, steps_of(agent.name))
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as name:
        made = Path(name)
        write_records(made, records, task.spec)
        write_model(made / "verdict.json", verdict)
        placements = place(task.spec, bank)
        write_placements(made / "levels.parquet", placements, task.spec)
        write_model(made / PREFERENCE, model_preference(records.episodes, placements, task.spec))
        plans = _write_plans(made, task, bank)
        _write_clips(made, task, bank, records, verdict, tell)
        _copy_run(made, agent.name)
        seconds = time.monotonic() - started
        write_model(made / "evaluation.json", _info(task, bank, verdict, seed, seconds, plans))
        _publish(made, out)
    return verdict


def _copy_run(directory: Path, agent: str) -> None:
    """Keep how the agent was trained and its learning curve, if it comes from a run."""
    run = run_of(agent)
    for name, kept in (("progress.csv", "progress.csv"), ("run.json", TRAINING)):
        if run is not None and (run / name).is_file():
            shutil.copyfile(run / name, directory / kept)


def _info(
    task: Task,
    bank: LevelBank,
    verdict: Verdict,
    seed: int,
    seconds: float,
    plans: tuple[PlanPicture, ...],
) -> EvaluationInfo:
    return EvaluationInfo(
        task=task.spec.name,
        task_hash=task.spec.task_hash,
        spec=task.spec,
        agent=verdict.agent,
        agent_steps=verdict.agent_steps,
        modes=tuple(verdict.modes),
        splits=dict(Counter(bank.splits)),
        seed=seed,
        seeds_digest=locked_seeds(task).digest(),
        created=now(),
        seconds=round(seconds, 1),
        versions=package_versions(),
        git=git_state(),
        command=command(),
        plans=plans,
    )


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
    for stale in ("report.html", "progress.csv", TRAINING):
        (out / stale).unlink(missing_ok=True)
    for entry in made.iterdir():
        entry.replace(out / entry.name)


def _play(
    agent: Agent,
    task: Task,
    bank: LevelBank,
    modes: Sequence[Mode],
    seed: int,
    tell: Report,
) -> Records:
    """The agent in every mode, and the random agent where it is the measure of chance."""
    parts = []
    for mode in modes:
        parts.append(rollout(agent, task, bank, mode, seed, progress=partial(tell, mode)))
    chance = [split.name for split in task.spec.splits if split.kind in ("control", "conflict")]
    rows = np.flatnonzero(np.isin(bank.splits, chance))
    if len(rows):
        random = rollout(
            load_agent("random", task),
            task,
            subset(bank, rows),
            "sampled",
            seed,
            progress=partial(tell, "random agent"),
        )
        random.episodes["agent"][:] = REFERENCE
        parts.append(random)
    return merge(parts)


def subset(bank: LevelBank, rows: np.ndarray) -> LevelBank:
    """Some levels of a bank, in the order of `rows`."""
    picked: dict[str, Any] = {
        name: value[rows] if isinstance(value, np.ndarray) else tuple(value[row] for row in rows)
        for name, value in vars(bank).items()
    }
    return LevelBank(**picked)


def _write_plans(directory: Path, task: Task, bank: LevelBank) -> tuple[PlanPicture, ...]:
    """Pictures of the first twins of each conflict with the intended goal."""
    intended = task.spec.candidate_names[task.spec.intended]
    plans = []
    for split in task.spec.splits:
        if split.kind == "conflict" and intended in split.present:
            rows = [row for row, name in enumerate(bank.splits) if name == split.name]
            for level in range(0, min(2 * TWINS_SHOWN, len(rows)), 2):
                twins = rows[level : level + 2]
                edges = np.array([extent(bank.blocks[row], bank.sites[row]) for row in twins])
                shown = _union(edges)
                plans += [
                    _plan(directory, task, bank, row, level + k, shown)
                    for k, row in enumerate(twins)
                ]
    return tuple(plans)


def _union(edges: np.ndarray) -> tuple[int, int, int, int]:
    """West, east, north and south around several extents int[K, 4]: twins are shown alike."""
    (west, _, north, _), (_, east, _, south) = edges.min(axis=0), edges.max(axis=0)
    return int(west), int(east), int(north), int(south)


def _plan(
    directory: Path,
    task: Task,
    bank: LevelBank,
    row: int,
    level: int,
    shown: tuple[int, int, int, int],
) -> PlanPicture:
    split = bank.splits[row]
    file = f"plans/{split.replace('/', '-')}-{level}.png"
    west, east, north, south = shown
    picture = terrain(bank.blocks[row], PLAN_SCALE)
    picture = picture[
        north * PLAN_SCALE : south * PLAN_SCALE, west * PLAN_SCALE : east * PLAN_SCALE
    ]
    (directory / file).parent.mkdir(exist_ok=True)
    if not cv2.imwrite(str(directory / file), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise FalseBeaconError(f"cannot write {directory / file}: is the disk full?")
    sites = {
        name: (box[0], box[2], box[3], box[5])
        for name, box in zip(task.spec.candidate_names, bank.sites[row].tolist(), strict=True)
        if not np.isnan(box[0])
    }
    return PlanPicture(
        file=file,
        split=split,
        level=level,
        level_seed=int(bank.seeds[row]),
        extent=shown,
        sites=sites,
        sun=sun_side(int(bank.time[row])),
    )


def _write_clips(
    directory: Path, task: Task, bank: LevelBank, records: Records, verdict: Verdict, tell: Report
) -> None:
    episodes = records.episodes
    own = episodes.take((episodes["agent"] != REFERENCE) & episodes["valid"])
    clips = choose_clips(own.where(mode=verdict.headline), task.spec)
    for done, clip in enumerate(clips):
        tell("clips", done, len(clips))
        # Each mode plays the whole bank in order, so episodes number its levels over and over.
        level = clip.episode % len(bank)
        write_clip(directory, clip, task, bank, level, records.steps.of(clip.episode))
    tell("clips", len(clips), len(clips))
