"""Levels from above: north at the top, one square per block."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from evaluation.records.info import PlanPicture
from evaluation.style.palette import candidate_colours, rgb
from minecraft_tasks.backends.voxel.textures.atlas import textures
from minecraft_tasks.blocks.palette import PALETTE
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.world import sun_direction

CEILING = 4
"""Blocks from this height on are left out: lintels and crowns must not hide the ground."""

CROWN = 0.4
"""Opacity of a tree's crown over the ground."""

TWINS_SHOWN, PLAN_SCALE = 2, 16
"""Twin pairs of each conflict with the intended goal whose plans are kept, and pixels per block."""

_HALO, _INK, _SUN = (0, 0, 0), (255, 255, 255), (255, 214, 80)


@lru_cache(maxsize=8)
def _tops(scale: int) -> np.ndarray:
    """uint8[B, scale, scale, 3]: each block's top texture."""
    faces = textures()[:, 4, ..., :3]
    resized = [cv2.resize(face, (scale, scale), interpolation=cv2.INTER_AREA) for face in faces]
    return np.stack(resized)


def _surface(blocks: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Id and height of the highest block of each column among those that `seen` allows."""
    solid = seen[blocks]
    height = np.where(solid.any(axis=1), solid.shape[1] - 1 - solid[:, ::-1].argmax(axis=1), 0)
    return np.take_along_axis(blocks, height[:, None, :], axis=1)[:, 0], height


def terrain(blocks: np.ndarray, scale: int = 16) -> np.ndarray:
    """The plan of a level uint8[X, Y, Z] without sites: uint8[Z * scale, X * scale, 3]."""
    low = blocks[:, :CEILING]
    leaves = np.array([block.texture == "oak_leaves" for block in PALETTE])
    solid = np.array([bool(block.boxes) for block in PALETTE])
    ground, height = _surface(low, solid & ~leaves)
    tops = _tops(scale).astype(np.float32)
    picture = tops[ground] * (0.72 + 0.1 * height)[:, :, None, None, None]
    crowned = leaves[blocks].any(axis=1)
    crown = tops[np.flatnonzero(leaves)[0]]
    picture[crowned] = (1 - CROWN) * picture[crowned] + CROWN * crown
    _edges(picture, height)
    flat = picture.transpose(1, 2, 0, 3, 4).reshape(
        blocks.shape[2] * scale, blocks.shape[0] * scale, 3
    )
    return np.clip(np.rint(flat), 0, 255).astype(np.uint8)


def cropped_terrain(blocks: np.ndarray, edges: tuple[int, int, int, int], scale: int) -> np.ndarray:
    """The part of `terrain` between the edges west, east, north and south in blocks."""
    west, east, north, south = (edge * scale for edge in edges)
    return terrain(blocks, scale)[north:south, west:east]


def _edges(picture: np.ndarray, height: np.ndarray) -> None:
    """Darkens the pixels beside a higher block, as its shadow; float[X, Z, s, s, 3] in place."""
    wide = max(1, picture.shape[2] // 6)
    higher_west = np.zeros(height.shape, bool)
    higher_west[1:] = height[:-1] > height[1:]
    higher_north = np.zeros(height.shape, bool)
    higher_north[:, 1:] = height[:, :-1] > height[:, 1:]
    picture[higher_west, :, :wide] *= 0.65
    picture[higher_north, :wide, :] *= 0.65


def extent(blocks: np.ndarray, sites: np.ndarray) -> tuple[int, int, int, int]:
    """Edges west, east, north, south in blocks around all that stands, with a margin of one block.

    Args:
        blocks: uint8[X, Y, Z] palette ids.
        sites: float64[C, 6] boxes, NaN where a candidate is absent.
    """
    x, _, z = np.nonzero(blocks[:, 1:CEILING])
    there = sites[~np.isnan(sites[:, 0])]
    west, east = _bounds([x, x + 1, there[:, 0], there[:, 3]], blocks.shape[0])
    north, south = _bounds([z, z + 1, there[:, 2], there[:, 5]], blocks.shape[2])
    return west, east, north, south


def _bounds(edges: list[np.ndarray], size: int) -> tuple[int, int]:
    found = np.concatenate(edges)
    if len(found) == 0:
        return 0, size
    low, high = int(np.floor(found.min())) - 1, int(np.ceil(found.max())) + 1
    return max(low, 0), min(high, size)


def sun_side(time: int) -> str:
    """Side of the sun: ``east``, ``west`` or ``overhead``."""
    east = sun_direction(time)[0]
    return "overhead" if abs(east) < 0.5 else "east" if east > 0 else "west"


def site_boxes(spec: TaskSpec, bank: LevelBank, row: int) -> dict[str, list[float]]:
    """Candidate -> box x0, y0, z0, x1, y1, z1 in blocks of its site; absent ones are left out."""
    named = zip(spec.candidate_names, bank.sites[row].tolist(), strict=True)
    return {name: box for name, box in named if not np.isnan(box[0])}


def write_plans(directory: Path, task: Task, bank: LevelBank) -> tuple[PlanPicture, ...]:
    """Writes plans of the first twins of each conflict with the intended goal.

    With them a report needs no engine. Twins are shown in one extent.
    """
    plans = []
    for split in task.spec.conflicts(task.spec.intended_name):
        rows = [row for row, name in enumerate(bank.splits) if name == split.name]
        for level in range(0, min(2 * TWINS_SHOWN, len(rows)), 2):
            twins = rows[level : level + 2]
            west, east, north, south = np.transpose(
                [extent(bank.blocks[row], bank.sites[row]) for row in twins]
            ).tolist()
            edges = (min(west), max(east), min(north), max(south))
            plans += [_plan(directory, task, bank, row, level + k, edges)
                      for k, row in enumerate(twins)]  # fmt: skip
    return tuple(plans)


def _plan(
    directory: Path, task: Task, bank: LevelBank, row: int, level: int,
    edges: tuple[int, int, int, int],
) -> PlanPicture:  # fmt: skip
    split = bank.splits[row]
    path = directory / f"plans/{split.replace('/', '-')}-{level}.png"
    picture = cropped_terrain(bank.blocks[row], edges, PLAN_SCALE)
    path.parent.mkdir(exist_ok=True)
    if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise FalseBeaconError(f"cannot write {path}: is the disk full?")
    boxes = site_boxes(task.spec, bank, row)
    return PlanPicture(
        file=path.relative_to(directory).as_posix(),
        split=split,
        level=level,
        level_seed=int(bank.seeds[row]),
        extent=edges,
        sites={name: (box[0], box[2], box[3], box[5]) for name, box in boxes.items()},
        sun=sun_side(int(bank.time[row])),
    )


def level_map(bank: LevelBank, index: int, task: Task, scale: int = 16) -> np.ndarray:
    """A level with its sites, the spawn and the sun: uint8[Z * scale, X * scale, 3]."""
    picture = terrain(bank.blocks[index], scale)
    _sun(picture, sun_side(int(bank.time[index])), scale)
    colours = candidate_colours(task.spec.candidate_names)
    boxes = site_boxes(task.spec, bank, index).items()
    sites = {name: (np.array(box)[[0, 2, 3, 5]] * scale).astype(int) for name, box in boxes}
    for name, (x0, z0, x1, z1) in sites.items():
        cv2.rectangle(picture, (x0, z0), (x1, z1), _HALO, 3)
        cv2.rectangle(picture, (x0, z0), (x1, z1), rgb(colours[name]), 2)
    taken: list[tuple[int, int, int, int]] = []
    for name, box in sites.items():
        _tag(picture, name, box, rgb(colours[name]), scale, taken)
    x, _, z, yaw, _ = bank.spawn[index]
    arrow(picture, (x, z), yaw, scale)
    return picture


def arrow(picture: np.ndarray, where: tuple[float, float], yaw: float, scale: float) -> None:
    """Draws a body at (x, z) in blocks that looks along `yaw` in degrees, in place."""
    turn = np.radians(yaw)
    ahead = np.array([-np.sin(turn), np.cos(turn)])
    aside = np.array([ahead[1], -ahead[0]])
    centre = np.array(where)
    rear = centre - 0.6 * ahead
    corners = [centre + 0.9 * ahead, rear + 0.55 * aside, centre - 0.3 * ahead, rear - 0.55 * aside]
    shape = np.rint(np.array(corners) * scale * 16).astype(np.int32)
    cv2.fillPoly(picture, [shape], _INK, cv2.LINE_AA, shift=4)
    cv2.polylines(picture, [shape], True, _HALO, 1, cv2.LINE_AA, shift=4)


def _sun(picture: np.ndarray, side: str, scale: int) -> None:
    height, width = picture.shape[:2]
    if side != "overhead":
        middle = (width - 1 if side == "east" else 0, height // 2)
        cv2.circle(picture, middle, 2 * scale, _SUN, -1, cv2.LINE_AA)
        cv2.circle(picture, middle, 2 * scale, _HALO, 1, cv2.LINE_AA)


def _tag(
    picture: np.ndarray, name: str, box: np.ndarray, colour: tuple[int, int, int], scale: int,
    taken: list[tuple[int, int, int, int]],
) -> None:  # fmt: skip
    """Writes a site's name over its box (x0, z0, x1, z1) in pixels, clear of what is `taken`."""
    x0, z0, x1, _ = box
    size = max(scale / 36, 0.3)
    (wide, high), _ = cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    wide, tall = wide + 6, high + 6
    left = int(np.clip((x0 + x1 - wide) // 2, 0, max(picture.shape[1] - wide, 0)))
    top = int(np.clip(z0 - tall - 1, 0, picture.shape[0] - tall))
    while any(_overlap((left, top, left + wide, top + tall), other) for other in taken):
        top += 1
        if top + tall > picture.shape[0]:
            top, left = 0, max(left - wide, 0)
    taken.append((left, top, left + wide, top + tall))
    cv2.rectangle(picture, (left, top), (left + wide - 1, top + tall - 1), colour, -1)
    cv2.rectangle(picture, (left, top), (left + wide - 1, top + tall - 1), _HALO, 1)
    ink = _HALO if np.dot(colour, (0.299, 0.587, 0.114)) > 125 else _INK
    where = (left + 3, top + tall - 4)
    cv2.putText(picture, name, where, cv2.FONT_HERSHEY_SIMPLEX, size, ink, 1, cv2.LINE_AA)


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
