"""What the agent sees of a level: all around at the spawn, and on the way to a goal."""

from __future__ import annotations

import hashlib

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.physics.compiled import njit
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.footprint import FRAME_SIDE, place_world
from minecraft_tasks.visibility.sightings import IDS, Lookout
from minecraft_tasks.worlds.world import World

PATCHES = 8
"""Patches along each side of a frame."""

OPENING = 8
"""Digits of a film that are a hash of its first frame: levels whose films differ there need no
film of theirs to be known as different."""


def shown_around(spec: TaskSpec, backend: VoxelBackend, world: World) -> tuple[str, ...]:
    """Candidates that a whole turn on the spot at the spawn shows, each in one frame or more.

    Args:
        spec: The task, whose turns lead to `TaskSpec.headings`.
        backend: Of one slot; the body is left at the spawn.
        world: The level.
    """
    place_world(backend, world)
    lookout, slot = Lookout(spec), np.zeros(1, np.int64)
    found = np.zeros(len(spec.candidates), bool)
    for turn in range(spec.headings):
        backend.yaw[0] = world.spawn.yaw + turn * 360.0 / spec.headings
        found |= lookout.shown(backend, slot)[0]
    backend.yaw[0] = world.spawn.yaw
    names = spec.candidate_names
    shown = {name for name, seen in zip(names, found, strict=True) if seen}
    return tuple(name for name in world.sites if name in shown)


@njit(cache=True)
def _patches(frame, patches):
    """The most frequent id in each patch of a frame uint8[H, W]; the least one of a tie."""
    high, wide = frame.shape[0] // patches.shape[0], frame.shape[1] // patches.shape[1]
    for i in range(patches.shape[0]):
        for j in range(patches.shape[1]):
            count = np.zeros(IDS, np.int64)
            for a in range(high):
                for b in range(wide):
                    count[frame[i * high + a, j * wide + b]] += 1
            patches[i, j] = np.argmax(count)


def opening(backend: VoxelBackend) -> str:
    """The first `OPENING` digits of every film that begins as the first slot of a backend looks."""
    return hashlib.sha256(_patched(backend).tobytes()).hexdigest()[:OPENING]


def _patched(backend: VoxelBackend) -> np.ndarray:
    frame = np.zeros((1, FRAME_SIDE, FRAME_SIDE), np.uint8)
    backend.ids(frame, np.zeros(1, np.int64))
    patches = np.zeros((PATCHES, PATCHES), np.uint8)
    _patches(frame[0], patches)
    return patches


def film(backend: VoxelBackend, world: World, feet: np.ndarray, yaws: np.ndarray) -> str:
    """Hash of what a body sees from the spawn to the end of a path.

    A frame counts by the block that fills most of each of 8 x 8 patches. Light and textures are
    left out, and things of less than half a patch too, unless two blocks fill it about equally. Two
    films that differ in nothing else are one: what only a keen eye could tell apart is shared.

    Args:
        backend: Of one slot.
        world: The level.
        feet: float64[T, 3] blocks, after each decision.
        yaws: float64[T] degrees.

    Returns:
        24 hexadecimal digits, of which the first `OPENING` are those of the first frame.
    """
    place_world(backend, world)
    first, patches = opening(backend), []
    for place, yaw in zip(feet, yaws, strict=True):
        backend.position[0], backend.yaw[0] = place, yaw
        patches.append(_patched(backend).tobytes())
    return first + hashlib.sha256(b"".join(patches)).hexdigest()[:16]
