"""One ray within one vertical column of a world, and the pixel it paints.

Both ray casters end here for whatever is not a plain cube: the level-gaze one for columns
with odd shapes, the any-pitch one for every column that is not empty.
"""

from __future__ import annotations

import math

from numba import njit

from minecraft_tasks.backends.voxel.scene import (
    BEAM,
    BOTTOM,
    BOXES,
    CUBE,
    NOTHING,
    SIDE_X,
    SIDE_Z,
    TOP,
)

FAR = 1e30
"""Distance of what is never met."""

BEAM_LOW, BEAM_HIGH = 0.3, 0.7


@njit(cache=True, error_model="numpy", forceinline=True)
def span(origin, direction, low, high):
    """Distances (in, out) at which a ray is within a slab; in > out if it never is."""
    if abs(direction) < 1e-12:
        return (-FAR, FAR) if low < origin < high else (FAR, -FAR)
    a, b = (low - origin) / direction, (high - origin) / direction
    return (a, b) if a < b else (b, a)


@njit(cache=True, error_model="numpy", forceinline=True)
def _box(boxes, block, slot, cx, cy, cz, ex, ey, ez, dx, dy, dz):
    """(distance, face) at which a ray enters a box from outside, or (FAR, NOTHING)."""
    x_in, x_out = span(ex, dx, cx + boxes[block, slot, 0], cx + boxes[block, slot, 3])
    y_in, y_out = span(ey, dy, cy + boxes[block, slot, 1], cy + boxes[block, slot, 4])
    z_in, z_out = span(ez, dz, cz + boxes[block, slot, 2], cz + boxes[block, slot, 5])
    enter = max(x_in, y_in, z_in)
    if enter <= 0.0 or enter >= min(x_out, y_out, z_out):
        return FAR, NOTHING
    if enter == y_in:
        return enter, TOP if dy < 0.0 else BOTTOM
    return enter, SIDE_X if enter == x_in else SIDE_Z


@njit(cache=True, error_model="numpy", forceinline=True)
def _beam(base, cx, cz, ex, ey, ez, dx, dy, dz):
    """Distance at which a ray enters the beam that rises from height `base`, or FAR."""
    x_in, x_out = span(ex, dx, cx + BEAM_LOW, cx + BEAM_HIGH)
    z_in, z_out = span(ez, dz, cz + BEAM_LOW, cz + BEAM_HIGH)
    enter = max(x_in, z_in)
    if enter <= 0.0 or enter >= min(x_out, z_out) or ey + dy * enter < base:
        return FAR
    return enter


@njit(cache=True, error_model="numpy", forceinline=True)
def row_of(height, layers):
    """Layer of a height, with everything above or below the world in one layer each."""
    return math.floor(min(max(height, -1.0), float(layers)))


@njit(cache=True, error_model="numpy", forceinline=True)
def hit(blocks, base, look, cx, cz, ex, ey, ez, dx, dy, dz, t0, t1, side):
    """The first thing a ray meets in column (cx, cz) between distances t0 and t1.

    Args:
        blocks: uint8[X, Y, Z].
        base: Height of a beacon's beam in this column, 0 for none.
        look: `scene.Look`.
        cx, cz: Column.
        ex, ey, ez: Eye, in blocks.
        dx, dy, dz: Direction; distances are in its lengths.
        t0, t1: Where the ray enters and leaves the column.
        side: SIDE_X or SIDE_Z that it enters through, NOTHING if it starts inside.

    Returns:
        (distance, face, block id); the face is NOTHING where it meets nothing.
    """
    layers = blocks.shape[1]
    cy, last = row_of(ey + dy * t0, layers), row_of(ey + dy * t1, layers)
    step = 1 if dy > 0.0 else -1
    distance, face, block = FAR, NOTHING, 0
    entering = True
    while face == NOTHING:
        if 0 <= cy < layers:
            block = int(blocks[cx, cy, cz])
            kind = look.kind[block]
            if kind == CUBE:
                if not entering:
                    distance = ((cy if step > 0 else cy + 1) - ey) / dy
                    face = BOTTOM if step > 0 else TOP
                elif side != NOTHING:
                    distance, face = t0, side
            elif kind == BOXES:
                for slot in range(look.counts[block]):
                    enter, entered = _box(
                        look.boxes, block, slot, cx, cy, cz, ex, ey, ez, dx, dy, dz
                    )
                    if enter < distance:
                        distance, face = enter, entered
        if cy == last:
            break
        entering = False
        cy += step
    if base > 0:
        enter = _beam(base, cx, cz, ex, ey, ez, dx, dy, dz)
        if enter < distance:
            distance, face = enter, BEAM
    return distance, face, block


@njit(cache=True, error_model="numpy", forceinline=True)
def texel(look, block, face, x, y, z, dx, dz, out, row, column):
    """Paints a pixel with what a block's face shows at a point within its cell.

    Args:
        look: `scene.Look`.
        block: Palette id.
        face: SIDE_Z, SIDE_X, TOP, BOTTOM or BEAM.
        x, y, z: Point, in blocks from the cell's lowest corner.
        dx, dz: Direction of sight, which tells opposite sides apart.
        out, row, column: The pixel of uint8[H, W, 3] to paint.
    """
    if face == BEAM:
        for channel in range(3):
            out[row, column, channel] = look.beam[channel]
        return
    if face == SIDE_X:
        across, along = z if dx > 0.0 else 1.0 - z, 1.0 - y
    elif face == SIDE_Z:
        across, along = x if dz < 0.0 else 1.0 - x, 1.0 - y
    else:
        across, along = x, z
    u = int(min(max(across * 16.0, 0.0), 15.0))
    v = int(min(max(along * 16.0, 0.0), 15.0))
    for channel in range(3):
        out[row, column, channel] = look.atlas[block, face, u, v, channel]


@njit(cache=True, error_model="numpy", forceinline=True)
def paint(look, block, face, distance, cx, cz, ex, ey, ez, dx, dy, dz, out, row, column):
    """Paints the pixel of a ray that met a face at a distance."""
    y = ey + dy * distance
    if face == TOP or face == BOTTOM:
        cy = 0.0
    else:
        cy = math.floor(y)
    texel(
        look, block, face,
        ex + dx * distance - cx, y - cy, ez + dz * distance - cz, dx, dz, out, row, column,
    )  # fmt: skip
