"""Pixels of the first frame that show each candidate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import BEAM_ID, SUN_ID, block_id
from minecraft_tasks.spec import Candidate, TaskSpec
from minecraft_tasks.worlds.world import World

SEEN_PIXELS = 6
"""Fewest pixels of the 64 x 64 frame with which a candidate counts as seen."""

PSEUDO_IDS = {"sun": SUN_ID, "beam": BEAM_ID}
FRAME_SIDE = 64


def marker_ids(candidate: Candidate) -> list[int]:
    """Values of the pixels of `VoxelBackend.ids` that show a candidate."""
    return [PSEUDO_IDS.get(name) or block_id(name) for name in candidate.markers]


def count_pixels(backend: VoxelBackend, ids: list[int]) -> int:
    """Number of pixels of the first slot's frame that hold one of some ids."""
    frame = np.zeros((1, FRAME_SIDE, FRAME_SIDE), np.uint8)
    backend.ids(frame)
    return int(np.isin(frame, ids).sum())


def place_world(backend: VoxelBackend, world: World) -> None:
    """Puts a world into the first slot of a backend."""
    spawn, time = np.array([world.spawn], np.float64), np.array([world.time], np.int64)
    backend.place(np.zeros(1, np.int64), world.blocks[None], spawn, time)


def footprint(spec: TaskSpec, backend: VoxelBackend, world: World) -> dict[str, int]:
    """Pixels of a world's first frame that show each candidate, drawn by a backend of one slot."""
    place_world(backend, world)
    return {
        candidate.name: count_pixels(backend, marker_ids(candidate))
        for candidate in spec.candidates
        if candidate.name in world.sites
    }


def enough(pixels: Mapping[str, int]) -> tuple[str, ...]:
    """Candidates that count as seen, by their pixels from `footprint`."""
    return tuple(name for name, count in pixels.items() if count >= SEEN_PIXELS)
