"""One episode of a site: its frames, its level from above, and the numbers of every decision."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from evaluation.pictures.maps import cropped_terrain, extent, site_boxes, sun_side
from evaluation.pictures.sheets import FINE, SEEN, columns_of, replayed, write_sheet
from evaluation.records.episodes import Steps
from evaluation.review.catalogue import KEY, Reviewed, find, packed
from evaluation.style.palette import candidate_colours
from minecraft_tasks.core.errors import StaleError
from minecraft_tasks.core.files import atomic_write, write_text
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks import recorded_task
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from wrappers.recording import FRAMES, Recording

FOLDER = "episodes"
_SCALE = 12
"""Pixels per block of a plan."""


def write_episode(site: Path, reviewed: Reviewed, episode: int) -> Path:
    """Writes one episode into a site, and returns its script.

    The embedded engine replays it from its recorded poses; of Minecraft its recording is shown.

    Raises:
        FalseBeaconError: If there is no such episode, or it was not recorded.
        StaleError: If its level is no longer the one that was played.
    """
    row = find(reviewed, episode)
    task, bank, level = level_of(
        reviewed, str(reviewed.episodes["split"][row]), int(reviewed.episodes["level_seed"][row]),
        str(reviewed.episodes["layout"][row]),
    )  # fmt: skip
    steps = reviewed.steps.of(episode)
    name = KEY.format(run=reviewed.number, episode=episode)
    folder = site / FOLDER
    frames = write_frames(folder, name, *frames_of(reviewed, episode, task, bank, level))
    split = str(reviewed.episodes["split"][row]).replace("/", "-")
    drawn = folder / f"{task.spec.name}-{split}-{int(bank.seeds[level])}.png"
    plan = write_plan(drawn, task.spec, bank, level) | {"file": f"{FOLDER}/{drawn.name}"}
    content = {
        "key": name,
        "frames": frames,
        "plan": plan,
        **_decisions(reviewed, row, steps),
    }
    path = folder / f"{name}.js"
    write_text(path, f"review.loaded({json.dumps(content)});\n")
    return path


def level_of(reviewed: Reviewed, split: str, seed: int, layout: str) -> tuple[Task, LevelBank, int]:
    """The task of an evaluation, the levels of a split, and the row of a level among them.

    Raises:
        StaleError: If the task or the level is no longer the one that was played.
    """
    task = recorded_task(reviewed.info.task, reviewed.directory / "evaluation.json")
    if task.spec.task_hash != reviewed.info.task_hash:
        raise StaleError(
            f"{reviewed.directory} was played on task hash {reviewed.info.task_hash}, and"
            f" {task.spec.name} now has {task.spec.task_hash}: its levels cannot be shown again."
        )
    bank = _bank(task.name, split)
    rows = [row for row, own in enumerate(bank.seeds.tolist())
            if own == seed and bank.layouts[row] == layout]  # fmt: skip
    if not rows:
        raise StaleError(
            f"{reviewed.directory} was played on seed {seed} of {split}, which is locked no more:"
            " evaluate again."
        )
    return task, bank, rows[0]


@lru_cache(maxsize=64)
def _bank(task: str, split: str) -> LevelBank:
    return locked_bank(find_task(task), [split])


def frames_of(
    reviewed: Reviewed, episode: int, task: Task, bank: LevelBank, level: int
) -> tuple[np.ndarray, np.ndarray]:
    """Frames of an episode at a finer grain, and as the agent saw them: uint8[T + 1, S, S, 3]."""
    if reviewed.info.shown.backend == "voxel":
        steps = reviewed.steps.of(episode)
        fine, seen = (replayed(task, bank, level, steps, side) for side in (FINE, SEEN))
        return fine, seen
    mode = str(reviewed.episodes["mode"][find(reviewed, episode)])
    kept = Recording(reviewed.directory / FRAMES, mode)  # pyright: ignore[reportArgumentType]
    played = sum(reviewed.info.splits.values())
    seen = kept.frames(episode % played)
    return seen, seen


def write_frames(folder: Path, name: str, fine: np.ndarray, seen: np.ndarray) -> dict[str, Any]:
    """Writes the sheets of an episode, and says where in a site they are and how they are read."""
    write_sheet(folder / f"{name}-fine.webp", fine)
    write_sheet(folder / f"{name}-seen.webp", seen, exact=True)
    return {
        "fine": f"{FOLDER}/{name}-fine.webp",
        "seen": f"{FOLDER}/{name}-seen.webp",
        "fine_side": fine.shape[1],
        "seen_side": seen.shape[1],
        "columns": columns_of(len(seen)),
        "count": len(seen),
    }


def write_plan(path: Path, spec: TaskSpec, bank: LevelBank, level: int) -> dict[str, Any]:
    """Draws a level from above, unless that was done, and says where what is in it."""
    edges = extent(bank.blocks[level], bank.sites[level])
    if not path.is_file():
        picture = cropped_terrain(bank.blocks[level], edges, _SCALE)
        content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        with atomic_write(path) as temporary:
            temporary.write_bytes(content.tobytes())
    colours = candidate_colours(spec.candidate_names)
    boxes = site_boxes(spec, bank, level)
    return {
        "edges": list(edges),
        "sun": sun_side(int(bank.time[level])),
        "sites": [
            {"name": name, "colour": colours[name], "box": [box[0], box[2], box[3], box[5]]}
            for name, box in boxes.items()
        ],
    }


def _decisions(reviewed: Reviewed, row: int, steps: Steps) -> dict[str, Any]:
    """What is known of every decision; the spawn is row 0, and decision t row t + 1."""
    episodes = reviewed.episodes
    number = int(episodes["episode"][row])
    chances = [steps[name] for name in steps.columns if name.startswith("logp_")]
    touches = {
        name: int(at)
        for name, at in zip(episodes.candidates, episodes.touches[row], strict=True)
        if at >= 0
    }
    shown = {
        name: int(at)
        for name, at in zip(episodes.candidates, episodes.shown[row], strict=True)
        if at >= 0
    }
    posterior: dict[str, Any] = {}
    if len(reviewed.posteriors):
        own = reviewed.posteriors.of(number)
        names = [name for name in own.columns if name.startswith("p_")]
        likely = [name for name in names if len(own) and own[name].max() >= 0.01]
        posterior = {name.removeprefix("p_"): packed(own[name]) for name in likely}
    return {
        "x": packed(steps["x"]),
        "z": packed(steps["z"]),
        "yaw": packed(steps["yaw"]),
        "action": packed(steps["action"]),
        "value": packed(steps["value"]),
        "chances": [packed(np.exp(column.astype(float))) for column in chances],
        "posterior": posterior,
        "touches": touches,
        "shown": shown,
    }
