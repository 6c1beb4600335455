"""What the ray casters read: how blocks look, and where in a world there are any."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from minecraft_tasks.backends.voxel import sky
from minecraft_tasks.backends.voxel.textures import textures
from minecraft_tasks.blocks import PALETTE, box_table

EMPTY, CUBE, BOXES = 0, 1, 2
SIDE_Z, SIDE_X, TOP, BOTTOM, BEAM, NOTHING = 0, 1, 2, 3, 4, -1
SHADE = (0.8, 0.6, 1.0, 0.5)
"""Minecraft's brightness of faces: north and south, east and west, top, bottom."""

TALLEST = 64
"""Blocks along y that fit into the bits of one column."""

SKY_ID, SUN_ID, BEAM_ID = 255, 254, 253


class Look(NamedTuple):
    """How everything looks.

    Attributes:
        atlas: uint8[B, 4, 16, 16, 3] shaded textures by block, face (SIDE_Z, SIDE_X, TOP,
            BOTTOM), u and v; on sides v runs down, on top and bottom u is x and v is z.
        kind: uint8[B] EMPTY, CUBE or BOXES.
        boxes: float64[B, M, 6]; counts: int64[B].
        beacon: bool[B] whether a beam rises from the block.
        sky: uint8[256, 3] gradient by `sky.level`.
        sun: uint8[3]; beam: uint8[3].
    """

    atlas: np.ndarray
    kind: np.ndarray
    boxes: np.ndarray
    counts: np.ndarray
    beacon: np.ndarray
    sky: np.ndarray
    sun: np.ndarray
    beam: np.ndarray


class Columns(NamedTuple):
    """Where N worlds have blocks, by vertical column.

    Attributes:
        cubes: int64[N, X, Z], bit y set where a full block is.
        odd: int64[N, X, Z], bit y set where a block of another shape, or a beacon, is.
        beam: uint8[N, X, Z], height at which the lowest beacon's beam starts, 0
            for none.
    """

    cubes: np.ndarray
    odd: np.ndarray
    beam: np.ndarray

    @classmethod
    def empty(cls, num_envs: int, shape: tuple[int, int, int]) -> Columns:
        """Columns of N empty worlds."""
        size = (num_envs, shape[0], shape[2])
        return cls(np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.uint8))


def palette_look() -> Look:
    """The look of `blocks.PALETTE`."""
    boxes, counts = box_table()
    kinds = [CUBE if b.is_cube else BOXES if b.boxes else EMPTY for b in PALETTE]
    return Look(
        _atlas(),
        np.array(kinds, np.uint8),
        boxes,
        counts,
        np.array([block.beam for block in PALETTE]),
        sky.gradient(),
        np.array(sky.SUN, np.uint8),
        np.array(sky.BEAM, np.uint8),
    )


def identity_look(look: Look) -> Look:
    """The same blocks, drawn in their ids instead of colours."""
    atlas = np.empty_like(look.atlas)
    atlas[:] = np.arange(len(atlas), dtype=np.uint8)[:, None, None, None, None]
    return look._replace(
        atlas=atlas,
        sky=np.full_like(look.sky, SKY_ID),
        sun=np.full_like(look.sun, SUN_ID),
        beam=np.full_like(look.beam, BEAM_ID),
    )


def _atlas() -> np.ndarray:
    sides, tops, bottoms = np.moveaxis(textures(), 1, 0).astype(np.float64)
    shade = np.ones((len(PALETTE), 4, 1, 1, 1))
    dark = [index for index, block in enumerate(PALETTE) if block.light < 15]
    shade[dark] = np.array(SHADE).reshape(4, 1, 1, 1)
    faces = np.stack([sides, sides, tops, bottoms], axis=1).swapaxes(2, 3)
    return np.ascontiguousarray(np.rint(faces * shade).astype(np.uint8))


@njit(cache=True)
def _survey(blocks, look, cubes, odd, beam):
    cubes[:] = 0
    odd[:] = 0
    beam[:] = 0
    for x in range(blocks.shape[0]):
        for y in range(blocks.shape[1]):
            for z in range(blocks.shape[2]):
                block = blocks[x, y, z]
                if look.kind[block] == CUBE:
                    cubes[x, z] |= np.int64(1) << y
                elif look.kind[block] == BOXES:
                    odd[x, z] |= np.int64(1) << y
                if look.beacon[block]:
                    odd[x, z] |= np.int64(1) << y
                    if beam[x, z] == 0:
                        beam[x, z] = y + 1


@njit(cache=True)
def survey_slot(slot, blocks, look, columns):
    """Brings the columns of one slot up to date with its blocks."""
    _survey(blocks[slot], look, columns.cubes[slot], columns.odd[slot], columns.beam[slot])


@njit(cache=True, parallel=True)
def survey(slots, blocks, look, columns):
    """Brings the columns of the slots int64[K] up to date with their blocks."""
    for k in prange(slots.shape[0]):
        survey_slot(slots[k], blocks, look, columns)
