"""Pixels of the first frame that show each candidate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import BEAM_ID, SUN_ID, block_id
from minecraft_tasks.spec import Candidate, TaskSpec
from minecraft_tasks.worlds.world import World

SEEN_PIXELS = 6
"""Pixels of the 64 x 64 frame from which on a candidate counts as seen."""

PSEUDO_IDS = {"sun": SUN_ID, "beam": BEAM_ID}

FRAME_SIDE = 64


def marker_ids(candidate: Candidate) -> list[int]:
    """What a pixel of `VoxelBackend.ids` holds where it shows a candidate."""
    return [PSEUDO_IDS.get(name) or block_id(name) for name in candidate.markers]


def _count(backend: VoxelBackend, ids: list[int]) -> int:
    frame = np.zeros((1, FRAME_SIDE, FRAME_SIDE), np.uint8)
    backend.ids(frame)
    return int(np.isin(frame, ids).sum())


def _place(backend: VoxelBackend, world: World) -> None:
    spawn, time = np.array([world.spawn], np.float64), np.array([world.time], np.int64)
    backend.place(np.zeros(1, np.int64), world.blocks[None], spawn, time)


def footprint(spec: TaskSpec, backend: VoxelBackend, world: World) -> dict[str, int]:
    """Pixels of the first frame that show each candidate of a world.

    Args:
        spec: The task.
        backend: An engine with one slot, to draw with.
        world: The level.
    """
    _place(backend, world)
    return {
        candidate.name: _count(backend, marker_ids(candidate))
        for candidate in spec.candidates
        if candidate.name in world.sites
    }


def enough(pixels: Mapping[str, int]) -> tuple[str, ...]:
    """Candidates of which a frame shows enough, from `footprint`."""
    return tuple(name for name, count in pixels.items() if count >= SEEN_PIXELS)
