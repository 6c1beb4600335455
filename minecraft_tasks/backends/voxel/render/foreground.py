"""Draws the figures of a world wherever no block is before them."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.render.camera import frame_of, ray_direction
from minecraft_tasks.backends.voxel.render.cell import FAR
from minecraft_tasks.backends.voxel.render.figures import (
    figure_hit,
    is_somewhere,
    paint_figure,
    reach,
)
from minecraft_tasks.backends.voxel.render.rays import trace_ray
from minecraft_tasks.physics.compiled import njit


@njit(cache=True, error_model="numpy")
def draw_figures(world, look, camera, out):
    """Draws the figures, which are few, pixel by pixel.

    Args:
        world: `scene.Scene` of one world.
        look: `scene.Look`.
        camera: `camera.Camera`.
        out: uint8[H, W, 3], drawn into.

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
