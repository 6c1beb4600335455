"""Figures: turned boxes, drawn ray by ray where no block is before them."""

from __future__ import annotations

import math
from math import floor

import numpy as np

from minecraft_tasks.backends.voxel.render.camera import frame_of, ray_direction
from minecraft_tasks.backends.voxel.render.cell import FAR, box_entry, texel
from minecraft_tasks.backends.voxel.render.rays import trace_ray
from minecraft_tasks.backends.voxel.scene.scene import NOTHING
from minecraft_tasks.blocks.palette import AIR
from minecraft_tasks.physics.compiled import inner, inner_call, njit


@njit(cache=True)
def reach(look, kind):
    """Extent of a kind of figure in blocks: sideways, at any yaw, and upwards."""
    aside, tall = 0.0, 0.0
    for slot in range(look.part_counts[kind]):
        for x in (look.parts[kind, slot, 0], look.parts[kind, slot, 3]):
            for z in (look.parts[kind, slot, 2], look.parts[kind, slot, 5]):
                aside = max(aside, math.hypot(x, z))
        tall = max(tall, look.parts[kind, slot, 4])
    return aside, tall


@inner
def _share(value, low, high):
    return (value - low) / (high - low)


@inner
def is_somewhere(x, y, z):
    """Whether an offset in blocks is finite and not out of all bounds."""
    return abs(x) + abs(y) + abs(z) < FAR


@inner_call
def figure_hit(world, look, which, ex, ey, ez, dx, dy, dz):
    """The first of a figure's boxes that a ray meets.

    Returns:
        (distance, part, face, u, v); the distance is FAR where it meets none.
    """
    # Yaw 0 faces south; the ray is turned back by the figure's yaw.
    yaw = math.radians(world.stance[which, 3])
    sine, cosine = math.sin(yaw), math.cos(yaw)
    x, y, z = (
        ex - world.stance[which, 0], ey - world.stance[which, 1], ez - world.stance[which, 2]
    )  # fmt: skip
    x, z = x * cosine + z * sine, z * cosine - x * sine
    dx, dz = dx * cosine + dz * sine, dz * cosine - dx * sine
    if not is_somewhere(x, y, z):
        return FAR, 0, NOTHING, 0, 0
    kind = world.figure[which]
    distance, part, face = FAR, 0, NOTHING
    for slot in range(look.part_counts[kind]):
        enter, entered = box_entry(look.parts, kind, slot, x, y, z, dx, dy, dz)
        if enter < distance:
            distance, part, face = enter, slot, entered
    if face == NOTHING:
        return FAR, 0, NOTHING, 0, 0
    x = _share(x + dx * distance, look.parts[kind, part, 0], look.parts[kind, part, 3])
    y = _share(y + dy * distance, look.parts[kind, part, 1], look.parts[kind, part, 4])
    z = _share(z + dz * distance, look.parts[kind, part, 2], look.parts[kind, part, 5])
    u, v = texel(face, x, y, z)
    return distance, part, face, u, v


@inner_call
def paint_figure(world, look, which, part, face, u, v, out, row, column):
    """Paints a pixel of a figure, as bright as its cell; in a look of ids, light is ignored."""
    across, layers, deep = world.light.shape
    cx, cy, cz = (
        floor(world.stance[which, 0]),
        floor(world.stance[which, 1] + 0.5),
        floor(world.stance[which, 2]),
    )
    shade = np.int64(255)
    if 0 <= cx < across and 0 <= cy < layers and 0 <= cz < deep and not look.bright[AIR]:
        shade = np.int64(world.light[cx, cy, cz])
    for channel in range(3):
        colour = look.skins[world.figure[which], part, face, u, v, channel]
        out[row, column, channel] = (colour * (shade + 1)) >> 8


@njit(cache=True, error_model="numpy")
def draw_figures(world, look, camera, out):
    """Draws the figures of a world into uint8[H, W, 3], pixel by pixel.

    Returns:
        bool[H, W] pixels that show a figure; of size 0 where the world has none.
    """
    height, width = out.shape[0], out.shape[1]
    if (world.figure < 0).all():
        return np.empty((0, 0), np.bool_)
    nearest = np.full((height, width), FAR)
    ex, ey, ez = camera.x, camera.y, camera.z
    for which in range(world.figure.shape[0]):
        if world.figure[which] < 0:
            continue
        aside, tall = reach(look, world.figure[which])
        x, y, z = (
            world.stance[which, 0] - ex, world.stance[which, 1] - ey, world.stance[which, 2] - ez
        )  # fmt: skip
        if not is_somewhere(x, y, z):
            continue
        first, end, left, right = frame_of(
            camera, height, width, x - aside, y, z - aside, x + aside, y + tall, z + aside
        )
        for row in range(first, end):
            for column in range(left, right):
                dx, dy, dz = ray_direction(camera, height, width, row, column)
                near, part, face, u, v = figure_hit(world, look, which, ex, ey, ez, dx, dy, dz)
                if near < nearest[row, column]:
                    before, _, _, _, _ = trace_ray(world, look, ex, ey, ez, dx, dy, dz, near)
                    if near < before:
                        nearest[row, column] = near
                        paint_figure(world, look, which, part, face, u, v, out, row, column)
    return nearest < FAR
