"""One ray within one column of a world: what it meets, and its brightness.

Every renderer uses these functions for shapes other than cubes and for single pixels.
"""

from __future__ import annotations

from math import floor

import numpy as np

from minecraft_tasks.backends.voxel.scene.scene import (
    BEAM,
    BOTTOM,
    BOXES,
    CUBE,
    EAST,
    NORTH,
    NOTHING,
    SOUTH,
    TOP,
    WEST,
)
from minecraft_tasks.physics.compiled import inner, inner_call

FAR = 1e30
"""Distance of a miss."""

BEAM_LOW, BEAM_HIGH = 0.3, 0.7


@inner
def span(origin, direction, low, high):
    """Distances (in, out) at which a ray is within a slab; in > out if it never is."""
    if abs(direction) < 1e-12:
        return (-FAR, FAR) if low < origin < high else (FAR, -FAR)
    a, b = (low - origin) / direction, (high - origin) / direction
    return (a, b) if a < b else (b, a)


@inner
def box_entry(boxes, kind, slot, ex, ey, ez, dx, dy, dz):
    """(distance, face) at which a ray enters a box from outside, or (FAR, NOTHING).

    Args:
        boxes: float64[K, M, 6].
        kind, slot: Which of them.
        ex, ey, ez: Eye, in the frame of the boxes.
        dx, dy, dz: Direction.
    """
    x_in, x_out = span(ex, dx, boxes[kind, slot, 0], boxes[kind, slot, 3])
    y_in, y_out = span(ey, dy, boxes[kind, slot, 1], boxes[kind, slot, 4])
    z_in, z_out = span(ez, dz, boxes[kind, slot, 2], boxes[kind, slot, 5])
    enter = max(x_in, y_in, z_in)
    if enter <= 0.0 or enter >= min(x_out, y_out, z_out):
        return FAR, NOTHING
    if enter == y_in:
        return enter, TOP if dy < 0.0 else BOTTOM
    if enter == x_in:
        return enter, WEST if dx > 0.0 else EAST
    return enter, NORTH if dz > 0.0 else SOUTH


@inner
def texel(face, x, y, z):
    """(u, v) of the texture's pixel at a point of a face, in blocks from the cell's corner."""
    across, along = x, z
    if face != TOP and face != BOTTOM:
        along = 1.0 - y
        if face == WEST or face == EAST:
            across = z
        if face == EAST or face == NORTH:
            across = 1.0 - across
    return (
        int(min(max(across * 16.0, 0.0), 15.0)),
        int(min(max(along * 16.0, 0.0), 15.0)),
    )


@inner
def boxes_hit(look, block, ex, ey, ez, dx, dy, dz):
    """(distance, face) of the first box of a block that a ray meets, or (FAR, NOTHING).

    Args:
        look: `scene.Look`.
        block: Palette id.
        ex, ey, ez: Eye, in blocks from the cell's lowest corner.
        dx, dy, dz: Direction.
    """
    distance, face = FAR, NOTHING
    for slot in range(look.counts[block]):
        enter, entered = box_entry(look.boxes, block, slot, ex, ey, ez, dx, dy, dz)
        if enter < distance:
            u, v = texel(entered, ex + dx * enter, ey + dy * enter, ez + dz * enter)
            if not look.holes[block, entered, u, v]:
                distance, face = enter, entered
    return distance, face


@inner
def beam_hit(base, cx, cz, ex, ey, ez, dx, dy, dz):
    """Distance at which a ray enters the beam that rises from height `base`, or FAR."""
    x_in, x_out = span(ex, dx, cx + BEAM_LOW, cx + BEAM_HIGH)
    z_in, z_out = span(ez, dz, cz + BEAM_LOW, cz + BEAM_HIGH)
    enter = max(x_in, z_in)
    if enter <= 0.0 or enter >= min(x_out, z_out) or ey + dy * enter < base:
        return FAR
    return enter


@inner
def row_of(height, layers):
    """Layer of a height; -1 for all below the world, `layers` for all above."""
    return floor(min(max(height, -1.0), float(layers)))


@inner
def column_hit(world, look, cx, cz, ex, ey, ez, dx, dy, dz, t0, t1, side):
    """The first thing a ray meets in column (cx, cz) between distances t0 and t1.

    Args:
        world: `scene.Scene` of one world.
        look: `scene.Look`.
        cx, cz: Column.
        ex, ey, ez: Eye, in blocks.
        dx, dy, dz: Direction; distances are in its lengths.
        t0, t1: Where the ray enters and leaves the column.
        side: Face that it enters through, NOTHING if it starts inside.

    Returns:
        (distance, face, layer); the face is NOTHING where it meets nothing, BEAM for a beam.
    """
    layers = world.blocks.shape[1]
    cy, last = row_of(ey + dy * t0, layers), row_of(ey + dy * t1, layers)
    step = 1 if dy > 0.0 else -1
    distance, face = FAR, NOTHING
    entering = True
    while True:
        if 0 <= cy < layers:
            block = world.blocks[cx, cy, cz]
            kind = look.kind[block]
            if kind == CUBE:
                if not entering:
                    distance = ((cy if step > 0 else cy + 1) - ey) / dy
                    face = BOTTOM if step > 0 else TOP
                elif side != NOTHING:
                    distance, face = t0, side
            elif kind == BOXES:
                distance, face = boxes_hit(look, block, ex - cx, ey - cy, ez - cz, dx, dy, dz)
        if face != NOTHING or cy == last:
            break
        entering = False
        cy += step
    base = world.beam[cx, cz]
    if base > 0:
        enter = beam_hit(base, cx, cz, ex, ey, ez, dx, dy, dz)
        if enter < distance:
            distance, face = enter, BEAM
    return distance, face, cy


