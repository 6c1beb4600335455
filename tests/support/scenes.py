"""Worlds as plans and at random, what is seen in them, and by which renderer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from benchmarks import plain_dda
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.render.camera import camera, ray_direction
from minecraft_tasks.backends.voxel.render.cell import paint
from minecraft_tasks.backends.voxel.render.figures import draw_figures, figure_hit, paint_figure
from minecraft_tasks.backends.voxel.render.level import draw_level
from minecraft_tasks.backends.voxel.render.rays import FAR, paint_sky, trace_ray
from minecraft_tasks.backends.voxel.render.tilted import draw_tilted
from minecraft_tasks.backends.voxel.scene.scene import NOTHING, Look, one
from minecraft_tasks.backends.voxel.scene.sky import copy, level_gaze
from minecraft_tasks.blocks.figures import FIGURES
from minecraft_tasks.blocks.palette import PALETTE, block_id
from minecraft_tasks.physics.compiled import inner_call
from minecraft_tasks.physics.motion import EYE
from minecraft_tasks.worlds.world import NOON

Gaze = tuple[float, float, float, float, float]
"""Feet x, y, z in blocks; yaw and pitch in degrees."""

SOUTH, WEST, NORTH, EAST = 0.0, 90.0, 180.0, -90.0
"""Yaws."""

LETTERS = {
    ".": (),
    "#": ("bricks",) * 3,
    "R": ("red_wool",) * 2,
    "r": ("red_wool",),
    "_": ("stone_brick_slab",),
    "B": ("beacon",),
    "G": ("glowstone",) * 2,
    "T": ("oak_log", "oak_log", "oak_leaves"),
}

WAYS = {"level": 0, "tilted": 1, "rays": 2}
"""The renderers; the first one draws at pitch 0 alone."""

NUDGE = 1e-5
"""Degrees within which a gaze meets an edge where two renderers disagree."""


def world(plan: str, layers: int = 6) -> np.ndarray:
    """A grass floor with the columns of a plan on it; x runs right, z runs down."""
    rows = plan.split()
    blocks = np.zeros((len(rows[0]), layers, len(rows)), np.uint8)
    blocks[:, 0] = block_id("grass")
    for z, row in enumerate(rows):
        for x, letter in enumerate(row):
            for y, name in enumerate(LETTERS[letter]):
                blocks[x, 1 + y, z] = block_id(name)
    return blocks


def engine(
    blocks: np.ndarray, gazes: list[Gaze], time: int = NOON, figures: int = 0
) -> VoxelBackend:
    """One world seen from several poses."""
    many = len(gazes)
    backend = VoxelBackend(many, blocks.shape, figures=figures, threads=1)
    backend.place(
        np.arange(many), np.stack([blocks] * many), np.array(gazes, float), np.full(many, time)
    )
    return backend


def seen(
    blocks: np.ndarray, x: float, z: float, yaw: float, time: int = NOON, pitch: float = 0.0
) -> np.ndarray:
    """Ids uint8[64, 64] seen from the floor."""
    out = np.empty((1, 64, 64), np.uint8)
    engine(blocks, [(x, 1.0, z, yaw, pitch)], time).ids(out)
    return out[0]


def random_world(rng: np.random.Generator, shape: Sequence[int]) -> np.ndarray:
    """Blocks of every kind, scattered, most of them low."""
    blocks = rng.integers(1, len(PALETTE), shape).astype(np.uint8)
    density = np.linspace(0.6, 0.05, shape[1])[None, :, None] * rng.uniform(0.2, 1.0)
    blocks[rng.random(shape) > density] = 0
    return blocks


def random_gazes(
    rng: np.random.Generator, shape: Sequence[int], count: int, pitched: bool
) -> list[Gaze]:
    """Feet inside and outside of a world, any yaw, and any pitch or none."""
    low, high = (-3.0, -4.0, -3.0), np.add(shape, (3.0, 3.0, 3.0))
    feet = rng.uniform(low, high, (count, 3))
    pitch = rng.uniform(-90, 90, count) if pitched else np.zeros(count)
    return np.column_stack([feet, rng.uniform(-180, 180, count), pitch]).tolist()


def stand_around(rng: np.random.Generator, backend: VoxelBackend) -> None:
    """Puts figures of random kinds anywhere in and near every world."""
    room = backend.scene.figure.shape[1]
    for slot in range(backend.num_envs):
        for which in range(room):
            feet = rng.uniform((-1, -1, -1), np.add(backend.blocks.shape[1:], 1.0))
            kind = int(rng.integers(-1, len(FIGURES)))
            backend.stand(slot, which, kind, (*feet, rng.uniform(-180, 180)))


@inner_call
def draw_pixel(world, look, camera, out, row, column):
    """Draws one pixel of uint8[H, W, 3]."""
    dx, dy, dz = ray_direction(camera, out.shape[0], out.shape[1], row, column)
    ex, ey, ez = camera.x, camera.y, camera.z
    distance, face, cx, cy, cz = trace_ray(world, look, ex, ey, ez, dx, dy, dz, FAR)
    for which in range(world.figure.shape[0]):
        if world.figure[which] >= 0:
            near, part, side, u, v = figure_hit(world, look, which, ex, ey, ez, dx, dy, dz)
            if near < distance:
                distance, face = near, NOTHING
                paint_figure(world, look, which, part, side, u, v, out, row, column)
    if face != NOTHING:
        paint(world, look, face, distance, cx, cy, cz, ex, ey, ez, dx, dy, dz, out, row, column)
    elif distance == FAR:
        paint_sky(world, look, dx, dy, dz, out, row, column)


@njit(cache=True)
def draw_rays(world, look, camera, out):
    """Draws one frame uint8[H, W, 3], ray by ray."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            draw_pixel(world, look, camera, out, row, column)


