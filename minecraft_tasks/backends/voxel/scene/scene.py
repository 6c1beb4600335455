"""The renderers' input: the look of blocks, and the blocks, light and figures of worlds."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from minecraft_tasks.backends.voxel.scene import sky
from minecraft_tasks.backends.voxel.scene.light import bake
from minecraft_tasks.backends.voxel.textures.atlas import textures
from minecraft_tasks.backends.voxel.textures.figures import figure_textures
from minecraft_tasks.blocks.figures import part_table
from minecraft_tasks.blocks.palette import BEAM_ID, FIGURE_ID, PALETTE, SKY_ID, SUN_ID, box_table
from minecraft_tasks.physics.compiled import njit

EMPTY, CUBE, BOXES = 0, 1, 2
NORTH, SOUTH, WEST, EAST, TOP, BOTTOM, BEAM, NOTHING = 0, 1, 2, 3, 4, 5, 6, -1

SHADE = (0.8, 0.8, 0.6, 0.6, 1.0, 0.5)
"""Minecraft's brightness of faces: north, south, west, east, top, bottom."""


class Look(NamedTuple):
    """The look of B blocks and F figures.

    Attributes:
        atlas: uint8[B, 6, 16, 16, 3] shaded textures by block, face (NORTH ... BOTTOM), u and v;
            seen from outside, v runs down and u to the right on sides; on top and bottom u is x
            and v is z.
        holes: bool[B, 6, 16, 16] transparent texels.
        kind: uint8[B] EMPTY, CUBE or BOXES.
        boxes: float64[B, M, 6]; counts: int64[B].
        bright: bool[B] blocks that are drawn in full brightness.
        emits: uint8[B] block light emitted; dims: uint8[B] light lost in the block.
        beacon: bool[B] whether a beam rises from the block.
        sky: uint8[256, 3] gradient by `sky.level`.
        sun: uint8[3]; beam: uint8[3].
        parts: float64[F, P, 6] boxes of figures; part_counts: int64[F].
        skins: uint8[F, P, 6, 16, 16, 3] their shaded textures.
    """

    atlas: np.ndarray
    holes: np.ndarray
    kind: np.ndarray
    boxes: np.ndarray
    counts: np.ndarray
    bright: np.ndarray
    emits: np.ndarray
    dims: np.ndarray
    beacon: np.ndarray
    sky: np.ndarray
    sun: np.ndarray
    beam: np.ndarray
    parts: np.ndarray
    part_counts: np.ndarray
    skins: np.ndarray


class Scene(NamedTuple):
    """N worlds; without the first axis, one world.

    Attributes:
        blocks: uint8[N, X, Y, Z] palette ids.
        cubes: int64[N, X, Z], bit y set for a full block at height y.
        odd: int64[N, X, Z], bit y set for a block of another shape.
        beam: uint8[N, X, Z], height at which a beacon's beam starts, 0 for none.
        light: uint8[N, X, Y, Z] brightness of each cell, 255 in full daylight.
        corners: uint8[N, 3, X + 2, Y + 2, Z + 2] brightness of the corners of faces: see
            `light.bake`.
        day: int64[N] brightness of the sky, 0 to 256.
        sun: float64[N, 2] x and y of the direction of the sun.
        figure: int64[N, F] kind of each figure, -1 for none.
        stance: float64[N, F, 4] feet x, y, z in blocks, and yaw in degrees.
    """

    blocks: np.ndarray
    cubes: np.ndarray
    odd: np.ndarray
    beam: np.ndarray
    light: np.ndarray
    corners: np.ndarray
    day: np.ndarray
    sun: np.ndarray
    figure: np.ndarray
    stance: np.ndarray

    @classmethod
    def empty(cls, num_envs: int, shape: tuple[int, int, int], figures: int) -> Scene:
        """N empty worlds with room for `figures` figures each."""
        size = (num_envs, shape[0], shape[2])
        around = (num_envs, 3, *(side + 2 for side in shape))
        return cls(
            np.zeros((num_envs, *shape), np.uint8),
            np.zeros(size, np.int64),
            np.zeros(size, np.int64),
            np.zeros(size, np.uint8),
            np.full((num_envs, *shape), 255, np.uint8),
            np.full(around, 255, np.uint8),
            np.full(num_envs, 256, np.int64),
            np.zeros((num_envs, 2)),
            np.full((num_envs, figures), -1, np.int64),
            np.zeros((num_envs, figures, 4)),
        )