@inner
def corner_light(corners, face, cx, cy, cz):
    """Brightness of a face's four corners, at (u, v) = (0, 0), (1, 0), (0, 1) and (1, 1)."""
    if face == TOP or face == BOTTOM:
        y = cy + 2 if face == TOP else cy
        return (
            np.int64(corners[1, cx, y, cz]), np.int64(corners[1, cx + 1, y, cz]),
            np.int64(corners[1, cx, y, cz + 1]), np.int64(corners[1, cx + 1, y, cz + 1]),
        )  # fmt: skip
    if face == WEST or face == EAST:
        x, a = (cx, cz) if face == WEST else (cx + 2, cz + 1)
        b = 2 * cz + 1 - a
        return (
            np.int64(corners[0, x, cy + 1, a]), np.int64(corners[0, x, cy + 1, b]),
            np.int64(corners[0, x, cy, a]), np.int64(corners[0, x, cy, b]),
        )  # fmt: skip
    z, a = (cz, cx + 1) if face == NORTH else (cz + 2, cx)
    b = 2 * cx + 1 - a
    return (
        np.int64(corners[2, a, cy + 1, z]), np.int64(corners[2, b, cy + 1, z]),
        np.int64(corners[2, a, cy, z]), np.int64(corners[2, b, cy, z]),
    )  # fmt: skip


@inner
def _blend(a, b, c, d):
    """Coefficients of the brightness between four corners, for `blended`."""
    return a << 10, (b - a) << 5, (c - a) << 5, a - b - c + d


@inner
def shades(world, look, block, face, cx, cy, cz):
    """Coefficients for `blended` of a face of a full block; bright blocks are lit evenly."""
    if look.bright[block]:
        return np.int64(255 << 10), np.int64(0), np.int64(0), np.int64(0)
    a, b, c, d = corner_light(world.corners, face, cx, cy, cz)
    return _blend(a, b, c, d)


@inner
def blended(k0, ku, kv, kuv, u, v):
    """Brightness 0 to 255 in the middle of texel (u, v): bilinear, in whole numbers."""
    across, along = 2 * u + 1, 2 * v + 1
    return (k0 + across * ku + along * kv + across * along * kuv) >> 10


@inner
def put(out, row, column, look, block, face, u, v, shade):
    """Paints a pixel with a texel of a block's face, in a brightness of 0 to 255.

    The indices are unsigned, which spares numba's test for negative ones.
    """
    r, c = np.uintp(row), np.uintp(column)
    b, f, i, j = np.uintp(block), np.uintp(face), np.uintp(u), np.uintp(v)
    light = np.uint32(shade + 1)
    out[r, c, 0] = (np.uint32(look.atlas[b, f, i, j, 0]) * light) >> np.uint32(8)
    out[r, c, 1] = (np.uint32(look.atlas[b, f, i, j, 1]) * light) >> np.uint32(8)
    out[r, c, 2] = (np.uint32(look.atlas[b, f, i, j, 2]) * light) >> np.uint32(8)


@inner_call
def paint(world, look, face, distance, cx, cy, cz, ex, ey, ez, dx, dy, dz, out, row, column):
    """Paints the pixel of a ray that met a face of what is in cell (cx, cy, cz)."""
    if face == BEAM:
        for channel in range(3):
            out[row, column, channel] = look.beam[channel]
        return
    block = world.blocks[cx, cy, cz]
    u, v = texel(face, ex + dx * distance - cx, ey + dy * distance - cy, ez + dz * distance - cz)
    shade = np.int64(255)
    if look.kind[block] == CUBE:
        k0, ku, kv, kuv = shades(world, look, block, face, cx, cy, cz)
        shade = blended(k0, ku, kv, kuv, u, v)
    elif not look.bright[block]:
        shade = np.int64(world.light[cx, cy, cz])
        if look.dims[block] > 0 and cy + 1 < world.light.shape[1]:
            # As in Minecraft, water is as bright as the cell above it.
            shade = max(shade, np.int64(world.light[cx, cy + 1, cz]))
    put(out, row, column, look, block, face, u, v, shade)