@njit(cache=True)
def _draw(way, scene, look, background, feet, yaw, pitch, out):
    for i in range(out.shape[0]):
        world = one(scene, i)
        eye = camera(feet[i, 0], feet[i, 1] + EYE, feet[i, 2], yaw[i], pitch[i])
        if way == 2:
            draw_rays(world, look, eye, out[i])
            continue
        if way == 0:
            copy(background, out, i)
            draw_level(world, look, eye, draw_figures(world, look, eye, out[i]), out[i])
        else:
            draw_tilted(world, look, eye, draw_figures(world, look, eye, out[i]), out[i])


def frames(
    backend: VoxelBackend,
    way: str,
    size: tuple[int, int] = (64, 64),
    look: Look | None = None,
    turned: float = 0.0,
    nodded: float = 0.0,
) -> np.ndarray:
    """What every body sees, uint8[N, H, W, 3], by one of the `WAYS` or ``plain``.

    Args:
        backend: Worlds and poses.
        way: Which renderer.
        size: Height and width in pixels.
        look: How blocks look, if not as they do.
        turned, nodded: Degrees added to yaw and pitch.
    """
    out = np.empty((backend.num_envs, *size, 3), np.uint8)
    if way == "plain":
        plain_dda.render(backend, out)
        return out
    look = backend.look if look is None else look
    _draw(
        WAYS[way], backend.scene, look, level_gaze(look.sky, *size), backend.position,
        backend.yaw + turned, backend.pitch + nodded, out,
    )  # fmt: skip
    return out


def marking(look: Look) -> Look:
    """The same shapes, where every texel of every face has a colour of its own."""
    across, along = np.mgrid[0:16, 0:16]
    atlas = np.empty_like(look.atlas)
    atlas[..., 0] = np.arange(len(atlas))[:, None, None, None]
    atlas[..., 1] = np.arange(6)[:, None, None]
    atlas[..., 2] = across * 16 + along
    skins = np.empty_like(look.skins)
    skins[..., 0] = 200 + np.arange(skins.shape[0])[:, None, None, None, None]
    skins[..., 1] = np.arange(skins.shape[1])[:, None, None, None] * 6 + np.arange(6)[:, None, None]
    skins[..., 2] = across * 16 + along
    sky = np.zeros_like(look.sky)
    sky[:, 0], sky[:, 1] = 255, np.arange(256)
    return look._replace(
        atlas=atlas,
        skins=skins,
        sky=sky,
        bright=np.ones_like(look.bright),
        sun=np.array((254, 0, 0), np.uint8),
        beam=np.array((253, 0, 0), np.uint8),
    )


def check_same(backend: VoxelBackend, one: np.ndarray, other: np.ndarray) -> None:
    """At least 99.9 % of the pixels are the same, and the rest look at an edge.

    An edge is where the smallest turn of the head shows another texel, face, block, part of a
    figure, or shade of the sky.
    """
    differs = (one != other).any(axis=-1)
    assert differs.mean() <= 1e-3
    if not differs.any():
        return
    scene = backend.scene
    backend.scene = scene._replace(day=np.full_like(scene.day, 256))
    look = marking(backend.look)
    nudged = [
        frames(backend, "rays", one.shape[1:3], look, turned, nodded)[differs]
        for turned in (-NUDGE, 0.0, NUDGE)
        for nodded in (-NUDGE, 0.0, NUDGE)
    ]
    backend.scene = scene
    changes = (np.stack(nudged) != nudged[0]).any(axis=(0, 2))
    assert changes.all(), np.argwhere(differs)[~changes]