@lru_cache(maxsize=1)
def palette_look() -> Look:
    """The look of `blocks.PALETTE` and `figures.FIGURES`, shared by all backends."""
    boxes, counts = box_table()
    parts, part_counts = part_table()
    kinds = [CUBE if b.is_cube else BOXES if b.boxes else EMPTY for b in PALETTE]
    images = textures().swapaxes(2, 3)
    skins = figure_textures().swapaxes(3, 4)
    bright = np.array([block.light == 15 for block in PALETTE])
    shade = np.reshape(SHADE, (6, 1, 1, 1))
    shades = np.where(bright[:, None, None, None, None], 1.0, shade)
    return Look(
        np.rint(images[..., :3] * shades).astype(np.uint8),
        np.ascontiguousarray(images[..., 3] == 0),
        np.array(kinds, np.uint8),
        boxes,
        counts,
        bright,
        np.array([block.light for block in PALETTE], np.uint8),
        np.array([block.light_filter for block in PALETTE], np.uint8),
        np.array([block.beam for block in PALETTE]),
        sky.gradient(),
        np.array(sky.SUN, np.uint8),
        np.array(sky.BEAM_COLOUR, np.uint8),
        parts,
        part_counts,
        np.rint(skins * shade).astype(np.uint8),
    )


def identity_look(look: Look) -> Look:
    """A look that draws ids instead of colours and ignores light."""
    atlas = np.empty_like(look.atlas)
    atlas[:] = np.arange(len(atlas), dtype=np.uint8)[:, None, None, None, None]
    return look._replace(
        atlas=atlas,
        bright=np.ones_like(look.bright),
        sky=np.full_like(look.sky, SKY_ID),
        sun=np.full_like(look.sun, SUN_ID),
        beam=np.full_like(look.beam, BEAM_ID),
        skins=np.full_like(look.skins, FIGURE_ID),
    )


@njit(cache=True)
def one(scene, i):
    """The world of a slot."""
    return Scene(
        scene.blocks[i], scene.cubes[i], scene.odd[i], scene.beam[i], scene.light[i],
        scene.corners[i], scene.day[i], scene.sun[i], scene.figure[i], scene.stance[i],
    )  # fmt: skip


@njit(cache=True)
def _columns(world, look):
    """Fills a world's masks and beams. As in Minecraft, any block above a beacon stops its beam."""
    for x in range(world.blocks.shape[0]):
        for z in range(world.blocks.shape[2]):
            cubes, odd, beam = np.int64(0), np.int64(0), 0
            for y in range(world.blocks.shape[1]):
                block = world.blocks[x, y, z]
                if look.kind[block] != EMPTY:
                    beam = y + 1 if look.beacon[block] else 0
                    if look.kind[block] == CUBE:
                        cubes |= np.int64(1) << y
                    else:
                        odd |= np.int64(1) << y
            world.cubes[x, z] = cubes
            world.odd[x, z] = odd
            world.beam[x, z] = beam


@njit(cache=True, nogil=True)
def update_scene(slots, scene, look, daylight):
    """Updates masks and light of slots int64[K]; `daylight` float64[N] is of `light.daylight`."""
    for k in range(slots.shape[0]):
        i = slots[k]
        world = one(scene, i)
        _columns(world, look)
        bake(
            world.blocks, world.cubes, look.emits, look.dims, daylight[i],
            world.light, world.corners,
        )  # fmt: skip
